"""Refusals in the provider's own envelope."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus


class Refusal(Exception):
    """A request the provider answers with an error.

    The envelope is NestJS's: `message` is a list for validation errors and a sentence otherwise, as captured
    from the real API.
    """

    def __init__(
        self,
        status: int,
        message: str | list[str],
        headers: dict[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message if isinstance(message, str) else "; ".join(message))
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.more = more or {}

    def body(self) -> dict[str, object]:
        """Return the JSON body of the answer."""
        return {
            "message": self.message,
            "error": HTTPStatus(self.status).phrase,
            "statusCode": self.status,
            **self.more,
        }


class LostAnswer(Exception):
    """The request was done, and its connection is to be cut without an answer."""


def bad_request(message: str | list[str]) -> Refusal:
    """Return a 400."""
    return Refusal(400, message)


def not_found(kind: str, identifier: str) -> Refusal:
    """Return a 404; the wording of the real one is not confirmed."""
    return Refusal(404, f"Couldn't Find {kind}. `id` {identifier} Does Not Exist.")
