"""The people of a story: they start, pause, resume and stop, hang up, and put numbers on the do-not-call list.

A click that is lost is clicked again, and somebody always comes to resume what has been left paused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autolynx.errors import AutoLynxError, Conflict, NotFound, Unavailable
from bench.simulation.database import SimulatedDatabase
from bench.simulation.world import EPOCH, Process

CARETAKER_SECONDS = 45.0
HOURS = {"from": "00:00", "until": "23:59", "days": [1, 2, 3, 4, 5, 6, 7]}  # closed for the minute before midnight
CLOSES_AT = 120.0  # virtual seconds
OPENS_AT = 180.0
_DO_NOT_CALL = """
insert into public.do_not_call (phone, reason, created_at, created_by) values (%s, 'asked', %s, 'Eva')
on conflict do nothing
"""


def prepare(story: Any) -> None:
    """Campaigns and limits, before anything can go wrong."""
    ground = story.ground
    saved = ground.call(
        "save_assistant",
        {"name": "Ada", "source": "local", "provider_assistant_id": "ada", "config": {"name": "Ada"}, "actor": "Eva"},
        EPOCH,
    )
    for line, cap in story.plan.line_caps.items():
        ground.call("set_phone_line_cap", {"phone_number_id": line, "cap": cap, "actor": "Eva"}, EPOCH)
    for campaign in story.plan.campaigns:
        new = {
            "name": campaign.key,
            "mode": campaign.mode,
            "cap": campaign.cap,
            "assistant_id": saved["id"],
            "phone_number_id": campaign.line,
            "quiet_line": campaign.is_quiet,
            "calling_hours": HOURS if campaign.has_hours else None,
        }
        arguments = {"new": new, "list": {"contacts": campaign.contacts()}, "actor": "Eva"}
        campaign.id = str(ground.call("create_campaign", arguments, EPOCH)["id"])
        story.campaigns[campaign.id] = campaign
        story.name(campaign.id, campaign.key)


def begin(story: Any) -> None:
    """Everybody comes to work."""
    process = Process(story.world, "people")
    story.processes["people"] = process
    database = SimulatedDatabase(story.ground, story.world, story.chooser, process, story)
    desk = _Desk(story, process, database)
    story.desk = desk
    for campaign in story.plan.campaigns:
        desk.mind(campaign)
    process.spawn("caretaker", desk.care)


def are_done(story: Any) -> bool:
    """Whether nobody has anything left to do."""
    return bool(story.desk.open == 0)


@dataclass
class _Clicked:
    """Something that was done, and when it was over: with a database that is away, long after it was begun."""

    do: Callable[[], None]
    taken_at: float = math.inf


class _Desk:
    """What people do."""

    def __init__(self, story: Any, process: Process, database: SimulatedDatabase) -> None:
        self._story, self._process, self._database = story, process, database
        self._kept_paused: set[str] = set()
        self._clicks: list[_Clicked] = []
        self.open = 0

    def mind(self, campaign: Any) -> None:
        """All that will be done about one campaign."""
        story, key = self._story, campaign.key
        span = story.chooser.span
        starts = campaign.starts_at if campaign.starts_at is not None else span(f"{key}/starts", 0, 40)
        if campaign.has_hours and story.chooser.unit(f"{key}/starts-late") < 0.5:
            starts = CLOSES_AT - span(f"{key}/before-closing", 0.3, 10)
        self._later(f"start {key}", starts, lambda: self._click("start_campaign", id=campaign.id, actor="Eva"))
        if story.fault("people-pause", key):
            pauses = starts + span(f"{key}/pauses", 5, 200)
            resumes = pauses + span(f"{key}/resumes", 1, 120)
            self._pause(campaign, pauses, resumes)
        if story.fault("people-stop", key):
            stops = starts + span(f"{key}/stops", 5, 250)
            hangs_up = story.chooser.unit(f"{key}/stop-hangs-up") < 0.5
            self._later(
                f"stop {key}",
                stops,
                lambda: self._click("stop_campaign", id=campaign.id, actor="Eva", hang_up=hangs_up),
            )
        for number in campaign.numbers:
            contact = f"{key}-{number[-4:]}"
            if story.fault("people-hang-up", contact, contact):
                self._later(
                    f"hang up {contact}",
                    span(f"{contact}/hung-up", 5, 250),
                    lambda n=number: self._hang_up(campaign, n),
                )
            if story.fault("people-do-not-call", contact, contact):
                self._later(f"bar {contact}", span(f"{contact}/barred", 0, 300), lambda n=number: self._bar(n))

    def see(self, orders: list[dict[str, Any]]) -> None:
        """Somebody does something just as these are being dialed."""
        story = self._story
        for order in orders:
            contact = story.contact_of(order["call_id"])
            campaign = story.campaigns[order["campaign_id"]]
            name = story.numbered(contact)
            soon = story.chooser.span(f"soon/{name}", 0.003, 12)
            if story.fault("people-soon-bar", name, contact):
                self._later(f"bar {contact}", soon, lambda n=order["phone"]: self._bar(n))
            if story.fault("people-soon-hang-up", name, contact):
                self._later(
                    f"hang up {contact}",
                    soon,
                    lambda i=order["call_id"]: self._click("hang_up_call", id=i, actor="Eva"),
                )
            if story.fault("people-soon-pause", name, contact):
                self._pause(campaign, soon, soon + 20)
            if story.fault("people-soon-stop", name, contact):
                self._later(
                    f"stop {campaign.key}", soon, lambda c=campaign: self._click("stop_campaign", id=c.id, actor="Eva")
                )

    def repeat(self, since: float) -> None:
        """What was taken since then has been forgotten by the database, and is done once more, in its order."""
        forgotten = [click.do for click in self._clicks if click.taken_at >= since]
        for place, do in enumerate(forgotten):
            self._later("repeat", 1.0 + place, do)

    def _later(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        self.open += 1

        def then() -> None:
            click = _Clicked(do)
            self._clicks.append(click)
            do()
            click.taken_at = self._story.world.now
            self.open -= 1

        self._story.world.after(seconds, lambda: self._process.spawn(name, then))

    def _click(self, function: str, **arguments: Any) -> Any:
        return self._until_taken(lambda: self._database.call(function, **arguments))

    def _until_taken(self, do: Callable[[], Any]) -> Any:
        while True:
            try:
                return do()
            except Unavailable:
                self._story.world.sleep(1.5)
            except (Conflict, NotFound) as error:
                self._story.tell("people", f"are told: {error}")
                return None

    def _pause(self, campaign: Any, pauses: float, resumes: float) -> None:
        """Between these, nobody else resumes it; a pause that is repeated when its end has come keeps nobody off."""
        is_over = False

        def pause() -> None:
            if not is_over:
                self._kept_paused.add(campaign.id)
            self._click("pause_campaign", id=campaign.id, actor="Eva")

        def resume() -> None:
            nonlocal is_over
            is_over = True
            self._kept_paused.discard(campaign.id)
            self._click("resume_campaign", id=campaign.id, actor="Eva")

        self._later(f"pause {campaign.key}", pauses, pause)
        self._later(f"resume {campaign.key}", resumes, resume)

    def _hang_up(self, campaign: Any, number: str) -> None:
        """The call to this number, as soon as there is one; a minute of patience."""
        query = (
            "select id from public.calls where campaign_id = %s and phone = %s "
            "and status in ('QUEUED', 'RINGING', 'IN_PROGRESS')"
        )
        for _ in range(12):
            if found := self._story.ground.rows(query, [campaign.id, number]):
                self._click("hang_up_call", id=str(found[0][0]), actor="Eva")
                return
            self._story.world.sleep(5)

    def _bar(self, number: str) -> None:
        ground = self._story.ground

        def insert(now: datetime) -> None:
            ground.connection.execute(_DO_NOT_CALL, [number, now])

        self._until_taken(lambda: self._database.run("do_not_call", number, insert))

    def care(self) -> None:
        """Somebody who looks by, and resumes what nobody keeps paused on purpose."""
        query = "select id from public.campaigns where status = 'PAUSED' and resume_at is null order by id"
        while True:
            self._story.world.sleep(CARETAKER_SECONDS)
            for (campaign_id,) in self._story.ground.rows(query):
                if str(campaign_id) not in self._kept_paused:
                    try:
                        self._click("resume_campaign", id=str(campaign_id), actor="Eva")
                    except AutoLynxError as error:
                        self._story.tell("people", f"are told: {error}")
