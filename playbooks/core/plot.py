"""Where things stand in a picture: scales, ticks, marks with their intervals, labels that keep apart. Pure geometry.

Values in, coordinates out, in the units of the drawing (y grows downwards). How it looks is the style sheet's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from unicodedata import east_asian_width

from playbooks.core.contrast import Median
from playbooks.core.statistics import Interval

# Instants of a clock that people know, in seconds: ticks of a logarithmic axis of time.
TIME_TICKS = (
    1, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600,
    2_592_000, 7_776_000,
)  # fmt: skip
TICK_GAP = 58  # the least distance between two written ticks
GOLDEN = (math.sqrt(5) - 1) / 2  # its multiples, modulo 1, spread evenly without a pattern
JITTER = 0.3  # of one step of a whole-numbered scale
LATIN, WIDE = 7.0, 13.2  # about how much room a letter takes in a 13 px label
LINE = 17
LABEL_GAP = 9
STRIP_LINE = 14


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` laid on `start` to `end`. What lies outside is drawn on the edge."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        low, high, place = (math.log(v) if self.log else v for v in (self.low, self.high, inside))
        return round(self.start + (self.end - self.start) * (place - low) / (high - low), 1)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Group:
    """What of one playbook goes into the picture: a median time, a mean score, single tickets as (seconds, score)."""

    key: str
    label: tuple[str, ...]  # lines of its direct label
    across: Median
    up: Interval
    dots: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Label:
    lines: tuple[tuple[float, str], ...]  # baseline, text
    x: float
    anchor: str  # SVG's text-anchor


@dataclass(frozen=True, slots=True)
class Mark:
    """One playbook: its place, and how far its intervals reach. `endless`: the interval has no right end."""

    key: str
    x: float
    y: float
    across: tuple[float, float] | None
    up: tuple[float, float] | None
    endless: bool
    label: Label


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[tuple[str, str], ...]  # key, path data
    marks: tuple[Mark, ...]


def picture(
    groups: Sequence[Group], *, scores: tuple[int, int], width: int, height: int, most_dots: int = 400
) -> Picture:
    """Time across (logarithmic), a whole-numbered score up. A group without a median or a mean has no mark."""
    left, right, top, bottom = 40.0, width - 14.0, 30.0, height - 48.0
    across = time_scale((s for g in groups for s in _seconds_of(g)), start=left, end=right)
    up = Scale(scores[0] - 0.5, scores[1] + 0.5, bottom, top)
    return Picture(
        width, height, left, right, top, bottom,
        x_ticks=time_ticks(across),
        y_ticks=tuple(Tick(up.at(score), score) for score in range(scores[0], scores[1] + 1)),
        dots=tuple(
            (group.key, _dots(thinned(group.dots, most_dots // max(1, len(groups))), across, up)) for group in groups
        ),
        marks=_marks(groups, across, up),
    )  # fmt: skip


def time_scale(seconds: Iterable[float], *, start: float, end: float) -> Scale:
    """A logarithmic scale from the last known instant before the shortest time to the first after the longest."""
    known = [max(1.0, value) for value in seconds] or [60.0, 86_400.0]
    low: float = max((tick for tick in TIME_TICKS if tick <= min(known)), default=TIME_TICKS[0])
    high: float = min((tick for tick in TIME_TICKS if tick >= max(known)), default=max(known))
    if high / low < 60:  # a narrow axis would make a few minutes look like a gulf
        low, high = max(1, low / 8), high * 8
    return Scale(low, high, start, end, log=True)


def time_ticks(scale: Scale) -> tuple[Tick, ...]:
    """Known instants on the scale, as many as can be written side by side."""
    ticks: list[Tick] = []
    for value in TIME_TICKS:
        if scale.low <= value <= scale.high:
            at = scale.at(value)
            if not ticks or at - ticks[-1].at >= TICK_GAP:
                ticks.append(Tick(at, value))
    return tuple(ticks)


def thinned(dots: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most so many, taken evenly."""
    if len(dots) <= most:
        return list(dots)
    return [dots[place * len(dots) // most] for place in range(most)]


def jitter(place: int) -> float:
    """A shift within ±JITTER that tells equal scores apart; the same for the same place, always."""
    return JITTER * (2 * ((place + 1) * GOLDEN % 1) - 1)


def _seconds_of(group: Group) -> list[float]:
    bounds = (group.across.estimate, group.across.low, group.across.high)
    return [value for value in bounds if value is not None] + [seconds for seconds, _ in group.dots]


def _dots(dots: Sequence[tuple[float, float]], across: Scale, up: Scale) -> str:
    """All single tickets as one path of points, for a stroke with round caps."""
    return "".join(
        f"M{across.at(seconds)} {up.at(score + jitter(place))}h.01" for place, (seconds, score) in enumerate(dots)
    )


def _marks(groups: Sequence[Group], across: Scale, up: Scale) -> tuple[Mark, ...]:
    drawn = [(g, g.across.estimate, g.up.estimate) for g in groups]
    placed = [(g, across.at(x), up.at(y)) for g, x, y in drawn if x is not None and y is not None]
    taken = [_Box(x - 8, y - 8, x + 8, y + 8) for _, x, y in placed]
    marks = []
    for group, x, y in sorted(placed, key=lambda place: place[2]):
        label, box = _label(group.label, x, y, taken, across, up)
        taken.append(box)
        marks.append(
            Mark(
                group.key, x, y,
                across=_reach(group.across, across),
                up=_reach(group.up, up),
                endless=group.across.bounded and group.across.high is None,
                label=label,
            )
        )  # fmt: skip
    order = [group.key for group in groups]
    return tuple(sorted(marks, key=lambda mark: order.index(mark.key)))


def _reach(found: Median | Interval, scale: Scale) -> tuple[float, float] | None:
    if found.low is None:
        return None
    return scale.at(found.low), scale.end if found.high is None else scale.at(found.high)


# Labels


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: _Box) -> float:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high)


