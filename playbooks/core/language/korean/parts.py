"""The parts of a Korean answer, each with the sentence that fulfils it.

A part counts only where a polite sentence states it: keywords without a predicate, a promise denied and a promise
asked for are none. Words are in words.toml; this module knows the grammar around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playbooks.core.language.grammar import Grammar
from playbooks.core.language.korean.speech import POLITE, Level
from playbooks.core.language.sentences import Sentence

ELEMENTS = ("인사", "소속", "공감", "사과", "원인", "해결", "기한", "재발방지", "마무리")
SHORTEST = 8  # letters that a sentence needs before it can state a cause, a remedy or a measure

grammar = Grammar(Path(__file__).parent)

# ── Times ───────────────────────────────────────────────────────────────────────────────────────

TIME = grammar("time")
DEADLINE = grammar("deadline")
_ON_A_DAY = grammar("on_a_day")
AMOUNT = grammar("amount")
_HOURS = grammar("hours")
_OURS = grammar("ours")
_FUTURE = grammar("future")

# ── Polarity ────────────────────────────────────────────────────────────────────────────────────

_DENIED = grammar("denied")
_UNSURE = grammar("unsure")
_ASKS = grammar("asks")

# ── One part each ───────────────────────────────────────────────────────────────────────────────

_GREETING = grammar("greeting")
_NAMED = grammar("named")
_SENDS = grammar("sends")
_NOT_SENDER = grammar("not_sender")
_PLACED = grammar("placed")

_FELT = grammar("felt")
_FELT_ALONE = grammar("felt_alone")

_SORRY = grammar("sorry")
_SORRY_DENIED = grammar("sorry_denied")
_IF_HURT = grammar("if_hurt")

_NO_CAUSE = grammar("no_cause")
_FAILED_TO = grammar("failed_to")
_CAUSE_WORD = grammar("cause_word")
_FOUND_OUT = grammar("found_out")
_BY = grammar("by")
_FAULT = grammar("fault")
_PLACE = grammar("place")
_HARM_ONLY = grammar("harm_only")
_INVESTIGATING = grammar("investigating")
_YOUR_FAULT = grammar("your_fault")

_REMEDY = grammar("remedy")
_REMEDY_TOLD = grammar("remedy_told")
_WENT_WRONG = grammar("went_wrong")
_TAKES = grammar("takes")
_FREE = grammar("free")

_MEASURE = grammar("measure")
_PREVENTS = grammar("prevents")
_NO_MORE = grammar("no_more")
_NEVER_AGAIN = grammar("never_again")
_ONLY_TRY = grammar("only_try")
_DONE = grammar("done")

_ASK_AGAIN = grammar("ask_again")
_THANKS = grammar("thanks")
_LOOK_AHEAD = grammar("look_ahead")
_CUSHION = grammar("cushion")
_ASKS_TO_HEAR = grammar("asks_to_hear")
_FIXES = grammar("fixes")
_AS_FOUND = grammar("as_found")
_OUR_PEOPLE = grammar("our_people")
_ROUTINE = grammar("routine")
_WHY_LATE = grammar("why_late")
_NOT_A_CAUSE = grammar("not_a_cause")
_TOLD_FIRST = grammar("told_first")
_BY_FAULT = grammar("by_fault")
_WILL_LOOK = grammar("will_look")
_PAST = grammar("past")
_LONG_WORD = re.compile(r"[가-힣]{2,20}")


@dataclass(frozen=True, slots=True)
class Part:
    """An element and the sentence that fulfils it."""

    name: str
    sentence: Sentence


@dataclass(frozen=True)
class Seen:
    """A sentence with what the parts ask of it, each worked out once."""

    sentence: Sentence
    level: Level | None

    @property
    def text(self) -> str:
        return self.sentence.text

    @cached_property
    def polite(self) -> bool:
        return self.level is not None and self.level.name in POLITE

    @cached_property
    def says_something(self) -> bool:
        """Said politely, not asked, and long enough to state a cause, a remedy or a measure."""
        return self.polite and letters(self.text) >= SHORTEST and not asked(self.text)

    @cached_property
    def denied(self) -> bool:
        return denied(self.text)

    @cached_property
    def apology(self) -> bool:
        return is_apology(self)

    @cached_property
    def empathy(self) -> bool:
        return is_empathy(self)

    @cached_property
    def cause(self) -> bool:
        return is_cause(self)

    @cached_property
    def remedy(self) -> bool:
        return is_remedy(self)

    @cached_property
    def deadline(self) -> bool:
        return has_deadline(self)

    @cached_property
    def prevention(self) -> bool:
        return is_prevention(self)


def letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def denied(text: str) -> bool:
    return _DENIED.search(text) is not None


def asked(text: str) -> bool:
    return _ASKS.search(text) is not None


def investigating(seen: Seen) -> bool:
    """Says that it is being looked into."""
    return seen.polite and _INVESTIGATING.search(seen.text) is not None and not asked(seen.text)


def has_deadline(seen: Seen) -> bool:
    """A time by which we do something; not opening hours, nor a time by which the customer should."""
    text = seen.text
    if not seen.polite or seen.denied or asked(text) or _UNSURE.search(text) or not _OURS.search(text):
        return False
    if _HOURS.search(text) and "드리" not in text and "드립" not in text:
        return False
    return DEADLINE.search(text) is not None or (
        _ON_A_DAY.search(text) is not None and _FUTURE.search(text) is not None
    )


def is_remedy(seen: Seen) -> bool:
    text = seen.text
    if not seen.says_something or _UNSURE.search(text):
        return False
    if _FREE.search(text):
        return True
    told = _FOUND_OUT.search(text) or _WENT_WRONG.search(text)
    if (told and not _FUTURE.search(text) and "드렸" not in text) or _AS_FOUND.search(text):
        return False
    if seen.denied or (_REMEDY_TOLD.search(text) and not DEADLINE.search(text)) or text.startswith("앞으로"):
        return False
    found = _REMEDY.search(text.replace("오배송", "＿＿＿"))  # the misdelivery, not a delivery to come
    return found is not None and not (_TAKES.search(text, found.start(), found.end()) or _is_change(text))


def _is_change(text: str) -> bool:
    """A change in how we work (배송 절차를 보완했습니다) is prevention, not a remedy for this customer."""
    return _MEASURE.search(text) is not None and "드리" not in text and "드렸" not in text and not DEADLINE.search(text)


def is_cause(seen: Seen) -> bool:
    """Why it happened, of our side and of this case; not what the customer lived through, and not what we will do."""
    text = seen.text
    if not seen.says_something or not _may_be_cause(seen) or specifics(text) == 0:
        return False
    if _CAUSE_WORD.search(text):
        return _WILL_LOOK.search(text) is None
    found_out = _FOUND_OUT.search(text) is not None
    if _FUTURE.search(text) and not (_TOLD_FIRST.search(text) or _AS_FOUND.search(text)):
        return False
    if found_out and _PAST.search(text) and specifics(text) > 1 and not _NOT_A_CAUSE.search(text):
        return True
    return _goes_back_to_fault(text, found_out=found_out) and (found_out or not seen.empathy)


def _may_be_cause(seen: Seen) -> bool:
    text = seen.text
    if _NO_CAUSE.search(text) or _UNSURE.search(text) or _YOUR_FAULT.search(text) or seen.prevention:
        return False
    if seen.denied and not _FAILED_TO.search(text):
        return False
    looking = _INVESTIGATING.search(text) is not None and "였" not in text and "었" not in text
    return not looking or _FOUND_OUT.search(text) is not None


def _goes_back_to_fault(text: str, *, found_out: bool) -> bool:
    if _FAILED_TO.search(text) and _OUR_PEOPLE.search(text):
        return True
    fault = _FAULT.search(text)
    if fault is None or not _told_from(text, fault.start()):
        return _WHY_LATE.search(text) is not None and not _SORRY.search(text)
    only_sorry = _SORRY.search(text) and not _PLACE.search(text, 0, fault.end() + 4)
    if not found_out and (_HARM_ONLY.search(text) or only_sorry):
        return False
    return found_out or any(pattern.search(text) for pattern in (_PLACE, _BY_FAULT, _WHY_LATE))


def _told_from(text: str, fault: int) -> bool:
    """Whether what went wrong is told as a reason or as something that has happened."""
    if _BY.search(text, max(0, fault - 12)):
        return True
    return _PAST.search(text) is not None or _AS_FOUND.search(text) is not None


def is_prevention(seen: Seen) -> bool:
    text = seen.text
    if not seen.says_something or not _DONE.search(text) or is_cause_only(text) or _ASKS_TO_HEAR.search(text):
        return False
    if (seen.denied and not _NEVER_AGAIN.search(text)) or _MEASURE.search(text) is None:
        return False
    if _PREVENTS.search(text) or _NO_MORE.search(text):
        return True
    if any(stem in text for stem in ("드리", "드립", "드렸", "드릴", "고객님께 ")) or _WHY_LATE.search(text):
        return False
    changes = "겠" in text or "고 있습니다" in text or _PAST.search(text) is not None
    return changes or _ROUTINE.search(text) is not None


def is_cause_only(text: str) -> bool:
    """A cause, and no measure after it."""
    cause = _CAUSE_WORD.search(text)
    return cause is not None and _MEASURE.search(text, cause.end()) is None


def is_apology(seen: Seen) -> bool:
    text = seen.text
    return (
        seen.polite and _SORRY.search(text) is not None and not _SORRY_DENIED.search(text) and not _IF_HURT.search(text)
    )


def is_empathy(seen: Seen) -> bool:
    text = seen.text
    if not seen.polite or seen.denied or letters(text) < SHORTEST or _FELT_ALONE.match(text) or _IF_HURT.search(text):
        return False
    return _FELT.search(_CUSHION.sub("", text)) is not None


def offers_repair(seen: Seen) -> bool:
    """A remedy, or the word that it will be put right."""
    return seen.remedy or (seen.says_something and not seen.denied and _FIXES.search(seen.text) is not None)


def is_sender(seen: Seen) -> bool:
    text = seen.text
    if not _SENDS.search(text) or _NOT_SENDER.search(text) or letters(text) > 50:
        return False
    return _NAMED.search(text) is not None or _PLACED.search(text) is not None


def is_closing(seen: Seen, *, place: int, count: int) -> bool:
    text = seen.text
    if not seen.polite or place < min(2, count - 1) or count < 2:
        return False
    if _ASK_AGAIN.search(text) and place * 2 >= count - 1 and not seen.remedy:
        return True
    return place >= count - 2 and (_THANKS.search(text) is not None or _LOOK_AHEAD.search(text) is not None)


def specifics(text: str) -> int:
    """How many words say something of one case: not those that any answer may hold."""
    generic = grammar.words["generic"]
    return sum(1 for word in _LONG_WORD.findall(text) if not word.startswith(generic))


def parts(sentences: Iterable[Seen]) -> dict[str, Part]:
    """The first sentence that fulfils each part."""
    seen = list(sentences)
    found: dict[str, Part] = {}
    for place, one in enumerate(seen):
        for name in _names(one, place=place, count=len(seen)):
            found.setdefault(name, Part(name, one.sentence))
    return found


def _names(one: Seen, *, place: int, count: int) -> list[str]:
    tests = {
        "인사": one.polite and _GREETING.search(one.text) is not None,
        "소속": (place < 5 or place >= count - 3) and is_sender(one),
        "공감": one.empathy,
        "사과": one.apology,
        "원인": one.cause,
        "해결": one.remedy,
        "기한": one.deadline,
        "재발방지": one.prevention,
        "마무리": is_closing(one, place=place, count=count),
    }
    return [name for name, holds in tests.items() if holds]
