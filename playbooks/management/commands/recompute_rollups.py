"""`manage.py recompute_rollups`: the sums behind the managers' page made anew from every outcome row."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks import rollups

NAMED = 10


class Command(BaseCommand):
    help = "Make the sums behind the managers' page anew from the outcomes, exactly, a day at a time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether they agree; fail if they do not")

    def handle(self, **options: Any) -> None:
        wrong = rollups.recompute(check=options["check"], tell=self._tell)
        if not wrong:
            self.stdout.write("The rollups agree with the outcomes to the last digit.")
            return
        cells = "1 cell" if len(wrong) == 1 else f"{len(wrong):,} cells"
        named = "\n".join(f"  {cell.key}" for cell in wrong[:NAMED])
        if options["check"]:
            raise CommandError(f"{cells} differ from the outcomes. Mend them without --check.\n{named}")
        self.stdout.write(f"{cells} differed from the outcomes and were made anew.\n{named}")

    def _tell(self, done: int, of: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done} of {of} days", ending="" if done < of else "\n")
