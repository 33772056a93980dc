"""The next due thing on a clock, one at a time, in one order; and acting on a clock under its lock.

Every future thing is a row with a due instant: arrivals, automatic agents, follow-ups, reactions,
hard limits about to be missed. `process_next_due` takes the earliest, acts at its `due_at` (never
at the wall, never at `until`), and says whether there was one. So a jump of thirty days equals
thirty jumps of one, event for event. The driver knows every stage; no stage knows the driver.

One transaction per row: the Clock row's lock, claim, effect and record together. A killed worker leaves
either all of it or nothing. One holder per clock, by a lease in wall seconds that is renewed; who has
lost it finds another name in the locked row and stops.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from playbooks import autoagents, customers, followups
from playbooks.core.customer.reaction import react
from playbooks.core.effects import Effect
from playbooks.core.followup import Promise, Sent
from playbooks.held import Held, absorb, do, hold
from playbooks.held import assign as assign_held
from playbooks.intake import arrive
from playbooks.models import Arrival, AutoAgent, PlaybookRun
from tickets import clock as clocks
from tickets.errors import Conflict, HelpdeskError, NotFound
from tickets.log import SYSTEM, Event
from tickets.models import Agent, Clock, Ticket

log = logging.getLogger(__name__)

WALL_LEASE = 15.0  # seconds a dead holder blocks its clock
CACHED_CASES = 4000
LATEST_INSTANT = 3_786_912_000  # 2090-01-01 UTC: what falls due from there on still lies within the calendars

# The order at equal instants: kind rank, then the ticket's number, then the step or key.
ARRIVAL, AGENT_TURN, FOLLOW_UP, REACTION, HARD_LIMIT = range(5)

# Texts are ordered by code point, as Python orders them: a database's own collation may not, so {c} says it.
_EARLIEST = """
SELECT due_at, rank, number, step, id, ticket_id, kind, data FROM (
  SELECT * FROM (SELECT due_at, 0 AS rank, ordinal AS number, '' AS step, id, 0 AS ticket_id, '' AS kind, '' AS data
    FROM playbooks_arrival
    WHERE clock_id = %(clock)s AND state = 'pending' AND due_at <= %(until)s ORDER BY due_at, ordinal LIMIT 1) a
  UNION ALL
  SELECT * FROM (SELECT due_at, 1, ordinal, '', id, 0, phase, '' FROM playbooks_autoagent
    WHERE clock_id = %(clock)s AND due_at <= %(until)s ORDER BY due_at, ordinal LIMIT 1) b
  UNION ALL
  SELECT * FROM (SELECT due_at, 2, number, step, id, ticket_id, kind, CAST(data AS text) FROM playbooks_followup
    WHERE clock_id = %(clock)s AND state = 'pending' AND due_at <= %(until)s
    ORDER BY due_at, number, step {c} LIMIT 1) c
  UNION ALL
  SELECT * FROM (SELECT due_at, 3, number, key, id, ticket_id, '', '' FROM playbooks_reaction
    WHERE clock_id = %(clock)s AND state = 'pending' AND due_at <= %(until)s
    ORDER BY due_at, number, key {c} LIMIT 1) d
  UNION ALL
  SELECT * FROM (SELECT r.miss_at, 4, t.number, r.miss_step, r.id, r.ticket_id, '', ''
    FROM playbooks_playbookrun r JOIN tickets_ticket t ON t.id = r.ticket_id
    WHERE r.clock_id = %(clock)s AND r.miss_at = (
      SELECT MIN(miss_at) FROM playbooks_playbookrun WHERE clock_id = %(clock)s AND miss_at <= %(until)s)
    ORDER BY t.number LIMIT 1) e
) due ORDER BY due_at, rank, number, step {c} LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Due:
    """One due row, whatever its table."""

    due_at: int
    rank: int
    number: int
    step: str
    pk: int
    ticket_id: int = 0
    kind: str = ""  # of a follow-up; an automatic agent's phase
    data: str = ""  # of a follow-up, as JSON


def earliest_due(clock_id: int, *, until: int) -> Due | None:
    """The first pending row at or before `until`, by (due_at, rank, number, step)."""
    by_code_point = 'COLLATE "C"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_EARLIEST.format(c=by_code_point), {"clock": clock_id, "until": until})
        row = cursor.fetchone()
    return Due(*row) if row else None


