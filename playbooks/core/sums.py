"""What two playbooks differ in, and how long their customers wait, from sums over all tickets.

Pure. The same as `handled.differences` and `survival` say of tickets one by one, as far as nobody is still waiting: so
waits are read of settled days alone, on which every wait within the horizon is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.case import CURRENCIES
from playbooks.core.comparisons import Judged, judged
from playbooks.core.handled import HOUR, LEFT, REPLIED, RESOLVED, Difference, corrected_together
from playbooks.core.histogram import MIDDLES
from playbooks.core.sides import Moments, OfSums, clustered_mean, flags_of, pulls, scores_of, sums_of, total_and_squares
from playbooks.core.statistics import LEVEL, Interval, wilson
from playbooks.core.survival import Restricted
from playbooks.core.tally import CAPPED, LEFT_BEFORE, Tally

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86_400
SETTLED_AFTER = 28 * DAY  # a ticket older than this has waited through every horizon
SPAN = {REPLIED: "human_reply", RESOLVED: "resolution"}


@dataclass(frozen=True, slots=True)
class Counted:
    """An outcome of a comparison as whole numbers of a tally; `unit`: what one of them is worth."""

    of_many: Callable[[Tally], Moments]
    unit: float = 1.0
    settled: bool = False  # of settled days alone


def _nps(tally: Tally) -> Moments:
    counts = tally.scores("nps")
    promoters, detractors = counts[9] + counts[10], sum(counts[score] for score in range(7))
    return Moments(sum(counts.values()), promoters - detractors, promoters + detractors)


def _told(tone: str) -> Callable[[Tally], Moments]:
    return lambda tally: Moments(tally.n, tally[tone], tally[f"{tone}_square"])


def _capped(span: str) -> Callable[[Tally], Moments]:
    """min(wait, horizon): who was not reached within it counts with the whole of it."""

    def found(tally: Tally) -> Moments:
        total, squares = total_and_squares(tally, f"{span}_capped")
        never, horizon = tally.n - tally[f"{span}_ended"], CAPPED[span]
        return Moments(tally.n, total + never * horizon, squares + never * horizon * horizon)

    return found


def _cost(tally: Tally) -> Moments:
    currency = one_currency(tally)
    return Moments(tally.n, *total_and_squares(tally, f"{currency}_total")) if currency else Moments(0, 0, 0)


# By the keys of `handled.VALUES`.
OUTCOMES: Mapping[str, Counted] = {
    "reply_restricted_h": Counted(_capped("human_reply"), 1 / HOUR, settled=True),
    "resolution_restricted_h": Counted(_capped("resolution"), 1 / HOUR, settled=True),
    "csat": Counted(scores_of("csat")),
    "ces": Counted(scores_of("ces")),
    "nps": Counted(_nps, 100.0),
    "repurchase": Counted(flags_of("repurchased", "repurchase_known")),
    "abandoned": Counted(flags_of("abandoned")),
    "told_good": Counted(_told("told_good"), 100.0),
    "told_bad": Counted(_told("told_bad"), 100.0),
    "work_min": Counted(sums_of("agent_seconds"), 1 / 60),
    "cost": Counted(_cost),
}


def one_currency(*tallies: Tally) -> str | None:
    found = [currency for currency in CURRENCIES if any(tally[f"{currency}_n"] for tally in tallies)]
    return found[0] if len(found) == 1 else None


def can_judge(*sides: OfSums) -> bool:
    """Whether sums know enough: settled days on every side, and who handled them."""
    return all(side.settled is not None and side.settled.n and side.trainees is not None for side in sides)


def differences(this: OfSums, that: OfSums, level: float = LEVEL) -> dict[str, Difference]:
    """Outcome -> this less that; money only where all of it is in one currency. Both sides `can_judge`."""
    keys = [key for key in OUTCOMES if key != "cost" or one_currency(this.whole, that.whole)]
    return corrected_together({key: _difference(OUTCOMES[key], this, that, level) for key in keys}, level)


def _difference(outcome: Counted, this: OfSums, that: OfSums, level: float) -> tuple[Judged, str]:
    sides = [_read(outcome, side) for side in (this, that)]
    wholes = [whole for whole, _ in sides]
    if any(not whole.n for whole in wholes):
        return Judged(min(whole.n for whole in wholes), None, None, None, None, None, level), "independent"
    clusters = {name for _, people in sides for name in people}
    if len(clusters) > 1:
        return _clustered(outcome, sides, sorted(clusters), level), "clustered"
    return _independent(outcome, wholes, level), "independent"


def _read(outcome: Counted, side: OfSums) -> tuple[Moments, dict[str, Moments]]:
    whole, people = (side.settled, side.settled_trainees) if outcome.settled else (side.whole, side.trainees)
    assert whole is not None
    return outcome.of_many(whole), {name: outcome.of_many(tally) for name, tally in (people or {}).items()}


def _independent(outcome: Counted, wholes: Sequence[Moments], level: float) -> Judged:
    """Welch, B. L. (1947), Biometrika 34, 28-35, from whole moments."""
    n = min(whole.n for whole in wholes)
    gap = (wholes[0].total / wholes[0].n - wholes[1].total / wholes[1].n) * outcome.unit
    if n < 2:
        return Judged(n, gap, None, None, None, None, level)
    a, b = ((m.n * m.squares - m.total * m.total) / (m.n * m.n * (m.n - 1)) for m in wholes)
    if a + b <= 0:
        return _same(n, gap, level)
    freedom = (a + b) ** 2 / sum(part * part / (whole.n - 1) for part, whole in zip((a, b), wholes, strict=True))
    return judged(n, gap, math.sqrt(a + b) * outcome.unit, freedom, level)


def _clustered(
    outcome: Counted, sides: Sequence[tuple[Moments, dict[str, Moments]]], names: Sequence[str], level: float
) -> Judged:
    """`comparisons.clustered_difference` from sums: who is on both sides is one cluster."""
    none = Moments(0, 0, 0)
    drew = dict.fromkeys(names, 0.0)
    groups, alone, n = len(names), 0.0, min(whole.n for whole, _ in sides)
    for sign, (whole, people) in zip((1, -1), sides, strict=True):
        own = [people.get(name, none) for name in names]
        known, drawn, squares = pulls(whole, own)
        for name, pull in zip([name for name, one in zip(names, own, strict=True) if one.n], drawn, strict=True):
            drew[name] += sign * pull
        groups += known - len(drawn)
        alone += squares
    groups -= sum(not any(people.get(name, none).n for _, people in sides) for name in names)
    gap = sides[0][0].total / sides[0][0].n - sides[1][0].total / sides[1][0].n
    both = sum(whole.n for whole, _ in sides)
    if groups < 2 or both <= 2:
        return Judged(n, gap * outcome.unit, None, None, None, None, level)
    spread = math.fsum(pull * pull for pull in drew.values()) + alone
    error = math.sqrt(groups / (groups - 1) * (both - 1) / (both - 2) * spread)
    if error <= 1e-12 * max(1.0, abs(gap)):
        return _same(n, gap * outcome.unit, level)
    return judged(n, gap * outcome.unit, error * outcome.unit, groups - 1, level)


def _same(n: int, gap: float, level: float) -> Judged:
    """Nobody differs: no gap for certain, or one that nothing can judge."""
    if math.isclose(gap, 0.0, abs_tol=1e-12):
        return Judged(n, 0.0, 0.0, 0.0, 1.0, 0.0, level)
    return Judged(n, gap, None, None, None, None, level)


# Waiting


@dataclass(frozen=True, slots=True)
class CountedCurve:
    """The share to whom something has happened by each time, where everybody was seen until `until`.

    Nobody is open, so it is a plain share of all, with Wilson's interval (1927, as `statistics.wilson`).
    """

    n: int
    counts: Ints  # by bucket of histogram
    ended: Ints  # of any cause, by bucket
    until: float
    level: float = LEVEL
    _so_far: Ints = field(init=False)
    _gone: Ints = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_so_far", np.cumsum(self.counts))
        object.__setattr__(self, "_gone", np.cumsum(self.ended))

    def at(self, time: float) -> Interval:
        """The share by this time; None beyond `until`."""
        if not self.n or time > self.until:
            return Interval(self.n, None, None, None, self.level)
        place = _place(time)
        happened = int(self._so_far[place]) if place >= 0 else 0
        if not happened:
            return Interval(self.n, 0.0, None, None, self.level)
        return wilson(happened, self.n, self.level)

    def remaining(self, time: float) -> int:
        """How many are still there just before this time."""
        place = int(np.searchsorted(MIDDLES, time, side="left")) - 1
        return self.n - (int(self._gone[place]) if place >= 0 else 0)


def _place(time: float) -> int:
    """The last bucket whose time has come."""
    return int(np.searchsorted(MIDDLES, time, side="right")) - 1


def curves(side: OfSums, what: str) -> dict[str, CountedCurve]:
    """What happened, and leaving before it, on settled days; as far as every wait is known."""
    assert side.settled is not None
    span = SPAN[what]
    counts = {what: side.settled.histograms[span], LEFT: side.settled.histograms[LEFT_BEFORE[span]]}
    ended = counts[what] + counts[LEFT]
    return {
        cause: CountedCurve(side.settled.n, of, ended, float(SETTLED_AFTER))
        for cause, of in counts.items()
        if int(of.sum())
    }


def longest_wait(side: OfSums, what: str) -> float:
    """The longest of settled days that ended, in seconds."""
    assert side.settled is not None
    has = np.flatnonzero(side.settled.histograms[SPAN[what]])
    return float(MIDDLES[has[-1]]) if len(has) else 0.0


def restricted(side: OfSums, what: str, level: float = LEVEL) -> Restricted:
    """`survival.restricted_mean` within the horizon of `CAPPED`, in seconds; by trainees where several handled."""
    span = SPAN[what]
    horizon = float(CAPPED[span])
    whole, people = _read(Counted(_capped(span), settled=True), side)
    if not whole.n:
        return Restricted(0, horizon, None, None, None, None, "nothing", level)
    estimate = whole.total / whole.n
    found = clustered_mean(whole, list(people.values()), level) if len(people) > 1 else None
    if found is not None and found.low is not None and found.high is not None:
        low, high = max(0.0, found.low), min(horizon, found.high)
        return Restricted(whole.n, horizon, estimate, low, high, None, None, level)
    error = math.sqrt(max(0, whole.n * whole.squares - whole.total**2) / whole.n**3)
    if not error:
        return Restricted(whole.n, horizon, estimate, None, None, None, "no_spread", level)
    half = float(ndtri((1 + level) / 2)) * error
    return Restricted(
        whole.n, horizon, estimate, max(0.0, estimate - half), min(horizon, estimate + half), error, None, level
    )
