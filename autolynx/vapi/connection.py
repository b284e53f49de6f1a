"""The HTTP connection to the provider: its key, its time-outs, what is repeated and what never is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
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
from autolynx.settings import LOOPBACK
from autolynx.vapi.lenient import safe_link
from autolynx.vapi.refusals import provider_error, retry_after_seconds

CONNECTIONS = 60
TRIES = 3  # of everything but a dial
_LONGEST_PAUSE_SECONDS = 5.0
_MOST_REDIRECTS = 5
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


class Connection:
    """A pool of connections to one provider. Threads may share it."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout_seconds: float,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        key = api_key.strip()
        if not (key.isascii() and key.isprintable()):
            raise ProviderKeyRefused
        self.sleep, self.clock = sleep, clock
        self._authorization = {"Authorization": f"Bearer {key}"}
        self._timeout_seconds = timeout_seconds
        self._base = httpx.URL(base_url)
        self._is_local = self._base.host in LOOPBACK
        self._http = httpx.Client(
            base_url=base_url,
            timeout=timeout_seconds,
            limits=httpx.Limits(
                max_connections=CONNECTIONS,
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=_KEEPALIVE_SECONDS,
            ),
            transport=transport,
            trust_env=not self._is_local,  # no proxy between us and the simulator
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

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

        `is_repeatable`: it does none even when the first request has arrived. The key goes to our provider
        only. Raises a ProviderError.
        """
        failures = httpx.TransportError if is_repeatable else NOTHING_SENT
        answers = _may_pass if is_repeatable else _is_429
        retrying = Retrying(
            sleep=self.sleep,
            stop=stop_after_attempt(TRIES),
            wait=_pause_seconds,
            retry=retry_if_exception_type(failures) | retry_if_result(answers),
            retry_error_callback=_last_answer,
        )
        headers = self._authorization if self._is_ours(self._base.join(url)) else {}
        try:
            response: httpx.Response = retrying(
                self._http.request, method, url, json=json, params=params, headers=headers
            )
        except httpx.RequestError as error:
            raise ProviderUnavailable(details=type(error).__name__) from error
        if not response.is_success:
            raise provider_error(response)
        return response

    def send_once(self, url: str, body: dict[str, Any], *, deadline: float) -> httpx.Response:
        """POST once and return whatever is answered; nothing is sent after `deadline`, a time of our clock.

        Raises one of NOTHING_SENT where that is sure, else another httpx.HTTPError.
        """
        share = max(deadline - self.clock(), 0.001) / 3  # a place in the pool, the connection, the writing

        def refuse_when_late(event: str, _details: dict[str, Any]) -> None:
            # a slow name server is bounded by no time-out of httpx
            if event.endswith("send_request_headers.started") and self.clock() >= deadline:
                raise httpx.ConnectTimeout("The time for this request is over.")

        return self._http.post(
            url,
            json=body,
            headers=self._authorization,
            timeout=httpx.Timeout(min(share, self._timeout_seconds), read=self._timeout_seconds),
            extensions={"trace": refuse_when_late},
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

    def _is_ours(self, url: httpx.URL) -> bool:
        return (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)


def _is_429(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS


def _may_pass(response: httpx.Response) -> bool:
    return _is_429(response) or response.is_server_error


def _pause_seconds(state: RetryCallState) -> float:
    backoff: float = 0.5 * 2 ** (state.attempt_number - 1) * random.uniform(0.8, 1.2)
    if state.outcome is None or state.outcome.failed:
        return backoff
    return min(retry_after_seconds(state.outcome.result()) or backoff, _LONGEST_PAUSE_SECONDS)


def _last_answer(state: RetryCallState) -> Any:
    return None if state.outcome is None else state.outcome.result()
