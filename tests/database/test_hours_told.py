"""What is said of calling hours before somebody waits for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from autolynx.database import Database
from autolynx.errors import InvalidInput
from tests.support.calling_hours import AMERICAN, DAKOTA, WEEKDAYS, campaign, hours, only_reason
from tests.support.desk import NOON, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_says_that_somebody_can_never_be_called_when_their_zones_share_no_hour(desk: Desk) -> None:
    started = campaign(desk, AMERICAN)
    contact = desk.all_contacts(started)[0]

    reason = only_reason(desk, "explain_contact", contact["id"], NOON)

    assert (reason["code"], reason["until"]) == ("no_calling_time", None)
    assert "5 time zones (America/Chicago, America/New_York, America/St_Johns and 2 more)" in reason["text"]
    assert contact["time_zones"] == AMERICAN


def test_it_says_that_a_campaign_can_call_nobody_any_more_when_only_such_contacts_wait(desk: Desk) -> None:
    started = campaign(desk, AMERICAN, ["UTC"])
    desk.report(desk.dial(desk.claim()[0]))

    reason = only_reason(desk, "explain_campaign", started, NOON)

    assert (reason["code"], reason["until"]) == ("no_calling_time", None)
    assert desk.claim(now=NOON + timedelta(days=3)) == []


def test_it_says_that_a_batch_holds_all_later_ones_up_when_none_of_it_can_be_called(desk: Desk) -> None:
    started = campaign(desk, AMERICAN, ["UTC"], mode="batch", cap=1)

    reason = only_reason(desk, "explain_campaign", started, NOON)

    assert desk.claim() == []
    assert reason["code"] == "no_calling_time"
    assert reason["text"].startswith("Nobody of the present batch can ever be called")


def test_it_says_until_when_where_some_can_be_called_and_others_never(desk: Desk) -> None:
    started = campaign(desk, AMERICAN, DAKOTA)

    reason = only_reason(desk, "explain_campaign", started, NOON)

    assert (reason["code"], datetime.fromisoformat(reason["until"])) == ("calling_hours", NOON.replace(hour=16))


def test_it_finds_the_next_time_for_each_set_before_a_campaign_is_made(database: Database) -> None:
    found = database.call(
        "find_calling_times",
        calling_hours=hours(days=WEEKDAYS, zone="Asia/Tokyo"),
        zone_sets=[DAKOTA, AMERICAN, [], ["UTC"]],
        now=NOON,
    )

    times = [at and datetime.fromisoformat(at) for at in found["times"]]
    assert times == [NOON.replace(hour=16), None, NOON.replace(day=24, hour=0), NOON]
    with pytest.raises(InvalidInput, match="at least one"):
        database.call("find_calling_times", calling_hours=hours() | {"days": []}, zone_sets=[], now=NOON)
