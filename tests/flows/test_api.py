"""The JSON API over real sockets, with the simulator as the provider."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from autolynx.reports import EXPORT_COLUMNS
from tests.desk import Desk
from tests.flows.web import BEARER, CRON_SECRET, configured, problem, serving
from tests.product import Product, running, wait_until

CSV = b"""Name,Business Name,Phone
Ana Bell,Bell & Co,+1 415 555 0123
Bo,,+14155550124
Cy,Cy Ltd,+14155550125
"""
LINES = (
    "0c000000-0000-4000-8000-000000000001",
    "0c000000-0000-4000-8000-000000000002",
    "0c000000-0000-4000-8000-000000000003",
)
CONFIG = {
    "systemPrompt": "Sell.",
    "firstMessage": "Hi {{name}}",
    "voice": {"provider": "11labs", "voiceId": "x"},
}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[str]:
    """A provider for the tests of this module; yields its address."""
    home = tmp_path_factory.mktemp("simulator")
    with running("postgresql://nobody@127.0.0.1:1/nothing", home) as product:
        product.start_simulator(speed=100)
        yield product.values["VAPI_BASE_URL"]


@pytest.fixture
def api(database_url: str, simulator: str) -> Iterator[httpx.Client]:
    """The API with its token sent along."""
    with serving(configured(database_url, vapi_base_url=simulator, max_upload_mb=1)) as http:
        http.headers.update(BEARER)
        yield http


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


def new_assistant(api: httpx.Client, name: str = "Ada", **config: Any) -> dict[str, Any]:
    answer = api.post("/api/assistants", json={"name": name, "config": CONFIG | config})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()["assistant"]
    return created


def upload(api: httpx.Client, content: bytes = CSV, **fields: Any) -> httpx.Response:
    return api.post("/api/campaigns", data=fields, files={"contacts": ("contacts.csv", content, "text/csv")})


def new_campaign(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    given = {"name": "Spring", "assistant_id": new_assistant(api)["id"], "phone_number_id": LINES[0]} | fields
    answer = upload(api, **given)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()["campaign"]
    return created


# -- campaigns -----------------------------------------------------------------------------------------


def test_it_creates_a_campaign_and_reports_on_its_list(api) -> None:
    assistant = new_assistant(api)

    answer = upload(
        api, name="Spring", assistant_id=assistant["id"], phone_number_id=LINES[1], cap="3", mode="batch"
    )

    assert answer.status_code == 201
    campaign, report = answer.json()["campaign"], answer.json()["import_report"]
    assert {name: campaign[name] for name in ("name", "cap", "mode", "status", "total_contacts")} == {
        "name": "Spring",
        "cap": 3,
        "mode": "batch",
        "status": "CREATED",
        "total_contacts": 2,
    }
    assert (campaign["assistant_id"], campaign["assistant_name"]) == (assistant["id"], "Ada")
    assert (campaign["phone_number_id"], campaign["created_by"]) == (LINES[1], "API")
    assert campaign["progress"]["waiting"] == 2
    assert campaign["progress"]["cost_usd"] == 0
    assert (report["total_rows"], report["accepted"]) == (3, 2)
    assert [set(row) for row in report["skipped"]] == [{"row", "reason", "data"}]
    assert report["skipped"][0]["row"] == 2
    assert report["countries"] == [{"region": "US", "name": "United States", "numbers": 2}]
    assert (report["region"], report["encoding"]) == (None, "UTF-8")
    assert report["columns"][1] == {"title": "Business Name", "used_as": "business_name"}
    assert (report["changes"], report["ignored_columns"]) == ([], [])
    assert api.get(f"/api/campaigns/{campaign['id']}").json()["campaign"]["import_report"] == report


def test_it_accepts_the_fields_names_in_camel_case(api) -> None:
    assistant = new_assistant(api)

    answer = upload(api, name="Spring", assistantId=assistant["id"], phoneNumberId=LINES[1])

    assert answer.status_code == 201, answer.text
    assert answer.json()["campaign"]["assistant_id"] == assistant["id"]
    assert answer.json()["campaign"]["phone_number_id"] == LINES[1]


def test_it_takes_the_defaults_when_fields_are_missing_or_blank(api) -> None:
    answer = upload(
        api, name="Spring", assistant_id=new_assistant(api)["id"], cap="", mode=" ", phone_number_id=""
    )

    campaign = answer.json()["campaign"]
    assert (campaign["cap"], campaign["mode"]) == (8, "continuous")
    assert campaign["phone_number_id"] in LINES


def test_it_refuses_a_form_with_one_sentence(api) -> None:
    assistant_id = new_assistant(api)["id"]
    good = {"name": "Spring", "assistant_id": assistant_id, "phone_number_id": LINES[0]}
    wrong: dict[str, dict[str, Any]] = {
        "name is missing": {"name": ""},
        "assistant_id is missing": {"assistant_id": ""},
        '"x" is not the id of an assistant': {"assistant_id": "x"},
        "There is no assistant": {"assistant_id": str(uuid4())},
        'cap is "many"; it must be a whole number.': {"cap": "many"},
        "The cap is 51; accepted is a whole number from 1 to 50.": {"cap": "51"},
        'The mode is "fast"': {"mode": "fast"},
        "no phone line": {"phone_number_id": "made-up"},
        "121 characters": {"name": "x" * 121},
        "cannot be stored": {"name": "a\x00b"},
    }

    for sentence, fields in wrong.items():
        answer = upload(api, **(good | fields))
        assert answer.status_code == (404 if "There is no" in sentence else 422), answer.text
        assert sentence in problem(answer)["message"]
    assert api.get("/api/campaigns").json()["pagination"]["total"] == 0


def test_it_refuses_a_list_that_nobody_can_be_called_from(api) -> None:
    answer = upload(
        api, b"name,business,phone\nAna,Bell,12\n", name="x", assistant_id=new_assistant(api)["id"]
    )

    assert answer.status_code == 422
    assert "None of the 1 rows can be called" in problem(answer)["message"]
    assert problem(answer)["details"]["skipped"][0]["row"] == 1


@pytest.mark.parametrize(
    "request_parts",
    [
        {"data": {"name": "x", "contacts": "Name,Phone"}},
        {"json": {"name": "x"}},
        {"content": b"", "headers": {"Content-Type": "text/csv"}},
        {},
    ],
)
def test_it_asks_for_the_file_when_there_is_none(api, request_parts) -> None:
    answer = api.post("/api/campaigns", **request_parts)

    assert answer.status_code == 422
    assert "contact list is missing" in problem(answer)["message"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"\xff\xfe garbage"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n--x--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="n"\r\n' + b"a" * 9999,
        ),
    ],
)
def test_it_answers_400_or_422_when_the_form_is_broken(api, kind, body) -> None:
    answer = api.post("/api/campaigns", content=body, headers={"Content-Type": kind})

    assert answer.status_code in (400, 422)
    assert problem(answer)["code"] == "invalid_input"


def pieces(size: int, begin: bytes = b"") -> Iterator[bytes]:
    """A body of unknown length, in pieces."""
    yield begin
    for _ in range(size // 65536 + 1):
        yield b"x" * 65536


A_FILE = b'--x\r\nContent-Disposition: form-data; name="contacts"; filename="c.csv"\r\n\r\n'


def test_it_answers_413_when_the_upload_is_too_large(api) -> None:
    a_little, a_lot = b"x" * (1024**2 + 1), b"x" * (3 * 1024**2)
    answers = [
        upload(api, a_little, name="x", assistant_id=str(uuid4())),
        upload(api, a_lot, name="x", assistant_id=str(uuid4())),
        api.post(
            "/api/campaigns",
            content=pieces(3 * 1024**2, A_FILE),
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        ),
        api.post(
            "/api/assistants", content=pieces(3 * 1024**2), headers={"Content-Type": "application/json"}
        ),
    ]

    assert [answer.status_code for answer in answers] == [413] * 4
    assert {problem(answer)["code"] for answer in answers} == {"too_large"}
    assert problem(answers[0])["message"] == "The request is larger than 1 MB, the most that is accepted."


def test_it_starts_pauses_resumes_and_stops(api) -> None:
    campaign = new_campaign(api)

    def press(button: str) -> tuple[int, str]:
        answer = api.post(f"/api/campaigns/{campaign['id']}/{button}")
        return answer.status_code, answer.json().get("campaign", {}).get("status") or problem(answer)["code"]

    assert press("pause") == (409, "conflict")
    assert press("start") == (200, "QUEUED")
    assert press("start") == (200, "QUEUED")
    assert press("pause") == (200, "PAUSED")
    assert press("resume") == (200, "QUEUED")
    assert press("stop") == (200, "CANCELED")
    assert press("stop") == (200, "CANCELED")
    assert press("start") == (409, "conflict")


@pytest.mark.parametrize("path", ["", "/contacts", "/export.csv"])
def test_it_answers_404_when_there_is_no_such_campaign(api, path) -> None:
    answer = api.get(f"/api/campaigns/{uuid4()}{path}")

    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("identifier", ["x", "%00", "%ff", "1" * 5000, "..%2f.."])
@pytest.mark.parametrize("path", ["/api/campaigns/{}", "/api/assistants/{}", "/api/calls/{}"])
def test_it_answers_422_or_404_when_an_id_is_none(api, path, identifier) -> None:
    answer = api.get(path.format(identifier))

    assert answer.status_code in (404, 422)
    assert problem(answer)["message"]


def test_it_pages_its_lists(api, desk) -> None:
    assistant_id = desk.assistant()
    for n in range(5):
        desk.campaign(1, started=False, name=f"Campaign {n}", assistant_id=assistant_id)

    answer = api.get("/api/campaigns", params={"page": 2, "limit": 2}).json()

    assert answer["pagination"] == {"page": 2, "limit": 2, "total": 5, "pages": 3}
    assert len(answer["campaigns"]) == 2
    assert "import_report" not in answer["campaigns"][0]
    seen = [
        campaign["id"]
        for page in (1, 2, 3, 4)
        for campaign in api.get(f"/api/campaigns?limit=2&page={page}").json()["campaigns"]
    ]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", 'limit is "0"; at least 1 is accepted.'),
        ("limit=1001", 'limit is "1001"; at most 1000 is accepted.'),
        ("limit=x", 'limit is "x"; it must be a whole number.'),
        ("limit=1.5", 'limit is "1.5"; it must be a whole number.'),
        ("page=0", 'page is "0"; at least 1 is accepted.'),
        ("page=-1", 'page is "-1"; at least 1 is accepted.'),
        ("page=1000001", 'page is "1000001"; at most 1000000 is accepted.'),
    ],
)
def test_it_names_the_limits_of_a_page(api, query, sentence) -> None:
    for path in (
        "/api/campaigns",
        "/api/assistants",
        "/api/phone-numbers",
        f"/api/campaigns/{uuid4()}/contacts",
    ):
        answer = api.get(f"{path}?{query}")
        assert (answer.status_code, problem(answer)["message"]) == (422, sentence)


def test_it_takes_the_largest_page(api) -> None:
    answer = api.get("/api/campaigns?page=1000000&limit=1000")

    assert answer.json() == {
        "campaigns": [],
        "pagination": {"page": 1_000_000, "limit": 1000, "total": 0, "pages": 1},
    }


def test_it_finds_contacts_by_state_and_by_text(api) -> None:
    path = f"/api/campaigns/{new_campaign(api)['id']}/contacts"

    def names(**query: str) -> list[str]:
        return [contact["name"] for contact in api.get(path, params=query).json()["contacts"]]

    assert names() == ["Ana Bell", "Cy"]
    assert names(search="bell") == names(search="0123") == ["Ana Bell"]
    assert names(search="%") == []
    assert names(state="waiting") == ["Ana Bell", "Cy"]
    assert names(state="settled") == []
    assert api.get(path).json()["contacts"][0]["cost_usd"] is None


def test_it_exports_the_columns_that_were_agreed(api, desk) -> None:
    campaign_id = desk.campaign(2)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.report(desk.confirm(order))

    answer = api.get(f"/api/campaigns/{campaign_id}/export.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="spring.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == EXPORT_COLUMNS
    assert len(rows) == 3
    ended = next(dict(zip(rows[0], row, strict=True)) for row in rows if row[3] == "ENDED")
    assert (ended["ended_reason"], ended["cost_usd"]) == ("customer-ended-call", "0.0500")


def test_it_streams_an_export_of_any_size(api, desk) -> None:
    campaign_id = desk.campaign(1234, started=False, name="Größe / Ω")

    with api.stream("GET", f"/api/campaigns/{campaign_id}/export.csv") as answer:
        lines = list(answer.iter_lines())

    assert "content-length" not in answer.headers
    assert answer.headers["content-disposition"] == 'attachment; filename="gr-e.csv"'
    assert len(lines) == 1235


def test_it_answers_403_when_the_export_is_switched_off(database_url) -> None:
    with serving(configured(database_url, feature_export_functionality=False)) as http:
        answer = http.get(f"/api/campaigns/{uuid4()}/export.csv", headers=BEARER)

    assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")


def test_it_shows_a_call_with_its_timeline_and_money_as_numbers(api, desk) -> None:
    order, provider_call_id = desk.dialed()
    desk.event(provider_call_id, "IN_PROGRESS")
    desk.report(provider_call_id)

    call = api.get(f"/api/calls/{order['call_id']}").json()["call"]

    assert (call["status"], call["cost_usd"], call["ended_reason"]) == ("ENDED", 0.05, "customer-ended-call")
    assert [event["type"] for event in call["events"]] == ["status-update", "end-of-call-report"]
    assert "transcript_json" in call
    assert api.get(f"/api/calls/{uuid4()}").status_code == 404


# -- assistants ----------------------------------------------------------------------------------------


def test_it_keeps_a_directory_of_assistants(api, simulator) -> None:
    created = new_assistant(api)
    path = f"/api/assistants/{created['id']}"
    assert (created["source"], created["active"], created["version"]) == ("local", True, 1)
    assert api.get(path).json()["assistant"] == created

    changed = api.patch(path, json={"name": "Eve", "config": {"firstMessage": "Hello"}, "active": False})

    assert changed.status_code == 200
    after = changed.json()["assistant"]
    assert (after["name"], after["active"], after["version"]) == ("Eve", False, 2)
    theirs = httpx.get(
        f"{simulator}/assistant/{created['provider_assistant_id']}", headers={"Authorization": "Bearer any"}
    ).json()
    assert (theirs["name"], theirs["firstMessage"]) == ("Eve", "Hello")
    assert api.get("/api/assistants?active=true").json()["assistants"] == []
    assert api.get("/api/assistants").json()["pagination"]["total"] == 1

    copy = api.post(f"{path}/clone", json={"name": "Copy"})
    assert (copy.status_code, copy.json()["assistant"]["name"]) == (201, "Copy")
    assert api.post(f"{path}/clone").json()["assistant"]["name"] == "Eve copy"

    deleted = api.delete(path)
    assert (deleted.status_code, deleted.json()) == (200, {"deleted": created["id"]})
    assert api.get(path).status_code == 404


@pytest.mark.parametrize("field", ["provider_assistant_id", "providerAssistantId"])
def test_it_imports_an_assistant_of_the_account(api, simulator, field) -> None:
    provider_id = httpx.post(
        f"{simulator}/assistant", json={"name": "Theirs"}, headers={"Authorization": "Bearer any"}
    ).json()["id"]

    answer = api.post("/api/assistants/import", json={field: provider_id, "name": "Ours"})

    assert answer.status_code == 201
    assistant = answer.json()["assistant"]
    assert (assistant["name"], assistant["source"]) == ("Ours", "imported")
    assert assistant["provider_assistant_id"] == provider_id
    again = api.post("/api/assistants/import", json={field: provider_id}).json()["assistant"]
    assert (again["id"], again["name"]) == (assistant["id"], "Theirs")


def test_it_refuses_to_delete_an_assistant_that_campaigns_use(api) -> None:
    campaign = new_campaign(api)

    answer = api.delete(f"/api/assistants/{campaign['assistant_id']}")

    assert (answer.status_code, problem(answer)["code"]) == (409, "conflict")
    assert problem(answer)["details"][0]["name"] == "Spring"


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("", {}, "name is missing."),
        ("", {"name": "Ada"}, "config is missing."),
        ("", {"name": 5, "config": {}}, "name is 5; it must be a text."),
        ("", {"name": "x" * 41, "config": CONFIG}, "41 characters"),
        ("", {"name": "Ada", "config": []}, "config is []; it must be a JSON object."),
        ("", {"name": "Ada", "config": {"firstMessage": "\x00"}}, "NUL character"),
        ("", [], "needs a JSON object"),
        ("", None, "needs a JSON object"),
        ("/import", {}, "provider_assistant_id is missing."),
        ("/import", {"providerAssistantId": " "}, "No assistant id was given"),
        ("/import", {"providerAssistantId": str(uuid4())}, "Vapi has no assistant with the id"),
        ("/import", {"providerAssistantId": "../call"}, "Vapi has no assistant with the id"),
    ],
)
def test_it_says_what_is_wrong_with_an_assistant(api, path, body, sentence) -> None:
    answer = api.post(f"/api/assistants{path}", json=body)

    assert (answer.status_code, problem(answer)["code"]) == (422, "invalid_input")
    assert sentence in problem(answer)["message"]


def test_it_refuses_a_change_of_nothing(api) -> None:
    answer = api.patch(f"/api/assistants/{uuid4()}", json={"Name": "x"})

    assert answer.status_code == 422
    assert problem(answer)["message"] == "There is nothing to change: give name, config or active."


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"hello", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"name": "x", "config": {"a": NaN}}', 422),
        (b'{"name": "x", "config": {"a": "\\ud800"}}', 422),
        (b'{"name": "\\ud800", "config": {}}', 422),
        (b'{"name": ' + b"9" * 5000 + b"}", 422),
        (b'{"name": "x", "config": {"a": ' + b"9" * 200_000 + b"}}", 422),
        (b'{"name": "x", "config": {"a": 1e999999}}', 422),
        (b'{"name": "x", "config": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", 422),
        (b'{"name": "x", "config": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}", 422),
    ],
)
def test_it_answers_400_when_the_body_is_no_json_and_422_when_it_cannot_be_stored(api, body, status) -> None:
    answer = api.post("/api/assistants", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status, answer.text
    assert problem(answer)["code"] == "invalid_input"


def test_it_asks_for_json_when_the_content_type_is_another(api) -> None:
    answer = api.post("/api/assistants", content=json.dumps({"name": "x", "config": {}}).encode())

    assert answer.status_code == 422
    assert "Content-Type: application/json" in problem(answer)["message"]


def test_it_lists_the_accounts_phone_numbers(api) -> None:
    answer = api.get("/api/phone-numbers?limit=2").json()

    assert {line["id"] for line in answer["phone_numbers"]} <= set(LINES)
    assert answer["pagination"] == {"page": 1, "limit": 2, "total": 3, "pages": 2}


# -- the provider is away, or refuses ------------------------------------------------------------------


def test_it_answers_503_when_the_provider_is_away(database_url) -> None:
    with serving(configured(database_url)) as http:
        answer = http.get("/api/phone-numbers", headers=BEARER)

    assert (answer.status_code, problem(answer)["code"]) == (503, "provider_unavailable")
    assert answer.headers["retry-after"] == "5"


def test_it_answers_502_when_the_provider_refuses(api, database_url, simulator) -> None:
    refused = api.post("/api/assistants", json={"name": "Ada", "config": {"madeUp": 1}})
    httpx.patch(f"{simulator}/_simulator/knobs", json={"api_key": "another"}).raise_for_status()
    try:
        key = api.get("/api/phone-numbers")
        with serving(configured(database_url, vapi_base_url=simulator)) as http:
            check = http.get("/api/health").json()["checks"]["provider"]
    finally:
        httpx.patch(f"{simulator}/_simulator/knobs", json={"api_key": None}).raise_for_status()

    assert (refused.status_code, problem(refused)["code"]) == (502, "provider_refused")
    assert (key.status_code, problem(key)["code"]) == (502, "provider_key_refused")
    assert (check["status"], check["code"]) == ("degraded", "provider_key_refused")
    assert api.get("/api/assistants").json()["assistants"] == []


def test_it_answers_503_when_the_database_is_away() -> None:
    with serving(configured("postgresql://somebody:hidden@127.0.0.1:1/nothing")) as http:
        answer = http.get("/api/campaigns", headers=BEARER)

    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "hidden" not in answer.text


def test_it_answers_500_with_a_neutral_sentence_when_the_mistake_is_ours(api, database_url) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "create or replace function public.get_campaign(p_id uuid) returns jsonb language sql as"
            " $$ select '{\"secret\": 1}'::jsonb $$"
        )

    answer = api.get(f"/api/campaigns/{uuid4()}")

    assert answer.status_code == 500
    assert problem(answer) == {
        "code": "internal",
        "message": "Something went wrong in AutoLynx; it has been logged.",
        "details": None,
    }


# -- who may ask ---------------------------------------------------------------------------------------

CLOSED = (
    ("GET", "/api/campaigns"),
    ("POST", "/api/campaigns"),
    ("POST", "/api/campaigns/x/start"),
    ("GET", "/api/campaigns/x/export.csv"),
    ("POST", "/api/assistants"),
    ("GET", "/api/calls/x"),
    ("GET", "/api/phone-numbers"),
    ("GET", "/api/made-up"),
    ("DELETE", "/api/health/"),
)


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_it_answers_401_when_the_token_is_missing_or_wrong(api, method, path) -> None:
    for token in (
        "",
        "Bearer",
        "Bearer wrong",
        f"Basic {BEARER['Authorization']}",
        b"Bearer \xff",
        CRON_SECRET,
    ):
        answer = api.request(method, path, headers={"Authorization": token}, content=b"{")
        assert (answer.status_code, problem(answer)["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_it_answers_401_to_everybody_when_no_token_is_configured(database_url) -> None:
    with serving(configured(database_url, api_token=None, cron_shared_secret=None)) as http:
        for headers in ({}, BEARER, {"Authorization": "Bearer"}, {"Authorization": "Bearer None"}):
            assert http.get("/api/campaigns", headers=headers).status_code == 401
            assert http.post("/api/scheduler/tick", headers=headers).status_code == 401
        assert http.post("/api/scheduler/tick", headers={"X-Cron-Secret": ""}).status_code == 401
        assert http.get("/api/health").status_code == 200


def test_it_answers_404_and_405_in_the_same_form(api) -> None:
    missing, wrong = api.get("/api/made-up"), api.put("/api/campaigns")

    assert (missing.status_code, problem(missing)["code"]) == (404, "not_found")
    assert problem(missing)["message"] == "There is nothing at GET /api/made-up."
    assert (wrong.status_code, problem(wrong)["code"]) == (405, "method_not_allowed")
    assert set(wrong.headers["allow"].split(", ")) >= {"GET"} or "POST" in wrong.headers["allow"]


# -- from the list to the export -----------------------------------------------------------------------


@pytest.fixture
def product(database_url: str, tmp_path) -> Iterator[Product]:
    with running(database_url, tmp_path, CRON_SHARED_SECRET=CRON_SECRET) as product:
        yield product


def test_it_goes_from_a_list_to_an_export_by_ticks_alone(product: Product) -> None:
    product.start_simulator(speed=200, seed=3)
    product.start_webhook_server()
    rows = "".join(f"Person {n},Firm {n},+1415555{n:04d}\n" for n in range(100, 112))
    address = f"http://127.0.0.1:{product.webhook_port}"
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {product.values['API_TOKEN']}"
        campaign = new_campaign_of(http, b"name,company,phone\n" + rows.encode())
        assert http.post(f"/api/campaigns/{campaign}/start").status_code == 200

        def tick() -> dict[str, Any]:
            answer = http.post("/api/scheduler/tick", headers={"Authorization": f"Bearer {CRON_SECRET}"})
            assert answer.status_code == 200, answer.text
            done = answer.json()["tick"]
            assert set(done) == {"claimed", "accepted", "refused", "unknown", "repaired", "checked", "hung_up"}
            return http.get(f"/api/campaigns/{campaign}").json()["campaign"]

        done = wait_until(
            lambda: next((found for found in [tick()] if found["status"] == "COMPLETED"), None), "completion"
        )
        export = list(csv.DictReader(io.StringIO(http.get(f"/api/campaigns/{campaign}/export.csv").text)))
        by_header = http.post("/api/scheduler/tick", headers={"X-Cron-Secret": CRON_SECRET})

    assert by_header.json()["tick"]["claimed"] == 0
    theirs = {call["number"]: call for call in product.books()["calls"]}
    assert len(theirs) == product.books()["calls_total"] == 12
    assert {row["phone"]: row["ended_reason"] for row in export} == {
        number: call["ended_reason"] for number, call in theirs.items()
    }
    assert done["progress"]["settled"] == 12
    assert done["progress"]["cost_usd"] == pytest.approx(sum(float(row["cost_usd"] or 0) for row in export))


def new_campaign_of(http: httpx.Client, content: bytes) -> str:
    answer = upload(
        http, content, name="All", assistant_id=new_assistant(http)["id"], phone_number_id=LINES[0]
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["campaign"]["id"])
