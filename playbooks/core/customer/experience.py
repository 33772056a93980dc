"""What a customer has lived through on a ticket, from what was said to them and done for them, and from times.

Nothing internal enters: `visible` is the only door. Several messages become one experience like this:
empathy, listening, concreteness, ownership: the best message counts (once shown, it is felt);
register: the mean (one slip does not undo it); voice: the value farthest from neutral; NG words: their sum;
apology components: all that were ever said. A further apology is one that brings no new part and no deed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from playbooks.core.case import OFFICE_REMEDIES, Case
from playbooks.core.customer.evidence import E
from playbooks.core.facts import COMPONENTS
from playbooks.core.pressure import pressed_in
from tickets.log import AGENT, BOT, CUSTOMER, SYSTEM, Event, Log

HOUR, DAY = 3600, 86_400

# What reaches the customer besides public comments. Holding, assigning, investigating and planning do not.
REACHES = frozenset({
    "ticket.created", "ticket.solved", "ticket.closed", "ticket.reopened", "ticket.handed_over",
    "remedy.given", "gift.given", "survey.invited", "survey.answered", "survey.expired",
    "customer.accepted", "customer.declined", "customer.left", "customer.reviewed",
    "customer.repurchased", "customer.told",
})  # fmt: skip
BROUGHT = frozenset({"letter", "gift", "check_in", "interim_report", "prevention"})  # may come by follow-up
CHASING = frozenset({"chasing", "demand_superior", "still_unhappy"})
MONEY = frozenset({"refund", "partial_refund"})
GIVES = frozenset({"remedy.given", "gift.given"})
SHOWN = ("empathy", "listening", "concrete", "ownership")


@dataclass(frozen=True, slots=True)
class Experience:
    """Inputs of the equations. Floats, or arrays of one length; times in hours, `inf` where there is none."""

    severity: Any = 0.5
    monetary: Any = True
    accepted: Any = True  # the goods are kept
    prior: Any = 2  # earlier purchases
    failure_number: Any = 1
    wait_median_h: Any = 3.0  # the waiting curve of the channel
    wait_shape: Any = 0.873
    heard: Any = 0.0  # a human answered
    resolved: Any = 0.0  # 1 solved, less where only in words, 0 not
    first_h: Any = math.inf  # until the first human reply, or waited so far
    resolution_h: Any = math.inf  # until solved, or waited so far
    acknowledged: Any = False
    ratio: Any = 0.0  # compensation, of the price
    match: Any = 1.0  # how well its kind fits the loss
    delay_days: Any = 0.0  # until it arrives
    conditional: Any = False  # tied to a favour
    gift_tied: Any = False  # the gift is tied to a favour
    apology: Any = 0.0  # weight of the components said
    apology_nth: Any = 1
    broken_promise: Any = False
    empathy: Any = 0.0
    listening: Any = 0.0
    concrete: Any = 0.0
    ownership: Any = 0.0
    register: Any = 0.0
    voice: Any = 0.5
    ng: Any = 0
    bot_only: Any = False
    explained: Any = False  # what happened was explained
    explained_waiting: Any = False  # … while the customer still waited for the end of it
    letter_h: Any = math.inf
    gift: Any = 0  # 1 after the apology was accepted, -1 before, 0 none
    follow_up_day: Any = math.inf
    prevented_days: Any = math.inf  # since it was reported what will keep it from happening again
    updates: Any = 0
    hand_offs: Any = 0
    re_contacts: Any = 0
    earlier: Any = 0.0  # satisfaction that an earlier failure left, where it is known
    left: Any = False
    told: Any = False  # what had gone wrong was told before the complaint


def visible(log: Log, *, until: int | None = None) -> list[Event]:
    """The part of a log that the customer sees."""
    return [e for e in log if (until is None or e.at <= until) and (e.name in REACHES or is_public(e))]


def is_public(event: Event) -> bool:
    return event.name == "comment.created" and bool(event.data["public"])


def facts_of(event: Event) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = event.data["facts"]
    return facts


def deeds_said(event: Event) -> frozenset[str]:
    return frozenset(facts_of(event).get("deeds", ())) if event.name == "comment.created" else frozenset()


def is_firms_word(event: Event) -> bool:
    """A public word of a human, or what comes by follow-up in the desk's name: a letter, a check-in …"""
    if not is_public(event) or event.actor == CUSTOMER:
        return False
    return event.actor == AGENT or bool(deeds_said(event) & BROUGHT)


