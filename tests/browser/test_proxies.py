"""The README's proxy lines, as written, in the real nginx and Caddy, and what becomes of a proxy that says less."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket

from autolynx import access
from rig import forking
from rig.actors import TESTER
from rig.ports import free_port
from rig.product import ROOT, Product
from rig.waiting import eventually
from tests.support.browsing import HANG_MS, Chromium, Visit, contact_file, visiting
from tests.support.run import a_server, temporary_folder

README = (ROOT / "README.md").read_text()
HOST, EMAIL, PASSWORD = "desk.example.com", "eva@example.com", "correct horse battery"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
CADDY = shutil.which("caddy")
NO_PROXY = "{} is not installed: bin/setup-system installs it where there is apt."


@dataclass(frozen=True)
class Proxy:
    """A proxy's configuration: a block of the README, with lines taken out or put in."""

    program: str
    without: tuple[str, ...] = ()  # beginnings of lines
    instead: tuple[tuple[str, str], ...] = ()

    def block(self) -> str:
        (block,) = re.findall(rf"```{self.program}\n(.*?)```", README, re.DOTALL)
        kept = [line for line in block.splitlines() if not line.strip().startswith(self.without or ("\0",))]
        text = "\n".join(kept)
        for old, new in self.instead:
            assert old in text
            text = text.replace(old, new)
        return text


PROXIES = {
    "nginx as written": Proxy("nginx"),
    "nginx without Host": Proxy("nginx", ("proxy_set_header Host",)),
    "nginx that tells nothing": Proxy("nginx", tuple(f"proxy_set_header {name}" for name in ("Host", "X-"))),
    "caddy as written": Proxy("caddy"),
    "caddy without Host": Proxy(
        "caddy",
        instead=(
            (
                "    reverse_proxy             127.0.0.1:8501",
                "    reverse_proxy 127.0.0.1:8501 {\n"
                "        header_up Host {upstream_hostport}\n"
                "        header_up -X-Forwarded-Host\n"
                "    }",
            ),
        ),
    ),
}


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with (
        a_server("pg18").database() as url,
        temporary_folder() as home,
        forking.running(url, home, APP_PORT=str(free_port())) as product,
    ):
        product.start_simulator()
        product.start_webhook_server()
        product.start_pages()
        access.add_user(product.database, email=EMAIL, name="Eva", role="manager", password=PASSWORD, actor=TESTER)
        yield product


