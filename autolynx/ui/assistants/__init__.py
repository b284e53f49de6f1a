"""The directory, as cards and dialogs."""
