"""The authored cases: read from the TOML files beside this one, checked key by key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playbooks.core.case import CURRENCIES, LANGUAGES, PROFILES, REMEDIES, Case
from playbooks.core.phrasing import names_in, render
from playbooks.core.streams import pick, uniform
from playbooks.core.tables import Table, read_toml
from tickets.errors import Invalid
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS

CURRENCY_OF = {"ko": "KRW", "ja": "JPY", "en": "USD"}
FEWEST = {"traps": 1, "subjects": 2, "more_facts": 3, "opening": 4}  # texts that each language needs

_FIELDS = (
    "key", "category", "severity", "spread", "monetary", "goods_accepted", "own_fault", "right_remedy",
    "prior_purchases", "channels", "profiles", "price", *LANGUAGES,
)  # fmt: skip
_LINES = ("title", "wants", "item", "firm", "desk", "cause", "measure", "law")
_LISTS = ("traps", "subjects", "more_facts")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_USABLE = frozenset({"customer", "firm", "desk", "agent", "order", "item", "price"})
_SAMPLE = dict.fromkeys(_USABLE, "A")
_LONGEST = 1_000
_MOST_MONEY = 100_000_000


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to begin: `mood` 0 is calm, 1 furious."""

    mood: float
    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A scenario in one language: what people say and see, and what an investigation will find."""

    title: str
    wants: str
    item: str
    firm: str
    desk: str
    cause: str  # hidden until the facts are confirmed
    measure: str
    law: str
    traps: tuple[str, ...]
    subjects: tuple[str, ...]
    more_facts: tuple[str, ...]
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One authored complaint. Money in minor units by currency."""

    key: str
    category: str
    severity: float
    spread: float  # a customer's severity lies this far around it at most
    monetary: bool
    goods_accepted: bool
    own_fault: bool
    right_remedy: str
    prior_purchases: tuple[int, int]
    channels: Mapping[str, tuple[str, ...]]
    profiles: Mapping[str, tuple[str, ...]]
    price: Mapping[str, int]
    voices: Mapping[str, Voice]

    @property
    def title(self) -> Mapping[str, str]:
        return {language: voice.title for language, voice in self.voices.items()}

    @property
    def wants(self) -> Mapping[str, str]:
        return {language: voice.wants for language, voice in self.voices.items()}

    def told(self, case: Case, word: str, *, mood: float, nth: int) -> str:
        """What this customer tells of it: the beginning that fits the mood, or a further fact."""
        voice = self.voices[case.language]
        u = uniform(case.seed, f"customer/told/{word}", case.key)
        if word == "more_facts":
            return voice.more_facts[(pick(u, len(voice.more_facts)) + nth) % len(voice.more_facts)]
        nearest = sorted(voice.openings, key=lambda opening: abs(opening.mood - mood))[:2]
        return nearest[(pick(u, len(nearest)) + nth) % len(nearest)].text


@cache
def scenarios() -> Mapping[str, Scenario]:
    """The authored cases by key, in the order of their keys."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    loaded = [load(file.read_text("utf-8"), name=file.stem) for file in files]
    return MappingProxyType({scenario.key: scenario for scenario in loaded})


def load(text: str, *, name: str) -> Scenario:
    """A scenario from TOML text. Invalid names the key at fault, e.g. `ko.opening[2].mood`."""
    table = Table(read_toml(text, name=name), file=name, path="", fields=_FIELDS)
    return Scenario(
        key=table.name("key", _KEY),
        category=table.choice("category", CATEGORIES_OF_COMPLAINT, what="category"),
        severity=table.share("severity"),
        spread=table.share("spread"),
        monetary=_flag(table, "monetary"),
        goods_accepted=_flag(table, "goods_accepted"),
        own_fault=_flag(table, "own_fault"),
        right_remedy=table.choice("right_remedy", REMEDIES, what="remedy"),
        prior_purchases=_range(table, "prior_purchases"),
        channels=_choices(table, "channels", CHANNELS, what="channel"),
        profiles=_choices(table, "profiles", PROFILES, what="profile"),
        price=_prices(table),
        voices={language: _voice(table, language) for language in LANGUAGES},
    )


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


def _voice(table: Table, language: str) -> Voice:
    inner = table.table(language, (*_LINES, *_LISTS, "opening"))
    openings = tuple(
        Opening(one.share("mood"), _text(one, "text", one.data.get("text")))
        for one in inner.tables("opening", ("mood", "text"), most=40)
    )
    _enough(inner, "opening", openings)
    lines: dict[str, Any] = {key: _text(inner, key, inner.data.get(key)) for key in _LINES}
    lists: dict[str, Any] = {key: _texts(inner, key) for key in _LISTS}
    return Voice(**lines, **lists, openings=openings)


def _texts(table: Table, key: str) -> tuple[str, ...]:
    values = table.data.get(key, [])
    if not isinstance(values, list):
        raise table.refusal("wrong_type", key, "must be a list of texts")
    _enough(table, key, values)
    return tuple(_text(table, f"{key}[{n}]", value) for n, value in enumerate(values))


def _enough(table: Table, key: str, values: Iterable[object]) -> None:
    if len(tuple(values)) < FEWEST[key]:
        raise table.refusal("too_few", key, f"at least {FEWEST[key]} are needed")


def _text(table: Table, key: str, value: object) -> str:
    """A text whose marks can all be filled in."""
    if value is None:
        raise table.refusal("missing_field", key, "missing")
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST:
        raise table.refusal("wrong_type", key, f"must be text of 1 to {_LONGEST:,} characters")
    unknown = names_in(value) - _USABLE
    if unknown:
        known = ", ".join(sorted(_USABLE))
        raise table.refusal("unknown_mark", key, f"'{{{min(unknown)}}}' is unknown. Known: {known}")
    try:
        filled = render(value, _SAMPLE)
    except (Invalid, ValueError) as error:
        raise table.refusal("bad_mark", key, "holds a mark that cannot be filled in") from error
    if any(mark in filled for mark in ("{", "}", "[[", "]]", "||")):
        raise table.refusal("bad_mark", key, "holds a mark that is not closed")
    return value.strip()
