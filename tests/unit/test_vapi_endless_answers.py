"""Answers that trickle without end: nobody waits for them longer than an answer may take."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpcore
import httpx
import pytest

from autolynx.errors import ProviderUnavailable
from autolynx.vapi import connection
from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import Unknown
from autolynx.waiting.punctual_http import make_punctual, over_within
from rig.waiting import eventually
from tests.support.vapi_answers import NOON, REQUEST, always


@contextmanager
def trickling(head):
    """A provider that sends a byte of its answer every tenth of a second, for ten at most: its address, whom it met."""
    begun, over = [], threading.Event()

    def serve(listener):
        while not over.is_set():
            try:
                peer, address = listener.accept()
            except OSError:
                return
            begun.append(address)
            threading.Thread(target=trickle, args=(peer,), daemon=True).start()

    def trickle(peer):
        with peer, suppress(OSError):
            peer.recv(65536)
            peer.sendall(head)
            for _ in range(100):
                peer.sendall(b" ")
                if over.wait(0.1):
                    break

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", begun
        finally:
            over.set()


def met_until_now(url, begun):
    """How many: they are met in the order in which they came, so when the last comer is, all before are counted."""
    with socket.create_connection(("127.0.0.1", httpx.URL(url).port)) as last:
        eventually(lambda: last.getsockname() in begun, "the last comer")
        return begun.index(last.getsockname())


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n["
HEADERS = b"HTTP/1.1 200 OK\r\nX-Odd:"


@pytest.mark.parametrize("head", [OK, HEADERS], ids=["body", "headers"])
@pytest.mark.parametrize(
    ("ask", "tries"),
    [
        (lambda client: client.list_calls(NOON), 1),
        (lambda client: client.get_call("c"), 3),
        (lambda client: client.create_assistant({}), 1),
    ],
    ids=["list", "call", "assistant"],
)
def test_it_gives_an_answer_up_that_trickles_without_end(monkeypatch, head, ask, tries):
    monkeypatch.setattr(connection, "ANSWER_LASTS_SECONDS", 0.5)
    with trickling(head) as (url, begun):
        client = VapiClient(url, "key")
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable):
            ask(client)
        client.close()
        assert time.monotonic() - began < 8
        assert met_until_now(url, begun) == tries


@pytest.mark.parametrize("head", [OK, HEADERS], ids=["body", "headers"])
def test_it_does_not_know_when_the_answer_to_a_dial_trickles_without_end(monkeypatch, head):
    monkeypatch.setattr(connection, "ANSWER_LASTS_SECONDS", 0.5)
    with trickling(head) as (url, begun):
        client = VapiClient(url, "key")
        began = time.monotonic()
        found = client.create_call(REQUEST, leave=asks_the_database)
        client.close()
        assert time.monotonic() - began < 8
        assert isinstance(found, Unknown)
        assert met_until_now(url, begun) == 1


def test_it_waits_for_the_answer_to_a_dial_no_longer_than_it_may_take_after_the_deadline():
    with trickling(OK) as (url, _):
        client = VapiClient(url, "key", timeout_seconds=0.5)
        began = time.monotonic()
        found = client.create_call(REQUEST, leave=always, deadline_seconds=0.5)
        client.close()
    assert isinstance(found, Unknown)
    assert time.monotonic() - began < 8


def test_it_keeps_the_time_on_a_connection_that_was_opened_without_a_limit():
    with trickling(OK) as (url, _):
        network = make_punctual(httpx.Client())._transport._pool._network_backend
        stream = network.connect_tcp("127.0.0.1", httpx.URL(url).port)
        stream.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with over_within(0.3), pytest.raises(httpcore.ReadTimeout):
            list(iter(lambda: stream.read(1, 10), b""))
        stream.close()


def asks_the_database(_send):
    with over_within(5):  # as the supabase transport does, on the same thread
        return True
