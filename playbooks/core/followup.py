"""What is promised for later on a ticket, and what becomes of it when it falls due.

Promises derive from the log and never change once made. Nobody cancels one from afar: at its due
moment `decide` looks at the case again and says sent, with effects, or skipped, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from playbooks.core.case import Case
from playbooks.core.conditions import ALWAYS, REQUIRED, check, known_of
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.etiquette import GIFT_MANNERS
from playbooks.core.facts import Facts, facts_from
from playbooks.core.playbook import Playbook, Question, deeds_of, gift_cap, promise_key
from playbooks.core.rail import DONE, LEFT_OUT, Calendar, StepView, rail, view_of
from playbooks.core.tables import Table, read_toml
from playbooks.core.words import desk_text
from tickets.errors import Invalid
from tickets.lifecycle import CLOSED, REOPEN_GRACE, SOLVED, status_of
from tickets.log import AGENT, BOT, SYSTEM, Log, named

# In the order in which those of one instant take effect.
KINDS = (
    "acknowledgement", "interim_report", "message", "letter", "gift", "check_in", "survey", "reminder", "close",
)  # fmt: skip
KIND_OF_DEED = {"acknowledge": "acknowledgement", "interim_report": "interim_report", "check_in": "check_in"}
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_DAY, _WORKING_DAY = 86_400, 8 * 3_600


@dataclass(frozen=True, slots=True)
class Promise:
    """One action promised for `due_at`. `step` is its name, unique on its ticket; `data` is plain JSON."""

    step: str
    kind: str
    due_at: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    reason: str  # a code of `conditions.reason_text`


@cache
def measurement() -> tuple[Question, ...]:
    """The questions that every customer is asked, whatever the playbook."""
    text = Path(__file__).with_name("measurement.toml").read_text(encoding="utf-8")
    table = Table(read_toml(text, name="measurement"), file="measurement", path="", fields=("survey",))
    return tuple(
        Question(
            metric=part.choice("metric", ("csat", "ces", "nps", "repurchase"), what="metric"),
            anchor=part.choice("anchor", ("opened", "solved"), what="anchor"),
            after=part.duration("after"),
        )
        for part in table.tables("survey", ("metric", "anchor", "after"), most=10)
    )


# --- promising -----------------------------------------------------------------------------------


def promises(playbook: Playbook, case: Case, log: Log, steps: Sequence[StepView]) -> list[Promise]:
    """All that has ever been promised on this ticket, in order of taking effect. `steps` is its rail."""
    found: dict[str, Promise] = {}
    for promise in (*_of_steps(playbook, steps), *_of_log(playbook, log)):
        found.setdefault(promise.step, promise)
    return sorted(found.values(), key=lambda promise: (promise.due_at, _RANK[promise.kind], promise.step))


def _of_steps(playbook: Playbook, steps: Sequence[StepView]) -> Iterator[Promise]:
    for view in steps:
        step = view.step
        for number, opening in enumerate(view.openings, 1):
            if opening.act_at is None:
                continue
            name = promise_key(playbook, step.key, number)
            data: dict[str, Any] = {"step": step.key, "opening": number}
            if step.by == AGENT:
                data["target"] = opening.due_at
                yield Promise(f"remind.{name}", "reminder", opening.act_at, data)
            else:
                yield Promise(name, KIND_OF_DEED[step.deed], opening.act_at, data)


def _of_log(playbook: Playbook, log: Log) -> Iterator[Promise]:
    rounds = 0
    for event in log:
        if event.name == "ticket.created":
            yield from _surveys(playbook, "opened", event.at, 1)
        elif event.name == "ticket.solved":
            rounds += 1
            yield from _surveys(playbook, "solved", event.at, rounds)
            # The first second in which a customer's word reopens no more.
            yield Promise(f"close.{rounds}", "close", event.at + REOPEN_GRACE + 1, {"round": rounds})
        elif event.name == "follow_up.promised":
            data = {key: value for key, value in event.data.items() if key not in ("step", "kind", "due_at")}
            yield Promise(event.data["step"], event.data["kind"], event.data["due_at"], data)


def _surveys(playbook: Playbook, anchor: str, at: int, number: int) -> Iterator[Promise]:
    for question in (*measurement(), *playbook.questions):
        if question.anchor == anchor:
            name = f"{question.metric}.{number}" if anchor == "solved" else question.metric
            data = {"metric": question.metric, "anchor": anchor, "round": number}
            yield Promise(name, "survey", at + question.after, data)


# --- deciding ------------------------------------------------------------------------------------


def decide(
    promise: Promise, playbook: Playbook, case: Case, log: Log, *, now: int, calendar: Calendar
) -> Sent | Skipped:
    """What becomes of a promise that has fallen due, as the case stands now."""
    moment = _Moment(promise, playbook, case, log, now, calendar)
    match promise.kind:
        case "acknowledgement" | "interim_report" | "check_in":
            return _desk_message(moment)
        case "reminder":
            return _reminder(moment)
        case "letter":
            return _letter(moment)
        case "gift":
            return _gift(moment)
        case "message":
            return _message(moment)
        case "survey":
            return _survey(moment)
        case "close":
            return _close(moment)
    raise Invalid("unknown_kind", f"There is no follow-up of kind '{promise.kind}'.", field="kind")


@dataclass(frozen=True)
class _Moment:
    """The case at the moment of deciding."""

    promise: Promise
    playbook: Playbook
    case: Case
    log: Log
    now: int
    calendar: Calendar

    @cached_property
    def status(self) -> str:
        return status_of(self.log)

    @property
    def data(self) -> Mapping[str, Any]:
        return self.promise.data

    def unready(self) -> str | None:
        """Why the step that this promise is about no longer wants it, or None."""
        steps = rail(self.playbook, self.case, self.log, now=self.now, calendar=self.calendar)
        view = view_of(steps, self.data.get("step", self.promise.step))
        if view is None:
            return "not_in_playbook"
        if view.state == DONE:
            return "already_done"
        if view.state == LEFT_OUT:
            return view.reason
        if view.anchor_at is None or len(view.openings) != self.data.get("opening"):
            return "reopened"
        return None

    def failing(self, deed: str) -> str | None:
        """Why the conditions of a letter or gift do not hold, or None. They are never taken on trust."""
        own = [step.when for step in self.playbook.steps if step.deed == deed]
        names = dict.fromkeys((*ALWAYS.get(deed, ()), *REQUIRED[deed], *(name for when in own for name in when)))
        return check(names, self.playbook, self.case, known_of(self.log))[1]

    def has_done(self, deed: str) -> bool:
        return any(deed in deeds_of(event) for event in self.log)

    def rounds(self) -> int:
        return sum(event.name == "ticket.solved" for event in self.log)

    def text(self, kind: str, *, author: str, **values: Any) -> tuple[str, Facts]:
        """The desk's own words; each further one of its kind on a ticket says it a little differently."""
        nth = [event.data["kind"] for event in self.log if event.name == "follow_up.sent"].count(self.promise.kind)
        return desk_text(self.case, kind, author=author, nth=nth, style=self.playbook.manner, **values)


