"""A call's recording while it streams through us: the provider's links expire and need its key."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import httpx

_MOST_DIGITS = 18  # of a length
DEFAULT_TYPE = "audio/wav"  # artifactPlan.recordingFormat `wav;l16`; the storage sometimes says octet-stream


class RecordingStream:
    """The bytes of a recording. Iterate once, or close; reading to the end closes too."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @property
    def status_code(self) -> int:
        """200, or 206 when a range was asked for and given, or 416."""
        return self._response.status_code

    @property
    def content_type(self) -> str:
        """Always some `audio/…`: what else a storage might say must not reach a browser as our page."""
        said = self._response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        return said if said.startswith("audio/") else DEFAULT_TYPE

    @property
    def content_length(self) -> int | None:
        """How many bytes will come, where the storage says."""
        said = self._response.headers.get("Content-Length", "")
        is_plain = "Content-Encoding" not in self._response.headers
        return int(said) if is_plain and said.isdecimal() and len(said) <= _MOST_DIGITS else None

    @property
    def content_range(self) -> str | None:
        """Which part of the whole this is, for a 206."""
        said: str | None = self._response.headers.get("Content-Range")
        return said

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_bytes(65536)
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection back. Safe to repeat."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
