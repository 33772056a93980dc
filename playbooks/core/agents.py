"""Automatic agents: what one can see of a ticket, when it looks, what it does next, and what that leaves.

Pure functions of the log. The live desk calls them turn by turn on rows, the replay in memory. An agent sees what
a person at the desk sees and nothing of what the customer thinks; it errs, dawdles, forgets and hands over at
seeded rates, so it does not merely replay the playbook. Each turn draws from streams named by the number of
agent events before it.

It never gets stuck: a ticket in work has a next action or an instant at which it gets one, and an action always
leaves an event of the agent, unless what happened meanwhile has made it pointless; then there is something else to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playbooks.core.case import Case, severity_band
from playbooks.core.playbook import Playbook, Step, gift_cap, promise_key
from playbooks.core.pressure import pressed_in
from playbooks.core.profiles import Profile, profile_for, profiles
from playbooks.core.rail import MISSED, OPEN, StepView
from playbooks.core.statistics import gamma_spread, lognormal_spread
from playbooks.core.streams import uniform, uniforms
from playbooks.core.turns import Action, action_from, asked, last_word, perform, spoken, turns, unanswered
from tickets.lifecycle import CATEGORY, CLOSED, SOLVED, is_customer_word, is_human_reply, status_of
from tickets.log import AGENT, Event, Log

__all__ = [
    "Action", "Profile", "View", "action_from", "next_action", "perform", "profile_for", "profiles", "view", "work_at",
]  # fmt: skip

KINDS = (
    "answer", "apologise", "ask", "confirm_facts", "interim_report", "remedy", "write_letter", "offer_gift",
    "prevention", "check_in", "solve", "reply", "hand_over", "give_up", "limit", "end_contact",
    "help",
)  # fmt: skip

# The action that fulfils each deed a playbook may ask of an agent.
ACTION_FOR = {
    "acknowledge": "answer",
    "answer": "answer",
    "apologise": "apologise",
    "confirm_facts": "confirm_facts",
    "interim_report": "interim_report",
    "remedy": "remedy",
    "letter": "write_letter",
    "gift": "offer_gift",
    "prevention": "prevention",
    "check_in": "check_in",
    "solve": "solve",
}
FIRST_WORDS = ("answer", "apologise")
LATE_WORK = ("write_letter", "offer_gift", "prevention", "check_in")  # what is easily forgotten
PRESSED = 2  # words that press before a limit is named: one may be temper, and a fair complaint is served
MARGIN = 3_600  # a wait is cut short so that the action begins this long before its deadline
NOTICE_SPREAD = 0.5  # sigma of the log-normal notice


@dataclass(frozen=True, slots=True)
class View:
    """What an agent can see. `own_fault` is None until the facts are confirmed; `log` lacks what is hidden."""

    key: str  # names the ticket's streams
    seed: int
    status: str
    channel: str
    language: str
    names: Mapping[str, str]
    price: int
    currency: str
    severity_band: str
    gift_cap: int
    own_fault: bool | None
    log: tuple[Event, ...]
    steps: tuple[StepView, ...]
    promised: frozenset[str]  # steps whose letter or gift is made and on its way


def view(playbook: Playbook, case: Case, log: Log, rail: tuple[StepView, ...], *, now: int) -> View:
    """The ticket as an agent sees it: without the customer's mind, the surveys, or the case's hidden facts."""
    seen = tuple(e for e in log if e.at <= now and not e.name.startswith(("customer.", "survey.")))
    found = next((e for e in seen if e.name == "case.facts_confirmed"), None)
    return View(
        key=case.key,
        seed=case.seed,
        status=status_of(seen),
        channel=case.channel,
        language=case.language,
        names=case.names or {},
        price=case.price,
        currency=case.currency,
        severity_band=severity_band(case.severity),
        gift_cap=gift_cap(playbook, case),
        own_fault=bool(found.data["own_fault"]) if found else None,
        log=seen,
        steps=rail,
        promised=frozenset(state.step.key for state in rail if _is_promised(playbook, state, seen)),
    )


def _is_promised(playbook: Playbook, state: StepView, log: Log) -> bool:
    name = promise_key(playbook, state.step.key, len(state.openings))
    return any(event.name == "follow_up.promised" and event.data["step"] == name for event in log)


# When, and what


@dataclass(frozen=True, slots=True)
class _Task:
    """Something this ticket wants of its agent: from `since` on, not before `begin`."""

    kind: str
    since: int
    begin: int
    step: str | None = None


def work_at(view: View, profile: Profile) -> int | None:
    """The instant from which this ticket wants an agent; None while nothing is to be done until something happens.

    Depends on the log alone, not on when it is asked.
    """
    return min((task.begin for task in _tasks(view, profile)), default=None)


def next_action(view: View, profile: Profile, *, now: int) -> Action | None:
    """What the agent does at its look: the first task that has begun, with the working time it will take."""
    task = next((task for task in _tasks(view, profile) if task.begin <= now), None)
    if task is None:
        return None
    nth = turns(view.log)
    kind = _diverted(task.kind, view, profile)
    u = uniform(view.seed, f"agent/seconds/{nth}", view.key)
    seconds = max(5, round(profile.seconds[kind] * gamma_spread(u, profile.shape)))
    return Action(kind, seconds, nth, task.step if kind == task.kind else None)


def _diverted(kind: str, view: View, profile: Profile) -> str:
    """Sometimes an agent asks the customer first, or passes the ticket on: at most once each on a ticket."""
    if kind in ("solve", "give_up", *LATE_WORK) or view.status == SOLVED:
        return kind
    if kind == "reply" and (held := _held_against(view)):
        return held
    asks, hands = (float(u) for u in uniforms(view.seed, "agent/divert", view.key, 2))
    handed = any(event.name == "ticket.handed_over" for event in view.log)
    wants_superior = last_word(view.log) == "demand_superior"
    if not handed and (wants_superior or (hands < profile.p_hand_over and kind == "remedy")):
        return "hand_over"
    if kind in ("confirm_facts", "remedy") and asks < profile.p_ask and not asked(view.log) and spoken(view.log):
        return "ask"
    return kind


def _held_against(view: View) -> str | None:
    """What pressure is met with: the first time with an answer; then a limit, a second person, and an end."""
    waiting = unanswered(view.log)
    pressed = sum(pressed_in(event) for event in view.log)
    if waiting is None or not pressed_in(waiting) or pressed < PRESSED:
        return None
    limits = sum(is_human_reply(event) and bool(event.data["facts"].get("limit")) for event in view.log)
    if not limits:
        return "limit"
    return "end_contact" if any(event.name == "ticket.handed_over" for event in view.log) else "hand_over"


def _tasks(view: View, profile: Profile) -> list[_Task]:
    """All that the ticket wants now or later, most urgent first."""
    match CATEGORY[view.status]:
        case "waiting":
            return [_silence(view, profile)]
        case "resolved":
            return [] if view.status == CLOSED else _step_tasks(view, profile)
    steps = _step_tasks(view, profile)
    first = [task for task in steps if task.kind in FIRST_WORDS]
    rest = [task for task in steps if task.kind not in FIRST_WORDS]
    found = first + _reply(view, profile) + rest
    if (cleared := _cleared_at(view)) is not None:
        found = [task for task in found if task.kind != "solve"]
        found.append(_task("help", cleared, view, profile))
    if not any(task.kind not in LATE_WORK for task in found):
        found.append(_solve(view, profile))
    return found


def _cleared_at(view: View) -> int | None:
    """Since when the firm is known to be clear of fault, while the customer has had neither remedy nor word since:
    the facts and some help come before the end, never a bare refusal."""
    if view.own_fault is not False or any(event.name == "remedy.given" for event in view.log):
        return None
    at = next(event.at for event in view.log if event.name == "case.facts_confirmed")
    return None if any(is_human_reply(event) and event.at > at for event in view.log) else at


def _step_tasks(view: View, profile: Profile) -> list[_Task]:
    """Steps that are the agent's to do, by deadline."""
    open_steps = sorted(
        (state for state in view.steps if _is_mine(state, view)), key=lambda state: state.due_at or state.anchor_at or 0
    )
    investigating = any(state.step.deed == "confirm_facts" for state in open_steps)
    tasks = []
    for state in open_steps:
        since = _since(state, view, profile)
        if since is not None and not (investigating and state.step.deed == "remedy"):  # facts before liability
            kind = ACTION_FOR[state.step.deed]
            tasks.append(_task(kind, since, view, profile, due_at=state.due_at, step=state.step.key))
    return tasks


