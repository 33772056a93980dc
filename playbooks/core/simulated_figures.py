"""The simulated side of each published figure: one function per kind of result, on the model as it runs.

A measure takes the switches and what published.toml hands it, and gives a number, named numbers, or None where
the model has nothing to say. Nothing is adjusted here: where an experiment leaves something open (the price of a
ride, the spread of answer times), the value is an argument in published.toml and its note says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from playbooks.core.case import PROFILES, Case
from playbooks.core.customer import lasting
from playbooks.core.customer import satisfaction as model
from playbooks.core.customer.evidence import E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import TALKS, TRAITS_WIDTH, Persona, Traits, persona_of, traits_of
from playbooks.core.customer.quantiles import log_logistic, normal
from playbooks.core.customer.reaction import intentions, react
from playbooks.core.customer.survey import score, word_of_mouth
from playbooks.core.effects import Note
from playbooks.core.facts import COMPONENTS
from playbooks.core.happenings import events_of
from playbooks.core.opening import opening_events
from playbooks.core.statistics import mean, nps_with_interval, wilson
from playbooks.core.streams import block
from tickets.lifecycle import status_of
from tickets.log import Event

Figure = float | dict[str, float] | None
Measure = Callable[..., Figure]

SEED = 2026
MANY = 20_000
EAST, WEST = "KR", "US"
HEARD = Experience(first_h=1.0, resolution_h=12.0, heard=1.0, resolved=1.0)
FIRM_APOLOGY = ("responsibility", "repair", "regret", "explanation")
FULL = {
    "apology": 1.0, "empathy": 1.0, "listening": 1.0, "concrete": 1.0, "ownership": 1.0, "register": 1.0,
    "letter_h": 24.0,
}  # fmt: skip


def plain(profile: str) -> Traits:
    """A person of this culture without anything of their own."""
    return traits_of(profile, np.full(TRAITS_WIDTH, 0.5))


def weight(parts: Sequence[str]) -> float:
    return math.fsum(E.apology[part] for part in parts)


def felt(x: Experience, profile: str, switches: Switches) -> model.Feelings:
    return model.feelings(x, plain(profile), switches)


def satisfied(x: Experience, profile: str, switches: Switches) -> float:
    return float(felt(x, profile, switches).satisfaction)


# ---------------------------------------------------------------- 1 repurchase, 2 ratings, 3 waiting


def repurchase_cell(switches: Switches, *, severity: float, heard: float, resolved: float, quick: float) -> float:
    """Percent of one cell: the repurchase equation alone, at the satisfaction that neither adds nor takes."""
    x = Experience(severity=severity, heard=heard, resolved=resolved)
    return 100 * float(model.repurchase(x, E.repurchase.reference, 1.0, switches, quick=quick))


def withdrawals(switches: Switches, *, profile: str, arm: str, ratio: float) -> float:
    """Percent who withdraw a bad rating when asked; both arms with one profile."""
    base = Experience()
    arms = {
        "apology": replace(base, apology=weight(FIRM_APOLOGY)),
        "money": replace(base, ratio=ratio, conditional=True),
    }
    gained = satisfied(arms[arm], profile, switches) - satisfied(base, profile, switches)
    return 100 * float(model.withdrawal(gained))


def lost_by(switches: Switches, *, curve: str, hours: float) -> float:
    found = E.waiting[curve]
    return 100 * float(model.waiting(hours, found.median_h, found.shape))


# ---------------------------------------------------------------- 4, 5 apology, 6, 7 compensation


@cache
def varied_justice() -> tuple[Any, Any, Any, Any]:
    """Distributive, procedural and interactional justice of many complaints, correlated, and S's own noise.

    Correlations: DJ–PJ .64 seen (Hauenstein et al. 2001), DJ–IJ .55 and IJ–PJ .60 assumed.
    """
    z = normal(block(SEED, "reproduce/justice", MANY, 5))
    mixed = z[:, :3] @ np.linalg.cholesky(np.array([[1, 0.64, 0.55], [0.64, 1, 0.60], [0.55, 0.60, 1]])).T
    own = E.satisfaction.person_sd * z[:, 3] + E.satisfaction.ticket_sd * z[:, 4]
    return mixed[:, 0], mixed[:, 1], mixed[:, 2], own


def apology_size(switches: Switches, *, profile: str) -> float:
    """Cohen's d of a full apology against none: its gain in S over the spread of S among complaints."""
    dj, pj, ij, own = varied_justice()
    spread = float(np.std(model.satisfaction(Experience(), dj, pj, ij, own)))
    with_apology = satisfied(replace(HEARD, apology=weight(COMPONENTS)), profile, switches)
    return (with_apology - satisfied(HEARD, profile, switches)) / spread


