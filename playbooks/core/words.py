"""What the desk says: seeded texts in Korean, Japanese and English, with the facts they hold.

The words are data in `texts/`; this module chooses among them and fills in the case. What customers write is
composed in `scenarios/telling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from playbooks.core.case import REMEDIES, Case
from playbooks.core.facts import Facts, facts_from
from playbooks.core.phrasing import day, moment, money, render, words_of
from playbooks.core.scenarios.telling import (
    BANDS,
    band,
    customer_text,
    customer_values,
    is_public_office,
    voice_of,
)
from playbooks.core.streams import pick, uniform
from tickets.errors import Invalid

__all__ = [
    "BANDS", "NOTES", "STYLES", "address", "band", "customer_text", "customer_values", "desk_kinds", "desk_text",
    "desk_values",
]  # fmt: skip

STYLES = ("brief", "careful")
NOTES = ("confirm_facts", "reminder")  # kinds that stay inside the desk and promise the customer nothing

_WITHOUT_A_NAME = ("bot", "system")


@dataclass(frozen=True, slots=True)
class _Template:
    facts: Facts
    texts: Mapping[str, tuple[str, ...]]


@cache
def _templates() -> dict[str, dict[str, _Template]]:
    return {
        kind: {
            variant: _Template(
                facts_from(entry["facts"]), {language: tuple(entry[language]) for language in ("ko", "ja", "en")}
            )
            for variant, entry in variants.items()
        }
        for kind, variants in words_of("desk").items()
    }


def desk_kinds() -> tuple[str, ...]:
    """Every kind of text that the desk has."""
    return tuple(_templates())


def desk_text(
    case: Case,
    kind: str,
    *,
    author: str = "agent",
    nth: int = 0,
    promise_at: int | None = None,
    amount: int | None = None,
    remedy: str | None = None,
    days: int | None = None,
    style: str = "brief",
    at: int | None = None,
    step: str | None = None,
) -> tuple[str, Facts]:
    """The text in the language of the case, and the facts that are true of it.

    `at` dates a letter; `step` names the step in a reminder; `amount` is in minor units of the case's
    currency. A promise is a fact only if the text names its time.
    """
    signed = author not in _WITHOUT_A_NAME
    template = _template(kind, style, again=nth > 0, own_fault=case.own_fault, signed=signed)
    if remedy is not None and remedy not in REMEDIES:
        raise Invalid("unknown_remedy", f"'{remedy}' is not one of: {', '.join(REMEDIES)}.", field="remedy")
    values = desk_values(case, named=signed, at=at, step=step)
    promise = None if promise_at is None else moment(promise_at, case.language)
    values["promise"] = promise
    firm_offer = remedy is not None or amount is not None or days is not None
    own_due = kind in ("remedy", "letter")
    offer = _offer(case, remedy or case.right_remedy, amount=amount, days=days, promise=promise if own_due else None)
    values["offer"] = offer if firm_offer or kind == "remedy" else None
    values["settled"] = offer if amount is not None or days is not None or promise else None
    values["remedy"] = _remedy_words(case, remedy or case.right_remedy, "remedy")
    options = template.texts[case.language]
    first = pick(uniform(case.seed, f"desk/text/{kind}", case.key), len(options))
    text = render(options[(first + nth) % len(options)], values)
    named = promise is not None and promise in text and kind not in NOTES
    return text, replace(template.facts, promise_at=promise_at) if named else template.facts


def _template(kind: str, style: str, *, again: bool, own_fault: bool, signed: bool) -> _Template:
    if style not in STYLES:
        raise Invalid("unknown_style", f"'{style}' is not one of: {', '.join(STYLES)}.", field="style")
    variants = _templates().get(kind)
    if variants is None:
        raise Invalid("unknown_text", f"'{kind}' is not one of: {', '.join(desk_kinds())}.", field="kind")
    desks = "" if signed else f"{style}_desk"  # where no person signs, nobody says "I"
    wanted = (desks, f"{style}_again" if again else "", "" if own_fault else "no_fault", style, "any")
    return next(variants[variant] for variant in wanted if variant in variants)


def _offer(case: Case, remedy: str, *, amount: int | None, days: int | None, promise: str | None) -> str:
    nouns, language = words_of("nouns"), case.language
    values = {
        "us": _house(case)["us"],
        "amount": None if amount is None else money(amount, case.currency, language),
        "days": None if days is None else str(days),
        "promise": promise,
    }
    due = "by" if promise else "within" if days is not None else None
    values["due"] = render(nouns["due"][language][due], values) if due else None
    return render(_remedy_words(case, remedy, "remedy_text"), values)


def _remedy_words(case: Case, remedy: str, name: str) -> str:
    """How a remedy is named or offered; a scenario may have words of its own for the right one."""
    voice = voice_of(case)
    own = voice.words.get(name) if voice and remedy == case.right_remedy else None
    return own or str(words_of("nouns")[name][case.language][remedy])


def desk_values(
    case: Case, *, named: bool = True, at: int | None = None, step: str | None = None
) -> dict[str, str | None]:
    """What the desk can name in a text: the customer, the house, the writer, the order."""
    nouns, language = words_of("nouns"), case.language
    fallback, spoken = nouns["fallback"][language], _house(case)
    names = dict(case.names or {})
    space = "　" if language == "ja" else " "
    house = space.join(filter(None, (names.get("firm"), names.get("desk")))) or fallback["house"]
    agent = names.get("agent") if named else None
    values: dict[str, str | None] = {
        **{name: names.get(name) for name in ("firm", "desk", "order")},
        **{name: names.get(name) or fallback[name] for name in ("item", "cause", "measure")},
        **spoken,
        **address(names.get("customer"), language, title=spoken["title"]),
        "house": house,
        "agent": agent,
        "sender": _sender(house, agent, language),
        "letter_from": "\n".join(filter(None, (house, agent))),
        "date": None if at is None else day(at, language),
        "step": step,
    }
    voice = voice_of(case)
    for noun, name in (("sorry_for",) * 2, ("feeling",) * 2, ("letter_subject",) * 2, ("matter", "desk_matter")):
        own = voice.words.get(name) if voice else None
        values[noun] = render(own or nouns[name][language][case.category], values)
    return values


def _house(case: Case) -> dict[str, str]:
    """How the house speaks of itself and its numbers: a shop one way, a public office another, a scenario its own."""
    spoken = words_of("nouns")["house"]["public" if is_public_office(case) else "shop"][case.language]
    voice = voice_of(case)
    us = voice.words.get("us") if voice else None
    return {**spoken, "us": us or spoken["us"]}


def address(customer: str | None, language: str, *, title: str | None = None) -> dict[str, str | None]:
    """How the desk addresses a customer: 김민수 고객님, 山田 花子様, Alex Brown; never a title twice.

    `title` is what people who write here are called: an office has no customers.
    """
    title = title or str(words_of("nouns")["house"]["shop"][language]["title"])
    name = (customer or "").strip()
    bare = name.removesuffix("님").removesuffix("고객").strip() if language == "ko" else name.removesuffix("様").strip()
    return {
        "nim": f"{bare} {title}" if bare and title == "고객님" else f"{bare} 님" if bare else title,
        "sama": f"{bare}様" if bare and bare != "お客" else title,
        "name": bare or "there",
        "dear": bare or title,
    }


def _sender(house: str, agent: str | None, language: str) -> str:
    if agent is None:
        return house
    return {"ko": f"{house} {agent}", "ja": f"{house}　{agent}", "en": f"{agent} of {house}"}[language]
