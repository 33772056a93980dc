"""The next due thing on a clock, one at a time, in one order; and acting on a clock under its lock.

Every future thing is a row with a due instant: arrivals, automatic agents, follow-ups, reactions,
hard limits about to be missed. `process_next_due` takes the earliest, acts at its `due_at` (never
at the wall, never at `until`), and says whether there was one. So a jump of thirty days equals
thirty jumps of one, event for event. The driver knows every stage; no stage knows the driver.

One transaction per row: claim, effect and record together. A killed worker leaves either all of it
or nothing. One holder per clock, by a lease in wall seconds that is renewed; the claim per row
protects even where a lease was lost.
"""

from __future__ import annotations

import logging
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from playbooks import autoagents, customers, followups
from playbooks.core.customer.reaction import react
from playbooks.core.effects import Effect
from playbooks.core.followup import Sent
from playbooks.held import Held, absorb, do, hold
from playbooks.intake import arrive
from playbooks.models import Arrival, AutoAgent, FollowUp, PlaybookRun, Reaction
from tickets import clock as clocks
from tickets.errors import Conflict, HelpdeskError, NotFound
from tickets.log import SYSTEM, Event
from tickets.models import Agent, Clock, Ticket

log = logging.getLogger(__name__)

WALL_LEASE = 15.0  # seconds a dead holder blocks its clock
CACHED_CASES = 4000

# The order at equal instants: kind rank, then the ticket's number, then the step or key.
ARRIVAL, AGENT_TURN, FOLLOW_UP, REACTION, HARD_LIMIT = range(5)

_EARLIEST = """
SELECT due_at, rank, number, step, id FROM (
  SELECT * FROM (SELECT due_at, 0 AS rank, ordinal AS number, '' AS step, id FROM playbooks_arrival
    WHERE clock_id = %(clock)s AND state = 'pending' AND due_at <= %(until)s ORDER BY due_at, ordinal LIMIT 1) a
  UNION ALL
  SELECT * FROM (SELECT due_at, 1, ordinal, '', id FROM playbooks_autoagent
    WHERE clock_id = %(clock)s AND due_at <= %(until)s ORDER BY due_at, ordinal LIMIT 1) b
  UNION ALL
  SELECT * FROM (SELECT due_at, 2, number, step, id FROM playbooks_followup
    WHERE clock_id = %(clock)s AND state = 'pending' AND due_at <= %(until)s ORDER BY due_at, number, step LIMIT 1) c
  UNION ALL
  SELECT * FROM (SELECT due_at, 3, number, key, id FROM playbooks_reaction
    WHERE clock_id = %(clock)s AND due_at <= %(until)s ORDER BY due_at, number, key LIMIT 1) d
  UNION ALL
  SELECT * FROM (SELECT r.miss_at, 4, t.number, r.miss_step, r.id FROM playbooks_playbookrun r
    JOIN tickets_ticket t ON t.id = r.ticket_id
    WHERE r.clock_id = %(clock)s AND r.miss_at <= %(until)s ORDER BY r.miss_at, t.number LIMIT 1) e
) due ORDER BY due_at, rank, number, step LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Due:
    """One due row, whatever its table."""

    due_at: int
    rank: int
    number: int
    step: str
    pk: int


def earliest_due(clock_id: int, *, until: int) -> Due | None:
    """The first pending row at or before `until`, by (due_at, rank, number, step)."""
    with connection.cursor() as cursor:
        cursor.execute(_EARLIEST, {"clock": clock_id, "until": until})
        row = cursor.fetchone()
    return Due(*row) if row else None


class Cases:
    """Cases in hand between two events of one clock, so that a log is read once. Compare-and-set on the
    ticket's `last_seq` finds out when another process has moved it on."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, Held] = OrderedDict()

    def get(self, ticket_id: int) -> Held:
        held = self._held.get(ticket_id)
        if held is None:
            held = hold(ticket_id)
            self.keep(held)
        return held

    def keep(self, held: Held) -> None:
        self._held[held.ticket.pk] = held
        self._held.move_to_end(held.ticket.pk)
        while len(self._held) > CACHED_CASES:
            self._held.popitem(last=False)

    def forget(self, ticket_id: int | None = None) -> None:
        if ticket_id is None:
            self._held.clear()
        else:
            self._held.pop(ticket_id, None)