def apology_parts(switches: Switches, *, profile: str) -> dict[str, float]:
    base = satisfied(HEARD, profile, switches)
    return {part: satisfied(replace(HEARD, apology=weight((part,))), profile, switches) - base for part in COMPONENTS}


def steepest(switches: Switches, *, largest: int) -> dict[str, float]:
    """Bounds, in percent of the price, of the largest steps for rejected goods, of eleven levels."""
    steps = np.diff(model.compensation(np.arange(11) * 0.2, False))
    first = np.sort(np.argsort(-steps)[:largest])
    return {"low": float(20 * first[0]), "high": float(20 * first[-1] + 20)}


def first_money(switches: Switches) -> dict[str, float]:
    """Step of the first 20 % and the largest later one, goods kept."""
    steps = np.diff(model.compensation(np.arange(11) * 0.2, True))
    return {"first_step": float(steps[0]), "largest_later_step": float(steps[1:].max())}


def compensation_peak(switches: Switches, *, accepted: bool) -> float:
    ratios = np.linspace(0, 2, 201)
    return 100 * float(ratios[model.compensation(ratios, accepted).argmax()])


def over_compensation(switches: Switches, *, accepted: bool) -> dict[str, float]:
    worth = model.compensation(np.linspace(0, 2, 201), accepted)
    return {"best": float(worth.max()), "at_200": float(worth[-1])}


# ---------------------------------------------------------------- 8 justice


def correlations(switches: Switches) -> dict[str, float]:
    """Zero-order correlations with S where the three justices vary together as published."""
    dj, pj, ij, own = varied_justice()
    s = model.satisfaction(Experience(), dj, pj, ij, own)
    return {f"r_{name}": float(np.corrcoef(part, s)[0, 1]) for name, part in (("DJ", dj), ("IJ", ij), ("PJ", pj))}


def correlations_of_handlings(switches: Switches, *, profile: str) -> dict[str, float]:
    """The same where desks differ in all they do, drawn evenly and apart from each other: nothing set for the order."""
    u = block(SEED, "reproduce/handlings", MANY, 12)
    x = Experience(
        severity=u[:, 0], heard=1.0, resolved=1.0, first_h=24 * u[:, 1] ** 2, resolution_h=120 * u[:, 2] ** 2,
        acknowledged=u[:, 3] < 0.5, ratio=u[:, 4], apology=u[:, 5], empathy=u[:, 6], listening=u[:, 7],
        concrete=u[:, 8], ownership=u[:, 9], register=u[:, 10], voice=u[:, 11],
    )  # fmt: skip
    who = traits_of(profile, block(SEED, "customer/traits", MANY, TRAITS_WIDTH))
    found = model.feelings(x, who, switches)
    parts = (("DJ", found.dj), ("IJ", found.ij), ("PJ", found.pj))
    return {f"r_{name}": float(np.corrcoef(part, found.satisfaction)[0, 1]) for name, part in parts}


