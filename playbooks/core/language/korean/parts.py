"""What a Korean sentence does in an answer: apologise, feel with the customer, promise, name a time.

A part counts only where a polite sentence states it: keywords without a predicate, a promise denied and a promise
asked for are none. Words are in words.toml, patterns in grammar.toml; the tests here know how they work together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from playbooks.core.language.answer import Said
from playbooks.core.language.grammar import Grammar

SHORTEST = 8  # letters that a sentence needs before it can state a cause, a remedy or a measure

grammar = Grammar(Path(__file__).parent)
has = grammar.has

_LONG_WORD = re.compile(r"[가-힣]{2,20}")


def letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def specifics(text: str) -> int:
    """How many words say something of one case: not those that any answer may hold."""
    generic = grammar.words["generic"]
    return sum(1 for word in _LONG_WORD.findall(text) if not word.startswith(generic))


def own(text: str) -> int:
    """How many of its words no template would hold."""
    known = (*grammar.words["generic"], *grammar.words["template"])
    return sum(1 for word in set(_LONG_WORD.findall(text)) if not word.startswith(known))


def asked(text: str) -> bool:
    return has("asks", text)


def is_greeting(said: Said) -> bool:
    """Also a wish for the other's health, if the text begins with it."""
    return said.polite and (has("greeting", said.text) or (said.index < 3 and has("wish", said.text)))


def says_something(said: Said) -> bool:
    """Said politely, not asked, and long enough to state a cause, a remedy or a measure."""
    return said.polite and letters(said.text) >= SHORTEST and not asked(said.text)


def is_apology(said: Said) -> bool:
    text = said.text
    return said.polite and has("sorry", text) and not has("sorry_denied", text) and not has("if_hurt", text)


def is_empathy(said: Said) -> bool:
    text = said.text
    if not said.polite or letters(text) < SHORTEST or has("felt_alone", text) or has("if_hurt", text):
        return False
    if said.does("denied") and not has("beyond_words", text):
        return False
    return has("felt", grammar("cushion").sub("", text))


def has_deadline(said: Said) -> bool:
    """A time by which we do something; not opening hours, nor a time by which the customer should."""
    text = said.text
    if not said.polite or not has("ours", text) or has("letter_itself", text):
        return False
    on_a_day = has("on_a_day", text) and (has("future", text) or (has("done_today", text) and said.does("remedy")))
    if not on_a_day and not (has("deadline", text) and has("promised", text)):
        return False
    if said.does("empathy") and not said.does("remedy"):
        return False
    if (
        (said.does("denied") and not has("free", text))
        or asked(text)
        or has("unsure", text)
        or has("your_term", text)
        or has("habit", text)
    ):
        return False
    return not has("hours", text) or "드리" in text or "드립" in text


def is_remedy(said: Said) -> bool:
    text = said.text
    if not said.does("says_something") or has("unsure", text) or has("habit", text) or has("letter_itself", text):
        return False
    if has("free", text):
        return True
    if _is_deed(said):
        return True
    told = has("found_out", text) or has("went_wrong", text)
    if (told and not has("future", text) and "드렸" not in text) or has("as_found", text):
        return False
    if said.does("denied") or (has("remedy_told", text) and not has("deadline", text)) or text.startswith("앞으로"):
        return False
    found = grammar("remedy").search(text.replace("오배송", "＿＿＿"))  # the misdelivery, not a delivery to come
    return found is not None and not (grammar("takes").search(text, found.start(), found.end()) or _is_change(text))


def _is_deed(said: Said) -> bool:
    """Something done for this customer, in whatever words: brought, paid, kept free; not told, and not from now on."""
    text = said.text
    if has("standing_from", text) or said.does("denied") or has("as_found", text) or said.does("standing"):
        return False
    if has("carelessly", text) and has("happened", text):
        return False
    given = (text[max(0, found.start() - 4) : found.end()] for found in grammar("deed").finditer(text))
    return has("deed_done", text) or any(not has("deed_of_words", deed) for deed in given)


