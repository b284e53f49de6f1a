"""A list's way through the API, the command line and the dialer: whose numbers, and every value as it was written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from autolynx.assistants.directory import create_assistant
from autolynx.campaigns.lifecycle import start_campaign
from autolynx.campaigns.new import create_campaign
from autolynx.models import NewCampaign
from rig.actors import TESTER
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually
from tests.support.command_line import run
from tests.support.web import BEARER, configured, problem, serving

LINE = "0c000000-0000-4000-8000-000000000001"
NATIONAL = """Name,Business,Phone,Sales,Sales %
Ada,Firm,020 7946 0123,1,2
Bo,Bar,+1 415 555 0123,3,4
Cy,Co,0044 20 7946 0124,5,6
"""


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        product.start_simulator()
        yield product


def upload(product: Product, content: str = NATIONAL, *, default: str | None = None, **fields: str) -> httpx.Response:
    """The API's answer to a list; `default` is its DEFAULT_PHONE_REGION."""
    settings = configured(
        product.values["DATABASE_URL"], vapi_base_url=product.values["VAPI_BASE_URL"], default_phone_region=default
    )
    with serving(settings) as http:
        given = {"name": "Spring", "assistant_id": assistant(product), "phone_number_id": LINE} | fields
        return http.post(
            "/api/campaigns", data=given, headers=BEARER, files={"contacts": ("list.csv", content.encode(), "text/csv")}
        )


def assistant(product: Product) -> str:
    config = {"firstMessage": "Hi {{name}}: {{note}}"}
    return str(create_assistant(product.database, product.client, name="Ada", config=config, actor=TESTER).id)


def countries(report: dict[str, Any]) -> dict[str, int]:
    return {country["name"]: country["numbers"] for country in report["countries"]}


@pytest.mark.parametrize(
    ("default", "fields", "region", "numbers"),
    [
        (None, {}, None, {"United Kingdom": 1, "United States": 1}),
        (None, {"region": "GB"}, "GB", {"United Kingdom": 2, "United States": 1}),
        (None, {"region": " gb "}, "GB", {"United Kingdom": 2, "United States": 1}),
        ("GB", {}, "GB", {"United Kingdom": 2, "United States": 1}),
        ("GB", {"region": ""}, "GB", {"United Kingdom": 2, "United States": 1}),
        ("GB", {"region": "none"}, None, {"United Kingdom": 1, "United States": 1}),
        ("GB", {"region": "US"}, "US", {"United Kingdom": 1, "United States": 1}),
    ],
)
def test_it_reads_national_numbers_only_as_the_country_that_somebody_chose(
    product: Product, default: str | None, fields: dict[str, str], region: str | None, numbers: dict[str, int]
) -> None:
    answer = upload(product, default=default, **fields)

    assert answer.status_code == 201, answer.text
    report = answer.json()["import_report"]
    assert (report["region"], countries(report)) == (region, numbers)
    assert report["accepted"] == sum(numbers.values())
    assert report["accepted"] + len(report["skipped"]) == report["total_rows"] == 3


@pytest.mark.parametrize("region", ["XX", "UK", "USA", "+1"])
def test_it_refuses_a_region_in_one_sentence_when_there_is_no_such_country(product: Product, region: str) -> None:
    answer = upload(product, region=region)

    assert answer.status_code == 422
    assert problem(answer)["message"] == (
        f'The region is "{region}"; accepted is a country\'s two letters as in ISO 3166, such as US, GB or DE; or none.'
    )


def test_it_tells_what_was_changed_and_renamed_when_it_answers_in_json(product: Product) -> None:
    report = upload(product).json()["import_report"]

    assert [(one["row"], one["column"], one["was"], one["now"]) for one in report["changes"]] == [
        (3, "Phone", "0044 20 7946 0124", "+442079460124")
    ]
    assert {one["title"]: one["used_as"] for one in report["columns"]} == {
        "Name": "name", "Business": "business_name", "Phone": "phone", "Sales": "sales", "Sales %": "sales_2",
    }  # fmt: skip


def command(product: Product, folder: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    file = folder / "list.csv"
    file.write_text(NATIONAL)
    named = ["--name", "S", "--assistant", assistant(product)]
    return run(product, "campaign", "create", *named, *more, str(file), **environment)


def test_it_says_on_the_terminal_who_is_left_out_what_is_changed_and_which_countries_are_called(
    product: Product, tmp_path: Path
) -> None:
    done = command(product, tmp_path)

    assert done.returncode == 0
    left_out, changed, renamed, called = done.stderr.splitlines()
    assert left_out.startswith('Row 1 is left out: The phone number "020 7946 0123" has no country code')
    assert changed == 'Row 3, Phone: "0044 20 7946 0124" is now "+442079460124". The number is read with + for the 00.'
    assert renamed == 'The column "Sales %" is used as sales_2.'
    assert called == "1 number in the United Kingdom and 1 in the United States will be called."


def test_it_takes_the_region_on_the_command_line_or_from_the_settings(product: Product, tmp_path: Path) -> None:
    by_option = json.loads(command(product, tmp_path, "--region", "gb", "--json").stdout)
    by_setting = json.loads(command(product, tmp_path, "--json", DEFAULT_PHONE_REGION="GB").stdout)
    by_neither = json.loads(command(product, tmp_path, "--region", "none", "--json", DEFAULT_PHONE_REGION="GB").stdout)

    accepted = [one["import_report"]["accepted"] for one in (by_option, by_setting, by_neither)]
    assert accepted == [3, 3, 2]


def test_it_refuses_a_region_on_the_command_line_when_there_is_no_such_country(
    product: Product, tmp_path: Path
) -> None:
    by_option = command(product, tmp_path, "--region", "UK")
    by_setting = command(product, tmp_path, DEFAULT_PHONE_REGION="UK")

    assert (by_option.returncode, by_option.stderr.count("\n")) == (1, 1)
    assert by_option.stderr.startswith('The region is "UK"; accepted is a country\'s two letters')
    assert by_setting.returncode != 0
    assert by_setting.stderr.startswith("DEFAULT_PHONE_REGION is 'UK'; accepted is a country's two letters")


def test_it_hands_the_provider_a_long_variable_exactly_when_it_dials(product: Product) -> None:
    note = ('Zeile 1 „ä“\n{{ nichts }}\\ "so" 👩‍🔧; ' * 200)[:4_990] + "|fin"
    quoted = note.replace('"', '""')
    content = f'name,business_name,phone,note,%\n"Ann Lee","Acme, Inc",+14155550123,"{quoted}",7\n'
    created = create_campaign(
        product.database,
        product.client,
        product.settings,
        NewCampaign(name="Long", assistant_id=assistant(product)),
        content.encode(),
        actor=TESTER,
    )
    assert created.import_report.changes == []
    start_campaign(product.database, created.campaign.id, actor=TESTER)
    product.start_scheduler()

    def dialed() -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{product.values['VAPI_BASE_URL']}/call",
            headers={"Authorization": f"Bearer {product.settings.provider_key}"},
            trust_env=False,
        )
        calls: list[dict[str, Any]] = answer.json()
        return calls

    (call,) = eventually(dialed, "a call at the provider")
    assert call["assistantOverrides"]["variableValues"] == {
        "note": note, "percent_sign": "7", "name": "Ann Lee", "business_name": "Acme, Inc",
    }  # fmt: skip
