"""The driver in memory: one case from its opening until nothing is due, as plain values.

Its rule, which the driver of rows keeps as well, for many tickets at once:

    the next due thing is the smallest (due_at, rank, key); it acts at its due instant, never earlier than now;
    what it does leaves events; after them everything derived from the log is derived anew (standing.py):
      promises       planned once, under their step; they never move and never vanish, they look again when due
      intentions     the customer's; replaced by what the new log leads to
      step deadlines the next hard limit; replaced
      the agent      idle: its look is replaced; at work: it finishes first

    ranks at one instant: the arrival, then the agent (or the script), follow-ups, the customer, missed deadlines.

The agent looks at max(what the ticket wants, when it is free), no earlier than now and within its hours. A look
gives an action with a working time; the action takes effect when that time is over, and the agent looks again
at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from playbooks.core import agents
from playbooks.core.agents import Action, Profile
from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.customer.persona import persona_of
from playbooks.core.customer.reaction import react
from playbooks.core.effects import Effect, Say
from playbooks.core.followup import Promise, Sent, Skipped, decide
from playbooks.core.happenings import events_of
from playbooks.core.opening import opening_events
from playbooks.core.playbook import Playbook
from playbooks.core.rail import StepView
from playbooks.core.standing import NOWHERE, Setting, Standing, stand
from tickets.calendars import BusinessCalendar
from tickets.lifecycle import status_of
from tickets.log import SYSTEM, Event, Log

DAY = 86_400
ARRIVAL, AGENT_TURN, FOLLOW_UP, REACTION, DEADLINE = range(5)  # the order of kinds at one instant

Script = Sequence[tuple[int, Sequence[Effect]]]


@dataclass(frozen=True, slots=True)
class FiredFollowUp:
    """What became of a promise. `state` is pending (beyond the ceiling), sent or skipped."""

    step: str
    kind: str
    due_at: int
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A case as it went. `ended` says why it stopped: nothing was due, or the ceiling of days was reached."""

    log: tuple[Event, ...]
    follow_ups: tuple[FiredFollowUp, ...]
    steps: tuple[StepView, ...]
    said: tuple[str, ...]  # the text of each comment, in the order of the log
    ended: str  # nothing_due, ceiling


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Something that falls due, in the order in which it is done."""

    at: int
    rank: int
    key: str


def play(
    case: Case,
    playbook: Playbook,
    *,
    opened_at: int,
    text: str,
    calendar: BusinessCalendar,
    days: int,
    agent: Profile | None = None,
    hours: BusinessCalendar | None = None,
    script: Script = (),
    priority: str = "normal",
    switches: Switches = DEFAULT,
    remarks: bool = False,
) -> Replay:
    """Play one case under one playbook for at most `days`; worked by an automatic agent, a script, or nobody.

    `calendar` counts the playbook's business deadlines, `hours` (the same, unless given) are the agent's. Script
    entries are (instant, effects), as a trainee's actions would be. `remarks`: see `reaction.react`.
    """
    setting = Setting(case, playbook, persona_of(case), calendar, agent, switches)
    stage = _Stage(setting, hours or calendar, script, remarks)
    stage.append(opening_events(case, at=opened_at, priority=priority), [text], now=opened_at)
    until = opened_at + days * DAY
    while (due := stage.next_due()) is not None and due.at <= until:
        stage.process(due)
    return Replay(
        log=stage.standing.log,
        follow_ups=tuple(stage.follow_ups[step] for step in sorted(stage.follow_ups)),
        steps=stage.standing.rail,
        said=tuple(stage.said),
        ended="ceiling" if due is not None else "nothing_due",
    )


# What firing leaves, for both drivers


def follow_up_events(promise: Promise, decision: Sent | Skipped, *, log: Log, channel: str, at: int) -> list[Event]:
    """What a due follow-up leaves: its effects and the line that it was sent, or that it was skipped and why."""
    what = {"step": promise.step, "kind": promise.kind}
    if isinstance(decision, Skipped):
        return [Event(at, "follow_up.skipped", SYSTEM, {**what, "reason": decision.reason})]
    _, events = events_of(decision.effects, status=status_of(log), channel=channel, at=at)
    return [*events, Event(at, "follow_up.sent", SYSTEM, what)]


def missed_event(rail: Sequence[StepView], step: str, *, at: int) -> Event:
    """A step's hard limit has passed: `at` is the first second after it, `due_at` was its target."""
    due_at = next(view.due_at for view in rail if view.step.key == step)
    return Event(at, "step.missed", SYSTEM, {"step": step, "due_at": due_at})


def look_at(standing: Standing, *, free: int, now: int, hours: BusinessCalendar) -> int | None:
    """When an idle agent looks at a ticket next."""
    if standing.work_at is None:
        return None
    return hours.next_opening(max(standing.work_at, free, now))


def texts_of(effects: Iterable[Effect]) -> list[str]:
    """The text of each comment among the effects, in order."""
    return [effect.text for effect in effects if isinstance(effect, Say)]


# The loop


