"""Creating and steering campaigns: all or nothing, and only along the arrows."""

from __future__ import annotations

import pytest

from autolynx.database import Database
from autolynx.errors import Conflict, InvalidInput, NotFound
from autolynx.models import LONGEST_NAME, told_fields
from tests.support.desk import Desk

NOBODY = "00000000-0000-4000-8000-000000000000"
HOURS = {"from": "09:00", "until": "18:00", "days": [1]}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_creates_a_campaign_with_its_contacts_in_batches_of_the_cap(desk: Desk) -> None:
    campaign = desk.campaign(5, cap=2, started=False)

    found = desk.read(campaign)
    assert (found["status"], found["total_contacts"], found["started_at"]) == ("CREATED", 5, None)
    assert [contact["batch_index"] for contact in desk.all_contacts(campaign)] == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"name": " "}, InvalidInput, "name has 0 characters"),
        ({"cap": 51}, InvalidInput, "cap is 51"),
        ({"cap": None}, InvalidInput, "cap is missing"),
        ({"mode": "burst"}, InvalidInput, 'mode is "burst"'),
        ({"phone_number_id": ""}, InvalidInput, "No phone line"),
        ({"contacts": []}, InvalidInput, "no contacts"),
        ({"max_attempts": 0}, InvalidInput, "attempts are 0"),
        ({"assistant_id": NOBODY}, NotFound, NOBODY),
        ({"contacts": [{"name": "A", "business_name": "B", "phone": "+14155550100"}] * 2}, InvalidInput, "twice"),
        ({"contacts": [{"name": "A", "business_name": "B", "phone": "4155550100"}]}, InvalidInput, "like"),
        ({"contacts": [{"name": None, "business_name": "B", "phone": "+14155550100"}]}, InvalidInput, "lacks a name"),
        ({"name": 5}, InvalidInput, "^name is 5; it must be a text"),
        ({"cap": "8"}, InvalidInput, '^cap is "8"; it must be a number'),
        ({"cap": 7.5}, InvalidInput, "cap is 7.5; accepted is a whole number"),
        ({"cap": 10**30}, InvalidInput, "cap is 1000000000"),
        ({"max_attempts": 1.5}, InvalidInput, "attempts are 1.5; accepted is a whole number"),
        ({"quiet_line": "yes"}, InvalidInput, '^quiet_line is "yes"; it must be true or false'),
        ({"calling_hours": "always"}, InvalidInput, '^calling_hours is "always"; it must be a JSON object'),
        (
            {"calling_hours": HOURS | {"zone": "UTC"}},
            InvalidInput,
            '^calling_hours has no field "zone"; accepted are days',
        ),
        ({"assistant_id": "Ada"}, InvalidInput, '^"Ada" is not the id of an assistant; accepted is a UUID'),
        ({"colour": None}, InvalidInput, '^A new campaign has no field "colour"; accepted are assistant_id, '),
        ({"region": "US"}, InvalidInput, 'no field "region"'),
    ],
)
def test_it_creates_nothing_when_something_is_wrong(desk: Desk, wrong: dict, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        desk.campaign(2, started=False, **wrong)

    assert desk.database.call("list_campaigns")["total"] == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"new": []}, "^A new campaign is array; it must be a JSON object"),
        ({"new": None}, "^A new campaign is missing; it must be a JSON object"),
        ({"list": None}, "^A list is missing; it must be a JSON object"),
        ({"list": {}}, "no contacts"),
        ({"list": {"contacts": {"name": "A"}}}, '^contacts is {"name": "A"}; it must be a list'),
        (
            {"list": {"contacts": [], "report": {}}},
            '^A list has no field "report"; accepted are contacts, import_report',
        ),
    ],
)
def test_it_creates_nothing_when_what_is_sent_has_another_form(desk: Desk, wrong: dict, says: str) -> None:
    new = {"name": "S", "mode": "batch", "cap": 1, "phone_number_id": "a", "assistant_id": NOBODY}

    with pytest.raises(InvalidInput, match=says):
        desk.database.call(
            "create_campaign", **{"new": new, "list": {"contacts": desk.contacts(1)}} | wrong, actor="Eva"
        )


