"""One dial against canned answers, on a real database: what each end means for contact, line and campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from autolynx.database import Database
from autolynx.dialing import dial as dialing
from autolynx.dialing.switchboard import Switchboard
from autolynx.errors import Unavailable
from autolynx.settings import Settings
from autolynx.vapi.dialing import Accepted, Refused, Unknown
from tests.support.canned import Answer, CannedProvider, StillClock, answer, refusal
from tests.support.desk import Desk

#: this machine's clock; a daily limit that it meets is not over by the database's
TOMORROW = datetime.now(UTC) + timedelta(days=1)
CREATED = answer(201, {"id": "p1", "status": "queued"})


class Away:
    """The database's port, that fails some calls: before they arrive, or after they were committed."""

    def __init__(self, database: Database, function: str, *, times: int, is_late: bool = False) -> None:
        self._database, self._function, self._times, self._is_late = database, function, times, is_late

    def call(self, function: str, /, **arguments: Any) -> Any:
        is_failing = function == self._function and self._times > 0
        self._times -= is_failing
        if is_failing and not self._is_late:
            raise Unavailable
        found = self._database.call(function, **arguments)
        if is_failing:
            raise Unavailable
        return found


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture(autouse=True)
def campaign(desk: Desk) -> str:
    return desk.campaign(3, now=datetime.now(UTC))


def order_of(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.database.call("claim_calls", worker="w1", limit=1)["orders"][0]
    return found


def dial(desk: Desk, order: dict[str, Any], *answers: Answer, port: Any = None) -> Any:
    clock = StillClock(TOMORROW)
    client = CannedProvider(*answers).client(clock)
    board = Switchboard(port or desk.database, client, Settings(_env_file=None), worker="w1", clock=clock)
    return dialing.dial(board, order)  # type: ignore[arg-type]


def in_doubt(connection) -> list[tuple[str, bool]]:
    return connection.execute("select dial_state::text, is_answered from public.calls").fetchall()


def test_it_confirms_what_was_accepted(desk: Desk) -> None:
    order = order_of(desk)

    assert isinstance(dial(desk, order, CREATED), Accepted)

    assert desk.call(order)["provider_call_id"] == "p1"


@pytest.mark.parametrize(
    ("given", "is_answered"),
    [(httpx.ReadTimeout("slow"), False), (answer(500, {}), True), (answer(504, {}), True), (answer(408, {}), False),
     (answer(302, {}), False), (answer(201, []), False)],
    ids=repr,
)  # fmt: skip
def test_it_holds_what_may_be_ringing(desk: Desk, connection, given: Answer, is_answered: bool) -> None:
    assert isinstance(dial(desk, order_of(desk), given), Unknown)

    assert in_doubt(connection) == [("unknown", is_answered)]


def test_it_lets_a_contact_step_aside_when_the_refusal_is_in_unknown_words(
    desk: Desk, connection, campaign: str
) -> None:
    dial(desk, order_of(desk), refusal(400, "customer.flavour must be known"))

    assert connection.execute("select sum(refusals) from public.contacts").fetchone() == (1,)
    assert desk.read(campaign)["status"] == "QUEUED"


@pytest.mark.parametrize("message", ["Wallet Balance Is -0.02.", "Couldn't Get Assistant. `assistantId` x Is Gone."])
def test_it_pauses_for_trouble_that_every_contact_would_meet(desk: Desk, campaign: str, message: str) -> None:
    dial(desk, order_of(desk), refusal(400, message))

    assert desk.read(campaign)["status"] == "PAUSED"


def test_it_offers_the_answer_again_to_a_database_that_was_away(desk: Desk) -> None:
    order = order_of(desk)

    dial(desk, order, CREATED, port=Away(desk.database, "confirm_call", times=3))

    assert desk.call(order)["dial_state"] == "confirmed"


def test_it_leaves_the_call_to_repair_when_the_database_stays_away(desk: Desk, connection) -> None:
    with pytest.raises(Unavailable):
        dial(desk, order_of(desk), CREATED, port=Away(desk.database, "confirm_call", times=100))

    assert in_doubt(connection) == [("dialing", False)]


@pytest.mark.parametrize("is_late", [False, True], ids=["not asked", "asked, but the answer was lost"])
def test_it_sends_nothing_and_gives_the_contact_back_when_nobody_can_give_leave(
    desk: Desk, connection, is_late: bool
) -> None:
    order = order_of(desk)

    found = dial(desk, order, CREATED, port=Away(desk.database, "begin_dial", times=1, is_late=is_late))

    assert isinstance(found, Refused)
    assert in_doubt(connection) == []
    assert connection.execute("select count(*) from public.contacts where state = 'waiting'").fetchone() == (3,)


def test_it_gives_the_contact_back_and_learns_when_the_account_has_no_line_free(
    desk: Desk, connection, campaign: str
) -> None:
    order = order_of(desk)
    ended = {"id": "p1", "status": "ended", "subscriptionLimits": {"concurrencyBlocked": True, "concurrencyLimit": 4}}

    dial(desk, order, answer(201, ended))

    call = desk.call(order)
    assert (call["status"], call["is_attempt"], call["provider_call_id"]) == ("FAILED", False, "p1")
    assert desk.read(campaign)["progress"]["waiting"] == 3
    assert lines_missed(connection) == 1


def test_it_learns_from_a_refusal_how_many_lines_there_are(desk: Desk, connection) -> None:
    dial(desk, order_of(desk), refusal(400, "Over Concurrency Limit"))

    assert lines_missed(connection) == 1
    assert connection.execute("select learned_cap from public.settings").fetchone() == (0,)


def lines_missed(connection) -> int:
    return int(connection.execute("select sum(lines_missed) from public.contacts").fetchone()[0])


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("customer.number must be a valid phone number in the E.164 format.", "wrong_number"),
        ("This phone number cannot make international calls.", "not_connected"),
    ],
)
def test_it_dials_nobody_again_whose_number_cannot_be_called(
    desk: Desk, campaign: str, message: str, outcome: str
) -> None:
    dial(desk, order_of(desk), refusal(400, message))

    assert desk.read(campaign)["progress"]["by_outcome"] == {outcome: 1}


