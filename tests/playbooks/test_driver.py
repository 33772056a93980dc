"""The driver: the next due thing, in one order, once; one holder a clock; a row that fails stops nothing."""

from __future__ import annotations

import pytest

from playbooks import actions, driver
from playbooks.held import do, hold
from playbooks.models import Arrival, AutoAgent, FollowUp, PlaybookRun, Reaction
from tests.playbooks.cases import DAY, HOUR, MINUTE, START, case_on, led_clock, pending, trace
from tickets import clock as clocks
from tickets.errors import Conflict
from tickets.models import Clock, Comment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

END = START + 40 * DAY


def every_due(clock: Clock, *, until: int) -> list[tuple[int, int, int, str]]:
    """All that is due, from the tables themselves, in the declared order."""
    arrivals = Arrival.objects.filter(clock=clock, state="pending").values_list("due_at", "ordinal")
    agents = AutoAgent.objects.filter(clock=clock, due_at__isnull=False).values_list("due_at", "ordinal")
    promised = FollowUp.objects.filter(clock=clock, state="pending").values_list("due_at", "number", "step")
    intended = Reaction.objects.filter(clock=clock, state="pending").values_list("due_at", "number", "key")
    limits = PlaybookRun.objects.filter(clock=clock, miss_at__isnull=False)
    rows = [
        *((at, 0, ordinal, "") for at, ordinal in arrivals),
        *((at, 1, ordinal, "") for at, ordinal in agents),
        *((at, 2, number, step) for at, number, step in promised),
        *((at, 3, number, key) for at, number, key in intended),
        *((at, 4, number, step) for at, number, step in limits.values_list("miss_at", "ticket__number", "miss_step")),
    ]
    return sorted(row for row in rows if row[0] <= until)


def test_the_next_due_row_is_the_first_by_instant_kind_number_and_step() -> None:
    clock = led_clock(3, staff=2)
    cases = driver.Cases()
    while expected := every_due(clock, until=END):
        due = driver.process_next_due(clock, until=END, cases=cases)
        assert due is not None
        assert (due.due_at, due.rank, due.number, due.step) == expected[0]
    assert driver.process_next_due(clock, until=END, cases=cases) is None


def test_nothing_is_done_after_until() -> None:
    clock = led_clock(2)
    driver.advance(clock, until=START + 3 * DAY)
    assert TicketEvent.objects.filter(at__gt=START + 3 * DAY).count() == 0
    assert all(at > START + 3 * DAY for at, *_ in pending(clock))


def test_every_row_takes_effect_at_its_own_instant() -> None:
    clock = led_clock(2)
    driver.advance(clock, until=END)
    for row in FollowUp.objects.filter(clock=clock).exclude(state="pending"):
        assert row.done_at == row.due_at
        ending = TicketEvent.objects.get(ticket=row.ticket, name=f"follow_up.{row.state}", data__step=row.step)
        assert ending.at == row.due_at


def test_a_clock_brought_forward_in_short_goes_is_where_one_go_brings_it() -> None:
    whole, cut = led_clock(2, key="whole"), led_clock(2, key="cut")
    driver.advance(whole, until=END)
    goes = 0
    while not driver.advance(cut, until=END, wall_budget=0.0):
        goes += 1
    assert goes > 50
    assert trace(cut) == trace(whole)


def test_advance_stops_when_told_and_gives_the_clock_back() -> None:
    clock = led_clock(1)
    assert not driver.advance(clock, until=END, stop=TicketEvent.objects.exists)
    clock.refresh_from_db()
    assert (clock.holder, clock.wall_lease_until) == ("", 0.0)
    assert driver.advance(clock, until=END)


def test_one_holder_a_clock_and_a_dead_ones_lease_runs_out() -> None:
    clock = led_clock(1)
    assert driver.take_lease(clock, "first")
    assert not driver.take_lease(clock, "second")
    assert not driver.advance(clock, until=END)
    assert driver.take_lease(clock, "first"), "renewed"
    Clock.objects.filter(pk=clock.pk).update(wall_lease_until=clocks.wall() - 0.1)
    assert driver.take_lease(clock, "second")
    driver.drop_lease(clock, "first")
    assert not driver.take_lease(clock, "third"), "only its holder gives a lease back"


def test_who_has_lost_the_lease_does_nothing_more() -> None:
    clock = led_clock(2)

    def lose() -> bool:
        Clock.objects.filter(pk=clock.pk).update(holder="another", wall_lease_until=clocks.wall() + 60)
        return False

    assert not driver.advance(clock, until=END, stop=lose)
    assert Arrival.objects.filter(clock=clock, state="in").count() == 1
    clock.refresh_from_db()
    assert clock.holder == "another"


def test_a_follow_up_that_fails_is_tried_three_times_then_set_aside_and_the_clock_goes_on() -> None:
    clock = Clock.objects.create(key="poison", sim_at=START)
    ticket = case_on(clock)
    run = PlaybookRun.objects.get(ticket=ticket)
    poison = FollowUp.objects.create(
        run=run, clock=clock, ticket=ticket, number=ticket.number, step="message.1", kind="message",
        due_at=START + HOUR, data={},
    )  # fmt: skip
    assert driver.advance(clock, until=END)
    poison.refresh_from_db()
    assert (poison.state, poison.attempts, poison.reason) == ("failed", 3, "")
    assert poison.error.startswith("KeyError")
    assert FollowUp.objects.filter(clock=clock, state="sent", due_at__gt=START + DAY).exists()


