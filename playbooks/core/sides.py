"""One playbook's side of a comparison: of tickets that were read one by one, or of sums over a million of them.

Pure. Both give the same figures: of sums times are told within 1 %, everything else to the last digit. A measure that
is counted by trainees has one value a ticket and, in a tally, its n, sum and sum of squares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from scipy.special import stdtrit  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.answering_style import nps_adjusted, nps_adjusted_of
from playbooks.core.case import PROFILES
from playbooks.core.comparisons import clustered
from playbooks.core.contrast import Median, median_interval
from playbooks.core.outcome import ANSWER_WITHIN, RESOLVE_WITHIN, Outcome
from playbooks.core.statistics import LEVEL, Interval, mean, wilson
from playbooks.core.tally import SCORES, Tally, moments
from tickets.durations import Span


class Moments(NamedTuple):
    """Of whole numbers: how many there are, their sum, and the sum of their squares. Exact, and added up at will."""

    n: int
    total: int
    squares: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What one ticket adds, None where it is not known, and the same of many."""

    of_ticket: Callable[[Outcome], float | None]
    of_many: Callable[[Tally], Moments]
    share: bool = True  # yes or no


def flags_of(part: str, whole: str = "n") -> Callable[[Tally], Moments]:
    return lambda tally: Moments(tally[whole], tally[part], tally[part])


def scores_of(metric: str) -> Callable[[Tally], Moments]:
    def found(tally: Tally) -> Moments:
        counts = tally.scores(metric)
        return Moments(
            sum(counts.values()),
            sum(score * count for score, count in counts.items()),
            sum(score * score * count for score, count in counts.items()),
        )

    return found


def sums_of(name: str) -> Callable[[Tally], Moments]:
    """Of a figure that every ticket has."""
    return lambda tally: Moments(tally.n, *total_and_squares(tally, name))


def total_and_squares(tally: Tally, name: str) -> tuple[int, int]:
    total, low, high = (tally[part] for part in moments(name))
    return total, (high << 32) + low


def _satisfied(tally: Tally) -> Moments:
    counts = tally.scores("csat")
    return Moments(sum(counts.values()), counts[4] + counts[5], counts[4] + counts[5])


def _within(span: Span, seconds: int) -> bool:
    return span.calendar is not None and span.calendar <= seconds


MEASURES: Mapping[str, Measure] = {
    "in_target": Measure(attrgetter("in_target"), flags_of("target_met", "target_judged")),
    "in_a_day": Measure(lambda one: _within(one.reached("human_reply"), ANSWER_WITHIN), flags_of("answered_within")),
    "in_three_days": Measure(
        lambda one: _within(one.reached("resolution"), RESOLVE_WITHIN), flags_of("resolved_within")
    ),
    "csat": Measure(attrgetter("csat"), scores_of("csat"), share=False),
    "ces": Measure(attrgetter("ces"), scores_of("ces"), share=False),
    "satisfied": Measure(lambda one: None if one.csat is None else one.csat >= 4, _satisfied),
    "repurchased": Measure(attrgetter("repurchased"), flags_of("repurchased", "repurchase_known")),
    "abandoned": Measure(attrgetter("abandoned"), flags_of("abandoned")),
    "left_silently": Measure(attrgetter("left_silently"), flags_of("left_silently")),
    "accepted": Measure(attrgetter("accepted"), flags_of("accepted")),
    "reopened": Measure(lambda one: one.reopens > 0, flags_of("reopened")),
    "agent_seconds": Measure(attrgetter("agent_seconds"), sums_of("agent_seconds"), share=False),
}


class Side(Protocol):
    """One playbook's tickets."""

    @property
    def summary(self) -> Mapping[str, Any]:
        """What `outcome.summary` says of one playbook."""
        ...

    def median(self, span: str) -> Median:
        """Of a span; who had left before it came counts with those who never had it."""
        ...

    def by_trainee(self, measure: str) -> Interval | None:
        """The estimate with an interval that counts trainees; None where fewer than two handled these tickets."""
        ...

    def adjusted_nps(self) -> Interval: ...

    def left_silently(self) -> Interval: ...

    def cost_and_csat(self, currency: str) -> tuple[float, float] | None:
        """Mean cost of a ticket in minor units, and mean CSAT, of those in this currency."""
        ...

    def still_open(self) -> int: ...

    def points(self) -> list[tuple[float, float]]:
        """Seconds to the first human reply and CSAT, of tickets that have both; of sums: of the newest."""
        ...


