"""From a scenario, or from a bare complaint, to the hidden truth of one case. Seeded by the customer's key."""

from __future__ import annotations

import math
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from playbooks.core.case import LANGUAGES, NEUTRAL_PROFILE, PROFILES, Case
from playbooks.core.phrasing import words_of
from playbooks.core.scenarios.book import CURRENCY_OF, Scenario, Voice
from playbooks.core.scenarios.telling import customer_text, subject_of
from playbooks.core.streams import pick, uniforms
from tickets.errors import Invalid
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS

_CORE = Path(__file__).parent.parent
_OF_A_FAULT = ("cause", "measure")  # names that only a case of our own fault has


@cache
def _assumed() -> dict[str, Any]:
    return tomllib.loads((_CORE / "drawn_cases.toml").read_text("utf-8"))


def case_of_scenario(scenario: Scenario, language: str, *, key: str, seed: int) -> Case:
    """This scenario, as it happens to one customer."""
    _known("language", language, LANGUAGES)
    u = [float(one) for one in uniforms(seed, "scenario/case", key, 8)]
    voice, people = scenario.voices[language], words_of("people")
    fewest, most = scenario.prior_purchases
    names = {
        "customer": _one(people["customers"][language], u[0]),
        "firm": voice.firm,
        "desk": voice.desk,
        "agent": _one(people["agents"][language], u[1]),
        "item": voice.item,
        "order": _order_number(u[2]),
        "cause": voice.cause,
        "measure": voice.measure,
    }
    prior = fewest + pick(u[6], most - fewest + 1)
    severity = scenario.severity + scenario.spread * (2 * u[3] - 1)
    return Case(
        key=key,
        seed=seed,
        language=language,
        profile=_one(scenario.profiles[language], u[4]),
        channel=_one(scenario.channels[language], u[5]),
        category=scenario.category,
        severity=round(min(max(severity, 0.0), 1.0), 3),
        monetary=scenario.monetary,
        goods_accepted=scenario.goods_accepted,
        own_fault=scenario.own_fault,
        price=scenario.price[CURRENCY_OF[language]],
        currency=CURRENCY_OF[language],
        right_remedy=scenario.right_remedy,
        prior_purchases=prior,
        failure_number=2 if u[7] < _assumed()["second_failure"]["value"] else 1,
        scenario=scenario.key,
        names={name: value for name, value in names.items() if scenario.own_fault or name not in _OF_A_FAULT}
        | _membership(voice, prior, fewest, most),
    )


def _membership(voice: Voice, prior: int, fewest: int, most: int) -> dict[str, str]:
    """The step of membership that goes with the purchases: the more, the higher."""
    if not voice.tiers:
        return {}
    share = (prior - fewest) / (most - fewest + 1)
    return {"tier": voice.tiers[pick(share, len(voice.tiers))]}


def opening(scenario: Scenario, case: Case, *, mood: float | None = None) -> tuple[str, str]:
    """Subject and first words. Without a mood: the graver the case, the angrier, within what people differ."""
    u, subject = uniforms(case.seed, "scenario/opening", case.key, 2)
    if mood is None:
        mood = min(max(case.severity + 0.5 * (float(u) - 0.5), 0.0), 1.0)
    title = subject_of(case, scenario.voices[case.language], float(subject))
    return title, customer_text(case, "opening", mood=mood, nth=0)


def case_of_ticket(
    *,
    key: str,
    seed: int,
    language: str,
    channel: str,
    category: str | None,
    description: str,
    profile: str | None = None,
    customer: str | None = None,
) -> Case:
    """The truth behind a complaint that nobody authored, drawn from `drawn_cases.toml`; all of it assumed."""
    _known("language", language, LANGUAGES)
    _known("channel", channel, CHANNELS)
    _known("category", category or "other", CATEGORIES_OF_COMPLAINT)
    _known("profile", profile or NEUTRAL_PROFILE[language], PROFILES)
    category = category or guess_category(description, language)
    assumed, kind = _assumed(), _assumed()["category"][category]
    u = [float(one) for one in uniforms(seed, "ticket/case", key, 8)]
    low, high = assumed["severity"]["value"]
    fewest, most = assumed["prior_purchases"]["value"]
    currency = CURRENCY_OF[language]
    return Case(
        key=key,
        seed=seed,
        language=language,
        profile=profile or NEUTRAL_PROFILE[language],
        channel=channel,
        category=category,
        severity=round(low + (high - low) * u[0], 3),
        monetary=u[1] < kind["monetary"],
        goods_accepted=u[2] < kind["goods_accepted"],
        own_fault=u[3] < assumed["own_fault"]["value"],
        price=_price(currency, u[4]),
        currency=currency,
        right_remedy=_weighted(kind["remedies"], u[5]),
        prior_purchases=fewest + pick(u[6], most - fewest + 1),
        failure_number=2 if u[7] < assumed["second_failure"]["value"] else 1,
        names={"customer": customer} if customer else None,
    )


def guess_category(description: str, language: str) -> str:
    """The category that an English description names, 'other' if none; other languages are not guessed at."""
    if language != "en":
        return "other"
    text = description.lower().replace("’", "'")
    return next((name for name, pattern in _patterns().items() if pattern.search(text)), "other")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = {name: value for name, value in _assumed()["guess"].items() if isinstance(value, list)}
    return {name: re.compile(rf"\b(?:{'|'.join(value)})\b") for name, value in words.items()}


def _known(field: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise Invalid(f"unknown_{field}", f"'{str(value)[:60]}' is not one of: {', '.join(known)}.", field=field)


def _one(options: list[str] | tuple[str, ...], u: float) -> str:
    return options[pick(u, len(options))]


def _order_number(u: float) -> str:
    number = 10_000_000 + pick(u, 90_000_000)
    return f"{number // 10_000}-{number % 10_000:04d}"


def _price(currency: str, u: float) -> int:
    """Log-uniform between two amounts, to a whole step."""
    table = _assumed()["price"][currency]
    low, high = table["value"]
    amount = math.exp(math.log(low) + (math.log(high) - math.log(low)) * u)
    return int(round(amount / table["step"]) * table["step"])


def _weighted(weights: dict[str, int], u: float) -> str:
    left = u * math.fsum(weights.values())
    for name, weight in weights.items():
        left -= weight
        if left < 0:
            return name
    return name
