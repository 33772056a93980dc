"""How a customer answers what is asked afterwards: CSAT 1–5, CES 1–7, NPS 0–10, and what it does by itself.

Satisfaction becomes a tick through the style of answering (use of the scale's width, pull to the
middle). Who answers, and when, has no source: all of it is marked assumed in evidence.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playbooks.core.customer.evidence import E
from playbooks.core.customer.persona import METRICS, ROUNDS, Persona, Traits
from playbooks.core.customer.quantiles import log_logistic
from playbooks.core.customer.satisfaction import Feelings

HOUR = 3600
LOWEST_HIGHEST_MIDDLE = {"csat": (1, 5, 3), "ces": (1, 7, 4), "nps": (0, 10, 5)}


@dataclass(frozen=True, slots=True)
class Told:
    """Word of mouth."""

    people: int
    tone: str  # good or bad


def latent(metric: str, felt: Feelings, who: Traits) -> Any:
    """What lies behind an answer, before the scale."""
    if metric == "csat":
        return felt.satisfaction
    if metric == "ces":
        return E.ces.pj * felt.pj + E.ces.satisfaction * felt.satisfaction + who.ces_noise
    return E.nps.satisfaction * felt.satisfaction + E.nps.cumulative * felt.cumulative + who.nps_noise


def score(metric: str, felt: Feelings, who: Traits, u: Any) -> Any:
    """The tick: clip(round(middle + λ · slope · latent)), or with probability π the middle of the scale."""
    lowest, highest, middle = LOWEST_HIGHEST_MIDDLE[metric]
    group = E[metric]
    value = np.floor(group.middle + who.style * group.slope * latent(metric, felt, who) + 0.5)
    return np.where(u < who.midpoint, middle, np.clip(value, lowest, highest)).astype(int)


def response_share(metric: str, satisfaction: Any, left: Any) -> Any:
    """Probability of answering: the very happy and the angry answer more, who has left answers less."""
    strength = E.response.strong * np.abs(satisfaction - E.response.dull)
    return np.minimum(E.response[metric] + strength, E.response.most) * np.where(left, E.response.left, 1.0)


def answer_delay(persona: Persona, metric: str, number: int) -> int | None:
    """Waking seconds until this customer answers, or None if it would come too late to count."""
    hours = float(log_logistic(persona.survey_tempo[_place(metric, number)], E.response.median_h, E.response.shape))
    return None if hours > E.response.latest_h else max(1, round(hours * HOUR))


def responds(persona: Persona, metric: str, number: int, felt: Feelings, *, left: bool) -> bool:
    return bool(persona.responds[_place(metric, number)] < response_share(metric, felt.satisfaction, left))


def tick(persona: Persona, metric: str, felt: Feelings) -> int:
    """This customer's answer."""
    return int(score(metric, felt, persona.traits, persona.scale[METRICS.index(metric)]))


def buys_again(persona: Persona, felt: Feelings) -> bool:
    return bool(persona.buys < felt.repurchase)


def word_of_mouth(satisfaction: Any, u: Any, gain: Any = 1.0) -> Any:
    """People told, whole; negative where the tale is bad. Exponential by inversion; the mean grows from the turn.

    `gain`: how much more a success is worth to this culture (Lee, Khan & Ko 2008).
    """
    away = satisfaction - E.told.turn
    mean = np.where(away >= 0, E.told.good * gain, E.told.bad) * np.abs(away)
    return np.copysign(np.floor(-mean * np.log1p(-np.asarray(u))), away)


def tells(persona: Persona, felt: Feelings) -> Told | None:
    people = float(word_of_mouth(felt.satisfaction, persona.tells, persona.traits.gain))
    return Told(round(abs(people)), "good" if people > 0 else "bad") if people else None


def _place(metric: str, number: int) -> int:
    return METRICS.index(metric) * ROUNDS + min(max(number, 1), ROUNDS) - 1
