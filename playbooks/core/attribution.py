"""What a difference between two ways of handling is made of: speed, words, remedy, letter, gift.

Each part is switched off in turn, in both handlings alike, and the difference looked at again: what has gone is what
that part brings. What no single part brings (whether anybody answered or solved it at all, hand-overs, having to
write again, and how the parts work together) is the rest. How much of it is known: a result owes a coefficient what
it would change, were that coefficient a little larger; these debts, added up by mark, say what carries the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any, Literal, TypeVar

import numpy as np

from playbooks.core.case import Case
from playbooks.core.contrast import difference
from playbooks.core.customer.evidence import DEFAULT, MARKS, Coefficient, E, Evidence, Switches
from playbooks.core.customer.experience import Experience, experience_of
from playbooks.core.customer.persona import Traits, persona_of
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.statistics import Interval
from tickets.log import Log

Measure = Literal["satisfaction", "cumulative", "repurchase"]
MEASURES: tuple[Measure, ...] = ("satisfaction", "cumulative", "repurchase")
REST = "rest"
T = TypeVar("T", Experience, Traits)

# Each part, and what a handling without it would have been. The words of a letter are words; the letter itself is
# the bonus of having written one.
OFF: dict[str, dict[str, Any]] = {
    "speed": {"first_h": math.inf, "resolution_h": math.inf, "acknowledged": False},
    "words": {
        "apology": 0.0, "broken_promise": False, "empathy": 0.0, "listening": 0.0, "concrete": 0.0, "ownership": 0.0,
        "register": 0.0, "voice": 0.5, "ng": 0, "updates": 0, "explained": False, "explained_waiting": False,
        "follow_up_day": math.inf, "prevented_days": math.inf,
    },
    "remedy": {"ratio": 0.0, "match": 1.0, "delay_days": 0.0, "conditional": False},
    "letter": {"letter_h": math.inf},
    "gift": {"gift": 0, "gift_tied": False},
}  # fmt: skip
PARTS = tuple(OFF)

# Coefficients that are inside an experience or a person by the time the equations meet them.
_IN_TRAITS = ("compensation", "apology", "voice", "speed", "gift", "letter", "gain")
_IN_EXPERIENCE = {
    "apology": Coefficient("apology components", None, "Lewicki, Polin & Lount 2016", "assumed", "order seen"),
    "match": Coefficient("compensation.match", None, "Roschk & Gelbrich 2014; Mix&Match 2020", "assumed", "order seen"),
    "wait_median_h": Coefficient("waiting curve, median", None, "Rakus, OrangeOne, CITIZEN surveys", "fitted"),
    "wait_shape": Coefficient("waiting curve, shape", None, "Rakus, OrangeOne, CITIZEN surveys", "fitted"),
}
_GROUPS = ("compensation", "apology", "dj", "pj", "ij", "satisfaction", "cumulative", "lasting", "repurchase")
# Days and hours at which something counts or no longer does: on the edge itself there is no slope to speak of.
_EDGES = ("ij.letter_prompt_h", "ij.letter_late_h", "ij.follow_up_first_day", "ij.follow_up_last_day")
_ALSO = ("waiting.resolution", "waiting.acknowledged")
_STEP = 1e-5  # by how much a coefficient is made larger
_NOTHING = 1e-8  # what is smaller is rounding

Changes = Sequence[tuple[Coefficient, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Handled:
    """Handlings to compare: what was lived through, by whom. Scalars, or arrays with one place a customer."""

    lived: Experience
    who: Traits


@dataclass(frozen=True, slots=True)
class Part:
    """What one part brings to the difference, and the share of that carried by coefficients of each mark."""

    key: str  # speed, words, remedy, letter, gift, rest
    effect: float
    low: float | None  # 95 % interval over customers, where there are several
    high: float | None
    marks: Mapping[str, float]  # adds up to 1, or is empty where nothing carries it


@dataclass(frozen=True, slots=True)
class Debt:
    """What the difference owes to one coefficient: its change per relative change of the coefficient."""

    name: str
    mark: str
    source: str
    change: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """A difference taken apart. The effects of the parts, the rest included, add up to it."""

    measure: str
    here: float
    there: float
    difference: Interval
    parts: tuple[Part, ...]
    marks: Mapping[str, float]
    debts: tuple[Debt, ...]  # the largest first
    switched: Mapping[str, float]  # the same difference under each switch of the model

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def attribute(
    these: Handled, those: Handled, *, measure: Measure = "satisfaction", switches: Switches = DEFAULT, most: int = 8
) -> Attribution:
    """What `these` have over `those`, part by part. `most`: how many debts are named."""
    both = _both(these, those)
    levels = both.levels(measure, switches)
    base, changes = both.effects(levels), _changes(both, measure, switches)
    here, there = both.sides(levels[0])
    return Attribution(
        measure=measure,
        here=float(np.mean(here)),
        there=float(np.mean(there)),
        difference=difference(here.tolist(), there.tolist()),
        parts=tuple(_parts(both, levels, base, changes)),
        marks=_by_mark("all", base, changes),
        debts=tuple(_debts(changes)[:most]),
        switched={name: both.effects(both.levels(measure, other))["all"] for name, other in switchings(switches)},
    )


def attribute_logs(
    these: Sequence[tuple[Case, Log]],
    those: Sequence[tuple[Case, Log]],
    *,
    until: int | None,
    measure: Measure = "satisfaction",
    switches: Switches = DEFAULT,
) -> Attribution | None:
    """The same for handled tickets, as they stand at `until` (see `handled`); None where either side has none."""
    if not these or not those:
        return None
    return attribute(handled(these, until=until), handled(those, until=until), measure=measure, switches=switches)


def handled(tickets: Iterable[tuple[Case, Log]], *, until: int | None) -> Handled:
    """Many tickets as arrays. `until` None: each as it stood after the last thing that happened on it."""
    found = [
        (experience_of(case, log, until=log[-1].at if until is None else until), persona_of(case).traits)
        for case, log in tickets
    ]
    lived, who = [x for x, _ in found], [person for _, person in found]
    return Handled(Experience(**_columns(lived)), Traits(**_columns(who)))


def without(x: Experience, part: str) -> Experience:
    """The same handling with this part switched off."""
    return replace(x, **OFF[part])


def switchings(switches: Switches = DEFAULT) -> Iterator[tuple[str, Switches]]:
    """Each switch turned by itself."""
    yield "as_set", switches
    yield "other_speed_model", replace(switches, speed_model="meta" if switches.speed_model == "tarp" else "tarp")
    yield ("without_letter" if switches.letter else "with_letter"), replace(switches, letter=not switches.letter)
    yield ("without_gift" if switches.gift else "with_gift"), replace(switches, gift=not switches.gift)


def _columns(rows: Sequence[Any]) -> dict[str, Any]:
    return {field.name: np.array([getattr(row, field.name) for row in rows]) for field in fields(rows[0])}


# ---------------------------------------------------------------- effects


@dataclass(frozen=True, slots=True)
class _Both:
    """Both handlings in one array, a row each for as it is and for without each part: the equations run once."""

    lived: Experience
    who: Traits
    n: int  # customers of the first handling; the others' follow

    def levels(self, measure: Measure, switches: Switches, evidence: Evidence = E) -> Any:
        return getattr(feelings(self.lived, self.who, switches, evidence), measure)

    def sides(self, row: Any) -> tuple[Any, Any]:
        return row[: self.n], row[self.n :]

    def effects(self, levels: Any) -> dict[str, float]:
        """The difference, each part of it, and the rest."""
        here, there = levels[:, : self.n].mean(axis=1), levels[:, self.n :].mean(axis=1)
        total = float(here[0] - there[0])
        brought = {
            part: float((here[0] - here[row]) - (there[0] - there[row])) for row, part in enumerate(PARTS, start=1)
        }
        return {"all": total, **brought, REST: total - math.fsum(brought.values())}


def _both(these: Handled, those: Handled) -> _Both:
    sizes = [_size(side) for side in (these, those)]
    return _Both(
        lived=Experience(**_in_rows(these.lived, those.lived, sizes)),
        who=Traits(**_side_by_side(these.who, those.who, sizes)),
        n=sizes[0],
    )


def _size(side: Handled) -> int:
    values = [getattr(of, field.name) for of in (side.lived, side.who) for field in fields(of)]
    return max(np.size(value) for value in values)


def _side_by_side(this: Any, that: Any, sizes: Sequence[int]) -> dict[str, Any]:
    return {
        field.name: np.concatenate(
            [np.broadcast_to(getattr(of, field.name), n) for of, n in zip((this, that), sizes, strict=True)]
        )
        for field in fields(this)
    }


def _in_rows(this: Experience, that: Experience, sizes: Sequence[int]) -> dict[str, Any]:
    found = _side_by_side(this, that, sizes)
    for name in {name for off in OFF.values() for name in off}:
        as_it_is = found[name]
        rows = [
            as_it_is,
            *(
                np.full_like(as_it_is, off[name], _kind(as_it_is, off[name])) if name in off else as_it_is
                for off in OFF.values()
            ),
        ]
        found[name] = np.stack(rows)
    return found


def _kind(values: Any, off: Any) -> Any:
    return np.result_type(values, np.asarray(off))


def _parts(both: _Both, levels: Any, base: Mapping[str, float], changes: Changes) -> Iterator[Part]:
    for row, part in enumerate(PARTS, start=1):
        here, there = both.sides(levels[0] - levels[row])
        interval = difference(here.tolist(), there.tolist())
        yield Part(part, base[part], interval.low, interval.high, _by_mark(part, base, changes))
    yield Part(REST, base[REST], None, None, _by_mark(REST, base, changes))


# ---------------------------------------------------------------- what carries them


def _changes(both: _Both, measure: Measure, switches: Switches) -> Changes:
    """For each coefficient, how the difference and its parts change per relative change of it."""
    base = both.effects(both.levels(measure, switches))
    found = []
    for coefficient, larger, evidence in _made_larger(both):
        moved = larger.effects(larger.levels(measure, switches, evidence))
        change = {name: _clean((moved[name] - base[name]) / _STEP) for name in base}
        if any(change.values()):
            found.append((coefficient, change))
    return found


def _made_larger(both: _Both) -> Iterator[tuple[Coefficient, _Both, Evidence]]:
    for name, evidence in _tables().items():
        yield E.why(name), both, evidence
    for trait in _IN_TRAITS:
        yield E.why(f"culture.{trait}"), replace(both, who=_larger(both.who, trait)), E
    for name, coefficient in _IN_EXPERIENCE.items():
        yield coefficient, replace(both, lived=_larger(both.lived, name)), E


@cache
def _tables() -> dict[str, Evidence]:
    """The coefficients' table once for each number that the equations use, with that number a little larger."""
    used = (name for name in E.names() if name.partition(".")[0] in _GROUPS or name in _ALSO)
    numbers = (name for name in used if name not in _EDGES and isinstance(E.why(name).value, int | float))
    return {name: E.varied(name, 1 + _STEP) for name in numbers}


def _clean(change: float) -> float:
    return change if abs(change) > _NOTHING else 0.0


def _larger(of: T, name: str) -> T:
    return replace(of, **{name: getattr(of, name) * (1 + _STEP)})


def _by_mark(of: str, base: Mapping[str, float], changes: Changes) -> dict[str, float]:
    """Shares of the marks in what carries one effect; none where there is no effect to carry."""
    if abs(base[of]) < _NOTHING:
        return {}
    sums = {mark: math.fsum(abs(change[of]) for one, change in changes if one.mark == mark) for mark in MARKS}
    total = math.fsum(sums.values())
    return {mark: value / total for mark, value in sums.items()} if total > _NOTHING else {}


def _debts(changes: Changes) -> list[Debt]:
    found = [Debt(one.name, one.mark, one.source, change["all"]) for one, change in changes if change["all"]]
    return sorted(found, key=lambda debt: (-abs(debt.change), debt.name))