@dataclass
class _Stage:
    """The moving parts of one play: what the rows of a ticket hold."""

    setting: Setting
    hours: BusinessCalendar
    script: Script
    remarks: bool = False
    standing: Standing = NOWHERE
    now: int = 0
    free: int = 0  # since when the agent has been free
    action: tuple[int, Action] | None = None  # the agent at work: when it will be done, and with what
    idle_at: int | None = None  # the agent's next look
    played: int = 0  # script entries done
    promises: dict[str, Promise] = field(default_factory=dict)
    follow_ups: dict[str, FiredFollowUp] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def append(self, events: Sequence[Event], texts: Sequence[str], *, now: int) -> None:
        """Add events to the log and derive everything anew."""
        self.now = now
        self.said += texts
        self.standing = stand(self.setting, (*self.standing.log, *events), now=now)
        for step, promise in self.standing.promises.items():
            if step not in self.promises:
                self.promises[step] = promise
                self.follow_ups[step] = FiredFollowUp(step, promise.kind, promise.due_at, "pending")
        self._plan_look()

    def next_due(self) -> Due | None:
        return min(self._dues(), default=None)

    def _dues(self) -> Iterable[Due]:
        if self.played < len(self.script):
            yield Due(self.script[self.played][0], AGENT_TURN, "")
        if self.action is not None:
            yield Due(self.action[0], AGENT_TURN, "act")
        elif self.idle_at is not None:
            yield Due(self.idle_at, AGENT_TURN, "look")
        for step, follow_up in self.follow_ups.items():
            if follow_up.state == "pending":
                yield Due(follow_up.due_at, FOLLOW_UP, step)
        for key, due_at in self.standing.intentions.items():
            yield Due(due_at, REACTION, key)
        if self.standing.miss is not None:
            step, at = self.standing.miss
            yield Due(at, DEADLINE, step)

    def process(self, due: Due) -> None:
        """Do one due thing, at its instant."""
        now = max(due.at, self.now)
        match due.rank, due.key:
            case 1, "look":
                self._look(now)
            case 1, "act":
                self._act(now)
            case 1, _:
                self._perform(self.script[self.played][1], now, played=1)
            case 2, step:
                self._follow_up(step, now)
            case 3, key:
                self._react(key, now)
            case 4, step:
                self.append([missed_event(self.standing.rail, step, at=now)], [], now=now)

    def _plan_look(self) -> None:
        self.idle_at = look_at(self.standing, free=self.free, now=self.now, hours=self.hours)

    def _look(self, now: int) -> None:
        """Begin the next action. Finding nothing, the agent looks again when something has happened."""
        self.now, self.idle_at = now, None
        profile = self._profile()
        action = agents.next_action(self._view(now), profile, now=now)
        if action is not None:
            self.action = (now + action.seconds, action)

    def _act(self, now: int) -> None:
        assert self.action is not None
        action, self.action, self.free = self.action[1], None, now
        setting, standing = self.setting, self.standing
        effects = agents.perform(
            action,
            setting.playbook,
            setting.case,
            standing.log,
            standing.rail,
            self._profile(),
            now=now,
            hours=self.hours,
        )
        self._perform(effects, now)

    def _perform(self, effects: Sequence[Effect], now: int, *, played: int = 0) -> None:
        self.played += played
        status, channel = status_of(self.standing.log), self.setting.case.channel
        _, events = events_of(effects, status=status, channel=channel, at=now)
        self.append(events, texts_of(effects), now=now)

    def _follow_up(self, step: str, now: int) -> None:
        setting, log, promise = self.setting, self.standing.log, self.promises[step]
        decision = decide(promise, setting.playbook, setting.case, log, now=now, calendar=setting.calendar)
        if isinstance(decision, Sent):
            texts, outcome = texts_of(decision.effects), FiredFollowUp(step, promise.kind, promise.due_at, "sent")
        else:
            texts, outcome = [], FiredFollowUp(step, promise.kind, promise.due_at, "skipped", decision.reason)
        self.follow_ups[step] = outcome
        self.append(follow_up_events(promise, decision, log=log, channel=setting.case.channel, at=now), texts, now=now)

    def _react(self, key: str, now: int) -> None:
        before = len(self.standing.log)
        setting, log = self.setting, self.standing.log
        effects = react(
            setting.case, setting.persona, log, key, now=now, switches=setting.switches, remarks=self.remarks
        )
        self._perform(effects, now)
        if len(self.standing.log) == before:
            raise RuntimeError(f"The intention '{key}' left no event; it would be due for ever.")

    def _view(self, now: int) -> agents.View:
        standing = self.standing
        return agents.view(self.setting.playbook, self.setting.case, standing.log, standing.rail, now=now)

    def _profile(self) -> Profile:
        assert self.setting.profile is not None
        return self.setting.profile


# Comparing logs


def digest(logs: Iterable[tuple[str, Log]]) -> str:
    """One short name for many logs: SHA-256 over a canonical line per event, tickets in the order of their keys.

    Floats are rounded to 9 digits and whole floats written as integers, so that a value read back from JSON in a
    database gives the same line. Words are left out: those of messages are in no log, those beside a tick move nothing.
    """
    lines = hashlib.sha256()
    for key, log in sorted(logs, key=lambda pair: pair[0]):
        for event in log:
            line = [key, event.at, event.name, event.actor, canonical(_without_words(event))]
            lines.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n")
    return lines.hexdigest()


def _without_words(event: Event) -> dict[str, Any]:
    data = dict(event.data)
    if event.name == "survey.answered":
        data.pop("comment", None)
    return data


def canonical(value: Any) -> Any:
    """JSON values in one form: lists for tuples, rounded floats, string keys."""
    if isinstance(value, float):
        rounded = round(value, 9)
        return int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, dict):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value
