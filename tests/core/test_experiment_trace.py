"""The simulated desk and the live one are the same: handled tickets, sent through an empty desk, end as in their log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from playbooks.core.customer.experience import Experience, experience_of
from playbooks.core.customer.persona import METRICS, ROUNDS, Persona, Traits, persona_of
from playbooks.core.customer.satisfaction import Feelings, feelings
from playbooks.core.customer.survey import buys_again, responds, response_share, score, tells, tick, word_of_mouth
from playbooks.core.desk.draws import customers
from playbooks.core.experiments.measure import felt_by
from playbooks.core.experiments.plan import RATES, Arm, desk_from
from playbooks.core.experiments.played import DAY, DAYS, OPENED_AT, Played, cases, library, read_off
from playbooks.core.experiments.population import Population
from playbooks.core.experiments.run import Crowd, Ran, ran
from playbooks.core.playbook import built_in
from playbooks.core.profiles import profile_for
from playbooks.core.replay import play
from tests.core.experiment_cases import FAST, LETTER
from tickets.calendars import ALWAYS
from tickets.lifecycle import is_human_reply
from tickets.log import AGENT, Log

PROFILES = ("US", "JP", "JPyoung", "KR")
UNTIL = OPENED_AT + DAYS * DAY

few = pytest.mark.parametrize(("playbook", "count"), [(FAST, 5), (LETTER, 5)])  # of each profile
many = pytest.mark.parametrize(("playbook", "count"), [(FAST, 50), (LETTER, 50)])


@cache
def traced(playbook: str, count: int) -> tuple[list[Played], list[Log], Ran]:
    """Cases handled by automatic agents, their logs, and the same sent through a desk where nobody has to wait."""
    handlings, logs = [], []
    for case, text in cases(PROFILES, count=count, seed=41):
        book = built_in()[playbook]
        log = play(case, book, opened_at=OPENED_AT, text=text, calendar=ALWAYS, days=DAYS, agent=profile_for(book)).log
        handlings.append(read_off(case, book, log, until=UNTIL))
        logs.append(log)
    made = library(handlings, profiles=PROFILES, count=count, rates=RATES)
    return handlings, logs, ran(_empty_desk(playbook, handlings), made, _crowd(handlings, count))


def _empty_desk(playbook: str, handlings: Sequence[Played]) -> Arm:
    desk = desk_from("empty", _desk(len(handlings)))
    return Arm(playbook, built_in()[playbook], desk)


def _desk(tickets: int) -> dict[str, Any]:
    """More people than tickets, round the clock, and nobody who gives up."""
    return {
        "desk": {
            "days": 30,
            "drain": True,
            "tickets": tickets,
            "arrivals": {"per_hour": 60.0},
            "profiles": dict.fromkeys(PROFILES, 1 / len(PROFILES)),
            "patience": {"curve": "none"},
            "agents": [{"name": "desk", "count": tickets}],
        }
    }


def _crowd(handlings: Sequence[Played], count: int) -> Crowd:
    """The customers of these cases themselves, with the numbers that settle each of their decisions."""
    personas = [persona_of(one.case) for one in handlings]
    setting = desk_from("empty", _desk(len(handlings))).setting
    met = customers(setting, 41, 0)
    profile = np.repeat(np.arange(len(PROFILES)), count)
    first = [METRICS.index(metric) * ROUNDS for metric in METRICS]
    people = Population(
        profile=profile,
        row=np.arange(len(handlings)),
        traits=Traits(**{f.name: np.array([getattr(p.traits, f.name) for p in personas]) for f in fields(Traits)}),
        spread=np.zeros(len(handlings)),
        responds=np.array([[persona.responds[place] for place in first] for persona in personas]),
        scale=np.array([persona.scale for persona in personas]),
        buys=np.array([persona.buys for persona in personas]),
        tells=np.array([persona.tells for persona in personas]),
        rows=len(handlings),
    )
    return Crowd(setting, (replace(met, profile=profile.astype(np.int8)),), people, np.arange(len(handlings)), people)


def _one_by_one(playbook: str, count: int) -> list[tuple[Persona, Experience, Feelings]]:
    """What the functions for rows say of each log."""
    handlings, logs, _ = traced(playbook, count)
    found = []
    for one, log in zip(handlings, logs, strict=True):
        persona, lived = persona_of(one.case), experience_of(one.case, log, until=UNTIL)
        found.append((persona, lived, feelings(lived, persona.traits)))
    return found


def _experience_is_that_of_the_log(playbook: str, count: int) -> None:
    handlings, _, desk = traced(playbook, count)
    assert not desk.handled.left.any()
    for row, (_, lived, _) in enumerate(_one_by_one(playbook, count)):
        for field in fields(Experience):
            here = getattr(desk.handled.lived, field.name)[row]
            assert here == getattr(lived, field.name), (handlings[row].case.key, field.name)


def _feelings_and_answers_are_those_of_the_rows(playbook: str, count: int) -> None:
    _, _, desk = traced(playbook, count)
    people, felt = desk.people, felt_by(desk.people, desk.handled)
    ticks = {m: score(m, felt, people.traits, people.scale[:, n]) for n, m in enumerate(METRICS)}
    answers = {
        m: people.responds[:, n] < response_share(m, felt.satisfaction, desk.handled.left)
        for n, m in enumerate(METRICS)
    }
    tales = word_of_mouth(felt.satisfaction, people.tells, people.traits.gain)
    for row, (persona, _, alone) in enumerate(_one_by_one(playbook, count)):
        for name in ("satisfaction", "cumulative", "repurchase"):
            assert abs(getattr(felt, name)[row] - getattr(alone, name)) <= 1e-9
        for metric in METRICS:
            assert ticks[metric][row] == tick(persona, metric, alone)
            assert answers[metric][row] == responds(persona, metric, 1, alone, left=False)
        assert (people.buys[row] < felt.repurchase[row]) == buys_again(persona, alone)
        told = tells(persona, alone)
        assert tales[row] == (0 if told is None else told.people if told.tone == "good" else -told.people)


def _times_and_work_are_those_of_the_log(playbook: str, count: int) -> None:
    _, logs, desk = traced(playbook, count)
    for row, log in enumerate(logs):
        first = next((event.at for event in log if is_human_reply(event)), None)
        assert desk.handled.answered_h[row] == (np.inf if first is None else (first - log[0].at) / 3600)
        seconds = sum(int(event.data.get("seconds", 0)) for event in log if event.actor == AGENT)
        # Pauses within a visit belong to it; what runs side by side is worked on once.
        assert abs(desk.handled.work[row] - seconds) <= 0.35 * seconds + 120


@few
def test_a_handled_ticket_on_an_empty_desk_is_lived_through_as_in_its_log(playbook, count):
    _experience_is_that_of_the_log(playbook, count)


@few
def test_a_handled_ticket_on_an_empty_desk_is_felt_and_answered_as_by_the_functions_for_rows(playbook, count):
    _feelings_and_answers_are_those_of_the_rows(playbook, count)


@few
def test_a_handled_ticket_on_an_empty_desk_is_answered_and_worked_on_as_long_as_in_its_log(playbook, count):
    _times_and_work_are_those_of_the_log(playbook, count)


@pytest.mark.slow
@many
def test_200_handled_tickets_on_an_empty_desk_are_lived_through_as_in_their_logs(playbook, count):
    _experience_is_that_of_the_log(playbook, count)


@pytest.mark.slow
@many
def test_200_handled_tickets_on_an_empty_desk_are_felt_and_answered_as_by_the_functions_for_rows(playbook, count):
    _feelings_and_answers_are_those_of_the_rows(playbook, count)


@pytest.mark.slow
@many
def test_200_handled_tickets_on_an_empty_desk_are_answered_and_worked_on_as_long_as_in_their_logs(playbook, count):
    _times_and_work_are_those_of_the_log(playbook, count)
