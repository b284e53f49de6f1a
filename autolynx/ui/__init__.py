"""The pieces that pages share, and the server that serves them."""
