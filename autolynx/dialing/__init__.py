"""Dialing: the tick that claims and dials, the mending of what was left half done, the scheduler that keeps time."""
