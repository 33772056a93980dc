"""What was promised: planned once, sent or skipped once, with the reason."""

from __future__ import annotations

import pytest

from playbooks import actions, driver, followups
from playbooks.core.followup import Promise, Sent, Skipped
from playbooks.held import hold
from playbooks.models import FollowUp, PlaybookRun, Survey
from tests.playbooks.cases import DAY, HOUR, MINUTE, START, case_on, led_clock
from tickets.models import Clock, Comment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def standing_clock() -> Clock:
    return Clock.objects.create(key="t", sim_at=START)


def at(ticket: Ticket, instant: int, action: driver.Action, **what: object) -> None:
    """What fell due first, then an agent's action."""
    driver.advance(ticket.clock, until=instant - 1)
    driver.perform_at(ticket.pk, action, agent=None, now=instant, **what)


def row(ticket: Ticket, step: str) -> FollowUp:
    return FollowUp.objects.get(ticket=ticket, step=step)


def test_the_bot_acknowledges_within_the_minute() -> None:
    ticket = case_on(standing_clock(), channel="chat", language="ko")
    driver.advance(ticket.clock, until=START + 2 * MINUTE)
    acknowledged = FollowUp.objects.get(ticket=ticket, kind="acknowledgement")
    assert acknowledged.state == "sent"
    assert acknowledged.done_at is not None
    assert acknowledged.done_at <= START + MINUTE
    assert Comment.objects.filter(ticket=ticket, author_type="bot", at=acknowledged.done_at).count() == 1


def test_a_message_of_ones_own_goes_out_at_its_moment() -> None:
    ticket = case_on(standing_clock())
    at(ticket, START + HOUR, actions.schedule_message, body="How is the new lamp?", due_at=START + 3 * DAY)
    driver.advance(ticket.clock, until=START + 3 * DAY - 1)
    assert not Comment.objects.filter(ticket=ticket, body="How is the new lamp?").exists()
    driver.advance(ticket.clock, until=START + 3 * DAY)
    assert Comment.objects.get(ticket=ticket, body="How is the new lamp?").at == START + 3 * DAY
    assert row(ticket, "message.1").state == "sent"


def test_a_reminder_is_skipped_when_the_agent_has_already_answered() -> None:
    ticket = case_on(standing_clock(), language="ja", channel="email")
    at(ticket, START + MINUTE, actions.reply, body="このたびは申し訳ございません。", facts={"apology": ["regret"]})
    driver.advance(ticket.clock, until=START + 30 * DAY)
    skipped = FollowUp.objects.filter(ticket=ticket, kind="reminder", state="skipped")
    assert skipped.exists()
    assert all(each.reason for each in skipped)


def test_a_survey_of_a_round_that_was_reopened_is_skipped_and_asked_after_the_next_solving() -> None:
    ticket = case_on(standing_clock(), channel="email", language="en")
    at(ticket, START + HOUR, actions.solve, body="We have refunded you.")
    at(ticket, START + 2 * HOUR, actions.customer_says, body="No, you have not.")
    driver.advance(ticket.clock, until=START + HOUR + DAY)
    first = row(ticket, "csat.1")
    assert (first.state, bool(first.reason)) == ("skipped", True)
    ticket.refresh_from_db()
    at(ticket, START + 2 * DAY, actions.solve, body="Now it is on its way.")
    driver.advance(ticket.clock, until=START + 3 * DAY)
    assert row(ticket, "csat.2").state in ("sent", "skipped")
    assert not Survey.objects.filter(ticket=ticket, metric="csat", round=1).exists()


def test_at_day_thirty_every_customer_is_asked_whether_it_recommends_and_whether_it_bought_again() -> None:
    ticket = case_on(standing_clock())
    driver.advance(ticket.clock, until=START + 30 * DAY)
    for metric in ("nps", "repurchase"):
        assert row(ticket, metric).due_at == START + 30 * DAY
        assert row(ticket, metric).state in ("sent", "skipped")


def test_planning_twice_plans_once() -> None:
    ticket = case_on(standing_clock())
    run = PlaybookRun.objects.get(ticket=ticket)
    promised = Promise("check_in.9", "check_in", START + DAY, {})
    followups.plan(run, ticket, [promised])
    followups.plan(run, ticket, [promised])
    assert FollowUp.objects.filter(ticket=ticket, step="check_in.9").count() == 1


def test_a_row_is_claimed_once_and_ends_as_decided() -> None:
    ticket = case_on(standing_clock())
    first, second = FollowUp.objects.filter(ticket=ticket, state="pending")[:2]
    assert followups.claim(first.pk, Sent(()), now=START)
    assert not followups.claim(first.pk, Skipped("too_late"), now=START + 1)
    assert followups.claim(second.pk, Skipped("ticket_closed"), now=START)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.done_at, first.reason) == ("sent", START, "")
    assert (second.state, second.reason) == ("skipped", "ticket_closed")


def test_every_follow_up_of_a_rehearsal_ends_once_and_says_why_where_it_was_skipped() -> None:
    clock = led_clock(3)
    driver.advance(clock, until=START + 40 * DAY)
    for each in FollowUp.objects.filter(clock=clock).exclude(state="pending"):
        endings = TicketEvent.objects.filter(ticket=each.ticket, name__startswith="follow_up.", data__step=each.step)
        ended = [event for event in endings if event.name != "follow_up.promised"]
        assert [event.name for event in ended] == [f"follow_up.{each.state}"]
        assert ended[0].data.get("reason", "") == each.reason
        assert bool(each.reason) == (each.state == "skipped")


def test_a_ticket_that_is_held_anew_stands_where_its_rows_stand() -> None:
    clock = led_clock(2)
    driver.advance(clock, until=START + 20 * DAY)
    for ticket in Ticket.objects.filter(clock=clock):
        held = hold(ticket.pk)
        ended = {
            view.step.key: view.state for view in held.standing.rail if view.state in ("done", "missed", "left_out")
        }
        assert dict(held.run.step_runs.values_list("step", "state")) == ended
