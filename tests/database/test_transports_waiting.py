"""Every transport while it waits for work: what wakes it, what it hears, and that it can be closed."""

from __future__ import annotations

import threading
import time

import pytest

from autolynx.database.costs import WithoutCosts
from autolynx.errors import Unavailable
from tests.support.signals import survives_signals
from tests.support.transports import Transport, deaf, listening, telling


def test_it_answers_false_when_there_is_no_work(transport: Transport):
    assert transport.database.wait_for_work(0.05) is False


def test_it_returns_from_waiting_when_woken(transport: Transport):
    waking = threading.Timer(0.1, transport.database.wake)
    waking.start()
    begun = time.monotonic()

    assert transport.database.wait_for_work(20) is False
    assert time.monotonic() - begun < 15
    waking.join()


def test_it_can_be_woken_by_a_signal_at_any_moment(transport: Transport):
    assert survives_signals(lambda: transport.database.wait_for_work(0.2), transport.database.wake)
    assert survives_signals(transport.database.wake, transport.database.wake)


def test_it_returns_from_waiting_when_closed(transport: Transport):
    closing = threading.Timer(0.1, transport.database.close)
    closing.start()

    assert transport.database.wait_for_work(20) is False
    closing.join()


def test_it_can_be_closed_twice_and_then_refuses(transport: Transport):
    transport.database.call("test_nothing")
    transport.database.close()
    transport.database.close()

    with pytest.raises(Unavailable):
        transport.database.call("test_nothing")


@listening
def test_it_answers_true_once_when_notified_several_times(transport: Transport):
    transport.database.wait_for_work(0)
    transport.database.call("test_notify", times=5)

    assert transport.database.wait_for_work(20) is True
    assert transport.database.wait_for_work(0.05) is False


@listening
def test_it_hears_the_next_notification_when_it_was_woken(transport: Transport):
    transport.database.wait_for_work(0)
    transport.database.wake()
    assert transport.database.wait_for_work(20) is False

    transport.sql.execute("notify autolynx_work")

    assert transport.database.wait_for_work(20) is True


@listening
def test_it_listens_again_when_its_connection_was_lost(transport: Transport):
    transport.database.wait_for_work(0)
    transport.hang_up()

    assert transport.database.wait_for_work(20) is True  # something may have been missed
    transport.sql.execute("notify autolynx_work")
    assert transport.database.wait_for_work(20) is True
    assert transport.database.wait_for_work(0.05) is False


@telling
def test_it_can_listen_exactly_when_a_notification_ends_its_wait(transport: Transport):
    transport.database.wait_for_work(0)
    transport.sql.execute("notify autolynx_work")

    assert transport.database.wait_for_work(20) is transport.database.can_listen


@telling
def test_it_can_listen_as_well_when_it_tells_nobody_of_costs(transport: Transport):
    assert WithoutCosts(transport.database).can_listen is transport.database.can_listen


@deaf
def test_it_answers_false_when_nothing_that_is_notified_arrives(transport: Transport):
    transport.database.wait_for_work(0)
    for _ in range(20):
        transport.database.call("test_notify", times=5)

    assert transport.database.wait_for_work(0.5) is False
    assert transport.database.call("test_echo", count=1)["count"] == 1
