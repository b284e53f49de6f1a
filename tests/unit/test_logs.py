"""Logs carry ids, and never a name or a phone number."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from autolynx.logs import PRIVATE_KEYS, configure_logs
from autolynx.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def settings(**values: Any) -> Settings:
    return load_settings(log_format="json", **values)


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    captured = capsys.readouterr()
    assert captured.out == ""
    line: dict[str, Any] = json.loads(captured.err.splitlines()[-1])
    return line


def test_it_writes_one_json_line_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    structlog.get_logger("autolynx.dialing.tick").info("dialed", call_id="c-1", attempts=2)
    line = last_line(capsys)
    assert (line["event"], line["call_id"], line["attempts"]) == ("dialed", "c-1", 2)
    assert (line["level"], line["logger"]) == ("info", "autolynx.dialing.tick")


@pytest.mark.parametrize("key", sorted(PRIVATE_KEYS))
def test_it_hides_what_belongs_to_a_person(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    structlog.get_logger().info("imported", **{key: "Ada Lovelace"})
    assert last_line(capsys)[key] == "(hidden)"


@pytest.mark.parametrize("number", ["+14155550123", "+1 415 555 0123", "+49 (30) 901820", "+1.415.555.0123"])
def test_it_hides_a_phone_number_wherever_it_stands(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    structlog.get_logger().info("refused", details=[{"why": f"{number} is no number"}], note=f"to {number}")
    assert number not in json.dumps(last_line(capsys))


def test_it_hides_a_phone_number_inside_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    try:
        raise ValueError("Key (phone)=(+14155550123) already exists")
    except ValueError:
        structlog.get_logger().exception("failed")
    line = last_line(capsys)
    assert "ValueError" in line["exception"]
    assert "4155550123" not in line["exception"]


def test_it_hides_secrets_by_their_key_and_in_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    hush = "hush-1f0a5e1f3a10"
    try:
        raise ValueError(f"postgresql://me:{hush}@db/x answered: Authorization: Bearer {hush}")
    except ValueError:
        structlog.get_logger().exception(
            "failed", api_token=hush, headers={"X-Any": hush}, url=f"https://x/?token={hush}"
        )
    assert hush not in json.dumps(last_line(capsys))


def test_it_leaves_times_and_ids_alone(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    when = "2026-11-22T11:49:00.123456+00:00"
    structlog.get_logger().info("seen", at=when, id="0b5bb1f6-6a5e-4a29-9f2c-1f0a5e1f3a10")
    line = last_line(capsys)
    assert (line["at"], line["id"]) == (when, "0b5bb1f6-6a5e-4a29-9f2c-1f0a5e1f3a10")


def test_it_gives_libraries_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings())
    logging.getLogger("library").info("Started with %s", "+14155550123")
    line = last_line(capsys)
    assert (line["event"], line["logger"]) == ("Started with (hidden)", "library")


def test_it_keeps_talkative_libraries_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings(log_level="info"))
    logging.getLogger("httpx").info("HTTP Request: GET https://api.vapi.ai/call")
    logging.getLogger("uvicorn.error").info("Uvicorn running on http://127.0.0.1:8502")
    assert capsys.readouterr().err == ""


def test_it_leaves_out_what_is_below_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(settings(log_level="warning"))
    structlog.get_logger().info("dialed")
    assert capsys.readouterr().err == ""


def test_it_writes_for_people_when_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(load_settings(log_format="console"))
    structlog.get_logger().info("dialed", call_id="c-1")
    written = capsys.readouterr().err
    assert "dialed" in written
    assert "call_id=c-1" in written
    assert "\x1b" not in written
