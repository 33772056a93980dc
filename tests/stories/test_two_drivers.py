"""The keystone: one rule set, two drivers. The same case, handled the same way, on rows and in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playbooks import driver, rehearsal
from playbooks.core import streams
from playbooks.core.case import Case
from playbooks.core.customer.experience import experience_of
from playbooks.core.customer.persona import persona_of
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.playbook import built_in
from playbooks.core.profiles import profile_for
from playbooks.core.replay import Replay, canonical, play
from playbooks.core.scenarios import case_of_ticket
from playbooks.definitions import FAST, LETTER
from playbooks.held import desk_calendar, hold
from playbooks.intake import Complaint, take_in
from playbooks.models import PlaybookRun
from tickets.actions import log_of
from tickets.calendars import calendar
from tickets.log import Event, named
from tickets.models import Clock, Ticket

pytestmark = pytest.mark.django_db

DAY = 86_400
START = rehearsal.START
LANGUAGES = ("ja", "ko", "en")
CHANNELS = ("email", "chat", "kakaotalk", "phone", "web")


def complaint(ordinal: int, *, seed: int) -> Complaint:
    return Complaint(
        description=f"Order {ordinal} has not come, and nobody answers.",
        external_id=f"c{ordinal}",
        language=LANGUAGES[ordinal % 3],
        channel=CHANNELS[ordinal % 5],
        category="delivery_delay",
        seed=seed,
    )


def case_for(wish: Complaint) -> Case:
    return case_of_ticket(
        key=wish.external_id or "",
        seed=wish.seed,
        language=wish.language,
        channel=wish.channel,
        category=wish.category,
        description=wish.description,
        profile=None,
    )


def lines(log: list[Event] | tuple[Event, ...]) -> list[tuple[int, str, str, object]]:
    return [(event.at, event.name, event.actor, canonical(dict(event.data))) for event in log]


def answers(log: tuple[Event, ...]) -> list[tuple[object, ...]]:
    return [(e.data["metric"], e.data.get("round"), e.data["score"]) for e in named(log, "survey.answered")]


def handling(seed: int, ordinal: int, opened_at: int) -> list[tuple[int, list[Effect]]]:
    """A generated handling: what some agent did and when, without regard to the playbook."""
    u = iter(streams.uniforms(seed, "test/handling", ordinal, 160).tolist())
    at, script = opened_at, []
    for _ in range(3 + streams.pick(next(u), 5)):
        at += 60 + int(next(u) ** 3 * 3 * DAY)
        facts = Facts(
            apology=tuple(part for part in COMPONENTS if next(u) < 0.4),
            empathy=round(next(u), 3),
            concrete=round(next(u), 3),
            ng=int(next(u) < 0.1),
            asks=next(u) < 0.15,
        )
        effects: list[Effect] = [Say("agent", "…", facts, public=next(u) < 0.9, seconds=120)]
        if next(u) < 0.25:
            data = {
                "kind": "refund",
                "amount": 100,
                "currency": "JPY",
                "ratio": round(next(u), 3),
                "promise_at": None,
                "conditional": False,
            }
            effects.append(Note("remedy.given", "agent", data))
        script.append((at, effects))
    script.append((at + 600, [Say("agent", "…", Facts(keeps_closed=True)), Become("solved", "agent")]))
    return script


def on_rows(wish: Complaint, playbook: str, script: list[tuple[int, list[Effect]]]) -> tuple[Event, ...]:
    """The scripted handling on the live desk: at each instant what fell due first, then the agent's action."""
    clock = Clock.objects.create(key=f"t/{playbook}/{wish.external_id}", sim_at=START)
    held = take_in(replace(wish, playbook=playbook), clock=clock, now=START)
    for at, effects in script:
        driver.advance(clock, until=at - 1)
        driver.perform_at(held.ticket.pk, lambda _held, now, effects=effects: effects, agent=None, now=at)
    driver.advance(clock, until=START + 45 * DAY)
    return tuple(log_of(Ticket.objects.get(pk=held.ticket.pk)))


