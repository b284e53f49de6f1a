"""Who has proven nothing holds little of the pages' server and nothing for long; a real process, raw sockets."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from autolynx import access
from tests.conftest import temporary_folder
from tests.flows.caller import Caller
from tests.product import Product, free_port, running

FORM = "application/x-www-form-urlencoded"
CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    with temporary_folder() as home, running(database_url, home, APP_PORT=str(free_port())) as product:
        yield product


@pytest.fixture
def pages(product: Product) -> Iterator[httpx.Client]:
    """The pages, for somebody who is not signed in."""
    access.add_user(
        product.database, email="eva@example.com", name="Eva", role="manager", password="tall green lamp", actor="test"
    )
    with httpx.Client(base_url=product.start_pages(), timeout=60, trust_env=False) as client:
        yield client


def chunk(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"


# -- bodies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [{}, {"Content-Length": "100"}], ids=["no length", "a short length"])
def test_it_reads_no_form_that_is_larger_than_it_says(pages: httpx.Client, length: dict[str, str]) -> None:
    with Caller(pages) as caller:
        caller.ask({"Content-Type": FORM} | length | CHUNKED, path="/sign-in")
        caller.send(b"".join(chunk(1000) for _ in range(10)))

        assert caller.status() == 413


def test_it_takes_no_form_of_another_kind(pages: httpx.Client) -> None:
    assert pages.post("/sign-in", files={"email": b"x"}).status_code == 415
    assert pages.post("/sign-in", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert pages.post("/sign-in", content=b"email=x").status_code == 415


def test_it_takes_a_form_that_comes_in_pieces(pages: httpx.Client) -> None:
    pieces = (b"email=eva%40example.com&pass", b"word=tall+green+lamp&next=%2Fcampaigns")
    answer = pages.post("/sign-in", content=iter(pieces), headers={"Content-Type": f"{FORM}; charset=UTF-8"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/campaigns")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_it_reads_no_body_of_a_stranger_anywhere_else(pages: httpx.Client, method: str) -> None:
    for path in (
        "/",
        "/campaigns",
        "/sign-out",
        "/behind-a-proxy",
        "/_stcore/health",
        "/_stcore/upload_file/x/y",
        "/_stcore/stream",
        "/_stcore/agent/interact",
        "/auth/login",
        "/static/x",
        "/export/1.csv",
    ):
        with Caller(pages) as caller:
            caller.ask({"Content-Type": "multipart/form-data; boundary=x"} | CHUNKED, method, path)

            assert caller.status() in (401, 405), path
