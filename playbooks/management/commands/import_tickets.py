"""`manage.py import_tickets FILE`: complaints from JSON lines or CSV onto the main desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks.imports import import_tickets
from tickets.clock import main_clock
from tickets.errors import HelpdeskError


class Command(BaseCommand):
    help = "Bring complaints from a JSONL or CSV file in; only a description is needed. Nothing comes in twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)  # an import needs no desk to have run before
        try:
            report = import_tickets(options["file"], clock=main_clock())
        except HelpdeskError as error:
            raise CommandError(f"{error.field}: {error.message}") from error
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "created": report.created,
                        "known": report.known,
                        "bad": report.bad,
                        "kept_columns": report.kept_columns,
                    },
                    ensure_ascii=False,
                )
            )
            return
        self.stdout.write(f"{report.created} new, {report.known} known already, {len(report.bad)} refused")
        if report.kept_columns:
            self.stdout.write(f"kept under custom_fields: {', '.join(report.kept_columns)}")
        for line, reason in report.bad:
            self.stderr.write(f"line {line}: {reason}")
