"""Fixtures that every kind of test shares: a real database for each test, and the port to it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest

from autolynx.database import Database
from autolynx.settings import Settings
from rig.folders import new_folder
from rig.servers import MissingServer, Server, programs, stop_all
from rig.sessions import opened
from tests.support.run import RUN, VERSIONS, a_server

# How long an example takes says something about the machine; limits are for hangs, and pytest-timeout keeps those.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    try:
        for version in VERSIONS:
            programs(version)
    except MissingServer as error:
        raise pytest.UsageError(str(error)) from error
    os.environ[RUN] = f"{os.getpid()}:{new_folder('autolynx-run-')}"


def pytest_collection() -> None:
    """Nothing of what is imported and collected becomes garbage."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there by now stays to the end; each collection in a test would go through all of it."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in os.environ:
        stop_all(Path(os.environ.pop(RUN).partition(":")[2]))


@pytest.fixture
def server() -> Server:
    """The PostgreSQL server of this test; `tests/database` runs every test on each version."""
    return a_server("pg18")


@pytest.fixture
def database_url(server: Server) -> Iterator[str]:
    """A migrated database that belongs to this test alone."""
    with server.database() as url:
        yield url


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """The database's owner at a SQL prompt; every statement commits."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def settings(database_url: str) -> Settings:
    """What a process would read from its environment to work on this test's database."""
    return Settings(_env_file=None, database_url=database_url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The port, over the postgres transport, with the rights it has on Supabase: the service role's."""
    with opened(database_url) as database:
        yield database
