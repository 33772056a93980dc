"""What a comparison is put together from: a column for each playbook, and rows of cells with unit, n and interval.

Statistics come from `playbooks.core`; a row is one measure, a cell one playbook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from playbooks.core.contrast import Median
from playbooks.core.outcome import Outcome, summary
from playbooks.core.playbook import Playbook
from playbooks.core.plot import Strip, strips
from playbooks.core.sides import OfTickets, Side
from playbooks.core.statistics import Interval
from playbooks.definitions import FAST
from playbooks.pages.numbers import (
    NOTHING,
    Write,
    between,
    decimals,
    number,
    percent,
    said_few,
    time,
)
from playbooks.pages.reading import in_language

STRIP_WIDTH = 150
# Which list of tickets stands behind a span.
ENDED = {"human_reply": "answered", "bot_reply": "receipted", "resolution": "ended"}
UNENDED = {"human_reply": "unanswered", "resolution": "unended"}
# A playbook's mark around 0, 0: hue never speaks alone.
SHAPE = {
    "blue": "M-6-7.5L8 0L-6 7.5Z",
    "vermilion": "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z",
    "ochre": "M0-8L8 0L0 8L-8 0Z",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One playbook with its tickets."""

    key: str
    title: str
    hue: str
    shape: str
    side: Side

    @property
    def summary(self) -> Mapping[str, Any]:
        return self.side.summary


@dataclass(frozen=True, slots=True)
class Cell:
    value: str
    interval: str = ""
    n: str = ""
    more: tuple[str, ...] = ()
    href: str = ""  # the tickets behind it


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    hint: str = ""
    strip: Sequence[tuple[Strip, Column]] = ()
    about: str = ""  # which list of tickets stands behind its numbers (outcomes_tickets.LISTS)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: Sequence[Row]
    hint: str = ""


def columns(
    outcomes: Sequence[Outcome], playbooks: Mapping[str, Playbook], clusters: Sequence[str | int] | None = None
) -> list[Column]:
    """One column a playbook, fast resolution first: the others are compared with it."""
    found = summary(outcomes)
    handled = list(zip(outcomes, clusters or range(len(outcomes)), strict=True))
    return columns_of({key: _side(handled, key, found[key]) for key in found}, playbooks)


def _side(handled: Sequence[tuple[Outcome, str | int]], key: str, found: Mapping[str, Any]) -> OfTickets:
    own = [(one, cluster) for one, cluster in handled if one.playbook == key]
    return OfTickets(tuple(one for one, _ in own), tuple(cluster for _, cluster in own), found)


def columns_of(sides: Mapping[str, Side], playbooks: Mapping[str, Playbook]) -> list[Column]:
    keys = sorted(sides, key=lambda key: (key != FAST, key))
    return [_column(key, sides[key], playbooks.get(key)) for key in keys]


def _column(key: str, side: Side, playbook: Playbook | None) -> Column:
    hue = playbook.hue if playbook else "ochre"
    return Column(key, in_language(playbook.title) if playbook else key, hue, SHAPE[hue], side)


def interval_of(found: Mapping[str, Any]) -> Interval:
    return Interval(**found)


def median_of(column: Column, span: str) -> Median:
    """Who had left before it came counts with those who never had it."""
    return column.side.median(span)


def linked(sections: Sequence[Section], shown: Sequence[Column], address: Callable[[str, str], str]) -> list[Section]:
    """Every number leads to its tickets. `address`: playbook and list -> where they are."""
    return [replace(one, rows=[linked_row(row, shown, address) for row in one.rows]) for one in sections]


def linked_row(row: Row, shown: Sequence[Column], address: Callable[[str, str], str]) -> Row:
    cells = (
        cell if cell.value == NOTHING else replace(cell, href=address(column.key, row.about or "all"))
        for cell, column in zip(row.cells, shown, strict=True)
    )
    return replace(row, cells=tuple(cells))


# Kinds of rows


def measured(
    label: str,
    shown: Sequence[Column],
    measure: Callable[[Column], Interval],
    write: Write,
    ends: tuple[float, float],
    hint: str = "",
    about: str = "",
) -> Row:
    """An estimate with its interval, in words and as a strip from one end of the scale to the other."""
    found = [(column.key, measure(column)) for column in shown]
    drawn = strips(found, low=ends[0], high=ends[1], width=STRIP_WIDTH)
    return Row(label, tuple(cell_of(one, write) for _key, one in found), hint, in_hue(drawn, shown), about)


def in_hue(drawn: Sequence[Strip], shown: Sequence[Column]) -> list[tuple[Strip, Column]]:
    by_key = {column.key: column for column in shown}
    return [(strip, by_key[strip.key]) for strip in drawn]


def share(
    label: str,
    shown: Sequence[Column],
    measure: Callable[[Mapping[str, Any]], Any],
    hint: str = "",
    about: str = "",
    by_trainee: str = "",
) -> Row:
    """A share of the summary, from none to all. `by_trainee`: the measure by which trainees are counted."""

    def found(column: Column) -> Interval:
        return by_trainees(column, by_trainee, interval_of(measure(column.summary)))

    return measured(label, shown, found, percent, (0, 1), hint, about)


def by_trainees(column: Column, measure: str, plain: Interval) -> Interval:
    """The same estimate, its interval counted by trainees where several handled these tickets."""
    return (column.side.by_trainee(measure) if measure else None) or plain


def plain(
    label: str,
    shown: Sequence[Column],
    measure: Callable[[Column], float | None],
    words: Callable[[Column], str] = lambda column: "",
    write: Write = number,
    hint: str = "",
    about: str = "",
) -> Row:
    """A number without an interval, and a word beside it."""
    cells = []
    for column in shown:
        value = measure(column)
        cells.append(Cell(NOTHING if value is None else write(value), "", words(column)))
    return Row(label, tuple(cells), hint, about=about)


def cell_of(found: Interval | Median, write: Write, nothing: str = NOTHING) -> Cell:
    if not found.n:
        return Cell(NOTHING, "", _("no answer yet"))
    value = nothing if found.estimate is None else write(found.estimate)
    return Cell(value, between(found.low, found.high, write), said_few(found.n))


# The picture as a table


def picture_cells(column: Column) -> tuple[Cell, Cell]:
    reply, csat = median_of(column, "human_reply"), interval_of(column.summary["csat"]["mean"])
    return cell_of(reply, time), cell_of(csat, decimals(2))