def test_it_pauses_until_the_lines_daily_limit_is_renewed(desk: Desk, campaign: str) -> None:
    dial(desk, order_of(desk), refusal(400, "The daily outbound call limit is reached."))

    found = desk.read(campaign)
    assert found["status"] == "PAUSED"
    assert datetime.fromisoformat(found["resume_at"]).date() == (TOMORROW + timedelta(days=1)).date()


def health(desk: Desk, connection) -> tuple[str, int]:
    (failures,) = connection.execute("select failures from public.provider_health").fetchone()
    return desk.database.call("get_provider_health")["state"], failures


@pytest.mark.parametrize("given", [answer(503, {}), httpx.ReadTimeout("slow"), httpx.ConnectError("down")], ids=repr)
def test_it_counts_a_fault_of_the_providers(desk: Desk, connection, given: Answer) -> None:
    dial(desk, order_of(desk), given)

    assert health(desk, connection) == ("closed", 1)


def test_it_slows_down_when_the_provider_asks_for_it(desk: Desk, connection, campaign: str) -> None:
    assert isinstance(dial(desk, order_of(desk), answer(429, {})), Refused)

    assert health(desk, connection) == ("open", 1)
    assert desk.read(campaign)["progress"]["waiting"] == 3


@pytest.mark.parametrize(
    ("given", "expected"), [(answer(429, {}), ("open", 2)), (httpx.ConnectError("down"), ("closed", 2))], ids=repr
)
def test_it_counts_on_when_what_the_provider_said_is_no_answer(
    desk: Desk, connection, given: Answer, expected: tuple[str, int]
) -> None:
    desk.database.call("note_provider_trouble", reason="503")

    dial(desk, order_of(desk), given)

    assert health(desk, connection) == expected


def test_it_takes_what_it_did_not_send_neither_for_a_fault_nor_for_an_answer(desk: Desk, connection) -> None:
    desk.database.call("note_provider_trouble", reason="503")

    dial(desk, order_of(desk), CREATED, port=Away(desk.database, "begin_dial", times=1))

    assert health(desk, connection) == ("closed", 1)
