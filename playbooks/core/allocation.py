"""A fair live comparison: which playbook a ticket gets, how alike the arms came out, and what may be said when.

Pure. Tickets are drawn in permuted blocks within strata, or stretches of time are drawn where the arms share a queue.
Block sizes vary, so that whoever sees all tickets so far cannot know the next one. The outcome that decides and the
number of tickets are fixed before the data; an early look pays for itself (O'Brien-Fleming).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.special import ndtri  # type: ignore[import-untyped,unused-ignore]

from playbooks.core import streams
from playbooks.core.case import Case
from playbooks.core.comparisons import Look, apart, independent, looks, smallest_difference
from playbooks.core.outcome import ANSWER_WITHIN, RESOLVE_WITHIN, Outcome
from playbooks.core.statistics import LEVEL, Interval, mean
from tickets.durations import Span

BLOCKS, SWITCHBACK = "blocks", "switchback"
METHODS = (BLOCKS, SWITCHBACK)
FACTORS = ("severity", "channel", "segment")
MULTIPLES = (2, 3)  # a block holds every arm so many times; which, is drawn
EVERYBODY = "all"  # the stratum where nothing is stratified
MINUTE, HOUR, DAY = 60, 3_600, 86_400
LONGEST_WASHOUT = 120  # minutes that nobody asked for
LIGHT_BELOW, GRAVE_FROM = 0.4, 0.7
FEW_BLOCKS = 12  # stretches of time; fewer carry little, whatever the number of tickets


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a ticket came to stand and what that gave it."""

    arm: int
    stratum: str
    block: int
    position: int | None  # within its block; None where a stretch of time decides
    draw: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def severity_band(case: Case) -> str:
    return "light" if case.severity < LIGHT_BELOW else "middle" if case.severity < GRAVE_FROM else "grave"


def traits_of(case: Case) -> dict[str, str]:
    """What a ticket is stratified by, and what balance is looked at in."""
    return {
        "severity": severity_band(case), "channel": case.channel, "segment": case.profile,
        "category": case.category, "language": case.language,
    }  # fmt: skip


def stratum_of(case: Case, factors: Sequence[str]) -> str:
    """`grave/email/JP`: the levels of the chosen factors, in their order."""
    traits = traits_of(case)
    return "/".join(traits[factor] for factor in FACTORS if factor in factors) or EVERYBODY


