"""The least an ASGI server can do with a message: read it and answer. `python -m bench.trivial <port>`."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"20")]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer 200 to everything."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b'{"result":"applied"}'})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
