"""Causes of complaints, measures against them and customers told beforehand, read from a desk's rows.

A cause is known by a key: the category, and what an investigation confirmed. One authored case has one cause in
three languages, so it is named by its scenario; a cause in anybody's own words is named by these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Min, Q, QuerySet

from playbooks.core import prevention
from playbooks.core.case import Case, case_from
from playbooks.core.customer.evidence import E, Switches
from playbooks.core.customer.notice import NOT_FOUND, NOT_OURS, SEPARATOR, Notice, cause_key, cause_of, share_told
from playbooks.core.customer.persona import METRICS
from playbooks.core.prevention import (
    HIGH_CES,
    LOW_CES,
    Costly,
    Effect,
    Foreseen,
    Ratio,
    TopicShare,
)
from playbooks.core.scenarios import scenario_of
from playbooks.core.scenarios.telling import voice_of
from playbooks.core.statistics import Interval, wilson
from playbooks.models import AdvanceNotice, Arrival, CaseFile, Outcome, PreventionMeasure, Shift, Survey
from tickets.clock import instant, main_clock
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
SHIFTS = 20
MOST_EMAILS = 5_000


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
            named[known] = _named(category, scenario, said, file, language)
        cause = named[known]
    return Complaint(pk, at, cause, str(names.get("item") or ""), str(names.get("firm") or ""), email.lower())


def _named(category: str, scenario: str, said: str, file: Mapping[str, Any] | None, language: str) -> Cause:
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
        cause=_cause_key(given.get("cause")),
        text=fit_text(given.get("text"), field="text", longest=400),
        taken_at=_past(given.get("taken_at"), now, "taken_at"),
        by=by,
    )


def _cause_key(value: Any) -> str:
    key = fit_text(value, field="cause", longest=200)
    category, separator, rest = key.partition(SEPARATOR)
    if category not in CATEGORIES_OF_COMPLAINT or not separator or not rest:
        raise Invalid(
            "unknown_cause", "A cause is a category and what was found, such as other/not_found.", field="cause"
        )
    return key


def _past(value: Any, now: int, field: str) -> int:
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


# ---------------------------------------------------------------- telling customers before they complain


def tell_beforehand(given: Mapping[str, Any], *, clock: Clock, by: Agent | None, now: int) -> AdvanceNotice:
    """Note that customers were told. `emails` names them, as far as known: one line or list entry each."""
    emails = _emails(given.get("emails") or [])
    told = given.get("told")
    told = len(emails) if told is None else told
    if not isinstance(told, int) or isinstance(told, bool) or not 1 <= told <= 10**9:
        raise Invalid("not_a_number", "Say how many customers were told, at least one.", field="told")
    if len(emails) > told:
        raise Invalid("too_many", "More addresses are named than customers were told.", field="emails")
    not_told = given.get("not_told")
    if not_told is not None and (
        not isinstance(not_told, int) or isinstance(not_told, bool) or not 0 <= not_told <= 10**9
    ):
        raise Invalid("not_a_number", "A whole number, or nothing where it is not known.", field="not_told")
    return AdvanceNotice.objects.create(
        clock=clock, cause=_cause_key(given.get("cause")), text=fit_text(given.get("text"), field="text", longest=2000),
        told_at=_past(given.get("told_at"), now, "told_at"), told=told, not_told=not_told, emails=emails, by=by,
    )  # fmt: skip


def _emails(given: Any) -> list[str]:
    entries = given.split() if isinstance(given, str) else given
    if not isinstance(entries, list) or len(entries) > MOST_EMAILS:
        raise Invalid("too_many", f"At most {MOST_EMAILS} addresses.", field="emails")
    found = [fit_text(entry, field="emails", longest=254).strip(",;").lower() for entry in entries]
    if wrong := [one for one in found if one.count("@") != 1]:
        raise Invalid("invalid_email", f"'{wrong[0][:80]}' is not an address.", field="emails")
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a notice. `complained`: of those told, and of the others; None where nobody can say.

    `spared`: simulated customers who had been told and did not complain; `simulated`: whether any are in it.
    """

    notice: AdvanceNotice
    cause: Cause
    complained: tuple[int, int] | None
    spared: int
    simulated: bool
    ratio: Ratio | None  # rate of those told over that of the others
    csat: tuple[Interval, Interval] | None  # satisfied of those told, of the others
    foreseen: Foreseen


def clock_of_shift(pk: int | None) -> Clock:
    """The main desk, or the clock of a shift: customers of a shift can be told as well."""
    if pk is None:
        return main_clock()
    shift = Shift.objects.filter(pk=pk).select_related("clock").first()
    if shift is None:
        raise Invalid("unknown_shift", "There is no such shift.", field="shift")
    return shift.clock


def notices_of() -> QuerySet[AdvanceNotice]:
    """Notices of the main desk and of shifts."""
    rows = AdvanceNotice.objects.filter(Q(clock__main=True) | Q(clock__shift__isnull=False))
    return rows.select_related("by", "clock", "clock__shift", "clock__shift__trainee")


def notices(main: Sequence[Complaint], *, wall_now: float, language: str = "en", days: int = DAYS) -> list[Told]:
    """The newest notices, each against the complaints of its own desk. `main`: those of the main desk, once read."""
    told = Outcomes(main, wall_now=wall_now, language=language)
    return [told.of(row, days=days) for row in notices_of().order_by("-told_at", "-pk")[:50]]


