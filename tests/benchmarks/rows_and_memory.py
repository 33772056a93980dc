"""How many events a second the driver of rows brings, beside the driver in memory: a ratio of one run.

By hand, on a quiet machine: uv run python -m tests.benchmarks.rows_and_memory [TICKETS]

DATABASE_URL names a server; without it the rows lie in a SQLite file of this run's own. Both drivers
play the same customers under both playbooks, worked by automatic agents, one agent a ticket.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable

DAYS = 40


def measure(name: str, events: Callable[[], int]) -> float:
    """Events a second of CPU and wall time; the wall's is returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = events()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:8} {count:7} events  {count / wall:8.0f} a second  {1000 * cpu / count:6.2f} ms of CPU each")
    return count / wall


def main(tickets: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from playbooks import rehearsal
    from playbooks.core.playbook import built_in
    from playbooks.core.profiles import profile_for
    from playbooks.core.replay import play
    from playbooks.core.scenarios import case_of_ticket
    from playbooks.held import desk_calendar
    from tests.playbooks.cases import START, complaint
    from tickets.calendars import calendar
    from tickets.models import TicketEvent

    call_command("migrate", verbosity=0)
    wishes = [complaint(n) for n in range(tickets)]

    def on_rows(count: int, key: str) -> int:
        before = TicketEvent.objects.count()
        list(rehearsal.run(rehearsal.prepare(wishes[:count], key=key, seed=5, days=DAYS, staff=count)))
        return TicketEvent.objects.count() - before

    def in_memory() -> int:
        total = 0
        for wish in wishes:
            case = case_of_ticket(
                key=wish.external_id or "", seed=wish.seed, language=wish.language, channel=wish.channel,
                category=wish.category, description=wish.description, profile=None,
            )  # fmt: skip
            for arm in rehearsal.ARMS:
                playbook = built_in()[arm]
                played = play(
                    case, playbook, opened_at=START, text=wish.description, calendar=desk_calendar(wish.language),
                    hours=calendar("jp"), agent=profile_for(playbook), days=DAYS,
                )  # fmt: skip
                total += len(played.log)
        return total

    on_rows(1, "warm-up")
    rows = measure("rows", lambda: on_rows(tickets, "rows"))
    memory = measure("memory", in_memory)
    print(f"memory is {memory / rows:.1f} times as fast")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HELPDESK_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
