"""The HTTP connection to the provider: its key, its time-outs, what is repeated and what never is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
)

from autolynx.errors import ProviderError, ProviderKeyRefused, ProviderUnavailable
from autolynx.http.certificates import trusted_certificates
from autolynx.http.loopback import is_loopback
from autolynx.vapi.lenient import http_date, safe_link
from autolynx.vapi.refusals import provider_error, retry_after_seconds
from autolynx.waiting.clock import SYSTEM_CLOCK, Clock
from autolynx.waiting.punctual_http import make_punctual, over_within

CONNECTIONS = 100  # at once, of each pool; so many hang-ups go on beside each other
TRIES = 3  # of everything but a dial
ANSWER_LASTS_SECONDS = 120.0  # from a request to the last byte of its answer; a recording may take longer
_LONGEST_PAUSE_SECONDS = 5.0
_MOST_REDIRECTS = 5
_EARLIEST_YEAR, _LATEST_YEAR = 2020, 2100
LEAVE_LASTS_SECONDS = 5.0  # from asking whether a request may be sent to sending it
# Node and uvicorn close an idle connection after 5 s; a dial must not meet one that is just being closed.
_KEEPALIVE_SECONDS = 3.0
#: with these surely nothing of the request has left
NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class NotSent(Exception):
    """Nothing was sent: it was not allowed any more, or not in time."""


class Connection:
    """A pool of connections to one provider. Threads may share it."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout_seconds: float,
        transport: httpx.BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        key = api_key.strip()
        if not (key.isascii() and key.isprintable()):
            raise ProviderKeyRefused
        self.clock = clock
        self._clock_lock = threading.Lock()
        self._provider_clock: tuple[datetime, float] | None = None
        self._authorization = {"Authorization": f"Bearer {key}"}
        self._timeout_seconds = timeout_seconds
        self._base = httpx.URL(base_url)
        self._is_local = is_loopback(self._base.host)
        self._http = httpx.Client(
            base_url=base_url,
            verify=trusted_certificates(is_told_by_environment=not self._is_local),
            timeout=timeout_seconds,
            limits=httpx.Limits(
                max_connections=CONNECTIONS,
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=_KEEPALIVE_SECONDS,
            ),
            transport=transport,
            event_hooks={"response": [self._note_clock]},
            trust_env=not self._is_local,  # no proxy between us and the simulator
        )
        if transport is None:
            make_punctual(self._http)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def provider_now(self) -> datetime | None:
        """What the provider's clock shows, by the `Date` of its last answer; None when none had one."""
        with self._clock_lock:
            known = self._provider_clock
        if known is None:
            return None
        told, at = known
        return told + timedelta(seconds=self.clock.elapsed() - at)

    def _note_clock(self, response: httpx.Response) -> None:
        """Read the provider's clock; an answer out of a cache (RFC 9111, `Age`) shows an old one."""
        if "Age" in response.headers or not self._is_ours(response.url):
            return
        told = http_date(response.headers.get("Date", ""))
        if told is None or not _EARLIEST_YEAR <= told.year < _LATEST_YEAR:  # a device that has lost its clock
            return
        with self._clock_lock:
            self._provider_clock = (told, self.clock.elapsed())

    def is_safe(self, link: str) -> bool:
        """True for a link of the provider's that may be followed."""
        return safe_link(link, allow_http_loopback=self._is_local) is not None

    def send(
        self,
        method: str,
        url: str,
        *,
        json: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
        is_repeatable: bool = True,
    ) -> httpx.Response:
        """Send, up to three times where a repetition does no harm, and return the success.

        An answer that takes longer than ANSWER_LASTS_SECONDS to come whole is none.

        `is_repeatable`: it does none even when the first request has arrived. The key goes to our provider
        only. Raises a ProviderError.
        """
        failures = httpx.TransportError if is_repeatable else NOTHING_SENT
        answers = _may_pass if is_repeatable else _is_429
        retrying = Retrying(
            sleep=self.clock.sleep,
            stop=stop_after_attempt(TRIES),
            wait=self._pause_seconds,
            retry=retry_if_exception_type(failures) | retry_if_result(answers),
            retry_error_callback=last_answer,
        )
        headers = self._authorization if self._is_ours(self._base.join(url)) else {}
        try:
            response: httpx.Response = retrying(self._request, method, url, json=json, params=params, headers=headers)
        except httpx.RequestError as error:
            raise ProviderUnavailable(details=type(error).__name__) from error
        if not response.is_success:
            raise provider_error(response)
        return response

    def _request(self, method: str, url: str, **others: Any) -> httpx.Response:
        with over_within(ANSWER_LASTS_SECONDS):
            return self._http.request(method, url, **others)

    @contextmanager
    def read(self, url: str, params: dict[str, str]) -> Iterator[httpx.Response]:
        """GET once and lend the success before its body is read, by the thread that asked. Raises a ProviderError.

        The body must have been read within ANSWER_LASTS_SECONDS of asking.
        """
        try:
            with (
                over_within(ANSWER_LASTS_SECONDS),
                self._http.stream("GET", url, params=params, headers=self._authorization) as response,
            ):
                if not response.is_success:
                    response.read()
                    raise provider_error(response)
                yield response
        except httpx.RequestError as error:
            raise ProviderUnavailable(details=type(error).__name__) from error

    def send_once(
        self, url: str, body: dict[str, Any], *, leave: Callable[[], bool], deadline: float
    ) -> httpx.Response:
        """POST once and return whatever is answered.

        `leave` is asked when the connection stands and the next thing is the request itself; nothing is sent without,
        nor after `deadline`, a time of our clock, nor when the answer to `leave` took long, as when the machine slept
        meanwhile. The answer is whole at most `timeout_seconds` after the deadline, or none. Raises NotSent or one of
        NOTHING_SENT where nothing was sent, what `leave` raises, else another httpx.HTTPError.
        """
        left = max(deadline - self.clock.elapsed(), 0.001)
        share = left / 3  # a place in the pool, the connection, the writing

        def ask_for_leave(event: str, details: dict[str, Any]) -> None:
            if not event.endswith("send_request_headers.started") or _opens_tunnel(details):
                return
            asked_at = self.clock.elapsed()
            if asked_at >= deadline or not leave():
                raise NotSent
            if self.clock.elapsed() - asked_at > LEAVE_LASTS_SECONDS:
                raise NotSent

        with over_within(min(left + self._timeout_seconds, ANSWER_LASTS_SECONDS)):
            return self._http.post(
                url,
                json=body,
                headers=self._authorization,
                timeout=httpx.Timeout(min(share, self._timeout_seconds), read=self._timeout_seconds),
                extensions={"trace": ask_for_leave},
            )

    def stream(self, path: str, headers: dict[str, str]) -> httpx.Response:
        """GET and follow to where the bytes lie, without the key once the host changes; nothing is read yet.

        Raises a ProviderError.
        """
        request = self._http.build_request("GET", path, headers=headers | self._authorization)
        try:
            for _ in range(_MOST_REDIRECTS):
                response = self._http.send(request, stream=True)
                if response.next_request is None:
                    return self._opened(response)
                response.close()
                request = response.next_request
                if not self.is_safe(str(request.url)):
                    break
        except httpx.RequestError as error:
            raise ProviderUnavailable(details=type(error).__name__) from error
        raise ProviderError("Vapi's link cannot be followed.")

    def _opened(self, response: httpx.Response) -> httpx.Response:
        if response.is_success or response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return response
        response.read()
        if self._is_ours(response.url):
            raise provider_error(response)
        raise ProviderUnavailable(f"Vapi's storage answered {response.status_code}; please try again.")

    def _pause_seconds(self, state: RetryCallState) -> float:
        backoff = self.clock.spread(0.5 * 2 ** (state.attempt_number - 1))
        if state.outcome is None or state.outcome.failed:
            return backoff
        return min(retry_after_seconds(state.outcome.result()) or backoff, _LONGEST_PAUSE_SECONDS)

    def _is_ours(self, url: httpx.URL) -> bool:
        return (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)


def _opens_tunnel(details: dict[str, Any]) -> bool:
    """True for the CONNECT that asks a proxy for a tunnel; the request itself comes after."""
    return getattr(details.get("request"), "method", None) == b"CONNECT"


def _is_429(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS


def _may_pass(response: httpx.Response) -> bool:
    return _is_429(response) or response.is_server_error


def last_answer(state: RetryCallState) -> Any:
    """What came of the last try, when there is no other."""
    return None if state.outcome is None else state.outcome.result()
