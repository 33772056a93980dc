"""From what was lived through to justice, satisfaction, loyalty. Floats or arrays alike; coefficients in evidence.toml.

    DJ what I got, PJ how it went, IJ how I was treated
    S  satisfaction with this handling, C cumulative satisfaction, P probability of buying again

Word of mouth follows S, loyalty follows C and P.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import Traits
from playbooks.core.customer.quantiles import logistic


@dataclass(frozen=True, slots=True)
class Feelings:
    """What the equations say of one experience."""

    dj: Any
    pj: Any
    ij: Any
    satisfaction: Any
    cumulative: Any
    repurchase: Any  # probability


def feelings(x: Experience, who: Traits, switches: Switches = DEFAULT) -> Feelings:
    dj, pj, ij = distributive(x, who, switches), procedural(x, who), interactional(x, who, switches)
    s = satisfaction(x, dj, pj, ij, who.noise)
    return Feelings(dj, pj, ij, s, cumulative(dj, pj, ij, who.cumulative_noise), repurchase(x, s, who.gain, switches))


def waiting(hours: Any, median_h: Any, shape: Any) -> Any:
    """F(t) = 1 / (1 + (m / t)^k), the share for whom a wait is too long; F(0) = 0."""
    return (hours > 0) / (1.0 + np.power(median_h / np.maximum(hours, 1e-30), shape))


def compensation(ratio: Any, accepted: Any) -> Any:
    """g(x), worth of x of the price: concave where the goods are kept, S-shaped where they are rejected."""
    kept = (1.0 - np.exp(-E.compensation.accepted_rate * ratio)) / (
        1.0 - np.exp(-E.compensation.accepted_rate * E.compensation.full)
    )
    zero, full = _s_curve(0.0), _s_curve(E.compensation.full)
    rejected = (_s_curve(ratio) - zero) / (full - zero)
    over = E.compensation.over_slope * np.maximum(0.0, ratio - E.compensation.over_from)
    return np.where(accepted, kept, rejected) - over


def _s_curve(ratio: Any) -> Any:
    return logistic(E.compensation.rejected_rate * (ratio - E.compensation.rejected_middle))


def apology(weight: Any, nth: Any, broken: Any) -> Any:
    """A = Σ w · (1, .3, −.3 for the first, second, third and later apology); −.3 if a promise was broken."""
    factor = np.where(nth <= 1, 1.0, np.where(nth <= 2, E.apology.second, E.apology.third))
    return np.where(broken, E.apology.broken_promise, weight * factor)


def distributive(x: Experience, who: Traits, switches: Switches = DEFAULT) -> Any:
    paid = compensation(x.ratio, x.accepted) * x.match * np.exp(-x.delay_days / E.compensation.delay_days)
    gift = np.where(x.gift > 0, who.gift, np.where(x.gift < 0, E.dj.gift_early, 0.0)) if switches.gift else 0.0
    return (
        E.dj.base
        + E.dj.compensation * who.compensation * paid
        + E.dj.conditional * x.conditional
        + E.dj.apology * apology(x.apology, x.apology_nth, x.broken_promise)
        + gift
    )


def procedural(x: Experience, who: Traits) -> Any:
    first = waiting(x.first_h, x.wait_median_h, x.wait_shape)
    first = first * np.where(x.acknowledged, E.waiting.acknowledged, 1.0)
    final = waiting(x.resolution_h / E.waiting.resolution, x.wait_median_h, x.wait_shape)
    return (
        E.pj.base
        + E.pj.first_reply * who.speed * (1.0 - first)
        + E.pj.resolution * (1.0 - final)
        + E.pj.update * np.minimum(x.updates, E.pj.updates_most)
        + E.pj.updates_too_many * (x.updates > E.pj.updates_most)
        + E.pj.hand_off * x.hand_offs
        + E.pj.re_contact * x.re_contacts
        + E.pj.voice * who.voice * (x.voice - 0.5)
    )


def interactional(x: Experience, who: Traits, switches: Switches = DEFAULT) -> Any:
    prompt, late = x.letter_h <= E.ij.letter_prompt_h, x.letter_h <= E.ij.letter_late_h
    letter = who.letter * np.where(prompt, 1.0, np.where(late, E.ij.letter_late, 0.0)) if switches.letter else 0.0
    in_time = (x.follow_up_day >= E.ij.follow_up_first_day) & (x.follow_up_day <= E.ij.follow_up_last_day)
    follow_up = np.where(in_time, E.ij.follow_up, np.where(np.isfinite(x.follow_up_day), E.ij.follow_up_other, 0.0))
    return (
        E.ij.base
        + E.ij.apology * who.apology * apology(x.apology, x.apology_nth, x.broken_promise)
        + E.ij.empathy * x.empathy
        + E.ij.listening * x.listening
        + E.ij.concrete * x.concrete
        + E.ij.ownership * x.ownership
        + E.ij.register * x.register
        + E.ij.ng * np.minimum(x.ng, E.ij.ng_most)
        + E.ij.bot_only * x.bot_only
        + letter
        + follow_up
    )


def satisfaction(x: Experience, dj: Any, pj: Any, ij: Any, noise: Any = 0.0) -> Any:
    """S; treatment weighs more where the loss is not money."""
    to_dj = np.where(x.monetary, E.satisfaction.dj, E.satisfaction.dj_other_loss)
    to_ij = np.where(x.monetary, E.satisfaction.ij, E.satisfaction.ij_other_loss)
    return to_dj * dj + to_ij * ij + E.satisfaction.pj * pj + E.satisfaction.severity * (x.severity - 0.5) + noise


def cumulative(dj: Any, pj: Any, ij: Any, noise: Any = 0.0) -> Any:
    return E.cumulative.dj * dj + E.cumulative.ij * ij + E.cumulative.pj * pj + noise


def quickness(x: Experience) -> Any:
    """How quickly resolved, 0–1: 0 where it never was."""
    return x.resolved * (1.0 - waiting(x.resolution_h / E.waiting.resolution, x.wait_median_h, x.wait_shape))


def repurchase(x: Experience, s: Any, gain: Any = 1.0, switches: Switches = DEFAULT, *, quick: Any = None) -> Any:
    """P of buying again; recovery never brings it above the cap."""
    quick = quickness(x) if quick is None else quick
    z = (
        E.repurchase.base
        + E.repurchase.heard * x.heard
        + E.repurchase.resolved * x.resolved
        + (E.repurchase.quick * quick if switches.speed_model == "tarp" else 0.0)
        + E.repurchase.severity * np.clip(2.0 * (x.severity - 0.5), -1.0, 1.0)
        + E.repurchase.gain * gain * (s - E.repurchase.reference)
        + E.repurchase.prior * np.log((1.0 + x.prior) / E.repurchase.prior_usual)
        + E.repurchase.second_failure * (x.failure_number >= 2)
    )
    return np.minimum(logistic(z), E.repurchase.cap)
