"""The same case under the other playbook, and under each switch of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext, pgettext_lazy

from playbooks.core.attribution import Attribution
from playbooks.core.customer.evidence import Switches
from playbooks.core.debrief import Debrief
from playbooks.core.outcome import Outcome
from playbooks.pages.numbers import NOTHING, number, percent, signed, time
from playbooks.pages.wording import Words, say

SWITCH: Words = {
    "as_set": lazy("As set on this desk"),
    "other_speed_model": lazy("With the other speed model"),
    "without_letter": lazy("Without the letter’s bonus"),
    "with_letter": lazy("With the letter’s bonus"),
    "without_gift": lazy("Without the gift’s bonus"),
    "with_gift": lazy("With the gift’s bonus"),
}
PART: Words = {
    "speed": pgettext_lazy("part of a difference", "Speed"),
    "words": pgettext_lazy("part of a difference", "Words"),
    "remedy": pgettext_lazy("part of a difference", "Remedy"),
    "letter": pgettext_lazy("part of a difference", "Letter"),
    "gift": pgettext_lazy("part of a difference", "Gift"),
    "rest": pgettext_lazy("part of a difference", "Rest, and how the parts work together"),
}


@dataclass(frozen=True, slots=True)
class Beside:
    """One measure here and there."""

    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the difference, and how much of what carries it is assumed."""

    name: str
    effect: str
    assumed: str


def shares(told: Attribution) -> list[Share]:
    """The parts of a difference; how much of each is carried by what is assumed."""
    return [
        Share(say(PART, one.key), signed(one.effect, 2), percent(one.marks["assumed"]) if one.marks else NOTHING)
        for one in told.parts
    ]


def switched(told: Debrief) -> list[tuple[str, str, str]]:
    """The end under each switch: its name, satisfaction, chance of buying again."""
    return [(say(SWITCH, one.name), signed(one.satisfaction, 2), percent(one.repurchase)) for one in told.switched]


def beside(here: Outcome, there: Outcome) -> Iterable[Beside]:
    def both(name: str, write: Any) -> Beside:
        return Beside(name, write(here), write(there))

    def score(value: int | None) -> str:
        return NOTHING if value is None else number(value)

    def span(value: int | None) -> str:
        return NOTHING if value is None else time(value)

    def yes(value: bool | None) -> str:
        return (
            NOTHING
            if value is None
            else (pgettext("answer in a table", "yes") if value else pgettext("answer in a table", "no"))
        )

    yield both(_("Satisfaction S of the model"), lambda one: signed(one.satisfaction, 2))
    yield both(_("Long-term satisfaction C of the model"), lambda one: signed(one.cumulative, 2))
    yield both(_("CSAT answered, 1–5"), lambda one: score(one.csat))
    yield both(_("CES answered, 1–7"), lambda one: score(one.ces))
    yield both(_("NPS answered, 0–10"), lambda one: score(one.nps))
    yield both(_("Accepted the apology"), lambda one: yes(one.accepted))
    yield both(_("Bought again"), lambda one: yes(one.repurchased))
    yield both(_("First human reply after"), lambda one: span(one.human_reply.calendar))
    yield both(_("Solved after"), lambda one: span(one.resolution.calendar))
    yield both(_("Public replies of a person"), lambda one: number(one.replies))
    yield both(_("Agent’s work"), lambda one: span(one.agent_seconds))


def switches_words(switches: Switches) -> list[str]:
    return [
        _("speed acts on buying again by itself (TARP)")
        if switches.speed_model == "tarp"
        else _("speed acts through procedural justice alone (meta-analyses)"),
        _("a letter has a bonus of its own") if switches.letter else _("a letter has no bonus of its own"),
        _("a gift has a bonus of its own") if switches.gift else _("a gift has no bonus of its own"),
    ]
