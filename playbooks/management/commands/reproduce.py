"""`manage.py reproduce`: published figures against what the simulated customer makes of them, misses included."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks.core.case import LANGUAGES
from playbooks.core.corpora import measured
from playbooks.core.customer.evidence import E, Switches
from playbooks.core.reproduce import HOLDS, TESTS, VERDICTS, Row, allowed, rows, shown, tally, words
from tickets.errors import Invalid

HEADS = ("test", "title", "published", "simulated", "tolerance", "mark", "verdict")
FIXED = {"test": 4, "tolerance": 12, "mark": 15, "verdict": 9}
SHARES = {"title": 0.38, "published": 0.26, "simulated": 0.36}  # of the width that is left
WIDEST = 160


class Command(BaseCommand):
    help = "Published figures against simulated ones, test by test: which hold, which miss, which are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print rows and switches as JSON")
        parser.add_argument("--markdown", action="store_true", help="print a table for a document")
        parser.add_argument("--test", type=int, action="append", choices=TESTS, help="only this test; may be repeated")
        parser.add_argument("--language", choices=LANGUAGES, default="en")
        parser.add_argument(
            "--speed-model", choices=("tarp", "meta"), default="tarp",
            help="tarp: a quick resolution acts on repurchase directly; meta: through procedural justice alone",
        )  # fmt: skip
        parser.add_argument("--no-letter", action="store_true", help="switch the assumed bonus of a letter off")
        parser.add_argument("--no-gift", action="store_true", help="switch the assumed bonus of a gift off")

        parser.add_argument(
            "--corpora",
            type=Path,
            metavar="DIR",
            help="measure the text readers on the corpora in this folder",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        switches = Switches(options["speed_model"], letter=not options["no_letter"], gift=not options["no_gift"])
        found, language = self._rows(switches, options), options["language"]
        if options["json"]:
            self.stdout.write(json.dumps(document(found, switches), ensure_ascii=False, indent=1))
        elif options["markdown"]:
            self.stdout.write("\n".join(markdown(found, language)))
        else:
            width = min(shutil.get_terminal_size((120, 40)).columns, WIDEST)
            self.stdout.write("\n".join([*table(found, language, width), "", *summary(found, switches, language)]))

    def _rows(self, switches: Switches, options: dict[str, Any]) -> list[Row]:
        try:
            figures = measured(options["corpora"]) if options["corpora"] else {}
        except Invalid as error:
            raise CommandError(f"--{error.field}: {error.message}") from error
        return rows(switches, tests=options["test"] or TESTS, measured=figures)


def document(found: Sequence[Row], switches: Switches) -> dict[str, Any]:
    return {
        "rows": [row.to_dict() for row in found],
        "switches": asdict(switches),
        "tally": tally(found),
        "evidence_version": E.version,
    }


def cells(row: Row, language: str) -> dict[str, str]:
    say = words()
    return {
        "test": str(row.test),
        "title": row.title[language],
        "published": shown(row.published),
        "simulated": shown(row.simulated),
        "tolerance": allowed(row, language),
        "mark": say[row.mark][language],
        "verdict": say[row.verdict][language],
    }


def summary(found: Sequence[Row], switches: Switches, language: str) -> Iterator[str]:
    """How many rows hold by mark, and what was switched."""
    say = words()
    for mark, counts in tally(found).items():
        said = ", ".join(f"{counts[state]} {say[state][language]}" for state in VERDICTS)
        yield f"{say[mark][language]}: {said}"
    letter, gift = (say["on" if on else "off"][language] for on in (switches.letter, switches.gift))
    yield (
        f"{say['switches'][language]}: {say['speed_model'][language]} {switches.speed_model}, "
        f"{say['letter'][language]} {letter}, {say['gift'][language]} {gift}"
    )


def markdown(found: Sequence[Row], language: str) -> Iterator[str]:
    say = words()
    yield "| " + " | ".join(say[head][language] for head in HEADS) + " |"
    yield "|---" * len(HEADS) + "|"
    for row in found:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells(row, language).values()) + " |"


# ---------------------------------------------------------------- columns of a terminal


def table(found: Sequence[Row], language: str, width: int) -> Iterator[str]:
    left = max(width - sum(FIXED.values()) - 2 * (len(HEADS) - 1), 60)
    widths = [FIXED.get(head) or int(left * SHARES[head]) for head in HEADS]
    say = words()
    yield from _lines([say[head][language] for head in HEADS], widths)
    yield "─" * (sum(widths) + 2 * (len(widths) - 1))
    figure = ""
    for row in found:
        said = cells(row, language)
        title, _, label = said["title"].partition(" · ")
        if label and title != figure:
            yield f"{said['test']:<{FIXED['test']}}  {title}"
        if label:
            said |= {"test": "", "title": f"  {label}"}
        figure = title
        yield from _lines(list(said.values()), widths)
        if row.verdict != HOLDS and row.note is not None:
            yield from (f"      {line}" for line in wrap(row.note[language], sum(widths)))


def _lines(texts: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    columns = [wrap(text, width) for text, width in zip(texts, widths, strict=True)]
    for place in range(max(map(len, columns))):
        parts = [column[place] if place < len(column) else "" for column in columns]
        yield "  ".join(part + " " * (size - cells_of(part)) for part, size in zip(parts, widths, strict=True)).rstrip()


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces, or anywhere where there is none."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cells_of(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, width)
        lines += full
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if cells_of(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def cells_of(text: str) -> int:
    """Width in a terminal: Korean and Japanese characters take two cells."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
