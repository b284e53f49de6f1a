"""Vapi's REST API: one method an endpoint, answers as models, refusals as errors or as the ends of a dial.

Source: VapiAI/docs OpenAPI, 2026-08-18. There is no idempotency key: a repeated `POST /call` rings a second
phone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Context, localcontext
from functools import partial
from itertools import chain, count
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
import ijson
from tenacity import RetryCallState, Retrying, retry_if_result

from autolynx.errors import ProviderError, ProviderUnavailable
from autolynx.http import json_text
from autolynx.settings import Settings
from autolynx.vapi.connection import NOTHING_SENT, Connection, NotSent, last_answer
from autolynx.vapi.dialing import CallRequest, Dialed, RefusalKind, Refused, Unknown, accepted
from autolynx.vapi.lenient import read_json
from autolynx.vapi.pages import to_the_end
from autolynx.vapi.recording import RecordingStream
from autolynx.vapi.refusals import is_too_fast, refused, retry_after_seconds
from autolynx.vapi.wire import ListedCall, WireAssistant, WireCall, WirePhoneNumber
from autolynx.waiting.clock import SYSTEM_CLOCK, Clock

Answer = TypeVar("Answer", WireAssistant, WireCall, WirePhoneNumber)

PAGE_SIZE = 1000  # the most a list answers
CALLS_A_PAGE = 100  # a call may carry a transcript of megabytes
DIAL_DEADLINE_SECONDS = 20.0
DIAL_PAUSES_SECONDS = (1.0, 4.0, 10.0)  # before each repetition of a dial that was answered 429
_DIGITS = b"0123456789"
_MANY_DIGITS = re.compile(rb"([0-9]{400})[0-9]+")
_UNREADABLE = "Vapi's answer cannot be read; please try again."


class VapiClient:
    """The provider. Threads may share one. Every method but `create_call` may raise a ProviderError."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout_seconds: float = 20.0,
        transport: httpx.BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        def connection() -> Connection:
            return Connection(base_url, api_key, timeout_seconds=timeout_seconds, transport=transport, clock=clock)

        self._clock = clock
        self._connection = connection()
        self._hanging_up = connection()  # its own, so that no slow answer to anything else is in its way

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Make the client for the configured provider, or for the simulator that stands in."""
        return cls(settings.provider_url, settings.provider_key)

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()
        self._hanging_up.close()

    def provider_now(self) -> datetime | None:
        """What the provider's clock shows, as its last answer told; None before there was one."""
        return self._connection.provider_now()

    def create_assistant(self, config: dict[str, Any]) -> WireAssistant:
        """Create an assistant. Repeated only where surely nothing was created."""
        return _one(WireAssistant, self._connection.send("POST", "/assistant", json=config, is_repeatable=False))

    def get_assistant(self, assistant_id: str) -> WireAssistant:
        """One assistant. Raises ProviderNotFound."""
        return _one(WireAssistant, self._connection.send("GET", _path("assistant", assistant_id)))

    def update_assistant(self, assistant_id: str, config: dict[str, Any]) -> WireAssistant:
        """Change the fields sent, an object or a list as a whole. Raises ProviderNotFound."""
        path = _path("assistant", assistant_id)
        return _one(WireAssistant, self._connection.send("PATCH", path, json=config, is_repeatable=False))

    def delete_assistant(self, assistant_id: str) -> None:
        """Delete an assistant. Raises ProviderNotFound."""
        self._connection.send("DELETE", _path("assistant", assistant_id), is_repeatable=False)

    def list_assistants(self) -> list[WireAssistant]:
        """Every assistant of the account."""
        return self._all(WireAssistant, "/assistant")

    def list_phone_numbers(self) -> list[WirePhoneNumber]:
        """Every phone line of the account."""
        return self._all(WirePhoneNumber, "/phone-number")

    def get_call(self, call_id: str) -> WireCall:
        """One call as it is now. Raises ProviderNotFound."""
        return _one(WireCall, self._connection.send("GET", _path("call", call_id)))

    def list_calls(self, created_at_ge: datetime, phone_number_id: str | None = None) -> list[ListedCall]:
        """Every call created since then by the provider's clock, without exception: what is not in it is not listed.

        Of each call only who it is, however long its transcript. Raises ProviderUnavailable where the list cannot be
        read to its end.
        """
        line = {} if phone_number_id is None else {"phoneNumberId": phone_number_id}
        return to_the_end(lambda page: self._calls(line | page), CALLS_A_PAGE, since=created_at_ge)

    def _calls(self, params: dict[str, str]) -> list[ListedCall]:
        with self._connection.read("/call", params) as response:
            try:
                with localcontext(Context(traps=[])):  # a number that is none, like those that use_float refuses
                    return [ListedCall.model_validate(item) for item in ijson.items(_Body(response), "item")]
            except (ValueError, ijson.JSONError) as error:
                raise ProviderUnavailable(_UNREADABLE) from error

    def control_url(self, call_id: str) -> str | None:
        """Where a call is ended, if it can be; asked on the way hang-ups take. Raises ProviderNotFound."""
        return _one(WireCall, self._hanging_up.send("GET", _path("call", call_id))).monitor.control_url

    def end_call(self, control_url: str) -> None:
        """Hang up a live call. Safe to repeat. Raises ProviderNotFound when the call is over already."""
        if not self._connection.is_safe(control_url):
            raise ProviderError("The call has no usable control address; it cannot be ended from here.")
        self._hanging_up.send("POST", control_url, json={"type": "end-call"})

    def open_recording(
        self, call_id: str, *, kind: Literal["mono", "stereo"] = "mono", byte_range: str | None = None
    ) -> RecordingStream:
        """Begin to stream a call's recording; the caller reads to the end or closes.

        `byte_range`: a Range header to pass on. Raises ProviderNotFound while there is no recording.
        """
        headers = {"Accept-Encoding": "identity"} | ({"Range": byte_range} if byte_range else {})
        return RecordingStream(self._connection.stream(f"{_path('call', call_id)}/{kind}-recording", headers))

    def create_call(
        self,
        request: CallRequest,
        *,
        leave: Callable[[int], bool],
        deadline_seconds: float = DIAL_DEADLINE_SECONDS,
    ) -> Dialed:
        """Dial. Never raises for the provider's trouble, and repeats nothing but a 429 that speaks of no lines.

        `leave` is asked at the last moment before every request, with its number from 1; without it nothing is sent,
        and what it raises comes through: then, too, nothing was sent that the provider did not refuse. After
        `deadline_seconds` nothing is sent any more; the answer may take `timeout_seconds` longer.
        """
        deadline = self._clock.elapsed() + deadline_seconds
        sends = count(1)
        sending = Retrying(
            sleep=self._clock.sleep,
            stop=partial(self._is_last, deadline),
            wait=self._pause_seconds,
            retry=retry_if_result(is_too_fast),
            retry_error_callback=last_answer,
        )
        try:
            response: httpx.Response = sending(
                lambda: self._connection.send_once(
                    "/call", request.body, leave=partial(leave, next(sends)), deadline=deadline
                )
            )
        except NotSent:
            return Refused(RefusalKind.NOT_SENT, "not-sent", "The request was not sent.")
        except NOTHING_SENT as error:
            sentence = f"Vapi cannot be reached ({type(error).__name__}); nothing was dialed."
            return Refused(RefusalKind.UNREACHABLE, "unreachable", sentence)
        except httpx.HTTPError as error:
            return Unknown(f"No answer from Vapi: {type(error).__name__}.")
        return _dialed(response)

    def _pause_seconds(self, state: RetryCallState) -> float:
        if state.outcome is None or state.attempt_number > len(DIAL_PAUSES_SECONDS):
            return 0.0
        pause = DIAL_PAUSES_SECONDS[state.attempt_number - 1]
        return retry_after_seconds(state.outcome.result()) or self._clock.spread(pause)

    def _is_last(self, deadline: float, state: RetryCallState) -> bool:
        is_too_late = self._clock.elapsed() + state.upcoming_sleep >= deadline
        return is_too_late or state.attempt_number > len(DIAL_PAUSES_SECONDS)

    def _all(self, kind: type[Answer], path: str) -> list[Answer]:
        def page(params: dict[str, str]) -> list[Answer]:
            return _many(kind, self._connection.send("GET", path, params=params))

        return to_the_end(page, PAGE_SIZE)


