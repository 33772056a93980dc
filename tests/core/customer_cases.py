"""A customer, and what a desk may do to them, in short words, for the tests of the customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from playbooks.core.case import Case
from playbooks.core.customer.persona import Persona, persona_of
from playbooks.core.customer.reaction import Intention, intentions, react
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.happenings import events_of
from playbooks.core.opening import opening_events
from tickets.lifecycle import status_of
from tickets.log import AGENT, BOT, CUSTOMER, SYSTEM, Event

T0 = 1_767_571_200  # Monday 2026-01-05 00:00 UTC, 09:00 in Seoul and Tokyo
MINUTE, HOUR, DAY = 60, 3_600, 86_400
NAMES = {
    "customer": "田中",
    "firm": "九条商店",
    "desk": "お客様窓口",
    "agent": "佐藤",
    "order": "A-1001",
    "item": "ケトル",
}
EARNEST = Facts(
    apology=COMPONENTS, empathy=1.0, listening=1.0, concrete=0.8, ownership=1.0, register=1.0, voice=0.9,
    deeds=("apologise",),
)  # fmt: skip


def a_case(key: str = "C-1", **changes: Any) -> Case:
    made = Case(
        key=key, seed=7, language="ja", profile="JP", channel="email", category="defective_item", severity=0.6,
        monetary=True, goods_accepted=True, own_fault=True, price=60_000, currency="JPY", right_remedy="refund",
        names=NAMES,
    )  # fmt: skip
    return replace(made, **changes)


def opened(case: Case) -> list[Event]:
    return opening_events(case, at=T0)


def after(log: list[Event], case: Case, seconds: int, *effects: Effect) -> list[Event]:
    """The log after somebody did this, `seconds` after the opening."""
    _, events = events_of(effects, status=status_of(log), channel=case.channel, at=T0 + seconds)
    return [*log, *events]


def agent_says(**facts: Any) -> Say:
    return Say(AGENT, "…", Facts(**facts))


def apologises(**changes: Any) -> Say:
    return Say(AGENT, "…", replace(EARNEST, **changes))


def receipt() -> Say:
    return Say(BOT, "…", Facts(deeds=("acknowledge",)))


def refund(share: float = 1.0, **data: Any) -> Note:
    given = {"kind": "refund", "amount": round(60_000 * share), "currency": "JPY", "ratio": share, "promise_at": None}
    return Note("remedy.given", AGENT, given | {"conditional": False} | data)


def gift(**data: Any) -> Note:
    return Note("gift.given", AGENT, {"amount": 3_000, "currency": "JPY", "cap": 5_000} | data)


def solve() -> Become:
    return Become("solved", AGENT)


def invites(metric: str, number: int = 1) -> Note:
    return Note("survey.invited", SYSTEM, {"metric": metric, "round": number})


def accepts() -> list[Effect]:
    return [Note("customer.accepted", CUSTOMER), Say(CUSTOMER, "…", Facts(word="acceptance"))]


def talk(case: Case, log: list[Event], persona: Persona | None = None) -> Intention | None:
    """The one word (or leaving) that the customer intends, if any."""
    found = [i for i in intentions(case, persona or persona_of(case), log) if i.key.startswith("talk.")]
    assert len(found) <= 1
    return found[0] if found else None


def fired(case: Case, log: list[Event], intention: Intention, persona: Persona | None = None) -> list[Event]:
    """The events that an intention leaves when it comes due."""
    who = persona or persona_of(case)
    effects = react(case, who, log, intention.key, now=intention.due_at)
    return events_of(effects, status=status_of(log), channel=case.channel, at=intention.due_at)[1]


def what_next(case: Case, log: list[Event], persona: Persona | None = None) -> str | None:
    """The customer's next step in one word: what they say, 'leaves', 'reviews', or None."""
    intention = talk(case, log, persona)
    return None if intention is None else named(fired(case, log, intention, persona))


def named(events: Iterable[Event]) -> str:
    for event in events:
        if event.name == "comment.created":
            return str(event.data["facts"]["word"])
        if event.name == "customer.reviewed":
            return "reviews"
        if event.name == "customer.left":
            return "leaves"
    raise AssertionError("a customer's step leaves a word, a review or an empty chair")


def with_draws(case: Case, **draws: float) -> Persona:
    """The customer of this case with some draws settled: with_draws(case, silence=.9)."""
    who = persona_of(case)
    return replace(who, **{name: (value,) * len(getattr(who, name)) for name, value in draws.items()})


def settled(case: Case, **changes: Any) -> Persona:
    """The customer of this case without noise of its own: only what happens moves it."""
    who = persona_of(case)
    quiet = replace(who.traits, noise=0.0, cumulative_noise=0.0, nps_noise=0.0, ces_noise=0.0)
    return replace(who, traits=quiet, temper=0.0, forgiving=0.0, **changes)
