"""What the customer does next, as rows: intentions that wait for their moment, and survey answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playbooks.models import Reaction, Survey
from tickets.log import Event
from tickets.models import Ticket, TicketEvent


def plan(ticket: Ticket, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Bring the pending reactions in step with what the customer intends now."""
    if before == after:
        return
    pending = Reaction.objects.filter(ticket=ticket, state=Reaction.PENDING)
    gone = [key for key in before if key not in after]
    if gone:
        pending.filter(key__in=gone).delete()
    new = []
    for key, due_at in after.items():
        if key not in before:
            new.append(Reaction(clock_id=ticket.clock_id, ticket=ticket, number=ticket.number, key=key, due_at=due_at))
        elif before[key] != due_at:
            pending.filter(key=key).update(due_at=due_at)
    if new:
        Reaction.objects.bulk_create(new, ignore_conflicts=True)


def claim(pk: int) -> bool:
    """Whether this process won the row: a reaction that fires is gone, its events stay."""
    return Reaction.objects.filter(pk=pk, state=Reaction.PENDING).delete()[0] == 1


MOST_ATTEMPTS = 3


def note_failure(pk: int, reason: str) -> None:
    """Count the attempt and keep the reason; after the last attempt the row is set aside as failed."""
    attempts = Reaction.objects.values_list("attempts", flat=True).get(pk=pk) + 1
    state = Reaction.FAILED if attempts >= MOST_ATTEMPTS else Reaction.PENDING
    Reaction.objects.filter(pk=pk).update(attempts=attempts, error=reason, state=state)


def keep_surveys(ticket: Ticket, events: Sequence[Event]) -> None:
    """Rows for the invitations and answers among these events. The answer is written once."""
    for event in events:
        if event.name == "survey.invited":
            metric, number = event.data["metric"], event.data.get("round", 1)
            invited = Survey(ticket=ticket, metric=metric, round=number, invited_at=event.at)
            Survey.objects.bulk_create([invited], ignore_conflicts=True)
        elif event.name == "survey.answered":
            answer(ticket, event.data["metric"], event.data.get("round", 1), event.data["score"], at=event.at)
        elif event.name == "customer.repurchased":
            answer(ticket, "repurchase", 1, int(event.data["bought"]), at=event.at)


def remarks_beside(surveys: Sequence[Survey]) -> dict[tuple[int, str, int], str]:
    """What was written beside the ticks of these surveys, by ticket, metric and round (one query)."""
    tickets = {survey.ticket_id for survey in surveys if survey.answered_at is not None}
    rows = TicketEvent.objects.filter(ticket__in=tickets, name="survey.answered").values_list("ticket_id", "data")
    return {
        (pk, str(data["metric"]), int(data.get("round", 1))): str(data["comment"])
        for pk, data in rows
        if data.get("comment")
    }


def answer(ticket: Ticket, metric: str, number: int, score: int, *, at: int) -> None:
    Survey.objects.filter(ticket=ticket, metric=metric, round=number, answered_at__isnull=True).update(
        answered_at=at, score=score
    )
