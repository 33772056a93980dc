"""The log of one ticket as plain values: what happened, when, by whom.

Everything else is derived from it: durations, the state of a playbook, what the customer has
lived through, what an agent can see. Rows (TicketEvent) and memory hold the same values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CUSTOMER, AGENT, BOT, SYSTEM = "customer", "agent", "bot", "system"
ACTORS = (CUSTOMER, AGENT, BOT, SYSTEM)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. `at` is whole seconds since the epoch, UTC, on the ticket's clock."""

    at: int
    name: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


Log = Sequence[Event]  # in order of happening

# Every event name that may stand in a log, and what its data holds.
EVENT_NAMES: dict[str, str] = {
    "ticket.created": "status, channel, priority, category, language; told_at, where the trouble was told beforehand",
    "ticket.assigned": "to (agent's name or null), by",
    "ticket.updated": "changes: field -> [old, new]",
    "ticket.opened": "from, to",
    "ticket.pending": "from, to",
    "ticket.held": "from, to",
    "ticket.solved": "from, to",
    "ticket.closed": "from, to",
    "ticket.reopened": "from, to",
    "ticket.handed_over": "to, reason",
    "comment.created": "public, author, channel, facts",
    "case.facts_confirmed": "own_fault, cause",
    "remedy.given": "kind, amount (minor units), currency, ratio (of the price), promise_at, conditional",
    "gift.given": "amount (minor units), currency, cap; where said: condition, knot, noshi, inscription, traits",
    "follow_up.promised": "step, kind, due_at, and what it will carry (body, facts, amount)",
    "follow_up.sent": "step, kind",
    "follow_up.skipped": "step, kind, reason",
    "step.missed": "step, due_at",
    "customer.accepted": "the apology, in words that mean it",
    "customer.declined": "polite words that are no acceptance",
    "customer.left": "silent",
    "customer.reviewed": "stars (1-5), public",
    "customer.repurchased": "bought (bool)",
    "customer.told": "people (count), tone (good or bad)",
    "survey.invited": "metric, due_at",
    "survey.answered": "metric, round, score; where one was written: comment",
    "survey.expired": "metric",
}

# What nobody at the desk notices when it happens.
UNNOTICED = ("customer.left", "customer.told")


def named(log: Log, *names: str) -> list[Event]:
    """The events of these names, in order."""
    return [event for event in log if event.name in names]


def first_at(log: Log, *names: str) -> int | None:
    """When one of these first happened, or None."""
    return next((event.at for event in log if event.name in names), None)


def last_at(log: Log, *names: str) -> int | None:
    """When one of these last happened, or None."""
    return next((event.at for event in reversed(log) if event.name in names), None)
