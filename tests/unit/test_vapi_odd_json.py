"""Answers whose JSON is odd: numbers of thousands of digits, nesting without end."""

import httpx
import pytest

from autolynx.vapi.dialing import Unknown
from tests.support.vapi_answers import CALL_ID, NOON, Provider, answer, dialed

LONG = "9" * 5000


@pytest.mark.parametrize(
    "odd", ["1" * 25, LONG, f"-{LONG}", f"1.{LONG}", "1e400", "1e99999999999999999999", f"1e{LONG}"]
)
def test_it_reads_the_rest_when_a_number_is_absurdly_long(odd):
    body = f'{{"id": "c", "name": "{CALL_ID}", "metadata": {{"order": {odd}}}, "cost": {odd}, "createdAt": {odd}}}'
    assert dialed(answer(201, body))[0].provider_call_id == "c"
    assert Provider(answer(200, body)).client().get_call("c").id == "c"
    (found,) = Provider(answer(200, f"[{body}]")).client().list_calls(NOON)
    assert (found.marks, found.created_at) == ({CALL_ID}, None)


def test_it_reads_a_long_number_when_it_comes_in_pieces(monkeypatch):
    body = f'[{{"id": "c1", "n": {LONG}}}, {{"id": "c2", "createdAt": 1774526400}}]'.encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    monkeypatch.setattr(httpx.Response, "iter_bytes", lambda _self: iter(pieces))
    found = Provider(answer(200, "[]")).client().list_calls(NOON)
    assert [(call.id, call.created_at) for call in found] == [("c1", None), ("c2", NOON)]


def test_it_does_not_know_when_a_201_is_nested_without_end():
    assert isinstance(dialed(answer(201, "[" * 100_000))[0], Unknown)
