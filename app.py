"""The desk's entry: who is there, what pages there are, and the page that was asked for. Wiring only."""

from __future__ import annotations

from autolynx.ui.frame import alarms, chrome, edge, guard, navigation

chrome.begin()
with guard.opened():
    page = navigation.register("sidebar" if guard.is_admitted() else "hidden")
    visitor = guard.require()
    with edge.sentences(can_retry=True):
        chrome.frame(visitor)
        alarms.draw()
        chrome.show_notice()
        page.run()