def test_it_refuses_what_is_beyond_the_bounds_that_are_told(desk: Desk) -> None:
    told = told_fields()
    least, most = told["cap"]["minimum"], told["cap"]["maximum"]
    good = [{"cap": least}, {"cap": most}, *({"mode": mode} for mode in told["mode"]["enum"])]
    bad: list[dict[str, object]] = [{"cap": least - 1}, {"cap": most + 1}, {"mode": "other"}]
    good, bad = [*good, {"name": "x" * LONGEST_NAME}], [*bad, {"name": "x" * (LONGEST_NAME + 1)}]

    for fields in good:
        desk.campaign(1, started=False, **fields)
    for fields in bad:
        with pytest.raises(InvalidInput, match="accepted"):
            desk.campaign(1, **fields)


def test_it_stores_every_field_of_a_new_campaign(desk: Desk) -> None:
    fields = {"name": " Autumn ", "cap": 3, "mode": "batch", "phone_number_id": " line-2 ", "quiet_line": True}

    campaign = desk.read(desk.campaign(1, started=False, max_attempts=2, calling_hours=HOURS, **fields))

    told = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    assert {name: campaign[name] for name in told} == told
    hours = [campaign[name] for name in ("calling_from", "calling_until", "calling_days", "time_zone")]
    assert (campaign["max_attempts"], hours) == (2, ["09:00:00", "18:00:00", [1], "UTC"])


def test_it_takes_what_is_not_given_as_one_attempt_at_any_time_on_any_line(desk: Desk) -> None:
    nothing = dict.fromkeys(("max_attempts", "quiet_line", "calling_hours"))

    for campaign in (desk.campaign(1, started=False), desk.campaign(1, started=False, **nothing)):
        found = desk.read(campaign)
        assert [found[name] for name in ("max_attempts", "quiet_line", "calling_from", "time_zone")] == [
            1,
            False,
            None,
            "UTC",
        ]


def test_it_refuses_an_assistant_that_is_switched_off(desk: Desk) -> None:
    assistant = desk.assistant()
    desk.database.call("update_assistant", id=assistant, name=None, config=None, active=False, actor="Eva")

    with pytest.raises(Conflict, match="switched off"):
        desk.campaign(1, assistant_id=assistant)


def test_it_starts_once_when_eight_press_start(desk: Desk) -> None:
    campaign = desk.campaign(1, started=False)

    answers = desk.race(*[lambda: desk.database.call("start_campaign", id=campaign, actor="Eva")] * 8)

    assert [answer["changed"] for answer in answers].count(True) == 1


def test_it_marks_the_start_when_the_first_call_is_confirmed(desk: Desk) -> None:
    campaign = desk.campaign(1)
    assert desk.read(campaign)["status"] == "QUEUED"

    _order, provider = desk.dialed(campaign)

    assert (desk.read(campaign)["status"], bool(desk.read(campaign)["started_at"])) == ("DIALING", True)
    desk.event(provider, "RINGING")
    assert desk.read(campaign)["status"] == "RUNNING"


def test_it_dials_nothing_while_paused_and_goes_on_when_resumed(desk: Desk) -> None:
    campaign = desk.campaign(2)
    _order, provider = desk.dialed(campaign)
    desk.database.call("pause_campaign", id=campaign, actor="Eva")
    assert desk.read(campaign)["status_reason"] == "Paused by Eva."
    assert desk.claim() == []

    desk.report(provider)  # calls under way finish
    desk.database.call("resume_campaign", id=campaign, actor="Eva")

    assert desk.read(campaign)["status"] == "RUNNING"
    assert len(desk.claim()) == 1


