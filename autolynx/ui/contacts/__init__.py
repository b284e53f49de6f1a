"""Contact lists: the upload, what became of it, the table."""
