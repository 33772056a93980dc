"""What filled tickets add to the sums by day: `tally.share_of` of many tickets at once, from the arrays of a past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks import rollups
from playbooks.core import histogram
from playbooks.core.case import CURRENCIES, PROFILES, severity_band
from playbooks.core.customer.evidence import E
from playbooks.core.experiments.history import FINE, NEVER, History
from playbooks.core.experiments.played import COSTS
from playbooks.core.histogram import BUCKETS
from playbooks.core.outcome import ANSWER_WITHIN, FIRST_HUMAN_DEEDS, HOUR, METRICS, RESOLVE_WITHIN
from playbooks.core.tally import (
    CAPPED,
    FIGURES,
    HISTOGRAMS,
    LEFT_BEFORE,
    LIMB,
    PLACE,
    SCORES,
    Share,
    first_place,
    moments,
)
from playbooks.core.tally import FINE as TALLY_FINE
from playbooks.held import desk_calendar
from tickets.log import AGENT

Ints = npt.NDArray[np.int64]
Columns = dict[str, Ints]
QUARTER = 900
DAY = rollups.DAY


@dataclass(frozen=True, slots=True)
class Shares:
    """What the tickets of a stretch add: a line of figures each, and the bucket in each histogram, NEVER for none."""

    figures: Ints
    buckets: dict[str, Ints]

    def put(self, name: str, values: Any) -> None:
        self.figures[:, PLACE[name]] = values

    def put_moments(self, name: str, values: Ints) -> None:
        square = values * values
        for part, of in zip(moments(name), (values, square & ((1 << LIMB) - 1), square >> LIMB), strict=True):
            self.put(part, of)


def columns_of(past: History, first: int, last: int) -> Columns:
    return {name: column[first:last] for name, column in past.columns.items()}


def shares_of(past: History, begins: int, first: int, last: int) -> Shares:
    """`tally.share_of` of many tickets at once."""
    v = columns_of(past, first, last)
    shares = Shares(np.zeros((last - first, len(FIGURES)), dtype=np.int64), {})
    for name, values in (
        ("n", 1), ("assigned_random", 1), ("by_people", v["answered"] >= 0), ("replies", v["answered"] >= 0),
        ("resolved", v["resolved"] >= 0), ("accepted", v["accepted"]),
        *((name, v["left"] >= 0) for name in ("abandoned", "left", "left_silently")),
    ):  # fmt: skip
        shares.put(name, values)
    _put_times(shares, past, begins, v)
    _put_answers(shares, past, v)
    _put_money(shares, past, v)
    shares.put_moments("agent_seconds", v["work"])
    for name in ("satisfaction", "cumulative"):
        shares.put_moments(name, v[name] * (TALLY_FINE // FINE))
    return Shares(shares.figures, {name: shares.buckets[name] for name in HISTOGRAMS})


def _put_times(shares: Shares, past: History, begins: int, v: Columns) -> None:
    receipt = np.where(v["receipt"] >= 0, v["opened"] + v["receipt"], NEVER)
    ends = {"human_reply": v["answered"], "bot_reply": receipt, "resolution": v["resolved"]}
    in_vain = {
        "human_reply": (v["left"] >= 0) & (ends["human_reply"] > v["left"]),
        "resolution": (v["left"] >= 0) & (ends["resolution"] >= 0),
    }
    shares.put("in_vain", in_vain["human_reply"] | in_vain["resolution"])
    for name, at in ends.items():
        ended = at >= 0
        if name in in_vain:
            shares.put(f"{name}_in_vain", in_vain[name])
            ended &= ~in_vain[name]
        else:
            ended &= (v["left"] < 0) | (at <= v["left"])
        calendar, business = (np.where(ended, seconds, 0) for seconds in spans(past, begins, v, at))
        shares.put(f"{name}_ended", ended)
        shares.buckets[name] = np.where(ended, histogram.buckets(calendar), NEVER)
        shares.buckets[f"{name}_business"] = np.where(ended, histogram.buckets(business), NEVER)
        if name == "bot_reply":
            continue
        shares.put_moments(name, calendar)
        shares.put_moments(f"{name}_capped", np.minimum(calendar, CAPPED[name]))
        left = ~ended & (v["left"] >= 0)
        shares.buckets[LEFT_BEFORE[name]] = np.where(left, histogram.buckets(v["left"] - v["opened"]), NEVER)
        if name == "human_reply":
            shares.put("answered_within", ended & (calendar <= ANSWER_WITHIN))
            judged, met = on_target(past, v, ended, calendar, business)
            shares.put("target_judged", judged)
            shares.put("target_met", met)
        else:
            shares.put("resolved_within", ended & (calendar <= RESOLVE_WITHIN))


def _put_answers(shares: Shares, past: History, v: Columns) -> None:
    profiles = np.array([case.profile for case, _words in past.cases])[v["row"]]
    for metric in METRICS:
        shares.put(f"{metric}_asked", v[f"{metric}_asked"])
        for score in SCORES[metric]:
            shares.put(f"{metric}_{score}", v[metric] == score)
    for profile in PROFILES:
        for score in SCORES["nps"]:
            shares.put(f"nps_{profile}_{score}", (profiles == profile) & (v["nps"] == score))
    shares.put("repurchase_known", v["bought"] >= 0)
    shares.put("repurchased", v["bought"] == 1)
    for name, people in (("told_good", np.maximum(v["told"], 0)), ("told_bad", np.maximum(-v["told"], 0))):
        shares.put(name, people)
        shares.put(f"{name}_square", people**2)


def _put_money(shares: Shares, past: History, v: Columns) -> None:
    currencies = np.array([case.currency for case, _words in past.cases])[v["row"]]
    parts = {"labour": labour(past, v), **{part: v[part] for part in COSTS}}
    for currency in CURRENCIES:
        own = currencies == currency
        shares.put(f"{currency}_n", own)
        for part, amounts in parts.items():
            shares.put(f"{currency}_{part}", amounts * own)
        shares.put_moments(f"{currency}_total", sum(parts.values()) * own)
        scored = own & (v["csat"] >= 0)
        shares.put(f"{currency}_csat_n", scored)
        shares.put(f"{currency}_csat", np.where(scored, v["csat"], 0))


def labour(past: History, v: Columns) -> Ints:
    wage = np.array([E.cost.agent_hour[case.currency] for case, _words in past.cases])[v["row"]]
    found: Ints = np.rint(wage * v["work"] / HOUR).astype(np.int64)
    return found


def spans(past: History, begins: int, v: Columns, at: Ints) -> tuple[Ints, Ints]:
    """Seconds from the opening on both clocks."""
    languages = np.array([case.language for case, _words in past.cases])[v["row"]]
    business = np.zeros(len(at), dtype=np.int64)
    for language in np.unique(languages).tolist():
        own = languages == language
        knots, worked = _worked(language, begins, past.wish.days)
        ends, starts = (np.interp(instants[own] + begins, knots, worked) for instants in (at, v["opened"]))
        business[own] = np.rint(ends).astype(np.int64) - np.rint(starts).astype(np.int64)
    return at - v["opened"], business


@lru_cache(maxsize=8)
def _worked(language: str, begins: int, days: int) -> tuple[Ints, Ints]:
    """Working seconds since the beginning at every quarter of an hour: windows open and close on those."""
    calendar = desk_calendar(language)
    knots = range(begins, begins + (days + 1) * DAY + 1, QUARTER)
    steps = [calendar.seconds_between(a, a + QUARTER) for a in knots]
    return np.array(knots), np.cumsum([0, *steps[:-1]])


def on_target(past: History, v: Columns, ended: Any, calendar: Ints, business: Ints) -> tuple[Any, Any]:
    """Whether the first answer came by the playbook's own target; one that never came did not."""
    judged, met = np.zeros(len(ended), dtype=bool), np.zeros(len(ended), dtype=bool)
    for place, playbook in enumerate(past.wish.playbooks):
        step = next((one for one in playbook.steps if one.by == AGENT and one.deed in FIRST_HUMAN_DEEDS), None)
        if step is None:
            continue
        own = v["playbook"] == place
        target = np.array([step.within_on(case.channel) for case, _words in past.cases])[v["row"]]
        judged |= own
        met |= own & ended & ((business if step.clock == "business" else calendar) <= target)
    return judged, met


