"""What an agent does on a case, as verbs: each validates against the case as it stands and returns effects.

`driver.perform(ticket, reply, agent=…, body=…)` holds the clock, applies the effects and writes what
follows. Refusals are coded errors that name the field; nothing is written then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from playbooks.core import alimtalk
from playbooks.core.case import CURRENCIES, REMEDIES
from playbooks.core.draft import refuse_blanks
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.etiquette import CONDITIONS, KNOTS, LONGEST_INSCRIPTION, UNSUITED
from playbooks.core.facts import Facts, facts_from
from playbooks.core.playbook import gift_cap
from playbooks.core.rail import StepView
from playbooks.held import Held
from playbooks.reviewing import facts_read
from tickets.errors import Conflict, Invalid
from tickets.lifecycle import CLOSED, SOLVED
from tickets.log import AGENT, CUSTOMER, first_at, named
from tickets.texts import fit_text

DAY = 86_400
FARTHEST_FOLLOW_UP = 400 * DAY
_ANSWERS = {"acceptance": "customer.accepted", "polite_refusal": "customer.declined"}
REPLY_KINDS = ("reply", "alimtalk")
LONGEST_WORK = 4 * 3600  # seconds of work that one action can claim


def reply(
    held: Held,
    *,
    now: int,
    body: str,
    kind: str = "reply",
    facts: Mapping[str, Any] | None = None,
    promise_at: int | None = None,
    channel: str | None = None,
    seconds: int = 0,
) -> list[Effect]:
    """A public word to the customer. What it contains is read in it, unless a client declares the facts itself."""
    _refuse_closed(held)
    body = _sendable(body)
    if kind == "alimtalk":
        channel = _as_alimtalk(held, body, channel)
    elif kind != "reply":
        raise Invalid("unknown_choice", f"kind is one of: {', '.join(REPLY_KINDS)}.", field="kind")
    declared = _facts(held, body, facts, kind=kind, now=now, promise_at=promise_at)
    effects: list[Effect] = [Say("agent", body, declared, channel=channel, seconds=_work(seconds))]
    if declared.asks and held.ticket.status != SOLVED:
        effects.append(Become("pending", AGENT))
    return effects


def _as_alimtalk(held: Held, body: str, channel: str | None) -> str:
    """The channel of an 알림톡, which takes informational messages in Korean only."""
    if held.setting.case.language != alimtalk.LANGUAGE:
        raise Invalid("alimtalk_korean_only", "알림톡 reaches customers who write in Korean only.", field="kind")
    if channel not in (None, alimtalk.CHANNEL):
        raise Invalid("alimtalk_channel", f"알림톡 goes out by {alimtalk.CHANNEL}.", field="channel")
    alimtalk.refuse_promotion(body)
    return alimtalk.CHANNEL


def note_internally(held: Held, *, now: int, body: str, seconds: int = 0) -> list[Effect]:
    """An internal note: the customer never sees it."""
    return [Say("agent", fit_text(body, field="body"), public=False, seconds=_work(seconds))]


def customer_says(held: Held, *, now: int, body: str, facts: Mapping[str, Any] | None = None) -> list[Effect]:
    """A customer's own words, brought in by a client of the API. Accepting the apology leaves its own event."""
    declared = _declared(facts, now=now)
    _refuse_closed(held)
    said = Say(CUSTOMER, fit_text(body, field="body"), declared)
    answer = _ANSWERS.get(declared.word or "")
    if answer is None:
        return [said]
    if not any(event.name == "comment.created" and event.data["facts"].get("apology") for event in held.standing.log):
        raise Conflict("no_apology", "Nobody has apologised on this ticket yet.", field="facts.word")
    return [Note(answer, CUSTOMER), said]


def investigate(held: Held, *, now: int, seconds: int = 0) -> list[Effect]:
    """Find out what happened: settles whether it was our own fault."""
    if first_at(held.standing.log, "case.facts_confirmed") is not None:
        raise Conflict("already_investigated", "The facts of this case are confirmed already.", field="ticket")
    _refuse_closed(held)
    case = held.setting.case
    data = {"own_fault": case.own_fault, "cause": (case.names or {}).get("cause", "")}
    return [Note("case.facts_confirmed", AGENT, _with_work(data, seconds))]


