"""Everything in this folder runs on each supported PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autolynx.calls.messages import receive
from autolynx.settings import Settings
from rig.servers import Server
from tests.support.desk import Desk
from tests.support.run import VERSIONS, a_server
from tests.support.transports import embedded_home as embedded_home
from tests.support.transports import place as place
from tests.support.transports import transport as transport


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
