"""Requests to every route of the API and its refusals, in a fixed order, to a product with fixed calls."""

from __future__ import annotations

import signal
from typing import Any

import httpx
import psycopg

from rig import messages
from rig.ports import free_port
from rig.product import Product
from rig.waiting import eventually
from tests.support.api_requests import CONFIG, LINES
from tests.support.recording import Exchange, Recorder

CRON_SECRET = "a-cron-secret-for-tests"
METRICS_TOKEN = "a-metrics-token-for-tests"
SETTINGS = {"CRON_SHARED_SECRET": CRON_SECRET, "METRICS_TOKEN": METRICS_TOKEN, "MAX_UPLOAD_MB": "1"}
NOBODY = "11111111-1111-4111-8111-111111111111"
SECRET = {"X-Vapi-Secret": "a-secret-for-tests"}
CRON = {"Authorization": f"Bearer {CRON_SECRET}"}
#: so long that no call changes by itself while it is looked at
ENDLESS_SECONDS = [2e6, 2e6]
CALLED = "".join(f"Person {n},Firm {n},+1415555{n:04d}\n" for n in range(100, 107))
OUTCOMES = dict(
    zip(
        (f"+1415555{n:04d}" for n in range(100, 107)),
        ("demo_booked", "not_interested", "voicemail", "do_not_call", "busy", "hangup", "misdialed"),
        strict=True,
    )
)
#: rows skipped, a column not used, a variable, values changed, and bytes of Windows-1252
LIST = (
    "Name,Business Name,Phone,Favourite Colour,,Notes\r\n"
    "Ana B\xe9ll, Bell & Co ,+1 415 555 0123,red,x,\r\n"
    "Bo,,+14155550124,blue,,\r\n"
    "Cy,=Cy Ltd,+14155550125,,,\r\n"
    "Di,Di Ltd,12,green,,\r\n"
    "Eve,Eve Ltd,+14155550125,,,\r\n"
).encode("cp1252")
HOURS = '{"from": "00:00", "until": "24:00", "days": [1, 2, 3, 4, 5, 6, 7], "time_zone": "Europe/Paris"}'


def every_answer(product: Product) -> list[Exchange]:
    """Start everything, ask for everything, and answer what was answered. Database and provider are shut at the end."""
    product.start_simulator(speed=200, seed=7, outcome_by_number=OUTCOMES)
    product.start_webhook_server()
    hiding = f"http://127.0.0.1:{free_port()}"
    product.start(
        "hiding", "webhook_server.py", WEBHOOK_PORT=hiding.rpartition(":")[2],
        FEATURE_COST_TRACKING="false", FEATURE_EXPORT_FUNCTIONALITY="false",
    )  # fmt: skip
    recorder = Recorder(f"http://127.0.0.1:{product.webhook_port}", product.values["API_TOKEN"])
    with recorder.http:
        _doors(recorder)
        assistant = _assistants(recorder, product)
        _phone_numbers(recorder)
        _new_campaigns(recorder, assistant)
        _lifecycle(recorder, assistant)
        called = _a_whole_campaign(recorder, product, assistant)
        call = _a_live_campaign(recorder, product, assistant)
        _messages(recorder)
        _without_costs(recorder, hiding, called, call)
        _people(recorder)
        _lists(recorder, called)
        _away(recorder, product)
        return recorder.exchanges


def _doors(recorder: Recorder) -> None:
    """What needs no token, and what happens without one."""
    ask = recorder.ask
    ask("GET", "/api/health", "no scheduler yet")
    ask("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    for method, path in (
        ("GET", "/metrics"),
        ("POST", "/api/scheduler/tick"),
        ("GET", "/api/campaigns"),
        ("POST", "/api/campaigns"),
        ("GET", "/api/assistants"),
        ("GET", "/api/phone-numbers"),
        ("POST", "/api/people/erase"),
        ("GET", "/api/made-up"),
    ):
        ask(method, path, "a wrong token", headers={"Authorization": "Bearer wrong"})
    ask("GET", "/api/made-up")
    ask("GET", "/made-up")
    for method, path in (
        ("PUT", "/api/campaigns"),
        ("PUT", "/api/assistants"),
        ("GET", "/api/people/erase"),
        ("GET", "/api/scheduler/tick"),
        ("POST", "/api/health"),
        ("DELETE", f"/api/calls/{NOBODY}"),
    ):
        ask(method, path, "another method", headers=CRON if path.endswith("tick") else None)


