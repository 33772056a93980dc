"""Being told before one complains: whom a notice reaches, who then stays silent, and what it is worth to the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playbooks.core.case import Case
from playbooks.core.customer.evidence import E
from playbooks.core.customer.experience import experience_of
from playbooks.core.customer.notice import (
    DAY,
    Notice,
    cause_key,
    cause_of,
    reaching,
    satisfaction_if_told,
    spares,
    told_beforehand,
)
from playbooks.core.customer.persona import persona_of
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.opening import opening_events
from playbooks.core.outcome import outcome_of
from playbooks.core.statistics import wilson
from tests.core.customer_cases import HOUR, T0, a_case, after, agent_says, apologises
from tickets.calendars import ALWAYS
from tickets.log import Event

CASE = a_case(names={"cause": "a bad seal"})
CAUSE = "defective_item/=a bad seal"
NOTICE = Notice(CAUSE, T0 - DAY, told=30, not_told=70)
MANY = 2_000


def someone(number: int) -> Case:
    return replace(CASE, key=f"n{number}")


def reached(notice: Notice, case: Case = CASE, *, email: str = "", at: int = T0) -> bool:
    return reaching([notice], case, email=email, at=at) is not None


def test_a_cause_is_named_by_its_scenario_or_its_words():
    assert cause_of(CASE) == CAUSE
    assert cause_of(replace(CASE, scenario="lost_suitcase")) == "defective_item/lost_suitcase"
    assert cause_of(replace(CASE, own_fault=False)) == "defective_item/not_ours"
    assert cause_key("other", own_fault=True, said="x" * 300) == "other/=" + "x" * 120


def test_where_all_are_named_a_notice_reaches_those_and_nobody_else():
    named = replace(NOTICE, told=1, emails=frozenset({"kim@example.com"}))
    assert all(reached(named, someone(n), email="Kim@example.com") for n in range(50))
    assert not any(reached(named, someone(n), email="lee@example.com") for n in range(50))
    assert not any(reached(named, someone(n)) for n in range(50))


@pytest.mark.parametrize(("not_told", "share"), [(70, 0.3), (0, 1.0), (None, E.notice.reach)])
def test_where_only_a_count_is_known_it_reaches_so_many(not_told: int | None, share: float):
    notice = replace(NOTICE, not_told=not_told)
    found = wilson(sum(reached(notice, someone(n)) for n in range(MANY)), MANY)
    assert found.low - 1e-9 <= share <= found.high + 1e-9


def test_a_notice_reaches_nobody_too_early_too_late_or_about_something_else():
    everybody = replace(NOTICE, not_told=0)
    assert reached(everybody)
    assert not reached(everybody, at=everybody.told_at)
    assert not reached(everybody, at=everybody.told_at + E.notice.days * DAY + 1)
    assert not reached(replace(everybody, cause="defective_item/=another"))


def test_of_two_notices_the_first_counts():
    first, second = replace(NOTICE, not_told=0), replace(NOTICE, told_at=T0 - HOUR, not_told=0)
    assert reaching([second, first], CASE, email="", at=T0) == first


def test_so_many_of_those_told_do_not_complain_as_is_assumed():
    found = wilson(sum(spares(someone(n)) for n in range(MANY)), MANY)
    assert found.low <= E.notice.spared <= found.high
    assert E.why("notice.spared").mark == "assumed"


# What it is worth


def handled(told_at: int | None) -> list[Event]:
    log = opening_events(CASE, at=T0, told_at=told_at)
    return after(log, CASE, 5 * HOUR, apologises())


def test_a_ticket_without_a_notice_begins_as_ever():
    assert opening_events(CASE, at=T0) == opening_events(CASE, at=T0, told_at=None)
    assert "told_at" not in opening_events(CASE, at=T0)[0].data


def test_what_the_log_says_is_what_was_estimated_before():
    plain, told = (experience_of(CASE, handled(at), until=T0 + 6 * HOUR) for at in (None, T0 - DAY))
    assert told == told_beforehand(plain)
    who = persona_of(CASE).traits
    assert float(feelings(told, who).satisfaction) == pytest.approx(satisfaction_if_told(plain, who), abs=1e-12)
    assert satisfaction_if_told(plain, who, factor=0.5) < satisfaction_if_told(plain, who)


def test_the_outcome_follows_from_the_log():
    plain, told = (
        outcome_of(CASE, handled(at), playbook="p", steps=(), calendar=ALWAYS, now=T0 + 6 * HOUR)
        for at in (None, T0 - DAY)
    )
    assert told.satisfaction > plain.satisfaction


def test_who_was_told_waits_more_calmly_for_the_first_answer():
    log = opening_events(CASE, at=T0)
    told = opening_events(CASE, at=T0, told_at=T0 - DAY)
    who = persona_of(CASE).traits
    late = [after(one, CASE, 30 * HOUR, agent_says()) for one in (log, told)]
    pj = [float(feelings(experience_of(CASE, one, until=T0 + 31 * HOUR), who).pj) for one in late]
    assert pj[1] > pj[0] + E.notice.procedural * 0.99