def give_remedy(
    held: Held,
    *,
    now: int,
    kind: str,
    amount: int = 0,
    promise_at: int | None = None,
    conditional: bool = False,
    seconds: int = 0,
) -> list[Effect]:
    """A refund, exchange, coupon or repair. `amount` in minor units of the case's currency."""
    if kind not in REMEDIES:
        raise Invalid("unknown_remedy", f"'{kind}' is not a remedy. Use one of: {', '.join(REMEDIES)}.", field="kind")
    _refuse_closed(held)
    case = held.setting.case
    amount = _amount(amount, field="amount")
    if kind in ("refund", "partial_refund", "coupon") and amount == 0:
        raise Invalid("required", f"A {kind} needs an amount.", field="amount")
    if kind in ("refund", "partial_refund") and amount > case.price:
        raise Invalid(
            "over_price",
            f"A refund of {amount} is more than the price of {case.price} (minor units of {case.currency}).",
            field="amount",
        )
    if promise_at is not None:
        _future(promise_at, now=now, field="promise_at")
    data = {
        "kind": kind,
        "amount": amount,
        "currency": case.currency,
        "ratio": _ratio(kind, amount, case.price),
        "promise_at": promise_at,
        "conditional": bool(conditional),
    }
    return [Note("remedy.given", AGENT, _with_work(data, seconds))]


def write_letter(
    held: Held,
    *,
    now: int,
    body: str,
    facts: Mapping[str, Any] | None = None,
    send_at: int | None = None,
    seconds: int = 0,
) -> list[Effect]:
    """Give an apology letter to the post: it goes out at `send_at` (default: now) as a follow-up."""
    _refuse_closed(held)
    body = _sendable(body)
    declared = _facts(held, body, facts, kind="letter", now=now)
    if _already_promised(held, "letter"):
        raise Conflict("letter_promised", "An apology letter is on its way on this ticket already.", field="ticket")
    if "letter" not in declared.deeds:
        declared = facts_from({**declared.to_dict(), "deeds": [*declared.deeds, "letter"]})
    due_at = now if send_at is None else _future(send_at, now=now, field="send_at")
    return [_promise("letter", "letter", due_at, {"body": body, "facts": declared.to_dict()}, seconds)]


def offer_gift(
    held: Held,
    *,
    now: int,
    amount: int,
    body: str = "",
    condition: str = "",
    knot: str = "",
    noshi: bool = False,
    inscription: str = "",
    traits: Sequence[str] = (),
    send_at: int | None = None,
    seconds: int = 0,
) -> list[Effect]:
    """Send a small gift, within the budget of the case. Only after the apology was accepted.

    How it is wrapped and what is asked in return is kept with it; what speaks against it, core/etiquette.py says.
    """
    _refuse_closed(held)
    amount = _amount(amount, field="amount")
    cap = gift_cap(held.setting.playbook, held.setting.case)
    currency = held.setting.case.currency
    if cap == 0:
        raise Conflict("no_gift", "This playbook gives no gift on this case.", field="amount")
    if amount == 0:
        raise Invalid("amount_required", "A gift needs an amount.", field="amount")
    if amount > cap:
        raise Invalid(
            "over_budget", f"A gift on this case costs between 1 and {cap} (minor units of {currency}).", field="amount"
        )
    if first_at(held.standing.log, "customer.accepted") is None:
        raise Conflict(
            "apology_not_accepted",
            "A gift comes after the apology was accepted; the customer has not accepted it yet.",
            field="ticket",
        )
    if _already_promised(held, "gift"):
        raise Conflict("gift_promised", "A gift is on its way on this ticket already.", field="ticket")
    due_at = now if send_at is None else _future(send_at, now=now, field="send_at")
    manners = _manners(condition, knot, noshi=noshi, inscription=inscription, traits=traits)
    data: dict[str, Any] = {"amount": amount, "currency": currency, **manners}
    if body:
        data["body"] = _sendable(body)
    return [_promise("gift", "gift", due_at, data, seconds)]


