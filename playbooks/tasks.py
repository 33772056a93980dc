"""Celery's part: shells that carry clocks, never single rows. Lost tasks are repaired by the next sweep."""

from __future__ import annotations

from celery import shared_task
from celery.worker import state as worker
from django.core.cache import cache
from django.db.models import F

from playbooks import driver, experiments, intake, rollups
from tickets import clock as clocks
from tickets.models import Clock

WALL_SLICE = 60.0  # seconds one task works on a clock before the next sweep passes it on
FOLD_SLICE = 5.0  # seconds one task folds; the next sweep goes on
LAST_SWEEP = "helpdesk:last_sweep"


@shared_task(name="playbooks.sweep")
def sweep() -> int:
    """Wake every clock on which something is due by now. Returns how many were woken."""
    wall_now = clocks.wall()
    cache.set(LAST_SWEEP, wall_now, None)  # read by /healthz
    Clock.objects.filter(running=True, main=False).update(seen_wall_at=wall_now)
    woken = 0
    for clock in [*_running_clocks_due(wall_now), *led_clocks(wall_now)]:
        advance_clock.delay(clock.pk)
        woken += 1
    return woken


def _running_clocks_due(wall_now: float) -> list[Clock]:
    free = Clock.objects.filter(running=True, wall_lease_until__lt=wall_now)
    return [clock for clock in free if driver.earliest_due(clock.pk, until=clocks.instant(clock, wall_now=wall_now))]


def led_clocks(wall_now: float) -> list[Clock]:
    """Clocks with a target that nobody holds: rehearsals on their way."""
    return list(Clock.objects.filter(running=False, sim_at__lt=F("target_at"), wall_lease_until__lt=wall_now))


@shared_task(name="playbooks.advance_clock")
def advance_clock(clock_id: int) -> bool:
    """Bring one clock forward: to its target, or to now."""
    clock = Clock.objects.filter(pk=clock_id).first()
    if clock is None:
        return False
    until = clock.target_at if clock.target_at is not None else clocks.instant(clock, wall_now=clocks.wall())
    return driver.advance(clock, until=until, wall_budget=WALL_SLICE, stop=told_to_end)


def told_to_end() -> bool:
    """This worker was told to end (SIGTERM): the clock is passed on after the row in hand."""
    return any(asked is not None and asked is not False for asked in (worker.should_stop, worker.should_terminate))


@shared_task(name="playbooks.give_runs")
def give_runs() -> int:
    """Repair: a ticket without a playbook run gets one."""
    return intake.give_missing_runs()


@shared_task(name="playbooks.wake_experiments")
def wake_experiments() -> int:
    """Ask for a hand with every experiment that has work nobody does. Each call brings one worker more."""
    waiting = experiments.waiting(clocks.wall())
    for experiment_id in waiting:
        run_experiment.apply_async((experiment_id,), expires=10)
    return len(waiting)


@shared_task(name="playbooks.run_experiment")
def run_experiment(experiment_id: int) -> bool:
    """Compute replications of one experiment for a while."""
    return experiments.work(experiment_id, wall=clocks.wall, wall_budget=WALL_SLICE, stop=told_to_end)


@shared_task(name="playbooks.fold_rollups")
def fold_rollups() -> int:
    """Bring the sums behind the managers' page up to the log, for a while. Returns how many tickets were looked at."""
    return rollups.fold_for(FOLD_SLICE, wall=clocks.wall, stop=told_to_end)
