"""Time, and how anything here waits: by one clock, within a limit, and so that a signal may end it."""
