"""What the workers of one run share: its PostgreSQL servers, and where its folders are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rig.folders import new_folder
from rig.servers import Server, obtain

RUN = "AUTOLYNX_TEST_RUN"  # the folder that the workers of one run share, and the run's process
VERSIONS = ["pg18"] if os.environ.get("AUTOLYNX_TEST_WITHOUT_PG15") == "1" else ["pg15", "pg18"]


def a_server(version: str) -> Server:
    pid, _, folder = os.environ[RUN].partition(":")
    return obtain(Path(folder), int(pid), version)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A short path that every user of the machine may pass; pytest's own is long and private."""
    path = new_folder("autolynx-")
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
