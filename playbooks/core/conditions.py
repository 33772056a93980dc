"""The conditions a playbook step may carry, and why a step or a follow-up was left out.

A closed list of pure functions: True, False, or None while nobody can know yet. They read what the
desk knows of the case (`Known`), never the hidden truth; severity is known to the desk from its
initial assessment on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from playbooks.core.case import Case
from playbooks.core.scenarios.telling import is_public_office
from tickets.errors import Invalid
from tickets.log import AGENT, CUSTOMER, Event

if TYPE_CHECKING:
    from playbooks.core.playbook import Playbook

# What an event other than a comment makes known.
_TELLS: dict[str, tuple[str, bool]] = {
    "case.facts_confirmed": ("facts_confirmed", True),
    "customer.accepted": ("apology_accepted", True),
    "remedy.given": ("remedy", True),
    "ticket.solved": ("solved", True),
    "ticket.reopened": ("solved", False),
    "ticket.closed": ("closed", True),
}
BASE_ANCHORS = ("opened", "facts_confirmed", "apology_accepted", "remedy", "solved")


@dataclass(slots=True)
class Known:
    """What the desk knows after some events. Fed in order, by `learn`."""

    own_fault: bool | None = None
    facts_confirmed: bool = False
    apology_accepted: bool = False
    pressure: bool = False  # a customer has threatened, or demanded money beyond the loss; it stays so
    answered: bool = False
    remedy: bool = False
    solved: bool = False
    closed: bool = False

    def learn(self, event: Event) -> bool:
        """Take one event in; whether it told anything new."""
        if event.name == "comment.created":
            return self._hear(event)
        told = _TELLS.get(event.name)
        if told is None:
            return False
        setattr(self, *told)
        if event.name == "case.facts_confirmed":
            self.own_fault = event.data.get("own_fault")
        return True

    def _hear(self, event: Event) -> bool:
        if event.actor == CUSTOMER and not self.pressure and event.data["facts"].get("pressure"):
            self.pressure = True
            return True
        if event.actor == AGENT and not self.answered and event.data["public"]:
            self.answered = True
            return True
        return False

    def reached(self, anchor: str) -> bool:
        """Whether a base anchor has happened."""
        return anchor == "opened" or bool(getattr(self, anchor))


def known_of(log: Iterable[Event]) -> Known:
    known = Known()
    for event in log:
        known.learn(event)
    return known


Check = Callable[["Playbook", Case, Known], bool | None]


@dataclass(frozen=True, slots=True)
class Condition:
    check: Check
    reason: str  # why a step is left out when this does not hold
    unknown: str = "ticket_closed"  # why, when the ticket closed before anybody could know


def _severe(playbook: Playbook, case: Case, _: Known) -> bool:
    return playbook.letter_severity is not None and case.severity >= playbook.letter_severity


CONDITIONS: dict[str, Condition] = {
    "own_fault": Condition(lambda _p, _c, known: known.own_fault, "no_own_fault", "facts_not_confirmed"),
    # Due unless an investigation has cleared the firm; a desk that does not investigate makes good at once.
    "fault_not_excluded": Condition(lambda _p, _c, known: known.own_fault is not False, "no_own_fault"),
    "severe": Condition(_severe, "light_case"),
    "light": Condition(lambda playbook, case, known: not _severe(playbook, case, known), "serious_case"),
    "apology_accepted": Condition(
        lambda _p, _c, known: known.apology_accepted or None, "apology_not_accepted", "apology_not_accepted"
    ),
    "not_under_pressure": Condition(lambda _p, _c, known: not known.pressure, "under_pressure"),
    "private_house": Condition(lambda _p, case, _k: not is_public_office(case), "public_office"),
    "gift_in_budget": Condition(
        lambda playbook, case, _: playbook.gift is not None and playbook.gift.cap(case) > 0, "no_gift_budget"
    ),
    "unanswered": Condition(lambda _p, _c, known: not known.answered, "human_answered"),
    "no_remedy_yet": Condition(lambda _p, _c, known: not known.remedy, "remedy_given"),
    "unsolved": Condition(lambda _p, _c, known: not known.solved, "already_solved"),
}

# What no playbook may do without: a letter confesses fault, and a gift before its time insults.
REQUIRED: dict[str, tuple[str, ...]] = {
    "letter": ("own_fault", "severe"),
    "gift": ("own_fault", "apology_accepted", "not_under_pressure"),
}

# What holds even where a playbook does not name it.
ALWAYS: dict[str, tuple[str, ...]] = {"gift": ("private_house",)}


def check(names: Iterable[str], playbook: Playbook, case: Case, known: Known) -> tuple[bool | None, str | None]:
    """Whether all of these hold, and the reason code if not. The first that fails decides; then the first unknown."""
    verdict: bool | None = True
    reason = None
    for name in names:
        condition = CONDITIONS[name]
        holds = condition.check(playbook, case, known)
        if holds is False:
            return False, condition.reason
        if holds is None and verdict:
            verdict, reason = None, condition.unknown
    return verdict, reason


@cache
def _texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))


def reasons() -> tuple[str, ...]:
    """Every reason code there is."""
    return tuple(_texts()["reason"])


def reason_text(code: str, language: str) -> str:
    """Why something was left out or not sent, in ko, ja or en."""
    return _text("reason", code, language)


def stage_text(stage: str, language: str) -> str:
    """The name of a stage of JIS Q 10002, in ko, ja or en."""
    return _text("stage", stage, language)


def _text(kind: str, code: str, language: str) -> str:
    found = _texts()[kind].get(code)
    if found is None:
        raise Invalid(f"unknown_{kind}", f"There is no {kind} '{code}'.", field=kind)
    return found.get(language, found["en"])
