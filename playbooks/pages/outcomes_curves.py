"""Waiting as curves: by when how many were answered, resolved or lost; each picture in two widths and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playbooks.core import sums
from playbooks.core.handled import HORIZONS as HORIZON_OF_ALL
from playbooks.core.handled import HOUR, LEFT, REPLIED, RESOLVED, Handled, several_trainees, waits
from playbooks.core.incidence_plot import Drawn, Incidence, incidence
from playbooks.core.plot import Tick, text_width
from playbooks.core.sides import OfSums
from playbooks.core.statistics import Interval
from playbooks.core.sums import CountedCurve
from playbooks.core.survival import Curve, Restricted, cumulative_incidence, restricted_mean, seen_until
from playbooks.pages.figures import Cell, Column, Row
from playbooks.pages.numbers import NOTHING, between, number, percent, time
from playbooks.pages.outcomes_words import word

BROAD, SLIM = (560, 320), (360, 280)
ROOM = {"broad": 170.0, "slim": 112.0}  # for a label at the end of its curve
READ_AT = {REPLIED: (HOUR, 24 * HOUR, 72 * HOUR), RESOLVED: (24 * HOUR, 72 * HOUR, 336 * HOUR)}
HORIZONS = {REPLIED: (72, 24, 8, 1), RESOLVED: (336, 168, 72, 24)}  # hours, the longest that all were seen for
ABOUT = {REPLIED: "answered", RESOLVED: "ended"}  # the tickets behind
LONGEST = {REPLIED: 7 * 86_400, RESOLVED: 28 * 86_400}


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """One waiting: its picture in two widths, and the table of the same."""

    key: str
    title: str
    drawings: tuple[tuple[str, Incidence, tuple[tuple[Tick, str], ...], tuple[tuple[Drawn, Column, str], ...]], ...]
    rows: tuple[Row, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Waited:
    """How long the tickets of each playbook waited for one thing. `horizon`: of the means, None where none fits."""

    curves: Mapping[str, Mapping[str, Curve | CountedCurve]]
    means: Mapping[str, Restricted | None]
    horizon: int | None
    longest: float
    n: Mapping[str, int]


def curve_pictures(shown: Sequence[Column], handled: Sequence[Handled]) -> list[CurvePicture]:
    """Of all tickets of settled days where their sums can tell, else of those that were read."""
    return [_picture(what, shown, _waited(what, shown, handled)) for what in (REPLIED, RESOLVED)]


def settled_sides(shown: Sequence[Column]) -> dict[str, OfSums] | None:
    """Every playbook's sums, if they hold settled days."""
    sides: dict[str, OfSums] = {}
    for column in shown:
        if isinstance(column.side, OfSums) and column.side.settled is not None and column.side.settled.n:
            sides[column.key] = column.side
    return sides if len(sides) == len(shown) else None


def _waited(what: str, shown: Sequence[Column], handled: Sequence[Handled]) -> Waited:
    if sides := settled_sides(shown):
        return Waited(
            {key: sums.curves(side, what) for key, side in sides.items()},
            {key: sums.restricted(side, what) for key, side in sides.items()},
            HORIZON_OF_ALL[what],
            max(sums.longest_wait(side, what) for side in sides.values()),
            {key: side.settled.n for key, side in sides.items() if side.settled is not None},
        )
    own = {column.key: [one for one in handled if one.outcome.playbook == column.key] for column in shown}
    found = {key: waits(side, what) for key, side in own.items()}
    together = several_trainees(*own.values())
    clusters = {key: [one.cluster for one in side] if together else None for key, side in own.items()}
    horizon = _horizon(what, found)
    return Waited(
        {key: cumulative_incidence(*waited, clusters=clusters[key]) for key, waited in found.items()},
        {
            key: None if horizon is None else restricted_mean(*waited, what, horizon=horizon, clusters=clusters[key])
            for key, waited in found.items()
        },
        horizon,
        max((t for times, _ in found.values() for t in times), default=HOUR),
        {key: len(side) for key, side in own.items()},
    )