def process_next_due(clock: Clock, *, until: int, cases: Cases) -> bool:
    """Do the earliest due thing at or before `until`. False when there was none."""
    due = earliest_due(clock.pk, until=until)
    if due is None:
        return False
    try:
        with transaction.atomic():
            held = _HANDLERS[due.rank](due, cases)
    except HelpdeskError as error:
        cases.forget()
        if error.code != "changed_meanwhile":
            _note_failure(due, error)
        return True
    except Exception as error:
        cases.forget()
        log.exception("a due row failed: %s", due)
        _note_failure(due, error)
        return True
    if held is not None:
        cases.keep(held)
    return True


def _arrival(due: Due, cases: Cases) -> Held | None:
    row = Arrival.objects.get(pk=due.pk)
    if not Arrival.objects.filter(pk=row.pk, state="pending").update(state="in"):
        return None
    return arrive(row, now=due.due_at)


def _agent_turn(due: Due, cases: Cases) -> Held | None:
    return autoagents.take_turn(AutoAgent.objects.select_related("agent").get(pk=due.pk), cases.get, now=due.due_at)


def _follow_up(due: Due, cases: Cases) -> Held | None:
    row = FollowUp.objects.get(pk=due.pk)
    if not followups.claim(row, now=due.due_at):
        return None
    held = cases.get(row.ticket_id)
    decision = followups.decision(row, held.setting, held.standing, now=due.due_at)
    data: dict[str, Any] = {"step": row.step, "kind": row.kind}
    if isinstance(decision, Sent):
        return do(held, decision.effects, now=due.due_at, then=[Event(due.due_at, "follow_up.sent", SYSTEM, data)])
    followups.skip(row, decision.reason)
    skipped = Event(due.due_at, "follow_up.skipped", SYSTEM, {**data, "reason": decision.reason})
    return absorb(held, [skipped], now=due.due_at)


def _reaction(due: Due, cases: Cases) -> Held | None:
    row = Reaction.objects.get(pk=due.pk)
    if not customers.claim(row):
        return None
    held = cases.get(row.ticket_id)
    return do(held, react(held.setting.case, held.setting.persona, held.standing.log, row.key, now=due.due_at), now=due.due_at)


def _hard_limit(due: Due, cases: Cases) -> Held | None:
    run = PlaybookRun.objects.get(pk=due.pk)
    held = cases.get(run.ticket_id)
    if held.standing.miss != (due.step, due.due_at):
        held = hold(run.ticket_id)
        if held.standing.miss != (due.step, due.due_at):
            PlaybookRun.objects.filter(pk=run.pk, miss_step=due.step).update(
                miss_step=(held.standing.miss or ("", None))[0], miss_at=(held.standing.miss or ("", None))[1]
            )
            return held
    view = next(view for view in held.standing.rail if view.step.key == due.step)
    missed = Event(due.due_at, "step.missed", SYSTEM, {"step": due.step, "due_at": view.due_at})
    return absorb(held, [missed], now=due.due_at)


_HANDLERS: tuple[Callable[[Due, Cases], Held | None], ...] = (_arrival, _agent_turn, _follow_up, _reaction, _hard_limit)


def _note_failure(due: Due, error: Exception) -> None:
    """A row that fails is counted and after some attempts set aside; the clock goes on."""
    if due.rank == FOLLOW_UP:
        followups.note_failure(FollowUp.objects.get(pk=due.pk), error)
    elif due.rank == REACTION:
        Reaction.objects.filter(pk=due.pk).delete()
    elif due.rank == ARRIVAL:
        Arrival.objects.filter(pk=due.pk).update(state="failed", error=str(error)[:2000])
    elif due.rank == AGENT_TURN:
        autoagents.set_aside(AutoAgent.objects.get(pk=due.pk), now=due.due_at)
    else:
        PlaybookRun.objects.filter(pk=due.pk).update(miss_at=None, miss_step="")


# --- bringing a clock forward ------------------------------------------------------------------


def holder_name() -> str:
    return uuid.uuid4().hex


def take_lease(clock: Clock, holder: str) -> bool:
    """One holder per clock: take it, or renew it. A dead holder's lease runs out after WALL_LEASE."""
    wall_now = clocks.wall()
    mine = Clock.objects.filter(pk=clock.pk, holder=holder)
    free = Clock.objects.filter(pk=clock.pk, wall_lease_until__lt=wall_now)
    until = wall_now + WALL_LEASE
    return bool(mine.update(wall_lease_until=until) or free.update(holder=holder, wall_lease_until=until))