def is_customers_word(event: Event) -> bool:
    return event.actor == CUSTOMER and is_public(event)


def experience_of(case: Case, log: Log, *, until: int) -> Experience:
    """All that the customer has lived through up to and including `until`."""
    seen = visible(log, until=until)
    created = seen[0].at if seen else until
    words = [e for e in seen if is_firms_word(e)]
    spoken = [e for e in words if e.actor != BOT]  # what a bot says has no tone
    left_at = next((e.at for e in seen if e.name == "customer.left"), None)
    first_at = next((e.at for e in words if e.actor == AGENT), None)
    solved_at = _solved_at(seen)
    told = bool(seen) and seen[0].data.get("told_at") is not None
    curve = E.waiting[E.waiting.curve[case.channel]]
    apology, nth = _apology(case, spoken)
    remedies = [e for e in seen if e.name == "remedy.given"]
    return Experience(
        severity=case.severity,
        monetary=case.monetary,
        accepted=case.goods_accepted,
        prior=case.prior_purchases,
        failure_number=case.failure_number,
        wait_median_h=curve.median_h * E.waiting.scale[case.channel],
        wait_shape=curve.shape,
        heard=float(first_at is not None and (left_at is None or first_at <= left_at)),
        resolved=_resolved(case, solved_at, left_at, bool(remedies), apology),
        first_h=((until if first_at is None else first_at) - created) / HOUR,
        resolution_h=((until if solved_at is None else solved_at) - created) / HOUR,
        told=told,
        acknowledged=told
        or any(is_public(e) and e.actor == BOT and (first_at is None or e.at <= first_at) for e in seen),
        apology=apology,
        apology_nth=nth,
        broken_promise=any(due + E.patience.promise_grace_s < until for due in open_promises(seen)),
        bot_only=first_at is None and any(is_public(e) and e.actor in (BOT, SYSTEM) for e in seen),
        letter_h=min(((e.at - created) / HOUR for e in seen if is_letter(e)), default=math.inf),
        gift=_gift(seen),
        gift_tied=any(e.name == "gift.given" and bool(e.data.get("condition")) for e in seen),
        follow_up_day=_follow_up_day(seen, solved_at, created),
        prevented_days=max(((until - e.at) / DAY for e in words if "prevention" in deeds_said(e)), default=math.inf),
        updates=sum("interim_report" in deeds_said(e) for e in words),
        hand_offs=sum(e.name == "ticket.handed_over" for e in seen),
        re_contacts=sum(is_customers_word(e) and facts_of(e).get("word") in CHASING for e in seen),
        left=left_at is not None,
        **_compensation(case, remedies, created),
        **_explanation(spoken, remedies, solved_at, told=told),
        **_tone(spoken, pressed_at=next((e.at for e in seen if pressed_in(e)), None)),
    )


def _solved_at(seen: Iterable[Event]) -> int | None:
    """When the ticket was solved, if it still is."""
    solved = None
    for event in seen:
        if event.name == "ticket.solved":
            solved = event.at
        elif event.name == "ticket.reopened":
            solved = None
    return solved


def _resolved(case: Case, solved_at: int | None, left_at: int | None, remedied: bool, apology: float) -> float:
    if solved_at is None or (left_at is not None and left_at <= solved_at):
        return 0.0
    if remedied or (not case.monetary and apology > 0):
        return 1.0
    return float(E.repurchase.partly_resolved)


def _compensation(case: Case, remedies: list[Event], created: int) -> dict[str, Any]:
    """Several remedies add up; how well they fit is weighed by their size, the largest says when it arrives."""
    if not remedies:
        return {}
    ratios = [_ratio(case, e.data) for e in remedies]
    total = math.fsum(ratios)
    fits = [_match(case, str(e.data.get("kind"))) for e in remedies]
    main = remedies[ratios.index(max(ratios))]
    arrives = main.data.get("promise_at") or main.at
    return {
        "ratio": total,
        "match": math.fsum(r * f for r, f in zip(ratios, fits, strict=True)) / total if total > 0 else max(fits),
        "delay_days": max(0.0, (max(arrives, main.at) - created) / DAY),
        "conditional": any(e.data.get("conditional") for e in remedies),
    }


