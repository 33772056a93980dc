"""What the customer felt over time: the picture at two widths, its marks numbered as the words are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from playbooks.core.customer.evidence import E
from playbooks.core.debrief import Debrief, Point
from playbooks.core.plot import Scale, Tick, time_scale, time_ticks
from playbooks.pages import wording
from playbooks.pages.numbers import signed, time
from playbooks.pages.wording import Words, say
from tickets.log import Event

CAME: Words = {
    **wording.HAPPENED,
    "ticket.created": lazy("The complaint"),
    "ticket.handed_over": lazy("Handed over"),
    "remedy.given": lazy("Remedy given"),
    "gift.given": lazy("Gift delivered"),
    "survey.invited": lazy("Asked for a judgement"),
    "survey.answered": lazy("Judgement given"),
    "survey.expired": lazy("No judgement given"),
    "customer.reviewed": lazy("Public review"),
    "customer.repurchased": lazy("Decided on buying again"),
    "customer.told": lazy("Told others"),
}
QUIET = {"survey.invited", "survey.expired", "ticket.closed", "customer.told", "customer.repurchased"}
BROAD, SLIM = (880, 330), (360, 330)
LETTER = 8
LABEL_GAP = 16  # the least distance between two numbered marks


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the picture, and its row in the table behind."""

    label: str  # the number of what was said, or the letter of what was done
    at: int
    words: str
    satisfaction: str
    change: str
    who: str  # desk, customer, deed
    x: float
    y: float
    label_at: str  # above, below; none where both are taken


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the customer felt over time, at one width."""

    key: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    path: str
    moments: tuple[Moment, ...]
    x_ticks: tuple[tuple[Tick, str], ...]
    y_ticks: tuple[tuple[Tick, str], ...]
    usual: float


def drawings(told: Debrief, log: Sequence[Event]) -> list[Drawing]:
    """At the width of a desk and of a phone."""
    return [_drawing(told, log, "broad", BROAD), _drawing(told, log, "slim", SLIM)]


def _drawing(told: Debrief, log: Sequence[Event], key: str, size: tuple[int, int]) -> Drawing:
    points, numbers = labelled(told)
    width, height = size
    left, right, top, bottom = 44.0, width - 16.0, 30.0, height - 46.0
    start = log[0].at
    # Time is logarithmic, as waiting is felt; the first instant has no logarithm and stands at the left edge.
    across = time_scale([max(60, at - start) for at, _s in told.curve], start=left, end=right)
    values = [s for _at, s in told.curve] + [0.0, float(E.usual.satisfaction)]
    low, high = min(values) - 0.2, max(values) + 0.2
    up = Scale(low, high, bottom, top)

    def x(at: int) -> float:
        return across.at(max(at - start, across.low))

    line = " ".join(f"{x(at)},{up.at(s)}" for at, s in told.curve)
    whole = [value for value in range(-4, 5) if low <= value <= high]
    return Drawing(
        key, width, height, left, right, top, bottom,
        path=f"M{line.replace(' ', 'L')}",
        moments=_moments(points, numbers, log, x, up),
        x_ticks=tuple((tick, time(tick.value)) for tick in time_ticks(across)),
        y_ticks=tuple((Tick(up.at(value), value), signed(value, 0)) for value in whole),
        usual=up.at(float(E.usual.satisfaction)),
    )  # fmt: skip


def labelled(told: Debrief) -> tuple[list[Point], dict[int, int]]:
    """The points worth a mark, and the number of each word by its place in the log: words count 1, 2, 3 …"""
    points = [point for point in told.points if not QUIET.issuperset(point.names)]
    return points, {word.seq: n for n, word in enumerate(told.words, 1)}


def labels(points: Sequence[Point], numbers: Mapping[int, int]) -> list[str]:
    """Words by their numbers; what was done without a word by letters, so that no number is missing."""
    found, done = [], 0
    for point in points:
        said = [str(numbers[place]) for place in point.events if place in numbers]
        if not said:
            said, done = [letters(done)], done + 1
        found.append("·".join(said))
    return found


def letters(n: int) -> str:
    """A, B … Z, AA, AB …"""
    return (letters(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


def _moments(
    points: Sequence[Point], numbers: Mapping[int, int], log: Sequence[Event], x: Any, up: Scale
) -> tuple[Moment, ...]:
    found: list[Moment] = []
    before, last = None, {"above": -100.0, "below": -100.0}
    for label, point in zip(labels(points, numbers), points, strict=True):
        place = x(point.at)
        room = LABEL_GAP + LETTER * (len(label) - 1)
        side = next((side for side in last if place - last[side] >= room), "none")
        last |= {side: place}
        found.append(
            Moment(
                label=label,
                at=point.at,
                words=" · ".join(dict.fromkeys(_came(log[i]) for i in point.events)),
                satisfaction=signed(point.satisfaction, 2),
                change="" if before is None else signed(point.satisfaction - before, 2),
                who=_who([log[i] for i in point.events]),
                x=place,
                y=up.at(point.satisfaction),
                label_at=side,
            )
        )
        before = point.satisfaction
    return tuple(found)


def _came(event: Event) -> str:
    if event.name != "comment.created":
        return say(CAME, event.name)
    return _("Words of: {who}").format(who=say(wording.AUTHOR, event.actor))


def _who(events: Sequence[Event]) -> str:
    spoken = {event.actor for event in events if event.name == "comment.created"}
    if spoken - {"customer"}:
        return "desk"
    return "customer" if spoken or events[0].name.startswith("customer.") else "deed"