def _picture(what: str, shown: Sequence[Column], waited: Waited) -> CurvePicture:
    curves, longest = waited.curves, waited.longest
    title = word("curves", what)
    lines = [
        (column.key, cause, curve, word("curves", "gave_up") if cause == LEFT else column.title)
        for cause in (what, LEFT)
        for column in shown
        if (curve := curves[column.key].get(cause)) is not None
    ]
    return CurvePicture(
        key=what,
        title=title,
        drawings=tuple(
            _drawing(name, shown, lines, min(max(longest, HOUR), LONGEST[what]), size)
            for name, size in (("broad", BROAD), ("slim", SLIM))
        ),
        rows=tuple(_rows(what, shown, waited)),
        words=f"{title}: " + "; ".join(_said(column, curves[column.key].get(what), what) for column in shown),
    )


def _short(title: str, room: float) -> str:
    """As much of it as fits."""
    if text_width(title) <= room:
        return title
    kept = next(n for n in range(len(title) - 1, 0, -1) if text_width(title[:n] + "…") <= room or n == 1)
    return title[:kept].rstrip() + "…"


def _drawing(
    name: str,
    shown: Sequence[Column],
    lines: Sequence[tuple[str, str, Curve | CountedCurve, str]],
    longest: float,
    size: tuple[int, int],
) -> tuple[str, Incidence, tuple[tuple[Tick, str], ...], tuple[tuple[Drawn, Column, str], ...]]:
    by_key = {column.key: column for column in shown}
    lines = [(key, cause, curve, _short(label, ROOM[name])) for key, cause, curve, label in lines]
    drawn = incidence(lines, longest=longest, width=size[0], height=size[1])
    labels = {(key, cause): label for key, cause, _, label in lines}
    return (
        name,
        drawn,
        tuple((tick, time(tick.value)) for tick in drawn.x_ticks),
        tuple((one, by_key[one.key], labels[(one.key, one.cause)]) for one in drawn.curves),
    )


def _horizon(what: str, found: Mapping[str, tuple[Sequence[int], Sequence[str | None]]]) -> int | None:
    seen = min((seen_until(*waited) for waited in found.values()), default=0.0)
    return next((hours * HOUR for hours in HORIZONS[what] if hours * HOUR <= seen), None)


def _said(column: Column, curve: Curve | CountedCurve | None, what: str) -> str:
    day = READ_AT[what][1]
    share = curve.at(day).estimate if curve else None
    return f"{column.title} {NOTHING if share is None else percent(share)} ({word('curves', 'by', time=time(day))})"


def _rows(what: str, shown: Sequence[Column], waited: Waited) -> list[Row]:
    curves, n = waited.curves, waited.n
    rows = [
        Row(
            word("curves", "by", time=time(at)),
            tuple(_share(curves[c.key].get(what), at, n[c.key]) for c in shown),
            about=ABOUT[what],
        )
        for at in READ_AT[what]
    ]
    at = READ_AT[what][1]
    label = word("curves", "left_by", time=time(at))
    rows.append(Row(label, tuple(_share(curves[c.key].get(LEFT), at, n[c.key]) for c in shown), about="left"))
    if waited.horizon is not None:
        within = time(waited.horizon)
        cells = tuple(_mean(waited.means[column.key]) for column in shown)
        rows.append(Row(word("curves", "mean", time=within), cells, word("curves", "mean_hint", time=within)))
    return rows


def _share(curve: Curve | CountedCurve | None, at: float, n: int) -> Cell:
    if curve is None:  # it has happened to nobody
        return Cell(percent(0.0), "", word("judged", "of_n", n=number(n)))
    found: Interval = curve.at(at)
    if found.estimate is None:
        return Cell(NOTHING, "", word("curves", "too_soon"))
    interval = between(found.low, found.high, percent) if found.low is not None else ""
    return Cell(percent(found.estimate), interval, word("curves", "waiting", n=number(curve.remaining(at))))


def _mean(found: Restricted | None) -> Cell:
    if found is None or found.estimate is None:
        return Cell(NOTHING, "", word("curves", "too_soon"))
    interval = between(found.low, found.high, time) if found.low is not None else ""
    return Cell(time(found.estimate), interval, word("judged", "of_n", n=number(found.n)))
