"""The commands, one file a group: parse, one service call, print."""
