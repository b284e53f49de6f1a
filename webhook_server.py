"""Serve Vapi's messages in, the JSON API, health and metrics: `python webhook_server.py`."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

import uvicorn

from autolynx.api.application import connected, create_app
from autolynx.contacts import time_zone_rules
from autolynx.http.listening import OPTIONS
from autolynx.logs import configure_logs
from autolynx.settings import WrongSetting, load_settings
from autolynx.vapi.client import VapiClient

STOP_WITHIN_SECONDS = 8


def main() -> int:
    """Serve until SIGTERM or SIGINT. Answers the exit code."""
    try:
        settings = load_settings()
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 1
    configure_logs(settings)
    # uvicorn stops in good order, then raises the signal again: it must not end us before all is closed.
    signal.signal(signal.SIGTERM, _exit)
    client = VapiClient.from_settings(settings)
    try:
        with connected(settings) as databases, time_zone_rules.loading(databases.api):
            uvicorn.run(
                create_app(settings, databases, client),
                host=settings.webhook_host,
                port=settings.webhook_port,
                timeout_graceful_shutdown=STOP_WITHIN_SECONDS,
                **OPTIONS,
            )
    finally:
        client.close()
    return 0


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    """Unwind, once: a supervisor that dies sends one SIGTERM for each of its threads."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
