"""Everything in this folder runs on each supported PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from unittest import mock

import pytest

from autolynx.calls.messages import receive
from autolynx.database import migrate
from autolynx.settings import Settings
from rig.servers import Server
from tests.support.desk import Desk
from tests.support.run import VERSIONS, a_server
from tests.support.transports import embedded_home as embedded_home
from tests.support.transports import place as place
from tests.support.transports import transport as transport


@pytest.fixture(autouse=True, scope="session")
def _statements_once() -> Iterator[None]:
    """A script is split for its record by a parser that takes its time, and these tests apply them again and again."""
    with mock.patch.object(migrate, "statements", cache(migrate.statements)):
        yield


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Server:
    """The PostgreSQL server of this test."""
    return a_server(request.param)


@pytest.fixture
def doubted(desk: Desk) -> dict[str, Any]:
    """One of three contacts was dialed at noon and the answer was lost; the two others wait."""
    desk.campaign(3, cap=1)
    order = desk.claim(1)[0]
    desk.in_doubt(order)
    return order


@pytest.fixture
def take(desk: Desk, settings: Settings) -> Callable[[bytes], str]:
    """Receive a body of the provider's; what became of it."""
    return lambda body: receive(desk.database, settings, body).result
