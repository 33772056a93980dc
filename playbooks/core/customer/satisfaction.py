"""From what was lived through to justice, satisfaction, loyalty. Floats or arrays alike; coefficients in evidence.toml.

    DJ what I got, PJ how it went, IJ how I was treated
    S  satisfaction with this handling, C cumulative satisfaction, P probability of buying again

Word of mouth follows S, loyalty follows C and P. Every function takes another table of coefficients as `evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playbooks.core.customer.evidence import DEFAULT, E, Evidence, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.lasting import carry_over
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


def feelings(x: Experience, who: Traits, switches: Switches = DEFAULT, evidence: Evidence = E) -> Feelings:
    dj = distributive(x, who, switches, evidence)
    pj = procedural(x, who, evidence)
    ij = interactional(x, who, switches, evidence)
    s = satisfaction(x, dj, pj, ij, who.noise, evidence)
    return Feelings(
        dj=dj,
        pj=pj,
        ij=ij,
        satisfaction=s,
        cumulative=cumulative(dj, pj, ij, who.cumulative_noise, evidence) + remembered(x, evidence),
        repurchase=repurchase(x, s, who.gain, switches, evidence=evidence),
    )


def waiting(hours: Any, median_h: Any, shape: Any) -> Any:
    """F(t) = 1 / (1 + (m / t)^k), the share for whom a wait is too long; F(0) = 0."""
    return (hours > 0) / (1.0 + np.power(median_h / np.maximum(hours, 1e-30), shape))


def compensation(ratio: Any, accepted: Any, evidence: Evidence = E) -> Any:
    """g(x), worth of x of the price: concave where the goods are kept, S-shaped where they are rejected."""
    rate, end = evidence.compensation.accepted_rate, evidence.compensation.full
    kept = (1.0 - np.exp(-rate * ratio)) / (1.0 - np.exp(-rate * end))
    zero, full = _s_curve(0.0, evidence), _s_curve(end, evidence)
    rejected = (_s_curve(ratio, evidence) - zero) / (full - zero)
    over = evidence.compensation.over_slope * np.maximum(0.0, ratio - evidence.compensation.over_from)
    return np.where(accepted, kept, rejected) - over


def _s_curve(ratio: Any, evidence: Evidence) -> Any:
    return logistic(evidence.compensation.rejected_rate * (ratio - evidence.compensation.rejected_middle))


def apology(weight: Any, nth: Any, broken: Any, evidence: Evidence = E) -> Any:
    """A = Σ w · (1, .3, −.3 for the first, second, third and later apology); −.3 if a promise was broken."""
    factor = np.where(nth <= 1, 1.0, np.where(nth <= 2, evidence.apology.second, evidence.apology.third))
    return np.where(broken, evidence.apology.broken_promise, weight * factor)


def distributive(x: Experience, who: Traits, switches: Switches = DEFAULT, evidence: Evidence = E) -> Any:
    paid = compensation(x.ratio, x.accepted, evidence) * x.match
    paid = paid * np.exp(-x.delay_days / evidence.compensation.delay_days)
    early = np.where(x.gift < 0, evidence.dj.gift_early, 0.0)
    gift = np.where(x.gift > 0, who.gift, early) if switches.gift else 0.0
    return (
        evidence.dj.base
        + evidence.dj.compensation * who.compensation * paid
        + evidence.dj.conditional * np.maximum(x.conditional, x.gift_tied)
        + evidence.dj.apology * apology(x.apology, x.apology_nth, x.broken_promise, evidence)
        + gift
    )


def procedural(x: Experience, who: Traits, evidence: Evidence = E) -> Any:
    return (
        (evidence.pj.base + evidence.notice.procedural * x.told)
        + evidence.pj.first_reply * who.speed * (1.0 - _first_wait(x, evidence))
        + evidence.pj.resolution * (1.0 - _last_wait(x, evidence))
        + evidence.pj.update * np.minimum(x.updates, evidence.pj.updates_most)
        + evidence.pj.updates_too_many * (x.updates > evidence.pj.updates_most)
        + evidence.pj.hand_off * x.hand_offs
        + evidence.pj.re_contact * x.re_contacts
        + evidence.pj.voice * who.voice * (x.voice - 0.5)
    )


def _first_wait(x: Experience, evidence: Evidence) -> Any:
    felt = waiting(x.first_h, x.wait_median_h, x.wait_shape)
    return felt * np.where(x.acknowledged, evidence.waiting.acknowledged, 1.0)


def _last_wait(x: Experience, evidence: Evidence) -> Any:
    return waiting(x.resolution_h / evidence.waiting.resolution, x.wait_median_h, x.wait_shape)


def interactional(x: Experience, who: Traits, switches: Switches = DEFAULT, evidence: Evidence = E) -> Any:
    return (
        evidence.ij.base
        + evidence.ij.apology * who.apology * apology(x.apology, x.apology_nth, x.broken_promise, evidence)
        + evidence.ij.empathy * x.empathy
        + evidence.ij.listening * x.listening
        + evidence.ij.concrete * x.concrete
        + evidence.ij.ownership * x.ownership
        + evidence.ij.register * x.register
        + evidence.ij.ng * np.minimum(x.ng, evidence.ij.ng_most)
        + evidence.ij.bot_only * x.bot_only
        + evidence.ij.updates_and_explained * np.logical_and(x.updates, x.explained_waiting)
        + (_letter(x, who, evidence) if switches.letter else 0.0)
        + _follow_up(x, evidence)
    )


def _letter(x: Experience, who: Traits, evidence: Evidence) -> Any:
    prompt, late = x.letter_h <= evidence.ij.letter_prompt_h, x.letter_h <= evidence.ij.letter_late_h
    return who.letter * np.where(prompt, 1.0, np.where(late, evidence.ij.letter_late, 0.0))


def _follow_up(x: Experience, evidence: Evidence) -> Any:
    day = x.follow_up_day
    in_time = (day >= evidence.ij.follow_up_first_day) & (day <= evidence.ij.follow_up_last_day)
    return np.where(in_time, evidence.ij.follow_up, np.where(np.isfinite(day), evidence.ij.follow_up_other, 0.0))


def satisfaction(x: Experience, dj: Any, pj: Any, ij: Any, noise: Any = 0.0, evidence: Evidence = E) -> Any:
    """S; treatment weighs more where the loss is not money. What an earlier failure left colours the second one."""
    to_dj = np.where(x.monetary, evidence.satisfaction.dj, evidence.satisfaction.dj_other_loss)
    return (
        to_dj * dj
        + _treatment(x, evidence) * ij
        + evidence.satisfaction.pj * pj
        + evidence.satisfaction.severity * (x.severity - 0.5)
        + evidence.satisfaction.second_failure * (x.failure_number >= 2)
        + evidence.satisfaction.earlier * x.earlier
        + noise
    )


def _treatment(x: Experience, evidence: Evidence) -> Any:
    return np.where(x.monetary, evidence.satisfaction.ij, evidence.satisfaction.ij_other_loss)


def cumulative(dj: Any, pj: Any, ij: Any, noise: Any = 0.0, evidence: Evidence = E) -> Any:
    return evidence.cumulative.dj * dj + evidence.cumulative.ij * ij + evidence.cumulative.pj * pj + noise


def remembered(x: Experience, evidence: Evidence = E) -> Any:
    """What C owes to other days: an earlier failure, and a reported improvement that builds up slowly and lasts."""
    improved = carry_over("quality_improvement", x.prevented_days, evidence)
    return evidence.cumulative.earlier * x.earlier + evidence.cumulative.prevention * improved


def quickness(x: Experience, evidence: Evidence = E) -> Any:
    """How quickly resolved, 0–1: 0 where it never was."""
    return x.resolved * (1.0 - _last_wait(x, evidence))


def repurchase(
    x: Experience, s: Any, gain: Any = 1.0, switches: Switches = DEFAULT, *, quick: Any = None, evidence: Evidence = E
) -> Any:
    """P of buying again; recovery never brings it above the cap."""
    quick = quickness(x, evidence) if quick is None else quick
    z = (
        evidence.repurchase.base
        + evidence.repurchase.heard * x.heard
        + evidence.repurchase.resolved * x.resolved
        + (evidence.repurchase.quick * quick if switches.speed_model == "tarp" else 0.0)
        + evidence.repurchase.severity * np.clip(2.0 * (x.severity - 0.5), -1.0, 1.0)
        + evidence.repurchase.gain * gain * (s - evidence.repurchase.reference)
        + evidence.repurchase.prior * np.log((1.0 + x.prior) / evidence.repurchase.prior_usual)
        + evidence.repurchase.second_failure * (x.failure_number >= 2)
    )
    return np.minimum(logistic(z), evidence.repurchase.cap)


# ---------------------------------------------------------------- what else a published figure speaks of


def blame(x: Experience, who: Traits, evidence: Evidence = E) -> Any:
    """How far the failure is put down to the firm, 0–1: an explanation takes some of it away."""
    return 1.0 - evidence.blame.explained * who.attribution * x.explained


def anger(x: Experience, felt: Feelings, who: Traits, evidence: Evidence = E) -> Any:
    """Anger before temper, about 0 calm to 1 furious.

    It falls as satisfaction rises, but where treatment does not calm (`who.care` 0) without the part of
    satisfaction that good or bad treatment brought.
    """
    treated = _treatment(x, evidence) * (felt.ij - evidence.ij.base)
    return (
        evidence.mood.middle
        + evidence.mood.satisfaction * (felt.satisfaction - (1.0 - who.care) * treated)
        + evidence.mood.re_contact * x.re_contacts
        + evidence.mood.blame * (blame(x, who, evidence) - 1.0)
    )


def willingness(x: Experience, who: Traits, switches: Switches = DEFAULT, evidence: Evidence = E) -> Any:
    """Dollars one would pay more after a first answer this fast: a · speed · (1 − F(t))^p.

    Where speed acts through procedural justice alone, p is 1, as there.
    """
    power = evidence.willingness.power if switches.speed_model == "tarp" else 1.0
    return evidence.willingness.usd * who.speed * np.power(1.0 - _first_wait(x, evidence), power)


def withdrawal(gained: Any, evidence: Evidence = E) -> Any:
    """Share that withdraws a bad rating when asked, after this gain in satisfaction."""
    usual = evidence.withdrawal.usual
    return logistic(np.log(usual / (1.0 - usual)) + evidence.withdrawal.slope * gained)