def weights(switches: Switches, *, of: str) -> dict[str, float]:
    """What one unit of DJ and IJ is worth: for S where money was lost or not, or for C."""
    if of == "cumulative":
        return {"w_DJ": float(model.cumulative(1, 0, 0)), "w_IJ": float(model.cumulative(0, 0, 1))}
    x = Experience(monetary=of == "monetary")
    zero = float(model.satisfaction(x, 0, 0, 0))
    return {
        "w_DJ": float(model.satisfaction(x, 1, 0, 0)) - zero,
        "w_IJ": float(model.satisfaction(x, 0, 0, 1)) - zero,
    }


# ---------------------------------------------------------------- 9 words and money, 10 over time


def words_and_money(switches: Switches, *, profile: str, ratio: float) -> dict[str, float]:
    apology = replace(HEARD, apology=weight(FIRM_APOLOGY))
    coupon = replace(HEARD, ratio=ratio, match=E.compensation.match_credit)
    arms = {
        "none": HEARD,
        "apology": apology,
        "coupon": coupon,
        "apology_and_coupon": replace(coupon, apology=apology.apology),
        "repeated_apology": replace(apology, apology_nth=3),
        "broken_promise": replace(apology, broken_promise=True),
    }
    return {name: satisfied(x, profile, switches) for name, x in arms.items()}


def best_recovery(switches: Switches, *, failures: int) -> dict[str, float]:
    """The best that any handling reaches, over cultures, losses and amounts, beside nothing having gone wrong."""
    best = Experience(
        severity=0.0, prior=1_000, heard=1.0, resolved=1.0, first_h=0.01, resolution_h=0.1, acknowledged=True,
        voice=1.0, gift=1, follow_up_day=7.0, updates=2, ratio=np.linspace(0, 2, 41), failure_number=failures,
        apology_nth=failures, **FULL,
    )  # fmt: skip
    lived = [
        felt(replace(best, monetary=monetary, accepted=accepted), profile, switches)
        for profile, monetary, accepted in product(PROFILES, (True, False), (True, False))
    ]
    return {
        "satisfaction": max(float(np.max(one.satisfaction)) for one in lived),
        "usual_satisfaction": E.usual.satisfaction,
        "repurchase": 100 * max(float(np.max(one.repurchase)) for one in lived),
        "usual_repurchase": 100 * E.usual.repurchase,
    }


def good_and_bad(switches: Switches, *, profile: str, of: str) -> dict[str, float]:
    """Two failures, one handled well and one badly, in either order, as it stands after the second."""
    good = {"first_h": 0.5, "resolution_h": 8.0, "heard": 1.0, "resolved": 1.0, "ratio": 1.0, **FULL}
    bad = {"first_h": 20.0, "resolution_h": 120.0, "heard": 1.0, "resolved": E.repurchase.partly_resolved}

    def after(first: dict[str, Any], second: dict[str, Any]) -> float:
        left = satisfied(Experience(**first), profile, switches)
        last = Experience(**second, failure_number=2, apology_nth=2, earlier=left)
        return float(getattr(felt(last, profile, switches), of))

    return {
        "unsatisfactory_then_satisfactory": after(bad, good),
        "satisfactory_then_unsatisfactory": after(good, bad),
    }


def history(switches: Switches, *, profile: str) -> dict[str, float]:
    """Percent buying again by what lies behind the customer."""
    settings = {
        "no_earlier_purchases": {"prior": 0},
        "ten_earlier_purchases": {"prior": 10},
        "earlier_complaint": {"prior": 10, "failure_number": 2},
    }
    return {name: 100 * float(felt(replace(HEARD, **x), profile, switches).repurchase) for name, x in settings.items()}


# ---------------------------------------------------------------- 11 culture


def lift(switches: Switches, *, of: str, by: Mapping[str, Any], profiles: Sequence[str]) -> dict[str, float]:
    """What a change of handling does to one thing, by profile. `of`: dj, ij, satisfaction, repurchase, blame, anger."""
    return {profile: _change(switches, of, by, profile) for profile in profiles}


