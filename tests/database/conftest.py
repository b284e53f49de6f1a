"""Everything in this folder runs on each supported PostgreSQL."""

from __future__ import annotations

import pytest

from rig.servers import Server
from tests.support.run import VERSIONS, a_server
from tests.support.transports import embedded_home as embedded_home
from tests.support.transports import place as place
from tests.support.transports import transport as transport


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Server:
    """The PostgreSQL server of this test."""
    return a_server(request.param)
