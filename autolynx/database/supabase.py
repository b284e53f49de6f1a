"""The transport for a Supabase project: supabase-py's `rpc`, which is PostgREST over HTTPS."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import Any

import httpx
from postgrest.exceptions import APIError

from autolynx.database.arguments import checked_name, decode, encode
from autolynx.database.port import CALL_SECONDS, Database, Kind
from autolynx.database.refusals import NOT_FOUND, NOT_THE_SERVICE_ROLE, TOO_SLOW, WRONG_KEY, refusal
from autolynx.errors import AutoLynxError, Forbidden, Unavailable
from autolynx.http.certificates import trusted_certificates
from autolynx.waiting.flag import Flag
from autolynx.waiting.punctual_http import make_punctual, over_within
from supabase import Client, ClientOptions, create_client

# PostgREST ends a service_role statement after 8 s; waiting longer than this means the answer is lost.
_TIMEOUT = httpx.Timeout(CALL_SECONDS, connect=5.0)
_LONGEST_SLEEP_SECONDS = 1.0


class SupabaseDatabase(Database):
    """Calls SQL functions through a project's Data API; see `port.Database` for the contract.

    Threads: supabase-py promises nothing, so its source was read (2.34): `rpc` builds a fresh request from
    the client's constant headers and sends it through the one `httpx.Client`, which is documented as
    thread-safe; only signing in changes the client, and nobody signs in here. HTTP/1.1 on purpose: a thread
    has a connection to itself. supabase-py repeats only GET and HEAD; calls are POSTs, and repeats are off.
    """

    kind: Kind = "supabase"
    can_listen = False
    is_at_home_on_loops = False

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._start = threading.Lock()
        self._client: Client | None = None
        self._http: httpx.Client | None = None
        self._alarm = Flag()

    def call(self, function: str, /, **arguments: Any) -> Any:
        """See `port.Database.call`."""
        request = self._connected().rpc(checked_name(function), encode(arguments))
        try:
            with over_within(CALL_SECONDS):
                return request.execute().data
        except APIError as error:
            raise _raised(error) from error
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        except json.JSONDecodeError as error:
            raise AutoLynxError("Supabase answered with something that is no JSON.") from error

    def wait_for_work(self, timeout_seconds: float) -> bool:
        """PostgREST cannot notify: sleep at most a second and answer False."""
        if self._alarm.wait(min(timeout_seconds, _LONGEST_SLEEP_SECONDS)):
            self._alarm.lower()
        return False

    def wake(self) -> None:
        """See `port.Database.wake`."""
        self._alarm.raise_it()

    def close(self) -> None:
        """See `port.Database.close`."""
        self.wake()
        with self._start:
            if self._http is not None:
                self._http.close()

    def _connected(self) -> Client:
        with self._start:
            if self._client is None:
                self._http = _http_client(self._key)
                options = ClientOptions(
                    httpx_client=self._http,
                    postgrest_client_retry=False,
                    auto_refresh_token=False,
                    persist_session=False,
                )
                self._client = create_client(self._url, self._key, options)
                _ = self._client.postgrest  # made at first use, without a lock of its own
            if self._http is None or self._http.is_closed:
                raise Unavailable("The connection to the database has been closed.")
            return self._client


def _http_client(key: str) -> httpx.Client:
    hooks: dict[str, list[Any]] = {"response": [_exact_numbers]}
    if not _is_jwt(key):
        hooks["request"] = [_without_bearer]
    return make_punctual(
        httpx.Client(
            verify=trusted_certificates(),
            timeout=_TIMEOUT,
            follow_redirects=False,
            event_hooks=hooks,
        )
    )


def _is_jwt(key: str) -> bool:
    return key.count(".") == 2


def _without_bearer(request: httpx.Request) -> None:
    """An opaque `sb_secret_...` key belongs into `apikey` alone, where the gateway turns it into a token.

    supabase-py also sends it as a bearer token, which it is not (supabase.com/docs, "Authorization headers",
    read 2026-11).
    """
    request.headers.pop("authorization", None)


def _exact_numbers(response: httpx.Response) -> None:
    """Let supabase-py parse the body as the other transports do: no money through a float."""
    response.read()
    response.json = partial(decode, response.content)  # type: ignore[method-assign]


def _unreachable(error: httpx.HTTPError) -> Unavailable:
    details = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return Unavailable(TOO_SLOW, details=details)
    return Unavailable("Supabase cannot be reached; please try again.", details=details)


def _raised(error: APIError) -> AutoLynxError:
    """PostgREST's own errors have a code; a gateway's have none, or its HTTP status when it sent no JSON."""
    code = error.code or ""
    if code in ("", "401", "403"):
        return Unavailable(WRONG_KEY, details=error.message)
    if code == "404":
        return Unavailable(NOT_FOUND, details=error.message)
    if len(code) == 3:
        return Unavailable(f"Supabase is not available just now (HTTP {code}); please try again.")
    if code == "42501":
        return Forbidden(NOT_THE_SERVICE_ROLE, details=error.message)
    return refusal(code, error.message, error.details, error.hint)
