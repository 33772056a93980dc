"""Customers told of a trouble before they complain: who was told, who complained all the same, who was spared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q, QuerySet

from playbooks import prevention
from playbooks.core import prevention as rules
from playbooks.core.case import Case, case_from
from playbooks.core.customer.evidence import E, Switches
from playbooks.core.customer.notice import NOT_OURS, Notice, cause_of, share_told
from playbooks.core.prevention import Foreseen, Ratio
from playbooks.core.statistics import Interval, wilson
from playbooks.models import AdvanceNotice, Arrival, CaseFile, Outcome, Shift
from playbooks.prevention import Cause, Complaint
from tickets.clock import instant, main_clock
from tickets.errors import Invalid
from tickets.models import Agent, Clock, TicketEvent
from tickets.texts import fit_text

MOST_EMAILS = 5_000
SHIFTS = 20


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
        clock=clock,
        cause=prevention.checked_cause(given.get("cause")),
        text=fit_text(given.get("text"), field="text", longest=2000),
        told_at=prevention.past(given.get("told_at"), now, "told_at"),
        told=told,
        not_told=not_told,
        emails=emails,
        by=by,
    )


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


def notices(
    main: Sequence[Complaint], *, wall_now: float, language: str = "en", days: int = prevention.DAYS
) -> list[Told]:
    """The newest notices, each against the complaints of its own desk. `main`: those of the main desk, once read."""
    told = Outcomes(main, wall_now=wall_now, language=language)
    return [told.of(row, days=days) for row in notices_of().order_by("-told_at", "-pk")[:50]]


class Outcomes:
    """What came of notices, with the complaints of each desk read once."""

    def __init__(self, main: Sequence[Complaint], *, wall_now: float, language: str) -> None:
        self._main, self._wall_now, self._language = main, wall_now, language
        self._shifts: dict[int, Sequence[Complaint]] = {}

    def of(self, row: AdvanceNotice, *, days: int = prevention.DAYS) -> Told:
        now = instant(row.clock, wall_now=self._wall_now)
        if row.clock.main:
            return told_of(row, self._main, now=now, days=days)
        if row.clock_id not in self._shifts:
            self._shifts[row.clock_id] = prevention.complaints_of(row.clock, language=self._language)
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
    return prevention.named_cause(case.category, case.scenario or "", said, file, language)


def told_of(row: AdvanceNotice, complaints: Sequence[Complaint], *, now: int, days: int = prevention.DAYS) -> Told:
    """What came of one notice."""
    until = min(now, row.told_at + days * rules.DAY)
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
            ratio = rules.rate_ratio(*people, exposure=row.told / row.not_told)
        elif row.not_told is None and len(told) < row.told:  # drawn with the share that is assumed
            reached = share_told(Notice(row.cause, row.told_at, row.told))
            ratio = rules.rate_ratio(*people, exposure=reached / (1 - reached))
        csat = (_satisfied(sides[0]), _satisfied(sides[1]))
    before = [one.ticket for one in own if one.at < row.told_at][-50:] or [one.ticket for one in own][:50]
    return Told(
        row, prevention.cause_named(row.cause, complaints), complained, spared, bool(marked or spared), ratio, csat,
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
    logs = prevention.logs(files)
    pairs = [(files[pk], logs[pk]) for pk in sorted(files) if logs.get(pk)]
    return rules.foreseen(pairs, now=now, switches=Switches(**clock.switches))


# ---------------------------------------------------------------- as JSON values


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