@dataclass(frozen=True, slots=True)
class OfTickets:
    """Read one by one. `clusters`: who handled each, a number where nobody is known."""

    outcomes: tuple[Outcome, ...]
    clusters: tuple[str | int, ...]
    summary: Mapping[str, Any]

    def median(self, span: str) -> Median:
        return median_interval([one.reached(span).calendar for one in self.outcomes])

    def by_trainee(self, measure: str) -> Interval | None:
        if len({one for one in self.clusters if isinstance(one, str)}) < 2:
            return None
        pairs = zip(self.outcomes, self.clusters, strict=True)
        value = MEASURES[measure].of_ticket
        known = [(float(found), cluster) for one, cluster in pairs if (found := value(one)) is not None]
        wide = clustered([number for number, _ in known], [cluster for _, cluster in known])
        if wide.low is None or wide.high is None:
            return None
        return _bounded(Interval(wide.n, wide.estimate, wide.low, wide.high, wide.level), MEASURES[measure].share)

    def adjusted_nps(self) -> Interval:
        answers = [(one.nps, one.profile) for one in self.outcomes if one.nps is not None]
        return nps_adjusted([score for score, _ in answers], [profile for _, profile in answers])

    def left_silently(self) -> Interval:
        return wilson(sum(one.left_silently for one in self.outcomes), len(self.outcomes))

    def cost_and_csat(self, currency: str) -> tuple[float, float] | None:
        own = [one for one in self.outcomes if one.currency == currency]
        cost = mean([sum(one.cost.values()) for one in own])
        csat = mean([one.csat for one in own if one.csat is not None])
        return None if cost is None or csat is None else (cost, csat)

    def still_open(self) -> int:
        return sum(not one.resolved for one in self.outcomes)

    def points(self) -> list[tuple[float, float]]:
        return [
            (float(waited), float(one.csat))
            for one in self.outcomes
            if (waited := one.reached("human_reply").calendar) is not None and one.csat is not None
        ]


@dataclass(frozen=True, slots=True)
class OfSums:
    """Read as sums. `trainees`: who handled them, each with their own; None where nobody knows within this segment.

    `settled`, `settled_trainees`: of the days so long ago that every wait within the horizons is known; None where
    clocks end at different instants. `newest`: some of the tickets one by one, for the dots of a picture.
    """

    whole: Tally
    trainees: Mapping[str, Tally] | None
    settled: Tally | None
    settled_trainees: Mapping[str, Tally] | None
    newest: OfTickets
    summary: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "summary", self.whole.summary())

    def median(self, span: str) -> Median:
        return self.whole.median(span)

    def by_trainee(self, measure: str) -> Interval | None:
        if self.trainees is None or len(self.trainees) < 2:
            return None
        of_many = MEASURES[measure].of_many
        found = clustered_mean(of_many(self.whole), [of_many(tally) for tally in self.trainees.values()])
        return None if found is None else _bounded(found, MEASURES[measure].share)

    def adjusted_nps(self) -> Interval:
        return nps_adjusted_of(
            {profile: {score: self.whole[f"nps_{profile}_{score}"] for score in SCORES["nps"]} for profile in PROFILES}
        )

    def left_silently(self) -> Interval:
        return self.whole.share("left_silently")

    def cost_and_csat(self, currency: str) -> tuple[float, float] | None:
        n, scored = self.whole[f"{currency}_n"], self.whole[f"{currency}_csat_n"]
        if not n or not scored:
            return None
        return self.whole[f"{currency}_total"] / n, self.whole[f"{currency}_csat"] / scored

    def still_open(self) -> int:
        return self.whole.n - self.whole["resolved"]

    def points(self) -> list[tuple[float, float]]:
        return self.newest.points()


def _bounded(found: Interval, share: bool) -> Interval:
    if not share or found.low is None or found.high is None:
        return found
    return Interval(found.n, found.estimate, max(0.0, found.low), min(1.0, found.high), found.level)


# Clusters from their sums


def pulls(whole: Moments, clusters: Sequence[Moments]) -> tuple[int, list[float], float]:
    """How many clusters there are, how far each drew the mean from where the others would have it, and Σ of squares.

    Whom no cluster names stands for itself: of those only the squares are told, in the sum.
    """
    n, middle = whole.n, whole.total / whole.n
    named = [one for one in clusters if one.n]
    rest = Moments(*(all_of - sum(part) for all_of, part in zip(whole, zip(*named, strict=True), strict=True)))
    drew = [(one.total - one.n * middle) / n for one in named]
    alone = max(0.0, rest.squares - 2 * middle * rest.total + rest.n * middle * middle) / (n * n) if rest.n else 0.0
    return len(named) + rest.n, drew, alone


def clustered_mean(whole: Moments, clusters: Sequence[Moments], level: float = LEVEL) -> Interval | None:
    """`comparisons.clustered` from sums, CR1; None where there is no interval."""
    if not whole.n or not any(one.n for one in clusters):
        return None
    groups, drew, alone = pulls(whole, clusters)
    if groups < 2 or whole.n < 2:
        return None
    estimate = whole.total / whole.n
    error = math.sqrt(groups / (groups - 1) * (math.fsum(pull * pull for pull in drew) + alone))
    if error <= 1e-12 * max(1.0, abs(estimate)):
        return None
    half = float(stdtrit(groups - 1, (1 + level) / 2)) * error
    return Interval(whole.n, estimate, estimate - half, estimate + half, level)
