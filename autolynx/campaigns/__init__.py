"""Campaigns: made from a list, started, paused, stopped, explained."""
