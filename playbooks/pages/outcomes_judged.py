"""What two playbooks differ in, outcome by outcome: how sure that is, what this n could show, and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playbooks.core import sums
from playbooks.core.comparisons import Judged
from playbooks.core.experiments.measure import Measure, measures
from playbooks.core.handled import (
    Difference,
    Handled,
    differences,
    handlers,
    handlers_of,
    one_currency,
    several_trainees,
)
from playbooks.core.sentence import sentence
from playbooks.core.sides import OfSums
from playbooks.pages.answer import left_words, sure_words
from playbooks.pages.figures import Column
from playbooks.pages.numbers import NOTHING, between, in_currency, number, signed
from playbooks.pages.outcomes_words import word
from playbooks.pages.reading import in_language, language

FEWEST_PAIRS = 10
SAID = ("csat", "reply_restricted_h", "resolution_restricted_h", "repurchase", "nps", "cost")
ABOUT = {
    "reply_restricted_h": "answered", "resolution_restricted_h": "ended", "repurchase": "bought",
    **{key: key for key in ("csat", "ces", "nps", "abandoned", "told_good", "told_bad")},
}  # fmt: skip
_POINTS = {"share": 100.0}


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    label: str
    primary: bool
    difference: str
    interval: str
    n: str
    p: str
    smallest: str
    verdict: str
    kind: str  # yes, no, few
    about: str  # the tickets behind it
    href: str = ""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """One playbook against the first."""

    key: str
    hue: str
    lead: str
    sentence: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    sure: tuple[str, ...] = ()  # of the headline: how sure CSAT is, and for whom it speaks
    mixed: bool = False  # money in several currencies


@dataclass(frozen=True, slots=True)
class Basis:
    """What was compared: the differences, the currency if there is one, and how they were found."""

    found: dict[str, Difference]
    currency: str | None
    how: str  # key of the words that say it
    restricted: bool = False  # some still wait


def judged_pairs(shown: Sequence[Column], handled: Sequence[Handled], *, same_customers: bool) -> list[JudgedPair]:
    """Of all tickets where their sums can tell, else of those that were read."""
    sides = {column.key: [one for one in handled if one.outcome.playbook == column.key] for column in shown}
    return [_pair(column, shown[0], sides, same_customers) for column in shown[1:]]


def by_sums(this: Column, that: Column, *, same_customers: bool) -> bool:
    """Pairs of the same customers are in no sum."""
    sides = [side for side in (this.side, that.side) if isinstance(side, OfSums)]
    return not same_customers and len(sides) == 2 and sums.can_judge(*sides)


def _basis(this: Column, that: Column, sides: dict[str, list[Handled]], same_customers: bool) -> Basis:
    if by_sums(this, that, same_customers=same_customers):
        assert isinstance(this.side, OfSums)
        assert isinstance(that.side, OfSums)
        found = sums.differences(this.side, that.side)
        who = {name for side in (this.side, that.side) for name in side.trainees or {}}
        how = "clustered" if len(who) > 1 else "independent"
        return Basis(found, sums.one_currency(this.side.whole, that.side.whole), _who(how, handlers_of(who)))
    these, those = sides[this.key], sides[that.key]
    found = differences(these, those, same_customers=same_customers)
    how = "paired" if same_customers else "clustered" if several_trainees(these, those) else "independent"
    restricted = any(one.how == "restricted" for one in found.values())
    return Basis(found, one_currency(these, those), _who(how, handlers(these, those)), restricted)


def _who(how: str, who: str) -> str:
    return f"{how}_{who}" if how == "clustered" and who != "trainee" else how


def _pair(this: Column, that: Column, sides: dict[str, list[Handled]], same_customers: bool) -> JudgedPair:
    basis = _basis(this, that, sides, same_customers)
    found, currency = basis.found, basis.currency
    known = {
        key: {**one.found.to_dict(), "shown": one.shown} if enough(one.found) else None for key, one in found.items()
    }
    chosen = [key for key in SAID if key in found]
    said = sentence(
        that.title, this.title, {key: value for key, value in known.items() if value}, chosen,
        language=language(), currency=currency or "JPY",
    )  # fmt: skip
    return JudgedPair(
        key=this.key,
        hue=this.hue,
        lead=word("judged", "lead", other=this.title, baseline=that.title),
        sentence=said,
        lines=tuple(_line(measures()[key], one, currency) for key, one in found.items()),
        notes=tuple(_notes(basis)),
        sure=tuple(words for words in (sure_words(found["csat"].found), left_words(this, that)) if words),
        mixed="cost" not in found,
    )


def enough(found: Judged) -> bool:
    """Fewer say nothing that a person should repeat."""
    return found.n >= FEWEST_PAIRS and found.low is not None


def _notes(basis: Basis) -> list[str]:
    notes = [word("judged", f"how_{basis.how}")]
    if basis.restricted:
        notes.append(word("judged", "how_restricted"))
    if "cost" not in basis.found:
        notes.append(word("judged", "mixed_money"))
    least = basis.found["csat"].found.smallest
    if least is not None:
        size = _written(measures()["csat"], least, basis.currency, plain=True)
        notes.append(word("judged", "smallest_hint", size=size))
    return notes


def _line(measure: Measure, one: Difference, currency: str | None) -> Line:
    found = one.found
    kind = "few" if not enough(found) else "yes" if one.shown else "no"
    p = found.p if one.corrected is None else one.corrected

    def write(value: float) -> str:
        return _written(measure, value, currency)

    return Line(
        key=measure.key,
        label=in_language(measure.title),
        primary=one.corrected is None and measure.key == "csat",
        difference=NOTHING if found.estimate is None else write(found.estimate),
        interval=between(found.low, found.high, write) if found.low is not None else "",
        n=word("judged", "of_n", n=number(found.n)),
        p=NOTHING if p is None else _p(p),
        smallest=NOTHING if found.smallest is None else _written(measure, found.smallest, currency, plain=True),
        verdict=word("judged", kind),
        kind=kind,
        about=ABOUT.get(measure.key, "all"),
    )


def _p(p: float) -> str:
    return f"< {number(0.001, 3)}" if p < 0.001 else number(p, 3)


_UNITS = {
    "hours": {"en": " h", "ko": "시간", "ja": "時間"},
    "minutes": {"en": " min", "ko": "분", "ja": "分"},
    "share": {"en": " pp", "ko": "%p", "ja": "ポイント"},
}


def _written(measure: Measure, value: float, currency: str | None, *, plain: bool = False) -> str:
    """A difference with its unit, and its sign unless `plain`."""
    if measure.unit == "money" and currency:
        sign = "" if plain else "+" if round(value) > 0 else "−" if round(value) < 0 else ""
        return sign + in_currency(currency)(abs(value))
    digits = 1 if measure.unit == "share" else max(1, measure.digits) if measure.unit == "hours" else measure.digits
    size = value * _POINTS.get(measure.unit, 1.0)
    said = number(size, digits) if plain else signed(size, digits)
    return said + in_language(_UNITS.get(measure.unit, {"en": ""}))
