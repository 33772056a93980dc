"""One turn of an automatic agent: the action, and what it leaves in the log when it is over.

An action always leaves an event of the agent, unless what happened meanwhile has made it pointless; then there is
something else to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from playbooks.core.case import OFFICE_REMEDIES, SHOP_REMEDIES, Case
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.facts import Facts
from playbooks.core.playbook import Playbook, gift_cap, promise_key
from playbooks.core.pressure import pressed_in
from playbooks.core.profiles import Profile, slip, worth
from playbooks.core.rail import DONE, LEFT_OUT, StepView
from playbooks.core.scenarios.telling import is_public_office, scenario_of
from playbooks.core.streams import pick, uniforms
from playbooks.core.words import desk_text
from tickets.calendars import BusinessCalendar
from tickets.lifecycle import CATEGORY, CLOSED, PENDING, SOLVED, is_customer_word, is_human_reply, status_of
from tickets.log import AGENT, Event, Log

NO_REPLY_NEEDED = ("opening", "thanks", "acceptance", "polite_refusal", "backs_down")
MORNING = 7_200  # seconds of work after the doors open until a promise made for the night falls due


@dataclass(frozen=True, slots=True)
class Action:
    """One turn of an agent: what, how long it takes, the number of agent events before it, and for which step."""

    kind: str
    seconds: int
    nth: int
    step: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def action_from(data: Mapping[str, Any]) -> Action:
    return Action(**data)


# Questions to the log


def turns(log: Log) -> int:
    """How many events of agents a log holds; names the draws of the next turn."""
    return sum(event.actor == AGENT for event in log)


def unanswered(log: Log) -> Event | None:
    """The first word since the last human reply that wants an answer."""
    last = max((i for i, event in enumerate(log) if is_human_reply(event)), default=-1)
    since = (e for e in log[last + 1 :] if is_customer_word(e))
    return next((e for e in since if e.data["facts"].get("word") not in NO_REPLY_NEEDED), None)


def last_word(log: Log) -> str | None:
    waiting = unanswered(log)
    return waiting.data["facts"].get("word") if waiting else None


def spoken(log: Log) -> bool:
    return any(is_human_reply(event) for event in log)


def asked(log: Log) -> bool:
    return any(is_human_reply(event) and event.data["facts"].get("asks") for event in log)


# What an action leaves


@dataclass(frozen=True, slots=True)
class _Turn:
    """One action under way: everything its effects are made of."""

    action: Action
    playbook: Playbook
    case: Case
    log: Log
    profile: Profile
    now: int
    status: str
    step: StepView | None
    hours: BusinessCalendar

    def by_when(self, seconds: int) -> int:
        """The instant to promise: so long from now, or early in the next hours of work after that."""
        at = self.now + seconds
        return at if self.hours.is_open(at) else self.hours.next_opening(at) + MORNING

    def draws(self, purpose: str, width: int) -> list[float]:
        drawn = uniforms(self.case.seed, f"agent/{purpose}/{self.action.nth}", self.case.key, width)
        return [float(u) for u in drawn]

    def text(self, kind: str, **details: Any) -> tuple[str, Facts]:
        nth = _said_before(kind, self.log)
        return desk_text(self.case, kind, author=AGENT, nth=nth, style=self.playbook.manner, **details)


def perform(
    action: Action,
    playbook: Playbook,
    case: Case,
    log: Log,
    rail: tuple[StepView, ...],
    profile: Profile,
    *,
    now: int,
    hours: BusinessCalendar,
) -> list[Effect]:
    """The effects of an action that ends now. None, if what happened during the work has made it pointless.

    `hours` are the agent's: what it promises falls into them.
    """
    status, step = status_of(log), next((view for view in rail if view.step.key == action.step), None)
    if _pointless(action, status, log, step):
        return []
    turn = _Turn(action, playbook, case, log, profile, now, status, step, hours)
    match action.kind:
        case "confirm_facts":
            return _confirm_facts(turn)
        case "remedy":
            return _remedy(turn)
        case "write_letter":
            return [_promise(turn, "letter")]
        case "offer_gift":
            return _offer_gift(turn)
        case "hand_over":
            return _hand_over(turn)
        case "ask":
            return [_say(turn, "ask", asks=True), *([] if status == SOLVED else [Become(PENDING, AGENT)])]
        case "solve" | "give_up":
            return [_say(turn, "solve"), Become(SOLVED, AGENT)]
        case "help":
            return _help(turn)
        case "limit":
            return [_say(turn, "limit")]
        case "end_contact":
            return [_say(turn, "end_contact"), *([] if status == SOLVED else [Become(SOLVED, AGENT)])]
        case "reply":
            return [_say(turn, "answer", promise_at=_open_promise(turn))]
        case "apologise" if _explained(turn):
            return [_careful_mail(turn)]
        case "answer" | "apologise":
            return [_say(turn, action.kind, deed=action.kind, promise_at=turn.by_when(profile.promise))]
        case _:
            return [_say(turn, action.kind, deed=action.kind)]


def _said_before(kind: str, log: Log) -> int:
    """How often agents have said this kind of thing: the text turns on, and an answer is no first answer twice."""
    match kind:
        case "answer":
            return sum(is_human_reply(event) for event in log)
        case "solve":
            return sum(event.name == "ticket.solved" for event in log)
        case _:
            return sum(is_human_reply(event) and kind in event.data["facts"].get("deeds", ()) for event in log)


def _pointless(action: Action, status: str, log: Log, step: StepView | None) -> bool:
    """Closed; done by somebody else; the silent customer has spoken; a new word came before "solved"."""
    if status == CLOSED or (step is not None and step.state in (DONE, LEFT_OUT)):
        return True
    if action.kind == "give_up":
        return CATEGORY[status] != "waiting"
    return action.kind == "solve" and unanswered(log) is not None


def _say(turn: _Turn, kind: str, *, deed: str | None = None, asks: bool = False, **details: Any) -> Say:
    """A public word, with the slip of the tongue that a tired agent makes."""
    text, facts = turn.text(kind, **details)
    (u,) = turn.draws("slip", 1)
    if u < turn.profile.p_ng:
        text = f"{text}\n\n{slip(turn.case.language)}"
        facts = replace(facts, ng=facts.ng + 1)
    if deed and deed not in facts.deeds:
        facts = replace(facts, deeds=(*facts.deeds, deed))
    facts = replace(facts, asks=facts.asks or asks, keeps_closed=facts.keeps_closed or turn.status == SOLVED)
    return Say(AGENT, text, facts, seconds=turn.action.seconds)


def _explained(turn: _Turn) -> bool:
    """Whether the desk knows by now that the fault is its own, and has apologised before it knew."""
    said = any(is_human_reply(event) and event.data["facts"].get("apology") for event in turn.log)
    return said and any(event.name == "case.facts_confirmed" and event.data["own_fault"] for event in turn.log)


def _careful_mail(turn: _Turn) -> Say:
    """A light case gets by mail what a letter says: cause, responsibility, and what has changed."""
    said = _say(turn, "letter", remedy=_remedy_given(turn.log))
    return replace(said, facts=replace(said.facts, deeds=("apologise",)))


def _remedy_given(log: Log) -> str | None:
    return next((event.data["kind"] for event in reversed(log) if event.name == "remedy.given"), None)


def _open_promise(turn: _Turn) -> int | None:
    """A reply names a time again only while the remedy is still to come."""
    given = any(event.name == "remedy.given" for event in turn.log)
    return None if given else turn.by_when(turn.profile.promise)


def _confirm_facts(turn: _Turn) -> list[Effect]:
    text, facts = turn.text("confirm_facts")
    cause = (turn.case.names or {}).get("cause", "")
    found = {"own_fault": turn.case.own_fault, "cause": cause, "seconds": turn.action.seconds}
    return [Say(AGENT, text, facts, public=False), Note("case.facts_confirmed", AGENT, found)]


def _remedy(turn: _Turn) -> list[Effect]:
    """What law and policy give, or by mistake something else."""
    wrong, which = turn.draws("remedy", 2)
    kind = turn.case.right_remedy
    if wrong < turn.profile.p_wrong_remedy:
        near = (*OFFICE_REMEDIES, "refund") if is_public_office(turn.case) else SHOP_REMEDIES
        others = [remedy for remedy in near if remedy != kind]
        kind = others[pick(which, len(others))]
    return _given(turn, kind)


def _given(turn: _Turn, kind: str) -> list[Effect]:
    ratio = worth(kind)
    amount = round(turn.case.price * ratio)
    promise_at = turn.now + turn.profile.remedy_promise
    given = {
        "kind": kind,
        "amount": amount,
        "currency": turn.case.currency,
        "ratio": ratio,
        "promise_at": promise_at,
        "conditional": False,
        "seconds": turn.action.seconds,
    }
    said = _say(turn, "remedy", promise_at=promise_at, amount=amount, remedy=kind)
    return [Note("remedy.given", AGENT, given), replace(said, seconds=0)]


def _help(turn: _Turn) -> list[Effect]:
    """No fault of ours: the facts explained, with what law and policy give all the same where the case names it."""
    if scenario_of(turn.case) is None:
        return [_say(turn, "help")]
    return _given(turn, turn.case.right_remedy)


def _promise(turn: _Turn, kind: str, **more: Any) -> Note:
    """A letter or a gift, made now and delivered later; the follow-up looks at the case again when it is due."""
    due_at = turn.now + turn.profile.delivery[kind]
    details = {"remedy": _remedy_given(turn.log), "at": due_at} if kind == "letter" else {"amount": more["amount"]}
    text, facts = turn.text(kind, **details)
    facts = facts if kind in facts.deeds else replace(facts, deeds=(*facts.deeds, kind))
    return Note(
        "follow_up.promised",
        AGENT,
        {
            "step": promise_key(turn.playbook, turn.step.step.key, len(turn.step.openings)) if turn.step else kind,
            "kind": kind,
            "due_at": due_at,
            "body": text,
            "facts": facts.to_dict(),
            **more,
            "seconds": turn.action.seconds,
        },
    )


def _offer_gift(turn: _Turn) -> list[Effect]:
    """A gift within the cap: a share of it, and never more."""
    cap = gift_cap(turn.playbook, turn.case)
    low, high = turn.profile.gift_share
    (u,) = turn.draws("gift", 1)
    amount = min(cap, round(cap * (low + (high - low) * u)))
    return [_promise(turn, "gift", amount=amount, currency=turn.case.currency, cap=cap)]


def _hand_over(turn: _Turn) -> list[Effect]:
    """To the second line. The customer hears of it, once somebody has spoken to them at all."""
    waiting, scenario = unanswered(turn.log), scenario_of(turn.case)
    pressed = waiting is not None and pressed_in(waiting)
    reason = "asked_for_superior" if last_word(turn.log) == "demand_superior" else "needs_second_line"
    reason = "under_pressure" if pressed else reason
    to = (scenario.escalate_to if pressed and scenario else None) or "second_line"
    note = Note("ticket.handed_over", AGENT, {"to": to, "reason": reason, "seconds": turn.action.seconds})
    said = _say(turn, "hand_over")
    return [note, replace(said, seconds=0, public=spoken(turn.log))]