class Outcomes:
    """What came of notices, with the complaints of each desk read once."""

    def __init__(self, main: Sequence[Complaint], *, wall_now: float, language: str) -> None:
        self._main, self._wall_now, self._language = main, wall_now, language
        self._shifts: dict[int, Sequence[Complaint]] = {}

    def of(self, row: AdvanceNotice, *, days: int = DAYS) -> Told:
        now = instant(row.clock, wall_now=self._wall_now)
        if row.clock.main:
            return told_of(row, self._main, now=now, days=days)
        if row.clock_id not in self._shifts:
            self._shifts[row.clock_id] = complaints_of(row.clock, language=self._language)
        return told_of(row, self._shifts[row.clock_id], now=now, days=days)


def shifts_to_come(*, language: str = "en") -> list[tuple[Shift, list[Cause]]]:
    """The newest shifts into which customers are still to come, with the causes that their complaints will have."""
    waiting = Shift.objects.filter(clock__arrivals__state="pending").distinct().select_related("trainee", "clock")
    found = []
    for shift in waiting.order_by("-pk")[:SHIFTS]:
        cases = shift.clock.arrivals.filter(state="pending").values_list("data__case", flat=True)
        causes = {cause.key: cause for case in cases if case for cause in [_cause_to_come(case, language)]}
        found.append((shift, list(causes.values())))
    return found


def _cause_to_come(file: Mapping[str, Any], language: str) -> Cause:
    case = case_from(file)
    if not case.own_fault:
        return Cause(cause_of(case), case.category, NOT_OURS)
    said = str((case.names or {}).get("cause") or "")
    return _named(case.category, case.scenario or "", said, file, language)


def told_of(row: AdvanceNotice, complaints: Sequence[Complaint], *, now: int, days: int = DAYS) -> Told:
    """What came of one notice."""
    until = min(now, row.told_at + days * prevention.DAY)
    own = [one for one in complaints if one.cause.key == row.cause]
    since = [one for one in own if row.told_at < one.at <= until]
    told, marked = frozenset(row.emails), _marked(since, row)
    spared = Arrival.objects.filter(clock=row.clock_id, state="prevented", data__notice=row.pk).count()
    sides = [[one for one in since if (one.email in told or one.ticket in marked) == here] for here in (True, False)]
    complained = ratio = csat = None
    if (told and len(told) == row.told) or marked or spared:
        people = (_people(sides[0]), _people(sides[1]))
        complained = people
        if row.not_told:
            ratio = prevention.rate_ratio(*people, exposure=row.told / row.not_told)
        elif row.not_told is None and len(told) < row.told:  # drawn with the share that is assumed
            reached = share_told(Notice(row.cause, row.told_at, row.told))
            ratio = prevention.rate_ratio(*people, exposure=reached / (1 - reached))
        csat = (_satisfied(sides[0]), _satisfied(sides[1]))
    before = [one.ticket for one in own if one.at < row.told_at][-50:] or [one.ticket for one in own][:50]
    return Told(
        row, cause_named(row.cause, complaints), complained, spared, bool(marked or spared), ratio, csat,
        foreseen(before, clock=row.clock, now=now),
    )  # fmt: skip


def _people(those: Sequence[Complaint]) -> int:
    return len({one.email or str(one.ticket) for one in those})


def _marked(those: Sequence[Complaint], row: AdvanceNotice) -> frozenset[int]:
    """The tickets that began with their customer having been told by this notice."""
    opened = TicketEvent.objects.filter(ticket__in=[one.ticket for one in those], name="ticket.created")
    return frozenset(pk for pk, data in opened.values_list("ticket_id", "data") if data.get("told_at") == row.told_at)


def _satisfied(those: Sequence[Complaint]) -> Interval:
    data = Outcome.objects.filter(ticket__in=[one.ticket for one in those]).values_list("data", flat=True)
    scores = [one["csat"] for one in data if one["csat"] is not None]
    return wilson(sum(score >= 4 for score in scores), len(scores))


def foreseen(tickets: Sequence[int], *, clock: Clock, now: int) -> Foreseen:
    """The estimate of the customer model over tickets of the cause: as handled, and had they been told before."""
    files: dict[int, Case] = {
        pk: case_from(case) for pk, case in CaseFile.objects.filter(ticket__in=tickets).values_list("ticket_id", "case")
    }
    logs = _logs(files)
    pairs = [(files[pk], logs[pk]) for pk in sorted(files) if logs.get(pk)]
    return prevention.foreseen(pairs, now=now, switches=Switches(**clock.switches))


def _logs(tickets: Iterable[int]) -> dict[int, list[Any]]:
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
    logs = _logs([*hard, *easy])
    sides = [[prevention.stages_of(logs.get(pk, [])) for pk in side] for side in (hard, easy)]
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


def _assumed() -> list[dict[str, Any]]:
    """What the outcome of a notice among simulated customers rests on."""
    names = ("notice.spared", "notice.procedural", "notice.reach", "notice.days")
    return [
        {"name": name, "value": E.why(name).value, "mark": E.why(name).mark, "source": E.why(name).source}
        for name in names
    ]


def told_data(one: Told) -> dict[str, Any]:
    return {
        "cause": asdict(one.cause), "complained": one.complained, "spared": one.spared, "simulated": one.simulated,
        "assumed": _assumed() if one.simulated else [],
        "ratio": one.ratio.to_dict() if one.ratio else None,
        "satisfied": [side.to_dict() for side in one.csat] if one.csat else None,
        "foreseen": asdict(one.foreseen),
    }  # fmt: skip
