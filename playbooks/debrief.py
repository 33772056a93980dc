"""A ticket looked back on, from its rows: what each word did, and the same case worked under the other playbook.

Only once it is over: until then what the customer thinks, and what nobody has found out, stays hidden. Nothing is
written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from playbooks import outcomes
from playbooks.autoagents import HOURS
from playbooks.core import debrief as core
from playbooks.core.attribution import Attribution, Handled, attribute
from playbooks.core.customer.evidence import Switches
from playbooks.core.customer.experience import experience_of, is_public
from playbooks.core.language.finding import Reading
from playbooks.core.language.reading import read, version
from playbooks.core.outcome import Outcome, outcome_of
from playbooks.core.playbook import Playbook, built_in
from playbooks.core.pressure import Conduct, conduct_of
from playbooks.core.profiles import profile_for
from playbooks.core.replay import play
from playbooks.core.scenarios.head_office import Comparison, compared, disagreements
from playbooks.core.standing import Setting
from playbooks.definitions import FAST, LETTER
from playbooks.held import Held, hold
from playbooks.reviewing import UNREADABLE, setting_of
from tickets.calendars import calendar
from tickets.errors import Conflict, Invalid
from tickets.lifecycle import CATEGORY
from tickets.log import AGENT, CUSTOMER, SYSTEM, Event, named
from tickets.models import Comment, Ticket

DAYS = 40  # for which the other playbook is played


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same case under the other playbook: one play of an automatic agent, not what did happen."""

    playbook: Playbook
    outcome: Outcome
    difference: Attribution  # of this handling over that one


@dataclass(frozen=True, slots=True)
class Account:
    """Everything of a ticket's debrief."""

    held: Held
    debrief: core.Debrief
    outcome: Outcome
    asked: core.Asked  # the traps of the case, the remedy that was right, whom to bring in
    conduct: Conduct  # how pressure was met
    texts: tuple[str, ...]  # of each comment, in the order of the log
    elsewhere: Elsewhere
    to_come: tuple[str, ...]  # kinds of follow-ups that are still due: the figures will move

    @property
    def told(self) -> tuple[Comparison, ...]:
        """Each fact of head office, as the report and the answer to the customer say it."""
        return compared(self.held.setting.case, self.held.standing.log, self.texts)

    @property
    def disagreeing(self) -> tuple[Comparison, ...]:
        return disagreements(self.held.setting.case, self.held.standing.log, self.texts)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        there = self.elsewhere
        helped, cost = (core.plain(side) for side in core.most(self.debrief))
        return {
            "ticket": self.held.ticket.pk,
            "status": self.held.ticket.status,
            "estimate": True,
            "playbook": self.held.setting.playbook.key,
            "outcome": outcomes.to_data(self.outcome),
            "still_to_come": list(self.to_come),
            **self.debrief.to_dict(),
            "most": {"helped": helped, "cost": cost},
            "asked": core.plain(self.asked),
            "pressure": {"verdict": self.conduct.verdict, **core.plain(self.conduct)},
            "head_office": [{**core.plain(one), "agrees": one.agrees} for one in self.told],
            "disagreements": [one.name for one in self.disagreeing],
            "other_playbook": {
                "simulated": True,
                "playbook": there.playbook.key,
                "outcome": outcomes.to_data(there.outcome),
                "difference": core.plain(there.difference),
            },
        }


def is_over(ticket: Ticket) -> bool:
    return CATEGORY[ticket.status] == "resolved"


def account_of(ticket: Ticket) -> Account:
    """Look back on a ticket. Conflict while it is not over."""
    if not is_over(ticket):
        raise Conflict(
            "not_over", "The debrief comes once the ticket is solved or closed; it tells what is hidden before.",
            field="ticket",
        )  # fmt: skip
    held = hold(ticket.pk)
    setting, log = held.setting, held.standing.log
    texts = list(Comment.objects.filter(ticket_id=ticket.pk).order_by("seq").values_list("body", flat=True))
    readings = readings_of(held, texts)
    told = core.debrief(
        setting.case, setting.persona, log, texts, readings, switches=setting.switches,
        rules=version(setting.case.language),
    )  # fmt: skip
    sent = {event.data["step"] for event in named(log, "follow_up.sent", "follow_up.skipped")}
    return Account(
        held=held,
        debrief=told,
        outcome=_outcome(setting, log, setting.playbook, held.standing.rail),
        asked=core.asked_of(setting.case, log, texts, readings),
        conduct=conduct_of(setting.case, log),
        texts=tuple(texts),
        elsewhere=_elsewhere(setting, log, texts[0], priority=ticket.priority),
        to_come=tuple(dict.fromkeys(p.kind for step, p in sorted(held.standing.promises.items()) if step not in sent)),
    )


def _outcome(setting: Setting, log: Sequence[Event], playbook: Playbook, steps: Sequence[Any]) -> Outcome:
    return outcome_of(
        setting.case, log, playbook=playbook.key, steps=steps, calendar=setting.calendar, now=log[-1].at,
        switches=setting.switches,
    )  # fmt: skip


def _elsewhere(setting: Setting, log: Sequence[Event], text: str, *, priority: str) -> Elsewhere:
    """The same customer with the same complaint at the same moment, met by the other playbook."""
    playbook = built_in()[LETTER if setting.playbook.key == FAST else FAST]
    played = play(
        setting.case, playbook, opened_at=log[0].at, text=text, calendar=setting.calendar, days=DAYS,
        agent=profile_for(playbook), hours=calendar(HOURS), priority=priority, switches=setting.switches,
    )  # fmt: skip
    return Elsewhere(
        playbook,
        _outcome(setting, played.log, playbook, played.steps),
        _difference(_handled(setting, log), _handled(setting, played.log), setting.switches),
    )


@lru_cache(maxsize=256)
def _difference(these: Handled, those: Handled, switches: Switches) -> Attribution:
    """Kept, because it varies every coefficient of the model in turn."""
    return attribute(these, those, switches=switches)


def _handled(setting: Setting, log: Sequence[Event]) -> Handled:
    return Handled(experience_of(setting.case, log, until=log[-1].at), setting.persona.traits)


# ---------------------------------------------------------------- reading one's own words again


def readings_of(held: Held, texts: Sequence[str]) -> dict[int, Reading]:
    """What people at the desk wrote, read with what was known on that day; by place in the log."""
    log, language = held.standing.log, held.setting.case.language
    comments = [i for i, event in enumerate(log) if event.name == "comment.created"]
    text_of = dict(zip(comments, texts, strict=True))
    found = {}
    for i, text in text_of.items():
        place = _written_at(log, i, text)
        if place is None:
            continue
        said = tuple(text_of[j] for j in comments if j < place and log[j].actor == CUSTOMER)
        kind = "letter" if "letter" in log[i].data["facts"].get("deeds", ()) else "reply"
        try:
            found[i] = read(
                text,
                language=language,
                kind=kind,
                setting=setting_of(held, now=log[place].at, log=log[:place], said=said),
            )
        except Invalid as error:
            if error.code not in UNREADABLE:
                raise
    return found


def _written_at(log: Sequence[Event], place: int, text: str) -> int | None:
    """Where in the log somebody wrote this public word; None for what the desk itself writes."""
    event = log[place]
    if not is_public(event) or event.actor not in (AGENT, SYSTEM):
        return None
    if event.actor == AGENT:
        return place
    promised = (i for i in range(place) if log[i].name == "follow_up.promised" and log[i].data.get("body") == text)
    return next(promised, None)
