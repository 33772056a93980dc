"""What was promised and has fallen due: sent, or skipped with the reason. Each row once.

A follow-up looks at the case again at its due moment; nobody cancels one from afar.
"""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.core.followup import Promise, Sent, Skipped, decide
from playbooks.core.standing import Setting, Standing
from playbooks.models import FollowUp, PlaybookRun
from tickets.models import Ticket


def plan(run: PlaybookRun, ticket: Ticket, promised: Iterable[Promise]) -> None:
    """Keep what was newly promised. Unique by run and step: planning twice plans once."""
    rows = [
        FollowUp(
            run=run,
            clock_id=run.clock_id,
            ticket=ticket,
            number=ticket.number,
            step=promise.step,
            kind=promise.kind,
            due_at=promise.due_at,
            data=dict(promise.data),
        )
        for promise in promised
    ]
    if rows:
        FollowUp.objects.bulk_create(rows, ignore_conflicts=True)


def decision(promise: Promise, setting: Setting, standing: Standing, *, now: int) -> Sent | Skipped:
    """What the core says of this promise, looking at the case as it is now."""
    return decide(promise, setting.playbook, setting.case, standing.log, now=now, calendar=setting.calendar)


def claim(pk: int, decision: Sent | Skipped, *, now: int) -> bool:
    """Whether this process won the row, which ends as decided. The effect follows in the same transaction."""
    state, reason = (FollowUp.SKIPPED, decision.reason) if isinstance(decision, Skipped) else (FollowUp.SENT, "")
    pending = FollowUp.objects.filter(pk=pk, state=FollowUp.PENDING)
    return pending.update(state=state, reason=reason, done_at=now) == 1


MOST_ATTEMPTS = 3


def note_failure(pk: int, reason: str) -> None:
    """Count the attempt and keep the reason; after the last attempt the row is set aside as failed."""
    attempts = FollowUp.objects.values_list("attempts", flat=True).get(pk=pk) + 1
    state = FollowUp.FAILED if attempts >= MOST_ATTEMPTS else FollowUp.PENDING
    FollowUp.objects.filter(pk=pk, state=FollowUp.PENDING).update(attempts=attempts, error=reason, state=state)