def _is_change(text: str) -> bool:
    """A change in how we work (배송 절차를 보완했습니다) is prevention, not a remedy for this customer."""
    return has("measure", text) and "드리" not in text and "드렸" not in text and not has("deadline", text)


def offers_repair(said: Said) -> bool:
    """A remedy, or the word that it will be put right."""
    return said.does("remedy") or (said.does("says_something") and not said.does("denied") and has("fixes", said.text))


def is_prevention(said: Said) -> bool:
    text = said.text
    if not said.polite or not said.does("says_something"):
        return False
    if said.does("standing"):
        return True
    if not has("measure", text):
        return False
    if not has("done", text) or has("came_of_it", text) or is_cause_only(text) or has("asks_to_hear", text):
        return False
    if said.does("denied") and not has("never_again", text):
        return False
    if has("prevents", text) or has("no_more", text):
        return True
    if any(stem in text for stem in ("드리", "드립", "드렸", "드릴", "고객님께 ")) or has("why_late", text):
        return False
    if has("happened", text) and (has("went_amiss", text) or has("by_fault", text)) and not has("arranged", text):
        return False
    changes = "겠" in text or "고 있습니다" in text or has("past", text)
    return changes or has("routine", text)


def is_standing(said: Said) -> bool:
    """A rule for the future in whatever words: from now on, every time, only after; of us, not of the customer."""
    text = said.text
    if not has("standing", text) or has("only_try", text) or has("asks_to_hear", text):
        return False
    if said.does("apology") or said.does("empathy"):
        return False
    if has("to_customer", text) and not (has("henceforth", text) and not has("receives", text)):
        return False
    if has("standing_from", text) and (has("steady", text) or has("arranged", text)):
        return not (_by_a_time(said) or has("investigating", text) or has("stative", text))
    return has("arranged", text) and not has("why_late", text)


def _by_a_time(said: Said) -> bool:
    return has("deadline", said.text) and said.does("deadline")


def is_cause_only(text: str) -> bool:
    """A cause, and no measure after it."""
    cause = grammar("cause_word").search(text)
    return cause is not None and grammar("measure").search(text, cause.end()) is None


def is_sender(said: Said) -> bool:
    text = said.text
    if said.index >= 2 and has("signed", text) and not has("not_sender", text):
        return True
    if not has("sends", text) or has("not_sender", text) or letters(text) > 50:
        return False
    return has("named", text) or has("placed", text)


def is_closing(said: Said, *, count: int) -> bool:
    text, place = said.text, said.index
    if not said.polite or place < min(2, count - 1) or count < 2:
        return False
    if place * 2 >= count - 1 and has("ask_again", text) and (place == count - 1 or not said.does("remedy")):
        return True
    return place >= count - 2 and (has("thanks", text) or has("look_ahead", text))


# ── Why it happened ─────────────────────────────────────────────────────────────────────────────


def is_cause(said: Said) -> bool:
    """Why it happened, of our side and of this case; not what the customer lived through, and not what we will do."""
    text = said.text
    if not said.does("says_something") or not _may_be_cause(said) or specifics(text) == 0:
        return False
    if has("cause_word", text):
        return not has("will_look", text)
    if has("came_of_it", text) and specifics(text) > 1:
        return True
    found_out = has("found_out", text)
    if has("future", text) and not (has("told_first", text) or has("as_found", text)):
        return False
    if found_out and has("past", text) and specifics(text) > 1 and not has("not_a_cause", text):
        return True
    if _goes_back_to_fault(text, found_out=found_out) and (found_out or not said.does("empathy")):
        return True
    return _is_tale(said)


def _is_tale(said: Said) -> bool:
    """What went wrong on our side, told as it happened, without a word for a cause or a fault."""
    text = said.text
    if said.does("apology") or said.does("empathy") or said.does("remedy") or specifics(text) < 3:
        return False
    if not has("happened", text):
        return False
    return has("carelessly", text) or (has("went_amiss", text) and has("our_side", text))


