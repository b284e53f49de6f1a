"""The first page: what is going on now, and what happened today."""

from autolynx.ui.frame import guard

visitor = guard.require()

from autolynx.ui.frame import chrome, live
from autolynx.ui.overview import figures

with chrome.heading("Overview"):
    figures.new_campaign_link()

live.redrawn(figures.draw, every_seconds=2.0)
