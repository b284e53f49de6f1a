"""Streamlit's HTML page, completed before it leaves: our name, our icon, and where its server is.

A page whose address in the browser is none that reached us cannot have a live connection (see `origin.py`): it leads to
a sentence that says why, instead of staying blank.

Without the address the page looks for its server below its own path first, and every deep link logs two
errors in the browser (streamlit 1.67, index.js: `BACKEND_BASE_URL`, else folder after folder of the path).
"""

from __future__ import annotations

import base64
import json
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autolynx.ui import ASSETS
from autolynx.ui.serving import gate

_ICON = base64.b64encode((ASSETS / "icon.svg").read_bytes())
_HEAD = (
    b'<head><script>window.__streamlit={BACKEND_BASE_URL:window.location.origin+"/"};'
    b'if(!%s.includes(location.host))location.replace("/behind-a-proxy")</script>'
    b'<link rel="icon" type="image/svg+xml" href="data:image/svg+xml;base64,' + _ICON + b'">'
)
_DEFAULT_PORT = re.compile(r":(80|443)$")
_ITS_TITLE = b"<title>Streamlit</title>"  # by which it is told from pages of our own
_REPLACED = {
    _ITS_TITLE: b"<title>AutoLynx</title>",
    b'<link rel="shortcut icon" href="./favicon.png" />': b"",
}


class FrontPage:
    """ASGI middleware around Streamlit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Complete the page if it is one; anything else passes as it is."""
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        if not is_get or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        unpacked = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": unpacked}, receive, _Completing(send, scope.get(gate.PAGE_HOSTS, [])))


class _Completing:
    """Holds an HTML answer back until it is whole."""

    def __init__(self, send: Send, hosts: list[str]) -> None:
        self._send = send
        self._hosts = hosts
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        if _ITS_TITLE in self._body:
            for old, new in {b"<head>": _HEAD.replace(b"%s", _listed(self._hosts)), **_REPLACED}.items():
                self._body = self._body.replace(old, new, 1)
        MutableHeaders(scope=start)["content-length"] = str(len(self._body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})


def _listed(hosts: list[str]) -> bytes:
    """The hosts as `location.host` would name them, as a list in a script."""
    names = [name for host in hosts for name in {host, _DEFAULT_PORT.sub("", host)}]
    return json.dumps(sorted(names)).replace("<", "\\u003c").encode()


def _is_html(start: Message) -> bool:
    headers = Headers(scope=start)
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
