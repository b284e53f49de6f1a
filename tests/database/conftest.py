"""Everything in this folder runs on each supported PostgreSQL."""

from __future__ import annotations

import pytest

from tests.conftest import VERSIONS, a_server
from tests.servers import Server


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Server:
    """The PostgreSQL server of this test."""
    return a_server(request.param)
