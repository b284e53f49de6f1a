"""The curl lines of the README and of docs/api.md, typed as they stand there."""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from autolynx.assistants.directory import seed_templates
from rig.actors import TESTER
from rig.forking import running
from rig.product import ROOT, Product

TOKEN = "choose-a-long-random-text"
PORT = "127.0.0.1:8502"
#: curl, as typed, but an error ends the script; and what somebody who types sees before the next line
TYPED = """
set -euo pipefail
curl() { command curl --fail-with-body -sS "$@"; echo; }
seen() { until command curl -s -H "$auth" "$api/campaigns/$campaign$1" | grep -q "$2"; do sleep 0.1; done; }
"""


def block(page: str, first: str) -> str:
    """The shell block of a page that holds these words."""
    (found,) = [text for text in re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL) if first in text]
    return found


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path, API_TOKEN=TOKEN) as product:
        product.start_simulator(speed=60)
        product.start_webhook_server()
        product.start_scheduler()
        seed_templates(product.database, product.client, actor=TESTER)
        yield product


def typed(product: Product, text: str, folder: Path) -> str:
    """Type it into a shell; the output."""
    assert PORT in text
    (folder / "samples").symlink_to(ROOT / "samples")
    script = TYPED + text.replace(PORT, f"127.0.0.1:{product.webhook_port}")
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=product.kept_environment() | {"API_TOKEN": TOKEN},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_it_runs_the_readmes_curl_lines_as_they_stand(product: Product, tmp_path: Path) -> None:
    text = block("README.md", "curl -s")
    assert f"export API_TOKEN={TOKEN} " in text

    said = typed(product, text, tmp_path)

    (campaign,) = product.database.call("list_campaigns")["campaigns"]
    assert campaign["name"] == "Spring offer"
    assert campaign["status"] != "CREATED"
    assert campaign["total_contacts"] > 30
    assert "name,business_name,phone,status," in said


def test_it_runs_the_curl_lines_of_the_api_page_as_they_stand(product: Product, tmp_path: Path) -> None:
    lines = block("docs/api.md", "curl -H").splitlines()
    waits = {"call=": 'seen /contacts \'"call_id":"\'', "-X DELETE": "seen '' '\"active_calls\":0'"}
    text = "\n".join("\n".join([*(wait for words, wait in waits.items() if words in line), line]) for line in lines)

    said = typed(product, text, tmp_path)

    assert '"events":[' in said
    assert product.database.call("list_campaigns")["total"] == 0
    with (tmp_path / "results.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) > 30
