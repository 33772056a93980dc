"""A case in hand: its rows and where it stands, and the one function that writes what follows from events.

`absorb` appends events to the log, derives the new standing and writes the difference: follow-ups
promised, reactions moved, steps ended, surveys, the outcome. All in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from playbooks import customers, followups, outcomes
from playbooks.core.case import Case, case_from
from playbooks.core.customer.evidence import Switches
from playbooks.core.customer.persona import persona_of
from playbooks.core.effects import Effect, Say
from playbooks.core.happenings import events_of
from playbooks.core.profiles import profiles
from playbooks.core.rail import StepView
from playbooks.core.standing import NOWHERE, Setting, Standing, stand
from playbooks.definitions import playbook_of
from playbooks.models import AutoAgent, CaseFile, PlaybookRun, StepRun
from tickets import actions as tickets
from tickets.calendars import BusinessCalendar, calendar
from tickets.errors import NotFound
from tickets.log import Event
from tickets.models import Agent, Ticket

CALENDAR_OF_LANGUAGE = {"ko": "kr", "ja": "jp", "en": "jp"}


@dataclass(frozen=True, slots=True)
class Held:
    """One case: rows as last written, and the standing that its log leads to."""

    ticket: Ticket
    run: PlaybookRun
    setting: Setting
    standing: Standing


def desk_calendar(language: str) -> BusinessCalendar:
    """The business calendar of the desk that answers in this language."""
    return calendar(CALENDAR_OF_LANGUAGE.get(language, "jp"))


def hold(ticket_id: int) -> Held:
    """Read a case from its rows (five queries)."""
    run = (
        PlaybookRun.objects.select_related("ticket", "ticket__assignee", "version", "worker", "clock")
        .filter(ticket_id=ticket_id)
        .order_by("-pk")
        .first()
    )
    if run is None:
        raise NotFound("no_run", "This ticket has no playbook run yet.", field="ticket")
    case = case_from(CaseFile.objects.values_list("case", flat=True).get(ticket_id=ticket_id))
    log = tuple(tickets.log_of(run.ticket))
    setting = setting_of(run, case)
    return Held(run.ticket, run, setting, stand(setting, log, now=log[-1].at))


def setting_of(run: PlaybookRun, case: Case) -> Setting:
    return Setting(
        case=case,
        playbook=playbook_of(run.version),
        persona=persona_of(case),
        calendar=desk_calendar(case.language),
        profile=profiles()[run.worker.profile] if run.worker else None,
        switches=Switches(**run.clock.switches),
    )


def begin(ticket: Ticket, run: PlaybookRun, case: Case) -> Held:
    """A case whose opening events are written and of which nothing has been derived yet."""
    held = Held(ticket, run, setting_of(run, case), replace(NOWHERE))
    log = tuple(tickets.log_of(ticket))
    return _write_difference(held, stand(held.setting, log, now=log[-1].at), now=log[-1].at)


def do(
    held: Held, effects: Sequence[Effect], *, now: int, agent: Agent | None = None, then: Sequence[Event] = ()
) -> Held:
    """Apply effects at `now`, then append `then`, and write all that follows."""
    _, events = events_of(effects, status=held.ticket.status, channel=held.ticket.channel, at=now)
    bodies = [effect.text for effect in effects if isinstance(effect, Say)]
    return absorb(held, [*events, *then], bodies=bodies, now=now, agent=agent)


def absorb(
    held: Held, events: Sequence[Event], *, now: int, bodies: Sequence[str] = (), agent: Agent | None = None
) -> Held:
    standing = stand(held.setting, (*held.standing.log, *events), now=now)
    tickets.append(held.ticket, events, bodies=bodies, agent=agent, next_deadline_at=standing.next_deadline_at)
    return _write_difference(held, standing, now=now)


def assign(held: Held, agent: Agent | None, *, by: Agent | None, now: int, reason: str = "") -> Held:
    """Give the ticket to an agent or to nobody, and write what follows: a customer may mind being passed on."""
    ticket = tickets.assign_ticket(held.ticket, agent, by=by, now=now, reason=reason)
    log = tuple(tickets.log_of(ticket))
    return _write_difference(held, stand(held.setting, log, now=now), now=now)


def _write_difference(held: Held, standing: Standing, *, now: int) -> Held:
    before, ticket, run = held.standing, held.ticket, held.run
    new_events = standing.log[len(before.log) :]
    if ticket.next_deadline_at != standing.next_deadline_at:
        tickets.append(ticket, (), next_deadline_at=standing.next_deadline_at)
    followups.plan(run, ticket, [p for step, p in standing.promises.items() if step not in before.promises])
    customers.plan(ticket, before.intentions, standing.intentions)
    customers.keep_surveys(ticket, new_events)
    _keep_steps(run, before, standing)
    _keep_run(run, standing, now=now)
    outcomes.keep(ticket, held.setting, standing, new_events, now=now)
    return Held(ticket, run, held.setting, standing)


def _keep_steps(run: PlaybookRun, before: Standing, standing: Standing) -> None:
    """A row for each step that has come to its end, none for the others: a reopened ticket opens steps again."""
    was = {view.step.key: _ended(view) for view in before.rail}
    new = []
    for view in standing.rail:
        key, old, ended = view.step.key, was.get(view.step.key), _ended(view)
        if old == ended:
            continue
        if ended is None:
            StepRun.objects.filter(run=run, step=key).delete()
        elif old is None:
            new.append(StepRun(run=run, step=key, **ended))
        else:
            StepRun.objects.filter(run=run, step=key).update(**ended)
    if new:
        StepRun.objects.bulk_create(new)


def _ended(view: StepView) -> dict[str, Any] | None:
    """What the row of a step holds; None while the step has not come to its end."""
    if view.state not in StepRun.STATES:
        return None
    return {
        "state": view.state,
        "due_at": view.due_at,
        "latest_at": view.latest_at,
        "done_at": view.done_at,
        "met": view.met,
        "reason": view.reason or "",
    }


def _keep_run(run: PlaybookRun, standing: Standing, *, now: int) -> None:
    step, at = standing.miss or ("", None)
    changed: dict[str, object] = {}
    if (run.miss_step, run.miss_at) != (step, at):
        changed |= {"miss_step": step, "miss_at": at}
    if run.worker_id and run.work_at != standing.work_at:
        changed |= {"work_at": standing.work_at}
    if not changed:
        return
    PlaybookRun.objects.filter(pk=run.pk).update(**changed)
    for name, value in changed.items():
        setattr(run, name, value)
    if "work_at" in changed and standing.work_at is not None and run.worker_id:
        wake(run.worker_id, at=max(standing.work_at, now))


def wake(auto_agent_id: int, *, at: int) -> None:
    """An idle automatic agent looks for work no later than `at`. (It has looked at all that wanted it before.)"""
    idle = AutoAgent.objects.filter(pk=auto_agent_id, phase=AutoAgent.LOOK)
    idle.filter(Q(due_at__isnull=True) | Q(due_at__gt=at)).update(due_at=at)
