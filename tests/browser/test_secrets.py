"""Nobody who looks at an assistant sees the secrets in it, and whoever changes it keeps them."""

from __future__ import annotations

import json

import httpx
from playwright.sync_api import expect

from tests.support.browsing import Visit, WholeProduct

HUSH = "hush-5d1c9b7e-hush"
CONFIG = {
    "name": "Theirs with secrets",
    "firstMessage": "Hi {{name}}",
    "model": {
        "provider": "openai",
        "model": "gpt-4.1",
        "messages": [{"role": "system", "content": "You are kind."}],
        "tools": [{"type": "function", "server": {"url": "https://t.example", "headers": {"Authorization": HUSH}}}],
    },
    "voice": {"provider": "11labs", "voiceId": "sarah"},
    "server": {"url": f"https://me:{HUSH}@s.example/{HUSH}?t={HUSH}", "headers": {"X-Key": HUSH}},
    "metadata": {"crm": {"key": HUSH}, "account_pin": HUSH},
}


def test_it_shows_no_secret_on_a_page_and_keeps_each_when_somebody_saves(desk: WholeProduct, visit: Visit) -> None:
    provider = f"http://127.0.0.1:{desk.values['SIMULATOR_PORT']}/assistant"
    key = {"Authorization": "Bearer any"}
    provider_id = httpx.post(provider, json=CONFIG, headers=key).json()["id"]
    ours = json.loads(desk.run("assistant", "import", provider_id, "--json"))["id"]
    frames: list[str] = []
    visit.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    visit.open(f"{desk.address}/assistants")
    page = visit.page

    page.locator(f".st-key-view_{ours} button").click()
    expect(page.get_by_text("stands for a secret")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(f".st-key-change_{ours} button").click()
    page.get_by_label("Instruction (system prompt)").fill("Be brief.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is saved.")).to_be_visible()

    kept = httpx.get(f"{provider}/{provider_id}", headers=key).json()
    assert kept["model"]["messages"] == [{"role": "system", "content": "Be brief."}]
    assert kept["model"]["tools"] == CONFIG["model"]["tools"]
    assert (kept["server"], kept["metadata"]) == (CONFIG["server"], CONFIG["metadata"])
    assert frames
    assert HUSH not in "".join(frames) + page.content()