def _is_mine(state: StepView, view: View) -> bool:
    """Open or late, an agent's, and not promised already; what is solved is not solved again."""
    step = state.step
    if step.by != AGENT or state.state not in (OPEN, MISSED) or step.key in view.promised:
        return False
    return not (view.status == SOLVED and step.deed == "solve")


def _since(state: StepView, view: View, profile: Profile) -> int | None:
    """From when on a step is the agent's concern; None while it is forgotten."""
    if _forgets(state.step, view, profile):
        return _reminded_at(state.step, view.log)
    since = state.anchor_at
    if state.step.deed == "remedy" and since is not None:
        since = max([since, *(event.at for event in view.log if event.name == "case.facts_confirmed")])
    return since


def _reply(view: View, profile: Profile) -> list[_Task]:
    """A word of the customer's that nobody has answered; the very first is answered by the playbook's first step."""
    waiting = unanswered(view.log)
    return [_task("reply", waiting.at, view, profile)] if waiting else []


def _solve(view: View, profile: Profile) -> _Task:
    """In work with nothing left but late work: solve, once what the desk has promised or still owes has come.

    The wait ends in any case, so that no playbook can keep a ticket open for ever.
    """
    since = view.log[-1].at
    for state in view.steps:
        if state.step.deed == "solve" and state.state in (OPEN, MISSED) and state.anchor_at is not None:
            since = state.anchor_at
            break
        if state.state == OPEN and state.step.deed != "solve":
            since = max(since, (state.latest_at or state.due_at or since) + MARGIN)
    return _task("solve", since, view, profile)