class Cases:
    """Cases in hand between two events of one clock, so that a log is read once.

    On a clock that is `shared`, people may act between two events: there a case in hand is looked at
    again. Compare-and-set on the ticket's `last_seq` protects in any case.
    """

    def __init__(self, *, shared: bool = True) -> None:
        self._held: OrderedDict[int, Held] = OrderedDict()
        self._shared = shared
        self.contested: Due | None = None  # the last row on which another process was faster

    def get(self, ticket_id: int) -> Held:
        held = self._held.get(ticket_id)
        if held is None or (self._shared and self._has_moved(held.ticket)):
            held = hold(ticket_id)
            self.keep(held)
        return held

    def _has_moved(self, ticket: Ticket) -> bool:
        return not Ticket.objects.filter(pk=ticket.pk, last_seq=ticket.last_seq).exists()

    def keep(self, held: Held) -> None:
        self._held[held.ticket.pk] = held
        self._held.move_to_end(held.ticket.pk)
        while len(self._held) > CACHED_CASES:
            self._held.popitem(last=False)

    def forget(self) -> None:
        self._held.clear()


def process_next_due(clock: Clock, *, until: int, cases: Cases, holder: str | None = None) -> Due | None:
    """Do the earliest due thing at or before `until`, and say what it was. None when there was none.

    A row that fails is counted and in the end set aside, with the reason; the clock goes on. A
    database that cannot be reached is no fault of the row: that is raised.
    """
    due = None
    try:
        with transaction.atomic():
            _lock(clock, holder)
            due = earliest_due(clock.pk, until=until)
            held = _HANDLERS[due.rank](due, cases) if due else None
    except Exception as error:
        cases.forget()
        if due is None or isinstance(error, (OperationalError, InterfaceError)):
            raise
        if _somebody_was_faster(error) and cases.contested != due:
            cases.contested = due
            return due
        log.exception("a due row failed: %s", due)
        _note_failure(due, error)
        return due
    if held is not None:
        cases.keep(held)
    return due


def _lock(clock: Clock, holder: str | None) -> None:
    """Keep the Clock row to the end of the transaction, and make sure that its lease is still `holder`'s.

    SQLite knows no row locks: there the IMMEDIATE transaction holds everything already.
    """
    lock = "FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT holder FROM tickets_clock WHERE id = %s {lock}", [clock.pk])
        row = cursor.fetchone()
    if holder is not None and (row is None or row[0] != holder):
        raise clock_busy()


def clock_busy() -> Conflict:
    return Conflict("clock_busy", "The clock is being brought forward right now. Try again in a moment.", field="clock")


def _somebody_was_faster(error: Exception) -> bool:
    return isinstance(error, HelpdeskError) and error.code == "changed_meanwhile"


def _arrival(due: Due, cases: Cases) -> Held | None:
    row = Arrival.objects.get(pk=due.pk)
    if not Arrival.objects.filter(pk=row.pk, state="pending").update(state="in"):
        return None
    return arrive(row, now=due.due_at)


def _agent_turn(due: Due, cases: Cases) -> Held | None:
    rows = AutoAgent.objects.select_related("agent") if due.kind == AutoAgent.ACT else AutoAgent.objects
    row = rows.get(pk=due.pk)
    return autoagents.take_turn(row, cases.get, now=due.due_at)


def _moment(due: Due, held: Held) -> int:
    """When a due thing takes effect: at its due instant; a row found late, after what the log holds already."""
    return max(due.due_at, held.standing.log[-1].at)


def _follow_up(due: Due, cases: Cases) -> Held | None:
    held = cases.get(due.ticket_id)
    now = _moment(due, held)
    promise = Promise(due.step, due.kind, due.due_at, json.loads(due.data))
    decision = followups.decision(promise, held.setting, held.standing, now=now)
    if not followups.claim(due.pk, decision, now=now):
        return None
    what = {"step": due.step, "kind": due.kind}
    if isinstance(decision, Sent):
        return do(held, decision.effects, now=now, then=[Event(now, "follow_up.sent", SYSTEM, what)])
    skipped = Event(now, "follow_up.skipped", SYSTEM, {**what, "reason": decision.reason})
    return absorb(held, [skipped], now=now)


