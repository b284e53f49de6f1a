"""Answers of the API, kept byte for byte: what is random gives way to one value of the same form.

So a recording of two runs is the same, and its bodies are still JSON that a schema can be held against.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from autolynx.http.certificates import trusted_certificates

_HEADERS = ("content-type", "allow", "retry-after", "www-authenticate", "content-disposition", "location")
_HEAD = "=== "
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")
_ADDRESS = re.compile(rb"127\.0\.0\.1:\d+")
#: Numbers that depend on how fast the machine is.
_MEASURED = re.compile(
    rb'("(?:seconds_since_heartbeat|answer_seconds|duration_seconds|talk_seconds|seconds_from_start)":)-?\d+(\.\d+)?'
)
_SIGNATURE = re.compile(rb"(signature=)[0-9a-f]+")
_EXPORTED_SECONDS = re.compile(rb"(?<=,)[0-9.]+(?=,http)")
_IN_NO_ORDER = re.compile(rb'(?<="provider_call_ids":\[)[^]]+')
_WAIT = re.compile(rb"(seconds_ago|alive|sign of life for) \d+ ")


@dataclass(frozen=True)
class Exchange:
    """A request and what was answered; `about` tells requests apart that look alike."""

    method: str
    path: str
    about: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


class Recorder:
    """Asks, and keeps the answers."""

    def __init__(self, address: str, token: str) -> None:
        self.http = httpx.Client(verify=trusted_certificates(), base_url=address, timeout=60, trust_env=False)
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.exchanges: list[Exchange] = []
        self._names: dict[bytes, bytes] = {}

    def ask(self, method: str, path: str, about: str = "", **parts: Any) -> Any:
        """The answer's JSON, or its text."""
        answer = self.http.request(method, path, **parts)
        headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
        if answer.status_code == 429:
            headers["retry-after"] = "1"
        self.exchanges.append(
            Exchange(method, self._settled(path.encode()).decode(), about, answer.status_code, headers,
                     self._settled(answer.content))
        )  # fmt: skip
        return answer.json() if headers.get("content-type") == "application/json" else answer.text

    def _settled(self, content: bytes) -> bytes:
        content = _UUID.sub(lambda found: self._named(found[0]), content)
        content = _MOMENT.sub(_same_moment, content)
        content = _ADDRESS.sub(b"127.0.0.1:8502", content)
        content = _WAIT.sub(rb"\1 1 ", content)
        content = _SIGNATURE.sub(rb"\1f00d", content)
        content = _EXPORTED_SECONDS.sub(lambda found: re.sub(rb"\d", b"0", found[0]), content)
        content = _IN_NO_ORDER.sub(lambda found: b",".join(sorted(found[0].split(b","))), content)
        return _MEASURED.sub(lambda found: found[1] + (b"1.5" if found[2] else b"1"), content)

    def _named(self, identifier: bytes) -> bytes:
        return self._names.setdefault(identifier, b"00000000-0000-4000-8000-%012d" % (len(self._names) + 1))


def _same_moment(found: re.Match[bytes]) -> bytes:
    """Noon, written with as many places as the moment was."""
    places = re.sub(rb"\d", b"0", found[1] or b"")
    return b"2026-11-23" + found[0][10:11] + b"12:00:00" + places


def figures_settled(text: bytes) -> bytes:
    """Prometheus' figures without their values, which are those of a moment."""
    return re.sub(rb" [-+0-9.e]+(Inf|NaN)?$", b" 0", text, flags=re.MULTILINE)


def written(exchanges: list[Exchange]) -> str:
    """A file's text: for each answer a line of the request, the status, the headers, and the body."""
    return "".join(_written(exchange) for exchange in exchanges)


def _written(exchange: Exchange) -> str:
    about = f"  # {exchange.about}" if exchange.about else ""
    headers = "".join(f"{name}: {value}\n" for name, value in exchange.headers.items())
    body = figures_settled(exchange.body) if exchange.path == "/metrics" and exchange.status == 200 else exchange.body
    text = body.decode("utf-8", "backslashreplace").replace("\r", "\\r")
    return f"{_HEAD}{exchange.method} {exchange.path}{about}\n{exchange.status}\n{headers}\n{text}\n\n"


def read(file: Path) -> Iterator[Exchange]:
    """What `written` wrote."""
    for part in file.read_text("utf-8").split(f"\n{_HEAD}"):
        head, _, body = part.removeprefix(_HEAD).partition("\n\n")
        request, status, *headers = head.split("\n")
        asked, _, about = request.partition("  # ")
        method, _, path = asked.partition(" ")
        named = dict(line.split(": ", 1) for line in headers)
        yield Exchange(method, path, about, int(status), named, body.removesuffix("\n").encode())
