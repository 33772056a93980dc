"""What an English sentence does in an answer. Sentences come in lower case and with straight apostrophes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from playbooks.core.language.answer import Said
from playbooks.core.language.grammar import Grammar

SHORTEST = 4  # words that a sentence needs before it can state anything
EVERY_WORD = re.compile(r"[a-z0-9']+")

grammar = Grammar(Path(__file__).parent, apostrophe="'")
has = grammar.has

_WORD = re.compile(r"[a-z][a-z'-]{3,30}")


def content(text: str) -> list[str]:
    """Its words that any answer could not hold: what an echo is looked for by."""
    generic = grammar.words["generic"]
    return [word for word in _WORD.findall(text.lower()) if not word.startswith(generic)]


def asked(said: Said) -> bool:
    return said.text.endswith("?")


def states(said: Said) -> bool:
    return not asked(said) and len(EVERY_WORD.findall(said.text)) >= SHORTEST


def is_apology(said: Said) -> bool:
    text = said.text
    sorry = has("sorry", text) and not has("sorry_but", text) and not has("if_hurt", text)
    return sorry and not (has("sorry_to_hear", text) and "apolog" not in text)


def is_empathy(said: Said) -> bool:
    text = said.text
    return has("felt", text) and not has("felt_alone", text) and not has("if_hurt", text) and not asked(said)


def is_remedy(said: Said) -> bool:
    text = said.text
    if not said.does("states") or said.does("denied"):
        return False
    if has("remedy_not", text) and "we will" not in text and "i will" not in text:
        return False
    return has("remedy_word", text) and has("doing", text)


def is_cause(said: Said) -> bool:
    text = said.text
    if not said.does("states") or has("busy", text) or has("cause_only_look", text):
        return False
    if not has("cause", text) or (said.does("remedy") and not has("found_out", text)):
        return False
    return (has("found_out", text) or not said.does("apology")) and len(content(text)) >= 2


def is_prevention(said: Said) -> bool:
    text = said.text
    if not said.does("states") or "did not change" in text or "have not changed" in text:
        return False
    if not has("measure_line", text):
        return False
    return has("prevents", text) or not said.does("remedy") or "you" not in EVERY_WORD.findall(text)


def has_deadline(said: Said) -> bool:
    return not asked(said) and not said.does("denied") and has("deadline", said.text) and has("promise", said.text)


def offers_repair(said: Said) -> bool:
    """A remedy, or the word that it will be put right."""
    return said.does("remedy") or (said.does("states") and has("fixes", said.text) and not said.does("denied"))


def is_own_fault(said: Said) -> bool:
    return has("own_fault", said.text) and not has("not_ours", said.text) and not asked(said)


def is_question(said: Said) -> bool:
    return has("questions", said.text) and not has("if_any", said.text)


def _has(name: str, *, affirmed: bool = False) -> Callable[[Said], bool]:
    return lambda said: has(name, said.text) and not (affirmed and said.does("denied"))


TESTS: Mapping[str, Callable[[Said], bool]] = {
    "states": states,
    "denied": _has("denied"),
    "greeting": lambda said: said.index < 2 and has("greeting", said.text),
    "sender": _has("sender"),
    "empathy": is_empathy,
    "apology": is_apology,
    "cause": is_cause,
    "remedy": is_remedy,
    "deadline": has_deadline,
    "prevention": is_prevention,
    "repair": offers_repair,
    "investigating": _has("investigating"),
    "tells": _has("tells"),
    "own_fault": is_own_fault,
    "stands_by": _has("stands_by", affirmed=True),
    "repents": _has("repents"),
    "forgive": _has("forgive", affirmed=True),
    "took_in": _has("took_in"),
    "your_say": _has("your_say"),
    "checks_in": _has("checks_in"),
    "question": is_question,
    "closing": _has("closing"),
}

SCREENS: Mapping[str, tuple[str, ...]] = {
    "apology": ("sorry",),
    "remedy": ("remedy_word",),
    "cause": ("cause",),
    "deadline": ("deadline",),
    "prevention": ("measure_line",),
    "repair": ("remedy_word", "fixes"),
    "question": ("questions",),
    **{name: (name,) for name in ("investigating", "own_fault", "stands_by", "repents", "forgive")},
    **{name: (name,) for name in ("took_in", "your_say", "checks_in")},
}
