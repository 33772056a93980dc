"""Reading one scenario's TOML into plain values; every refusal names the file and the key. Format: book.py."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from playbooks.core.case import CURRENCIES, LANGUAGES, PROFILES, REMEDIES
from playbooks.core.phrasing import in_register, names_in, render
from playbooks.core.scenarios import tongue
from playbooks.core.scenarios.manners import MANNERS, NEEDS, WHEN
from playbooks.core.tables import Table, read_toml
from tickets.errors import Invalid
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS

CURRENCY_OF = {"ko": "KRW", "ja": "JPY", "en": "USD"}
SECTORS = ("retail", "travel", "food", "telecom", "public")
ESCALATIONS = ("second_line", "supervisor", "legal", "safety", "head_office")
TRAPS = (
    "promotional_alimtalk", "gift_before_acceptance", "refusal_without_alternative", "policy_against_defect",
    "blaming_customer", "comparing_customers", "conditional_apology", "voucher_before_apology", "excuse",
    "blaming_others", "vague_promise", "broken_promise", "repeated_questions", "admitting_before_facts",
    "invented_cause", "personal_data", "bribe_for_review", "calling_it_harassment", "yielding_to_harassment",
    "handling_alone", "bot_loop", "facts_disagree", "passing_on", "belittling", "other",
)  # fmt: skip
PARTS = (
    "subjects", "more_facts", "references", "consequences", "demands", "tangents", "vague", "impossible", "abuse",
)  # fmt: skip
NOUNS = ("incident", "cause", "remedy", "measure")
WORDS = ("matter", "desk_matter", "sorry_for", "feeling", "letter_subject", "remedy", "remedy_text", "us")
CALL_KINDS = ("naming", "repeating", "holding", "calling_back", "saying")
FEWEST = {"traps": 1, "subjects": 2, "more_facts": 3, "opening": 4}  # texts that each language needs
MOST = 40

_FIELDS = (
    "key", "sector", "category", "severity", "spread", "monetary", "goods_accepted", "own_fault", "right_remedy",
    "prior_purchases", "manners", "bot_first", "harassment", "looks_like_harassment", "escalate_to", "channels",
    "profiles", "price", "remedies", "head_office", *LANGUAGES,
)  # fmt: skip
_LINES = ("title", "wants", "item", "firm", "desk")
_LATER_LINES = ("cause", "measure", "law", "policy", "escalation")
_PLAIN_LISTS = ("hidden", "signs", "response", "tiers")
_VOICE = (
    *_LINES, *_LATER_LINES, *_PLAIN_LISTS, *PARTS, "traps", "opening", "bot", "call", "nouns", "words",
)  # fmt: skip
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_USABLE = frozenset({"customer", "firm", "desk", "agent", "order", "item", "price", "tier"})
_OF_WORDS = _USABLE | {"amount", "due"}
_LONGEST = 1_000
_MOST_MONEY = 100_000_000


def read(text: str, *, name: str) -> dict[str, Any]:
    """The values of one file, as book.py needs them."""
    table = Table(read_toml(text, name=name), file=name, path="", fields=_FIELDS)
    values: dict[str, Any] = {
        "key": table.name("key", _KEY),
        "sector": table.choice("sector", SECTORS, what="sector", default="retail"),
        "category": table.choice("category", CATEGORIES_OF_COMPLAINT, what="category"),
        "severity": table.share("severity"),
        "spread": table.share("spread"),
        **{flag: _flag(table, flag) for flag in ("monetary", "goods_accepted", "own_fault")},
        **{flag: table.flag(flag) for flag in ("bot_first", "harassment", "looks_like_harassment")},
        "right_remedy": table.choice("right_remedy", REMEDIES, what="remedy"),
        "prior_purchases": _range(table, "prior_purchases"),
        "manners": table.choices("manners", MANNERS, what="manner", default=("plain",)),
        "escalate_to": table.maybe("escalate_to", lambda key: table.choice(key, ESCALATIONS, what="place")),
        "channels": _choices(table, "channels", CHANNELS, what="channel"),
        "profiles": _choices(table, "profiles", PROFILES, what="profile"),
        "price": _prices(table),
        "head_office": table.maybe("head_office", lambda key: _head_office(table, key)),
    }
    values["remedies"] = _remedies(table)
    _agree(table, values)
    values["voices"] = {language: _voice(table, language, values) for language in LANGUAGES}
    if not values["remedies"]:
        laws = {language: voice["law"] for language, voice in values["voices"].items()}
        values["remedies"] = [(values["right_remedy"], laws)]
    return values


def _agree(table: Table, values: dict[str, Any]) -> None:
    """What the keys of a file say of each other."""
    if not values["manners"]:
        raise table.refusal("too_few", "manners", "at least one manner is needed")
    if values["harassment"] and values["looks_like_harassment"]:
        raise table.refusal("contradiction", "looks_like_harassment", "a case is one or the other")
    if "harassing" in values["manners"] and not values["harassment"]:
        raise table.refusal("contradiction", "manners", "'harassing' needs `harassment = true`")
    if values["remedies"] and values["right_remedy"] not in {kind for kind, _ in values["remedies"]}:
        raise table.refusal("contradiction", "right_remedy", "is not among the remedies")


# One language


def _voice(table: Table, language: str, values: dict[str, Any]) -> dict[str, Any]:
    inner = table.table(language, _VOICE)
    voice: dict[str, Any] = {
        **{key: _text(inner, key, inner.data.get(key)) for key in _LINES},
        **{key: _text(inner, key, inner.data[key]) if key in inner.data else "" for key in _LATER_LINES},
        **{key: _texts(inner, key) for key in _PLAIN_LISTS},
        **{key: _parts(inner, key, language) for key in PARTS},
        "openings": _openings(inner, language),
        "traps": _traps(inner),
        "bot": _turns(inner, "bot", ("customer", "bot"), ("saying", "handing_over"), language),
        "call": _turns(inner, "call", ("customer", "agent"), CALL_KINDS, language),
        "nouns": _nouns(inner),
        "words": _words(inner),
    }
    voice["law"] = voice["law"] or " ".join(law[language] for _, law in values["remedies"])
    for key, needed in _needed(values, voice).items():
        if needed and not voice[key]:
            raise inner.refusal("missing_field", key, "missing")
    _shortest(inner, voice, values)
    return voice


def _needed(values: dict[str, Any], voice: dict[str, Any]) -> dict[str, bool]:
    """Keys that one kind of case needs and another does not."""
    odd = values["harassment"] or values["looks_like_harassment"]
    kinds = {trap[0] for trap in voice["traps"]}
    return {
        "law": True,
        "cause": values["own_fault"],
        "measure": values["own_fault"],
        "hidden": not values["own_fault"],
        "signs": odd,
        "response": odd,
        "escalation": values["escalate_to"] is not None,
        "bot": values["bot_first"],
        "policy": "policy_against_defect" in kinds,
    }


def _shortest(table: Table, voice: dict[str, Any], values: dict[str, Any]) -> None:
    """Lists that a manner needs, and the turns that a talk must have."""
    for manner in values["manners"]:
        for key in NEEDS.get(manner, ()):
            if len(voice[key]) < 2:
                raise table.refusal("too_few", key, f"the manner '{manner}' needs at least 2")
    if voice["bot"] and voice["bot"][-1][:2] != ("bot", "handing_over"):
        raise table.refusal("bad_turn", f"bot[{len(voice['bot']) - 1}]", "the bot must hand over last")
    missing = {"naming", "repeating", "holding", "calling_back"} - {kind for _, kind, _ in voice["call"]}
    if voice["call"] and missing:
        raise table.refusal("bad_turn", "call", f"lacks a turn of the kind '{min(missing)}'")


def _openings(table: Table, language: str) -> tuple[tuple[float, str, tuple[str, ...]], ...]:
    openings = tuple(
        (
            one.share("mood"),
            _said(one, "text", one.data.get("text"), language),
            one.choices("when", WHEN, what="condition", default=()),
        )
        for one in table.tables("opening", ("mood", "text", "when"), most=MOST)
    )
    _enough(table, "opening", openings)
    return openings


def _parts(table: Table, key: str, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Texts, or tables of a text and its conditions."""
    parts, whole = [], key != "subjects"
    for n, value in enumerate(_list(table, key)):
        if isinstance(value, dict):
            one = Table(value, file=table.file, path=f"{table.where(key)}[{n}]", fields=("text", "when"))
            text = _said(one, "text", one.data.get("text"), language, whole=whole)
            parts.append((text, one.choices("when", WHEN, what="condition", default=())))
        else:
            parts.append((_said(table, f"{key}[{n}]", value, language, whole=whole), ()))
    return tuple(parts)