def test_it_settles_who_was_not_called_when_stopped_and_lets_calls_finish(desk: Desk) -> None:
    campaign = desk.campaign(3)
    _order, provider = desk.dialed(campaign)

    stopped = desk.database.call("stop_campaign", id=campaign, actor="Eva")

    assert stopped["live_calls"] == 1
    assert desk.read(campaign)["progress"]["settled"] == 2
    desk.report(provider)
    found = desk.read(campaign)
    assert (found["status"], found["progress"]["settled"]) == ("CANCELED", 3)


@pytest.mark.parametrize(
    ("before", "action"),
    [
        ([], "pause"),
        ([], "resume"),
        (["start", "pause"], "start"),
        (["stop"], "start"),
        (["start", "stop"], "pause"),
        (["start", "stop"], "resume"),
    ],
)
def test_it_refuses_what_the_state_does_not_allow(desk: Desk, before: list[str], action: str) -> None:
    campaign = desk.campaign(1, started=False)
    for step in before:
        desk.database.call(f"{step}_campaign", id=campaign, actor="Eva")

    with pytest.raises(Conflict, match="Spring"):
        desk.database.call(f"{action}_campaign", id=campaign, actor="Eva")


@pytest.mark.parametrize("action", ["start", "pause", "resume", "stop"])
def test_it_says_so_when_there_is_no_such_campaign(desk: Desk, action: str) -> None:
    with pytest.raises(NotFound, match=NOBODY):
        desk.database.call(f"{action}_campaign", id=NOBODY, actor="Eva")


@pytest.mark.parametrize("action", ["start", "stop"])
def test_it_may_be_repeated(desk: Desk, action: str) -> None:
    campaign = desk.campaign(1, started=False)

    answers = [desk.database.call(f"{action}_campaign", id=campaign, actor="Eva")["changed"] for _ in range(2)]

    assert answers == [True, False]


def test_it_refuses_a_status_that_skips_an_arrow(desk: Desk, connection) -> None:
    campaign = desk.campaign(1, started=False)

    with pytest.raises(Exception, match="cannot go from CREATED to RUNNING"):
        connection.execute("update public.campaigns set status = 'RUNNING' where id = %s", [campaign])


def test_it_keeps_an_assistant_that_an_open_campaign_uses(desk: Desk) -> None:
    assistant = desk.assistant()
    campaign = desk.campaign(1, assistant_id=assistant)

    with pytest.raises(Conflict, match="still has 1 open campaign: Spring"):
        desk.database.call("delete_assistant", id=assistant, actor="Eva")

    desk.database.call("stop_campaign", id=campaign, actor="Eva")
    desk.database.call("delete_assistant", id=assistant, actor="Eva")
    assert desk.database.call("list_assistants")["total"] == 0
    assert desk.read(campaign)["assistant_name"] == "Ada"


def test_it_writes_down_who_did_what(desk: Desk, connection) -> None:
    desk.campaign(1)

    actions = connection.execute("select actor, action from public.audit_log order by id").fetchall()

    assert actions == [("Eva", "assistant.added"), ("Eva", "campaign.created"), ("Eva", "campaign.started")]


def test_it_exports_every_contact_in_pages(desk: Desk) -> None:
    campaign = desk.campaign(7, started=False)

    first = desk.database.call("export_contacts", campaign_id=campaign, limit=5)["rows"]
    rest = desk.database.call("export_contacts", campaign_id=campaign, after=first[-1]["position"], limit=5)["rows"]

    assert [row["position"] for row in first + rest] == [1, 2, 3, 4, 5, 6, 7]
    assert {row["status"] for row in first} == {"WAITING"}


def test_it_finds_contacts_by_part_of_a_name_taking_wildcards_as_letters(desk: Desk) -> None:
    campaign = desk.campaign(3, started=False)

    def found(search: str) -> int:
        return int(desk.database.call("list_contacts", campaign_id=campaign, search=search)["total"])

    assert [found("PERSON"), found("firm 2000001"), found("%"), found("_")] == [3, 1, 0, 0]
