"""The directory of voice assistants: every change at the provider and here, both or neither."""
