"""What customers write, in one language and one register: composed of parts that fit mood, manner and facts.

Every part is drawn for this customer from the lines that may be said: those of the scenario about this case, those
of texts/customer_*.toml about anything. A line whose condition does not hold is never drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from playbooks.core.case import Case
from playbooks.core.facts import CUSTOMER_WORDS
from playbooks.core.phrasing import in_register, money, render, words_of
from playbooks.core.scenarios.book import Opening, Part, Scenario, Voice, scenarios
from playbooks.core.scenarios.manners import LATER, NOTHING_HEARD, SHAPES, Heard, holds, manner_of, speaks_formally
from playbooks.core.streams import pick, uniform, uniforms
from tickets.errors import Invalid

BANDS = ("calm", "annoyed", "furious")
_JOINTS = {"ko": " ", "ja": "", "en": " "}
NEAREST = 2  # beginnings on either side of a mood among which a customer chooses
_OWN = {
    "reference": "references", "consequence": "consequences", "demand": "demands", "tangent": "tangents",
    "vague": "vague", "impossible": "impossible", "abuse": "abuse",
}  # fmt: skip


def scenario_of(case: Case) -> Scenario | None:
    return scenarios().get(case.scenario) if case.scenario else None


def voice_of(case: Case, language: str | None = None) -> Voice | None:
    """The scenario of a case in the case's language, or in another."""
    scenario = scenario_of(case)
    return scenario.voices[language or case.language] if scenario else None


def manner(case: Case) -> str:
    """How this customer writes; one whom nobody authored writes plainly."""
    scenario = scenario_of(case)
    return manner_of(case, scenario.manners) if scenario else "plain"


def band(mood: float) -> str:
    """Three ways to write: 0 is calm, 1 furious."""
    return BANDS[pick(mood, len(BANDS))]


def is_public_office(case: Case) -> bool:
    """Whether the case lies with a public office: no shop, no customer, no gift."""
    scenario = scenario_of(case)
    return scenario is not None and scenario.sector == "public"


def customer_text(case: Case, word: str, *, mood: float, nth: int, heard: Heard = NOTHING_HEARD) -> str:
    """What the customer writes: one choice from each part of the message, drawn for this customer.

    The draw does not depend on `nth`; a later message turns each part one further, so that nobody
    says the same sentence twice in a row. `heard`: nobody thanks for what they never had.
    """
    if word not in CUSTOMER_WORDS:
        raise Invalid("unknown_word", f"'{word}' is not one of: {', '.join(CUSTOMER_WORDS)}.", field="word")
    first = word == "opening"
    lines = _first_words(case, mood=mood, nth=nth) if first else _later_words(case, word, mood, nth, heard)
    return spoken(_JOINTS[case.language].join(lines), case)


def spoken(template: str, case: Case) -> str:
    """A line of the customer's with its names, in the register that this customer keeps."""
    return render(in_register(template, formal=speaks_formally(case)), customer_values(case))


def customer_values(case: Case) -> dict[str, str | None]:
    """Names as the customer uses them."""
    nouns, voice = words_of("nouns"), voice_of(case)
    names = dict(case.names or {})
    matter = voice.words.get("matter") if voice else None
    return {
        **{name: names.get(name) for name in ("customer", "firm", "desk", "agent", "order", "tier")},
        "item": names.get("item") or nouns["fallback"][case.language]["item"],
        "matter": matter or nouns["customer_matter"][case.language][case.category],
        "price": money(case.price, case.currency, case.language),
    }


def subject_of(case: Case, voice: Voice, u: float) -> str:
    lines = said(voice.subjects, case)
    return spoken(lines[pick(u, len(lines))], case)


def said(lines: Iterable[Any], case: Case, heard: Heard = NOTHING_HEARD) -> list[str]:
    """The lines that may be said in this case. A line is a text, a Part, or a table of text and conditions."""
    parts, heard = (_part(line) for line in lines), replace(heard, office=is_public_office(case))
    return [part.text for part in parts if holds(part.when, case, heard)]


# The first message


def _first_words(case: Case, *, mood: float, nth: int) -> list[str]:
    u = [float(one) for one in uniforms(case.seed, "customer/opening", case.key, 10)]
    shapes = SHAPES[manner(case)]
    lines = []
    for part, draw in zip(shapes[pick(u[0], len(shapes))], u[1:], strict=False):
        options = _options(case, part, mood=mood)
        if options:
            lines.append(options[(pick(draw, len(options)) + nth) % len(options)])
    return lines


def _options(case: Case, part: str, *, mood: float) -> list[str]:
    voice, table = voice_of(case), words_of(f"customer_{case.language}")["opening"]
    if part == "incident":
        told = table["told"]
        return _incidents(voice, case, mood) if voice else said(told.get(case.category) or told["other"], case)
    if part in _OWN:
        return said(getattr(voice, _OWN[part]), case) if voice else []
    return said(table[part]["furious" if manner(case) == "harassing" else band(mood)], case)


def _incidents(voice: Voice, case: Case, mood: float) -> list[str]:
    possible = [one for one in voice.openings if holds(one.when, case)]
    return [one.text for one in sorted(possible, key=lambda one: abs(one.mood - mood))[:NEAREST]]


# Later ones


def _later_words(case: Case, word: str, mood: float, nth: int, heard: Heard) -> list[str]:
    table = words_of(f"customer_{case.language}")[word]
    parts = [table[part] if isinstance(part, str) else part for part in table[band(mood)]]
    u = uniform(case.seed, f"customer/text/{word}", case.key)
    lines = _one_of_each([said(options, case, heard) for options in parts], u, nth)
    if manner(case) == "silent" and len(lines) > 1:
        lines = lines[1:2]  # the heart of the matter, and not a word more
    return [*_told(case, word, table, nth), *lines, *_added(case, word, mood, nth)]


def _one_of_each(parts: Sequence[Sequence[str]], u: float, turn: int) -> list[str]:
    """One line of every part from one uniform: its digits in the mixed base of the parts' lengths."""
    chosen = []
    for options in parts:
        index = pick(u, len(options))
        u = u * len(options) - index
        chosen.append(options[(index + turn) % len(options)])
    return chosen


def _told(case: Case, word: str, table: Mapping[str, Any], nth: int) -> list[str]:
    """A further fact: of the authored case if there is one, else one that fits any."""
    if word != "more_facts":
        return []
    voice = voice_of(case)
    lines = said(voice.more_facts if voice else table["told"]["any"], case)
    return [_turned(case, "customer/told/more_facts", lines, nth)]


def _added(case: Case, word: str, mood: float, nth: int) -> list[str]:
    """What the customer's manner adds."""
    voice, (key, words) = voice_of(case), LATER.get(manner(case), ("", ()))
    if voice is None or word not in words:
        return []
    hurry = words_of(f"customer_{case.language}")["opening"]["hurry"]
    lines = said(hurry[band(mood)] if key == "hurry" else getattr(voice, key), case)
    return [_turned(case, f"customer/added/{word}", lines, nth)] if lines else []


def _turned(case: Case, purpose: str, lines: Sequence[str], nth: int) -> str:
    return lines[(pick(uniform(case.seed, purpose, case.key), len(lines)) + nth) % len(lines)]


def _part(line: str | Part | Opening | Mapping[str, Any]) -> Part:
    if isinstance(line, str):
        return Part(line)
    if isinstance(line, Mapping):
        return Part(line["text"], tuple(line.get("when", ())))
    return Part(line.text, line.when)