def _reaction(due: Due, cases: Cases) -> Held | None:
    if not customers.claim(due.pk):
        return None
    held = cases.get(due.ticket_id)
    now = _moment(due, held)
    setting, standing = held.setting, held.standing
    effects = react(
        setting.case, setting.persona, standing.log, due.step, now=now, switches=setting.switches, remarks=True
    )
    if not effects:
        raise RuntimeError(f"The intention '{due.step}' left no event; it would be due for ever.")
    others = {key: at for key, at in standing.intentions.items() if key != due.step}
    return do(replace(held, standing=replace(standing, intentions=others)), effects, now=now)


def _hard_limit(due: Due, cases: Cases) -> Held | None:
    held = cases.get(due.ticket_id)
    if held.standing.miss != (due.step, due.due_at):
        held = hold(due.ticket_id)
        if held.standing.miss != (due.step, due.due_at):
            step, at = held.standing.miss or ("", None)
            PlaybookRun.objects.filter(pk=due.pk, miss_step=due.step).update(miss_step=step, miss_at=at)
            return held
    now = _moment(due, held)
    view = next(view for view in held.standing.rail if view.step.key == due.step)
    missed = Event(now, "step.missed", SYSTEM, {"step": due.step, "due_at": view.due_at})
    after = absorb(held, [missed], now=now)
    if after.standing.miss == held.standing.miss:
        raise RuntimeError(f"The limit of '{due.step}' was missed and stays; it would be due for ever.")
    return after


_HANDLERS: tuple[Callable[[Due, Cases], Held | None], ...] = (_arrival, _agent_turn, _follow_up, _reaction, _hard_limit)


def _note_failure(due: Due, error: Exception) -> None:
    """Keep a sentence that a person can read, with the row that failed."""
    reason = f"{type(error).__name__}: {error}"[:2000]
    match due.rank:
        case 0:
            Arrival.objects.filter(pk=due.pk).update(state="failed", error=reason)
        case 1:
            autoagents.set_aside(AutoAgent.objects.get(pk=due.pk), reason, now=due.due_at)
        case 2:
            followups.note_failure(due.pk, reason)
        case 3:
            customers.note_failure(due.pk, reason)
        case 4:
            PlaybookRun.objects.filter(pk=due.pk).update(miss_at=None, miss_step="", error=reason)


# --- bringing a clock forward ------------------------------------------------------------------


def holder_name() -> str:
    """Who holds a clock: the process, for whoever looks into the rows, and which of its goes at it."""
    return f"{socket.gethostname()[:40]}/{os.getpid()}/{uuid.uuid4().hex[:16]}"


def take_lease(clock: Clock, holder: str) -> bool:
    """One holder per clock: take it, or renew it. A dead holder's lease runs out after WALL_LEASE."""
    wall_now = clocks.wall()
    mine = Clock.objects.filter(pk=clock.pk, holder=holder)
    free = Clock.objects.filter(pk=clock.pk, wall_lease_until__lt=wall_now)
    until = wall_now + WALL_LEASE
    return bool(mine.update(wall_lease_until=until) or free.update(holder=holder, wall_lease_until=until))


def drop_lease(clock: Clock, holder: str) -> None:
    """Give the clock back. Where the database is gone, the lease runs out by itself."""
    connection.close_if_unusable_or_obsolete()  # one that was cut is opened anew
    with suppress(DatabaseError, InterfaceError):
        Clock.objects.filter(pk=clock.pk, holder=holder).update(holder="", wall_lease_until=0.0)


def never() -> bool:
    return False


def advance(
    clock: Clock,
    *,
    until: int,
    holder: str | None = None,
    wall_budget: float | None = None,
    stop: Callable[[], bool] = never,
) -> bool:
    """Process everything due at or before `until`, in order; then the clock's hand stands there.

    True when it is done; False when another holds the clock, when `wall_budget` seconds were used up
    before the end, or when `stop` said so. A running clock's hand is the wall's; only what is due is
    processed.
    """
    me = holder or holder_name()
    if not take_lease(clock, me):
        return False
    wall_started = wall_renewed = clocks.wall()
    cases = Cases(shared=clock.running)
    try:
        with _disk_may_wait(clock):
            while due := process_next_due(clock, until=until, cases=cases, holder=me):
                wall_now = clocks.wall()
                if wall_now - wall_renewed > WALL_LEASE / 3:
                    take_lease(clock, me)  # where it was lost, the next row is refused
                    _move_hand(clock, due.due_at)
                    wall_renewed = wall_now
                if stop() or (wall_budget is not None and wall_now - wall_started > wall_budget):
                    return False
        _move_hand(clock, until)
        return True
    except Conflict as error:
        if error.code == "clock_busy":
            return False
        raise
    finally:
        drop_lease(clock, me)


