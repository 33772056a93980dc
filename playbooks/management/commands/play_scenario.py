"""`manage.py play_scenario KEY`: an authored case in the terminal, as its author wants to see it."""

from __future__ import annotations

import json
import shutil
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks.core.case import LANGUAGES
from playbooks.core.playbook import built_in
from playbooks.core.scenarios import Scenario, case_of_scenario, opening, scenarios
from playbooks.core.scenarios.preview import preview
from playbooks.held import desk_calendar
from tickets.errors import HelpdeskError

WIDEST = 110


class Command(BaseCommand):
    help = "Preview an authored case: the truth, the opening, the traps, and how it goes on under an automatic agent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scenario", nargs="?", help="its key; without one, the cases are listed")
        parser.add_argument("--language", choices=LANGUAGES, default="ja")
        parser.add_argument("--seed", type=int, default=1, help="another seed is another customer")
        parser.add_argument("--playbook", default="apology-letter-gift", help=f"one of: {', '.join(built_in())}")
        parser.add_argument("--openings", type=int, metavar="N", help="print N openings instead, one JSON text a line")

    def handle(self, *args: Any, **options: Any) -> None:
        language = options["language"]
        try:
            known = scenarios()
        except HelpdeskError as error:
            raise CommandError(error.message) from error
        if options["scenario"] is None:
            for key, each in known.items():
                self.stdout.write(f"{key:20} {each.sector:8} {each.title[language]}")
            return
        scenario, playbook = known.get(options["scenario"]), built_in().get(options["playbook"])
        if scenario is None:
            raise CommandError(f"scenario: '{options['scenario']}' is not one of: {', '.join(known)}.")
        if playbook is None:
            raise CommandError(f"playbook: '{options['playbook']}' is not one of: {', '.join(built_in())}.")
        if options["openings"]:
            self._openings(scenario, language, options["seed"], options["openings"])
            return
        width = min(shutil.get_terminal_size((100, 40)).columns, WIDEST)
        lines = preview(
            scenario, language, playbook, seed=options["seed"], calendar=desk_calendar(language), width=width
        )
        self.stdout.write("\n".join(lines))

    def _openings(self, scenario: Scenario, language: str, seed: int, count: int) -> None:
        for n in range(count):
            case = case_of_scenario(scenario, language, key=str(n), seed=seed)
            self.stdout.write(json.dumps(opening(scenario, case)[1], ensure_ascii=False))