class _Body:
    """A response that is a JSON array, as a file that is read in pieces."""

    def __init__(self, response: httpx.Response) -> None:
        pieces = _short_of_digits(response.iter_bytes())
        first = next(pieces, b"")
        if not first.lstrip().startswith(b"["):  # an empty object is not an empty list
            raise ProviderUnavailable(_UNREADABLE)
        self._pieces = chain((first,), pieces)

    def read(self, size: int = -1) -> bytes:
        """Some bytes, whatever came; none at the end."""
        return next(self._pieces, b"") if size else b""


def _short_of_digits(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same without the end of every row of digits that no identity has: yajl dies of a very long number."""
    held = b""
    for piece in pieces:
        whole = _MANY_DIGITS.sub(rb"\1", held + piece)
        begins = len(whole.rstrip(_DIGITS))
        held = whole[begins:]  # it may go on
        if begins:
            yield whole[:begins]
    if held:
        yield held


def _dialed(response: httpx.Response) -> Dialed:
    if not response.is_success:
        return refused(response)
    try:
        return accepted(WireCall.model_validate(read_json(response)))
    except ValueError:
        return Unknown(f"Vapi answered {response.status_code}, but not with a call.")


def _one(kind: type[Answer], response: httpx.Response) -> Answer:
    """One thing; of an assistant all is kept and sent back, so that it may hold nothing that would be altered."""
    try:
        is_kept_whole = kind is WireAssistant
        return kind.model_validate(json_text.read_strictly(response.content) if is_kept_whole else read_json(response))
    except json_text.OutOfBounds as error:
        raise ProviderError(f"Vapi's assistant cannot be taken over as it is. {error.message}") from error
    except ValueError as error:
        raise ProviderUnavailable(_UNREADABLE) from error


def _many(kind: type[Answer], response: httpx.Response) -> list[Answer]:
    try:
        items = read_json(response)
        if not isinstance(items, list):  # an empty object is not an empty list
            raise TypeError(type(items).__name__)
        return [kind.model_validate(item) for item in items]
    except (ValueError, TypeError) as error:
        raise ProviderUnavailable(_UNREADABLE) from error


def _path(collection: str, identifier: str) -> str:
    return f"/{collection}/{quote(identifier, safe='')}"
