"""Who a customer is: culture, taste and temper, and the numbers that settle each later decision.

Drawn from named streams by the customer's key alone, so both playbooks meet the same person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from playbooks.core.case import Case
from playbooks.core.customer.evidence import E
from playbooks.core.customer.quantiles import normal
from playbooks.core.streams import uniforms

TALKS = 12  # draws kept per decision; talk.most_words stays below
ROUNDS = 4  # surveys of one metric with draws of their own
METRICS = ("csat", "ces", "nps")
TRAITS_WIDTH = 10  # uniforms per customer in the stream "customer/traits"


@dataclass(frozen=True, slots=True)
class Traits:
    """What the equations of satisfaction need of a person. Floats, or arrays of one length."""

    compensation: Any = 1.0
    apology: Any = 1.0
    voice: Any = 1.0
    speed: Any = 1.0
    care: Any = 1.0  # how far good treatment calms anger
    attribution: Any = 1.0  # how far an explanation takes blame off the firm
    gift: Any = 0.0  # taste for a gift after acceptance
    letter: Any = 0.0
    gain: Any = 1.0
    style: Any = 1.0  # use of a scale's width
    midpoint: Any = 0.0  # share that ticks the middle
    noise: Any = 0.0  # of satisfaction: this person, and this ticket
    cumulative_noise: Any = 0.0
    nps_noise: Any = 0.0
    ces_noise: Any = 0.0


@dataclass(frozen=True, slots=True)
class Persona:
    """One customer. The tuples hold uniforms by number of talk (or of survey), one stream each."""

    profile: str
    traits: Traits
    temper: float  # added to the mood
    forgiving: float  # added to the logit of accepting an apology
    pressing: bool  # threatens, or asks beyond the loss, once angry
    utc_offset: int  # seconds
    patience: tuple[float, ...]
    silence: tuple[float, ...]  # leave without a word?
    answer: tuple[float, ...]  # answer a question?
    apology: tuple[float, ...]  # accept, refuse, complain?
    thanks: tuple[float, ...]
    protest: tuple[float, ...]  # not content with the end?
    review: tuple[float, ...]
    tempo: tuple[float, ...]  # how fast a reply
    morning: tuple[float, ...]  # how early after a night
    responds: tuple[float, ...]  # by metric and round
    survey_tempo: tuple[float, ...]
    scale: tuple[float, ...]  # ticks the middle? by metric
    buys: float
    tells: float


def culture(profile: str | Sequence[str], name: str) -> Any:
    """A multiplier of one profile, or of many at once."""
    table = E.culture[name]
    return table[profile] if isinstance(profile, str) else np.array([table[one] for one in profile])


def traits_of(profile: str | Sequence[str], u: Any) -> Traits:
    """Traits from a profile (or many) and uniforms of shape (…, TRAITS_WIDTH)."""
    z = normal(u)
    return Traits(
        compensation=culture(profile, "compensation"),
        apology=culture(profile, "apology"),
        voice=culture(profile, "voice"),
        speed=culture(profile, "speed"),
        care=culture(profile, "care"),
        attribution=culture(profile, "attribution"),
        gift=culture(profile, "gift") + E.culture.gift_sd * z[..., 3],
        letter=culture(profile, "letter"),
        gain=culture(profile, "gain"),
        style=culture(profile, "style"),
        midpoint=culture(profile, "midpoint"),
        noise=E.satisfaction.person_sd * z[..., 0] + E.satisfaction.ticket_sd * z[..., 1],
        cumulative_noise=E.cumulative.sd * z[..., 2],
        nps_noise=E.nps.sd * z[..., 4],
        ces_noise=E.ces.sd * z[..., 5],
    )


def persona_of(case: Case) -> Persona:
    """The customer of this case."""
    return _persona(case.seed, case.key, case.profile)


@lru_cache(maxsize=8192)
def _persona(seed: int, key: str, profile: str) -> Persona:
    def draw(purpose: str, width: int = TALKS) -> tuple[float, ...]:
        return tuple(uniforms(seed, f"customer/{purpose}", key, width).tolist())

    u = uniforms(seed, "customer/traits", key, TRAITS_WIDTH)
    z = normal(u)
    later = draw("later", 2)
    return Persona(
        profile=profile,
        traits=_as_floats(traits_of(profile, u)),
        temper=E.mood.temper_sd * float(z[6]),
        forgiving=E.accept.forgiving_sd * float(z[7]),
        pressing=bool(u[8] < E.mood.pressure_share),
        utc_offset=round(culture(profile, "utc_offset_h") * 3600),
        patience=draw("patience"),
        silence=draw("silence"),
        answer=draw("answer"),
        apology=draw("apology"),
        thanks=draw("thanks"),
        protest=draw("protest"),
        review=draw("review"),
        tempo=draw("tempo"),
        morning=draw("morning"),
        responds=draw("responds", len(METRICS) * ROUNDS),
        survey_tempo=draw("survey_tempo", len(METRICS) * ROUNDS),
        scale=draw("scale", len(METRICS)),
        buys=later[0],
        tells=later[1],
    )


def _as_floats(traits: Traits) -> Traits:
    return Traits(**{name: float(getattr(traits, name)) for name in Traits.__slots__})
