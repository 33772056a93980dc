"""How a ticket begins: the first two lines of every log, whichever way it came in."""

from __future__ import annotations

from playbooks.core.case import Case
from playbooks.core.facts import Facts
from playbooks.core.pressure import is_pressing
from tickets.lifecycle import NEW, comment_events
from tickets.log import CUSTOMER, Event


def opening_events(case: Case, *, at: int, priority: str = "normal", told_at: int | None = None) -> list[Event]:
    """The ticket created, and the customer's first words, at the same instant.

    `told_at`: when this customer had been told of the trouble by a notice, before complaining.
    """
    data = {
        "status": NEW,
        "channel": case.channel,
        "priority": priority,
        "category": case.category,
        "language": case.language,
        **({} if told_at is None else {"told_at": told_at}),
    }
    facts = Facts(word="opening", pressure=is_pressing(case)).to_dict()
    _, said = comment_events(NEW, author=CUSTOMER, public=True, channel=case.channel, facts=facts, at=at)
    return [Event(at, "ticket.created", CUSTOMER, data), *said]
