"""Automatic agents on rows: each is a due row that looks for work, works, and looks again.

What to do and how long it takes is decided by `playbooks.core.agents`, the same functions that the
simulated desk calls; here stands only whose turn it is and which ticket comes first.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F

from playbooks.core import agents
from playbooks.core.profiles import profiles
from playbooks.core.turns import action_from, perform
from playbooks.held import Held, do
from playbooks.models import AutoAgent, PlaybookRun
from tickets.calendars import calendar

HOURS = "jp"  # the desk's opening hours, in which its automatic agents work, whatever the ticket's language
PAUSE_AFTER_FAILURE = 600  # simulated seconds


def take_turn(row: AutoAgent, case_of: Callable[[int], Held], *, now: int) -> Held | None:
    """One turn: finish what is in hand and look again at once, or look for work."""
    if row.phase == AutoAgent.ACT and row.ticket_id is not None:
        return _finish(row, case_of(row.ticket_id), now=now)
    _look(row, case_of, now=now)
    return None


def _finish(row: AutoAgent, held: Held, *, now: int) -> Held:
    _turn(row, phase=AutoAgent.LOOK, due_at=now, ticket_id=None, action=None)
    setting, standing = held.setting, held.standing
    effects = perform(
        action_from(row.action or {}),
        setting.playbook,
        setting.case,
        standing.log,
        standing.rail,
        profiles()[row.profile],
        hours=calendar(HOURS),
        now=now,
    )
    return do(held, effects, now=now, agent=row.agent)


def _look(row: AutoAgent, case_of: Callable[[int], Held], *, now: int) -> None:
    opening = calendar(HOURS).next_opening(now)
    if opening > now:
        _turn(row, due_at=opening)
        return
    waiting = PlaybookRun.objects.filter(worker=row, work_at__isnull=False)
    ready = waiting.filter(work_at__lte=now)
    by_deadline = ready.order_by(F("ticket__next_deadline_at").asc(nulls_last=True), "ticket__number")
    for run_id, ticket_id in by_deadline.values_list("pk", "ticket_id"):
        held = case_of(ticket_id)
        view = agents.view(held.setting.playbook, held.setting.case, held.standing.log, held.standing.rail, now=now)
        action = agents.next_action(view, profiles()[row.profile], now=now)
        if action is not None:
            _turn(row, phase=AutoAgent.ACT, due_at=now + action.seconds, ticket_id=ticket_id, action=action.to_dict())
            return
        PlaybookRun.objects.filter(pk=run_id).update(work_at=None)  # until something happens on it
        held.run.work_at = None
    later = waiting.filter(work_at__gt=now).order_by("work_at").values_list("work_at", flat=True).first()
    _turn(row, due_at=later)


def _turn(row: AutoAgent, **changes: object) -> None:
    AutoAgent.objects.filter(pk=row.pk).update(**changes)


def set_aside(row: AutoAgent, reason: str, *, now: int) -> None:
    """A turn that failed: the agent leaves that ticket until something happens on it, and looks for other work."""
    if row.ticket_id is not None:
        PlaybookRun.objects.filter(ticket_id=row.ticket_id).update(work_at=None)
    _turn(row, phase=AutoAgent.LOOK, due_at=now + PAUSE_AFTER_FAILURE, ticket_id=None, action=None, error=reason)
