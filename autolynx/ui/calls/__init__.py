"""A call, read by people."""
