"""Several threads at one moment on the desk's own database: run as a module, prints what came of it as JSON."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
django.setup()

from django.db import connection  # noqa: E402

from playbooks import actions, driver  # noqa: E402
from playbooks.held import do, hold  # noqa: E402
from playbooks.intake import Complaint, take_in  # noqa: E402
from playbooks.models import FollowUp  # noqa: E402
from tickets import clock as clocks  # noqa: E402
from tickets.errors import HelpdeskError  # noqa: E402
from tickets.models import Clock, Comment, Ticket, TicketEvent  # noqa: E402

START, DAY = 1_788_739_200, 86_400


def at_once(count: int, deed: Callable[[int], Any]) -> list[str]:
    """What each of `count` threads came to: "done", or the code of its refusal."""
    barrier, ended = threading.Barrier(count), [""] * count

    def run(place: int) -> None:
        barrier.wait()
        try:
            deed(place)
            ended[place] = "done"
        except HelpdeskError as error:
            ended[place] = error.code
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shall say it
            ended[place] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


def running_clock(key: str) -> Clock:
    return Clock.objects.create(key=key, running=True, sim_at=START, wall_at=clocks.wall())


def cases(clock: Clock, count: int) -> list[Ticket]:
    return [
        take_in(Complaint(f"Order {n} has not come."), clock=clock, now=START).ticket  # of the desk's own seed
        for n in range(count)
    ]


def replies() -> dict[str, Any]:
    """Two agents who have read the same page answer at the same moment."""
    clock = running_clock("replies")
    outcomes: Counter[str] = Counter()
    for ticket in cases(clock, 5):
        seen = [hold(ticket.pk), hold(ticket.pk)]

        def reply(place: int, seen: Any = seen) -> None:
            with driver.acting(clock_again(clock)) as now:
                held = seen[place]
                do(held, actions.reply(held, now=now, body=f"From agent {place}."), now=now)

        outcomes["+".join(at_once(2, reply))] += 1
    return {
        "outcomes": outcomes,
        "replies": Comment.objects.filter(ticket__clock=clock, author_type="agent").count(),
        "gaps": gaps(clock),
    }


def solves() -> dict[str, Any]:
    """Two agents press "solve" at the same moment."""
    clock = running_clock("solves")
    outcomes: Counter[str] = Counter()
    for ticket in cases(clock, 5):

        def solve(place: int, pk: int = ticket.pk) -> None:
            driver.perform(Ticket.objects.select_related("clock").get(pk=pk), actions.solve, agent=None, body="Done.")

        outcomes["+".join(at_once(2, solve))] += 1
    solved = TicketEvent.objects.filter(ticket__clock=clock, name="ticket.solved")
    return {"outcomes": outcomes, "solved": solved.count(), "gaps": gaps(clock)}


def sweeps() -> dict[str, Any]:
    """Four who bring one clock forward, each without regard to the lease, as people and a worker may at once."""
    clock = running_clock("sweeps")
    cases(clock, 6)

    def sweep(place: int) -> None:
        held = driver.Cases()
        while driver.process_next_due(clock, until=START + 40 * DAY, cases=held):
            pass

    return {"outcomes": Counter(at_once(4, sweep)), **endings(clock)}


def advances() -> dict[str, Any]:
    """Four workers are given the same clock: one brings it forward, the others leave it."""
    clock = Clock.objects.create(key="advances", sim_at=START)
    cases(clock, 4)
    until, brought = START + 40 * DAY, []

    def advance(place: int) -> None:
        brought.append(driver.advance(clock_again(clock), until=until))

    at_once(4, advance)
    return {"brought": brought.count(True), "sim_at": clock_again(clock).sim_at - START, **endings(clock)}


def clock_again(clock: Clock) -> Clock:
    return Clock.objects.get(pk=clock.pk)


def endings(clock: Clock) -> dict[str, Any]:
    """How many follow-ups ended, how many lines say so, and what failed."""
    ended = FollowUp.objects.filter(clock=clock, state__in=("sent", "skipped")).count()
    lines = TicketEvent.objects.filter(ticket__clock=clock, name__in=("follow_up.sent", "follow_up.skipped")).count()
    failed = FollowUp.objects.filter(clock=clock).exclude(error="").count()
    return {"ended": ended, "lines": lines, "failed": failed, "gaps": gaps(clock)}


def gaps(clock: Clock) -> int:
    """Tickets whose log has a hole, or does not end where the ticket says."""
    wrong = 0
    for ticket in Ticket.objects.filter(clock=clock):
        seqs = list(TicketEvent.objects.filter(ticket=ticket).order_by("seq").values_list("seq", flat=True))
        wrong += seqs != list(range(1, ticket.last_seq + 1))
    return wrong


if __name__ == "__main__":
    print(json.dumps({deed.__name__: deed() for deed in (replies, solves, sweeps, advances)}))
    sys.exit(0)