@contextmanager
def _disk_may_wait(clock: Clock) -> Iterator[None]:
    """The rows of a clock that is led from event to event reach PostgreSQL's disk a moment later, as SQLite's do.

    Nobody waits for them: after a crash of the server the same events come again. It halves the time.
    """
    if clock.running or connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def _move_hand(clock: Clock, sim_at: int) -> None:
    """Where a clock that is led from event to event stands now."""
    if not clock.running:
        Clock.objects.filter(pk=clock.pk, running=False, sim_at__lt=sim_at).update(sim_at=sim_at)
        clock.sim_at = max(clock.sim_at, sim_at)


def catch_up(clock: Clock) -> int:
    """Process what is due by now on a clock, and say what time it is there."""
    clock.refresh_from_db()
    now = clocks.instant(clock, wall_now=clocks.wall())
    if clock.target_at is None:
        _process_all(clock, until=now)
    return now


def _process_all(clock: Clock, *, until: int) -> None:
    cases = Cases()
    while earliest_due(clock.pk, until=until) and process_next_due(clock, until=until, cases=cases):
        pass


@contextmanager
def acting(clock: Clock) -> Iterator[int]:
    """Hold a clock for one action: what is due comes first, then `now` is read under the lock.

    Refuses a clock that stands still: drafts may be written then, nothing may be sent.
    """
    catch_up(clock)
    with transaction.atomic():
        locked = Clock.objects.select_for_update(no_key=True).get(pk=clock.pk)
        if not locked.running and not locked.main:
            raise Conflict(
                "clock_paused", "The clock is paused. Let it run to send this; your draft is kept.", field="clock"
            )
        now = clocks.instant(locked, wall_now=clocks.wall())
        _process_all(locked, until=now)
        yield now


Action = Callable[..., Sequence[Effect]]


def perform(ticket: Ticket, action: Action, *, agent: Agent | None, **what: Any) -> Held:
    """Do one of playbooks.actions on a ticket, now on its clock: validate, apply, write what follows."""
    with acting(ticket.clock) as now:
        return perform_at(ticket.pk, action, agent=agent, now=now, **what)


def perform_at(ticket_id: int, action: Action, *, agent: Agent | None, now: int, **what: Any) -> Held:
    """The same inside the caller's lock and transaction, at a given instant."""
    held = hold(ticket_id)
    now = _not_before(held, now)
    return do(held, action(held, now=now, **what), now=now, agent=agent)


def _not_before(held: Held, now: int) -> int:
    """Time on a ticket never goes back, also where the wall clock was set back."""
    return max(now, held.standing.log[-1].at)


def assign(ticket: Ticket, agent: Agent | None, *, by: Agent | None, reason: str = "") -> Held:
    """Give a ticket to an agent, or to nobody; with a reason it is a hand-over that the customer notices."""
    with acting(ticket.clock) as now:
        held = hold(ticket.pk)
        return assign_held(held, agent, by=by, now=_not_before(held, now), reason=reason)


def jump(clock: Clock, *, by: int) -> Clock:
    """Move a clock forward by `by` simulated seconds, with everything that falls due on the way."""
    if clock.main:
        raise Conflict("main_clock", "The main desk runs on real time; only a shift's clock can jump.", field="clock")
    if not 0 < by <= clocks.LONGEST_JUMP:
        raise Conflict("jump_out_of_range", "A jump is between one second and 400 days.", field="seconds")
    me = holder_name()
    if not take_lease(clock, me):
        raise clock_busy()
    try:
        clock.refresh_from_db()
        target = clocks.instant(clock, wall_now=clocks.wall()) + by
        if target > LATEST_INSTANT:
            raise Conflict("end_of_calendar", "No clock of this desk goes beyond the year 2090.", field="seconds")
        cases = Cases()
        while due := process_next_due(clock, until=target, cases=cases, holder=me):
            take_lease(clock, me)
            clocks.set_instant(clock, due.due_at, wall_now=clocks.wall())  # who acts meanwhile, acts after it
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
