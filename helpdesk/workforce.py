"""Celery workers of a command's own: a broker, some worker processes, and the dispatch that feeds them.

A worker that dies is started again, and what it held is taken over when its lease has run out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from celery import Celery

from helpdesk import services
from helpdesk.lifeline import die_with_parent
from helpdesk.supervisor import ROOT
from playbooks.experiments import waiting
from playbooks.tasks import led_clocks
from tickets.clock import wall

LOOK_EVERY = 0.5  # seconds
DEATHS_ALLOWED = 10


class TooManyDeaths(Exception):
    """The workers keep dying; the work cannot go on."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the workers do: the queue they read, the task, and the rows that want it now."""

    queue: str
    task: str
    rows: Callable[[], list[int]]


CLOCKS = Work("clocks", "playbooks.advance_clock", lambda: [clock.pk for clock in led_clocks(wall())])
EXPERIMENTS = Work("experiments", "playbooks.run_experiment", lambda: waiting(wall()))


@contextmanager
def workforce(workers: int, *, work: Work = CLOCKS, tell: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Start the workers; yields a function to be called now and then, which looks after them."""
    with services.temporary_broker() as url:
        environment = {**os.environ, "REDIS_URL": url}
        environment.pop(services.SUPERVISED, None)
        environment.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
        dispatcher = Celery(broker=services.celery_url(url))
        crew: list[subprocess.Popen[bytes]] = []
        deaths = 0

        def look_after() -> None:
            nonlocal deaths
            for place, process in enumerate(crew):
                if process.poll() is not None:
                    deaths += 1
                    if deaths > DEATHS_ALLOWED:
                        raise TooManyDeaths(f"the workers died {deaths} times")
                    crew[place] = _start(work, environment, place, tell)
            for row in work.rows():
                dispatcher.send_task(work.task, [row], queue=work.queue, expires=2 * LOOK_EVERY)

        crew.extend(_start(work, environment, place, tell) for place in range(workers))
        try:
            yield look_after
        finally:
            for process in crew:
                process.terminate()
            for process in crew:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _start(work: Work, environment: dict[str, str], place: int, tell: Callable[[str], None]) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "celery", "-A", "helpdesk.celery", "worker", "-Q", work.queue, "--pool", "threads",
        "--concurrency", "1", "-n", f"{work.queue}-{place}@%h", "--without-gossip", "--without-mingle",
        "--loglevel", "ERROR",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=None, start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - nothing in it takes a lock
    )  # fmt: skip
    tell(f"worker {place + 1}: process {process.pid}")
    return process


def wait_until(done: Callable[[], bool], look_after: Callable[[], None], progress: Callable[[], None]) -> None:
    """Look after the workers until it is done; say how far it is every few seconds."""
    told = time.monotonic()
    while not done():
        look_after()
        time.sleep(LOOK_EVERY)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            progress()
