"""How alike the arms of a trial are: each level in words, as a line of the table and as a mark of the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext as _p

from playbooks.core.allocation import Balance, Level
from playbooks.core.plot import Scale, Tick
from playbooks.pages import wording
from playbooks.pages.numbers import NOTHING, number, percent, signed

FACTOR: Mapping[str, Any] = {
    "severity": gettext_lazy("Severity"),
    "channel": gettext_lazy("Channel"),
    "segment": gettext_lazy("Customer segment"),
    "category": gettext_lazy("Complaint"),
    "language": gettext_lazy("Language"),
}
BAND: Mapping[str, Any] = {
    "light": gettext_lazy("light"), "middle": gettext_lazy("medium"), "grave": gettext_lazy("grave"),
}  # fmt: skip
SEGMENT: Mapping[str, Any] = {
    "US": gettext_lazy("USA"),
    "JP": gettext_lazy("Japan"),
    "JPyoung": gettext_lazy("Japan, young"),
    "KR": gettext_lazy("Korea"),
}
WIDTHS = (("broad", 880), ("slim", 360))
LINE, HEAD, FOOT = 22, 18, 34


@dataclass(frozen=True, slots=True)
class Arm:
    """One playbook of a trial, with its mark."""

    key: str
    title: str
    hue: str
    shape: str
    n: int = 0
    share: str = ""


@dataclass(frozen=True, slots=True)
class BalanceLine:
    factor: str
    level: str
    cells: Sequence[str]
    differences: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    arm: Arm


@dataclass(frozen=True, slots=True)
class LovePlot:
    """Standardised differences, one line a level, with the band in which chance alone would leave them."""

    key: str
    width: int
    height: int
    left: float
    right: float
    bottom: float
    zero: float
    band: tuple[float, float]
    ticks: Sequence[tuple[Tick, str]]
    names: Sequence[tuple[float, str]]
    dots: Sequence[Dot]


def level_words(factor: str, level: str) -> str:
    known: Mapping[str, Mapping[str, Any]] = {
        "severity": BAND, "channel": wording.CHANNEL, "segment": SEGMENT, "category": wording.COMPLAINT,
        "language": wording.LANGUAGE,
    }  # fmt: skip
    return str(known.get(factor, {}).get(level, level))


def line(level: Level, found: Balance) -> BalanceLine:
    cells = [
        NOTHING if share is None else _p("count and share", "{n} ({share})").format(n=number(n), share=percent(share))
        for n, share in zip(level.counts, level.shares, strict=True)
    ]
    differences = [
        (NOTHING if one is None else signed(one, 2), one is not None and limit is not None and abs(one) > limit)
        for one, limit in zip(level.differences, found.chance, strict=True)
    ]
    return BalanceLine(str(FACTOR[level.factor]), level_words(level.factor, level.level), cells, differences)


def _name(one: Level) -> str:
    return f"{FACTOR[one.factor]}: {level_words(one.factor, one.level)}"


def chance(found: Balance) -> str:
    limits = [limit for limit in found.chance if limit is not None]
    return "±" + number(max(limits), 2) if limits else NOTHING


def plot(key: str, found: Balance, arms: Sequence[Arm], width: int) -> LovePlot:
    left, right = (250.0, width - 20.0) if key == "broad" else (150.0, width - 12.0)
    limits = [limit for limit in found.chance if limit is not None]
    limit = max(limits, default=0.0)
    values = [abs(one) for level in found.levels for one in level.differences if one is not None]
    reach = max([0.2, limit, *values]) * 1.1
    across = Scale(-reach, reach, left, right)
    step = next((one for one in (0.1, 0.2, 0.5, 1.0) if 2 * reach / one <= (8 if key == "broad" else 4)), 2.0)
    places = range(-int(reach / step), int(reach / step) + 1)
    lines = list(enumerate(found.levels))
    bottom = HEAD + LINE * len(lines)
    return LovePlot(
        key, width, bottom + FOOT, left, right, bottom, across.at(0.0), (across.at(-limit), across.at(limit)),
        [(Tick(across.at(n * step), n * step), number(n * step, 1)) for n in places],
        [(HEAD + LINE * (row + 0.5), _name(one)) for row, one in lines],
        [
            Dot(across.at(gap), HEAD + LINE * (row + 0.5), arms[place])
            for row, level in lines
            for place, gap in enumerate(level.differences, 1)
            if gap is not None
        ],
    )  # fmt: skip
