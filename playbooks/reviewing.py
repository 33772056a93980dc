"""Reading what an agent writes against the case as it stands: for the feedback under the text box, and as the facts
that the customer reacts to. The same reading serves both.
"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from playbooks.core.conditions import check, known_of
from playbooks.core.facts import NOTHING, Facts
from playbooks.core.language.finding import Reading, Setting
from playbooks.core.language.reading import read, version
from playbooks.core.pressure import with_limits
from playbooks.core.scenarios.setting import setting_of as setting_of_case
from playbooks.held import Held
from tickets.clock import at
from tickets.errors import Invalid
from tickets.log import Log
from tickets.models import Comment
from tickets.templatetags.desk_format import zone_of

UNREADABLE = ("wrong_language", "empty_text")  # the customer gets nothing out of it, but it may be sent


def setting_of(held: Held, *, now: int, log: Log | None = None, said: tuple[str, ...] | None = None) -> Setting:
    """What the desk knows by `now`: the case's names, what has been found out, authorised or said. No hidden fact.

    `log` and `said` (the customer's words) go back to an earlier moment of the case.
    """
    case, log = held.setting.case, held.standing.log if log is None else log
    moment = at(now)
    assert moment is not None
    setting = setting_of_case(
        case,
        log,
        today=moment.astimezone(ZoneInfo(zone_of(case.language))).date().isoformat(),
        customer_words=_said_by_customer(held) if said is None else said,
        channel=held.ticket.channel,
    )
    return replace(setting, gift_allowed=_gift_allowed(held, log))


def _said_by_customer(held: Held) -> tuple[str, ...]:
    said = Comment.objects.filter(ticket=held.ticket, author_type="customer").order_by("seq")
    return tuple(said.values_list("body", flat=True))


def _gift_allowed(held: Held, log: Log) -> bool:
    known = known_of(log)
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
    language = held.setting.case.language
    try:
        facts = replace(review(held, text, kind=kind, now=now).facts, rules=version(language))
    except Invalid as error:
        if error.code not in UNREADABLE:
            raise
        facts = NOTHING
    return replace(with_limits(facts, text, language), promise_at=promise_at)