def in_memory(wish: Complaint, playbook: str, script: list[tuple[int, list[Effect]]]) -> Replay:
    case = case_for(wish)
    return play(
        case, built_in()[playbook], opened_at=START, text=wish.description, calendar=desk_calendar(wish.language),
        days=45, script=script, remarks=True,
    )  # fmt: skip


def check_handlings(playbook: str, ordinals: range) -> None:
    for ordinal in ordinals:
        wish = complaint(ordinal, seed=11)
        script = handling(11, ordinal, START)
        rows, memory = on_rows(wish, playbook, script), in_memory(wish, playbook, script)
        assert lines(rows) == lines(memory.log), f"handling {ordinal}"
        case = case_for(wish)
        at = max(rows[-1].at, memory.log[-1].at)
        felt = [
            feelings(experience_of(case, log, until=at), persona_of(case).traits).satisfaction
            for log in (rows, memory.log)
        ]
        assert abs(felt[0] - felt[1]) <= 1e-9
        assert answers(rows) == answers(memory.log)


@pytest.mark.parametrize("playbook", [FAST, LETTER])
def test_a_generated_handling_leaves_the_same_log_on_rows_and_in_memory(playbook: str) -> None:
    check_handlings(playbook, range(12))


@pytest.mark.slow
@pytest.mark.parametrize("playbook", [FAST, LETTER])
def test_two_hundred_generated_handlings_leave_the_same_logs(playbook: str) -> None:
    check_handlings(playbook, range(200))


def automatic(count: int, *, days: int = 40) -> None:
    """Each ticket has an agent of its own, so that both drivers meet the same idle desk."""
    wishes = [complaint(ordinal, seed=5) for ordinal in range(count)]
    laid_out = rehearsal.prepare(wishes, key=f"keystone-{count}", seed=5, days=days, staff=count)
    for clock in rehearsal.run(laid_out):
        playbook = built_in()[clock.key.rsplit("/", 1)[1]]
        for ticket in Ticket.objects.filter(clock=clock).order_by("number"):
            log = log_of(ticket)
            memory = play(
                replace(case_for(wishes[ticket_ordinal(ticket)])), playbook,
                opened_at=log[0].at, text=ticket.description,
                calendar=desk_calendar(ticket.language), hours=calendar("jp"), agent=profile_for(playbook),
                days=days, remarks=True,
            )  # fmt: skip
            upto = rehearsal.end_of(laid_out)
            on_desk = [event for event in log if event.name != "ticket.assigned"]  # a case in memory has one agent
            assert lines(on_desk) == lines([event for event in memory.log if event.at <= upto]), ticket.external_id


def ticket_ordinal(ticket: Ticket) -> int:
    return int(str(ticket.external_id).removeprefix("c"))


def test_automatic_agents_leave_the_same_trace_on_rows_and_in_memory() -> None:
    automatic(8)


@pytest.mark.slow
def test_two_hundred_tickets_of_automatic_agents_leave_the_same_traces() -> None:
    automatic(100)


def test_what_is_derived_from_the_rows_is_what_was_kept_on_the_way() -> None:
    laid_out = rehearsal.prepare([complaint(n, seed=9) for n in range(4)], key="derived", seed=9, days=20)
    for clock in rehearsal.run(laid_out):
        for run in PlaybookRun.objects.filter(clock=clock).select_related("ticket"):
            held = hold(run.ticket_id)
            assert run.ticket.next_deadline_at == held.standing.next_deadline_at
            assert (run.miss_step, run.miss_at) == (held.standing.miss or ("", None))
            assert set(held.standing.promises) == set(run.follow_ups.values_list("step", flat=True))
            assert held.standing.intentions == dict(run.ticket.reactions.values_list("key", "due_at"))