def in_blocks(seed: int, stream: str, stratum: str, nth: int, arms: int) -> Placement:
    """The arm of the nth ticket (from 0) of its stratum: permuted blocks of drawn sizes.

    Every place of a block has a draw of its own; the lowest ones get the first arm, the next ones the second …, each
    arm equally often. Zelen, M. (1974), Journal of Chronic Diseases 27, 365-375; Efird, J. (2011), International
    Journal of Environmental Research and Public Health 8, 15-20, on varying the size.
    """
    sizes = streams.block(seed, f"{stream}/{stratum}/size", nth // arms + 1, 1)[:, 0]
    start = block = 0
    times = MULTIPLES[streams.pick(float(sizes[0]), len(MULTIPLES))]
    while nth >= start + times * arms:
        start, block = start + times * arms, block + 1
        times = MULTIPLES[streams.pick(float(sizes[block]), len(MULTIPLES))]
    draws = streams.uniforms(seed, f"{stream}/{stratum}/order", block, MULTIPLES[-1] * arms)[: times * arms].tolist()
    position = nth - start
    rank = sorted(range(len(draws)), key=lambda place: (draws[place], place)).index(position)
    return Placement(rank // times, stratum, block, position, round(draws[position], 12))


def in_time(seed: int, stream: str, started_at: int, hours: int, now: int, arms: int) -> Placement:
    """The arm of the stretch of time in which a ticket comes in: within each run of as many stretches as arms, each
    arm once, in drawn order (for two arms: pairs). Bojinov, I., Simchi-Levi, D. & Zhao, J. (2023), Management Science
    69, 3759-3777.
    """
    stretch = max(0, now - started_at) // (hours * HOUR)
    group, place = divmod(stretch, arms)
    draws = streams.uniforms(seed, f"{stream}/time", group, arms).tolist()
    arm = sorted(range(arms), key=lambda one: (draws[one], one)).index(place)
    return Placement(arm, EVERYBODY, stretch, None, round(draws[place], 12))


def washout_for(hours: int) -> int:
    """Minutes at the start of a stretch of so many hours that do not count, where nobody says how many."""
    return min(hours * HOUR // MINUTE // 4, LONGEST_WASHOUT)


def in_washout(started_at: int, hours: int, washout: int, now: int) -> bool:
    """Whether a ticket comes in while the queue is still the one that the stretch before has left.

    The first `washout` minutes of every stretch, whether or not its arm is another one: what counts follows from the
    clock alone, so every arm gives up the same share of its time. With such a burn-in the bias of what the other arm
    left behind goes down far faster than by longer stretches: Hu, Y. & Wager, S. (2022), Switchback Experiments under
    Geometric Mixing, arXiv:2209.00197; on carry-over of a known length Bojinov et al. (2023), as in `in_time`.
    """
    return (now - started_at) % (hours * HOUR) < washout * MINUTE


# Balance


@dataclass(frozen=True, slots=True)
class Level:
    """One level of one factor: how many of each arm have it, and how far the arms' shares lie apart.

    `differences`: of each later arm against the first, in standard deviations of the yes or no.
    """

    factor: str
    level: str
    counts: tuple[int, ...]
    shares: tuple[float | None, ...]
    differences: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """`chance`: within ± this lies each later arm's difference in 95 of 100 plain random draws."""

    counts: tuple[int, ...]
    levels: tuple[Level, ...]
    chance: tuple[float | None, ...]

    @property
    def beyond(self) -> int:
        """Differences that chance alone would bring in five of a hundred."""
        return sum(
            one is not None and limit is not None and abs(one) > limit
            for level in self.levels
            for one, limit in zip(level.differences, self.chance, strict=True)
        )

    @property
    def compared(self) -> int:
        return sum(one is not None for level in self.levels for one in level.differences)


def balance(tickets: Sequence[tuple[int, Mapping[str, str]]], arms: int) -> Balance:
    """(arm, traits) of every ticket. d = (p₁ − p₀) / √((p₁(1 − p₁) + p₀(1 − p₀)) / 2); by chance its standard error is
    √(1/n₁ + 1/n₀). Austin, P. C. (2009), Statistics in Medicine 28, 3083-3107.
    """
    counts = tuple(sum(arm == one for one, _ in tickets) for arm in range(arms))
    found: dict[tuple[str, str], list[int]] = {}
    for arm, traits in tickets:
        for factor, level in traits.items():
            found.setdefault((factor, level), [0] * arms)[arm] += 1
    factors = list(dict.fromkeys(factor for _, traits in tickets for factor in traits))
    ordered = sorted(found, key=lambda key: (factors.index(key[0]), -sum(found[key]), key[1]))
    levels = tuple(_level(factor, level, found[factor, level], counts) for factor, level in ordered)
    return Balance(counts, levels, tuple(_chance(counts[0], n) for n in counts[1:]))


def _level(factor: str, level: str, having: Sequence[int], counts: Sequence[int]) -> Level:
    shares = tuple(one / n if n else None for one, n in zip(having, counts, strict=True))
    return Level(factor, level, tuple(having), shares, tuple(_standardised(shares[0], one) for one in shares[1:]))


def _standardised(base: float | None, other: float | None) -> float | None:
    if base is None or other is None:
        return None
    spread = math.sqrt((base * (1 - base) + other * (1 - other)) / 2)
    if spread == 0:
        return 0.0 if base == other else None
    return (other - base) / spread


def _chance(base: int, other: int) -> float | None:
    return float(ndtri((1 + LEVEL) / 2)) * math.sqrt(1 / base + 1 / other) if base and other else None


# The outcome that decides


def _within(span: Span, seconds: int, *, opened_at: int, now: int) -> float | None:
    """Whether a span ended in time; unknown while it may still."""
    if span.calendar is not None:
        return float(span.calendar <= seconds)
    return 0.0 if now - opened_at > seconds else None


def value_of(outcome: Outcome, primary: str, *, now: int) -> float | None:
    """What a ticket says on this outcome; None: nothing yet, or nobody answered."""
    if primary == "answered_in_a_day":
        return _within(outcome.human_reply, ANSWER_WITHIN, opened_at=outcome.opened_at, now=now)
    if primary == "resolved_in_three_days":
        return _within(outcome.resolution, RESOLVE_WITHIN, opened_at=outcome.opened_at, now=now)
    if primary == "abandoned":
        return float(outcome.abandoned) if outcome.abandoned or outcome.resolved else None
    if primary == "agent_minutes":
        return outcome.agent_seconds / 60 if outcome.resolved or outcome.abandoned else None
    value = getattr(outcome, primary)
    return None if value is None else float(value)


# Outcome -> seconds after opening from which it counts as it stands: what is not known by then, nobody waits for.
SETTLED: dict[str, int] = {
    "csat": 14 * DAY, "ces": 14 * DAY, "nps": 45 * DAY, "repurchased": 45 * DAY, "answered_in_a_day": 2 * DAY,
    "resolved_in_three_days": 4 * DAY, "abandoned": 14 * DAY, "agent_minutes": 14 * DAY,
}  # fmt: skip
PRIMARIES = tuple(SETTLED)
SHARES = frozenset({"repurchased", "answered_in_a_day", "resolved_in_three_days", "abandoned"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One ticket of a trial, in order of coming in."""

    arm: int
    value: float | None
    settled: bool
    cluster: Hashable  # its stretch of time; where tickets are drawn, itself


@dataclass(frozen=True, slots=True)
class Finding:
    """A later arm less the first at one look, with the interval and the limit that belong to that look."""

    arm: int
    n: tuple[int, int]  # known values: the first arm, this one
    clusters: int | None  # stretches of time, where they are what was drawn
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    limit: float  # a difference is shown where p does not exceed it
    shown: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """A planned look: open once its tickets have come in and have settled; closed, it tells nothing."""

    number: int
    tickets: int
    look: Look
    open: bool
    waits_for: int  # tickets not in yet, or not settled
    levels: tuple[Interval, ...]  # per arm; empty while closed
    findings: tuple[Finding, ...]

    @property
    def shown(self) -> bool:
        return any(finding.shown for finding in self.findings)


def look_sizes(planned: int, shares: Sequence[float]) -> list[int]:
    return [math.ceil(planned * share - 1e-9) for share in shares]


def looked(units: Sequence[Unit], *, arms: int, planned: int, shares: Sequence[float], in_time: bool) -> list[Looked]:
    """Every planned look over the tickets it was planned for, no more: later ones wait for theirs.

    Several arms are each held against the first; the level is shared among them (Bonferroni).
    """
    level = 1 - (1 - LEVEL) / (arms - 1)
    found = []
    for number, (size, look) in enumerate(zip(look_sizes(planned, shares), looks(shares, level), strict=True), 1):
        here = units[:size]
        waits_for = size - sum(unit.settled or unit.value is not None for unit in here)
        if waits_for:
            found.append(Looked(number, size, look, False, waits_for, (), ()))
            continue
        values = [[unit.value for unit in here if unit.arm == arm and unit.value is not None] for arm in range(arms)]
        levels = tuple(Interval(len(side), mean(side), None, None) for side in values)
        findings = tuple(_finding(here, arm, look, in_time=in_time) for arm in range(1, arms))
        found.append(Looked(number, size, look, True, 0, levels, findings))
    return found


def _finding(units: Sequence[Unit], arm: int, look: Look, *, in_time: bool) -> Finding:
    base, other = ([unit for unit in units if unit.arm == one and unit.value is not None] for one in (0, arm))
    these, those = ([unit.value for unit in side if unit.value is not None] for side in (other, base))
    n = (len(those), len(these))
    if in_time:
        theirs, others = ([unit.cluster for unit in side] for side in (other, base))
        found = apart(these, theirs, those, others, 1 - look.p)
    else:
        found = independent(these, those, 1 - look.p)
    clusters = len({unit.cluster for unit in (*other, *base)}) if in_time else None
    shown = found.p is not None and found.p <= look.p
    return Finding(arm, n, clusters, found.estimate, found.low, found.high, found.p, look.p, shown)


def smallest_effect(planned: int, arms: int) -> float:
    """The true difference, in standard deviations, that the plan finds four times out of five if everybody answers."""
    level = 1 - (1 - LEVEL) / (arms - 1)
    return smallest_difference(math.sqrt(2 * arms / planned), math.inf, level)


# Is a comparison fair at all?

RANDOMISED, SAME_CUSTOMERS, MIXED, NOT_RANDOMISED, NOTHING = "randomised", "same_customers", "mixed", "not", "nothing"


def fairness(assigned: Mapping[str, int], *, same_customers: bool = False) -> str:
    """How far a difference can be put down to the playbooks. `assigned`: random, rule, choice -> tickets."""
    if same_customers:
        return SAME_CUSTOMERS
    drawn, others = assigned.get("random", 0), assigned.get("rule", 0) + assigned.get("choice", 0)
    if not drawn and not others:
        return NOTHING
    return RANDOMISED if not others else MIXED if drawn else NOT_RANDOMISED
