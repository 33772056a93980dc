"""Causes of complaints, measures against them and customers told beforehand, read from a desk's rows.

A cause is known by a key: the category, and what an investigation confirmed. One authored case has one cause in
three languages, so it is named by its scenario; a cause in anybody's own words is named by these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, QuerySet

from playbooks.core import prevention
from playbooks.core.case import case_from
from playbooks.core.customer.notice import NOT_FOUND, NOT_OURS, SEPARATOR, cause_key
from playbooks.core.customer.persona import METRICS
from playbooks.core.prevention import (
    HIGH_CES,
    LOW_CES,
    Costly,
    Effect,
    TopicShare,
)
from playbooks.core.scenarios import scenario_of
from playbooks.core.scenarios.telling import voice_of
from playbooks.models import CaseFile, Outcome, PreventionMeasure, Survey
from tickets.errors import Invalid, NotAllowed
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT
from tickets.log import CUSTOMER
from tickets.models import Agent, Clock, Comment, Ticket, TicketEvent
from tickets.texts import fit_text

DAYS, MOST_DAYS = 28, 365
NEWEST = 20_000  # tickets read at most
ASKED = 400  # tickets whose logs are read for the steps behind a low CES, of each side
WORDS = 2_000  # comments after the end
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """What complaints came from. `said`: the confirmed cause in words, where there is one."""

    key: str
    category: str
    kind: str  # scenario, words, not_ours, not_found
    said: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One ticket: when it came in, what from, and about what."""

    ticket: int
    at: int
    cause: Cause
    item: str
    firm: str
    email: str


def visible_to(agent: Agent) -> None:
    """Prevention is for those who see the whole desk."""
    if not agent.sees_everything:
        raise NotAllowed("not_allowed", "Prevention is for managers.")


# ---------------------------------------------------------------- causes


def complaints_of(clock: Clock, *, language: str = "en") -> list[Complaint]:
    """The newest complaints of a desk with their causes (three queries). `language`: in which causes are said."""
    tickets = list(
        Ticket.objects.filter(clock=clock)
        .order_by("-created_at", "-pk")
        .values_list("pk", "created_at", "category", "requester__email")[:NEWEST]
    )
    first = min((pk for pk, *_ in tickets), default=0)
    found = dict(
        TicketEvent.objects.filter(ticket__clock=clock, ticket__gte=first, name="case.facts_confirmed")
        .order_by("ticket", "seq")
        .values_list("ticket_id", "data")
    )
    files = dict(CaseFile.objects.filter(ticket__clock=clock, ticket__gte=first).values_list("ticket_id", "case"))
    named: dict[tuple[str, str, str], Cause] = {}
    return [
        _complaint(pk, at, category, email, found.get(pk), files.get(pk), language, named)
        for pk, at, category, email in reversed(tickets)
    ]


def _complaint(
    pk: int,
    at: int,
    category: str,
    email: str,
    confirmed: Mapping[str, Any] | None,
    file: Mapping[str, Any] | None,
    language: str,
    named: dict[tuple[str, str, str], Cause],
) -> Complaint:
    names = (file or {}).get("names") or {}
    scenario = str((file or {}).get("scenario") or "")
    if confirmed is None:
        cause = Cause(f"{category}{SEPARATOR}{NOT_FOUND}", category, NOT_FOUND)
    elif not confirmed.get("own_fault"):
        cause = Cause(cause_key(category, own_fault=False), category, NOT_OURS)
    else:
        said = str(confirmed.get("cause") or "")
        known = (category, scenario, "" if scenario else said)
        if known not in named:
            named[known] = named_cause(category, scenario, said, file, language)
        cause = named[known]
    return Complaint(pk, at, cause, str(names.get("item") or ""), str(names.get("firm") or ""), email.lower())


def named_cause(category: str, scenario: str, said: str, file: Mapping[str, Any] | None, language: str) -> Cause:
    if scenario and file is not None:
        case = case_from(file)
        voice = voice_of(case, language) if scenario_of(case) else None
        key = cause_key(category, own_fault=True, scenario=scenario)
        return Cause(key, category, "scenario", (voice.cause if voice else "") or said)
    return Cause(cause_key(category, own_fault=True, said=said), category, "words", said)


