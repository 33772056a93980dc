"""What two playbooks differ in on tickets that were handled, outcome by outcome, judged. Pure.

CSAT is the primary outcome, named before the data and judged by itself; the others are corrected together (Holm).
Of a rehearsal the same customers are compared pair by pair; where several people or automatic agents handled the
tickets, intervals count them; else groups that share nobody. Times are means within one horizon, so that who is not
answered counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from playbooks.core.comparisons import Judged, clustered_difference, holm, independent, judged, paired
from playbooks.core.outcome import Outcome
from playbooks.core.statistics import LEVEL
from playbooks.core.survival import first_of, restricted_difference, restricted_mean
from playbooks.core.tally import CAPPED

HOUR = 3_600
PRIMARY = "csat"
AUTOMATIC = "auto-"  # how the names of automatic agents begin
LEFT, REPLIED, RESOLVED = "left", "replied", "resolved"
HORIZONS = {REPLIED: CAPPED["human_reply"], RESOLVED: CAPPED["resolution"]}  # of the restricted means


@dataclass(frozen=True, slots=True)
class Handled:
    """One ticket as it stands at `now`, the instant of its own clock."""

    ticket: int  # primary key
    outcome: Outcome
    now: int
    trainee: str  # who handled it; "" where nobody is known

    @property
    def cluster(self) -> str | int:
        """Tickets of one trainee resemble each other; one of nobody known stands for itself."""
        return self.trainee or self.ticket


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome, the other playbook less the first. `corrected`: the p-value after correction, if it takes part."""

    key: str
    found: Judged
    corrected: float | None
    shown: bool
    how: str  # paired, clustered, independent, restricted


def until(one: Handled, what: str) -> tuple[int, str | None]:
    """How long the ticket waited for a first human reply or for its resolution, and what ended the wait."""
    span = one.outcome.human_reply if what == REPLIED else one.outcome.resolution
    opened = one.outcome.opened_at
    done_at = None if span.calendar is None else opened + span.calendar
    return first_of(opened, {what: done_at, LEFT: one.outcome.left_at}, now=max(one.now, opened, done_at or 0))


def waits(handled: Sequence[Handled], what: str) -> tuple[list[int], list[str | None]]:
    found = [until(one, what) for one in handled]
    return [wait for wait, _ in found], [cause for _, cause in found]


def within(one: Handled, what: str) -> float | None:
    """min(wait, horizon) in hours; who left first counts with the whole horizon; None while nobody can know."""
    horizon = HORIZONS[what]
    wait, cause = until(one, what)
    if cause == what:
        return min(wait, horizon) / HOUR
    return horizon / HOUR if cause == LEFT or wait >= horizon else None


def _of(name: str) -> Callable[[Handled], float | None]:
    def value(one: Handled) -> float | None:
        found = getattr(one.outcome, name)
        return None if found is None else float(found)

    return value


def _nps(one: Handled) -> float | None:
    score = one.outcome.nps
    return None if score is None else 100.0 * ((score >= 9) - (score <= 6))


# By the keys of an experiment's outcomes, so that both are named and said alike.
VALUES: Mapping[str, Callable[[Handled], float | None]] = {
    "reply_restricted_h": lambda one: within(one, REPLIED),
    "resolution_restricted_h": lambda one: within(one, RESOLVED),
    "csat": _of("csat"),
    "ces": _of("ces"),
    "nps": _nps,
    "repurchase": _of("repurchased"),
    "abandoned": _of("abandoned"),
    "told_good": lambda one: 100.0 * one.outcome.told_good,
    "told_bad": lambda one: 100.0 * one.outcome.told_bad,
    "work_min": lambda one: one.outcome.agent_seconds / 60,
    "cost": lambda one: float(sum(one.outcome.cost.values())),
}
_TIMES = {"reply_restricted_h": REPLIED, "resolution_restricted_h": RESOLVED}


def one_currency(*sides: Sequence[Handled]) -> str | None:
    """The currency of all of them; None where there are several: those are never added up."""
    found = {one.outcome.currency for side in sides for one in side}
    return found.pop() if len(found) == 1 else None


