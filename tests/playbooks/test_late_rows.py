"""A due row that is found late acts after what the log holds already, once, and the clock goes on."""

from __future__ import annotations

import pytest

from playbooks import driver
from playbooks.core.effects import Say
from playbooks.definitions import FAST
from playbooks.held import do, hold
from playbooks.intake import Complaint, take_in
from tickets.actions import log_of
from tickets.models import Clock

pytestmark = pytest.mark.django_db

START = 1_788_739_200
DAY = 86_400


def test_limits_found_late_are_missed_once_and_the_log_stays_in_order() -> None:
    clock = Clock.objects.create(key="late", sim_at=START)
    held = take_in(Complaint("The parcel is lost.", seed=3, key="k", playbook=FAST), clock=clock, now=START)
    do(hold(held.ticket.pk), [Say("agent", "A note from far ahead.", public=False)], now=START + 10 * DAY)

    driver.advance(clock, until=START + 60 * DAY)

    log = log_of(held.ticket)
    missed = [event.data["step"] for event in log if event.name == "step.missed"]
    assert missed and len(missed) == len(set(missed))
    assert [event.at for event in log] == sorted(event.at for event in log)
    assert driver.earliest_due(clock.pk, until=START + 60 * DAY) is None
