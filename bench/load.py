"""Posts prepared messages over kept connections, as cheaply as Python can; a process of its own.

`python -m bench.load <plan.json>` prints `{"seconds", "statuses", "latencies": [seconds …]}`. The plan: `ports` (of
servers that share the connections), `path`, `headers`, `bodies` (a file, a message a line), `connections`, and `rate`
(messages a second, or null).

Without a rate each connection posts its next message when it has the answer to the last (closed loop). With one,
messages are due at random times with that mean, whatever the answers do, and latency counts from when a message was
due (open loop): a server that stalls does not slow its own test down.
"""

from __future__ import annotations

import json
import random
import select
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

LONGEST_WAIT_SECONDS = 30  # for hangs only


class Line:
    """One connection; at most one message is on its way on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due_at = 0.0
        self._received = b""

    def post(self, request: bytes, due_at: float) -> None:
        """Send a request; it fits a socket's buffer."""
        self.due_at = due_at
        self._received = b""
        self.socket.sendall(request)

    def status(self) -> int | None:
        """Read what has come: the answer's status once it is whole, else None."""
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("the server closed a connection")
        self._received += more
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        if len(body) < int(lower[at:].split(b"\r\n", 1)[0]):
            return None
        return int(head[9:12])


def post_all(plan: dict[str, Any]) -> dict[str, Any]:
    """Post every message of the plan once."""
    requests = deque(_requests(plan))
    due = deque(_due_times(len(requests), plan["rate"]))
    poll, lines = select.epoll(), {}
    for port in islice(cycle(plan["ports"]), plan["connections"]):
        line = Line(port)
        lines[line.socket.fileno()] = line
        poll.register(line.socket, select.EPOLLIN)
    free, statuses, latencies = deque(lines.values()), Counter(), []
    began = time.perf_counter()
    while requests or len(free) < len(lines):
        now = time.perf_counter() - began
        while free and requests and due[0] <= now:
            at = due.popleft()
            free.popleft().post(requests.popleft(), at if plan["rate"] else now)
        for number, _ in poll.poll(_pause(free, due, time.perf_counter() - began)):
            line = lines[number]
            if (status := line.status()) is not None:
                statuses[status] += 1
                latencies.append(time.perf_counter() - began - line.due_at)
                free.append(line)
    return {"seconds": time.perf_counter() - began, "statuses": statuses, "latencies": latencies}


def _pause(free: deque[Line], due: deque[float], now: float) -> float:
    """How long nothing can be sent: until the next message is due, or until a connection is free."""
    return max(due[0] - now, 0) if free and due else LONGEST_WAIT_SECONDS


def _requests(plan: dict[str, Any]) -> Iterator[bytes]:
    headers = "".join(f"{name}: {value}\r\n" for name, value in plan["headers"].items())
    for body in Path(plan["bodies"]).read_bytes().splitlines():
        head = f"POST {plan['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        yield head.encode() + body


def _due_times(count: int, rate: float | None) -> Iterator[float]:
    chance, at = random.Random(1), 0.0
    for _ in range(count):
        yield at
        at += chance.expovariate(rate) if rate else 0


if __name__ == "__main__":
    print(json.dumps(post_all(json.loads(Path(sys.argv[1]).read_text()))))