def _traps(table: Table) -> tuple[tuple[str, str], ...]:
    traps = []
    for n, value in enumerate(_list(table, "traps")):
        if isinstance(value, dict):
            one = Table(value, file=table.file, path=f"{table.where('traps')}[{n}]", fields=("kind", "text"))
            traps.append((one.choice("kind", TRAPS, what="trap"), _text(one, "text", one.data.get("text"))))
        else:
            traps.append(("other", _text(table, f"traps[{n}]", value)))
    return tuple(traps)


def _turns(
    table: Table, key: str, who: tuple[str, ...], kinds: tuple[str, ...], language: str
) -> tuple[tuple[str, str, str], ...]:
    turns = []
    for one in table.tables(key, ("by", "kind", "text"), most=MOST):
        by = one.choice("by", who, what="speaker")
        kind = one.choice("kind", kinds, what="turn", default="saying")
        turns.append((by, kind, _said(one, "text", one.data.get("text"), language, customer=by == "customer")))
    return tuple(turns)


def _nouns(table: Table) -> dict[str, tuple[str, ...]]:
    if "nouns" not in table.data:
        return {}
    inner = table.table("nouns", NOUNS)
    return {key: _texts(inner, key) for key in inner.data}


def _words(table: Table) -> dict[str, str]:
    if "words" not in table.data:
        return {}
    inner = table.table("words", WORDS)
    return {key: _text(inner, key, value, marks=_OF_WORDS) for key, value in inner.data.items()}


