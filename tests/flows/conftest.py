"""The API with the simulator behind it, for whoever asks for `api`."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rig.forking import running
from tests.support.web import BEARER, configured, serving


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[str]:
    """A provider for the tests of this module; yields its address."""
    home = tmp_path_factory.mktemp("simulator")
    with running("postgresql://nobody@127.0.0.1:1/nothing", home) as product:
        product.start_simulator(speed=100)
        yield product.values["VAPI_BASE_URL"]


@pytest.fixture
def api(database_url: str, simulator: str) -> Iterator[httpx.Client]:
    """The API with its token sent along."""
    with serving(configured(database_url, vapi_base_url=simulator, max_upload_mb=1)) as http:
        http.headers.update(BEARER)
        yield http