def _desk_message(moment: _Moment) -> Sent | Skipped:
    """Acknowledgement, interim report, check-in: sent by the desk itself."""
    reason = moment.unready()
    if reason:
        return Skipped(reason)
    if moment.promise.kind == "acknowledgement":
        return _bot_or_system(moment, "acknowledge")
    if moment.promise.kind == "check_in":
        text, facts = moment.text("check_in", author=SYSTEM)
        return Sent((Say(SYSTEM, text, replace(_with_deed(facts, "check_in"), keeps_closed=True)),))
    promise_at = _in_a_day(moment)
    text, facts = moment.text("interim_report", author=SYSTEM, promise_at=promise_at)
    return Sent((Say(SYSTEM, text, replace(_with_deed(facts, "interim_report"), promise_at=promise_at)),))


def _bot_or_system(moment: _Moment, deed: str) -> Sent:
    step = moment.playbook.step(moment.data["step"])
    author = step.by if step else BOT
    text, facts = moment.text(deed, author=author)
    return Sent((Say(author, text, _with_deed(facts, deed)),))


def _in_a_day(moment: _Moment) -> int:
    """A day from now, or later if no whole working day lies in between: nobody investigates on a Sunday."""
    return max(moment.now + _DAY, moment.calendar.add(moment.now, _WORKING_DAY))


