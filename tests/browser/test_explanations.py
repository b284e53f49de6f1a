"""What the pages say while nobody is dialed, and how calls under way are ended."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from tests.support.browsing import Visit, WholeProduct

CSV = b"name,business_name,phone\n" + b"".join(b"Person %d,Firm %d,+1415555%04d\n" % (n, n, n) for n in range(100, 200))
NEVER_NOW = '{"from": "00:00", "until": "00:01", "days": [1], "time_zone": "UTC"}'


def api(desk: WholeProduct, method: str, path: str, **content: object) -> dict:
    answer = httpx.request(
        method,
        f"http://127.0.0.1:{desk.values['WEBHOOK_PORT']}/api/{path}",
        headers={"Authorization": f"Bearer {desk.values['API_TOKEN']}"},
        trust_env=False,
        timeout=30,
        **content,  # type: ignore[arg-type]
    )
    answer.raise_for_status()
    found: dict = answer.json()
    return found


def campaign(desk: WholeProduct, name: str, **others: str) -> str:
    assistant = api(desk, "GET", "assistants")["assistants"][0]["id"]
    fields = {"name": name, "assistant_id": assistant} | others
    created = api(desk, "POST", "campaigns", data=fields, files={"contacts": ("contacts.csv", CSV)})["campaign"]
    api(desk, "POST", f"campaigns/{created['id']}/start")
    return str(created["id"])


def test_it_says_why_it_is_not_dialing_when_it_is_outside_calling_hours(desk: WholeProduct, visit: Visit) -> None:
    started = campaign(desk, "Sleepers", calling_hours=NEVER_NOW)

    visit.open(f"{desk.address}/campaign?id={started}")

    panel = visit.page.get_by_test_id("stAlert").filter(has_text="Why it is not dialing")
    expect(panel).to_contain_text("outside the calling hours")
    expect(panel).to_contain_text("Until")


def test_it_says_why_somebody_has_not_been_called_when_the_row_is_ticked(desk: WholeProduct, visit: Visit) -> None:
    started = campaign(desk, "Sleepers too", calling_hours=NEVER_NOW)
    visit.open(f"{desk.address}/campaign?id={started}")
    table = visit.page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible()

    box = table.bounding_box()
    assert box is not None
    visit.page.mouse.click(box["x"] + 18, box["y"] + 35 + 17)

    expect(visit.page.get_by_test_id("stToast")).to_contain_text("is not being called")


def test_it_hangs_up_when_a_campaign_is_stopped_so(desk: WholeProduct, visit: Visit) -> None:
    started = campaign(desk, "Stopped short", cap="2")
    visit.open(f"{desk.address}/campaign?id={started}")

    visit.page.get_by_role("button", name="Stop").click()
    visit.page.get_by_text("Hang up the calls under way").click()
    visit.page.get_by_role("button", name="Stop for good").click()

    expect(visit.page.get_by_text("Stopped by")).to_be_visible()
    found = api(desk, "GET", f"campaigns/{started}")["campaign"]
    assert found["status"] == "CANCELED"