def _assistants(recorder: Recorder, product: Product) -> str:
    """The directory: an assistant's id."""
    ask = recorder.ask
    ask("GET", "/api/assistants", "nothing yet")
    secret = CONFIG | {"server": {"url": "https://hooks.example/in", "headers": {"X-Key": "hush-7f3b9c1d-hush"}}}
    created = ask("POST", "/api/assistants", json={"name": "Ada", "config": secret})["assistant"]
    path = f"/api/assistants/{created['id']}"
    ask("GET", path)
    changes = (
        {"name": "Eve", "config": {"firstMessage": "Hello ü", "model": {"provider": "openai", "model": "gpt-4.1",
                                                                       "temperature": 0.3}}},
        {"active": False}, {"active": True}, {},
        {"config": {"firstMessage": 1}}, {"config": []}, {"name": "x" * 41},
        {"config": {"server": {"url": "https://evil.example"}}},
    )  # fmt: skip
    for change in changes:
        ask("PATCH", path, str(change)[:60], json=change)
    ask("POST", f"{path}/clone", json={"name": "Copy"})
    copy = ask("POST", f"{path}/clone", "no body")["assistant"]
    theirs = product.client.create_assistant({"name": "Theirs", "firstMessage": "Hi"}).id
    ask("POST", "/api/assistants/import", json={"provider_assistant_id": theirs, "name": "Ours"})
    ask("POST", "/api/assistants/import", "again, in camelCase", json={"providerAssistantId": theirs})
    ask("POST", "/api/assistants/import", "nobody there", json={"provider_assistant_id": NOBODY})
    ask("POST", "/api/assistants/import", "nothing given", json={})
    for about, parts in {
        "no JSON": {"content": b"{", "headers": {"Content-Type": "application/json"}},
        "no body": {},
        "no object": {"json": []},
        "no config": {"json": {"name": "Ada"}},
        "half a character": {"content": b'{"name": "\\ud800", "config": {}}',
                             "headers": {"Content-Type": "application/json"}},
        "NUL": {"json": {"name": "a\x00", "config": {}}},
        "too deep": {"content": b'{"name": "x", "config": ' + b'{"a":' * 250 + b"1" + b"}" * 251,
                     "headers": {"Content-Type": "application/json"}},
        "refused by the provider": {"json": {"name": "Ada", "config": {"madeUp": 1}}},
        "a name that is taken": {"json": {"name": "Eve", "config": CONFIG}},
        "too large": {"content": b"x" * 3_000_000, "headers": {"Content-Type": "application/json"}},
    }.items():  # fmt: skip
        ask("POST", "/api/assistants", about, **parts)
    ask("GET", "/api/assistants?active=true&limit=1")
    ask("DELETE", f"/api/assistants/{copy['id']}")
    for method, more in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/clone")):
        ask(method, f"/api/assistants/{NOBODY}{more}", json={"name": "Nobody"} if method == "PATCH" else None)
        ask(method, f"/api/assistants/x{more}", json={"name": "Nobody"} if method == "PATCH" else None)
    return str(created["id"])


def _phone_numbers(recorder: Recorder) -> None:
    recorder.ask("GET", "/api/phone-numbers")
    recorder.ask("GET", "/api/phone-numbers?page=2&limit=2")


def _upload(recorder: Recorder, about: str, content: bytes, **fields: Any) -> Any:
    files = {"contacts": ("contacts.csv", content, "text/csv")}
    return recorder.ask("POST", "/api/campaigns", about, data=fields, files=files)


def _new_campaigns(recorder: Recorder, assistant: str) -> None:
    """Lists that are taken, and lists and forms that are not."""
    good = {"name": "Spring", "assistant_id": assistant, "phone_number_id": LINES[0]}
    _upload(recorder, "a list with everything wrong", LIST, **good, cap="3")
    camel = {"name": "Herbst ü", "assistantId": assistant, "phoneNumberId": LINES[1], "callingHours": HOURS}
    _upload(recorder, "every field", b"name,company,phone\nAna,Bell,0170 1234567\n", **camel, mode="batch",
            region="de", quietLine="true")  # fmt: skip
    for fields in (
        {"name": ""}, {"assistant_id": ""}, {"assistant_id": "x"}, {"assistant_id": NOBODY}, {"cap": "many"},
        {"cap": "51"}, {"mode": "fast"}, {"phone_number_id": "made-up"}, {"name": "x" * 121}, {"name": "a\x00b"},
        {"region": "xx"}, {"calling_hours": "9 to 5"}, {"calling_hours": '{"from": "25:00", "until": "1", "days": []}'},
    ):  # fmt: skip
        _upload(recorder, str(fields)[:60], LIST, **(good | fields))
    _upload(recorder, "nobody can be called", b"name,business,phone\nAna,Bell,12\n", **good)
    _upload(recorder, "no list", b"", **good)
    _upload(recorder, "too large", b"x" * 1_048_577, **good)
    recorder.ask("POST", "/api/campaigns", "no file", data={"name": "x"})
    recorder.ask("POST", "/api/campaigns", "a broken form", content=b"--x",
                 headers={"Content-Type": "multipart/form-data"})  # fmt: skip
    recorder.ask("GET", "/api/campaigns?limit=1")


