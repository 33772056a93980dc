"""Where one ticket stands on its playbook: each step waiting, open, done, missed or left out.

Derived from the log by one pass in order of happening: what a step is after an event depends on
what it was before and on that event alone. So what has once been opened, and with it every promise
and deadline that follows, never changes when the log grows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from playbooks.core.case import Case
from playbooks.core.conditions import Known, check
from playbooks.core.playbook import Playbook, Step, deeds_of, promise_key
from tickets.log import AGENT, Event, Log

WAITING, OPEN, DONE, MISSED, LEFT_OUT = "waiting", "open", "done", "missed", "left_out"
STATES = (WAITING, OPEN, DONE, MISSED, LEFT_OUT)

_MOVING = frozenset({"ticket.created", "step.missed", "follow_up.skipped"})  # events about steps themselves


class Calendar(Hashable, Protocol):
    def add(self, at: int, seconds: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """One time that a step became due. A step tied to solving opens again after each reopening."""

    at: int
    due_at: int  # target
    latest_at: int  # hard limit
    act_at: int | None  # bot and system: when it is sent; agent: when a reminder comes, if any


@dataclass(frozen=True, slots=True)
class StepView:
    """One step on one ticket. Times are None while the step has not opened."""

    step: Step
    state: str
    anchor_at: int | None = None
    due_at: int | None = None
    latest_at: int | None = None
    done_at: int | None = None
    met: bool | None = None  # done by its hard limit; None while that is undecided
    reason: str | None = None  # why it was left out
    openings: tuple[Opening, ...] = ()


def rail(playbook: Playbook, case: Case, log: Log, *, now: int, calendar: Calendar) -> tuple[StepView, ...]:
    """The steps in the playbook's order, as they stand at `now`: later events do not count."""
    fold = _Fold(playbook, case, calendar)
    for event in log:
        if event.at > now:
            break
        fold.take(event)
    return fold.views()


def next_deadline(steps: Iterable[StepView]) -> int | None:
    """The earliest target among the open steps that wait for an agent."""
    return min(
        (view.due_at for view in steps if view.state == OPEN and view.step.by == AGENT and view.due_at is not None),
        default=None,
    )


def missing_deadlines(steps: Iterable[StepView]) -> list[tuple[str, int]]:
    """For each open step, its key and the first instant at which it counts as missed."""
    return [(view.step.key, view.latest_at + 1) for view in steps if view.state == OPEN and view.latest_at is not None]


@lru_cache(maxsize=65_536)
def _business_add(calendar: Calendar, at: int, seconds: int) -> int:
    return calendar.add(at, seconds)


class _Track:
    """A step on its way through the log."""

    __slots__ = ("anchors", "current", "done_at", "final", "openings", "reason", "state", "step", "waits_for")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.state = WAITING
        self.reason: str | None = None
        self.done_at: int | None = None
        self.openings: list[Opening] = []
        self.current: Opening | None = None
        self.final = False  # nothing but a reopening moves it any more
        self.waits_for: list[_Track] = []
        self.anchors: list[str] = []

    def end(self, state: str, *, reason: str | None = None, done_at: int | None = None, final: bool = True) -> None:
        self.state, self.reason, self.done_at, self.final = state, reason, done_at, final

    def view(self) -> StepView:
        opening = self.current
        due_at, latest_at = (opening.due_at, opening.latest_at) if opening else (None, None)
        met = None
        if self.state == DONE:
            met = latest_at is None or self.done_at is None or self.done_at <= latest_at
        elif self.state == MISSED:
            met = False
        anchor_at = opening.at if opening else None
        return StepView(
            self.step, self.state, anchor_at, due_at, latest_at, self.done_at, met, self.reason, tuple(self.openings)
        )


