"""What tickets came to, kept as one row a ticket and read for comparison.

The row is derived from the log by `playbooks.core.outcome` whenever an event changes it;
`recompute` gives the same from scratch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from playbooks.core.outcome import Outcome as OutcomeValue
from playbooks.core.outcome import outcome_of
from playbooks.core.standing import Setting, Standing
from playbooks.models import Outcome
from tickets.durations import Span
from tickets.log import Event
from tickets.models import Ticket

# Events after which an outcome reads differently; all others leave it as it was.
_CHANGING = frozenset(
    {
        "ticket.created", "ticket.solved", "ticket.reopened", "ticket.closed", "ticket.handed_over", "comment.created",
        "case.facts_confirmed", "remedy.given", "gift.given", "step.missed", "customer.accepted", "customer.declined",
        "customer.left", "customer.reviewed", "customer.repurchased", "customer.told", "survey.invited",
        "survey.answered", "follow_up.sent", "follow_up.promised",
    }
)  # fmt: skip
_SPANS = ("human_reply", "bot_reply", "resolution")


def keep(ticket: Ticket, setting: Setting, standing: Standing, new: Sequence[Event], *, now: int) -> None:
    """Bring the ticket's outcome row in step with its log, where a new event changes it."""
    if not any(event.name in _CHANGING for event in new):
        return
    data = to_data(
        outcome_of(
            setting.case,
            standing.log,
            playbook=setting.playbook.key,
            steps=standing.rail,
            calendar=setting.calendar,
            now=now,
            switches=setting.switches,
        )
    )
    if new[0].name == "ticket.created":
        Outcome.objects.create(
            ticket=ticket,
            clock_id=ticket.clock_id,
            playbook=setting.playbook.key,
            opened_at=ticket.created_at,
            data=data,
        )
    else:
        Outcome.objects.filter(ticket=ticket).update(data=data)


def to_data(outcome: OutcomeValue) -> dict[str, Any]:
    """The record as JSON values."""
    plain = {name: getattr(outcome, name) for name in OutcomeValue.__dataclass_fields__}
    spans = {name: asdict(plain[name]) for name in _SPANS}
    return {**plain, **spans, "cost": dict(outcome.cost), "invited": sorted(outcome.invited)}


def from_data(data: Mapping[str, Any]) -> OutcomeValue:
    """The record back from JSON values."""
    spans = {name: Span(**data[name]) for name in _SPANS}
    return OutcomeValue(**{**data, **spans, "invited": frozenset(data["invited"])})


def values(rows: Iterable[Outcome]) -> list[OutcomeValue]:
    """Outcome rows as the plain records that statistics are made of."""
    return [from_data(row.data) for row in rows]
