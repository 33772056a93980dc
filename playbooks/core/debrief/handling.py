"""One handling, and the same with something left out: what a customer feels at the end of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from playbooks.core.attribution import OFF
from playbooks.core.case import Case
from playbooks.core.customer.evidence import E, Switches
from playbooks.core.customer.experience import Experience, experience_of, is_firms_word, is_public
from playbooks.core.customer.persona import Traits
from playbooks.core.customer.satisfaction import Feelings, feelings
from playbooks.core.debrief.coefficients import WHY, numbers
from playbooks.core.debrief.shapes import NOTHING, Effect, Felt, Line, Number
from tickets.log import BOT, CUSTOMER, Event

TOGETHER = ("deeds.interim_report", "apology.explanation")  # each helps; together, while one waits, they backfire


@dataclass
class Handling:
    """The log of one case, and what the customer would feel were it another."""

    case: Case
    who: Traits
    log: tuple[Event, ...]
    at: int
    switches: Switches

    def __post_init__(self) -> None:
        self.lived = experience_of(self.case, self.log, until=self.at)
        self.end = self.feel(self.lived)

    def feel(self, lived: Experience, who: Traits | None = None) -> Feelings:
        return feelings(lived, who or self.who, self.switches)

    def brought(self, **without: Any) -> Effect:
        """What the handling owes to something: as it is, less as it would be with these changes."""
        return less(self.end, self.feel(replace(self.lived, **without)))

    def feels_with(self, log: Sequence[Event]) -> Feelings:
        return self.feel(experience_of(self.case, log, until=self.at))

    def spoken(self) -> list[int]:
        """Places of the desk's public words."""
        return [i for i, event in enumerate(self.log) if is_public(event) and event.actor != CUSTOMER]

    def toned(self) -> list[int]:
        """Places of the words that have a tone."""
        return [i for i, e in enumerate(self.log) if e.at <= self.at and is_firms_word(e) and e.actor != BOT]

    def numbers(self, what: str) -> tuple[Number, ...]:
        return numbers(WHY[what], self.case)

    def line(self, what: str, value: float, effect: Effect, **more: Any) -> Line:
        why = self.numbers(what)
        if what in ("first_reply", "resolution"):
            curve = E.waiting.curve[self.case.channel]
            why += numbers((f"waiting.{curve}.median_h", f"waiting.{curve}.shape"), self.case)
        if what in TOGETHER and self.lived.updates and self.lived.explained_waiting:
            why += self.numbers("updates_and_explained")
        return Line(what, float(value), effect, why, **more)


def less(these: Feelings, those: Feelings) -> Effect:
    return Effect(
        distributive=_difference(these.dj, those.dj),
        procedural=_difference(these.pj, those.pj),
        interactional=_difference(these.ij, those.ij),
        satisfaction=_difference(these.satisfaction, those.satisfaction),
        cumulative=_difference(these.cumulative, those.cumulative),
    )


def _difference(here: Any, there: Any) -> float:
    gap = float(here) - float(there)
    return gap if abs(gap) > NOTHING else 0.0


def felt_of(felt: Feelings) -> Felt:
    return Felt(*map(float, (felt.dj, felt.pj, felt.ij, felt.satisfaction, felt.cumulative, felt.repurchase)))


def untouched(lived: Experience) -> Experience:
    """The same loss, and a desk that does nothing."""
    off = {name: value for part in OFF.values() for name, value in part.items()}
    return replace(lived, **off, heard=0.0, resolved=0.0, bot_only=False, hand_offs=0)
