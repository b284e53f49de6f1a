"""The API's campaigns, contacts, calls and exports over real sockets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from autolynx.analysis.exports import EXPORT_COLUMNS
from autolynx.models import CallOutcome
from tests.support.api_requests import LINES, new_assistant, new_campaign, upload
from tests.support.desk import Desk
from tests.support.web import BEARER, configured, problem, serving


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


def test_it_creates_a_campaign_and_reports_on_its_list(api) -> None:
    assistant = new_assistant(api)

    answer = upload(api, name="Spring", assistant_id=assistant["id"], phone_number_id=LINES[1], cap="3", mode="batch")

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
    assert (campaign["phone_number_id"], campaign["created_by"]) == (LINES[1], "API token")
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


def test_it_counts_nobody_as_called_who_is_on_the_do_not_call_list(api, connection: psycopg.Connection) -> None:
    connection.execute(
        "insert into public.do_not_call (phone, created_by) values ('+14155550124', 'Eva'), ('+14155550125', 'Eva')"
    )

    answer = upload(api, name="Spring", assistant_id=new_assistant(api)["id"], phone_number_id=LINES[0]).json()

    report = answer["import_report"]
    assert (report["accepted"], report["do_not_call"]) == (answer["campaign"]["total_contacts"], 1)
    assert [country["numbers"] for country in report["countries"]] == [report["accepted"] - 1]


def test_it_accepts_the_fields_names_in_camel_case(api) -> None:
    assistant = new_assistant(api)

    answer = upload(api, name="Spring", assistantId=assistant["id"], phoneNumberId=LINES[1])

    assert answer.status_code == 201, answer.text
    assert answer.json()["campaign"]["assistant_id"] == assistant["id"]
    assert answer.json()["campaign"]["phone_number_id"] == LINES[1]


def test_it_takes_the_defaults_when_fields_are_missing_or_blank(api) -> None:
    answer = upload(api, name="Spring", assistant_id=new_assistant(api)["id"], cap="", mode=" ", phone_number_id="")

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
        'calling_hours has no field "timezone"; accepted are days, from, time_zone, until.': {
            "calling_hours": '{"from": "09:00", "until": "18:00", "days": [1], "timezone": "Europe/Berlin"}'
        },
        'calling_hours takes JSON like {"from": "09:00"': {"calling_hours": "[1]"},
        "from is missing": {"calling_hours": '{"from_": "09:00", "until": "18:00", "days": [1]}'},
    }

    for sentence, fields in wrong.items():
        answer = upload(api, **(good | fields))
        assert answer.status_code == (404 if "There is no" in sentence else 422), answer.text
        assert sentence in problem(answer)["message"]
    assert api.get("/api/campaigns").json()["pagination"]["total"] == 0


def test_it_refuses_a_list_that_nobody_can_be_called_from(api) -> None:
    answer = upload(api, b"name,business,phone\nAna,Bell,12\n", name="x", assistant_id=new_assistant(api)["id"])

    assert answer.status_code == 422
    assert "No row can be called. Row 1: " in problem(answer)["message"]
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
        api.post("/api/assistants", content=pieces(3 * 1024**2), headers={"Content-Type": "application/json"}),
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
    assert names(state="", outcome="") == ["Ana Bell", "Cy"]
    assert api.get(path).json()["contacts"][0]["cost_usd"] is None


def test_it_finds_contacts_by_what_their_calls_came_to_as_the_figures_count_them(api, desk) -> None:
    campaign_id = desk.campaign(3, cap=2)
    for order, fields in zip(desk.claim(2), ({"outcome": "no_answer", "is_attempt": True}, {}), strict=True):
        desk.begin(order)
        desk.report(desk.confirm(order), fields=fields)
    path = f"/api/campaigns/{campaign_id}/contacts"

    def positions(**query: str) -> list[int]:
        return [contact["position"] for contact in api.get(path, params=query).json()["contacts"]]

    progress = api.get(f"/api/campaigns/{campaign_id}").json()["campaign"]["progress"]
    assert progress["by_outcome"] == {"no_answer": 1, "unknown": 1}
    assert (positions(outcome="no_answer"), positions(outcome="unknown"), positions(outcome="busy")) == ([1], [2], [])
    assert (positions(state="settled"), positions(state="settled", outcome="no_answer")) == ([1, 2], [1])
    assert positions(state="waiting", outcome="no_answer") == []
    assert api.get(path).json()["contacts"][0]["outcome"] == "no_answer"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("state=no_answer", '"no_answer" is not a contact\'s state; accepted are waiting, calling, settled.'),
        ("outcome=settled", f'"settled" is not an outcome; accepted are {", ".join(CallOutcome)}.'),
        ("outcome=No answer", f'"No answer" is not an outcome; accepted are {", ".join(CallOutcome)}.'),
    ],
)
def test_it_says_what_is_accepted_when_a_filter_is_no_such_code(api, query: str, sentence: str) -> None:
    answer = api.get(f"/api/campaigns/{new_campaign(api)['id']}/contacts?{query}")

    assert (answer.status_code, problem(answer)["message"]) == (422, sentence)


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
    assert ended["outcome"] == "conversation"


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