# The rest of a file


def _remedies(table: Table) -> list[tuple[str, dict[str, str]]]:
    return [
        (
            one.choice("kind", REMEDIES, what="remedy"),
            {language: _text(one, language, one.data.get(language)) for language in LANGUAGES},
        )
        for one in table.tables("remedies", ("kind", *LANGUAGES), most=len(REMEDIES))
    ]


def _head_office(table: Table, key: str) -> tuple[str, str, list[tuple[str, dict[str, tuple[str, ...]]]]]:
    inner = table.table(key, ("language", "memo", "facts"))
    facts = [
        (one.name("name", _KEY), {language: _forms(one, language) for language in LANGUAGES})
        for one in inner.tables("facts", ("name", *LANGUAGES), most=MOST)
    ]
    if not facts:
        raise inner.refusal("too_few", "facts", "at least one fact is needed")
    language = inner.choice("language", LANGUAGES, what="language")
    memo = _text(inner, "memo", inner.data.get("memo"))
    for n, (_, forms) in enumerate(facts):
        if not any(form in memo for form in forms[language]):
            raise inner.refusal("contradiction", f"facts[{n}].{language}", "the memo does not say this")
    return language, memo, facts


def _forms(table: Table, language: str) -> tuple[str, ...]:
    forms = _texts(table, language)
    if not forms:
        raise table.refusal("missing_language", language, "this fact is needed in every language")
    return forms


def _flag(table: Table, key: str) -> bool:
    if key not in table.data:
        raise table.refusal("missing_field", key, "missing")
    return table.flag(key)


def _range(table: Table, key: str) -> tuple[int, int]:
    match table.data.get(key):
        case [int(fewest), int(most)] if 0 <= fewest <= most <= 1_000:
            return int(fewest), int(most)
        case _:
            raise table.refusal("bad_range", key, "must be two whole numbers, from and to")


def _choices(table: Table, key: str, known: Iterable[str], *, what: str) -> dict[str, tuple[str, ...]]:
    inner = table.table(key, LANGUAGES)
    return {language: _some(inner, language, tuple(known), what) for language in LANGUAGES}


def _some(table: Table, language: str, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    chosen = table.choices(language, known, what=what, default=())
    if not chosen:
        raise table.refusal("missing_language", language, f"at least one {what} is needed")
    return chosen


def _prices(table: Table) -> dict[str, int]:
    inner = table.table("price", tuple(CURRENCIES))
    return {currency: inner.whole(currency, 1, _MOST_MONEY) for currency in CURRENCIES}


# Texts


def _list(table: Table, key: str) -> list[Any]:
    values = table.data.get(key, [])
    if not isinstance(values, list):
        raise table.refusal("wrong_type", key, "must be a list of texts")
    if len(values) > MOST:
        raise table.refusal("too_many", key, f"at most {MOST} are taken")
    _enough(table, key, values)
    return values


def _texts(table: Table, key: str) -> tuple[str, ...]:
    return tuple(_text(table, f"{key}[{n}]", value) for n, value in enumerate(_list(table, key)))


def _enough(table: Table, key: str, values: Iterable[object]) -> None:
    if len(tuple(values)) < FEWEST.get(key, 0):
        raise table.refusal("too_few", key, f"at least {FEWEST[key]} are needed")


def _said(table: Table, key: str, value: object, language: str, *, customer: bool = True, whole: bool = True) -> str:
    """What somebody says: in one language, and in one register at a time. The desk has but the formal one."""
    text = _text(table, key, value)
    for formal in tongue.REGISTERS[language] if customer else (True,):
        finished = render(in_register(text, formal=formal), dict.fromkeys(_USABLE, "A"))
        problem = tongue.problem(finished, language, formal=formal, whole=whole)
        if problem:
            raise table.refusal("mixed_language", key, problem)
    return text


def _text(table: Table, key: str, value: object, *, marks: frozenset[str] = _USABLE) -> str:
    """A text whose marks can all be filled in."""
    if value is None:
        raise table.refusal("missing_field", key, "missing")
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST:
        raise table.refusal("wrong_type", key, f"must be text of 1 to {_LONGEST:,} characters")
    unknown = names_in(value) - marks
    if unknown:
        known = ", ".join(sorted(marks))
        raise table.refusal("unknown_mark", key, f"'{{{min(unknown)}}}' is unknown. Known: {known}")
    try:
        filled = render(in_register(value, formal=True), dict.fromkeys(marks, "A"))
    except (Invalid, ValueError) as error:
        raise table.refusal("bad_mark", key, "holds a mark that cannot be filled in") from error
    if any(mark in filled for mark in ("{", "}", "[[", "]]", "||", "<", ">")):
        raise table.refusal("bad_mark", key, "holds a mark that is not closed")
    return value.strip()
