"""A record read out of a log worked by hand, and what many records say about a playbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from playbooks.core.case import Case
from playbooks.core.opening import opening_events
from playbooks.core.outcome import ANSWER_WITHIN, RESOLVE_WITHIN, Outcome, _within, outcome_of, summary
from playbooks.core.playbook import Step
from playbooks.core.rail import StepView
from tickets.calendars import ALWAYS
from tickets.durations import Span
from tickets.log import AGENT, CUSTOMER, SYSTEM, Event

T0 = 1_767_571_200  # Monday 2026-01-05 00:00 UTC
MINUTE, HOUR, DAY = 60, 3_600, 86_400


def case(**changes: Any) -> Case:
    made = Case(
        key="T-1", seed=7, language="ja", profile="JP", channel="email", category="wrong_item", severity=0.6,
        monetary=True, goods_accepted=True, own_fault=True, price=8_000, currency="JPY", right_remedy="exchange",
    )  # fmt: skip
    return replace(made, **changes)


def said(at: int, *, actor: str = AGENT, channel: str = "email", seconds: int = 0, **facts: Any) -> Event:
    data = {"public": True, "author": actor, "channel": channel, "facts": facts}
    return Event(at, "comment.created", actor, {**data, "seconds": seconds} if seconds else data)


def worked_log() -> list[Event]:
    """Answered after 30 minutes, remedied after an hour, solved after two; letter, gift and surveys later."""
    return [
        *opening_events(case(), at=T0),
        said(T0 + 30 * MINUTE, seconds=300),
        Event(T0 + 30 * MINUTE, "ticket.opened", AGENT, {"from": "new", "to": "open"}),
        Event(T0 + HOUR, "remedy.given", AGENT, {
            "kind": "exchange", "amount": 8_000, "currency": "JPY", "ratio": 1.0, "promise_at": T0 + DAY,
            "conditional": False, "seconds": 600,
        }),
        Event(T0 + 2 * HOUR, "ticket.solved", AGENT, {"from": "open", "to": "solved"}),
        Event(T0 + 3 * HOUR, "customer.accepted", CUSTOMER, {}),
        said(T0 + DAY, channel="letter", deeds=["letter"]),
        Event(T0 + DAY, "gift.given", AGENT, {"amount": 1_500, "currency": "JPY", "cap": 1_600}),
        Event(T0 + DAY, "survey.invited", SYSTEM, {"metric": "csat", "round": 1}),
        Event(T0 + DAY, "survey.invited", SYSTEM, {"metric": "ces", "round": 1}),
        Event(T0 + 2 * DAY, "survey.answered", CUSTOMER, {"metric": "csat", "score": 4}),
        Event(T0 + 30 * DAY, "survey.invited", SYSTEM, {"metric": "nps", "round": 1}),
        Event(T0 + 31 * DAY, "customer.repurchased", CUSTOMER, {"bought": True}),
        Event(T0 + 31 * DAY, "customer.told", CUSTOMER, {"people": 3, "tone": "good"}),
    ]  # fmt: skip


def step(deed: str, state: str, *, due: int, latest: int, done: int | None = None) -> StepView:
    made = Step(deed, {}, {}, "response", AGENT, deed, ("opened",), due, latest)
    met = None if state == "open" else done is not None and done <= latest
    return StepView(made, state, T0, T0 + due, T0 + latest, None if done is None else T0 + done, met)


def outcome(**changes: Any) -> Outcome:
    steps = [
        step("apologise", "done", due=HOUR, latest=3 * HOUR, done=30 * MINUTE),
        step("remedy", "done", due=30 * MINUTE, latest=DAY, done=HOUR),
        step("prevention", "missed", due=DAY, latest=2 * DAY),
    ]
    made = outcome_of(case(), worked_log(), playbook="p", steps=steps, calendar=ALWAYS, now=T0 + 40 * DAY)
    return replace(made, **changes)


def test_times_and_surveys_are_read_from_the_log() -> None:
    record = outcome()
    assert (record.human_reply.calendar, record.resolution.calendar) == (30 * MINUTE, 2 * HOUR)
    assert record.bot_reply.calendar is None
    assert (record.csat, record.ces, record.nps) == (4, None, None)
    assert record.invited == {"csat", "ces", "nps"}
    assert (record.repurchased, record.told_good, record.told_bad) == (True, 3, 0)
    assert (record.accepted, record.abandoned, record.stars) == (True, False, None)


def test_cost_is_wage_remedy_gift_and_letter_in_one_currency() -> None:
    record = outcome()
    assert record.agent_seconds == 900
    assert record.cost == {"labour": 600, "remedy": 8_000, "gift": 1_500, "letter": 500}  # a quarter of ¥2,400
    assert record.currency == "JPY"


def test_steps_count_as_met_by_target_late_by_limit_or_missed() -> None:
    record = outcome()
    assert (record.steps_met, record.steps_late, record.steps_missed, record.steps_left_out) == (1, 1, 1, 0)
    assert record.within_target is True


def test_a_ticket_nobody_answers_is_outside_its_target_once_that_has_passed() -> None:
    steps = [step("answer", "open", due=HOUR, latest=DAY)]
    log = opening_events(case(), at=T0)
    early = outcome_of(case(), log, playbook="p", steps=steps, calendar=ALWAYS, now=T0 + MINUTE)
    later = outcome_of(case(), log, playbook="p", steps=steps, calendar=ALWAYS, now=T0 + 2 * HOUR)
    assert early.within_target is None
    assert later.within_target is False


def test_the_unanswered_count_as_waits_without_end() -> None:
    silent = outcome_of(case(), opening_events(case(), at=T0), playbook="p", steps=[], calendar=ALWAYS, now=T0 + DAY)
    times = summary([outcome(), outcome(), silent])["p"]["human_reply"]
    assert (times["n"], times["unended"]) == (3, 1)
    assert times["calendar"] == {"median": 30 * MINUTE, "p90": None}


def test_the_last_answered_round_of_a_survey_counts() -> None:
    log = [*worked_log(), Event(T0 + 40 * DAY, "survey.answered", CUSTOMER, {"metric": "csat", "score": 2})]
    record = outcome_of(case(), log, playbook="p", steps=[], calendar=ALWAYS, now=T0 + 40 * DAY)
    assert record.csat == 2


def test_shares_carry_their_n_and_surveys_their_response_rate() -> None:
    told = summary([outcome(), outcome(csat=None), outcome(csat=2)])["p"]
    assert (told["csat"]["asked"], told["csat"]["answered"]) == (3, 2)
    assert told["csat"]["response_rate"]["estimate"] == pytest.approx(2 / 3)
    assert told["csat"]["satisfied"]["estimate"] == 0.5
    assert told["csat"]["mean"]["estimate"] == 3
    assert (told["nps"]["asked"], told["nps"]["score"]["estimate"]) == (3, None)


def test_currencies_are_never_added_up() -> None:
    won = outcome(currency="KRW", cost={"labour": 3_000, "remedy": 0, "gift": 0, "letter": 0})
    costs = summary([outcome(), won])["p"]["cost"]
    assert set(costs) == {"JPY", "KRW"}
    assert (costs["JPY"]["n"], costs["JPY"]["total"]) == (1, 10_600)
    assert (costs["KRW"]["n"], costs["KRW"]["total"]) == (1, 3_000)


def test_playbooks_are_summed_up_apart() -> None:
    told = summary([outcome(), outcome(playbook="q", agent_seconds=7_200)])
    assert list(told) == ["p", "q"]
    assert told["p"]["tickets_per_agent_hour"] == 4.0
    assert told["q"]["tickets_per_agent_hour"] == 0.5


def test_a_playbook_without_tickets_worked_has_no_rate() -> None:
    idle = outcome(agent_seconds=0)
    assert summary([idle])["p"]["tickets_per_agent_hour"] is None
    assert summary([]) == {}


def test_one_yardstick_counts_the_unanswered_and_the_unresolved_as_late() -> None:
    spans = [Span(3_600, 0), Span(90_000, 0), Span(None, None)]
    assert _within(spans, ANSWER_WITHIN)["estimate"] == pytest.approx(1 / 3)
    assert _within(spans, RESOLVE_WITHIN)["n"] == 3


def test_what_came_after_the_customer_had_left_reached_nobody() -> None:
    spans = {"human_reply": Span(2 * HOUR, 0), "resolution": Span(3 * HOUR, 0)}
    before, between = (outcome(**spans, left_at=T0 + hours * HOUR + 1, abandoned=True) for hours in (1, 2))
    stayed, afterwards = outcome(**spans, left_at=None), outcome(**spans, left_at=T0 + 9 * HOUR)
    found = summary([before, between, stayed, afterwards])["p"]
    assert (found["human_reply"]["unended"], found["human_reply"]["in_vain"]) == (1, 1)
    assert (found["resolution"]["unended"], found["resolution"]["in_vain"], found["in_vain"]) == (2, 2, 2)
    assert found["resolution"]["within_three_days"]["estimate"] == 0.5
    assert [one.reached_customer for one in (before, between, stayed, afterwards)] == [False, False, True, True]
