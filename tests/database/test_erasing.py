"""Erasing a person: whatever is kept of a number, in every campaign, report and message."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from autolynx.calls.messages import receive
from autolynx.contacts.erasing import erase_person
from autolynx.contacts.reading import read_contacts
from autolynx.database import Database
from autolynx.errors import InvalidInput
from autolynx.settings import Settings
from rig import messages
from rig.actors import EVA
from tests.support.desk import Desk, later
from tests.support.kept_of_calls import KEPT_OF_CALLS, count, over


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_erases_one_person_from_every_campaign_and_nobody_else(desk: Desk, settings: Settings) -> None:
    people = desk.contacts(2)
    first, second = desk.campaign(contacts=people), desk.campaign(contacts=people[:1], started=False)
    over(desk, first)
    phone = people[0]["phone"]
    receive(desk.database, settings, messages.report("nobody", customer={"number": phone}))
    receive(desk.database, settings, messages.report("somebody", customer={"number": phone + "9"}))

    erasure = erase_person(desk.database, phone, actor=EVA)

    assert (erasure.contacts, erasure.calls) == (2, 1)
    for table in (*KEPT_OF_CALLS, "campaigns", "alarms", "audit_log", "erased_calls"):
        for (row,) in desk.execute(f"select to_jsonb(t)::text from public.{table} t"):
            assert phone not in row.replace(phone + "9", ""), table
    assert [contact["phone"] for contact in desk.all_contacts(first)] == [people[1]["phone"]]
    assert (desk.read(first)["total_contacts"], desk.read(second)["total_contacts"]) == (1, 0)
    assert desk.read(first)["stats_json"]["total"] == 1
    assert desk.execute("select phone, reason from public.do_not_call") == [(phone, "Erased on request.")]
    assert erase_person(desk.database, phone, actor=EVA).told == (
        "No contact has this number. The number is on the do-not-call list."
    )


def test_it_keeps_not_even_the_number_when_that_is_wished(desk: Desk) -> None:
    erase_person(desk.database, "+1 415 200 0001", actor=EVA, is_kept_out=False)

    assert count(desk, "do_not_call") == 0


def test_it_erases_a_number_that_no_list_may_have_any_more(desk: Desk) -> None:
    desk.campaign(contacts=[{"name": "Ana", "business_name": "Acme", "phone": "+19005550123"}], started=False)

    assert erase_person(desk.database, "+19005550123", actor=EVA).contacts == 1


def test_it_changes_one_campaign_at_a_time_where_only_traces_are_erased(desk: Desk) -> None:
    report = {"skipped": [{"row": 1, "reason": "Twice.", "data": {"phone": "(415) 200-0009"}}]}
    for _ in range(2):
        desk.campaign(1, started=False, import_report=report)

    def left() -> int:
        return sum("200-0009" in str(row) for row in desk.execute("select import_report from public.campaigns"))

    found, after = [left()], None
    number = {"phone": "+14152000009", "digits": "4152000009"}
    while after := desk.database.call("erase_traces", **number, after=after)["after"]:
        found.append(left())

    assert found[:3] == [2, 1, 0]


def test_it_keeps_nothing_of_a_call_that_the_provider_made_though_it_refused(desk: Desk, settings: Settings) -> None:
    campaign = desk.campaign(1)
    (order,) = desk.claim()
    assert desk.begin(order)
    desk.database.call("release_call", call_id=order["call_id"], now=later(1))
    erase_person(desk.database, order["phone"], actor=EVA)

    ended = receive(desk.database, settings, messages.report("made", our_call_id=order["call_id"])).result
    assert desk.database.call("list_alarms")["alarms"] == []
    ringing = receive(
        desk.database, settings, messages.status_update("made", "ringing", our_call_id=order["call_id"])
    ).result

    assert (ended, ringing) == ("unused", "unused")
    assert count(desk, "stray_events") == 0
    (alarm,) = desk.database.call("list_alarms")["alarms"]
    assert "under way whose contact was deleted" in alarm["text"]
    assert desk.read(campaign)["total_contacts"] == 0


def test_it_leaves_on_the_do_not_call_list_the_number_alone(desk: Desk, connection: psycopg.Connection) -> None:
    phone = "+14152000001"
    listed = "insert into public.do_not_call (phone, reason, created_by) values (%s, 'Ana Bell of Acme asked', 'Bo')"
    connection.execute(listed, [phone])

    erase_person(desk.database, phone, actor=EVA, is_kept_out=False)

    assert desk.execute("select phone, reason, created_by from public.do_not_call") == [
        (phone, "Erased on request.", "Eva")
    ]


def test_it_completes_a_campaign_whose_last_waiting_contact_is_erased(desk: Desk) -> None:
    people = desk.contacts(2)
    campaign = desk.campaign(contacts=people, cap=1)
    order, provider = desk.dialed(campaign)
    desk.report(provider, now=later(9))
    waiting = next(person["phone"] for person in people if person["phone"] != order["phone"])

    erase_person(desk.database, waiting, actor=EVA)

    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_erases_the_rows_of_an_import_report_in_which_the_number_stands(desk: Desk) -> None:
    def skipped(row: int, phone: str) -> dict[str, Any]:
        reason = f'The phone number "{phone}" is too long.'
        return {"row": row, "reason": reason, "data": {"name": "Ana", "phone": phone}}

    def changed(row: int, phone: str) -> dict[str, Any]:
        return {"row": row, "phone": phone, "column": "name", "was": "Ana  Bell", "now": "Ana Bell", "reason": "."}

    strangers = [skipped(3, "(415) 200 0002"), skipped(415200, "0001"), skipped(5, "+1 515 200 0001")]
    report = {"total_rows": 7, "accepted": 1,
              "skipped": [skipped(2, "0415 / 200-0001"), *strangers, skipped(6, "４１５ ２００ ０００１")],
              "changes": [changed(1, "+14152000001"), changed(4, "+14152000003")]}  # fmt: skip
    campaign = desk.campaign(1, started=False, import_report=report)

    erase_person(desk.database, "+14152000001", actor=EVA)

    assert desk.read(campaign)["import_report"] == report | {
        "skipped": [
            {"row": 2, "reason": "Erased on request.", "data": {}},
            *strangers,
            {"row": 6, "reason": "Erased on request.", "data": {}},
        ],
        "changes": [
            {"row": 1, "phone": "", "column": "", "was": "", "now": "", "reason": "Erased on request."},
            report["changes"][1],
        ],
    }


def test_it_erases_the_rows_that_were_read_as_the_number_however_it_stands_there(desk: Desk) -> None:
    listed = (
        "name,business_name,phone\nMaria,Acme,+54 9 11 2345-6789\nMaria,Acme SA,011 15 2345-6789\n"
        "Maria,,०११ १५ २३४५-६७८९\nJuan,,011 15 2345-6780\n"
    )
    read = read_contacts(listed.encode(), max_rows=9, max_bytes=10_000, region="AR")
    contacts = [contact.model_dump(mode="json") for contact in read.contacts]
    campaign = desk.campaign(contacts=contacts, started=False, import_report=read.report.model_dump(mode="json"))

    erase_person(desk.database, "+5491123456789", actor=EVA)

    left = desk.read(campaign)["import_report"]
    assert [row["data"] for row in left["skipped"]] == [{}, {}, read.report.skipped[2].data]
    assert left["numbers"] == {"4": "+5491123456780"}


_SAID = [
    "+49 30 231250040",
    "004930231250040",
    "+49 (0)30 2312500-40",
    "０３０ ２３１２ ５００４０",
    "030/23125 0040, this is Maria",
]


@pytest.mark.parametrize("said", _SAID)
def test_it_erases_messages_of_no_call_however_they_tell_the_number(desk: Desk, settings: Settings, said: str) -> None:
    receive(desk.database, settings, messages.report("one", transcript=f"Call me: {said}"))
    others = ("+49 30 2312500409", "+1 302 312 500 40", "4930 and 231250041", "30 reasons, 231250040 apples")
    for number, other in enumerate(others):
        receive(desk.database, settings, messages.report(f"other {number}", transcript=f"Call me: {other}"))

    erase_person(desk.database, "+4930231250040", actor=EVA)

    assert desk.execute("select id from public.stray_senders order by id") == [(f"other {n}",) for n in range(4)]


def test_it_erases_what_vapi_said_of_the_number_where_a_reason_is_kept(
    desk: Desk, connection: psycopg.Connection
) -> None:
    campaign = desk.campaign(1)
    words = "Vapi refused the call: +1 (415) 200-0001 is not in your allow list"
    connection.execute("update public.campaigns set status = 'PAUSED', status_reason = %s", [words])
    connection.execute("update public.provider_health set reason = %s", [words])

    erase_person(desk.database, "+14152000001", actor=EVA)

    reasons = "select status_reason from public.campaigns union all select reason from public.provider_health"
    assert {reason for (reason,) in connection.execute(reasons)} == {"What Vapi said was erased on request."}
    assert desk.read(campaign)["status"] == "PAUSED"


@pytest.mark.parametrize("given", ["", "12", "Ana", "0151 23456789"])
def test_it_says_what_it_accepts_when_the_number_is_none(desk: Desk, given: str) -> None:
    with pytest.raises(InvalidInput):
        erase_person(desk.database, given, actor=EVA)
