"""The desk on a database behind the real pgbouncer in transaction mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from autolynx.database import connecting, migrate
from autolynx.database.connecting import LIMITS, Connector
from rig.books import differences, our_calls
from rig.forking import running
from rig.product import Product
from rig.servers import Server
from tests.support import pgbouncer as pgbouncer_module
from tests.support.pgbouncer import Pooler, pgbouncer


@pytest.fixture
def pooler(server: Server) -> Iterator[Pooler]:
    with pgbouncer(server) as pooler:
        yield pooler


@pytest.fixture
def product(pooler: Pooler, database_url: str, tmp_path: Path) -> Iterator[Product]:
    """Every process goes through the pooler; the fixture `connection` does not."""
    with running(pooler.url(database_url), tmp_path) as product:
        yield product


def test_it_calls_everybody_once_through_a_pooler(product: Product, connection) -> None:
    product.start_simulator(speed=60, rate_lost_answer=0.05, webhook_double_rate=0.2, webhook_drop_rate=0.05)
    product.start_webhook_server()
    product.start_scheduler()
    product.start_scheduler("second")
    campaign = product.campaign(30)

    product.wait_for(campaign, "COMPLETED")

    books = product.books()
    assert set(Counter(books["dials_by_number"]).values()) == {1}
    assert len(books["dials_by_number"]) == 30
    assert books["peak_concurrency"] <= 8
    assert differences(our_calls(connection), books["calls"]) == []


def test_it_migrates_through_a_pooler(server: Server, pooler: Pooler) -> None:
    with server.database(template="template1") as empty:
        through = pooler.url(empty)
        versions = [migration.version for migration in migrate.migrations()]

        assert migrate.migrate(through) == versions
        assert migrate.pending(through) == []
        assert migrate.rollback(through, to_version="0") == versions[::-1]


def test_it_asks_a_pooler_only_once_for_limits_it_refuses(pooler: Pooler, database_url: str, monkeypatch) -> None:
    asked: list[str] = []
    really = connecting.open_connection

    def open_connection(dsn: str, *, limits: str = "", **others: object) -> connecting.Connection:
        asked.append(limits)
        return really(dsn, limits=limits, **others)

    monkeypatch.setattr(connecting, "open_connection", open_connection)
    connector = Connector(lambda: pooler.url(database_url))
    for _ in range(3):
        connector.open(connector.dsn()).close()

    assert asked == [LIMITS, "", "", ""]


@pytest.mark.parametrize(("ci", "end"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_it_goes_missing_unnoticed_nowhere_in_ci(monkeypatch, ci: str, end: type[BaseException]) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(pgbouncer_module.shutil, "which", lambda *_, **__: None)

    with pytest.raises(end, match="bin/setup-system"):
        pgbouncer_module.program()
