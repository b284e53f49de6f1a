"""The JSON API: routes that check what was given, call one service and answer. See docs/api.md."""
