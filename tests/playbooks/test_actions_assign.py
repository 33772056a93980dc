"""Passing a ticket on is noticed: what follows from it is written at once."""

from __future__ import annotations

import pytest

from playbooks import driver
from playbooks.held import hold
from playbooks.intake import Complaint, take_in
from playbooks.models import Reaction
from tickets.actions import log_of
from tickets.models import Agent, Clock, Ticket

pytestmark = pytest.mark.django_db


def test_after_a_hand_over_the_customers_next_move_is_the_one_that_follows_from_it() -> None:
    clock = Clock.objects.create(key="t", sim_at=1_788_739_200, running=True, wall_at=4e9)
    agent = Agent.objects.create(username="a")
    other = Agent.objects.create(username="b")
    held = take_in(Complaint("The parcel is lost.", seed=3, key="h"), clock=clock, now=1_788_739_200, assignee=agent)

    driver.assign(held.ticket, other, by=agent, reason="speaks Japanese")

    ticket = Ticket.objects.get(pk=held.ticket.pk)
    assert ticket.assignee == other
    assert [event.name for event in log_of(ticket)][-1] == "ticket.handed_over"
    assert (
        dict(Reaction.objects.filter(ticket=ticket, state="pending").values_list("key", "due_at"))
        == hold(ticket.pk).standing.intentions
    )
