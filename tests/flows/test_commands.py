"""`python -m autolynx …`: what scripts rely on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from autolynx.commands.terminal import print_table
from autolynx.database import Database
from autolynx.database.migrate import expected_version
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from tests.support.command_line import answer, refusal, run
from tests.support.desk import Desk

CONTACTS = "name,business_name,phone\nAda,Firm,+14152000001\nBob,Shop,+14152000002\nEve,Bar,12\n"


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        yield product


@pytest.fixture
def desk(product: Product) -> Product:
    """A product whose provider answers."""
    product.start_simulator()
    return product


def imported_assistant(product: Product) -> str:
    created = product.client.create_assistant({"name": "Ada", "firstMessage": "Hi {{name}}"})
    return answer(product, "assistant", "import", created.id).strip()


def created_campaign(product: Product, folder: Path, *more: str) -> str:
    (folder / "list.csv").write_text(CONTACTS)
    assistant = imported_assistant(product)
    return answer(
        product, "campaign", "create", "--name", "Spring", "--assistant", assistant, *more,
        str(folder / "list.csv"),
    )  # fmt: skip


def test_it_creates_a_campaign_and_prints_its_id(desk: Product, tmp_path: Path) -> None:
    campaign = created_campaign(desk, tmp_path, "--cap", "3", "--mode", "batch").strip()
    status = json.loads(answer(desk, "campaign", "status", campaign, "--json"))
    assert (status["id"], status["status"], status["cap"], status["mode"]) == (
        campaign,
        "CREATED",
        3,
        "batch",
    )
    assert status["total_contacts"] == 2


def test_it_creates_a_campaign_that_waits_for_a_quiet_line_and_keeps_calling_hours(
    desk: Product, tmp_path: Path
) -> None:
    hours = [
        "--calling-from",
        "09:00",
        "--calling-until",
        "17:30",
        "--calling-days",
        "1,3",
        "--time-zone",
        "Asia/Tokyo",
    ]
    created = json.loads(created_campaign(desk, tmp_path, "--quiet-line", *hours, "--json"))["campaign"]

    assert {name: created[name] for name in ("quiet_line", "calling_from", "calling_until")} == {
        "quiet_line": True,
        "calling_from": "09:00:00",
        "calling_until": "17:30:00",
    }
    assert (created["calling_days"], created["time_zone"]) == ([1, 3], "Asia/Tokyo")


def test_it_waits_for_nothing_and_keeps_no_hours_when_not_told_to(desk: Product, tmp_path: Path) -> None:
    created = json.loads(created_campaign(desk, tmp_path, "--json"))["campaign"]

    assert (created["quiet_line"], created["calling_from"], created["calling_days"]) == (False, None, None)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--cap=51"], "The cap is 51; accepted is a whole number from 1 to 50."),
        (["--name= "], "The campaign's name has 0 characters; accepted are 1 to 120."),
        (["--calling-until=18:00"], 'The calling hours are "" to "18:00"; accepted are two times of a day like 09:00'),
        (
            ["--calling-from=09:00", "--calling-until=18:00", "--calling-days=8"],
            "The calling days are [8]; accepted are",
        ),
        (["--calling-from=9:00", "--calling-until=18:00"], 'The calling hours are "9:00" to "18:00"; accepted are two'),
        (["--calling-from=09:00", "--calling-until=18:00", "--time-zone=Mars"], 'The time zone is "Mars"; accepted is'),
    ],
)
def test_it_refuses_a_campaign_in_one_line(desk: Product, tmp_path: Path, options: list[str], sentence: str) -> None:
    (tmp_path / "list.csv").write_text(CONTACTS)
    named = ["--name", "S", "--assistant", imported_assistant(desk)]

    said = refusal(desk, "campaign", "create", *named, *options, str(tmp_path / "list.csv"))

    assert said.startswith(sentence)


def test_it_writes_money_and_times_as_the_api_does(desk: Product, tmp_path: Path) -> None:
    campaign = created_campaign(desk, tmp_path).strip()
    desk.start_webhook_server()
    headers = {"Authorization": f"Bearer {desk.values['API_TOKEN']}"}
    address = f"http://127.0.0.1:{desk.webhook_port}/api/campaigns/{campaign}"

    by_api = httpx.get(address, headers=headers).json()["campaign"]
    by_command = json.loads(answer(desk, "campaign", "status", campaign, "--json"))

    assert {name: by_command[name] for name in by_api} == by_api
    assert isinstance(by_command["progress"]["cost_usd"], float)
    assert by_command["created_at"].endswith("+00:00")


def test_it_reports_the_import_when_asked_for_json(desk: Product, tmp_path: Path) -> None:
    created = json.loads(created_campaign(desk, tmp_path, "--json"))
    assert created["campaign"]["name"] == "Spring"
    report = created["import_report"]
    assert (report["total_rows"], report["accepted"]) == (3, 2)
    assert [skipped["row"] for skipped in report["skipped"]] == [3]


def test_it_says_which_rows_are_left_out(desk: Product, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(CONTACTS)
    assistant = imported_assistant(desk)
    done = run(desk, "campaign", "create", "--name", "S", "--assistant", assistant, str(tmp_path / "list.csv"))
    assert done.stderr.startswith("Row 3 is left out: ")


def test_it_steers_a_campaign(desk: Product, tmp_path: Path) -> None:
    campaign = created_campaign(desk, tmp_path).strip()
    steps = [("start", "QUEUED"), ("pause", "PAUSED"), ("resume", "QUEUED"), ("stop", "CANCELED")]
    for verb, status in steps:
        assert json.loads(answer(desk, "campaign", verb, campaign, "--json"))["status"] == status
    assert answer(desk, "campaign", "status", campaign).startswith("Spring: CANCELED")


def test_it_names_the_command_line_in_the_audit_log(desk: Product, tmp_path: Path, connection) -> None:
    created_campaign(desk, tmp_path)
    actors = {row[0] for row in connection.execute("select actor from public.audit_log").fetchall()}
    assert all(actor.endswith("command line)") or actor == "command line" for actor in actors)
    assert actors


def test_it_exports_a_campaign_as_csv(desk: Product, tmp_path: Path) -> None:
    campaign = created_campaign(desk, tmp_path).strip()
    rows = list(csv.reader(answer(desk, "campaign", "export", campaign).splitlines()))
    assert rows[0][:3] == ["name", "business_name", "phone"]
    assert [row[2] for row in rows[1:]] == ["+14152000001", "+14152000002"]
    answer(desk, "campaign", "export", campaign, "--output", str(tmp_path / "out.csv"))
    assert list(csv.reader((tmp_path / "out.csv").read_text().splitlines())) == rows


def test_it_lists_and_exports_assistants(desk: Product) -> None:
    assistant = imported_assistant(desk)
    assert assistant in answer(desk, "assistant", "list")
    listed = json.loads(answer(desk, "assistant", "list", "--json"))
    assert [each["id"] for each in listed] == [assistant]
    assert json.loads(answer(desk, "assistant", "export", assistant))["firstMessage"] == "Hi {{name}}"


def test_it_adds_a_user_whose_password_comes_from_the_input(product: Product, database: Database) -> None:
    answer(product, "user", "add", "ana@example.com", "--role", "viewer", given="tall green lamp post\n")
    found = database.call("find_user", email="ana@example.com")["user"]
    assert (found["email"], found["role"]) == ("ana@example.com", "viewer")
    assert "tall green lamp post" not in str(found)


def test_it_says_that_the_database_is_up_to_date(product: Product) -> None:
    told = answer(product, "migrate")
    assert told == f"Nothing to do: the database is at version {expected_version()}.\n"


def test_it_takes_a_migration_back_and_applies_it_again(product: Product) -> None:
    assert answer(product, "migrate", "--rollback", "1") == f"Took back 1 migration: {expected_version()}.\n"
    assert answer(product, "migrate") == f"Applied 1 migration: {expected_version()}.\n"


def test_it_prints_the_address_of_the_database(product: Product, database_url: str) -> None:
    assert answer(product, "database-url") == f"{database_url}\n"


def test_it_finds_what_is_missing(product: Product) -> None:
    done = run(product, "check", "--json")
    found = {each["part"]: each["is_ok"] for each in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1
    assert (found["settings"], found["database"], found["schema"]) == (True, True, True)
    assert (found["scheduler"], found["provider"], found["webhook server"]) == (False, False, False)


def alarms(product: Product) -> list[tuple[bool, str]]:
    checks = json.loads(run(product, "check", "--json").stdout)["checks"]
    return [(check["is_ok"], check["sentence"]) for check in checks if check["part"] == "alarms"]


def test_it_names_each_open_alarm_when_it_checks(product: Product, connection) -> None:
    assert alarms(product) == [(True, "None is open.")]
    for subject in ("a", "b"):
        connection.execute(
            "select internal.raise_alarm('call_turned_up', %s, 'It turned up.', '2026-11-23 12:00+00')", (subject,)
        )
    product.database.call("begin_recovery", actor="Eva")

    found = alarms(product)

    assert [is_ok for is_ok, _ in found] == [False] * 3
    assert "restored or replaced" in found[0][1]
    assert [sentence for _, sentence in found[1:]] == [
        "2026-11-23 12:00:00 UTC: It turned up. Press Seen on any page when somebody has looked."
    ] * 2


def test_it_dials_nobody_after_a_restore(product: Product, connection) -> None:
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)

    said = answer(product, "check", "--after-restore", "--since", since.isoformat().replace("+00:00", "Z"))

    assert said == (
        f"Vapi is asked for every call since {since:%Y-%m-%d %H:%M:%S} UTC, and nobody is dialed until all of them are "
        "known; that takes a running scheduler, and 6 seconds at least.\n"
    )
    assert "restored or replaced" in product.database.call("list_alarms")["alarms"][0]["text"]
    actor, details = connection.execute(
        "select actor, details from public.audit_log where action = 'database.recovery_began'"
    ).fetchone()
    assert actor.endswith("command line)") or actor == "command line"
    assert datetime.fromisoformat(details["since"]) == since


def test_it_asks_since_the_last_that_the_database_holds_when_no_time_is_given(product: Product, connection) -> None:
    Desk(product.database).dialed()
    (last,) = connection.execute("select max(created_at) from public.calls").fetchone()

    said = json.loads(answer(product, "check", "--after-restore", "--json"))

    assert datetime.fromisoformat(said["forgot_since"]) == last


def test_it_tells_calls_in_doubt_from_those_on_the_line(product: Product) -> None:
    desk, now = Desk(product.database), datetime.now(UTC)
    campaign = desk.campaign(4, now=now)
    in_doubt, over, _dialing = desk.claim(3, now=now)
    desk.in_doubt(in_doubt, now=now)
    desk.event(desk.dial(over, now=now), "ENDED", now=now)

    told = answer(product, "campaign", "status", campaign)

    assert "0 of 4 contacts settled, 1 on the line, 1 in doubt, 1 awaiting results, 1 waiting" in told
    assert "- Vapi's answer to 1 dial was lost" in told
    assert " Until " in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--after-restore", "--since", "yesterday"], "'yesterday' is no time; write it as 2026-11-23T12:00:00Z"),
        (["--after-restore", "--since", "2026-11-23T12:00"], "'2026-11-23T12:00' has no time zone; append Z for UTC"),
        (["--after-restore", "--since", "2999-01-01T00:00Z"], "'2999-01-01T00:00Z' is in the future"),
        (["--after-restore", "--since", "0001-01-01T00:00+05:00"], "'0001-01-01T00:00+05:00' is before there was"),
        (["--since", "2026-01-01T00:00Z"], "belongs to --after-restore"),
    ],
)
def test_it_refuses_a_time_it_cannot_ask_from(product: Product, arguments: list[str], sentence: str) -> None:
    said = refusal(product, "check", *arguments, code=2)
    assert said.startswith(f"python -m autolynx check: argument --since: {sentence}")
    assert product.database.call("list_alarms")["alarms"] == []


def test_it_wants_secrets_when_calls_are_real(product: Product) -> None:
    environment = {"VAPI_API_KEY": "k", "WEBHOOK_SHARED_SECRET": "", "WEBHOOK_PUBLIC_URL": ""}
    checks = json.loads(run(product, "check", "--json", **environment).stdout)["checks"]
    secrets = next(each for each in checks if each["part"] == "secrets")
    assert not secrets["is_ok"]
    assert "WEBHOOK_SHARED_SECRET and WEBHOOK_PUBLIC_URL must be set" in secrets["sentence"]


def test_it_refuses_secrets_that_can_be_guessed_when_calls_are_real(product: Product) -> None:
    real = {"VAPI_BASE_URL": "http://provider.invalid", "DIAL_VISIBILITY_SECONDS": "600"}
    weak = real | {"VAPI_API_KEY": "k", "WEBHOOK_SHARED_SECRET": "x", "API_TOKEN": "x"}

    said = refusal(product, "check", **weak)
    assert said.startswith("WEBHOOK_SHARED_SECRET has 1 character; accepted is a random text")

    strong = {"WEBHOOK_SHARED_SECRET": uuid4().hex, "API_TOKEN": uuid4().hex}
    public = {"WEBHOOK_PUBLIC_URL": "https://webhooks.invalid"}
    done = run(product, "check", "--json", **(weak | strong | public))
    secrets = next(each for each in json.loads(done.stdout)["checks"] if each["part"] == "secrets")
    assert (done.returncode, secrets["is_ok"]) == (1, False)
    assert secrets["sentence"].startswith("VAPI_API_KEY is too short")


def test_it_exports_an_assistant_without_its_secrets(desk: Product) -> None:
    config = {"server": {"url": "https://x.example", "headers": {"Authorization": "Bearer hush-hush-1"}}}
    provider_id = desk.client.create_assistant({"name": "Ada"} | config).id
    shown = answer(desk, "assistant", "import", provider_id, "--json")

    shown += answer(desk, "assistant", "export", json.loads(shown)["id"]) + answer(desk, "assistant", "list", "--json")

    assert shown.count("(hidden-value)") == 3
    assert "hush" not in shown


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["campaign", "status", "x"], 1, '"x" is not the id of a campaign; accepted is a UUID.'),
        (["campaign", "status", str(uuid4())], 1, "There is no campaign with the id "),
        (["campaign", "create", "--name=S", "--assistant=a", "/none.csv"], 1, "/none.csv cannot be read: "),
        (["campaign", "create", "x.csv"], 2, "python -m autolynx campaign create: the following arguments"),
        (["campaign", "create", "--calling-days=Mon", "x.csv"], 2, "python -m autolynx campaign create: argument --c"),
        (["migrate", "--rollback", "0"], 2, "python -m autolynx migrate: argument --rollback: 0 given"),
        (["dance"], 2, "python -m autolynx: argument <command>: invalid choice: 'dance'"),
        ([], 2, "python -m autolynx: the following arguments are required: <command>"),
    ],
)  # fmt: skip
def test_it_fails_in_one_line(product: Product, arguments: list[str], code: int, sentence: str) -> None:
    assert refusal(product, *arguments, code=code).startswith(sentence)


def test_it_names_a_wrong_setting_in_one_line(product: Product) -> None:
    said = refusal(product, "check", APP_PORT="abc")
    assert said == "APP_PORT is 'abc'; accepted is a whole number from 1 to 65535."


def test_it_names_the_address_it_tried_when_nothing_answers(product: Product) -> None:
    port = str(free_port())
    simulated = {"VAPI_BASE_URL": "", "SIMULATOR_PORT": port}

    said = refusal(product, "assistant", "import", "a", **simulated)

    assert said.startswith(f"Vapi cannot be reached; please try again. Tried http://127.0.0.1:{port}, where ")
    assert "`python -m autolynx up` starts everything" in said
    found = json.loads(run(product, "check", "--json", **simulated).stdout)["checks"]
    assert said in [each["sentence"] for each in found]
    said = refusal(product, "assistant", "import", "a")
    assert said.endswith(f"Tried {product.values['VAPI_BASE_URL']}.")
    unreachable = {"DATABASE_URL": f"postgresql://eva:secret@127.0.0.1:{port}/desk"}
    said = refusal(product, "assistant", "list", **unreachable)
    assert said.endswith(f"Tried 127.0.0.1:{port}/desk (DATABASE_URL).")
    assert "secret" not in said


def test_it_says_that_no_database_runs_when_there_is_none(product: Product, tmp_path: Path) -> None:
    embedded = {"DATABASE_URL": "", "AUTOLYNX_HOME": str(tmp_path / "none")}
    assert refusal(product, "database-url", **embedded) == (
        "The database does not run here; start it with `python -m autolynx up`."
    )
    assert refusal(product, "campaign", "status", "x", **embedded) == (
        "There is no database here yet; `python -m autolynx up` makes one."
    )


def test_it_hides_an_unexpected_error_behind_one_line_unless_debugging(product: Product) -> None:
    broken = {"DATABASE_URL": "postgresql://["}
    assert "Traceback" not in run(product, "campaign", "status", str(uuid4()), **broken).stderr


def test_it_aligns_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id", "name"), [(1, "Ada"), (22, "Bo")])
    assert capsys.readouterr().out == "id  name\n1   Ada\n22  Bo\n"