def null(switches: Switches, *, of: str, by: Mapping[str, Any], profile: str) -> float:
    """The same for one profile, where nothing was found."""
    return _change(switches, of, by, profile)


def _change(switches: Switches, of: str, by: Mapping[str, Any], profile: str) -> float:
    lever = {**by, **({"apology": weight(by["apology"])} if "apology" in by else {})}
    return _read(switches, of, replace(HEARD, **lever), profile) - _read(switches, of, HEARD, profile)


def _read(switches: Switches, of: str, x: Experience, profile: str) -> float:
    who = plain(profile)
    found = model.feelings(x, who, switches)
    if of == "fairness":
        return float(found.dj + found.ij)
    if of == "blame":
        return float(model.blame(x, who))
    return float(model.anger(x, found, who) if of == "anger" else getattr(found, of))


def success(switches: Switches, *, of: str, profiles: Sequence[str]) -> dict[str, float]:
    """What one unit of satisfaction more is worth, for people told well of it, or percent buying again."""
    u = block(SEED, "reproduce/told", MANY, 1)[:, 0]
    gains = {profile: plain(profile).gain for profile in profiles}
    if of == "told":
        return {p: float((word_of_mouth(1.5, u, g) - word_of_mouth(0.5, u, g)).mean()) for p, g in gains.items()}
    bought = {p: [float(model.repurchase(HEARD, s, g, switches)) for s in (0.0, 1.0)] for p, g in gains.items()}
    return {profile: 100 * (more - less) for profile, (less, more) in bought.items()}


# ---------------------------------------------------------------- 12 NPS, 13 silence, 14 willingness to pay


def nps_by_style(switches: Switches) -> dict[str, float]:
    """NPS of one and the same satisfaction (a fast desk, US customers), ticked in the style of each culture."""
    who = traits_of("US", block(SEED, "customer/traits", MANY, TRAITS_WIDTH))
    chat = E.waiting.messenger
    fast = Experience(
        severity=0.25, wait_median_h=chat.median_h, wait_shape=chat.shape, heard=1.0, resolved=1.0, first_h=0.08,
        resolution_h=8.0, acknowledged=True, ratio=1.0, apology=weight(("regret", "repair")), empathy=0.5,
        listening=0.4, concrete=0.7, register=0.8,
    )  # fmt: skip
    lived = model.feelings(fast, who, switches)
    coin = block(SEED, "reproduce/scale", MANY, 1)[:, 0]
    ticks = {
        profile: score("nps", lived, replace(plain(profile), nps_noise=who.nps_noise), coin)
        for profile in ("US", "KR", "JP")
    }
    return {profile: 100 * float((found >= 9).mean() - (found <= 6).mean()) for profile, found in ticks.items()}


def nps_in(switches: Switches, *, profile: str) -> float:
    return nps_by_style(switches)[profile]


def silent_share(switches: Switches, *, customers: int, channel: str) -> float:
    """Percent of those who give up on a text channel that nobody answers who leave without a sign: each one played."""
    case = Case(
        key="0", seed=SEED, language="ja", profile="JP", channel=channel, category="delivery_delay", severity=0.5,
        monetary=True, goods_accepted=True, own_fault=True, price=6_000, currency="JPY", right_remedy="refund",
        names={"customer": "山田", "firm": "九条商店"},
    )  # fmt: skip
    log = opening_events(case, at=0)
    someone = persona_of(case)
    patience, silence = (block(SEED, f"customer/{name}", customers, TALKS) for name in ("patience", "silence"))
    crowd = (replace(someone, patience=tuple(p), silence=tuple(s)) for p, s in zip(patience, silence, strict=True))
    silent = sum(_leaves_silently(case, who, log, switches) for who in crowd)
    return 100 * silent / customers


