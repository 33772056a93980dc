"""What many tickets came to, as whole numbers that are added and taken away exactly, and read like records.

Pure. One ticket's share is a sparse vector: place -> whole number. Places 0 … len(FIGURES) - 1 are figures; each of the
HISTOGRAMS follows with its buckets. Adding the shares of tickets, in any order, taking some away and adding them
changed, gives what the tickets give as they stand: nothing is rounded on the way. `Tally.summary` says the same as
`outcome.summary` says of the records, quantiles within 1 %.

Squares are kept in two limbs of 32 bits, added up each for itself, so that billions of tickets fit 64-bit columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit  # type: ignore[import-untyped,unused-ignore]

from playbooks.core import histogram
from playbooks.core.case import CURRENCIES, PROFILES
from playbooks.core.contrast import Median
from playbooks.core.outcome import ANSWER_WITHIN, COST_PARTS, HOUR, METRICS, RESOLVE_WITHIN, SPANS, Outcome
from playbooks.core.statistics import LEVEL, Interval, wilson

Ints = npt.NDArray[np.int64]

SCORES = {"csat": range(1, 6), "ces": range(1, 8), "nps": range(11)}
ASSIGNED = ("random", "rule", "choice")
STEPS = ("met", "late", "missed", "left_out")
FINE = 1_000_000  # satisfaction is counted in millionths
LIMB = 32
CAPPED = {"human_reply": 72 * HOUR, "resolution": 336 * HOUR}  # horizons of the restricted means
LEFT_BEFORE = {"human_reply": "left_unanswered", "resolution": "left_unresolved"}


def moments(name: str) -> tuple[str, ...]:
    """The places of a sum and of a sum of squares."""
    return name, f"{name}_square_low", f"{name}_square_high"


# Only ever made longer at its end: what lies in the database is read by these places.
FIGURES = (
    "n", "resolved", "abandoned", "accepted", "reopened", "replies", "hand_overs",
    *(f"{span}_ended" for span in SPANS), *moments("human_reply"), *moments("resolution"),
    "answered_within", "resolved_within", "target_judged", "target_met",
    *(f"{metric}_asked" for metric in METRICS),
    *(f"{metric}_{score}" for metric in METRICS for score in SCORES[metric]),
    "repurchase_known", "repurchased", "told_good", "told_bad", "reviews", "stars",
    *moments("agent_seconds"), *moments("satisfaction"), *moments("cumulative"),
    *(f"steps_{how}" for how in STEPS), *(f"assigned_{how}" for how in ASSIGNED),
    *(f"{currency}_{part}" for currency in CURRENCIES for part in ("n", *COST_PARTS, *moments("total"))),
    "human_reply_in_vain", "resolution_in_vain", "in_vain",
    "by_people", "left", "left_silently", "told_good_square", "told_bad_square",
    *moments("human_reply_capped"), *moments("resolution_capped"),
    *(f"nps_{profile}_{score}" for profile in PROFILES for score in SCORES["nps"]),
    *(f"{currency}_csat{part}" for currency in CURRENCIES for part in ("_n", "")),
)  # fmt: skip
PLACE = {name: place for place, name in enumerate(FIGURES)}
HISTOGRAMS = (
    "human_reply", "resolution", "human_reply_business", "resolution_business", "bot_reply", "bot_reply_business",
    "left_unanswered", "left_unresolved",
)  # fmt: skip
STRIDE = 2_048  # places between the beginnings of two histograms
assert histogram.BUCKETS <= STRIDE
assert len(FIGURES) <= STRIDE


def first_place(name: str) -> int:
    """Where the buckets of a histogram begin."""
    return STRIDE * (HISTOGRAMS.index(name) + 1)


Share = dict[int, int]
_BUCKETS_OF = {span: (first_place(span), first_place(f"{span}_business"), PLACE[f"{span}_ended"]) for span in SPANS}


def share_of(outcome: Outcome, *, assigned_by: str | None = None, by_people: bool = False) -> Share:
    """What one ticket adds. `by_people`: a person answered it, and no automatic agent works it."""
    share: Share = {PLACE["n"]: 1}

    def add(name: str, value: int) -> None:
        if value:
            share[PLACE[name]] = share.get(PLACE[name], 0) + value

    for name in ("resolved", "abandoned", "accepted"):
        add(name, int(getattr(outcome, name)))
    for name in ("replies", "hand_overs", "told_good", "told_bad"):
        add(name, getattr(outcome, name))
    for name in ("told_good", "told_bad"):
        add(f"{name}_square", getattr(outcome, name) ** 2)
    add("reopened", int(outcome.reopens > 0))
    _add_spans(share, outcome, add)
    _add_answers(outcome, add)
    _add_moments(add, "agent_seconds", outcome.agent_seconds)
    _add_moments(add, "satisfaction", round(outcome.satisfaction * FINE))
    _add_moments(add, "cumulative", round(outcome.cumulative * FINE))
    for how in STEPS:
        add(f"steps_{how}", getattr(outcome, f"steps_{how}"))
    add("by_people", int(by_people))
    if assigned_by in ASSIGNED:
        add(f"assigned_{assigned_by}", 1)
    add(f"{outcome.currency}_n", 1)
    for part in COST_PARTS:
        add(f"{outcome.currency}_{part}", outcome.cost[part])
    _add_moments(add, f"{outcome.currency}_total", sum(outcome.cost.values()))
    if outcome.csat is not None:
        add(f"{outcome.currency}_csat_n", 1)
        add(f"{outcome.currency}_csat", outcome.csat)
    return share


def _add_spans(share: Share, outcome: Outcome, add: Any) -> None:
    for name, (calendar, business, ended) in _BUCKETS_OF.items():
        span = outcome.reached(name)
        if span.calendar is None:
            continue
        share[ended] = 1
        share[calendar + histogram.bucket(span.calendar)] = 1
        if span.business is not None:
            share[business + histogram.bucket(span.business)] = 1
    for name, within, limit in (
        ("human_reply", "answered_within", ANSWER_WITHIN),
        ("resolution", "resolved_within", RESOLVE_WITHIN),
    ):
        add(f"{name}_in_vain", int(outcome.in_vain(name)))
        seconds = outcome.reached(name).calendar
        if seconds is not None:
            _add_moments(add, name, seconds)
            _add_moments(add, f"{name}_capped", min(seconds, CAPPED[name]))
            add(within, int(seconds <= limit))
        elif outcome.left_at is not None:
            share[first_place(LEFT_BEFORE[name]) + histogram.bucket(outcome.left_at - outcome.opened_at)] = 1
    add("left", int(outcome.left_at is not None))
    add("left_silently", int(outcome.left_silently))
    add("in_vain", int(outcome.handled_in_vain))
    if outcome.in_target is not None:
        add("target_judged", 1)
        add("target_met", int(outcome.in_target))


def _add_answers(outcome: Outcome, add: Any) -> None:
    for metric in METRICS:
        add(f"{metric}_asked", int(metric in outcome.invited))
        score = getattr(outcome, metric)
        if score is not None:
            add(f"{metric}_{score}", 1)
            if metric == "nps":
                add(f"nps_{outcome.profile}_{score}", 1)
    if outcome.repurchased is not None:
        add("repurchase_known", 1)
        add("repurchased", int(outcome.repurchased))
    if outcome.stars is not None:
        add("reviews", 1)
        add("stars", outcome.stars)


def _add_moments(add: Any, name: str, value: int) -> None:
    total, low, high = moments(name)
    square = value * value
    add(total, value)
    add(low, square & ((1 << LIMB) - 1))
    add(high, square >> LIMB)


# ---------------------------------------------------------------- many


@dataclass(frozen=True)
class Tally:
    """The sum of many shares: figures by FIGURES, and counts of the buckets of those histograms that were read."""

    figures: Ints
    histograms: Mapping[str, Ints]

    def __getitem__(self, name: str) -> int:
        return int(self.figures[PLACE[name]])

    @property
    def n(self) -> int:
        return self["n"]

    def median(self, name: str, level: float = LEVEL) -> Median:
        """The median of a histogram with its interval; the unended last longer than any other."""
        return self.quantile(name, 0.5, level)

    def quantile(self, name: str, q: float, level: float = LEVEL) -> Median:
        return histogram.quantile_interval(self.histograms[name], self.n, q, level)

    def mean(self, name: str, n: int | None = None, unit: int = 1) -> Interval:
        """The mean of a figure that has moments; `n` where not all have one, `unit` of its whole numbers."""
        total, low, high = (self[part] for part in moments(name))
        return mean_of(self.n if n is None else n, total, (high << LIMB) + low, unit)

    def mean_reply(self) -> Interval:
        """Of those that were answered: the others have no length yet, so it never stands without their number."""
        return self.mean("human_reply", self["human_reply_ended"])

    def scores(self, metric: str) -> dict[int, int]:
        """How many gave each answer."""
        return {score: self[f"{metric}_{score}"] for score in SCORES[metric]}

    def mean_score(self, metric: str) -> Interval:
        scores = self.scores(metric)
        squares = sum(score * score * count for score, count in scores.items())
        return mean_of(sum(scores.values()), sum(score * count for score, count in scores.items()), squares)

    def nps(self) -> Interval:
        scores = self.scores("nps")
        promoters, detractors = scores[9] + scores[10], sum(scores[score] for score in range(7))
        return nps_of(promoters, detractors, sum(scores.values()))

    def share(self, part: str, whole: str = "n") -> Interval:
        return wilson(self[part], self[whole])

    def assigned(self) -> dict[str, int]:
        """How playbooks came to tickets."""
        return {how: self[f"assigned_{how}"] for how in ASSIGNED}

    def summary(self) -> dict[str, Any]:
        """What `outcome.summary` says of a playbook's records, from counts."""
        seconds, reviews = self["agent_seconds"], self["reviews"]
        return {
            "n": self.n,
            "human_reply": {
                **self._times("human_reply"),
                "in_vain": self["human_reply_in_vain"],
                "within_target": self.share("target_met", "target_judged").to_dict(),
                "within_a_day": self.share("answered_within").to_dict(),
            },
            "bot_reply": self._times("bot_reply"),
            "resolution": {
                **self._times("resolution"),
                "in_vain": self["resolution_in_vain"],
                "within_three_days": self.share("resolved_within").to_dict(),
            },
            "csat": {**self._survey("csat"), "satisfied": self._satisfied().to_dict()},
            "ces": self._survey("ces"),
            "nps": {**self._asked("nps"), "score": self.nps().to_dict()},
            "repurchase": self.share("repurchased", "repurchase_known").to_dict(),
            "word_of_mouth": {
                "told_good": self["told_good"],
                "told_bad": self["told_bad"],
                "reviews": reviews,
                "stars": self["stars"] / reviews if reviews else None,
            },
            "in_vain": self["in_vain"],
            "abandoned": self.share("abandoned").to_dict(),
            "accepted": self.share("accepted").to_dict(),
            "reopened": self.share("reopened").to_dict(),
            "agent_seconds": self.mean("agent_seconds").to_dict(),
            "tickets_per_agent_hour": self.n * HOUR / seconds if seconds else None,
            "cost": self._costs(),
            "satisfaction": self.mean("satisfaction", unit=FINE).to_dict(),
            "cumulative": self.mean("cumulative", unit=FINE).to_dict(),
            "steps": {how: self[f"steps_{how}"] for how in STEPS},
        }

    def _times(self, span: str) -> dict[str, Any]:
        names = {"calendar": span, "business": f"{span}_business"}
        return {
            "n": self.n,
            "unended": self.n - self[f"{span}_ended"],
            **{
                clock: {key: self._plain(name, q) for key, q in (("median", 0.5), ("p90", 0.9))}
                for clock, name in names.items()
                if name in self.histograms
            },
        }

    def _plain(self, name: str, q: float) -> float | None:
        return histogram.quantile(self.histograms[name], self.n, q)

    def _satisfied(self) -> Interval:
        scores = self.scores("csat")
        return wilson(scores[4] + scores[5], sum(scores.values()))

    def _asked(self, metric: str) -> dict[str, Any]:
        asked, answered = self[f"{metric}_asked"], sum(self.scores(metric).values())
        return {"asked": asked, "answered": answered, "response_rate": wilson(answered, asked).to_dict()}

    def _survey(self, metric: str) -> dict[str, Any]:
        return {**self._asked(metric), "mean": self.mean_score(metric).to_dict()}

    def _costs(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for currency in sorted(CURRENCIES):
            if n := self[f"{currency}_n"]:
                parts = {part: self[f"{currency}_{part}"] for part in COST_PARTS}
                per_ticket = self.mean(f"{currency}_total", n).to_dict()
                found[currency] = {"n": n, **parts, "total": sum(parts.values()), "per_ticket": per_ticket}
        return found


def tally_of(shares: Iterable[Mapping[int, int]]) -> Tally:
    """Add shares up."""
    places = np.zeros(STRIDE * (len(HISTOGRAMS) + 1), dtype=np.int64)
    for share in shares:
        for place, value in share.items():
            places[place] += value
    histograms = {name: places[first_place(name) :][: histogram.BUCKETS] for name in HISTOGRAMS}
    return Tally(places[: len(FIGURES)], histograms)


def mean_of(n: int, total: int, squares: int, unit: int = 1, level: float = LEVEL) -> Interval:
    """A mean with Student's interval from whole moments: s² = (n·Σx² − (Σx)²) / (n·(n − 1)), exact up to one division.

    The same as `statistics.t_interval` of the values.
    """
    if not n:
        return Interval(0, None, None, None, level)
    middle = total / n / unit
    if n < 2:
        return Interval(n, middle, None, None, level)
    error = math.sqrt((n * squares - total * total) / (n * n * (n - 1))) / unit
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return Interval(n, middle, middle - half, middle + half, level)


def nps_of(promoters: int, detractors: int, n: int, level: float = LEVEL) -> Interval:
    """Net promoter score from counts, with the adjusted Wald interval of `statistics.nps_with_interval`."""
    if not n:
        return Interval(0, None, None, None, level)
    up, down = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = 100 * float(ndtri((1 + level) / 2)) * math.sqrt((up + down - (up - down) ** 2) / (n + 3))
    centre = 100 * (up - down)
    return Interval(n, 100 * (promoters - detractors) / n, max(-100.0, centre - half), min(100.0, centre + half), level)


# ---------------------------------------------------------------- as bytes

_FIGURE = np.dtype("<i8")
COUNT = np.dtype([("bucket", "<u2"), ("n", "<u4")])
_WIDTH = len(FIGURES) * _FIGURE.itemsize


def packed(share: Mapping[int, int]) -> dict[str, bytes]:
    """A sum of shares as the columns of a row: figures at their places, of each histogram the buckets that count."""
    figures = np.zeros(len(FIGURES), dtype=_FIGURE)
    counts: dict[str, list[tuple[int, int]]] = {name: [] for name in HISTOGRAMS}
    for place in sorted(share):
        value = share[place]
        if not value:
            continue
        which, where = divmod(place, STRIDE)
        if which:
            counts[HISTOGRAMS[which - 1]].append((where, value))
        else:
            figures[where] = value
    return {"figures": figures.tobytes(), **{name: np.array(of, dtype=COUNT).tobytes() for name, of in counts.items()}}


def unpacked(columns: Mapping[str, bytes]) -> Share:
    """The sum back from its columns."""
    share: Share = {}
    for place, value in enumerate(figures_of([columns["figures"]])[0].tolist()):
        if value:
            share[place] = value
    for name in HISTOGRAMS:
        first = first_place(name)
        for where, value in np.frombuffer(columns[name], dtype=COUNT).tolist():
            share[first + where] = value
    return share


def figures_of(rows: Sequence[bytes]) -> Ints:
    """Figures of many rows, one a line. Rows written when there were fewer figures have 0 in the later ones."""
    if any(len(row) != _WIDTH for row in rows):
        rows = [bytes(row).ljust(_WIDTH, b"\0") for row in rows]
    found: Ints = np.frombuffer(b"".join(rows), dtype=_FIGURE).reshape(len(rows), len(FIGURES))
    return found