def _lifecycle(recorder: Recorder, assistant: str) -> None:
    """Every button of a campaign that nobody dials for."""
    ask = recorder.ask
    created = _upload(recorder, "to be pressed", b"name,company,phone\nAna,Bell,+14155550123\n", name="Buttons",
                      assistant_id=assistant, phone_number_id=LINES[0])  # fmt: skip
    path = f"/api/campaigns/{created['campaign']['id']}"
    ask("GET", f"{path}/explanation", "not started")
    ask("GET", f"{path}/export.csv", "not started")
    contact = ask("GET", f"{path}/contacts")["contacts"][0]["id"]
    for button in ("pause", "start", "start", "pause", "resume"):
        ask("POST", f"{path}/{button}")
    ask("GET", f"{path}/explanation", "no scheduler")
    ask("GET", f"/api/contacts/{contact}/explanation", "no scheduler")
    ask("DELETE", path, "while it dials")
    ask("DELETE", f"/api/assistants/{assistant}", "while it is used")
    for button in ("stop", "stop?hang_up=maybe", "stop?hang_up=true", "start"):
        ask("POST", f"{path}/{button}")
    ask("GET", f"{path}/explanation", "stopped")
    ask("DELETE", path)
    ask("DELETE", path, "again")


def _a_whole_campaign(recorder: Recorder, product: Product, assistant: str) -> str:
    """From the list to the export, by a scheduler: the campaign's id."""
    ask = recorder.ask
    created = _upload(recorder, "to be called", b"name,company,phone\n" + CALLED.encode(), name="Called",
                      assistant_id=assistant, phone_number_id=LINES[0])  # fmt: skip
    path = f"/api/campaigns/{created['campaign']['id']}"
    recorder.http.post(f"{path}/start").raise_for_status()
    product.start_scheduler()

    eventually(lambda: recorder.http.get(path).json()["campaign"]["status"] == "COMPLETED", "the calls")
    ask("GET", "/api/health", "a scheduler")
    product.kill("scheduler", signal.SIGTERM)
    ask("GET", path)
    contacts = ask("GET", f"{path}/contacts")["contacts"]
    for query in ("state=settled&limit=2&page=2", "state=waiting", "search=Person 101", "search=%25", "state=made-up"):
        ask("GET", f"{path}/contacts?{query}")
    ask("GET", f"{path}/export.csv")
    for contact in contacts[:3]:
        ask("GET", f"/api/calls/{contact['call_id']}", contact["name"])
    ask("GET", f"/api/contacts/{contacts[0]['id']}/explanation")
    return path


def _a_live_campaign(recorder: Recorder, product: Product, assistant: str) -> str:
    """A call that is under way, one in doubt, and one hung up: its path."""
    ask = recorder.ask
    product.knobs(call_seconds=ENDLESS_SECONDS)
    created = _upload(recorder, "to be live", b"name,company,phone\nAna,Bell,+14155550201\nBo,Bo,+14155550202\n",
                      name="Live", assistant_id=assistant, phone_number_id=LINES[1], cap="1")  # fmt: skip
    path = f"/api/campaigns/{created['campaign']['id']}"
    ask("POST", f"{path}/start")
    ask("POST", "/api/scheduler/tick", headers=CRON)
    contact = ask("GET", f"{path}/contacts?state=calling")["contacts"][0]
    call, theirs = f"/api/calls/{contact['call_id']}", contact["provider_call_id"]
    ask("GET", path, "dialing")
    ask("GET", f"{path}/explanation", "dialing")
    _message(recorder, "under way", messages.status_update(theirs, "in-progress"))
    _message(recorder, "again", messages.status_update(theirs, "in-progress"))
    ask("GET", call, "under way")
    ask("POST", f"{call}/hang-up")
    ask("POST", f"{call}/hang-up", "again")
    _message(recorder, "over", messages.report(theirs))
    ask("GET", call, "over")
    ask("POST", f"{call}/hang-up", "over")
    product.knobs(rate_lost_answer=1.0)
    ask("POST", "/api/scheduler/tick", "the answer is lost", headers={"X-Cron-Secret": CRON_SECRET})
    ask("GET", path, "in doubt")
    ask("GET", f"{path}/contacts", "in doubt")
    ask("GET", f"{path}/export.csv", "in doubt")
    ask("POST", f"{path}/stop?hang_up=true")
    ask("DELETE", path, "in doubt")
    ask("POST", "/api/people/erase", "in doubt", json={"phone": "+14155550202"})
    product.knobs(rate_lost_answer=0.0)
    return call