def _manners(condition: str, knot: str, *, noshi: bool, inscription: str, traits: Sequence[str]) -> dict[str, Any]:
    """What was said of a gift beside its amount; what was not said is not kept."""
    _one_of(condition, ("", *CONDITIONS), field="condition")
    _one_of(knot, ("", *KNOTS), field="knot")
    for trait in traits:
        _one_of(trait, UNSUITED, field="traits")
    inscription = fit_text(inscription, field="inscription", longest=LONGEST_INSCRIPTION, empty=True)
    said = {
        "condition": condition, "knot": knot, "noshi": bool(noshi), "inscription": inscription,
        "traits": list(dict.fromkeys(traits)),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _one_of(value: str, known: Sequence[str], *, field: str) -> None:
    if value not in known:
        raise Invalid("unknown_choice", f"{field} is one of: {', '.join(filter(None, known))}.", field=field)


def schedule_message(
    held: Held, *, now: int, body: str, due_at: int, facts: Mapping[str, Any] | None = None, seconds: int = 0
) -> list[Effect]:
    """Promise a message of one's own for a later time."""
    _refuse_closed(held)
    _future(due_at, now=now, field="due_at")
    step = (
        f"message.{len([e for e in named(held.standing.log, 'follow_up.promised') if e.data['kind'] == 'message']) + 1}"
    )
    body = _sendable(body)
    data = {"body": body, "facts": _facts(held, body, facts, kind="reply", now=now).to_dict()}
    return [_promise(step, "message", due_at, data, seconds)]


def change_status(held: Held, *, now: int, status: str) -> list[Effect]:
    """Put the ticket to another status; the transition map decides whether it may."""
    if status == held.ticket.status:
        raise Conflict("same_status", f"The ticket is {status} already.", field="status")
    return [Become(status, AGENT)]


def solve(
    held: Held, *, now: int, body: str = "", facts: Mapping[str, Any] | None = None, seconds: int = 0
) -> list[Effect]:
    """Solve the ticket, with closing words where there are any."""
    if held.ticket.status in (SOLVED, CLOSED):
        raise Conflict("transition_refused", f"A ticket that is {held.ticket.status} cannot be solved.", field="status")
    effects: list[Effect] = []
    if body:
        body = _sendable(body)
        effects += [Say("agent", body, _facts(held, body, facts, kind="reply", now=now), seconds=_work(seconds))]
    return [*effects, Become(SOLVED, AGENT)]


def open_steps(held: Held) -> list[StepView]:
    """The steps of the playbook that wait for an agent now."""
    return [view for view in held.standing.rail if view.state == "open" and view.step.by == "agent"]


def _sendable(body: str) -> str:
    """A text that may reach the customer."""
    body = fit_text(body, field="body")
    refuse_blanks(body)
    return body


def _declared(facts: Mapping[str, Any] | None, *, now: int) -> Facts:
    declared = facts_from(facts or {})
    if declared.promise_at is not None:
        _future(declared.promise_at, now=now, field="facts.promise_at")
    return declared


def _facts(
    held: Held, body: str, facts: Mapping[str, Any] | None, *, kind: str, now: int, promise_at: int | None = None
) -> Facts:
    """The facts of a message: as a client declares them, else as they are read in it."""
    if promise_at is not None:
        _future(promise_at, now=now, field="promise_at")
    if facts is None:
        return facts_read(held, body, kind=kind, now=now, promise_at=promise_at)
    declared = _declared(facts, now=now)
    return declared if promise_at is None else replace(declared, promise_at=promise_at)


def _refuse_closed(held: Held) -> None:
    if held.ticket.status == CLOSED:
        raise Conflict("ticket_closed", "This ticket is closed. Open a new one that follows it up.", field="ticket")


def _already_promised(held: Held, step: str) -> bool:
    return any(event.data["step"] == step for event in named(held.standing.log, "follow_up.promised"))


def _promise(step: str, kind: str, due_at: int, data: Mapping[str, Any], seconds: int) -> Note:
    return Note(
        "follow_up.promised", AGENT, _with_work({"step": step, "kind": kind, "due_at": due_at, **data}, seconds)
    )


def _with_work(data: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    worked = _work(seconds)
    return {**data, "seconds": worked} if worked else dict(data)


def _work(seconds: int) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0:
        raise Invalid("not_a_duration", "seconds is a whole number of seconds, 0 or more.", field="seconds")
    return min(seconds, LONGEST_WORK)


def _amount(amount: object, *, field: str) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= 10**9:
        raise Invalid(
            "not_an_amount",
            f"{field} is a whole number of minor units ({', '.join(CURRENCIES)}), 0 or more.",
            field=field,
        )
    return amount


def _future(at: object, *, now: int, field: str) -> int:
    if isinstance(at, bool) or not isinstance(at, int):
        raise Invalid("not_an_instant", f"{field} must be an instant.", field=field)
    if at < now:
        raise Invalid("in_the_past", f"{field} lies in the past.", field=field)
    if at > now + FARTHEST_FOLLOW_UP:
        raise Invalid("too_far", f"{field} lies more than 400 days ahead.", field=field)
    return at


def _ratio(kind: str, amount: int, price: int) -> float:
    """Compensation as a share of the price; an exchange or a repair makes up for the whole."""
    if kind in ("exchange", "repair"):
        return 1.0
    return round(amount / price, 6) if price else 0.0
