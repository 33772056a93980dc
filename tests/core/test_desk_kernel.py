"""The queue of the simulated desk: agrees with SimPy ticket by ticket, loses nobody, never idles, respects ranks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from playbooks.core.desk.handling import FollowUpStep, Handling, Timing
from playbooks.core.desk.kernel import PLAIN, compiled
from playbooks.core.desk.run import ABANDONED, NOT_DUE, SERVED, WAITING, DeskRun, simulate
from playbooks.core.desk.setting import EXPONENTIAL, NONE, Arrivals, DeskSetting, Group, Patience, Shift, TicketClass
from tests.core.desk_cases import desks, many_groups, one_group, seeds, settings_with, timings
from tests.core.desk_in_simpy import Visitor, many_desks, one_desk, visitors

fast = pytest.mark.skipif(compiled() is None, reason="the extra `fast` is not installed")
few = settings(max_examples=30, deadline=None)


def starts(people: list[Visitor]) -> tuple[np.ndarray, np.ndarray]:
    """First handlings and follow-ups, nan where there was none."""
    first = [person.jobs[0].start for person in people]
    later = [job.start for person in people for job in person.jobs[1:]]
    return np.array(first, dtype=float), np.array(later, dtype=float)


def agree(run: DeskRun, people: list[Visitor]) -> None:
    first, later = starts(people)
    np.testing.assert_allclose(run.contacts.start, first, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.follow_ups.start, later, rtol=0, atol=1e-9)
    served = run.contacts.fate == SERVED
    waits = first[served] - run.contacts.arrival[served]
    np.testing.assert_allclose(run.contacts.wait[served], waits, rtol=0, atol=1e-9)


def end_of(setting: DeskSetting) -> float | None:
    return None if setting.drain else setting.days * 86_400


def columns(run: DeskRun) -> dict[str, bytes]:
    parts = {"contacts": run.contacts, "follow_ups": run.follow_ups}
    return {
        f"{part}.{name}": getattr(table, name).tobytes()
        for part, table in parts.items()
        for name in table.__slots__  # type: ignore[attr-defined]
    }


# --- a second opinion ---


@few
@given(setting=settings_with(one_group), timing=timings, seed=seeds)
def test_one_group_agrees_with_a_priority_resource_of_simpy(setting: DeskSetting, timing: Timing, seed: int):
    people = one_desk(visitors(setting, timing, seed), setting.agents[0].count, end_of(setting))
    agree(simulate(setting, seed, timing=timing, kernel=PLAIN), people)


@few
@given(setting=settings_with(many_groups), timing=timings, seed=seeds)
def test_languages_and_shifts_agree_with_processes_of_simpy(setting: DeskSetting, timing: Timing, seed: int):
    people = many_desks(visitors(setting, timing, seed), setting, end_of(setting))
    agree(simulate(setting, seed, timing=timing, kernel=PLAIN), people)


# --- plain and compiled ---


@fast
@settings(max_examples=60, deadline=None)
@given(setting=desks, timing=timings, seed=seeds)
def test_the_compiled_desk_gives_the_same_bits(setting: DeskSetting, timing: Timing, seed: int):
    plain = simulate(setting, seed, timing=timing, kernel=PLAIN)
    quick = simulate(setting, seed, timing=timing, kernel=compiled())
    assert columns(plain) == columns(quick)
    assert (plain.ended_at, plain.busy_h, plain.queue) == (quick.ended_at, quick.busy_h, quick.queue)


@fast
def test_a_hundred_thousand_tickets_have_the_same_bits():
    letter = Timing("letter", Handling(40.0, follow_ups=(FollowUpStep("letter", 20.0, 24, 168, 0.5, 2.5),)))
    setting = DeskSetting(Arrivals(60.0), (Group(40),), 70.0, drain=True)
    plain, quick = (simulate(setting, 3, timing=letter, kernel=kernel) for kernel in (PLAIN, compiled()))
    assert len(plain.contacts) > 100_000
    assert columns(plain) == columns(quick)


@few
@given(setting=settings_with(one_group), timing=timings, seed=seeds)
def test_the_short_loop_gives_what_the_long_one_gives(setting: DeskSetting, timing: Timing, seed: int):
    """An urgent class that nobody belongs to sends the same customers through the loop of many classes."""
    handling = replace(timing.handling, follow_ups=())
    alone = replace(setting, classes=(TicketClass("ordinary", 1.0),), languages={"ja": 1.0})
    ranked = replace(alone, classes=(TicketClass("urgent", 0.0), TicketClass("ordinary", 1.0)))
    short, long = (simulate(desk, seed, timing=Timing("x", handling), kernel=PLAIN) for desk in (alone, ranked))
    for name in ("arrival", "start", "wait", "finish", "fate", "group"):
        assert getattr(short.contacts, name).tobytes() == getattr(long.contacts, name).tobytes(), name
    assert short.ended_at == long.ended_at


# --- what every queue keeps ---


@few
@given(setting=desks, timing=timings, seed=seeds)
def test_everybody_is_served_or_leaves_or_still_waits(setting: DeskSetting, timing: Timing, seed: int):
    run = simulate(setting, seed, timing=timing)
    one, two = run.contacts, run.follow_ups
    assert set(one.fate.tolist()) <= ({SERVED, ABANDONED} if setting.drain else {SERVED, ABANDONED, WAITING})
    assert ((one.group >= 0) == (one.fate == SERVED)).all()
    assert (np.isnan(one.start) == (one.fate != SERVED)).all()
    assert one.wait[one.fate == ABANDONED] == pytest.approx(one.patience[one.fate == ABANDONED])
    assert (one.wait <= one.patience + 1e-6).all()
    assert (one.fate[two.customer[two.fate != NOT_DUE]] == SERVED).all()
    if setting.drain:
        assert ((two.fate == SERVED) == (one.fate[two.customer] == SERVED)).all()


@few
@given(setting=settings_with(one_group), timing=timings, seed=seeds)
def test_nobody_waits_beside_an_idle_agent_and_no_agent_does_two_things(
    setting: DeskSetting, timing: Timing, seed: int
):
    run = simulate(setting, seed, timing=timing)
    start = np.concatenate((run.contacts.start, run.follow_ups.start))
    finish = np.concatenate((run.contacts.finish, run.follow_ups.finish))
    came = np.concatenate((run.contacts.arrival, run.follow_ups.due))
    wait = np.concatenate((run.contacts.wait, run.follow_ups.wait))
    for at in start[~np.isnan(start)]:
        working = int(((start <= at) & (finish > at)).sum())
        assert working <= setting.agents[0].count
    for begin, waited in zip(came[wait > 1e-3], wait[wait > 1e-3], strict=True):
        middle = begin + waited / 2
        assert int(((start <= middle) & (finish > middle)).sum()) == setting.agents[0].count


@few
@given(setting=settings_with(one_group), timing=timings, seed=seeds)
def test_nobody_is_taken_before_an_earlier_one_of_the_same_class_or_anyone_of_a_better_one(
    setting: DeskSetting, timing: Timing, seed: int
):
    run = simulate(setting, seed, timing=Timing(timing.name, replace(timing.handling, follow_ups=())))
    one = run.contacts
    left = one.arrival + one.wait
    for taken in np.flatnonzero(one.fate == SERVED):
        at = one.start[taken]
        waits = (one.arrival < at - 1e-6) & (left > at + 1e-6)
        earlier = (one.ticket_class == one.ticket_class[taken]) & (one.arrival < one.arrival[taken])
        assert not (waits & (earlier | (one.ticket_class < one.ticket_class[taken]))).any()


@few
@given(setting=settings_with(many_groups), timing=timings, seed=seeds)
def test_an_agent_answers_in_a_language_of_the_group_and_begins_within_the_shift(
    setting: DeskSetting, timing: Timing, seed: int
):
    run = simulate(setting, seed, timing=timing)
    languages = list(setting.languages)
    served = run.contacts.fate == SERVED
    for group, tongue, start in zip(
        run.contacts.group[served], run.contacts.language[served], run.contacts.start[served], strict=True
    ):
        agents = setting.agents[group]
        assert agents.speaks(languages[tongue])
        hour = (setting.begins_h + start / 3600) % 168
        assert not agents.shifts or any(
            shift.begins_h - 1e-9 <= hour - 24 * day + week < shift.ends_h + 1e-9
            for shift in agents.shifts for day in shift.weekdays for week in (0, 168)
        )  # fmt: skip


# --- worked by hand ---


def test_work_begun_in_a_shift_is_finished_after_it():
    office = Group(1, shifts=(Shift(0, 1),))
    setting = DeskSetting(Arrivals(60.0), (office,), 0.5 / 24, patience=Patience(NONE), drain=True)
    run = simulate(setting, 1, timing=Timing("slow", Handling(50.0)))
    on_shift = run.contacts.start % 86_400
    assert (on_shift < 3_600 + 1e-6).all()
    assert (run.contacts.finish % 86_400 > 3_600).any()
    assert run.ended == "drained"
    assert run.ended_at == run.contacts.finish.max()


def test_follow_ups_come_back_days_after_the_first_handling_and_in_their_order():
    steps = (FollowUpStep("letter", 30.0, 24.0), FollowUpStep("check-in", 5.0, 24.0 * 7))
    run = simulate(
        DeskSetting(Arrivals(3.0), (Group(3),), 5.0, patience=Patience(NONE), drain=True), 1,
        timing=Timing("letter", Handling(20.0, follow_ups=steps)),
    )  # fmt: skip
    later = run.follow_ups
    assert run.steps == ("letter", "check-in")
    assert later.step.tolist() == [0, 1] * len(run.contacts)
    after = later.due - run.contacts.finish[later.customer]
    assert after == pytest.approx(np.tile([86_400.0, 7 * 86_400.0], len(run.contacts)))
    assert run.busy_h[0] == pytest.approx((math.fsum(run.contacts.work) + math.fsum(later.work)) / 3600)


def test_a_run_that_is_cut_off_keeps_who_still_waits():
    setting = DeskSetting(Arrivals(30.0), (Group(1),), 1.0, patience=Patience(NONE))
    run = simulate(setting, 1, timing=Timing("slow", Handling(30.0)))
    waiting = run.contacts.fate == WAITING
    assert run.ended == "cut_off"
    assert run.never_empties
    assert run.queue.at_end == waiting.sum() > 500
    assert run.contacts.wait[waiting] == pytest.approx(86_400 - run.contacts.arrival[waiting])


def test_a_quiet_desk_where_nobody_writes_in_ends_with_empty_columns():
    run = simulate(DeskSetting(Arrivals(1e-9), (Group(2),), 1.0, drain=True), 1, timing=Timing("x", Handling(9.0)))
    assert (len(run.contacts), len(run.follow_ups), run.queue.most, run.busy_h) == (0, 0, 0, (0.0,))


def test_the_third_week_has_the_shifts_of_the_first():
    agents = (
        Group(1, "office", (), (Shift(9, 18, (0, 1, 2, 3, 4)),)),
        Group(1, "saturday", (), (Shift(10, 14, (5,)),)),
    )
    setting = DeskSetting(Arrivals(2.0), agents, 20.0, patience=Patience(NONE), drain=True, begins_h=40.0)
    timing = Timing("x", Handling(9.0))
    agree(simulate(setting, 5, timing=timing, kernel=PLAIN), many_desks(visitors(setting, timing, 5), setting))


def test_who_leaves_in_the_night_after_the_last_work_has_left():
    office = (Group(1, "office", (), (Shift(9, 18, (0,)),)),)
    setting = DeskSetting(Arrivals(2.0), office, 1.0, patience=Patience(EXPONENTIAL, mean_h=0.5), drain=True)
    run = simulate(setting, 1, timing=Timing("x", Handling(4.0)))
    left = run.contacts.fate == ABANDONED
    assert set(run.contacts.fate.tolist()) == {SERVED, ABANDONED}
    assert run.ended_at == (run.contacts.arrival + run.contacts.wait)[left].max()
    assert run.queue.at_end == 0