def test_a_reaction_that_fails_is_kept_with_its_reason() -> None:
    clock = Clock.objects.create(key="poison", sim_at=START)
    ticket = case_on(clock)
    Reaction.objects.create(clock=clock, ticket=ticket, number=ticket.number, key="talk.99", due_at=START + MINUTE)
    assert driver.advance(clock, until=START + DAY)
    kept = Reaction.objects.get(key="talk.99")
    assert (kept.state, kept.attempts) == ("failed", 3)
    assert "left no event" in kept.error


def test_an_arrival_that_cannot_come_in_is_kept_with_its_reason() -> None:
    clock = led_clock(2)
    first = Arrival.objects.filter(clock=clock).order_by("due_at").first()
    assert first is not None
    first.data = {**first.data, "playbook": "no-such-playbook"}
    first.save()
    assert driver.advance(clock, until=END)
    first.refresh_from_db()
    assert first.state == "failed"
    assert "no-such-playbook" in first.error
    assert Ticket.objects.filter(clock=clock).count() == 1


def test_a_turn_that_fails_is_kept_and_the_agent_works_on() -> None:
    clock = led_clock(2)
    agent = AutoAgent.objects.get(clock=clock)
    driver.advance(clock, until=END, stop=lambda: AutoAgent.objects.filter(pk=agent.pk, phase="act").exists())
    AutoAgent.objects.filter(pk=agent.pk).update(action={"kind": "reply"})
    assert driver.advance(clock, until=END)
    agent.refresh_from_db()
    assert agent.error.startswith("TypeError")
    assert TicketEvent.objects.filter(ticket__clock=clock, actor="agent").exists()


def test_somebody_who_looked_before_another_acted_is_told_so_and_nothing_is_half_written() -> None:
    clock = Clock.objects.create(key="two", sim_at=START, running=True, wall_at=clocks.wall())
    ticket = case_on(clock)
    mine, yours = hold(ticket.pk), hold(ticket.pk)
    at = START + MINUTE
    do(yours, actions.reply(yours, now=at, body="We are looking into it."), now=at)
    with pytest.raises(Conflict) as refused:
        do(mine, actions.reply(mine, now=at, body="One moment, please."), now=at)
    assert refused.value.code == "changed_meanwhile"
    assert Comment.objects.filter(ticket=ticket, author_type="agent").count() == 1
    assert Ticket.objects.get(pk=ticket.pk).last_seq == TicketEvent.objects.filter(ticket=ticket).count()


def test_nothing_is_sent_while_the_clock_stands() -> None:
    clock = Clock.objects.create(key="still", sim_at=START)
    ticket = case_on(clock)
    before = trace(clock)
    with pytest.raises(Conflict) as refused:
        driver.perform(ticket, actions.reply, agent=None, body="Hello.")
    assert refused.value.code == "clock_paused"
    assert trace(clock) == before


def test_what_fell_due_comes_before_what_a_person_does() -> None:
    clock = Clock.objects.create(key="late", sim_at=START, running=True, wall_at=clocks.wall())
    ticket = case_on(clock, channel="chat", language="ko")
    clocks.set_instant(clock, START + HOUR, wall_now=clocks.wall())
    driver.perform(ticket, actions.reply, agent=None, body="확인해 보겠습니다.")
    log = list(TicketEvent.objects.filter(ticket=ticket).order_by("seq").values_list("at", "actor", "name"))
    said = [(at, actor) for at, actor, name in log if name == "comment.created"]
    assert "bot" in [actor for _, actor in said]
    assert said[-1][1] == "agent"
    assert log == sorted(log, key=lambda line: line[0])


def test_an_action_never_stands_before_what_happened_last() -> None:
    clock = Clock.objects.create(key="back", sim_at=START, running=True, wall_at=clocks.wall())
    ticket = case_on(clock)
    driver.perform_at(ticket.pk, actions.reply, agent=None, now=START - DAY, body="From before the complaint?")
    ats = list(TicketEvent.objects.filter(ticket=ticket).order_by("seq").values_list("at", flat=True))
    assert ats == sorted(ats)


def test_a_person_may_act_between_two_events_of_a_worker(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock.objects.create(key="shared", sim_at=START, running=True, wall_at=clocks.wall())
    for ordinal in range(6):
        case_on(clock, external_id=f"c{ordinal}", seed=ordinal, channel="chat", language="ko")

    def answer() -> bool:
        last = TicketEvent.objects.latest("pk")
        if Comment.objects.filter(ticket=last.ticket_id, author_type="agent").count() < 3:
            driver.perform_at(last.ticket_id, actions.reply, agent=None, now=last.at, body="확인 중입니다.")
        return False

    assert driver.advance(clock, until=START + 3 * DAY, stop=answer)
    assert Comment.objects.filter(author_type="agent").count() > 10
    assert caplog.messages == [], "no row failed on the way"
