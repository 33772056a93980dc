"""Which tickets a manager compares: read from the address bar, kept as plain values, turned into a query.

A refused part of the address is said beside its field and left out of the choice. Days are those of the desk,
whose calendars are Korea's and Japan's: both at UTC+9 all year.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext

from playbooks import exports, outcomes, rollup_days, rollups
from playbooks.core.case import PROFILES, SEVERITY_BANDS
from playbooks.core.outcome import COST_PARTS, METRICS
from playbooks.core.playbook import Playbook, built_in
from playbooks.definitions import playbook_of
from playbooks.models import Outcome, PlaybookRun, PlaybookVersion, Rehearsal, Shift
from playbooks.pages import wording
from playbooks.pages.reading import in_language
from tickets import clock as clocks
from tickets.log import AGENT
from tickets.models import Agent, Clock, Ticket, TicketEvent

NEWEST = 5_000  # read one by one at most; of more, figures come from the sums
DESK_ZONE = ZoneInfo("Asia/Tokyo")
ALL, MAIN, SHIFTS, REHEARSALS = "all", "main", "shifts", "rehearsals"
REHEARSAL = "rehearsal:"  # before the key of one
FIELDS = (
    "source", "since", "until", "playbook", "language", "category", "severity", "culture", "channel", "trainee",
)  # fmt: skip
# Field of a choice -> dimension of the sums.
SEGMENTS = {
    "language": "language", "category": "category", "severity": "severity", "culture": "profile", "channel": "channel",
    "trainee": "trainee",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address bar asks for; "" and None ask for everything. Both days belong to the period."""

    source: str = ALL
    since: date | None = None
    until: date | None = None
    language: str = ""
    category: str = ""
    severity: str = ""  # one of SEVERITY_BANDS
    culture: str = ""  # profile of the customer
    channel: str = ""
    trainee: str = ""  # username of whoever worked them
    playbook: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)  # field -> sentence
    left_out: frozenset[str] = frozenset()  # rehearsals that a newer one repeats, out of everything together

    @property
    def rehearsal(self) -> str | None:
        return self.source.removeprefix(REHEARSAL) if self.source.startswith(REHEARSAL) else None

    @property
    def narrowed(self) -> bool:
        return any(getattr(self, name) for name in FIELDS if name != "source")

    @property
    def segments(self) -> dict[str, str]:
        """Dimension of the sums -> value."""
        return {dimension: value for name, dimension in SEGMENTS.items() if (value := getattr(self, name))}

    @property
    def query(self) -> str:
        """The same choice as the query of an address."""
        asked = {name: getattr(self, name) for name in FIELDS if getattr(self, name)}
        listed = {name: value if isinstance(value, tuple) else str(value) for name, value in asked.items()}
        return urlencode(listed, doseq=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """A rehearsal that workers still bring forward, in simulated seconds over all its clocks."""

    key: str
    done: int
    whole: int


def choice_of(
    query: Mapping[str, str],
    rehearsals: Mapping[str, Rehearsal],
    trainees: Mapping[str, str] | None = None,
    playbooks: Mapping[str, str] | None = None,
) -> Choice:
    """What the address asks for; where it names no source, the one that says most (`default_source`)."""
    refused: dict[str, str] = {}
    source = query.get("source") or default_source(rehearsals)
    if source not in (ALL, MAIN, SHIFTS) and source.removeprefix(REHEARSAL) not in rehearsals:
        refused["source"] = gettext("There is no such source. Choose one of the list.")
        source = ALL
    since, until = (_day(query, name, refused) for name in ("since", "until"))
    if since and until and since > until:
        refused["until"] = gettext("The period ends before it begins.")
        until = None
    return Choice(
        source, since, until,
        language=_one_of(query, "language", wording.LANGUAGE, refused),
        category=_one_of(query, "category", wording.COMPLAINT, refused),
        severity=_one_of(query, "severity", SEVERITY_BANDS, refused),
        culture=_one_of(query, "culture", dict.fromkeys(PROFILES), refused),
        channel=_one_of(query, "channel", wording.CHANNEL, refused),
        trainee=_one_of(query, "trainee", trainees or {}, refused),
        playbook=_several_of(query, "playbook", playbooks or {}, refused),
        refused=refused,
        left_out=repeated(rehearsals) if source == ALL else frozenset(),
    )  # fmt: skip


def default_source(rehearsals: Mapping[str, Rehearsal]) -> str:
    """The main desk or the shifts, whichever holds more tickets that people handled; else the newest rehearsal.

    Mixed sources compare unlike things, so everything together is only what somebody asks for (two queries).
    """
    held = _by_people()
    if any(held.values()):
        return max((MAIN, SHIFTS), key=lambda source: held[source])
    newest = next(iter(rehearsals), None)
    return ALL if newest is None else REHEARSAL + newest


def _by_people() -> Mapping[str, int]:
    """Tickets that people handled, on the main desk and in shifts; of a large desk from its sums."""
    own = Outcome.objects.filter(Q(clock__main=True) | Q(clock__shift__isnull=False))
    if own.order_by().values("pk")[: NEWEST + 1].count() > NEWEST and rollups.unread(NEWEST) < NEWEST:
        sums = rollup_days.read_sources()
        return {source: sums[source]["by_people"] if source in sums else 0 for source in (MAIN, SHIFTS)}
    written = TicketEvent.objects.filter(ticket=OuterRef("ticket"), name="comment.created", actor=AGENT)
    worked = PlaybookRun.objects.filter(ticket=OuterRef("ticket"), worker__isnull=False)
    newest = own.order_by("-opened_at", "-pk").values("pk")[:NEWEST]
    return (
        Outcome.objects.filter(pk__in=newest)
        .filter(Exists(written), ~Exists(worked))
        .aggregate(
            **{MAIN: Count("pk", filter=Q(clock__main=True)), SHIFTS: Count("pk", filter=Q(clock__shift__isnull=False))}
        )
    )


def trainees() -> dict[str, str]:
    """Who has tickets: username to name (one query)."""
    has = Q(Exists(Ticket.objects.filter(assignee=OuterRef("pk")))) | Q(
        Exists(Shift.objects.filter(trainee=OuterRef("pk")))
    )
    found = Agent.objects.filter(has, role=Agent.TRAINEE).order_by("username")
    return {agent.username: agent.get_full_name() or agent.username for agent in found}


def _day(query: Mapping[str, str], name: str, refused: dict[str, str]) -> date | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 1971 <= day.year <= 9000:  # further out no clock of the desk can stand
        refused[name] = gettext("Write a day like 2026-09-07.")
        return None
    return day


def _one_of(query: Mapping[str, str], name: str, known: Mapping[str, Any], refused: dict[str, str]) -> str:
    value = query.get(name, "")
    if value and value not in known:
        refused[name] = gettext("Choose one of the list.")
        return ""
    return value


def _several_of(
    query: Mapping[str, str], name: str, known: Mapping[str, Any], refused: dict[str, str]
) -> tuple[str, ...]:
    """Each once, in the order of the list; all of them is no choice."""
    asked = set(query.getlist(name) if isinstance(query, QueryDict) else [query.get(name, "")]) - {""}
    if asked - set(known):
        refused[name] = gettext("Choose one of the list.")
    found = tuple(key for key in known if key in asked)
    return () if len(found) == len(known) else found


def midnight(day: date) -> int:
    """The instant at which a day of the desk begins."""
    return clocks.seconds(datetime(day.year, day.month, day.day, tzinfo=DESK_ZONE))


def rehearsals() -> dict[str, Rehearsal]:
    """All rehearsals with their clocks, the newest first (two queries)."""
    return {one.key: one for one in Rehearsal.objects.prefetch_related("clocks").order_by("-pk")}


def repeated(known: Mapping[str, Rehearsal]) -> frozenset[str]:
    """Keys of rehearsals that a newer one repeats: the same complaints, seed, days, staff and switches."""
    seen: set[str] = set()
    again = set()
    for key, one in known.items():  # the newest first
        settings = one.settings
        if not settings.get("complaints"):
            continue  # from before they were told apart
        same = json.dumps([one.seed, {**settings, "file": "", "made_at": 0}], sort_keys=True)
        if same in seen:
            again.add(key)
        seen.add(same)
    return frozenset(again)


def title_of(rehearsal: Rehearsal, zone: ZoneInfo = DESK_ZONE) -> str:
    """Its file and day: `complaints.jsonl · 2026-11-22 · seed 7`."""
    number, _dash, wall = rehearsal.key.removeprefix("rehearsal/").partition("-")
    made_at = rehearsal.settings.get("made_at") or (int(wall) if number.isdigit() and wall.isdigit() else None)
    name = rehearsal.settings.get("file") or number
    parts = [name, "" if made_at is None else f"{clocks.at(made_at).astimezone(zone):%Y-%m-%d}"]  # type: ignore[union-attr]
    if made_at is not None:
        parts.append(gettext("seed {seed}").format(seed=rehearsal.seed))
    return " · ".join(part for part in parts if part)


def running(choice: Choice, known: Mapping[str, Rehearsal]) -> list[Progress]:
    """Those of the choice's rehearsals that have not come to their end."""
    if choice.source in (MAIN, SHIFTS):
        return []
    asked = (
        [known[choice.rehearsal]]
        if choice.rehearsal is not None
        else [one for key, one in known.items() if key not in choice.left_out]
    )
    found = []
    for rehearsal in asked:
        start = int(rehearsal.settings.get("start", 0))
        spans = [
            (min(c.sim_at, c.target_at) - start, c.target_at - start) for c in rehearsal.clocks.all() if c.target_at
        ]
        done, whole = (sum(part) for part in zip(*spans, strict=True)) if spans else (0, 0)
        if done < whole:
            found.append(Progress(rehearsal.key, max(0, done), whole))
    return found


def chosen(choice: Choice) -> QuerySet[Outcome]:
    """The outcome rows of a choice, the newest first, each with how its ticket came to its playbook."""
    rows = Outcome.objects.all()
    if choice.source == MAIN:
        rows = rows.filter(clock__in=list(Clock.objects.filter(main=True).values_list("pk", flat=True)))
    elif choice.source == SHIFTS:
        rows = rows.filter(clock__shift__isnull=False)
    elif choice.rehearsal is not None:
        rows = rows.filter(clock__rehearsals__key=choice.rehearsal)
    elif choice.left_out:
        rows = rows.exclude(clock__rehearsals__key__in=choice.left_out)
    if choice.trainee:
        rows = rows.filter(
            Q(clock__shift=None, ticket__assignee__username=choice.trainee)
            | Q(clock__shift__trainee__username=choice.trainee)
        )
    if choice.since:
        rows = rows.filter(opened_at__gte=midnight(choice.since))
    if choice.until:
        rows = rows.filter(opened_at__lt=midnight(choice.until + timedelta(days=1)))
    if choice.language:
        rows = rows.filter(ticket__language=choice.language)
    if choice.category:
        rows = rows.filter(ticket__category=choice.category)
    if choice.channel:
        rows = rows.filter(ticket__channel=choice.channel)
    if choice.culture:
        rows = rows.filter(data__profile=choice.culture)
    if choice.severity:
        least, below = SEVERITY_BANDS[choice.severity]
        severity = "ticket__case_file__case__severity"
        rows = rows.filter(**{f"{severity}__gte": least, f"{severity}__lt": min(below, 2.0)})
    if choice.playbook:
        rows = rows.filter(playbook__in=choice.playbook)
    newest_run = PlaybookRun.objects.filter(ticket=OuterRef("ticket")).order_by("-pk")
    return rows.annotate(assigned_by=Subquery(newest_run.values("assigned_by")[:1])).order_by("-opened_at", "-pk")


def known_playbooks() -> dict[str, str]:
    """Key and title of each playbook that a ticket may have had, built-in ones first (two queries at most)."""
    written = PlaybookVersion.objects.order_by().values_list("key", flat=True).distinct()
    found = playbooks_of(frozenset(built_in()) | frozenset(written))
    return {key: in_language(playbook.title) for key, playbook in found.items()}


def playbooks_of(keys: frozenset[str]) -> dict[str, Playbook]:
    """The newest definition of each of these, built-in ones first (a query only for those that managers wrote)."""
    found = {key: playbook for key, playbook in built_in().items() if key in keys}
    written = keys - set(found)
    if written:
        for version in PlaybookVersion.objects.filter(key__in=written).order_by("key", "version"):
            found[version.key] = playbook_of(version)
    return found


# Rows for a spreadsheet


_TICKET = {
    "ticket": "ticket__number", "clock": "clock__key", "external_id": "ticket__external_id",
    "status": "ticket__status", "channel": "ticket__channel", "category": "ticket__category",
    "language": "ticket__language", "playbook": "playbook", "assigned_by": "assigned_by",
    "severity": "ticket__case_file__case__severity",
}  # fmt: skip
_SPANS = ("human_reply", "bot_reply", "resolution")


def _within(outer: str, inner: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda data: data[outer][inner]


def _invited(metric: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda data: metric in data["invited"]


_TAKEN: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    **{f"{span}_{clock}_seconds": _within(span, clock) for span in _SPANS for clock in ("calendar", "business")},
    **{f"{metric}_invited": _invited(metric) for metric in METRICS},
    **{f"cost_{part}": _within("cost", part) for part in COST_PARTS},
    "left_after_seconds": lambda data: data["left_at"] - data["opened_at"] if data.get("left_at") else None,
    "reached_customer": lambda data: outcomes.from_data(data).reached_customer,
    "left_silently": lambda data: data.get("left_silently", False),
}


def exported(choice: Choice) -> Iterator[list[Any]]:
    """One line a ticket, all of the choice, in the order of `exports.columns`: durations in seconds, money in minor
    units, instants in ISO 8601 UTC."""
    columns = exports.names()
    people = ("clock__shift__trainee__username", "ticket__assignee__username")
    fields = (*_TICKET.values(), *people, "opened_at", "data")
    for line in chosen(choice).values_list(*fields).iterator(chunk_size=500):
        *about, in_shift, assignee, opened_at, data = line
        known = dict(zip(_TICKET, about, strict=True))
        known |= {"trainee": in_shift or assignee, "opened_at": clocks.at(opened_at).isoformat()}  # type: ignore[union-attr]
        yield [
            known[name] if name in known else _TAKEN[name](data) if name in _TAKEN else data[name] for name in columns
        ]
