"""Logs: one line an event, on stderr, with ids - and never a name, a phone number or a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from autolynx.secrecy.masking import masked_text
from autolynx.secrecy.secret_names import is_secret_name
from autolynx.settings import Settings

#: Whatever is logged under these keys belongs to a person and is replaced.
PRIVATE_KEYS = frozenset(
    {"name", "business_name", "phone", "number", "customer", "contact", "transcript", "email", "summary"}
)
_HIDDEN = "(hidden)"
_PHONE_NUMBER = re.compile(r"\+\d[\d\s().-]{5,}\d")
#: Libraries that log what they send or whom they serve.
_TALKATIVE = ("httpx", "httpcore", "hpack", "urllib3", "uvicorn", "watchdog", "asyncio", "schedule")


def configure_logs(settings: Settings) -> None:
    """Send our own and every library's log through one form. Safe to repeat."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def without_people(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what belongs to a person, and secrets: by their keys, and phone numbers and tokens anywhere in a text."""
    return {
        key: _HIDDEN if key in PRIVATE_KEYS or is_secret_name(str(key)) else _masked(value)
        for key, value in event.items()
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_text(_PHONE_NUMBER.sub(_HIDDEN, value))
    if isinstance(value, dict):
        return without_people(None, "", value)
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    return value


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _last(settings: Settings) -> list[Processor]:
    """Masking comes last but one, when a traceback is a text already."""
    is_for_people = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    if is_for_people:
        return [without_people, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)]
    return [without_people, structlog.processors.JSONRenderer(default=str)]
