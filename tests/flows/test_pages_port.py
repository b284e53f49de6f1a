"""Who has proven nothing holds little of the pages' server and nothing for long; a real process, raw sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.sync.client import connect as open_socket

from autolynx import access
from autolynx.http.listening import OPTIONS
from autolynx.ui.serving.listening import PagesProtocol
from rig.actors import TESTER
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from rig.waiting import eventually
from tests.support import cheap_passwords
from tests.support.caller import HANG, Caller
from tests.support.run import temporary_folder

PASSWORD = "tall green lamp"
FORM = "application/x-www-form-urlencoded"
CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    with temporary_folder() as home, running(database_url, home, APP_PORT=str(free_port())) as product:
        yield product


@pytest.fixture
def pages(product: Product) -> Iterator[httpx.Client]:
    """The pages, for somebody who is not signed in."""
    with cheap_passwords.cheaply():
        access.add_user(
            product.database, email="eva@example.com", name="Eva", role="manager", password=PASSWORD, actor=TESTER
        )
    with httpx.Client(base_url=product.start_pages(cheap_passwords.PAGES), timeout=60, trust_env=False) as client:
        yield client


def chunk(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"


# -- bodies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "status"), [({}, 413), ({"Content-Length": "100"}, 400)], ids=["no length", "two lengths"]
)
def test_it_reads_no_form_that_is_larger_than_it_says(pages: httpx.Client, length: dict[str, str], status: int) -> None:
    with Caller(pages) as caller:
        caller.ask({"Content-Type": FORM} | length | CHUNKED, path="/sign-in")
        with contextlib.suppress(ConnectionError):
            caller.send(b"".join(chunk(1000) for _ in range(10)))

        assert caller.status() == status


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


# -- connections -------------------------------------------------------------------------------------------


def signed_in(pages: httpx.Client) -> dict[str, str]:
    """The header of somebody who has signed in."""
    answer = pages.post("/sign-in", data={"email": "eva@example.com", "password": PASSWORD})
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_it_drops_half_sent_heads_and_keeps_live_connections(pages: httpx.Client) -> None:
    """At the time-outs of the product: a live connection outlasts them, also one that has asked for a page first."""
    address = f"ws://127.0.0.1:{pages.base_url.port}/_stcore/stream"
    cookie = signed_in(pages)
    with ExitStack() as stack:
        first = stack.enter_context(Caller(pages))
        first.ask(cookie, "HEAD", "/_stcore/health")
        assert first.status() == 200
        live = [
            stack.enter_context(open_socket(address, additional_headers=cookie, proxy=None, sock=sock))
            for sock in (None, first.socket)
        ]
        idle = [stack.enter_context(Caller(pages)) for _ in range(100)]
        for caller in idle:
            caller.send("GET / HTTP/1.1\r\nHost: x\r\nX-Half")

        assert pages.get("/campaigns", headers=cookie | {"Accept": "text/html"}).status_code == 200
        eventually(lambda: all(caller.is_cut for caller in idle), HANG)
        assert all(one.ping().wait(HANG) for one in live)


def test_it_throws_the_rest_of_a_refused_form_away_only_for_a_while(pages: httpx.Client) -> None:
    with Caller(pages) as caller:
        caller.ask({"Content-Type": FORM, "Content-Length": "9000000"}, path="/sign-in")
        assert caller.status() == 413

        caller.trickles_until_cut(b"x" * 1000)


@contextlib.contextmanager
def standing_at_the_gate() -> Iterator[httpx.Client]:
    """A server whose application lets everybody wait."""
    listener, leaves = socket.create_server(("127.0.0.1", 0)), threading.Event()

    async def waits(_scope: Any, receive: Any, send: Any) -> None:
        while not leaves.is_set():
            await asyncio.sleep(0.01)
        await receive()
        await send({"type": "websocket.close"})

    config = uvicorn.Config(waits, lifespan="off", **OPTIONS | {"http": PagesProtocol, "ws": "websockets-sansio"})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            yield client
    finally:
        server.should_exit = True
        leaves.set()
        thread.join()


def test_it_reads_nothing_of_who_waits_for_a_live_connection() -> None:
    with standing_at_the_gate() as client, Caller(client) as caller:
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
        caller.ask(upgrade | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13"}, "GET")
        caller.socket.settimeout(2)
        with pytest.raises(TimeoutError):
            caller.send(b"\x82\xff" + (150 * 1024**2).to_bytes(8, "big") + b"\0" * 4 + b"x" * 64 * 1024**2)
