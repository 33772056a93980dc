"""A case and the events of its log, in short words, for the tests of the playbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from playbooks.core.case import Case
from playbooks.core.playbook import Playbook, built_in
from playbooks.core.rail import StepView, rail
from tickets.calendars import ALWAYS
from tickets.log import AGENT, CUSTOMER, Event

T0 = 1_767_571_200  # Monday 2026-01-05 00:00 UTC, 09:00 in Seoul and Tokyo
MINUTE, HOUR, DAY = 60, 3_600, 86_400
SORRY = ["regret", "responsibility"]

FAST = built_in()["fast-resolution"]
LETTER = built_in()["apology-letter-gift"]


def a_case(**changes: Any) -> Case:
    made = Case(
        key="T-1", seed=7, language="ja", profile="JP", channel="email", category="defective_item", severity=0.8,
        monetary=True, goods_accepted=True, own_fault=True, price=60_000, currency="JPY", right_remedy="refund",
    )  # fmt: skip
    return replace(made, **changes)


LIGHT, GRAVE = a_case(severity=0.3), a_case(severity=0.8)


def created() -> Event:
    return Event(T0, "ticket.created", CUSTOMER, {"status": "new", "channel": "email"})


def said(after: int, actor: str = AGENT, *, public: bool = True, **facts: Any) -> Event:
    data = {"public": public, "author": actor, "channel": "email", "facts": facts}
    return Event(T0 + after, "comment.created", actor, data)


def did(after: int, name: str, actor: str = AGENT, **data: Any) -> Event:
    return Event(T0 + after, name, actor, data)


def confirmed(after: int, *, own_fault: bool = True) -> Event:
    return did(after, "case.facts_confirmed", own_fault=own_fault)


def remedied(after: int) -> Event:
    return did(after, "remedy.given", kind="refund", amount=60_000, currency="JPY")


def accepted(after: int) -> Event:
    return did(after, "customer.accepted", CUSTOMER)


def pressed(after: int) -> Event:
    return said(after, CUSTOMER, word="complaint", pressure=True)


def solved(after: int) -> Event:
    return did(after, "ticket.solved", **{"from": "open", "to": "solved"})


def reopened(after: int) -> Event:
    return did(after, "ticket.reopened", CUSTOMER, **{"from": "solved", "to": "open"})


def closed(after: int) -> Event:
    return did(after, "ticket.closed", "system", **{"from": "solved", "to": "closed"})


def rail_of(playbook: Playbook, case: Case, *events: Event, after: int = 400 * DAY) -> dict[str, StepView]:
    """The rail by step, `after` seconds past the opening."""
    steps = rail(playbook, case, [created(), *events], now=T0 + after, calendar=ALWAYS)
    return {view.step.key: view for view in steps}


def missed(after: int, step: str) -> Event:
    return did(after, "step.missed", "system", step=step, due_at=T0 + after - 1)


_HAPPENINGS = st.sampled_from(
    [
        lambda at: said(at, "bot"),
        lambda at: said(at, apology=SORRY),
        lambda at: said(at, deeds=["letter"]),
        lambda at: said(at, deeds=["prevention"]),
        lambda at: said(at, "system", deeds=["check_in"], keeps_closed=True),
        lambda at: said(at, "customer", word="chasing"),
        pressed,
        accepted,
        confirmed,
        lambda at: confirmed(at, own_fault=False),
        remedied,
        lambda at: did(at, "gift.given", amount=3_000),
        solved,
        reopened,
        lambda at: missed(at, "answer"),
        lambda at: missed(at, "letter"),
        lambda at: did(at, "follow_up.skipped", "system", step="check_in_3.1", kind="check_in", reason="reopened"),
        closed,
    ]
)
_DELAYS = st.sampled_from([0, 0, 1, 60, HOUR, DAY, 3 * DAY])


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Any events in any order, sensible or not."""
    events, at = [created()], 0
    for make in draw(st.lists(_HAPPENINGS, max_size=25)):
        at += draw(_DELAYS)
        events.append(make(at))
    return events