def _reminder(moment: _Moment) -> Sent | Skipped:
    reason = moment.unready()
    if reason is None and any(e.data["step"] == moment.data["step"] for e in named(moment.log, "follow_up.promised")):
        reason = "already_promised"
    if reason:
        return Skipped(reason)
    step = moment.playbook.step(moment.data["step"])
    title = step.title[moment.case.language] if step else None
    text, _ = moment.text("reminder", author=SYSTEM, step=title, promise_at=moment.data.get("target"))
    return Sent((Say(SYSTEM, text, public=False),))  # without facts: the target is no promise to the customer


def _letter(moment: _Moment) -> Sent | Skipped:
    reason = _closed_or_done(moment, "letter")
    if reason is None and moment.playbook.letter_severity is None:
        reason = "not_in_playbook"
    reason = reason or moment.failing("letter")
    if reason:
        return Skipped(reason)
    facts = _with_deed(facts_from(moment.data.get("facts", {})), "letter")
    return Sent((Say(AGENT, moment.data["body"], facts, channel="letter"),))


def _gift(moment: _Moment) -> Sent | Skipped:
    cap, amount = gift_cap(moment.playbook, moment.case), moment.data["amount"]
    reason = _closed_or_done(moment, "gift")
    if reason is None and moment.playbook.gift is None:
        reason = "not_in_playbook"
    reason = reason or moment.failing("gift")
    if reason is None and not 0 < amount <= cap:
        reason = "above_cap"
    if reason:
        return Skipped(reason)
    currency = moment.case.currency
    manners = {name: moment.data[name] for name in GIFT_MANNERS if moment.data.get(name)}
    given = Note("gift.given", AGENT, {"amount": amount, "currency": currency, "cap": cap, **manners})
    text, facts = moment.text("gift", author=AGENT)
    if moment.data.get("body"):
        text, facts = moment.data["body"], facts_from(moment.data.get("facts", {}))
    return Sent((given, Say(AGENT, text, _with_deed(facts, "gift"))))


def _message(moment: _Moment) -> Sent | Skipped:
    if moment.status == CLOSED:
        return Skipped("ticket_closed")
    return Sent((Say(AGENT, moment.data["body"], facts_from(moment.data.get("facts", {}))),))


def _survey(moment: _Moment) -> Sent | Skipped:
    data = moment.data
    if data["anchor"] == "solved" and (moment.status not in (SOLVED, CLOSED) or moment.rounds() != data["round"]):
        return Skipped("reopened")
    invited = {"metric": data["metric"], "round": data["round"]}
    return Sent((Note("survey.invited", SYSTEM, invited),))


def _close(moment: _Moment) -> Sent | Skipped:
    if moment.status == CLOSED:
        return Skipped("already_done")
    if moment.status != SOLVED or moment.rounds() != moment.data["round"]:
        return Skipped("reopened")
    return Sent((Become(CLOSED, SYSTEM),))


def _closed_or_done(moment: _Moment, deed: str) -> str | None:
    if moment.has_done(deed):
        return "already_done"
    return "ticket_closed" if moment.status == CLOSED else None


def _with_deed(facts: Facts, deed: str) -> Facts:
    return facts if deed in facts.deeds else replace(facts, deeds=(*facts.deeds, deed))