def text_width(text: str) -> float:
    """About how wide a label is drawn; East Asian letters take twice the room."""
    return sum(WIDE if east_asian_width(letter) in "WF" else LATIN for letter in text)


def _label(
    lines: tuple[str, ...], x: float, y: float, taken: Sequence[_Box], across: Scale, up: Scale
) -> tuple[Label, _Box]:
    """In the quarter beside the mark where it hides least: right before left, above before below."""
    width, height = max(map(text_width, lines), default=0), LINE * len(lines)
    best: tuple[float, str, _Box] | None = None
    for above, right in product((True, False), (True, False)):
        left = x + LABEL_GAP if right else x - LABEL_GAP - width
        top = y - LABEL_GAP - height if above else y + LABEL_GAP
        box = _Box(left, top, left + width, top + height)
        outside = max(0.0, across.start - box.left) + max(0.0, box.right - across.end)
        outside += max(0.0, up.end - box.top) + max(0.0, box.bottom - up.start)
        cost = sum(box.overlap(other) for other in taken) + 40 * outside
        if best is None or cost < best[0]:
            best = (cost, "start" if right else "end", box)
    assert best is not None
    _, anchor, box = best
    written = tuple((round(box.top + LINE * (row + 1) - 4, 1), line) for row, line in enumerate(lines))
    return Label(written, round(box.left if anchor == "start" else box.right, 1), anchor), box


# Strips: the intervals of one measure under each other, beside their row of a table


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of a small multiple."""

    key: str
    x: float
    y: float
    across: tuple[float, float] | None


def strips(
    found: Sequence[tuple[str, Interval | Median]],
    *,
    low: float,
    high: float,
    width: int,
    line: int = STRIP_LINE,
    log: bool = False,
) -> tuple[Strip, ...]:
    """Each playbook's estimate and interval on one scale, one line each."""
    scale = Scale(low, high, 5, width - 5, log=log)
    return tuple(
        Strip(key, scale.at(one.estimate), line * (row + 0.5), _reach(one, scale))
        for row, (key, one) in enumerate(found)
        if one.estimate is not None
    )


# Bars: the parts of a difference, each with its interval, to either side of zero

BAR_LINE = 40
BAR_STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
BAR_LEFT, BAR_RIGHT = 14.0, 58.0  # room for the whisker's end, and for the written value


@dataclass(frozen=True, slots=True)
class Bar:
    """One part: its bar from zero, and how far its interval reaches."""

    name: str
    value: float
    y: float  # of the bar's upper edge; its name stands above it
    x: float
    width: float
    end: float  # where its value is written
    across: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Bars:
    width: int
    height: int
    zero: float
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


def bars(found: Sequence[tuple[str, float, float | None, float | None]], *, width: int) -> Bars:
    """(name, value, low, high) under each other on one scale that has zero on it."""
    values = [v for _, *three in found for v in three if v is not None]
    low, high = min([0.0, *values]), max([0.0, *values])
    if high - low < 0.1:  # what is next to nothing shall not look like much
        low, high = low - 0.05, high + 0.05
    scale = Scale(low, high, BAR_LEFT, width - BAR_RIGHT)
    zero = scale.at(0.0)
    drawn = []
    for row, (name, value, least, most) in enumerate(found):
        at = scale.at(value)
        across = None if least is None or most is None else (scale.at(least), scale.at(most))
        end = max(at, zero, *(across or ())) + 6
        drawn.append(Bar(name, value, BAR_LINE * row + 20.0, min(at, zero), round(abs(at - zero), 1), end, across))
    step = next(
        step for step in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if (high - low) / step <= width / 90 or step == 5.0
    )
    ticks = [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
    height = BAR_LINE * len(found) + 30
    return Bars(width, height, zero, tuple(Tick(scale.at(tick), round(tick, 2)) for tick in ticks), tuple(drawn))
