"""The whole product, started as a user starts it, and a browser in front of it: one of each a worker."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from rig.ports import free_port
from rig.product import ROOT, bare_environment
from rig.waiting import eventually
from tests.support.browsing import HANG_MS, PROGRAMS, Chromium, Visit, WholeProduct, visiting
from tests.support.run import temporary_folder


@pytest.fixture(scope="package")
def desk() -> Iterator[WholeProduct]:
    """`python -m autolynx up`, with the simulator at sixty times real speed."""
    with temporary_folder() as folder:
        values = {
            "AUTOLYNX_HOME": str(folder / "home"),
            "APP_PORT": str(free_port()),
            "WEBHOOK_PORT": str(free_port()),
            "SIMULATOR_PORT": str(free_port()),
            "SIMULATOR_SPEED": "60",
            "SIMULATOR_SEED": "11",
            "API_TOKEN": "a-token-for-tests",
        }
        log = folder / "up.log"
        with log.open("wb") as output:
            up = subprocess.Popen(
                [sys.executable, "-m", "autolynx", "up"],
                cwd=ROOT,
                env=bare_environment() | values,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            eventually(
                lambda: "AutoLynx is ready: " in log.read_text() or up.poll() is not None,
                "a product that is ready",
            )
            assert up.poll() is None, log.read_text()
            yield WholeProduct(f"http://127.0.0.1:{values['APP_PORT']}", values)
        finally:
            up.terminate()
            up.wait(60)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """The program; Playwright's event loop ends with the last test of a browser, so that others may run theirs."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.fail(f"None of {', '.join(PROGRAMS)} is on PATH: install one (Debian: apt install chromium).")
    with sync_playwright() as playwright:
        yield Chromium(playwright.chromium, program)


@pytest.fixture(scope="package")
def browser(chromium: Chromium) -> Iterator[BrowserContext]:
    """One browser for all visits, each of which it forgets."""
    with chromium.running() as browser:
        yield browser


@pytest.fixture(autouse=True, scope="session")
def _patience() -> None:
    expect.set_options(timeout=HANG_MS)


@pytest.fixture
def visit(browser: BrowserContext) -> Iterator[Visit]:
    """A visitor; at the end nothing may have gone wrong in their browser."""
    with visiting(browser) as visit:
        yield visit
        visit.went_well()