def is_account(said: Said) -> bool:
    """What happened at our side, told in the past; by itself it explains nothing, at the right place it does."""
    text = said.text
    if not said.does("says_something") or specifics(text) < 3 or not has("happened", text) or has("account_not", text):
        return False
    others = ("greeting", "sender", "apology", "empathy", "remedy", "deadline", "prevention", "investigating")
    return _may_be_cause(said) and not any(said.does(name) for name in others)


def _may_be_cause(said: Said) -> bool:
    text = said.text
    if has("no_cause", text) or has("unsure", text) or has("your_fault", text) or said.does("prevention"):
        return False
    if said.does("denied") and not has("failed_to", text):
        return False
    looking = has("investigating", text) and "였" not in text and "었" not in text
    return not looking or has("found_out", text)


def _goes_back_to_fault(text: str, *, found_out: bool) -> bool:
    if has("failed_to", text) and has("our_people", text):
        return True
    fault = grammar("fault").search(text)
    if fault is None or not _told_from(text, fault.start()):
        return has("why_late", text) and not has("sorry", text)
    only_sorry = has("sorry", text) and not grammar("place").search(text, 0, fault.end() + 4)
    if not found_out and (has("harm_only", text) or only_sorry):
        return False
    return found_out or any(has(name, text) for name in ("place", "by_fault", "why_late"))


def _told_from(text: str, fault: int) -> bool:
    """Whether what went wrong is told as a reason or as something that has happened."""
    if grammar("by").search(text, max(0, fault - 12)):
        return True
    return has("past", text) or has("as_found", text)


# ── What else is read of a sentence ─────────────────────────────────────────────────────────────


def is_investigating(said: Said) -> bool:
    """Says that it is being looked into."""
    return said.polite and has("investigating", said.text) and not asked(said.text)


def is_own_fault(said: Said) -> bool:
    return said.polite and has("own_fault", said.text) and not has("not_ours", said.text)


def is_question(said: Said) -> bool:
    """Asks for something that the next step needs; an open invitation to write leaves the word with us."""
    if not said.polite or not has("questions", said.text) or has("if_any", said.text):
        return False
    return not has("your_say", said.text) or has("needs_data", said.text)


def _politely(name: str, *, affirmed: bool = False) -> Callable[[Said], bool]:
    return lambda said: said.polite and has(name, said.text) and not (affirmed and said.does("denied"))


TESTS: Mapping[str, Callable[[Said], bool]] = {
    "says_something": says_something,
    "telling": lambda said: said.polite and not said.does("sender"),
    "vague": lambda said: has("vague", said.text),
    "denied": lambda said: has("denied", said.text),
    "greeting": is_greeting,
    "sender": is_sender,
    "empathy": is_empathy,
    "apology": is_apology,
    "cause": is_cause,
    "account": is_account,
    "remedy": is_remedy,
    "deadline": has_deadline,
    "prevention": is_prevention,
    "standing": is_standing,
    "repair": offers_repair,
    "investigating": is_investigating,
    "tells": lambda said: has("tells", said.text),
    "own_fault": is_own_fault,
    "stands_by": _politely("stands_by", affirmed=True),
    "repents": _politely("repents", affirmed=True),
    "forgive": _politely("forgive", affirmed=True),
    "took_in": _politely("took_in"),
    "your_say": _politely("your_say"),
    "checks_in": _politely("checks_in"),
    "we": _politely("we"),
    "question": is_question,
}

SCREENS: Mapping[str, tuple[str, ...]] = {
    "greeting": ("greeting", "wish"),
    "apology": ("sorry",),
    "empathy": ("felt", "cushion"),
    "repair": ("free", "remedy", "deed", "deed_done", "fixes"),
    "cause": ("cause_word", "came_of_it", "found_out", "fault", "why_late", "our_people", "our_side", "carelessly"),
    "remedy": ("free", "remedy", "deed", "deed_done"),
    "deadline": ("deadline", "on_a_day"),
    "prevention": ("measure", "standing"),
    "investigating": ("investigating",),
    **{name: (name,) for name in ("own_fault", "stands_by", "repents", "forgive", "took_in", "your_say")},
    **{name: (name,) for name in ("checks_in", "we")},
}
