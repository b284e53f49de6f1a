"""The first page: what is going on now, and what happened today."""

from autolynx.ui import guard

visitor = guard.require()

from autolynx.ui import chrome, live, overview_parts

with chrome.heading("Overview"):
    overview_parts.new_campaign_link()

live.redrawn(overview_parts.draw, every_seconds=2.0)
