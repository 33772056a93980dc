"""One line of the debrief in words: what it was, how much of it, what it did, and the coefficients under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from playbooks.core.debrief import Effect, Line, Number
from playbooks.pages.numbers import number, percent, signed, time
from playbooks.pages.wording import Words, say

WHAT: Words = {
    "apology.responsibility": lazy("Takes responsibility"),
    "apology.repair": lazy("Offers to put it right"),
    "apology.regret": lazy("Says sorry"),
    "apology.explanation": lazy("Explains what happened"),
    "apology.repentance": lazy("Promises it will not happen again"),
    "apology.forgiveness": lazy("Asks for forgiveness"),
    "empathy": lazy("Shows understanding of feelings"),
    "listening": lazy("Takes up the customer’s own words"),
    "concrete": lazy("Names times, amounts, things"),
    "ownership": lazy("Takes the matter on as one’s own"),
    "register": lazy("Courtesy of the whole message"),
    "voice": lazy("Gives the customer a say, or takes it"),
    "ng": lazy("Errors that a customer minds"),
    "deeds.interim_report": lazy("Reports how far we are"),
    "deeds.letter": lazy("That a letter came at all"),
    "deeds.check_in": lazy("Asks how it went afterwards"),
    "deeds.prevention": lazy("Reports what was changed"),
    "acknowledged": lazy("Confirms receipt, which eases the wait"),
    "first_reply": lazy("Time until a person answered"),
    "resolution": lazy("Time until it was solved"),
    "remedy": lazy("The remedy"),
    "match": lazy("A remedy of another kind than the loss"),
    "conditional": lazy("A remedy tied to a favour"),
    "gift_tied": lazy("A gift tied to a favour"),
    "gift": lazy("The gift"),
    "hand_offs": lazy("Passed on to others"),
    "re_contacts": lazy("Had to write again"),
    "broken_promise": lazy("A promise was not kept"),
    "repeated_apology": lazy("The same apology over and over"),
    "bot_only": lazy("No person ever answered"),
    "updates_and_explained": lazy("Reports and an explanation together, while waiting"),
    "severity": lazy("How grave the matter was"),
    "second_failure": lazy("It had gone wrong before"),
    "person": lazy("The person: mood and taste, drawn by chance"),
}
MARK: Words = {
    "seen": pgettext_lazy("mark of a coefficient", "seen in the source"),
    "recalled": pgettext_lazy("mark of a coefficient", "from general knowledge"),
    "fitted": pgettext_lazy("mark of a coefficient", "fitted to a published figure"),
    "assumed": pgettext_lazy("mark of a coefficient", "assumed"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """A coefficient as a reader meets it."""

    name: str
    value: str
    mark: str
    mark_words: str
    source: str


@dataclass(frozen=True, slots=True)
class Did:
    """One line: what, how much of it, what it did to each justice and to satisfaction."""

    key: str
    what: str
    amount: str
    distributive: str
    procedural: str
    interactional: str
    satisfaction: str
    way: str  # up, down, none
    at_best: str
    why: tuple[Why, ...]
    also: tuple[int, ...] = ()  # numbers of the further sentences that it rests on


def did(line: Line) -> Did:
    return did_of(
        say(WHAT, line.what),
        amount_of(line),
        line.effect,
        key=line.what,
        at_best="" if line.at_best is None else signed(line.at_best.satisfaction, 2),
        why=tuple(why_of(one) for one in line.why),
        also=tuple(n + 1 for n in line.sentences[1:]),
    )


def did_of(what: str, amount: str, effect: Effect, *, key: str = "", **more: Any) -> Did:
    s = round(effect.satisfaction or effect.cumulative, 2)
    return Did(
        key=key,
        what=what,
        amount=amount,
        distributive=_moved(effect.distributive),
        procedural=_moved(effect.procedural),
        interactional=_moved(effect.interactional),
        satisfaction=signed(effect.satisfaction, 2),
        way="up" if s > 0 else "down" if s < 0 else "none",
        **{"at_best": "", "why": (), **more},
    )


def _moved(value: float) -> str:
    return signed(value, 2) if round(value, 2) else ""


def amount_of(line: Line) -> str:
    """How much of it there was, in its own unit."""
    match line.what:
        case (
            "empathy" | "listening" | "concrete" | "ownership" | "register" | "voice" | "remedy" | "severity" | "match"
        ):
            return percent(line.value)
        case "first_reply" | "resolution":
            return time(line.value * 3600)
        case "ng" | "hand_offs" | "re_contacts" | "repeated_apology":
            return number(line.value)
    return ""


def why_of(one: Number) -> Why:
    value = number(one.value, 2 if abs(one.value) < 10 else 0) if isinstance(one.value, int | float) else str(one.value)
    source = _("no source") if one.source == "none" else one.source
    return Why(one.name, f"{value} {one.unit}".strip(), one.mark, say(MARK, one.mark), source)


def split(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """What did something, and what was there already."""
    told: list[Line] = []
    silent: list[Line] = []
    for line in lines:
        (silent if line.effect.none else told).append(line)
    return told, silent


def names_of(lines: Sequence[Line]) -> str:
    return " · ".join(say(WHAT, line.what) for line in lines)