@contextlib.contextmanager
def running(proxy: Proxy, product: Product, *, scheme: str = "https") -> Iterator[int]:
    """The proxy on a port of its own."""
    if {"nginx": NGINX, "caddy": CADDY}[proxy.program] is None:
        pytest.skip(NO_PROXY.format(proxy.program))
    port = free_port()
    folder = product.home / f"proxy-{port}"
    folder.mkdir()
    block = proxy.block().replace(":8501", f":{product.values['APP_PORT']}")
    block = block.replace(":8502", f":{product.webhook_port}")
    command = (_nginx if proxy.program == "nginx" else _caddy)(folder, block, port, scheme)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        address = f"{scheme}://127.0.0.1:{port}/_stcore/health"
        name = {"sni_hostname": HOST}

        def is_up() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            with contextlib.suppress(httpx.HTTPError), httpx.Client(verify=False, trust_env=False) as client:
                return client.get(address, headers={"Host": HOST}, extensions=name).status_code == 200
            return False

        eventually(is_up, proxy.program)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _nginx(folder: Path, block: str, port: int, scheme: str) -> list[str]:
    ours = f"listen 127.0.0.1:{port}{' ssl' if scheme == 'https' else ''};"
    block = block.replace("listen 443 ssl;", ours).replace("/etc/letsencrypt/live/desk.example.com", str(folder))
    if scheme == "https":
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
             "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    else:
        block = re.sub(r"\n *ssl_.*", "", block)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    spools = "".join(f"{kind}_temp_path {folder};\n" for kind in kinds)
    process = f"daemon off; user root; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{process}http {{ access_log off;\n{spools}{block}\n}}\n")
    return [str(NGINX), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, block: str, port: int, scheme: str) -> list[str]:
    options = ("admin off", "local_certs", "skip_install_trust", "auto_https disable_redirects", f"https_port {port}")
    lines = "\n".join(options)
    (folder / "Caddyfile").write_text(f"{{\n{lines}\n}}\n{block}\n")
    return [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextlib.contextmanager
def visiting_through(chromium: Chromium, port: int, number: int = 443) -> Iterator[Visit]:
    """A browser for which the desk's name leads to the proxy."""
    rules = f"--host-resolver-rules=MAP {HOST}:{number} 127.0.0.1:{port}"
    with chromium.running(rules, "--ignore-certificate-errors") as browser, visiting(browser) as visit:
        yield visit


def sign_in(visit: Visit) -> None:
    visit.page.get_by_label("E-mail").fill(EMAIL)
    visit.page.get_by_label("Password").fill(PASSWORD)
    visit.page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("proxy", PROXIES.values(), ids=PROXIES)
def test_it_works_behind_a_proxy(product: Product, chromium: Chromium, proxy: Proxy, tmp_path: Path) -> None:
    with running(proxy, product) as port, visiting_through(chromium, port) as visit:
        asked: list[str] = []
        visit.page.on("request", lambda request: asked.append(request.url))
        visit.page.on("websocket", lambda socket: asked.append(socket.url))
        visit.page.goto(f"https://{HOST}/campaigns")
        sign_in(visit)
        visit.is_drawn()
        expect(visit.page.get_by_text("Eva · manager")).to_be_visible()
        assert visit.page.url == f"https://{HOST}/campaigns"
        (cookie,) = [one for one in visit.page.context.cookies() if one["name"] == "autolynx_session"]
        assert cookie["secure"]

        visit.page.get_by_role("button", name="New campaign").click()
        expect(visit.page.get_by_role("heading", name="New campaign", level=1)).to_be_visible()
        rows = [f"Ana {n},{'Acme' * 30},+1415{2_000_000 + n}" for n in range(9_000)]  # more than nginx's usual megabyte
        visit.page.locator(".st-key-contacts input[type=file]").set_input_files(contact_file(tmp_path, *rows))
        expect(visit.page.get_by_test_id("stMetricValue").nth(1)).to_have_text("9,000")
        visit.went_well()
        ours = (f"https://{HOST}/", f"wss://{HOST}/", "data:", "blob:")
        assert [url for url in asked if not url.startswith(ours)] == []

        for page, status in (("https://evil.example", 403), ("http://localhost:1", 403), (f"https://{HOST}", 101)):
            assert _socket_status(port, cookie["value"], page) == status
        _takes_messages(product, port)


def _socket_status(port: int, token: str, page: str) -> int:
    trusting = ssl._create_unverified_context()
    try:
        with open_socket(
            f"wss://{HOST}/_stcore/stream",
            additional_headers={"Cookie": f"autolynx_session={token}"},
            origin=page,
            sock=socket.create_connection(("127.0.0.1", port)),
            ssl=trusting,
            server_hostname=HOST,
            proxy=None,
            open_timeout=HANG_MS / 1000,
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def _takes_messages(product: Product, port: int) -> None:
    """Vapi's messages and the API reach the webhook server by the same address."""
    to_desk = {"headers": {"Host": HOST}, "extensions": {"sni_hostname": HOST}}
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=False, trust_env=False) as web:
        assert web.get("/api/health", **to_desk).json()["status"]
        assert web.post("/webhooks/vapi", json={}, **to_desk).status_code == 401


def test_it_says_what_is_missing_behind_a_proxy_without_host_over_plain_http(
    product: Product, chromium: Chromium
) -> None:
    proxy = PROXIES["nginx that tells nothing"]
    with running(proxy, product, scheme="http") as port, visiting_through(chromium, port, 80) as visit:
        visit.page.goto(f"http://{HOST}/")
        sign_in(visit)
        expect(visit.page.get_by_text("It must send the header Host along")).to_be_visible()
    # with a session, and so past the sign-in page, the page itself says so instead of staying blank
    token = access.sign_in(product.database, EMAIL, PASSWORD).token
    with running(proxy, product, scheme="http") as port, visiting_through(chromium, port, 80) as visit:
        visit.page.context.add_cookies([{"name": "autolynx_session", "value": token, "url": f"http://{HOST}"}])
        visit.page.goto(f"http://{HOST}/campaigns")
        visit.page.wait_for_url(f"http://{HOST}/behind-a-proxy")
        expect(visit.page.get_by_text("It must send the header Host along")).to_be_visible()
