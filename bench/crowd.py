"""How much longer a page takes to open for somebody signed in while two hundred strangers are at the door."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect as open_socket

from autolynx import access
from bench.figures import Figure
from bench.postgres import home, loaded
from rig.actors import TESTER
from rig.ports import answers, free_port
from rig.product import ROOT, Product, running
from rig.servers import Server
from rig.waiting import eventually

CONNECTIONS = 200
ROUNDS, OPENED_A_ROUND = 5, 8
KINDS = {"sign_in": "sign-ins", "pages": "requests for pages", "live": "requests for live connections"}
EMAIL, PASSWORD = "eva@example.com", "correct horse battery"


class Visitor:
    """A signed-in browser, as far as the server can tell: the page, what it asks for at once, its live connection."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._cookie = {"Cookie": f"autolynx_session={token}"}
        base = f"http://127.0.0.1:{port}"
        self._http = httpx.Client(base_url=base, headers=self._cookie, trust_env=False, timeout=60)

    def open(self) -> float:
        """Open a page; the seconds until all of it has been drawn."""
        began = time.perf_counter()
        for path, accept in (("/campaigns", "text/html"), ("/_stcore/health", "*/*"), ("/_stcore/host-config", "*/*")):
            self._http.get(path, headers={"Accept": accept}).raise_for_status()
        page = f"http://127.0.0.1:{self._port}"
        with open_socket(
            f"ws://127.0.0.1:{self._port}/_stcore/stream", additional_headers=self._cookie, origin=page,
            subprotocols=["streamlit"], proxy=None, max_size=None,
        ) as socket:  # fmt: skip
            wish = BackMsg()
            wish.rerun_script.page_name = "campaigns"
            socket.send(wish.SerializeToString())
            self._wait_until_drawn(socket)
        return time.perf_counter() - began

    def _wait_until_drawn(self, socket: object) -> None:
        headings = 0
        while True:
            message = ForwardMsg.FromString(socket.recv(timeout=60))
            headings += message.delta.new_element.heading.body == "Campaigns"
            if message.WhichOneof("type") == "script_finished":
                assert headings, "another page was drawn"
                return


def measure(server: Server) -> list[Figure]:
    """Open pages alone and beside each kind of crowd, in turns."""
    with loaded(server) as (url, _), home() as folder, running(url, folder, APP_PORT=str(free_port())) as product:
        port = int(product.values["APP_PORT"])
        product.start("app", "-m", "autolynx.ui.serving.server")
        eventually(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health"), "the desk")
        visitor = Visitor(port, _token(product))
        for _ in range(OPENED_A_ROUND):
            visitor.open()  # warm
        return [_figure(visitor, port, kind) for kind in KINDS]


def _figure(visitor: Visitor, port: int, kind: str) -> Figure:
    quiet, loud, told = [], [], []
    for _ in range(ROUNDS):
        quiet += [visitor.open() for _ in range(OPENED_A_ROUND)]
        with crowd(port, kind) as answered:
            loud += [visitor.open() for _ in range(OPENED_A_ROUND)]
        told.append(answered)
    alone, beside = statistics.median(quiet), statistics.median(loud)
    return Figure(
        f"a page opened beside {CONNECTIONS} anonymous {KINDS[kind]}", beside / alone, "times its quiet time", 2,
        is_floor=False, remark=f"{1000 * beside:.0f} ms, alone {1000 * alone:.0f} ms; answered {told[-1]}",
        details={"alone": quiet, "beside": loud, "answered": told},
    )  # fmt: skip


@contextlib.contextmanager
def crowd(port: int, kind: str) -> Iterator[dict[str, int]]:
    """Strangers who are there meanwhile; filled at the end with the statuses they were answered."""
    command = [sys.executable, "-m", "bench.hammer", str(port), kind, str(CONNECTIONS)]
    answered: dict[str, int] = {}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as strangers:
        assert strangers.stdout is not None
        assert strangers.stdout.readline() == "ready\n"
        try:
            yield answered
        finally:
            strangers.terminate()
            answered |= json.loads(strangers.stdout.readline())


def _token(product: Product) -> str:
    access.add_user(product.database, email=EMAIL, name="Eva", role="manager", password=PASSWORD, actor=TESTER)
    return access.sign_in(product.database, EMAIL, PASSWORD).token
