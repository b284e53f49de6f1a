"""Contact lists: bytes -> who may be called, and a report of who may not; phones, time zones, erasing somebody."""
