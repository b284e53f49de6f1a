"""Strangers at the desk's door: `python -m bench.hammer PORT KIND CONNECTIONS`, until it is ended.

Each connection sends its next request as soon as the last one is answered. Kinds: `sign_in` posts passwords, `pages`
asks for a page, `live` for a live connection; none of them has a session. Prints `ready` when all are connected, and at
the end how often each status was answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections import Counter


def request(kind: str, number: int) -> bytes:
    """What one stranger sends."""
    if kind == "sign_in":
        body = f"email=stranger-{number}%40example.com&password=correct+horse+{number}&next=%2F"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n{form}\r\n{body}".encode()
    if kind == "pages":
        return b"GET /campaigns HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n"
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n"
    return f"GET /_stcore/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n{upgrade}{key}\r\n".encode()


async def hammer(port: int, message: bytes, statuses: Counter[int], ready: asyncio.Semaphore) -> None:
    """One connection, opened anew whenever it is closed."""
    is_first = True
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            if is_first:
                is_first = False
                ready.release()
            while not reader.at_eof():
                writer.write(message)
                head = await reader.readuntil(b"\r\n\r\n")
                lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
                await reader.readexactly(int(lines.get(b"content-length", b"0")))
                statuses[int(head[9:12])] += 1


async def main(port: int, kind: str, connections: int) -> None:
    """Hammer until SIGTERM."""
    statuses: Counter[int] = Counter()
    ready, over = asyncio.Semaphore(0), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    strangers = [
        asyncio.create_task(hammer(port, request(kind, number), statuses, ready)) for number in range(connections)
    ]
    for _ in strangers:
        await ready.acquire()
    print("ready", flush=True)
    await over.wait()
    for stranger in strangers:
        stranger.cancel()
    await asyncio.gather(*strangers, return_exceptions=True)
    print(json.dumps(statuses), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