def _message(recorder: Recorder, about: str, content: bytes, **headers: str) -> None:
    recorder.ask("POST", "/webhooks/vapi", about, content=content, headers=headers or SECRET)


def _messages(recorder: Recorder) -> None:
    """What Vapi may send, and what others may."""
    _message(recorder, "not proven", messages.report(NOBODY), **{"X-Vapi-Secret": "wrong"})
    _message(recorder, "no such call", messages.report(NOBODY))
    _message(recorder, "not used", b'{"message": {"type": "transcript"}}')
    _message(recorder, "cannot be interpreted", b'{"message": []}')
    _message(recorder, "no JSON", b"{")
    _message(recorder, "too large", b"x" * 10_485_761)
    recorder.ask("GET", "/webhooks/vapi", "another method")


def _without_costs(recorder: Recorder, address: str, campaign: str, call: str) -> None:
    """A server that shows no costs and exports nothing."""
    ask = recorder.ask
    eventually(lambda: _answers(f"{address}/api/health"), "the second server")
    for path in (campaign, f"{campaign}/contacts?limit=1", call, f"{campaign}/export.csv"):
        ask("GET", f"{address}{path}", "without costs")
    ask("POST", f"{address}/api/people/erase", "without costs", json={"phone": "+14155550100"})


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _people(recorder: Recorder) -> None:
    for body in (
        {"phone": "+14155550101"}, {"phone": "+1 415 555 0102", "is_kept_out": False}, {"phone": "+14155559999"},
        {"phone": "0170 123"}, {"phone": "+1"}, {}, {"phone": 1}, {"phone": "+" * 101},
    ):  # fmt: skip
        recorder.ask("POST", "/api/people/erase", str(body)[:60], json=body)


def _lists(recorder: Recorder, campaign: str) -> None:
    """Pages, and what there is nothing of."""
    ask = recorder.ask
    ask("GET", "/api/campaigns", "all")
    for path in ("/api/campaigns", "/api/assistants", "/api/phone-numbers", f"{campaign}/contacts"):
        ask("GET", f"{path}?limit=0")
    for query in ("limit=1001", "limit=x", "page=0", "page=1000000&limit=1000"):
        ask("GET", f"/api/campaigns?{query}")
    for thing in (NOBODY, "x"):
        for more in ("", "/contacts", "/export.csv", "/explanation"):
            ask("GET", f"/api/campaigns/{thing}{more}")
        for button in ("start", "pause", "resume", "stop"):
            ask("POST", f"/api/campaigns/{thing}/{button}")
        ask("DELETE", f"/api/campaigns/{thing}")
        ask("GET", f"/api/calls/{thing}")
        ask("POST", f"/api/calls/{thing}/hang-up")
        ask("GET", f"/api/contacts/{thing}/explanation")
    ask("DELETE", campaign)


def _away(recorder: Recorder, product: Product) -> None:
    """Too many wrong tokens; then the database is away; then the provider refuses, and is away, too."""
    ask = recorder.ask
    wrong = {"Authorization": "Bearer wrong"}
    for _ in range(100):
        recorder.http.get("/api/campaigns", headers=wrong)
    ask("GET", "/api/campaigns", "too many wrong tokens", headers=wrong)
    _shut(product.values["DATABASE_URL"])
    eventually(lambda: recorder.http.get("/api/health").status_code == 503, "the database's end")
    ask("GET", "/api/health", "the database is away")
    ask("GET", "/api/campaigns", "the database is away")
    ask("GET", "/metrics", "the database is away", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    _message(recorder, "the database is away", messages.report(NOBODY))
    product.knobs(api_key="another")
    ask("GET", "/api/phone-numbers", "the key is refused")
    product.kill("simulator")
    ask("GET", "/api/phone-numbers", "the provider is away")
    ask("POST", "/api/assistants", "the provider is away", json={"name": "Late", "config": CONFIG})


def _shut(database_url: str) -> None:
    """Let nobody into a database any more."""
    server, _, name = database_url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{name}" allow_connections false')  # type: ignore[call-overload]
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