def _ratio(case: Case, remedy: Mapping[str, Any]) -> float:
    if remedy.get("ratio") is not None:
        return float(remedy["ratio"])
    if remedy.get("kind") in ("exchange", "repair", *OFFICE_REMEDIES):
        return 1.0
    return float(remedy.get("amount") or 0) / case.price if case.price else 0.0


def _match(case: Case, kind: str) -> float:
    if kind == case.right_remedy or {kind, case.right_remedy} <= MONEY:
        return 1.0
    return float(E.compensation.match_credit if kind == "coupon" else E.compensation.match_other)


def _apology(case: Case, spoken: list[Event]) -> tuple[float, int]:
    """Weight of all components said, and which apology it is by now."""
    said: set[str] = set()
    bare = 0
    for event in spoken:
        parts = set(facts_of(event).get("apology", ()))
        if said and parts and parts <= said and not deeds_said(event) - {"answer", "apologise"}:
            bare += 1
        said |= parts
    weight = math.fsum(E.apology[part] for part in COMPONENTS if part in said)
    return weight, case.failure_number + max(0, bare - E.apology.courtesy)


def _explanation(spoken: list[Event], remedies: list[Event], solved_at: int | None, *, told: bool) -> dict[str, bool]:
    """Whether it was explained what happened, and whether that had to serve instead of an end."""
    if told:
        return {"explained": True, "explained_waiting": True}
    explained = [e.at for e in spoken if "explanation" in facts_of(e).get("apology", ())]
    end = min([e.at for e in remedies] + ([] if solved_at is None else [solved_at]), default=math.inf)
    return {"explained": bool(explained), "explained_waiting": any(at < end for at in explained)}


def open_promises(seen: list[Event]) -> list[int]:
    """Instants by which a word was promised and none (nor a remedy, nor an end) came in time, made last first.

    The date on which a remedy arrives is no such promise: nobody writes when money lands.
    """
    remedied_at = {e.at for e in seen if e.name == "remedy.given"}
    keeping = [(i, e.at) for i, e in enumerate(seen) if is_firms_word(e) or e.name in GIVES | {"ticket.solved"}]
    unkept = []
    for i in range(len(seen) - 1, -1, -1):
        event = seen[i]
        due = facts_of(event).get("promise_at") if is_firms_word(event) else None
        if due is None or event.at in remedied_at or "remedy" in deeds_said(event):
            continue
        if not any(j > i and event.at < at <= due + E.patience.promise_grace_s for j, at in keeping):
            unkept.append(int(due))
    return unkept


def is_letter(event: Event) -> bool:
    return is_firms_word(event) and "letter" in deeds_said(event)


def _gift(seen: list[Event]) -> int:
    """1 if every gift came after the apology was accepted, -1 if one came before, 0 without any."""
    accepted, verdict = False, 0
    for event in seen:
        if event.name == "customer.accepted":
            accepted = True
        elif event.name == "gift.given":
            verdict = 1 if accepted and verdict >= 0 else -1
    return verdict


def _follow_up_day(seen: list[Event], solved_at: int | None, created: int) -> float:
    """Day of a later contact since the end (or the remedy, or the opening); of several, the best."""
    remedied = next((e.at for e in seen if e.name == "remedy.given"), created)
    days = []
    for event in seen:
        if "check_in" in deeds_said(event) and is_firms_word(event):
            start = solved_at if solved_at is not None and solved_at <= event.at else remedied
            days.append(float((event.at - start) // DAY))
    first, last = E.ij.follow_up_first_day, E.ij.follow_up_last_day
    return min(days, key=lambda day: (not first <= day <= last, day), default=math.inf)


def _tone(spoken: list[Event], *, pressed_at: int | None) -> dict[str, Any]:
    """A limit set to somebody who has pressed nobody is an insult like any word that must not be used."""
    facts = [facts_of(e) for e in spoken]
    accused = sum(bool(facts_of(e).get("limit")) and (pressed_at is None or e.at < pressed_at) for e in spoken)
    if not facts:
        return {}
    return {
        **{name: max(float(f.get(name, 0.0)) for f in facts) for name in SHOWN},
        "register": math.fsum(float(f.get("register", 0.0)) for f in facts) / len(facts),
        "voice": max((float(f.get("voice", 0.5)) for f in facts), key=lambda v: (abs(v - 0.5), v)),
        "ng": sum(int(f.get("ng", 0)) for f in facts) + accused,
    }
