"""What the customer does next, as rows: intentions that wait for their moment, and survey answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playbooks.models import Reaction, Survey
from tickets.log import Event
from tickets.models import Ticket


def plan(ticket: Ticket, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Bring the pending reactions in step with what the customer intends now."""
    gone = [key for key in before if key not in after]
    if gone:
        Reaction.objects.filter(ticket=ticket, key__in=gone).delete()
    new = []
    for key, due_at in after.items():
        if key not in before:
            new.append(Reaction(clock_id=ticket.clock_id, ticket=ticket, number=ticket.number, key=key, due_at=due_at))
        elif before[key] != due_at:
            Reaction.objects.filter(ticket=ticket, key=key).update(due_at=due_at)
    if new:
        Reaction.objects.bulk_create(new, ignore_conflicts=True)


def claim(row: Reaction) -> bool:
    """Whether this process won the row: a reaction that fires is gone, its events stay."""
    return Reaction.objects.filter(pk=row.pk).delete()[0] == 1


def keep_surveys(ticket: Ticket, events: Sequence[Event]) -> None:
    """Rows for the invitations and answers among these events. The answer is written once."""
    for event in events:
        if event.name == "survey.invited":
            Survey.objects.get_or_create(
                ticket=ticket,
                metric=event.data["metric"],
                round=event.data.get("round", 1),
                defaults={"invited_at": event.at},
            )
        elif event.name == "survey.answered":
            answer(ticket, event.data["metric"], event.data.get("round", 1), event.data["score"], at=event.at)
        elif event.name == "customer.repurchased":
            answer(ticket, "repurchase", 1, int(event.data["bought"]), at=event.at)


def answer(ticket: Ticket, metric: str, number: int, score: int, *, at: int) -> None:
    Survey.objects.filter(ticket=ticket, metric=metric, round=number, answered_at__isnull=True).update(
        answered_at=at, score=score
    )