@dataclass(frozen=True, slots=True)
class CauseOverTime:
    """One cause: its complaints by week, and the items and firms that they were most about."""

    cause: Cause
    n: int
    weeks: tuple[tuple[int, int], ...]
    items: tuple[tuple[str, int], ...]
    firms: tuple[tuple[str, int], ...]


def causes_over_time(complaints: Sequence[Complaint]) -> list[CauseOverTime]:
    """All causes, the most frequent first, each over the same weeks."""
    if not complaints:
        return []
    first, last = complaints[0].at, complaints[-1].at
    by_cause: dict[str, list[Complaint]] = {}
    for one in complaints:
        by_cause.setdefault(one.cause.key, []).append(one)
    ordered = sorted(by_cause.values(), key=lambda those: (-len(those), those[0].cause.key))
    return [
        CauseOverTime(
            those[0].cause,
            len(those),
            tuple(prevention.by_week((one.at for one in those), first=first, last=last)),
            _most(one.item for one in those),
            _most(one.firm for one in those),
        )
        for those in ordered
    ]


def _most(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(value for value in values if value).most_common(EXAMPLES))


# ---------------------------------------------------------------- measures


def take_measure(given: Mapping[str, Any], *, clock: Clock, by: Agent | None, now: int) -> PreventionMeasure:
    """Note what was done against a cause. `taken_at` lies in the past, or is now."""
    return PreventionMeasure.objects.create(
        clock=clock,
        cause=checked_cause(given.get("cause")),
        text=fit_text(given.get("text"), field="text", longest=400),
        taken_at=past(given.get("taken_at"), now, "taken_at"),
        by=by,
    )


def checked_cause(value: Any) -> str:
    key = fit_text(value, field="cause", longest=200)
    category, separator, rest = key.partition(SEPARATOR)
    if category not in CATEGORIES_OF_COMPLAINT or not separator or not rest:
        raise Invalid(
            "unknown_cause", "A cause is a category and what was found, such as other/not_found.", field="cause"
        )
    return key


def past(value: Any, now: int, field: str) -> int:
    at = now if value is None else int(value)
    if not 0 < at <= now:
        raise Invalid("not_past", "This moment has not come yet.", field=field)
    return at


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with the complaints of its cause before and after."""

    measure: PreventionMeasure
    cause: Cause
    effect: Effect


def effects(clock: Clock, complaints: Sequence[Complaint], *, now: int, days: int = DAYS) -> list[Measured]:
    """Every measure of a desk, the newest first."""
    rows = PreventionMeasure.objects.filter(clock=clock).select_related("by").order_by("-taken_at", "-pk")
    return [effect_of(row, complaints, now=now, days=days) for row in rows[:100]]


def effect_of(row: PreventionMeasure, complaints: Sequence[Complaint], *, now: int, days: int = DAYS) -> Measured:
    own = [one.at for one in complaints if one.cause.key == row.cause]
    others = [one.at for one in complaints if one.cause.key != row.cause]
    known_since = complaints[0].at if complaints else row.taken_at
    found = prevention.effect_of(own, others, taken_at=row.taken_at, now=now, known_since=known_since, days=days)
    return Measured(row, cause_named(row.cause, complaints), found)


def cause_named(key: str, complaints: Sequence[Complaint]) -> Cause:
    """The cause of this key; one of which no complaint is left is known by its key."""
    known = next((one.cause for one in complaints if one.cause.key == key), None)
    if known is not None:
        return known
    category, _, rest = key.partition(SEPARATOR)
    kind = rest if rest in (NOT_OURS, NOT_FOUND) else "words"
    return Cause(key, category, kind, rest.removeprefix("=") if kind == "words" else "")


def logs(tickets: Iterable[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows = TicketEvent.objects.filter(ticket__in=list(tickets)).order_by("ticket", "seq")
    for row in rows:
        found.setdefault(row.ticket_id, []).append(row.as_value())
    return found


# ---------------------------------------------------------------- the step behind a low CES


@dataclass(frozen=True, slots=True)
class Effort:
    """Tickets whose customers found it hard, and easy, and the stages in which they differ."""

    hard: tuple[int, ...]  # tickets
    easy: tuple[int, ...]
    answered: int
    stages: tuple[Costly, ...]


def effort(clock: Clock) -> Effort:
    """Low CES against high, over the newest of each (three queries)."""
    rows = Outcome.objects.filter(clock=clock, data__ces__isnull=False).order_by("-opened_at", "-pk")
    scores = [(pk, data) for pk, data in rows.values_list("ticket_id", "data__ces")[:NEWEST] if data is not None]
    hard = tuple(pk for pk, score in scores if score <= LOW_CES)[:ASKED]
    easy = tuple(pk for pk, score in scores if score >= HIGH_CES)[:ASKED]
    read = logs([*hard, *easy])
    sides = [[prevention.stages_of(read.get(pk, [])) for pk in side] for side in (hard, easy)]
    return Effort(hard, easy, len(scores), tuple(prevention.costly(*sides)))


# ---------------------------------------------------------------- what customers say afterwards


@dataclass(frozen=True, slots=True)
class Said:
    """One topic in one language: how many of the comments speak of it, and some of them."""

    topic: str
    language: str
    n: int
    of: int
    examples: tuple[tuple[int, str], ...]  # ticket, words


def said_after(clock: Clock) -> list[Said]:
    """Customers' own messages after the first solving, by language and topic."""
    solved = (
        TicketEvent.objects.filter(ticket__clock=clock, name="ticket.solved")
        .values("ticket")
        .annotate(first=Min("at"))
        .values_list("ticket", "first")
    )
    first = dict(solved)
    rows: QuerySet[Comment] = Comment.objects.filter(
        ticket__clock=clock, author_type=CUSTOMER, public=True, ticket__in=solved.values("ticket")
    ).order_by("-at", "-pk")
    words = [
        (pk, language, body)
        for pk, at, language, body in rows.values_list("ticket_id", "at", "ticket__language", "body")[: 4 * WORDS]
        if at > first[pk]
    ][:WORDS]
    of = Counter(language for _, language, _ in words)
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for pk, language, body in words:
        for topic in prevention.spoken_of(body, language):
            found.setdefault((language, topic), []).append((pk, body))
    said = [
        Said(
            topic, language, len(those), of[language],
            tuple((pk, prevention.excerpt(body, language, topic)) for pk, body in those[:EXAMPLES]),
        )
        for (language, topic), those in found.items()
    ]  # fmt: skip
    return sorted(said, key=lambda one: (one.language, -one.n, one.topic))