def several_trainees(*sides: Sequence[Handled]) -> bool:
    return len({one.trainee for side in sides for one in side if one.trainee}) > 1


def handlers(*sides: Sequence[Handled]) -> str:
    """Who handled them: trainee, automatic or both."""
    return handlers_of(one.trainee for side in sides for one in side if one.trainee)


def handlers_of(names: Iterable[str]) -> str:
    automatic = {name.startswith(AUTOMATIC) for name in names}
    return "both" if len(automatic) > 1 else "automatic" if True in automatic else "trainee"


def differences(
    these: Sequence[Handled], those: Sequence[Handled], *, same_customers: bool, level: float = LEVEL
) -> dict[str, Difference]:
    """Outcome -> these less those; money only where all of it is in one currency."""
    keys = [key for key in VALUES if key != "cost" or one_currency(these, those)]
    return corrected_together({key: _difference(key, these, those, same_customers, level) for key in keys}, level)


def corrected_together(found: Mapping[str, tuple[Judged, str]], level: float = LEVEL) -> dict[str, Difference]:
    """Each with how it was judged: the primary one by itself, the others corrected over all of them."""
    corrected = holm({key: one.p for key, (one, _) in found.items() if key != PRIMARY})
    made = {}
    for key, (one, how) in found.items():
        p = one.p if key == PRIMARY else corrected[key]
        shown = p is not None and p <= 1 - level and one.low is not None
        made[key] = Difference(key, one, None if key == PRIMARY else corrected[key], shown, how)
    return made


def _difference(
    key: str, these: Sequence[Handled], those: Sequence[Handled], same_customers: bool, level: float
) -> tuple[Judged, str]:
    value = VALUES[key]
    if key in _TIMES and any(value(one) is None for side in (these, those) for one in side):
        return _restricted(_TIMES[key], these, those, level), "restricted"  # some still wait, shorter than the horizon
    if same_customers:
        here, there = ({one.outcome.case: value(one) for one in side} for side in (these, those))
        both = [case for case in here if case in there]
        return paired([here[case] for case in both], [there[case] for case in both], level), "paired"
    if several_trainees(these, those):
        return _clustered(value, these, those, level), "clustered"
    return independent([value(one) for one in these], [value(one) for one in those], level), "independent"


def _restricted(what: str, these: Sequence[Handled], those: Sequence[Handled], level: float) -> Judged:
    together = several_trainees(these, those)
    means = [
        restricted_mean(
            *waits(side, what), what, horizon=HORIZONS[what], level=level,
            clusters=[one.cluster for one in side] if together else None,
        )
        for side in (these, those)
    ]  # fmt: skip
    return in_hours(restricted_difference(*means))


def in_hours(found: Judged) -> Judged:
    def hours(value: float | None) -> float | None:
        return None if value is None else value / HOUR

    low, high = hours(found.low), hours(found.high)
    return Judged(found.n, hours(found.estimate), low, high, found.p, hours(found.smallest), found.level)


def _clustered(
    value: Callable[[Handled], float | None], these: Sequence[Handled], those: Sequence[Handled], level: float
) -> Judged:
    sides = [[(value(one), one.cluster) for one in side] for side in (these, those)]
    known = [[(number, cluster) for number, cluster in side if number is not None] for side in sides]
    (here, their), (there, those_clusters) = (([v for v, _ in side], [c for _, c in side]) for side in known)
    found = clustered_difference(here, their, there, those_clusters, level)
    n = min(len(here), len(there))
    if found.estimate is None or found.error is None:
        no_gap = found.reason == "no_spread" and math.isclose(found.estimate or 0.0, 0.0, abs_tol=1e-12)
        if no_gap and n > 1:
            return Judged(n, 0.0, 0.0, 0.0, 1.0, 0.0, level)
        return Judged(n, found.estimate, None, None, None, None, level)
    return judged(n, found.estimate, found.error, found.clusters - 1, level)
