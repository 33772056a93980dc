"""Celery's part: a sweep wakes the clocks on which something is due; a task brings one clock forward."""

from __future__ import annotations

import pytest
from celery.worker import state as worker
from django.core.cache import cache

from helpdesk import celery  # noqa: F401 - the app to which tasks belong
from playbooks import driver, tasks
from playbooks.models import PlaybookRun
from tests.playbooks.cases import DAY, START, case_on, led_clock, trace
from tickets import clock as clocks
from tickets.actions import find_customer, open_ticket
from tickets.log import Event
from tickets.models import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Clock:
    """A running clock on which something has been due for a while."""
    clock = Clock.objects.create(key="late", running=True, speed=60, sim_at=START, wall_at=clocks.wall() - 60)
    case_on(clock, channel="chat", language="ko")
    return clock


def test_a_sweep_wakes_a_clock_on_which_something_is_due(clock: Clock) -> None:
    assert tasks.sweep() == 1
    assert tasks.advance_clock(clock.pk)
    assert tasks.sweep() == 0


def test_a_sweep_leaves_a_clock_to_its_holder_and_a_paused_one_in_peace(clock: Clock) -> None:
    driver.take_lease(clock, "somebody")
    assert tasks.sweep() == 0
    driver.drop_lease(clock, "somebody")
    clocks.pause(clock, wall_now=clocks.wall() - 60)
    assert tasks.sweep() == 0


def test_a_sweep_says_when_it_came_by_and_where_clocks_ran(clock: Clock) -> None:
    before = clocks.wall()
    tasks.sweep()
    clock.refresh_from_db()
    assert cache.get(tasks.LAST_SWEEP) >= before
    assert clock.seen_wall_at is not None
    assert clock.seen_wall_at >= before


def test_a_led_clock_is_brought_to_its_target() -> None:
    clock = led_clock(1)
    assert tasks.sweep() == 0
    Clock.objects.filter(pk=clock.pk).update(target_at=START + 6 * DAY)
    assert tasks.sweep() == 1
    assert tasks.advance_clock(clock.pk)
    clock.refresh_from_db()
    assert clock.sim_at == START + 6 * DAY
    assert trace(clock)
    assert tasks.sweep() == 0


def test_a_clock_that_is_gone_is_no_failure() -> None:
    assert not tasks.advance_clock(123_456)


def test_a_worker_that_was_told_to_end_passes_its_clock_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = led_clock(1)
    Clock.objects.filter(pk=clock.pk).update(target_at=START + 6 * DAY)
    monkeypatch.setattr(worker, "should_stop", 0)  # what Celery writes there at a SIGTERM: the exit code
    assert not tasks.advance_clock(clock.pk)
    clock.refresh_from_db()
    assert (clock.holder, clock.sim_at < START + 6 * DAY) == ("", True)
    monkeypatch.setattr(worker, "should_stop", None)
    assert tasks.advance_clock(clock.pk)


def test_a_ticket_that_came_in_by_other_ways_gets_a_run() -> None:
    clock = Clock.objects.create(key="other", sim_at=START)
    open_ticket(
        clock=clock, requester=find_customer(name="A. Reader"), description="It leaks.", now=START,
        opening=[Event(START, "ticket.created", "customer", {"channel": "api", "priority": "normal"})],
    )  # fmt: skip
    assert tasks.give_runs() == 1
    assert tasks.give_runs() == 0
    assert PlaybookRun.objects.filter(clock=clock).count() == 1
