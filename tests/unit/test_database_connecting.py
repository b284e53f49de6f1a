"""What becomes of a connection that could not be made: who is tried again without our limits, and what is said."""

from __future__ import annotations

import psycopg
import pytest

from autolynx.database import connecting
from autolynx.database.connecting import LIMITS, Connector
from autolynx.errors import Conflict, Unavailable, at_the_terminal

#: pgbouncer 1.18, 1.20 and later (src/client.c), RDS Proxy; read 2026-11
REFUSALS = [
    "FATAL:  unsupported startup parameter: options",
    "FATAL:  unsupported startup parameter in options: statement_timeout",
    "FATAL:  unsupported options startup parameter: only '-c config=val' and '--config=val' are allowed",
    "FATAL:  Feature not supported: RDS Proxy currently doesn't support command-line options.",
]


class Refusing:
    """Refuses as often as it is told to; remembers which options came."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
        self.texts, self.options = list(texts), []
        monkeypatch.setattr(connecting.Connection, "connect", self.connect)

    def connect(self, parameters: str, **_: object) -> None:
        self.options.append(connecting.conninfo_to_dict(parameters).get("options"))
        raise psycopg.OperationalError(self.texts.pop(0))


@pytest.mark.parametrize("text", REFUSALS)
def test_it_tries_once_more_without_limits_when_a_pooler_refuses_them(monkeypatch, text: str) -> None:
    server = Refusing(monkeypatch, text, "the end")
    with pytest.raises(Unavailable):
        Connector(lambda: "").open("postgresql://h/x?options=-c%20search_path%3Dmine")

    assert server.options == [f"{LIMITS} -c search_path=mine", "-c search_path=mine"]


def test_it_tries_no_second_time_when_something_else_is_refused(monkeypatch) -> None:
    server = Refusing(monkeypatch, 'FATAL:  password authentication failed for user "me"')
    with pytest.raises(Unavailable, match="does not accept this user and password"):
        Connector(lambda: "").open("postgresql://h/x")

    assert server.options == [LIMITS]


def test_it_keeps_the_environments_options(monkeypatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c search_path=mine")
    server = Refusing(monkeypatch, "the end")
    with pytest.raises(Unavailable):
        Connector(lambda: "").open("postgresql://h/x")

    assert server.options == [f"{LIMITS} -c search_path=mine"]


def test_it_says_at_the_terminal_what_the_driver_said() -> None:
    assert at_the_terminal(Unavailable("It is away.", details="port 1\nrefused")) == "It is away. (port 1 refused)"
    assert at_the_terminal(Unavailable("It is away.")) == "It is away."
    assert at_the_terminal(Conflict("It is over.", details="a detail")) == "It is over."
