"""The request that orders a call, and how our call is recognised by what is left of it."""

import pytest

from autolynx.vapi.dialing import call_request, label
from autolynx.vapi.wire import ListedCall
from tests.support.vapi_answers import CALL_ID

ORDER = {
    "call_id": CALL_ID,
    "campaign_id": "c1",
    "contact_id": "k1",
    "attempt": 2,
    "phone_number_id": "line",
    "provider_assistant_id": "assistant",
    "phone": "+14155550123",
    "name": "Ana",
    "business_name": None,
    "variables": {"appointment": "Monday", "seats": 3, "vip": True, "note": None, "name": "not this"},
}


def test_it_writes_our_id_in_three_places_when_a_call_is_ordered():
    found = call_request(ORDER, webhook_url="https://w.example/webhooks/vapi", webhook_secret="s")
    assert found.call_id == CALL_ID
    assert found.body == {
        "assistantId": "assistant",
        "phoneNumberId": "line",
        "name": CALL_ID,
        "customer": {"number": "+14155550123", "name": "Ana", "externalId": CALL_ID},
        "assistantOverrides": {
            "variableValues": {
                "name": "Ana",
                "business_name": "",
                "appointment": "Monday",
                "seats": "3",
                "vip": "true",
                "note": "",
            },
            "metadata": {"autolynx_call_id": CALL_ID, "autolynx_campaign_id": "c1", "attempt": 2},
            "server": {
                "url": "https://w.example/webhooks/vapi",
                "timeoutSeconds": 20,
                "backoffPlan": {
                    "type": "exponential",
                    "maxRetries": 5,
                    "baseDelaySeconds": 1,
                    "excludedStatusCodes": [400, 401, 403, 404, 413, 422],
                },
                "headers": {"X-Vapi-Secret": "s"},
            },
            "serverMessages": ["status-update", "end-of-call-report"],
        },
    }


def test_it_sends_no_secret_when_there_is_none():
    body = call_request(ORDER, webhook_url="https://w.example", webhook_secret=None).body
    assert "headers" not in body["assistantOverrides"]["server"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana", "Ana"),
        ("  Ana \n Maria ", "Ana Maria"),
        ("x" * 50, "x" * 40),
        ("x" * 39 + " y", "x" * 39),
        ("x" * 39 + "e\u0301", "x" * 39),  # an accent stays with its letter or goes with it
        ("🙂" * 30, "🙂" * 20),
        ("x" * 39 + "🙂", "x" * 39),
        (None, ""),
    ],
)
def test_it_cuts_a_name_between_characters_when_it_is_too_long(name, expected):
    assert label(name) == expected


def test_it_leaves_the_name_out_when_there_is_none():
    body = call_request({**ORDER, "name": " "}, webhook_url="https://w.example", webhook_secret=None).body
    assert "name" not in body["customer"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"assistantOverrides": {"metadata": {"autolynx_call_id": CALL_ID}}}, True),
        ({"customer": {"externalId": CALL_ID}}, True),
        ({"name": CALL_ID}, True),
        ({"name": "other", "assistantOverrides": {"metadata": None}}, False),
        ({}, False),
    ],
)
def test_it_recognises_our_call_when_the_id_survived_anywhere(call, expected):
    assert (CALL_ID in ListedCall.model_validate({"id": "x", **call}).marks) is expected