def drop_lease(clock: Clock, holder: str) -> None:
    Clock.objects.filter(pk=clock.pk, holder=holder).update(holder="", wall_lease_until=0.0)


def advance(clock: Clock, *, until: int, holder: str | None = None, wall_budget: float | None = None) -> bool:
    """Process everything due at or before `until`, in order; then the clock's hand stands there.

    True when it is done; False when another holds the clock, or when `wall_budget` seconds were
    used up before the end. A running clock's hand is the wall's; only what is due is processed.
    """
    me = holder or holder_name()
    if not take_lease(clock, me):
        return False
    wall_started = wall_renewed = clocks.wall()
    cases = Cases()
    try:
        while process_next_due(clock, until=until, cases=cases):
            wall_now = clocks.wall()
            if wall_now - wall_renewed > WALL_LEASE / 3:
                if not take_lease(clock, me):
                    return False
                wall_renewed = wall_now
            if wall_budget is not None and wall_now - wall_started > wall_budget:
                return False
        if not clock.running:
            Clock.objects.filter(pk=clock.pk, running=False, sim_at__lt=until).update(sim_at=until)
            clock.sim_at = max(clock.sim_at, until)
        return True
    finally:
        drop_lease(clock, me)


def catch_up(clock: Clock) -> int:
    """Process what is due by now on a clock, and say what time it is there."""
    clock.refresh_from_db()
    now = clocks.instant(clock, wall_now=clocks.wall())
    if clock.target_at is None:
        cases = Cases()
        while process_next_due(clock, until=now, cases=cases):
            pass
    return now


@contextmanager
def acting(clock: Clock) -> Iterator[int]:
    """Hold a clock for one action: what is due comes first, then `now` is read under the lock.

    Refuses a clock that stands still: drafts may be written then, nothing may be sent.
    """
    catch_up(clock)
    with transaction.atomic():
        locked = Clock.objects.select_for_update().get(pk=clock.pk)
        if not locked.running and not locked.main:
            raise Conflict("clock_paused", "The clock is paused. Let it run to send this; your draft is kept.", field="clock")
        now = clocks.instant(locked, wall_now=clocks.wall())
        cases = Cases()
        while process_next_due(locked, until=now, cases=cases):
            pass
        yield now


Action = Callable[..., Sequence[Effect]]


def perform(ticket: Ticket, action: Action, *, agent: Agent | None, **what: Any) -> Held:
    """Do one of playbooks.actions on a ticket, now on its clock: validate, apply, write what follows."""
    with acting(ticket.clock) as now:
        return perform_at(ticket.pk, action, agent=agent, now=now, **what)


def perform_at(ticket_id: int, action: Action, *, agent: Agent | None, now: int, **what: Any) -> Held:
    """The same inside the caller's lock and transaction, at a given instant."""
    held = hold(ticket_id)
    return do(held, action(held, now=now, **what), now=now, agent=agent)


def jump(clock: Clock, *, by: int) -> Clock:
    """Move a clock forward by `by` simulated seconds, with everything that falls due on the way."""
    if clock.main:
        raise Conflict("main_clock", "The main desk runs on real time; only a shift's clock can jump.", field="clock")
    if not 0 < by <= clocks.LONGEST_JUMP:
        raise Conflict("jump_out_of_range", "A jump is between one second and 400 days.", field="seconds")
    clock.refresh_from_db()
    target = clocks.instant(clock, wall_now=clocks.wall()) + by
    me = holder_name()
    cases = Cases()
    if not take_lease(clock, me):
        raise Conflict("clock_busy", "The clock is being brought forward right now. Try again in a moment.", field="clock")
    try:
        while process_next_due(clock, until=target, cases=cases):
            take_lease(clock, me)
        return clocks.set_instant(clock, target, wall_now=clocks.wall())
    finally:
        drop_lease(clock, me)


def next_thing_at(clock: Clock) -> int | None:
    """When the next thing that a person would notice happens on this clock."""
    due = earliest_due(clock.pk, until=1 << 62)
    return due.due_at if due else None


def jump_to_next(clock: Clock) -> Clock:
    """'To the next thing that happens': forward to the earliest due row."""
    at = next_thing_at(clock)
    if at is None:
        raise NotFound("nothing_due", "Nothing more will happen on this clock by itself.", field="clock")
    clock.refresh_from_db()
    here = clocks.instant(clock, wall_now=clocks.wall())
    return jump(clock, by=max(1, at - here))
