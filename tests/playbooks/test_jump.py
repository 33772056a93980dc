"""A jump of thirty days equals thirty jumps of one, event for event: on rows, and in the pure core."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks import actions, driver
from playbooks.core.playbook import built_in
from playbooks.core.profiles import profile_for
from playbooks.core.replay import play
from playbooks.core.scenarios import case_of_ticket
from playbooks.definitions import FAST, LETTER
from playbooks.held import desk_calendar
from playbooks.models import AutoAgent, FollowUp
from tests.playbooks.cases import DAY, HOUR, START, case_on, led_clock, pending, trace
from tickets import clock as clocks
from tickets.calendars import calendar
from tickets.errors import Conflict, NotFound
from tickets.log import Event
from tickets.models import Clock

ON_ROWS = settings(
    max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
IN_MEMORY = settings(max_examples=12, deadline=None, derandomize=True)

cuts = st.lists(st.integers(1, 30 * DAY - 1), max_size=12, unique=True).map(sorted)


def after_jumps(lengths: Sequence[int], *, arm: str, count: int) -> tuple[list[str], list[object], int]:
    """What the same customers and agents leave on a clock that is jumped forward so; nothing is kept."""
    with transaction.atomic():
        clock = led_clock(count, arm=arm)
        for length in lengths:
            driver.jump(clock, by=length)
        found = (
            trace(clock),
            [pending(clock), *AutoAgent.objects.filter(clock=clock).values_list("due_at")],
            clock.sim_at,
        )
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(("arm", "count"), [(FAST, 1), (LETTER, 2)])
def test_a_jump_of_thirty_days_equals_thirty_jumps_of_one(arm: str, count: int) -> None:
    whole = after_jumps([30 * DAY], arm=arm, count=count)
    assert after_jumps([DAY] * 30, arm=arm, count=count) == whole
    assert len(whole[0]) > 20 * count


@pytest.mark.django_db
@given(cut=cuts, arm=st.sampled_from([FAST, LETTER]))
@ON_ROWS
def test_jumps_of_any_length_lead_to_the_same_rows(cut: list[int], arm: str) -> None:
    edges = [0, *cut, 30 * DAY]
    lengths = [later - earlier for earlier, later in pairwise(edges)]
    assert after_jumps(lengths, arm=arm, count=1) == after_jumps([30 * DAY], arm=arm, count=1)


@given(
    days=st.integers(0, 29),
    ordinal=st.integers(0, 10_000),
    language=st.sampled_from(["ko", "ja", "en"]),
    channel=st.sampled_from(["email", "chat", "kakaotalk", "line", "phone"]),
    arm=st.sampled_from([FAST, LETTER]),
)
@IN_MEMORY
def test_in_memory_a_shorter_play_is_the_beginning_of_a_longer_one(
    days: int, ordinal: int, language: str, channel: str, arm: str
) -> None:
    case = case_of_ticket(
        key=f"c{ordinal}", seed=5, language=language, channel=channel, category="delivery_delay", profile=None,
        description="The order has not come.",
    )  # fmt: skip
    playbook = built_in()[arm]

    def played(until: int) -> tuple[Event, ...]:
        return play(
            case, playbook, opened_at=START, text="The order has not come.", calendar=desk_calendar(language),
            hours=calendar("jp"), agent=profile_for(playbook), days=until,
        ).log  # fmt: skip

    until = START + days * DAY
    assert played(days) == tuple(event for event in played(30) if event.at <= until)


@pytest.mark.django_db
def test_a_running_clock_jumps_too_and_stands_at_its_target_afterwards() -> None:
    clock = Clock.objects.create(key="shift", running=True, sim_at=START, wall_at=clocks.wall())
    ticket = case_on(clock)
    driver.jump(clock, by=3 * DAY)
    assert 0 <= clocks.instant(clock, wall_now=clocks.wall()) - (START + 3 * DAY) < 60
    assert not FollowUp.objects.filter(ticket=ticket, state="pending", due_at__lte=START + 3 * DAY).exists()


@pytest.mark.django_db
def test_to_the_next_thing_that_happens_stops_there() -> None:
    clock = Clock.objects.create(key="shift", sim_at=START)
    case_on(clock)
    for _ in range(5):
        at = driver.next_thing_at(clock)
        assert driver.jump_to_next(clock).sim_at == max(at or 0, clock.sim_at)
    Clock.objects.create(key="empty", sim_at=START)
    with pytest.raises(NotFound):
        driver.jump_to_next(Clock.objects.get(key="empty"))


@pytest.mark.django_db
def test_the_main_clock_and_impossible_jumps_are_refused() -> None:
    with pytest.raises(Conflict) as refused:
        driver.jump(clocks.main_clock(), by=DAY)
    assert refused.value.code == "main_clock"
    clock = Clock.objects.create(key="shift", sim_at=START)
    for length in (0, -1, clocks.LONGEST_JUMP + 1):
        with pytest.raises(Conflict) as refused:
            driver.jump(clock, by=length)
        assert refused.value.code == "jump_out_of_range"


@pytest.mark.django_db
def test_a_clock_that_somebody_brings_forward_cannot_be_jumped_meanwhile() -> None:
    clock = led_clock(1)
    driver.take_lease(clock, "somebody")
    with pytest.raises(Conflict) as refused:
        driver.jump(clock, by=DAY)
    assert refused.value.code == "clock_busy"
    assert trace(clock) == []


@pytest.mark.django_db
def test_what_a_person_does_between_two_jumps_stands_between_their_events() -> None:
    clock = Clock.objects.create(key="shift", running=True, sim_at=START, wall_at=clocks.wall())
    ticket = case_on(clock)
    driver.jump(clock, by=HOUR)
    driver.perform(ticket, actions.reply, agent=None, body="We are looking into it.")
    driver.jump(clock, by=DAY)
    ats = [int(line.split()[2]) for line in trace(clock) if line.split()[2].isdigit()]
    assert ats == sorted(ats)
