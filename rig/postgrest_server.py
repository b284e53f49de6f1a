"""A Supabase project's Data API, as far as `rpc` goes, over real HTTP on a real PostgreSQL.

PostgREST itself can be had from no package registry. This follows its manual ("Functions as RPC", "Errors",
"Transactions", "Schema cache") and its own way of writing the call (source of v14, read 2026-11): one
transaction a request, the role from the token, named arguments through `json_to_record`, a read-only
transaction for STABLE functions, a schema cache that changes only on `notify pgrst`. The gateway in front,
which knows the API keys, follows Supabase's documents ("Understanding API keys").

Not here: tables, filters, GET, content types other than JSON, overloads, pg-safeupdate.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import jwt
import psycopg
import uvicorn
from psycopg import sql
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

JWT_SECRET = "a secret of at least thirty-two bytes, for tests"
SERVICE_KEY = jwt.encode({"role": "service_role", "iss": "supabase", "exp": 4102444800}, JWT_SECRET)
ANON_KEY = jwt.encode({"role": "anon", "iss": "supabase", "exp": 4102444800}, JWT_SECRET)
SECRET_KEY = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"
PUBLISHABLE_KEY = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"
# The gateway turns an opaque key into a token of its own.
KEYS = {SERVICE_KEY: None, ANON_KEY: None, SECRET_KEY: SERVICE_KEY, PUBLISHABLE_KEY: ANON_KEY}
STATEMENT_TIMEOUTS = {"anon": "3s", "authenticated": "8s", "service_role": "8s"}

# "Errors", HTTP status codes by SQLSTATE; the longest prefix counts, everything else is a 400.
STATUSES = {
    "08": 503,
    "09": 500,
    "0L": 403,
    "0P": 403,
    "23503": 409,
    "23505": 409,
    "25": 500,
    "25006": 405,
    "28": 403,
    "2D": 500,
    "38": 500,
    "39": 500,
    "3B": 500,
    "40": 500,
    "42501": 403,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "53": 503,
    "53400": 500,
    "54": 500,
    "55": 500,
    "57": 500,
    "58": 500,
    "F0": 500,
    "HV": 500,
    "P0": 500,
    "P0001": 400,
    "XX": 500,
}

FUNCTIONS = """
    select p.proname, p.provolatile = 'v', format_type(p.prorettype, null),
           coalesce(p.proargnames, '{}'), p.pronargdefaults,
           array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a (t, n) order by n)
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
"""


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, **body: str | None) -> None:
        super().__init__(body)
        self.response = JSONResponse(body, status)


@dataclass(frozen=True)
class Function:
    name: str
    is_volatile: bool
    returns: str
    parameters: dict[str, str]
    required: frozenset[str]

    def takes(self, names: set[str]) -> bool:
        return self.required <= names <= set(self.parameters)

    def statement(self, names: list[str]) -> sql.Composed:
        """The call as PostgREST writes it, except that names and types come out in one column only."""
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(self.parameters[n]))  # type: ignore[arg-type]
            for n in names
        ]
        pairs = [sql.SQL("{0} := body.{0}").format(sql.Identifier(name)) for name in names]
        source = sql.SQL("(select 1) body")
        if names:
            source = sql.SQL("json_to_record(payload.data) as body ({})").format(sql.SQL(", ").join(columns))
        return sql.SQL(
            "with source as (select public.{}({}) scalar from (select %s::json data) payload, lateral {})"
            " select coalesce((json_agg(source.scalar)->0)::text, 'null') from source"
        ).format(sql.Identifier(self.name), sql.SQL(", ").join(pairs), source)


@dataclass
class PostgrestServer:
    """Serves one database while it is entered; `url` is what SUPABASE_URL would be."""

    dsn: str
    port: int = 0
    url: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)  # the headers of each, for tests to look at

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._functions: dict[str, list[Function]] | None = None
        self._ear: psycopg.Connection | None = None
        routes = [Route("/rest/v1/rpc/{name}", self._rpc, methods=["POST"])]
        config = uvicorn.Config(
            Starlette(routes=routes),
            port=self.port,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.005)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        if self._ear is not None:
            self._ear.close()

    async def _rpc(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=499)
        self.requests.append(dict(request.headers))
        try:
            return await run_in_threadpool(self._answer, request, body)
        except Refused as refused:
            return refused.response

    def _answer(self, request: Request, body: bytes) -> Response:
        role = _role(_token(request))
        try:
            arguments = json.loads(body or b"{}")
        except ValueError as error:
            raise Refused(400, code="PGRST102", message="Empty or invalid json", details=None, hint=None) from error
        try:
            function = self._find(request.path_params["name"], set(arguments))
            return self._call(function, arguments, body, role)
        except psycopg.Error as error:
            raise _refusal(error, role) from error

    def _find(self, name: str, names: set[str]) -> Function:
        known = [function for function in self._cache().get(name, []) if function.takes(names)]
        given = ", ".join(sorted(names))
        if not known:
            raise Refused(
                404,
                code="PGRST202",
                message=f"Could not find the function public.{name}({given}) in the schema cache",
                details=f"Searched for the function public.{name} with parameters {given} or with a single "
                "unnamed json/jsonb parameter, but no matches were found in the schema cache.",
                hint=None,
            )
        if len(known) > 1:
            message = "Could not choose the best candidate function between: ..."
            raise Refused(300, code="PGRST203", message=message, details=None, hint=None)
        return known[0]

    def _cache(self) -> dict[str, list[Function]]:
        """The functions as they were at the start or at the last `notify pgrst`."""
        with self._lock:
            try:
                is_stale = self._ear is None or self._was_told()
            except psycopg.OperationalError:
                self._ear, is_stale = None, True
            if is_stale or self._functions is None:
                self._functions = self._load()
            return self._functions

    def _was_told(self) -> bool:
        assert self._ear is not None
        self._ear.execute("select 1")  # what was notified before this has arrived with the answer
        return any(self._ear.notifies(timeout=0))

    def _load(self) -> dict[str, list[Function]]:
        if self._ear is None:
            self._ear = psycopg.connect(self.dsn, autocommit=True, connect_timeout=5)
            self._ear.execute("listen pgrst")
        found: dict[str, list[Function]] = {}
        for name, is_volatile, returns, parameters, defaults, types in self._ear.execute(FUNCTIONS):
            parameters = parameters[: len(types)]
            required = frozenset(parameters[: len(types) - defaults])
            function = Function(name, is_volatile, returns, dict(zip(parameters, types, strict=True)), required)
            found.setdefault(name, []).append(function)
        return found

    def _call(self, function: Function, arguments: dict[str, Any], body: bytes, role: str) -> Response:
        with psycopg.connect(self.dsn, connect_timeout=5) as connection:
            connection.read_only = not function.is_volatile
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            setting = "select set_config(%s, %s, true)"
            connection.execute(setting, ["statement_timeout", STATEMENT_TIMEOUTS[role]])
            connection.execute(setting, ["request.jwt.claims", json.dumps({"role": role})])
            row = connection.execute(function.statement(list(arguments)), [body.decode()]).fetchone()
        if function.returns == "void":
            return Response(status_code=204)
        assert row is not None
        return Response(row[0], media_type="application/json; charset=utf-8")


def _token(request: Request) -> str:
    """What the gateway lets through: a known apikey, and the caller's own token or the key's."""
    key = request.headers.get("apikey")
    if key is None:
        raise Refused(401, message="No API key found in request", hint="No `apikey` request header was found.")
    if key not in KEYS:
        raise Refused(401, message="Invalid API key", hint="Double check your Supabase API key.")
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or KEYS[key] or ANON_KEY


def _role(token: str) -> str:
    try:
        claims = jwt.decode(token, JWT_SECRET, algorithms=["HS256"])
    except jwt.ExpiredSignatureError as error:
        raise Refused(401, code="PGRST303", message="JWT expired", details=None, hint=None) from error
    except jwt.InvalidTokenError as error:
        raise Refused(401, code="PGRST301", message=str(error), details=None, hint=None) from error
    return str(claims.get("role", "anon"))


def _refusal(error: psycopg.Error, role: str) -> Refused:
    code = error.sqlstate
    if code is None:
        message = "Database connection error. Retrying the connection."
        return Refused(503, code="PGRST001", message=message, details=str(error), hint=None)
    ends = [end for end in range(len(code), 1, -1) if code[:end] in STATUSES]
    status = STATUSES[code[: ends[0]]] if ends else 400
    if code.startswith("PT") and code[2:].isdigit():
        status = int(code[2:])
    if code == "42501" and role == "anon":
        status = 401
    diagnosis = error.diag
    return Refused(
        status,
        code=code,
        message=diagnosis.message_primary,
        details=diagnosis.message_detail,
        hint=diagnosis.message_hint,
    )
