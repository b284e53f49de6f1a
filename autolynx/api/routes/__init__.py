"""The routes of the API, a file a noun: check what was given, call one service, answer."""
