"""Help: what of the customer model is confirmed by published figures, test by test, misses included."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from playbooks.core.customer.evidence import E
from playbooks.core.reproduce import HOLDS, VERDICTS, Row, allowed, rows, shown, subjects, tally, words
from playbooks.pages.reading import language

ICON = {"holds": "check", "misses": "x-mark", "missing": "minus"}
MADE_OF = ("published.toml", "customer/evidence.toml", "customer/satisfaction.py", "simulated_figures.py")
KEPT = 30 * 86_400  # seconds; a new model or new figures have another key


@dataclass(frozen=True, slots=True)
class Line:
    """One published figure and the simulated one."""

    title: str
    published: str
    simulated: str
    tolerance: str
    mark: str
    verdict: str  # holds, misses, missing
    verdict_words: str
    icon: str
    why: str  # of a miss
    source: str


@dataclass(frozen=True, slots=True)
class Test:
    """The figures of one test."""

    number: int
    name: str
    lines: tuple[Line, ...]
    held: int


@login_required
@require_safe
def helping(request: HttpRequest) -> HttpResponse:
    """The page comes at once; the table with it where it is known, else it is fetched."""
    found = cache.get(_key())
    return render(request, "playbooks/help.html", {"here": "help", **(_table(found) if found else {})})


@login_required
@require_safe
def reproduced(request: HttpRequest) -> HttpResponse:
    """The table alone. It takes some seconds the first time."""
    found = cache.get(_key())
    if found is None:
        found = rows()
        cache.set(_key(), found, KEPT)
    return render(request, "playbooks/_reproduced.html", _table(found))


def _key() -> str:
    core = files("playbooks.core")
    said = b"".join(
        core.joinpath(name).read_bytes()
        for name in ("published.toml", "customer/evidence.toml", "simulated_figures.py")
    )
    return f"reproduced/{E.version}/{hashlib.sha256(said).hexdigest()}"


def _table(found: Sequence[Row]) -> dict[str, object]:
    say, own = words(), language()
    return {
        "tests": list(_tests(found)),
        "heads": [say[head][own] for head in ("title", "published", "simulated", "tolerance", "mark", "verdict")],
        "tally": [
            (say[mark][own], [(say[state][own], ICON[state], counts[state]) for state in VERDICTS])
            for mark, counts in tally(found).items()
        ],
    }


def _tests(found: Sequence[Row]) -> Iterator[Test]:
    own, names = language(), subjects()
    for number, group in groupby(found, key=lambda row: row.test):
        lines = tuple(_line(row) for row in group)
        yield Test(number, names[number][own], lines, sum(line.verdict == HOLDS for line in lines))


def _line(row: Row) -> Line:
    say, own = words(), language()
    return Line(
        title=row.title[own],
        published=shown(row.published),
        simulated=shown(row.simulated),
        tolerance=allowed(row, own),
        mark=say[row.mark][own],
        verdict=row.verdict,
        verdict_words=say[row.verdict][own],
        icon=ICON[row.verdict],
        why=row.note[own] if row.note is not None and row.verdict != HOLDS else "",
        source=row.source,
    )
