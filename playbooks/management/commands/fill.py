"""`manage.py fill --tickets 1000000`: a desk with a past, for trying the managers' pages at size."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks import filling
from playbooks.core.experiments.history import Wish, history
from playbooks.core.playbook import built_in
from playbooks.definitions import FAST, LETTER
from tickets import clock as clocks
from tickets.errors import HelpdeskError

LACKS = (
    "Filled tickets have a row, a case, an outcome and a short log. They have no texts, no steps, no promises and no "
    "survey rows, and their outcomes come from the simulated desk rather than from their logs."
)


class Command(BaseCommand):
    help = f"Fill the main desk with tickets of the past, as the simulated desk handles them. {LACKS}"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, default=10_000)
        parser.add_argument("--days", type=int, default=360, help="how long ago the past begins")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--playbooks", nargs="+", metavar="KEY", default=[FAST, LETTER])
        parser.add_argument("--anyway", action="store_true", help="also on a desk that holds tickets of its own")

    def handle(self, **options: Any) -> None:
        try:
            self._fill(options)
        except HelpdeskError as refused:
            raise CommandError(str(refused)) from refused

    def _fill(self, options: dict[str, Any]) -> None:
        known = built_in()
        for key in options["playbooks"]:
            if key not in known:
                raise CommandError(f"There is no playbook '{key}'. Known are: {', '.join(known)}.")
        playbooks = tuple(known[key] for key in dict.fromkeys(options["playbooks"]))
        wish = Wish(options["tickets"], options["days"], options["seed"], playbooks)
        filling.refuse_again(wish.seed)
        if filling.has_people() and not options["anyway"]:
            raise CommandError(
                "This desk holds tickets of its own, and its figures would be mixed with made-up ones for good. Fill "
                "another desk (--data), or say --anyway."
            )
        began = time.perf_counter()
        past = history(wish, tell=self._tell("teams simulated"))
        simulated = time.perf_counter() - began
        clock = clocks.main_clock()
        now = clocks.instant(clock, wall_now=clocks.wall())
        filling.fill(past, clock=clock, now=now, tell=self._tell("tickets written", len(past)))
        written = time.perf_counter() - began - simulated
        self.stdout.write(
            f"{len(past):,} tickets over {wish.days} days: simulated in {simulated:.1f} s, written in {written:.1f} s "
            f"({len(past) / written:,.0f} a second), {len(past) / (simulated + written):,.0f} a second in all.\n{LACKS}"
        )

    def _tell(self, what: str, whole: int | None = None) -> Any:
        def tell(done: int, of: int | None = whole) -> None:
            if sys.stderr.isatty():
                self.stderr.write(f"\r{done:,} of {of:,} {what}", ending="" if done != of else "\n")

        return tell
