"""What time it is on a clock: speed, pause, typing; and never backwards, whoever touches it from an old copy."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks import actions, driver
from tests.playbooks.cases import DAY, HOUR, START, case_on
from tickets import clock as clocks
from tickets.models import Clock, TicketEvent

WALL = 1_800_000_000.0


def clock_with(**fields: object) -> Clock:
    return Clock(**{"key": "c", "sim_at": START, "wall_at": WALL, "running": True, **fields})


@pytest.mark.parametrize("speed", clocks.SPEEDS)
def test_simulated_seconds_pass_at_the_clocks_speed(speed: int) -> None:
    clock = clock_with(speed=speed)
    assert clocks.instant(clock, wall_now=WALL) == START
    assert clocks.instant(clock, wall_now=WALL + 10) == START + 10 * speed
    assert clocks.instant(clock, wall_now=WALL + 0.5) == START + speed // 2


def test_a_paused_clock_stands() -> None:
    assert clocks.instant(clock_with(running=False), wall_now=WALL + DAY) == START


def test_the_main_clock_is_real_time() -> None:
    assert clocks.instant(clock_with(main=True, speed=1), wall_now=WALL + 7.9) == int(WALL) + 7


def test_a_clock_waits_for_a_slow_writer_and_goes_on_after_the_last_sign() -> None:
    clock = clock_with(speed=60, typing_until=WALL + 4)
    assert clocks.instant(clock, wall_now=WALL + 3.9) == START
    assert clocks.instant(clock, wall_now=WALL + 5) == START + 60


def test_a_wall_clock_that_was_set_back_holds_the_hand() -> None:
    assert clocks.instant(clock_with(speed=10), wall_now=WALL - 30) == START


@pytest.mark.django_db
def test_typing_holds_the_clock_for_as_long_as_signs_come() -> None:
    clock = clock_with(speed=60)
    clock.save()
    for second in range(20):
        clocks.hold_for_typing(clock, wall_now=WALL + second)
    assert clocks.instant(clock, wall_now=WALL + 19) == START
    assert clocks.instant(clock, wall_now=WALL + 19 + clocks.TYPING_HOLD + 2) == START + 120


@pytest.mark.django_db
def test_pause_speed_and_going_on_keep_the_hand_where_it_is() -> None:
    clock = clock_with(speed=10)
    clock.save()
    assert clocks.pause(clock, wall_now=WALL + 6).sim_at == START + 60
    assert clocks.instant(clock, wall_now=WALL + 600) == START + 60
    clocks.resume(clock, wall_now=WALL + 600)
    clocks.set_speed(clock, 300, wall_now=WALL + 601)
    assert clocks.instant(clock, wall_now=WALL + 602) == START + 60 + 10 + 300


moves = st.tuples(
    st.sampled_from(["pause", "resume", "speed", "type", "jump", "stop"]),
    st.floats(0, 30),  # wall seconds since the move before
    st.integers(0, 4),
    st.booleans(),  # whether whoever moves it has an old copy in hand
)


@pytest.mark.django_db
@given(moved=st.lists(moves, max_size=12))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_clock_never_goes_back(moved: list[tuple[str, float, int, bool]]) -> None:
    with transaction.atomic():
        first = clock_with(speed=60)
        first.save()
        wall_now, seen = WALL, START
        for verb, later, number, old_copy in moved:
            wall_now += later
            move(verb, first if old_copy else Clock.objects.get(pk=first.pk), wall_now, number)
            now = clocks.instant(Clock.objects.get(pk=first.pk), wall_now=wall_now)
            assert now >= seen or verb == "stop"
            seen = now
        transaction.set_rollback(True)


def move(verb: str, clock: Clock, wall_now: float, number: int) -> None:
    match verb:
        case "pause":
            clocks.pause(clock, wall_now=wall_now)
        case "resume":
            clocks.resume(clock, wall_now=wall_now)
        case "speed":
            clocks.set_speed(clock, clocks.SPEEDS[number], wall_now=wall_now)
        case "type":
            clocks.hold_for_typing(clock, wall_now=wall_now)
        case "jump":
            clocks.set_instant(clock, clock.sim_at + number * HOUR, wall_now=wall_now)
        case "stop":
            clocks.pause_after_stop()


@pytest.mark.django_db
def test_after_a_stop_a_clock_stands_where_it_was_last_seen_but_not_before_what_happened_on_it() -> None:
    wall_now = clocks.wall()
    quiet = Clock.objects.create(
        key="quiet", running=True, speed=60, sim_at=START, wall_at=wall_now - 100, seen_wall_at=wall_now - 90
    )
    busy = Clock.objects.create(
        key="busy", running=True, speed=1800, sim_at=START, wall_at=wall_now - 100, seen_wall_at=wall_now - 100
    )
    main = clocks.main_clock()
    ticket = case_on(busy)
    driver.perform(ticket, actions.reply, agent=None, body="Just before the lights went out.")
    last = TicketEvent.objects.filter(ticket=ticket).latest("seq").at
    assert clocks.pause_after_stop() == 2
    for clock in (quiet, busy, main):
        clock.refresh_from_db()
    assert (quiet.running, quiet.sim_at) == (False, START + 600)
    assert (busy.running, busy.sim_at) == (False, last)
    assert last >= START + 100 * 1800
    assert main.running
