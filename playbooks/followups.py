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


def claim(row: FollowUp, *, now: int) -> bool:
    """Whether this process won the row. The effect follows in the same transaction."""
    return FollowUp.objects.filter(pk=row.pk, state=FollowUp.PENDING).update(state=FollowUp.SENT, done_at=now) == 1


def decision(row: FollowUp, setting: Setting, standing: Standing, *, now: int) -> Sent | Skipped:
    """What the core says of this row, looking at the case as it is now."""
    promise = Promise(row.step, row.kind, row.due_at, row.data)
    return decide(promise, setting.playbook, setting.case, standing.log, now=now, calendar=setting.calendar)


def skip(row: FollowUp, reason: str) -> None:
    """The claimed row ends as skipped."""
    FollowUp.objects.filter(pk=row.pk).update(state=FollowUp.SKIPPED, reason=reason)


MOST_ATTEMPTS = 3


def note_failure(row: FollowUp, error: Exception) -> None:
    """Count the attempt and keep a sentence that a person can read; after the last one the row is moved aside."""
    attempts = row.attempts + 1
    FollowUp.objects.filter(pk=row.pk).update(
        attempts=attempts,
        error=f"{type(error).__name__}: {error}"[:2000],
        state=FollowUp.FAILED if attempts >= MOST_ATTEMPTS else FollowUp.PENDING,
    )
