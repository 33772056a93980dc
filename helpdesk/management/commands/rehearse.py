"""`manage.py rehearse`: a file's tickets worked by automatic agents, once under each playbook."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from helpdesk.workforce import TooManyDeaths, wait_until, workforce
from playbooks import rehearsal as rehearsals
from playbooks.core.customer.evidence import Switches
from playbooks.imports import Report, read
from playbooks.models import Rehearsal
from tickets import clock as clocks
from tickets.errors import HelpdeskError


def from_one(word: str) -> int:
    """A whole number from 1 to 1000, as an option's value."""
    number = int(word)
    if not 1 <= number <= 1000:
        raise ValueError
    return number


class Command(BaseCommand):
    help = "Let automatic agents work a file's tickets on the live desk, each ticket once under each playbook."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, required=True)
        parser.add_argument("--days", type=int, default=40, help="simulated days at most (default 40)")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--agents", type=from_one, default=None, help="automatic agents an arm (default: one for 40 tickets)"
        )
        parser.add_argument("--limit", type=from_one, default=None, help="take only the first N tickets of the file")
        parser.add_argument("--workers", type=from_one, default=0, help="let this many Celery workers do it")
        parser.add_argument(
            "--speed-model", default="tarp", help="how speed acts on buying again: tarp (default), meta"
        )
        parser.add_argument("--no-letter", action="store_true", help="switch off the assumed bonus of a letter")
        parser.add_argument("--no-gift", action="store_true", help="switch off the assumed bonus of a gift")
        parser.add_argument(
            "--playbooks",
            nargs="+",
            default=rehearsals.ARMS,
            help="keys, one an arm (default: the first two)",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)  # a rehearsal needs no desk to have run before
            result = self._rehearse(options)
        except HelpdeskError as error:
            raise CommandError(f"{error.field or 'rehearse'}: {error.message}") from error
        except (DatabaseError, TooManyDeaths) as error:
            raise CommandError(str(error).strip()) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True))
            return
        for playbook, arm in result["playbooks"].items():
            self.stdout.write(f"{playbook}: {json.dumps(arm, ensure_ascii=False, indent=1)}")
        self.stdout.write(f"digest {result['digest']}")

    def _rehearse(self, options: dict[str, Any]) -> dict[str, Any]:
        report = Report()
        rows = list(read(options["file"], report))
        complaints = [row.complaint for row in rows if row.complaint is not None]
        for row in rows:
            if row.complaint is None:
                self._tell(f"line {row.line}: {row.error}")
        rehearsal = rehearsals.prepare(
            complaints[: options["limit"]],
            key=f"rehearsal/{Rehearsal.objects.count() + 1}-{int(clocks.wall())}",
            seed=options["seed"],
            days=options["days"],
            staff=options["agents"],
            file=Path(options["file"]).name,
            made_at=int(clocks.wall()),
            playbooks=options["playbooks"],
            switches=Switches(options["speed_model"], not options["no_letter"], not options["no_gift"]),
        )
        if options["workers"]:
            self._run_with_workers(rehearsal, options["workers"])
        else:
            for clock in rehearsals.run(rehearsal):
                self._tell(f"{clock.key} is done")
        result = rehearsals.report(rehearsal)
        result["rows_refused"] = [{"line": row.line, "error": row.error} for row in rows if row.complaint is None]
        return result

    def _run_with_workers(self, rehearsal: Rehearsal, workers: int) -> None:
        rehearsals.set_targets(rehearsal)
        with workforce(workers, tell=self._tell) as look_after:
            wait_until(
                lambda: rehearsals.finished(rehearsal),
                look_after,
                lambda: self._tell(f"{rehearsals.progress(rehearsal):.0%} of the simulated days"),
            )

    def _tell(self, line: str) -> None:
        """Progress goes to the error stream, so that --json stays JSON."""
        print(line, file=sys.stderr, flush=True)