def _leaves_silently(case: Case, who: Persona, log: list[Event], switches: Switches) -> bool:
    """Wait in vain until the customer is gone."""
    while True:
        due = intentions(case, who, log, switches=switches)[0]
        effects = react(case, who, log, due.key, now=due.due_at, switches=switches)
        gone = next((e for e in effects if isinstance(e, Note) and e.name == "customer.left"), None)
        if gone is not None:
            return bool(gone.data["silent"])
        _, events = events_of(effects, status=status_of(log), channel=case.channel, at=due.due_at)
        log = [*log, *events]


def willingness(
    switches: Switches, *, fast_min: float, slow_min: float, spread: float, profile: str
) -> dict[str, float]:
    """Mean added dollars of fast, all and slow answers; times log-logistic around the published median."""
    u = (np.arange(MANY) + 0.5) / MANY
    minutes = log_logistic(u, 22.0, spread)
    chat = E.waiting.messenger
    x = Experience(first_h=minutes / 60, wait_median_h=chat.median_h, wait_shape=chat.shape)
    dollars = model.willingness(x, plain(profile), switches)
    return {
        "fast": float(dollars[minutes < fast_min].mean()),
        "average": float(dollars.mean()),
        "slow": float(dollars[minutes > slow_min].mean()),
    }


def willingness_ratio(switches: Switches, **settings: Any) -> float:
    found = willingness(switches, **settings)
    return found["fast"] / found["slow"]


# ---------------------------------------------------------------- 15 updates, decay


def updates_or_explanation(switches: Switches, *, profile: str, updates: int) -> dict[str, float]:
    explained = {"apology": weight(("explanation",)), "explained": True, "explained_waiting": True}
    arms: dict[str, dict[str, Any]] = {
        "nothing": {},
        "updates_only": {"updates": updates},
        "explanation_only": explained,
        "both": {"updates": updates, **explained},
    }
    return {name: satisfied(replace(HEARD, **x), profile, switches) for name, x in arms.items()}


def lasts(switches: Switches, *, what: str) -> dict[str, float]:
    """By act: how high its effect rises, by which day, and in how many days half of it is gone."""
    read = {"height": _height, "peak_day": lasting.peak_day, "half_life": lasting.half_life}[what]
    return {act: read(act) for act in lasting.ACTS}


def _height(act: str) -> float:
    return float(lasting.carry_over(act, np.arange(0.0, 365.0, 0.25)).max())


# ---------------------------------------------------------------- 16 corpora, 17 formulas


def not_computed(switches: Switches) -> None:
    """Needs what the product does not carry: a corpus, or a population no profile stands for."""
    return


def nps_formula(switches: Switches, *, scores: Sequence[int]) -> float:
    return _known(nps_with_interval(scores).estimate)


def csat_formula(switches: Switches, *, scores: Sequence[int]) -> float:
    return 100 * _known(wilson(sum(one >= 4 for one in scores), len(scores)).estimate)


def ces_mean(switches: Switches, *, scores: Sequence[int]) -> float:
    return _known(mean(scores))


def ces_index(switches: Switches, *, scores: Sequence[int]) -> float:
    """%(6–7) − %(1–3)."""
    return 100 * (sum(one >= 6 for one in scores) - sum(one <= 3 for one in scores)) / len(scores)


def pass_k(switches: Switches, *, n: int, c: int, k: int) -> float:
    """Chance that k of n trials drawn at random all passed, c of the n having passed: C(c, k) / C(n, k)."""
    return math.comb(c, k) / math.comb(n, k)


def _known(value: float | None) -> float:
    assert value is not None
    return value


MEASURES: dict[str, Measure] = {
    measure.__name__: measure
    for measure in (
        repurchase_cell, withdrawals, lost_by, apology_size, apology_parts, steepest, first_money, compensation_peak,
        over_compensation, correlations, correlations_of_handlings, weights, words_and_money, best_recovery,
        good_and_bad, history, lift, null, success, nps_by_style, nps_in, silent_share, willingness,
        willingness_ratio, updates_or_explanation, lasts, not_computed, nps_formula, csat_formula, ces_mean,
        ces_index, pass_k,
    )
}  # fmt: skip
