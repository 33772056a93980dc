"""What customers and the desk say: seeded texts in Korean, Japanese and English, with the facts they hold.

The words are data in `texts/`; this module chooses among them and fills in the case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from playbooks.core.case import REMEDIES, Case
from playbooks.core.facts import CUSTOMER_WORDS, Facts, facts_from
from playbooks.core.phrasing import day, moment, money, render
from playbooks.core.streams import pick, uniform
from tickets.errors import Invalid

STYLES = ("brief", "careful")
BANDS = ("calm", "annoyed", "furious")
NOTES = ("confirm_facts", "reminder")  # kinds that stay inside the desk and promise the customer nothing

_TEXTS = Path(__file__).parent / "texts"
_JOINTS = {"ko": " ", "ja": "", "en": " "}
_WITHOUT_A_NAME = ("bot", "system")


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_TEXTS / f"{name}.toml").read_text("utf-8"))


def band(mood: float) -> str:
    """Three ways to write: 0 is calm, 1 furious."""
    return BANDS[pick(mood, len(BANDS))]


# ── The customer ────────────────────────────────────────────────────────────────────────────────


def customer_text(case: Case, word: str, *, mood: float, nth: int) -> str:
    """What the customer writes: one choice from each part of the message, drawn for this customer.

    The draw does not depend on `nth`; a later message turns each part one further, so that nobody
    says the same sentence twice in a row.
    """
    if word not in CUSTOMER_WORDS:
        raise Invalid("unknown_word", f"'{word}' is not one of: {', '.join(CUSTOMER_WORDS)}.", field="word")
    table = _table(f"customer_{case.language}")[word]
    parts = [table[part] if isinstance(part, str) else part for part in table[band(mood)]]
    told = _told(case, word, table, mood=mood, nth=nth)
    lines = [*told, *_one_of_each(parts, uniform(case.seed, f"customer/text/{word}", case.key), nth)]
    return render(_JOINTS[case.language].join(lines), customer_values(case))


def _one_of_each(parts: list[list[str]], u: float, turn: int) -> list[str]:
    """One line of every part from one uniform: its digits in the mixed base of the parts' lengths."""
    chosen = []
    for options in parts:
        index = pick(u, len(options))
        u = u * len(options) - index
        chosen.append(options[(index + turn) % len(options)])
    return chosen


def _told(case: Case, word: str, table: Mapping[str, Any], *, mood: float, nth: int) -> list[str]:
    """What happened: told by the authored case if there is one, else by its category."""
    told = table.get("told")
    if told is None:
        return []
    if case.scenario is not None:
        from playbooks.core.scenarios import scenarios  # they are written with the same marks and know this module

        return [scenarios()[case.scenario].told(case, word, mood=mood, nth=nth)]
    options = told.get(case.category) or told["any"]
    return _one_of_each([options], uniform(case.seed, f"customer/told/{word}", case.key), nth)


def customer_values(case: Case) -> dict[str, str | None]:
    """Names as the customer uses them."""
    nouns = _table("nouns")
    names = dict(case.names or {})
    return {
        **{name: names.get(name) for name in ("customer", "firm", "desk", "agent", "order")},
        "item": names.get("item") or nouns["fallback"][case.language]["item"],
        "matter": nouns["customer_matter"][case.language][case.category],
        "price": money(case.price, case.currency, case.language),
    }


# ── The desk ────────────────────────────────────────────────────────────────────────────────────


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
        for kind, variants in _table("desk").items()
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
    template = _template(kind, style, again=nth > 0, own_fault=case.own_fault)
    if remedy is not None and remedy not in REMEDIES:
        raise Invalid("unknown_remedy", f"'{remedy}' is not one of: {', '.join(REMEDIES)}.", field="remedy")
    values = _desk_values(case, named=author not in _WITHOUT_A_NAME, at=at, step=step)
    promise = None if promise_at is None else moment(promise_at, case.language)
    values["promise"] = promise
    firm_offer = remedy is not None or amount is not None or days is not None
    own_due = kind in ("remedy", "letter")
    offer = _offer(case, remedy or case.right_remedy, amount=amount, days=days, promise=promise if own_due else None)
    values["offer"] = offer if firm_offer or kind == "remedy" else None
    values["settled"] = offer if amount is not None or days is not None or promise else None
    values["remedy"] = _table("nouns")["remedy"][case.language][remedy or case.right_remedy]
    options = template.texts[case.language]
    first = pick(uniform(case.seed, f"desk/text/{kind}", case.key), len(options))
    text = render(options[(first + nth) % len(options)], values)
    named = promise is not None and promise in text and kind not in NOTES
    return text, replace(template.facts, promise_at=promise_at) if named else template.facts


def _template(kind: str, style: str, *, again: bool, own_fault: bool) -> _Template:
    if style not in STYLES:
        raise Invalid("unknown_style", f"'{style}' is not one of: {', '.join(STYLES)}.", field="style")
    variants = _templates().get(kind)
    if variants is None:
        raise Invalid("unknown_text", f"'{kind}' is not one of: {', '.join(desk_kinds())}.", field="kind")
    wanted = (f"{style}_again" if again else "", "" if own_fault else "no_fault", style, "any")
    return next(variants[variant] for variant in wanted if variant in variants)


def _offer(case: Case, remedy: str, *, amount: int | None, days: int | None, promise: str | None) -> str:
    nouns, language = _table("nouns"), case.language
    values = {
        "amount": None if amount is None else money(amount, case.currency, language),
        "days": None if days is None else str(days),
        "promise": promise,
    }
    due = "by" if promise else "within" if days is not None else None
    values["due"] = render(nouns["due"][language][due], values) if due else None
    return render(nouns["remedy_text"][language][remedy], values)


def _desk_values(case: Case, *, named: bool, at: int | None, step: str | None) -> dict[str, str | None]:
    nouns, language = _table("nouns"), case.language
    fallback = nouns["fallback"][language]
    names = dict(case.names or {})
    space = "　" if language == "ja" else " "
    house = space.join(filter(None, (names.get("firm"), names.get("desk")))) or fallback["house"]
    agent = names.get("agent") if named else None
    values: dict[str, str | None] = {
        **{name: names.get(name) for name in ("firm", "desk", "order")},
        **{name: names.get(name) or fallback[name] for name in ("item", "cause", "measure")},
        **address(names.get("customer"), language),
        "house": house,
        "agent": agent,
        "sender": _sender(house, agent, language),
        "letter_from": "\n".join(filter(None, (house, agent))),
        "date": None if at is None else day(at, language),
        "step": step,
    }
    for noun in ("sorry_for", "feeling", "letter_subject"):
        values[noun] = render(nouns[noun][language][case.category], values)
    values["matter"] = nouns["desk_matter"][language][case.category]
    return values


def address(customer: str | None, language: str) -> dict[str, str | None]:
    """How the desk addresses a customer: 김민수 고객님, 山田 花子様, Alex Brown; never a title twice."""
    name = (customer or "").strip()
    bare = name.removesuffix("님").removesuffix("고객").strip() if language == "ko" else name.removesuffix("様").strip()
    return {
        "nim": f"{bare} 고객님" if bare else "고객님",
        "sama": f"{bare}様" if bare and bare != "お客" else "お客様",
        "name": bare or "there",
        "dear": bare or "Customer",
    }


def _sender(house: str, agent: str | None, language: str) -> str:
    if agent is None:
        return house
    return {"ko": f"{house} {agent}", "ja": f"{house}　{agent}", "en": f"{agent} of {house}"}[language]
