"""The leave to dial, asked for when the connection stands: over real sockets, where it matters what was sent."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from autolynx.errors import Unavailable
from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import RefusalKind, Refused, Unknown
from autolynx.waiting.clock import SystemClock
from rig.ports import silent_port
from tests.support.vapi_answers import REQUEST, always, dialed, refusal


@contextmanager
def server(do_post):
    """A server on this machine whose POST does what it is told, and the bodies it received."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            do_post(self)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", received
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def test_it_sends_nothing_when_the_deadline_passed_before_the_connection_stood():
    times = iter([0.0, 0.0, 21.0])  # the name server took its time
    clock = SystemClock()
    clock.elapsed = lambda: next(times)
    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key", clock=clock)
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert isinstance(found, Refused)
    assert found.kind is RefusalKind.NOT_SENT
    assert received == []


def test_it_sends_nothing_when_the_machine_slept_between_the_leave_and_the_request():
    clock = SystemClock()
    times = iter([0.0, 0.0, 1.0, 7.0])
    clock.elapsed = lambda: next(times)
    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key", clock=clock)
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert found.kind is RefusalKind.NOT_SENT
    assert received == []


def test_it_asks_for_leave_when_the_connection_stands_and_sends_nothing_without():
    asked = []
    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key")
        found = client.create_call(REQUEST, leave=asked.append)
        client.close()
    assert found.kind is RefusalKind.NOT_SENT
    assert asked == [1]
    assert received == []


def test_it_asks_for_leave_before_every_repetition():
    asked = []

    def twice(send):
        asked.append(send)
        return send < 3

    found, provider = dialed(refusal(429, "slow down"), leave=twice)
    assert found.kind is RefusalKind.NOT_SENT
    assert asked == [1, 2, 3]
    assert provider.sleeps == [1, 4]


def test_it_lets_through_what_was_raised_when_nobody_could_give_leave():
    def away(_send):
        raise Unavailable

    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key")
        with pytest.raises(Unavailable):
            client.create_call(REQUEST, leave=away)
        client.close()
    assert received == []


def test_it_does_not_know_when_the_server_hangs_up_after_reading():
    def hang_up(handler):
        handler.close_connection = True

    with server(hang_up) as (url, received):
        client = VapiClient(url, "key")
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert isinstance(found, Unknown)
    assert len(received) == 1


def test_it_does_not_know_when_the_server_never_answers():
    patience = threading.Event()
    with server(lambda _handler: patience.wait(60)) as (url, received):
        client = VapiClient(url, "key", timeout_seconds=0.2)
        found = client.create_call(REQUEST, leave=always)
        client.close()
        patience.set()
    assert isinstance(found, Unknown)
    assert len(received) == 1


def test_it_is_sure_that_nothing_was_sent_when_nobody_listens():
    with silent_port() as port:
        client = VapiClient(f"http://127.0.0.1:{port}", "key")
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert found.kind is RefusalKind.UNREACHABLE
