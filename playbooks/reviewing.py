"""Reading what an agent writes against the case as it stands: for the feedback under the text box, and as the facts
that the customer reacts to. The same reading serves both.
"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from playbooks.core.conditions import check, known_of
from playbooks.core.facts import NOTHING, Facts
from playbooks.core.language.finding import Reading, Setting
from playbooks.core.language.reading import read
from playbooks.held import Held
from tickets.clock import at
from tickets.errors import Invalid
from tickets.log import Log, first_at, named
from tickets.models import Comment
from tickets.templatetags.desk_format import zone_of

HIDDEN = ("cause", "measure")  # what only an investigation brings to light
UNREADABLE = ("wrong_language", "empty_text")  # the customer gets nothing out of it, but it may be sent


def setting_of(held: Held, *, now: int) -> Setting:
    """What the desk knows by `now`: the case's names, what has been found out, authorised or said. No hidden fact."""
    case, log = held.setting.case, held.standing.log
    found = next(iter(named(log, "case.facts_confirmed")), None)
    hidden = () if found is not None else HIDDEN
    moment = at(now)
    assert moment is not None
    return Setting(
        names={name: value for name, value in (case.names or {}).items() if name not in hidden},
        amounts=_authorised(log, case.price),
        currency=case.currency,
        today=moment.astimezone(ZoneInfo(zone_of(case.language))).date().isoformat(),
        own_fault=bool(found.data["own_fault"]) if found else None,
        remedy_given=first_at(log, "remedy.given") is not None,
        gift_allowed=_gift_allowed(held),
        customer_words=tuple(
            Comment.objects.filter(ticket=held.ticket, author_type="customer")
            .order_by("seq")
            .values_list("body", flat=True)
        ),
        channel=held.ticket.channel,
    )


def _said_by_customer(held: Held) -> tuple[str, ...]:
    said = Comment.objects.filter(ticket=held.ticket, author_type="customer").order_by("seq")
    return tuple(said.values_list("body", flat=True))


def _authorised(log: Log, price: int) -> tuple[int, ...]:
    """Amounts that may be named: the price, and what was given or promised on the ticket."""
    events = [*named(log, "remedy.given", "gift.given"), *named(log, "follow_up.promised")]
    return tuple(dict.fromkeys([price, *(event.data["amount"] for event in events if event.data.get("amount"))]))


def _gift_allowed(held: Held) -> bool:
    known = known_of(held.standing.log)
    step = next((view.step for view in held.standing.rail if view.step.deed == "gift"), None)
    if step is None:
        return False
    allowed, _ = check(step.when, held.setting.playbook, held.setting.case, known)
    return allowed is True


def review(held: Held, text: str, *, kind: str, now: int) -> Reading:
    """What the text says and lacks, with the sentence for each finding. Invalid for what cannot be read."""
    return read(text, language=held.setting.case.language, kind=kind, setting=setting_of(held, now=now))


def facts_read(held: Held, text: str, *, kind: str, now: int, promise_at: int | None = None) -> Facts:
    """The facts of a message as they reach the customer. A text in a language that is not theirs says nothing."""
    try:
        facts = review(held, text, kind=kind, now=now).facts
    except Invalid as error:
        if error.code not in UNREADABLE:
            raise
        facts = NOTHING
    return replace(facts, promise_at=promise_at)
