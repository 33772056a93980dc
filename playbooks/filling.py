"""A desk filled with the past of a million tickets: quickly, from the simulated desk, for pages and benchmarks.

What a filled ticket has: its row, the hidden case, an ended run, an outcome, its share of the rollups, and a minimal
log (created; the first answer; solved or left). What it lacks: comments and letters (no texts at all), steps, promises,
survey rows; its outcome came from arrays and not from its log. Business durations count the desk's calendar.

One transaction holds one stretch of tickets, rows and sums alike, so a killed filling leaves whole tickets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, models, transaction
from django.db.models import F, Max

from playbooks import definitions, filling_sums, rollups
from playbooks.core.case import Case
from playbooks.core.experiments.history import FINE, NEVER, History
from playbooks.core.experiments.played import COSTS
from playbooks.core.outcome import METRICS
from playbooks.core.tally import (
    FIGURES,
    first_place,
)  # fmt: skip
from playbooks.models import CaseFile, Outcome, PlaybookRun, RollupMark, RollupShare
from tickets.errors import Conflict
from tickets.log import AGENT, CUSTOMER, SYSTEM
from tickets.models import Agent, Clock, Customer, Ticket, TicketEvent
from tickets.texts import first_line

Ints = npt.NDArray[np.int64]
QUARTER = 900
CACHE_KIB = 400_000
STRETCH = 5_000  # tickets of one transaction, or a day's where these are more
MOST_CUSTOMERS = 20_000
TAG = "filled"
PREFIX = "filled/"
WEEK, DAY = 7 * 86_400, 86_400
MONDAY = 4 * DAY - rollups.EAST  # the first Monday of the epoch at the desk's midnight

Rows = dict[type[models.Model], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class World:
    """What all filled tickets share."""

    clock: Clock
    begins: int
    first_number: int
    versions: tuple[int, ...]  # by playbook of the history
    trainees: tuple[int, ...]
    names: tuple[str, ...]  # of the trainees
    customers: tuple[int, ...]


def begins_at(now: int, days: int) -> int:
    """The Monday on which a past of so many days begins that is over by `now`."""
    return now - days * DAY - (now - days * DAY - MONDAY) % WEEK


def refuse_again(seed: int) -> None:
    """The same past is not filled in twice."""
    if Ticket.objects.filter(external_id__startswith=f"{PREFIX}{seed}/").exists():
        raise Conflict("filled_already", f"This desk was filled with seed {seed}. Take another --seed.", field="seed")


def has_people() -> bool:
    """Whether the desk holds tickets of its own: on the main desk or in a shift."""
    own = Ticket.objects.exclude(external_id__startswith=PREFIX) | Ticket.objects.filter(external_id=None)
    return own.exclude(clock__rehearsals__isnull=False).exists()


def fill(past: History, *, clock: Clock, now: int, tell: Callable[[int], None] | None = None) -> int:
    """Write a past into the desk. Returns how many tickets it got; `tell` hears how many so far."""
    refuse_again(past.wish.seed)
    world = _world(past, clock, begins_at(now, past.wish.days))
    done = 0
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")  # indexes of a million rows, or every page is read anew
    with connection.constraint_checks_disabled():  # of keys that were made here, and only on SQLite
        for first, last in _stretches(past):
            with transaction.atomic():
                _write(past, world, first, last)
            done += last - first
            if tell:
                tell(done)
    return done


def _stretches(past: History) -> Iterator[tuple[int, int]]:
    """Whole days on end, so that each cell is written once: a stretch ends with the day that makes it long enough."""
    days = past["opened"] // DAY
    first = 0
    ends = [int(end) for end in (days[1:] != days[:-1]).nonzero()[0] + 1] + [len(past)]
    for end in ends:
        if end - first >= STRETCH or end == len(past):
            yield first, end
            first = end


def _world(past: History, clock: Clock, begins: int) -> World:
    with transaction.atomic():
        of, names = zip(*((who.pk, who.username) for who in map(_trainee, range(past.wish.trainees))), strict=True)
        customers = tuple(_customers(past))
        versions = tuple(definitions.current(playbook.key).pk for playbook in past.wish.playbooks)
        Clock.objects.filter(pk=clock.pk).update(last_number=F("last_number") + len(past))
        last = Clock.objects.values_list("last_number", flat=True).get(pk=clock.pk)
    return World(clock, begins, last - len(past) + 1, versions, tuple(of), tuple(names), customers)


def _trainee(number: int) -> Agent:
    """Someone to have worked the tickets; not active, so no new ticket goes there and nobody signs in."""
    name = f"{TAG}-{number + 1:02d}"
    return Agent.objects.get_or_create(username=name, defaults={"role": Agent.TRAINEE, "is_active": False})[0]


def _customers(past: History) -> Iterator[int]:
    """Ids by number; those of case r stand at r, r + cases, r + 2 · cases …"""
    cases = [case for case, _words in past.cases]
    rounds = max(1, min(MOST_CUSTOMERS, len(past) // 4) // len(cases))
    rows = [
        Customer(
            name=str((case.names or {}).get("customer") or "Customer"),
            email=f"{TAG}-{past.wish.seed}-{number}-{row}@example.com",
            language=case.language,
            culture=case.profile,
        )
        for number in range(rounds)
        for row, case in enumerate(cases)
    ]
    return iter([row.pk for row in Customer.objects.bulk_create(rows, batch_size=500)])


# ---------------------------------------------------------------- a stretch


def _write(past: History, world: World, first: int, last: int) -> None:
    mark = RollupMark.objects.select_for_update().get_or_create(pk=1)[0]
    # What was not read before stays to be read; on PostgreSQL the mark finds what it passed over when it settles.
    may_pass = connection.vendor == "postgresql" or not rollups.behind()
    rows = _rows(past, world, first, last)
    for model, lines in rows.items():
        _insert(model, _FIELDS[model], lines)
    rollups.add_to_rows(filling_sums.cells_of(past, world.begins, world.names, first, last))
    if may_pass:
        mark.event_id, mark.outcome_id = rows[TicketEvent][-1][0], rows[Outcome][-1][0]
        mark.save()


# ---------------------------------------------------------------- rows

_FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Ticket: (
        "id", "clock_id", "number", "external_id", "subject", "description", "status", "priority", "channel",
        "category", "language", "tags", "custom_fields", "requester_id", "assignee_id", "created_at", "updated_at",
        "last_seq",
    ),
    CaseFile: ("id", "ticket_id", "case"),
    PlaybookRun: (
        "id", "ticket_id", "clock_id", "version_id", "state", "assigned_by", "assignment", "started_at", "miss_step",
        "error",
    ),
    TicketEvent: ("id", "ticket_id", "seq", "at", "name", "actor", "agent_id", "data"),
    Outcome: ("id", "ticket_id", "clock_id", "playbook", "opened_at", "data"),
    RollupShare: ("outcome_id", "seq", "content"),
}  # fmt: skip


def _rows(past: History, world: World, first: int, last: int) -> Rows:
    """All rows of a stretch, ids included."""
    v = {name: column[first:last].tolist() for name, column in past.columns.items()}
    many, clock, seed = last - first, world.clock.pk, past.wish.seed
    contents = _contents(past, world, first, last)
    spans = _span_lists(past, world, first, last)
    labour = filling_sums.labour(past, filling_sums.columns_of(past, first, last)).tolist()
    met = _met(past, first, last, spans)
    ids = {model: _ids(model, many) for model in (Ticket, CaseFile, PlaybookRun, Outcome)}
    logs: list[tuple[Any, ...]] = []
    rows: Rows = {model: [] for model in (Ticket, CaseFile, PlaybookRun, TicketEvent, Outcome, RollupShare)}
    kinds = [_kind(case, words) for case, words in past.cases]
    for place in range(many):
        row, number = v["row"][place], first + place
        kind, key, ticket = kinds[row], f"{PREFIX}{seed}/{number}", next(ids[Ticket])
        opened = world.begins + v["opened"][place]
        trainee = world.trainees[v["trainee"][place]]
        version, playbook = world.versions[v["playbook"][place]], past.wish.playbooks[v["playbook"][place]].key
        log = [(opened, "ticket.created", CUSTOMER, None, kind.created)]
        status = "new"
        if v["answered"][place] >= 0:
            at, status = world.begins + v["answered"][place], "open"
            said = f"{kind.said}{v['work'][place]}}}"
            log += [(at, "comment.created", AGENT, trainee, said), (at, "ticket.opened", AGENT, trainee, _OPENED)]
        if v["resolved"][place] >= 0:
            at, status = world.begins + v["resolved"][place], "solved"
            log.append((at, "ticket.solved", AGENT, trainee, _SOLVED))
        if v["left"][place] >= 0:
            at, status = world.begins + v["left"][place], "pending"
            log += [(at, "customer.left", CUSTOMER, None, _LEFT), (at, "ticket.pending", SYSTEM, None, _PENDING)]
        rows[Ticket].append((
            ticket, clock, world.first_number + number, key, kind.subject, "", status, "normal", kind.channel,
            kind.category, kind.language, _TAGS, "{}", world.customers[_customer(past, world, row, number)], trainee,
            opened, log[-1][0], len(log),
        ))  # fmt: skip
        rows[CaseFile].append((next(ids[CaseFile]), ticket, f"{kind.case[0]}{key}{kind.case[1]}"))
        run = (next(ids[PlaybookRun]), ticket, clock, version, "ended", "random", _ASSIGNMENT, opened, "", "")
        rows[PlaybookRun].append(run)
        logs += [(ticket, seq, *line) for seq, line in enumerate(log, start=1)]
        outcome = next(ids[Outcome])
        data = {
            "playbook": playbook, "case": key, "profile": kind.profile, "currency": kind.currency,
            "opened_at": opened, "resolved": v["resolved"][place] >= 0,
            **{name: {"calendar": of[0][place], "business": of[1][place]} for name, of in spans.items()},
            "within_target": met[place],
            "invited": [metric for metric in _SORTED_METRICS if v[f"{metric}_asked"][place]],
            **{metric: _known(v[metric][place]) for metric in METRICS},
            "repurchased": None if v["bought"][place] == NEVER else v["bought"][place] == 1,
            "told_good": max(v["told"][place], 0), "told_bad": max(-v["told"][place], 0), "stars": None,
            "abandoned": v["left"][place] >= 0, "accepted": v["accepted"][place] == 1, "reopens": 0,
            "replies": int(v["answered"][place] >= 0), "hand_overs": 0, "agent_seconds": v["work"][place],
            "cost": {"labour": labour[place], **{part: v[part][place] for part in COSTS}},
            "satisfaction": v["satisfaction"][place] / FINE, "cumulative": v["cumulative"][place] / FINE,
            "steps_met": 0, "steps_late": 0, "steps_missed": 0, "steps_left_out": 0,
        }  # fmt: skip
        left = v["left"][place]
        data |= {"left_at": None if left == NEVER else world.begins + left, "left_silently": left != NEVER}
        rows[Outcome].append((outcome, ticket, clock, playbook, opened, _encode(data)))
        rows[RollupShare].append((outcome, len(log), contents[place]))
    events = _ids(TicketEvent, len(logs))
    rows[TicketEvent] = [(next(events), *line) for line in logs]
    return rows


@dataclass(frozen=True, slots=True)
class Kind:
    """What the rows of all tickets of one case share, as it is written."""

    subject: str
    channel: str
    category: str
    language: str
    profile: str
    currency: str
    created: str
    said: str  # up to the seconds of work
    case: tuple[str, str]  # around the key


def _kind(case: Case, words: str) -> Kind:
    created = {
        "status": "new", "channel": case.channel, "priority": "normal", "category": case.category,
        "language": case.language,
    }  # fmt: skip
    said = {"public": True, "author": AGENT, "channel": case.channel, "facts": {}, "seconds": 0}
    before, _, after = json.dumps({**case.to_dict(), "key": "@@"}).partition("@@")
    return Kind(
        first_line(words), case.channel, case.category, case.language, case.profile, case.currency,
        json.dumps(created), json.dumps(said).removesuffix("0}"), (before, after),
    )  # fmt: skip


def _span_lists(past: History, world: World, first: int, last: int) -> dict[str, tuple[list[Any], list[Any]]]:
    """Calendar and business seconds by ticket, None where it has not ended."""
    v = filling_sums.columns_of(past, first, last)
    receipt = np.where(v["receipt"] >= 0, v["opened"] + v["receipt"], NEVER)
    found: dict[str, tuple[list[Any], list[Any]]] = {}
    for name, at in (("human_reply", v["answered"]), ("bot_reply", receipt), ("resolution", v["resolved"])):
        both = filling_sums.spans(past, world.begins, v, np.where(at >= 0, at, v["opened"]))
        ended = (at >= 0).tolist()
        calendar, business = (
            [value if has else None for value, has in zip(of.tolist(), ended, strict=True)] for of in both
        )
        found[name] = (calendar, business)
    return found


def _met(past: History, first: int, last: int, spans: dict[str, tuple[list[Any], list[Any]]]) -> list[bool | None]:
    v = filling_sums.columns_of(past, first, last)
    calendar, business = (np.array([value or 0 for value in of]) for of in spans["human_reply"])
    judged, met = filling_sums.on_target(past, v, v["answered"] >= 0, calendar, business)
    return [bool(good) if known else None for known, good in zip(judged.tolist(), met.tolist(), strict=True)]


def _contents(past: History, world: World, first: int, last: int) -> list[str]:
    """`Entry.content` of every ticket."""
    shares = filling_sums.shares_of(past, world.begins, first, last)
    keys = [playbook.key for playbook in past.wish.playbooks]
    segments = filling_sums.segments(past, world.names)
    by_row = [
        [[name, values[row]] for name, (values, column) in segments.items() if column == "row"]
        for row in range(len(past.cases))
    ]
    places = np.concatenate(
        [shares.figures, *(np.where(of >= 0, 1, 0)[:, None] for of in shares.buckets.values())], axis=1
    )
    names = np.tile(np.arange(places.shape[1]), (len(places), 1))
    for number, (name, of) in enumerate(shares.buckets.items()):
        names[:, len(FIGURES) + number] = first_place(name) + of
    contents = []
    day = ((past["opened"][first:last] + world.begins + rollups.EAST) // DAY).tolist()
    playbook, row, trainee = (past[name][first:last].tolist() for name in ("playbook", "row", "trainee"))
    for place in range(last - first):
        line = places[place]
        ones, more = names[place][line == 1].tolist(), np.flatnonzero((line != 0) & (line != 1))
        rest = np.stack((names[place][more], line[more]), axis=1).ravel().tolist()
        segment = [*by_row[row[place]], ["trainee", world.names[trainee[place]]]]
        contents.append(_compact([rollups.MAIN, keys[playbook[place]], day[place], segment, ones, rest]))
    return contents


def _known(value: int) -> int | None:
    return None if value == NEVER else value


def _customer(past: History, world: World, row: int, place: int) -> int:
    cases = len(past.cases)
    return row + cases * (place % (len(world.customers) // cases))


_encode = json.JSONEncoder().encode
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TAGS, _ASSIGNMENT = json.dumps([TAG]), json.dumps({"filled": True})
_OPENED, _SOLVED = json.dumps({"from": "new", "to": "open"}), json.dumps({"from": "open", "to": "solved"})
_LEFT, _PENDING = json.dumps({"silent": True}), json.dumps({"from": "new", "to": "pending"})
_SORTED_METRICS = sorted(METRICS)


def _insert(model: type[models.Model], fields: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
    """COPY on PostgreSQL, one prepared statement on SQLite."""
    table, columns = model._meta.db_table, ", ".join(f'"{name}"' for name in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                for line in lines:
                    copy.write_row(line)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', list(lines))


def _ids(model: type[models.Model], many: int) -> Iterator[int]:
    """Free ids: reserved from the sequence on PostgreSQL; on SQLite, whose only writer this is, those that follow."""
    if connection.vendor != "postgresql":
        return count((model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [model._meta.db_table, many]
        )
        return iter([row[0] for row in cursor.fetchall()])
