"""`manage.py review_text --lang ko --kind reply < file`: what a text says, lacks and gets wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks.core.case import LANGUAGES
from playbooks.core.language.finding import KINDS, Reading, Setting
from playbooks.core.language.reading import read
from playbooks.core.scenarios import case_of_scenario, scenarios
from playbooks.core.words import customer_text
from tickets.errors import HelpdeskError, Invalid

MARKS = {"error": "✗", "advice": "·", "good": "✓"}
_OF_A_SCENARIO = ("firm", "desk", "item", "cause", "measure")  # a customer's name belongs to a ticket
_MOODS = (0.1, 0.3, 0.5, 0.7, 0.9)


class Command(BaseCommand):
    help = "Read a reply, letter, 알림톡 or note from a file or the standard input: what is good and what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the text, UTF-8; the standard input if left out")
        parser.add_argument("--lang", required=True, help=f"one of: {', '.join(LANGUAGES)}")
        parser.add_argument("--kind", default="reply", help=f"one of: {', '.join(KINDS)} (default: reply)")
        parser.add_argument("--scenario", help="read it against this authored case")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--reasons", choices=LANGUAGES, default="en", help="language of the reasons without --json")
        parser.add_argument(
            "--lines",
            action="store_true",
            help="every input line is a text of its own and every output line its JSON",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            setting = _setting(options["scenario"], options["lang"])
            source = _source(options["file"])
            if options["lines"]:
                self._lines(source, options, setting)
                return
            reading = read(source, language=options["lang"], kind=options["kind"], setting=setting)
        except HelpdeskError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        if options["json"]:
            self.stdout.write(_json(reading.to_dict()))
        else:
            self.stdout.write("\n".join(_told(reading, source, options["reasons"])))

    def _lines(self, source: str, options: dict[str, Any], setting: Setting) -> None:
        """One bad line leaves an error in its place and the others unharmed."""
        lines = source.split("\n")
        for line in lines[:-1] if lines[-1] == "" else lines:
            try:
                reading = read(line.rstrip("\r"), language=options["lang"], kind=options["kind"], setting=setting)
                result = reading.to_dict()
            except Invalid as error:
                result = {"error": {"code": error.code, "message": error.message, "field": error.field}}
            self.stdout.write(_json(result))


def _source(file: Path | None) -> str:
    try:
        raw = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"not_utf8: byte {error.start} is not UTF-8. Save the text as UTF-8.") from error


def _setting(scenario: str | None, language: str) -> Setting:
    """An authored case with everything found out; who the customer is, only a ticket knows."""
    if scenario is None or language not in LANGUAGES:
        return Setting()
    if scenario not in scenarios():
        known = ", ".join(scenarios())
        raise Invalid("unknown_scenario", f"'{scenario[:60]}' is not one of: {known}.", field="scenario")
    case = case_of_scenario(scenarios()[scenario], language, key="review", seed=0)
    names = dict(case.names or {})
    return Setting(
        names={name: names[name] for name in _OF_A_SCENARIO if names.get(name)},
        nouns=scenarios()[scenario].voices[language].nouns,
        amounts=(case.price,),
        currency=case.currency,
        own_fault=case.own_fault,
        customer_words=tuple(customer_text(case, "opening", mood=mood, nth=0) for mood in _MOODS),
    )


def _json(value: object) -> str:
    # A lone surrogate in a suggestion or span could not be written as UTF-8.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def _told(reading: Reading, source: str, language: str) -> list[str]:
    courtesy = reading.courtesy
    level = courtesy.speech_level or courtesy.style or courtesy.level
    lines = [f"{reading.language} {reading.kind}: {level}"]
    for finding in reading.findings:
        words = " ".join(source[finding.start : finding.end].split())[:60]
        instead = f" → {finding.suggestion}" if finding.suggestion else ""
        lines.append(f"{MARKS[finding.severity]} {finding.rule} “{words}” {finding.reason[language]}{instead}")
    missing = [element.name for element in reading.elements if not element.found]
    present = [element.name for element in reading.elements if element.found]
    if present:
        lines.append(f"✓ {', '.join(present)}")
    if missing:
        lines.append(f"– {', '.join(missing)}")
    return lines
