"""AutoLynx: an outbound AI-calling desk."""

import zoneinfo

# The time zones' rules come from PyPI's tzdata, which is pinned, and never from the operating system's files: those are
# as old as the machine, and people would be called an hour off.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()