def segments(past: History, trainees: Sequence[str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Dimension -> the value of each place, and the column that gives the place."""
    cases = [case for case, _words in past.cases]
    found = {
        name: tuple(getattr(case, name) for case in cases) for name in ("category", "profile", "channel", "language")
    }
    severity = tuple(severity_band(case.severity) for case in cases)
    by_row = {"category": found["category"], "severity": severity, **found}
    return {**{name: (values, "row") for name, values in by_row.items()}, "trainee": (tuple(trainees), "trainee")}


def cells_of(
    past: History, begins: int, trainees: Sequence[str], first: int, last: int,
    dimensions: Sequence[str] = rollups.DIMENSIONS,
) -> rollups.Cells:  # fmt: skip
    """The sums of a stretch by cell: what `rollups.add` makes of its tickets one by one."""
    shares = shares_of(past, begins, first, last)
    by_dimension = {rollups.EVERY: (("",), None), **segments(past, trainees)}
    keys = [playbook.key for playbook in past.wish.playbooks]
    day = (past["opened"][first:last] + begins + rollups.EAST) // DAY
    cells: rollups.Cells = {}
    for dimension in dimensions:
        values, column = by_dimension[dimension]
        names = sorted(set(values))
        code = np.array([names.index(value) for value in values])
        value = code[past[column][first:last]] if column else np.zeros(last - first, dtype=np.int64)
        group, of = np.unique(
            (day * len(keys) + past["playbook"][first:last]) * len(names) + value, return_inverse=True
        )  # fmt: skip
        order = np.argsort(of, kind="stable")
        starts = np.searchsorted(of[order], np.arange(len(group)))
        sums = np.add.reduceat(shares.figures[order], starts, axis=0)
        counts = {
            name: np.bincount((of * BUCKETS + bucket)[bucket >= 0], minlength=len(group) * BUCKETS).reshape(-1, BUCKETS)
            for name, bucket in shares.buckets.items()
        }
        for place, number in enumerate(group.tolist()):
            rest, value_place = divmod(number, len(names))
            on_day, playbook = divmod(rest, len(keys))
            cell = rollups.Cell(rollups.MAIN, keys[playbook], dimension, names[value_place], on_day)
            cells[cell] = _sparse(sums[place], {name: of_all[place] for name, of_all in counts.items()})
    return cells


def _sparse(figures: Ints, counts: dict[str, Ints]) -> Share:
    share = dict(enumerate(figures.tolist()))
    for name, of in counts.items():
        has = np.flatnonzero(of)
        share.update(zip((has + first_place(name)).tolist(), of[has].tolist(), strict=True))
    return {place: value for place, value in share.items() if value}