def _silence(view: View, profile: Profile) -> _Task:
    """The customer owes a word: wait for it, then close the matter with what is known."""
    since = max(event.at for event in view.log if event.actor == AGENT or event.name == "ticket.created")
    return _Task("give_up", since, since + profile.silence)


def _task(
    kind: str, since: int, view: View, profile: Profile, *, due_at: int | None = None, step: str | None = None
) -> _Task:
    """When a task begins: after it is noticed and what it has to wait for, later still if the agent dawdles.

    Right after an own action there is nothing to notice. A word of the customer's or a reminder ends a dawdle.
    """
    nth = turns(view.log)
    notice_u, late_u, length_u = (float(u) for u in uniforms(view.seed, f"agent/look/{nth}", view.key, 3))
    own_last = max((e.at for e in view.log if e.actor == AGENT), default=None)
    notice = round(profile.notice * lognormal_spread(notice_u, NOTICE_SPREAD))
    if own_last is not None and since <= own_last:
        notice = 0
    elif view.severity_band == "grave":
        notice //= 2
    start = since + notice
    if kind in profile.wait:
        waited = since + profile.wait[kind]
        start = max(start, waited if due_at is None else min(waited, due_at - MARGIN))
    if late_u < profile.p_late:
        start = _dawdle(start, start + round(profile.late * gamma_spread(length_u, 1.0)), notice, view.log)
    return _Task(kind, since, max(start, own_last or since), step)


def _dawdle(start: int, end: int, notice: int, log: Log) -> int:
    """The end of a dawdle that began at `start`, or the first nudge in it."""
    nudges = [e.at + notice for e in log if start < e.at < end and (is_customer_word(e) or _is_reminder(e))]
    return min([end, *nudges])


def _forgets(step: Step, view: View, profile: Profile) -> bool:
    if ACTION_FOR[step.deed] not in LATE_WORK:
        return False
    return uniform(view.seed, f"agent/forget/{step.key}", view.key) < profile.p_forget


def _is_reminder(event: Event) -> bool:
    return event.name == "follow_up.sent" and event.data["kind"] == "reminder"


def _reminded_at(step: Step, log: Log) -> int | None:
    name = f"remind.{step.key}"
    about = (e for e in log if _is_reminder(e) and (e.data["step"] == name or e.data["step"].startswith(f"{name}.")))
    return next((event.at for event in about), None)
