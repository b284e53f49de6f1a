"""In which order the account's phone lines are offered."""

from __future__ import annotations

from itertools import permutations

import pytest

from autolynx.campaigns.phone_lines import country_of_line, list_phone_lines
from autolynx.models import PhoneLine
from autolynx.settings import load_settings
from rig.actors import TESTER
from tests.support.canned import CannedProvider, StillClock, answer
from tests.support.desk import NOON

LINES = [
    {"id": "d", "name": "Zurich", "provider": "twilio", "status": "active"},
    {"id": "b", "name": "Aachen", "provider": "twilio", "status": "active"},
    {"id": "c", "name": "aachen", "provider": "twilio", "status": "active"},
    {"id": "a", "name": "Aachen", "provider": "vapi", "status": "active"},
]


def test_it_offers_the_default_first_then_a_carriers_by_what_is_read_of_them() -> None:
    settings = load_settings(_env_file=None, vapi_phone_number_id="d")
    orders = set()
    for lines in permutations(LINES):
        client = CannedProvider(answer(200, list(lines))).client(StillClock(NOON))
        orders.add("".join(line.id for line in list_phone_lines(client, settings, actor=TESTER)))

    assert orders == {"dbca"}


@pytest.mark.parametrize(
    ("number", "country"),
    [("+14155550100", "US"), ("+16135550100", "CA"), ("+493023125000", "DE"), ("sip:desk", None), (None, None)],
)
def test_it_tells_the_country_of_a_line_when_its_number_does(number: str | None, country: str | None) -> None:
    line = PhoneLine(id="a", number=number, name=None, provider="twilio", is_active=True)

    assert country_of_line(line) == country