@dataclass(frozen=True, slots=True)
class Remarks:
    """What customers wrote beside the ticks of their surveys. `answered`, `wrote`: tickets with such a survey."""

    answered: int
    wrote: int
    low: int  # of those who wrote: ticked a low CSAT or CES
    high: int
    topics: tuple[TopicShare, ...]


def remarks_of(clock: Clock) -> Remarks:
    """The newest answers of a desk, by topic (two queries)."""
    newest = (
        Survey.objects.filter(ticket__clock=clock, answered_at__isnull=False, metric__in=METRICS)
        .order_by("-answered_at", "-pk")
        .values_list("ticket_id", "ticket__language")[: 3 * WORDS]
    )
    languages = dict(newest)
    rows = (
        TicketEvent.objects.filter(ticket__in=list(languages), name="survey.answered")
        .order_by("-at", "-ticket", "-seq")
        .values_list("ticket_id", "data")
    )
    written: dict[int, list[tuple[str, int, str]]] = {}
    for pk, data in rows:
        if data.get("comment"):
            said = (str(data["metric"]), int(data["score"]), str(data["comment"]))
            written.setdefault(pk, []).append(said)
    those = [prevention.beside(pk, languages[pk], answers) for pk, answers in written.items()]
    return Remarks(
        len(languages), len(those), sum(one.low for one in those), sum(one.high for one in those),
        tuple(prevention.topic_shares(those, examples=EXAMPLES)),
    )  # fmt: skip


# ---------------------------------------------------------------- as JSON values


def remarks_data(found: Remarks) -> dict[str, Any]:
    topics = [
        {
            "topic": one.topic, "share": one.all.to_dict(), "low": one.low.to_dict(), "high": one.high.to_dict(),
            "examples": [{"ticket": pk, "language": language, "text": text} for pk, language, text in one.examples],
        }
        for one in found.topics
    ]  # fmt: skip
    return {
        "answered": found.answered, "wrote": found.wrote, "low": found.low, "high": found.high, "topics": topics,
    }  # fmt: skip
