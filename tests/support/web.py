"""The webhook server's application on a real socket, within this process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import uvicorn

from autolynx.api.application import connected, create_app
from autolynx.http.certificates import trusted_certificates
from autolynx.http.listening import OPTIONS
from autolynx.settings import Settings, load_settings
from autolynx.vapi.client import VapiClient

SECRET = "a-webhook-secret-for-tests"
TOKEN = "an-api-token-for-tests"
CRON_SECRET = "a-cron-secret-for-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PROOF = {"X-Vapi-Secret": SECRET}
NOWHERE = "http://127.0.0.1:1"  # nobody listens there


def configured(database_url: str, **values: Any) -> Settings:
    """Settings with every secret set; `values` replaces some."""
    given = {
        "database_url": database_url,
        "webhook_shared_secret": SECRET,
        "api_token": TOKEN,
        "cron_shared_secret": CRON_SECRET,
        "vapi_base_url": NOWHERE,
    }
    return load_settings(_env_file=None, **(given | values))


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[httpx.Client]:
    """Serve on a free port; yields a client without any token."""
    listener = socket.create_server(("127.0.0.1", 0))
    client = VapiClient.from_settings(settings)
    with connected(settings) as databases:
        app = create_app(settings, databases, client)
        server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=5, **OPTIONS))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with httpx.Client(verify=trusted_certificates(), base_url=address, timeout=60, trust_env=False) as http:
                yield http
        finally:
            server.should_exit = True
            thread.join()
            listener.close()
            client.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Await it on a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def problem(answer: httpx.Response) -> dict[str, Any]:
    """An error's inside, which has one form wherever it comes from."""
    body = answer.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message", "details"}, body
    assert answer.headers["content-type"] == "application/json"
    return body["error"]
