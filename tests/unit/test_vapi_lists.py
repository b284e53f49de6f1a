"""Lists that come in pages: in any order, with calls left out, without times."""

import random
from datetime import datetime, timedelta

import pytest

from autolynx.errors import ProviderUnavailable
from tests.support.vapi_answers import CALL_ID, NOON, Provider, answer


class Ledger:
    """A list endpoint with 2,500 calls, three of them created in every millisecond, shown without its fraction.

    `drops`: how many calls each page lacks of those it would hold, other ones each time.
    """

    def __init__(self, order="newest", size=2500, drops=0):
        times = [NOON + timedelta(microseconds=n * 1000 // 3) for n in range(size)]
        shown = [at.isoformat(timespec="milliseconds") for at in times]
        self.calls = [(times[n], {"id": f"c{n}", "createdAt": shown[n]}) for n in range(size)]
        self.order = order
        self.drops = drops
        self.chance = random.Random(7)

    def __call__(self, request):
        query = request.url.params
        assert int(query["limit"]) == 100
        at_least = datetime.fromisoformat(query["createdAtGe"])
        at_most = datetime.fromisoformat(query.get("createdAtLe", "2099-01-01T00:00:00Z"))
        found = [call for at, call in self.calls if at_least <= at <= at_most]
        if self.order == "newest":
            found.reverse()
        elif self.order == "none":
            self.chance.shuffle(found)
        page = found[:100]
        for _ in range(min(self.drops, max(len(page) - 1, 0))):
            page.pop(self.chance.randrange(len(page)))
        return answer(200, page)


@pytest.mark.parametrize(("order", "most_requests"), [("newest", 30), ("oldest", 30), ("none", 400)])
@pytest.mark.parametrize("size", [1, 2, 99, 100, 101, 2500])
def test_it_lists_every_call_when_there_are_several_pages(order, most_requests, size):
    provider = Provider(Ledger(order, size))
    found = provider.client().list_calls(NOON, "line")
    assert [call.id for call in sorted(found, key=lambda call: int(call.id[1:]))] == [f"c{n}" for n in range(size)]
    assert all(request.url.params["phoneNumberId"] == "line" for request in provider.requests)
    assert len(provider.requests) <= most_requests


@pytest.mark.parametrize("order", ["newest", "oldest", "none"])
@pytest.mark.parametrize("drops", [1, 40])
def test_it_reads_on_when_a_page_lacks_some_calls(order, drops):
    found = Provider(Ledger(order, drops=drops)).client().list_calls(NOON)
    assert len(found) > 2500 * (0.99 - drops / 100)  # those on every page but the missing ones


def test_it_sees_the_second_page_when_the_first_lacks_one_unrelated_call():
    def listed(request):
        until = request.url.params.get("createdAtLe")
        calls = [{"id": f"c{n}", "createdAt": (NOON - timedelta(seconds=n)).isoformat()} for n in range(101)]
        del calls[50]
        page = [call for call in calls if until is None or call["createdAt"] <= until.replace("Z", "+00:00")]
        return answer(200, page[: 99 if until is None else 100])

    found = Provider(listed).client().list_calls(NOON - timedelta(hours=1))
    assert "c100" in {call.id for call in found}


def test_it_asks_twice_when_the_list_is_short_and_once_when_it_is_empty():
    one = Provider(answer(200, [{"id": "c1", "createdAt": NOON.isoformat()}]))
    assert [call.id for call in one.client().list_calls(NOON)] == ["c1"]
    assert len(one.requests) == 2
    none = Provider(answer(200, []))
    assert none.client().list_calls(NOON) == []
    assert len(none.requests) == 1


@pytest.mark.parametrize(
    "page",
    [
        [{"id": f"c{n}", "createdAt": NOON.isoformat()} for n in range(100)],
        [{"id": f"c{n}"} for n in range(100)],
        [{"id": f"c{n}", "createdAt": f"2026-03-26T12:00:0{n % 10}Z"} for n in range(100)],
        [{"id": "c1"}, {"name": "no id"}],
        {},
        {"results": []},
    ],
    ids=["one instant", "no times", "deaf to times", "no id", "empty object", "other shape"],
)
def test_it_does_not_pretend_to_be_complete_when_a_list_cannot_be_read_to_its_end(page):
    with pytest.raises(ProviderUnavailable):
        Provider(answer(200, page)).client().list_calls(NOON)


def test_it_asks_once_when_a_short_list_tells_no_times():
    provider = Provider(answer(200, [{"id": "l1", "provider": "twilio"}]))
    (line,) = provider.client().list_phone_numbers()
    assert (line.id, line.provider) == ("l1", "twilio")
    assert len(provider.requests) == 1


def test_it_keeps_of_a_listed_call_only_who_it_is():
    call = {"id": "c", "createdAt": NOON.isoformat(), "artifact": {"transcript": "x" * 1000}, "name": CALL_ID}
    (found,) = Provider(answer(200, [call])).client().list_calls(NOON)
    assert found.marks == {CALL_ID}
    assert "artifact" not in found.model_dump()