class _Fold:
    def __init__(self, playbook: Playbook, case: Case, calendar: Calendar) -> None:
        self.playbook, self.case, self.calendar = playbook, case, calendar
        self.known = Known()
        self.tracks = {step.key: _Track(step) for step in playbook.in_order}
        for track in self.tracks.values():
            for name in track.step.after:
                if name in self.tracks:
                    track.waits_for.append(self.tracks[name])
                elif name != "opened":
                    track.anchors.append(name)

    def take(self, event: Event) -> None:
        new = self.known.learn(event)
        deeds = list(deeds_of(event))
        if not new and event.name not in _MOVING and not (deeds and self._wanted(deeds)):
            return  # it moves nothing; most events of a long log end here
        if event.name == "ticket.reopened":
            self._begin_anew(event.at)
        for track in self.tracks.values():
            if not track.final:
                self._move(track, event, deeds)

    def views(self) -> tuple[StepView, ...]:
        return tuple(self.tracks[step.key].view() for step in self.playbook.steps)

    def _wanted(self, deeds: list[str]) -> bool:
        return any(track.step.deed in deeds for track in self.tracks.values() if track.state in (OPEN, MISSED))

    def _move(self, track: _Track, event: Event, deeds: list[str]) -> None:
        step = track.step
        if track.state == MISSED:
            holds, reason = None, None
        else:
            holds, reason = check(step.when, self.playbook, self.case, self.known) if step.when else (True, None)
        if track.state in (WAITING, LEFT_OUT):
            self._wait(track, event, deeds, holds, reason)
        if track.state not in (OPEN, MISSED):
            return
        if step.deed in deeds:
            deeds.remove(step.deed)  # one deed fulfils one step: the D+3 check-in is not the D+7 one as well
            track.end(DONE, done_at=event.at)
        elif track.state == OPEN:
            self._stay_open(track, event, holds, reason)

    def _wait(self, track: _Track, event: Event, deeds: list[str], holds: bool | None, reason: str | None) -> None:
        """A step that has not opened yet: it opens, or is left out for as long as a condition fails."""
        if holds is False:
            track.end(LEFT_OUT, reason=reason, final=self.known.closed)
        elif self.known.closed:
            track.end(LEFT_OUT, reason=reason or "ticket_closed")
        elif holds and self._settled(track):
            self._open(track, event.at)
        elif track.step.deed == "solve" and "solve" in deeds:
            track.end(DONE, done_at=event.at)  # solved is solved, even before its turn
        else:
            track.end(WAITING, final=False)

    def _stay_open(self, track: _Track, event: Event, holds: bool | None, reason: str | None) -> None:
        step, data = track.step, event.data
        if holds is False:
            track.end(LEFT_OUT, reason=reason)
        elif event.name == "step.missed" and data["step"] == step.key:
            track.end(MISSED, final=False)
        elif self.known.closed and step.by == AGENT:
            track.end(LEFT_OUT, reason="ticket_closed")
        elif event.name == "follow_up.skipped" and step.by != AGENT and data["step"] == self._promised(track):
            track.end(LEFT_OUT, reason=data["reason"])

    def _promised(self, track: _Track) -> str:
        return promise_key(self.playbook, track.step.key, len(track.openings))

    def _settled(self, track: _Track) -> bool:
        """Whether all it waits for has come. A step that was missed or left out holds nobody up."""
        return all(other.state in (DONE, MISSED, LEFT_OUT) for other in track.waits_for) and all(
            self.known.reached(anchor) for anchor in track.anchors
        )

    def _open(self, track: _Track, at: int) -> None:
        step = track.step
        within = step.within_on(self.case.channel)
        act_after = within * 3 // 4 if step.remind else None
        if step.by != AGENT:
            act_after = within if step.send_after is None else step.send_after
        track.current = Opening(
            at=at,
            due_at=self._add(step, at, within),
            latest_at=self._add(step, at, step.latest),
            act_at=None if act_after is None else self._add(step, at, act_after),
        )
        track.openings.append(track.current)
        track.end(OPEN, final=False)

    def _add(self, step: Step, at: int, seconds: int) -> int:
        return _business_add(self.calendar, at, seconds) if step.clock == "business" else at + seconds

    def _begin_anew(self, at: int) -> None:
        """After a reopening the ticket is to be solved again, and what waited for that waits again."""
        for key, track in self.tracks.items():
            if key not in self.playbook.tied_to_solving:
                continue
            if track.step.deed == "solve":
                self._open(track, at)
            elif track.state != DONE:
                track.current = None
                track.end(WAITING, final=False)


def view_of(steps: Sequence[StepView], key: str) -> StepView | None:
    return next((view for view in steps if view.step.key == key), None)
