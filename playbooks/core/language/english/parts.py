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


def own(text: str) -> int:
    """How many of its words no template would hold."""
    template = grammar.words["template"]
    return sum(1 for word in set(content(text)) if not word.startswith(template))


def is_telling(said: Said) -> bool:
    """A sentence with a verb; a name, a greeting or a signature tells nothing."""
    text = said.text
    return has("predicate", text) and not (is_listing(said) or has("greeting", text) or has("signs_off", text))


def is_listing(said: Said) -> bool:
    """Words one after another between commas state nothing."""
    commas = said.text.count(",") + said.text.count(";") + said.text.count("/")
    return commas >= 4 and len(EVERY_WORD.findall(said.text)) < 3 * (commas + 1)


def asked(said: Said) -> bool:
    return said.text.endswith("?")


def states(said: Said) -> bool:
    return not asked(said) and len(EVERY_WORD.findall(said.text)) >= SHORTEST and not is_listing(said)


def is_greeting(said: Said) -> bool:
    """In the first lines, or the line of its own that follows the head of a letter."""
    return has("greeting", said.text) and (said.index < 2 or (said.index < 12 and len(said.text) < 40))


def is_apology(said: Said) -> bool:
    text = said.text
    sorry = has("sorry", text) and not has("sorry_but", text) and not has("if_hurt", text)
    return sorry and not is_listing(said) and not (has("sorry_to_hear", text) and "apolog" not in text)


def is_empathy(said: Said) -> bool:
    text = said.text
    if asked(said) or has("felt_alone", text) or has("if_hurt", text) or has("felt_not", text):
        return False
    return has("felt", text)


def is_remedy(said: Said) -> bool:
    text = said.text
    if not said.does("states") or said.does("denied") or has("only_asked", text):
        return False
    if said.does("sender") or (has("greeting", text) and has("office", text)):
        return False
    if has("remedy_not", text) and "we will" not in text and "i will" not in text:
        return False
    if has("standing", text) and not has("this_customer", text):
        return False
    if has("deed", text) and not has("no_deed", text):
        return True
    if has("went_amiss", text) and has("happened", text) and not has("yet_to_come", text) and not has("deed", text):
        return False
    return has("remedy_word", text) and has("doing", text)


def is_cause(said: Said) -> bool:
    text = said.text
    if not said.does("states") or has("busy", text) or has("cause_only_look", text):
        return False
    if said.does("remedy") and not has("found_out", text):
        return False
    if has("cause", text) and (has("found_out", text) or not said.does("apology")) and len(content(text)) >= 2:
        return True
    return _is_tale(said)


def _is_tale(said: Said) -> bool:
    """What went wrong on our side, told as it happened, without a word for a cause or a fault."""
    text = said.text
    if any(said.does(name) for name in ("apology", "empathy", "prevention")) or len(content(text)) < 3:
        return False
    if has("yet_to_come", text) or has("you_acted", text):
        return False
    return has("happened", text) and has("went_amiss", text)


def is_account(said: Said) -> bool:
    """What happened at our side, told in the past; by itself it explains nothing, at the right place it does."""
    text = said.text
    if not said.does("states") or not has("happened", text) or len(content(text)) < 3:
        return False
    if has("yet_to_come", text) or has("you_acted", text) or has("account_not", text) or said.does("denied"):
        return False
    others = ("greeting", "sender", "apology", "empathy", "remedy", "deadline", "prevention", "investigating", "thanks")
    return not has("busy", text) and not any(said.does(name) for name in others)


def is_prevention(said: Said) -> bool:
    text = said.text
    if not said.does("states") or "did not change" in text or "have not changed" in text:
        return False
    if has("only_asked", text):
        return False
    if said.does("standing"):
        return True
    if not has("measure_line", text):
        return False
    return has("prevents", text) or not said.does("remedy") or "you" not in EVERY_WORD.findall(text)


def is_standing(said: Said) -> bool:
    """A rule for the future in whatever words: from now on, every time, only after; of us, not of this customer."""
    text = said.text
    if (
        (has("this_customer", text) and not has("henceforth", text))
        or said.does("apology")
        or said.does("empathy")
        or said.does("denied")
    ):
        return False
    if has("as_ever", text):
        return False
    return has("standing", text) and has("acts_always", text) and len(content(text)) >= 3


def has_deadline(said: Said) -> bool:
    text = said.text
    if asked(said) or said.does("denied") or is_listing(said) or has("your_term", text):
        return False
    return has("deadline", text) and has("promise", text)


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
    "telling": is_telling,
    "vague": _has("vague"),
    "denied": _has("denied"),
    "greeting": is_greeting,
    "sender": _has("sender"),
    "empathy": is_empathy,
    "apology": is_apology,
    "cause": is_cause,
    "account": is_account,
    "remedy": is_remedy,
    "deadline": has_deadline,
    "prevention": is_prevention,
    "standing": is_standing,
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
    "thanks": _has("thanks"),
}

SCREENS: Mapping[str, tuple[str, ...]] = {
    "apology": ("sorry",),
    "empathy": ("felt",),
    "remedy": ("remedy_word", "deed"),
    "cause": ("cause", "went_amiss"),
    "deadline": ("deadline",),
    "prevention": ("measure_line", "standing"),
    "repair": ("remedy_word", "deed", "fixes"),
    "question": ("questions",),
    **{name: (name,) for name in ("investigating", "own_fault", "stands_by", "repents", "forgive")},
    **{name: (name,) for name in ("took_in", "your_say", "checks_in")},
}
