"""Sums over many tickets, kept as they change, so that a page of a million tickets costs what its cells cost.

A cell holds one day, playbook, source and segment (one dimension at a time). `fold` follows the log: it reads which
tickets have new events or a new outcome, takes away what each had added before and adds what it comes to now, all in
one transaction a batch. A ticket folded twice changes nothing; a killed worker leaves a batch whole or not at all.
`recompute` makes the same from the outcome rows alone.

On PostgreSQL ids are given before they are committed, so an older id may appear after a newer one was read. The mark
therefore settles only once every transaction has ended that ran when it was set; then the stretch below it is looked
through again for tickets whose log is longer than what was folded. SQLite has one writer, and nothing comes late.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from playbooks.core.case import severity_band
from playbooks.core.tally import (
    HISTOGRAMS,
    PLACE,
    Share,
    packed,
    share_of,
    unpacked,
)
from playbooks.models import Outcome, PlaybookRun, Rehearsal, Rollup, RollupMark, RollupShare, Shift
from playbooks.outcomes import from_data
from tickets.models import Clock, TicketEvent

BATCH = 500  # events, and as many new outcomes, of one transaction
AT_ONCE = 500  # values of one IN (…)
DAY, EAST = 86_400, 9 * 3_600  # the desk's calendar days are those of UTC+9, as the pages count them
EPOCH = date(1970, 1, 1)
MAIN, SHIFTS, REHEARSAL, OTHER = "main", "shifts", "rehearsal:", "other"
EVERY = "all"
DIMENSIONS = (EVERY, "category", "severity", "profile", "channel", "language", "trainee")
TRIES = 3  # of a check that others write under

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
COLUMNS = ("figures", *HISTOGRAMS)


class Cell(NamedTuple):
    """Where a ticket counts."""

    source: str
    playbook: str
    dimension: str
    value: str
    day: int

    @property
    def key(self) -> str:
        return json.dumps(self, ensure_ascii=False, separators=(",", ":"))


Cells = dict[Cell, Share]


@dataclass(frozen=True, slots=True)
class Entry:
    """One ticket as the rollups see it."""

    source: str
    playbook: str
    opened_at: int
    segments: tuple[tuple[str, str], ...]  # dimension, value
    share: Share

    @property
    def content(self) -> str:
        """As it is kept beside the outcome: short, and equal for equal entries."""
        ones = sorted(place for place, value in self.share.items() if value == 1)
        rest = [part for place in sorted(self.share) if (value := self.share[place]) != 1 for part in (place, value)]
        plain = [self.source, self.playbook, day_of(self.opened_at), self.segments, ones, rest]
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def day_of(at: int) -> int:
    """The desk's calendar day of an instant, as days since the epoch."""
    return (at + EAST) // DAY


def day_number(day: date) -> int:
    return (day - EPOCH).days


def date_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def add(cells: Cells, content: str, sign: int = 1) -> None:
    """Add what one ticket's content says to each of its cells, or take it away."""
    source, playbook, day, segments, ones, rest = json.loads(content)
    for dimension, value in ((EVERY, ""), *segments):
        cell = cells[Cell(source, playbook, dimension, value, day)]
        for place in ones:
            cell[place] = cell.get(place, 0) + sign
        for place, value in batched_pairs(rest):
            cell[place] = cell.get(place, 0) + sign * value


def batched_pairs(flat: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(flat[::2], flat[1::2], strict=True)


def batched(many: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most so many (itertools has it from Python 3.12 on)."""
    rest = iter(many)
    while some := list(islice(rest, size)):
        yield some


# ---------------------------------------------------------------- from rows

_ABOUT = (
    "pk", "clock_id", "playbook", "opened_at", "data", "ticket__last_seq", "ticket__category", "ticket__channel",
    "ticket__language", "ticket__case_file__case__severity", "ticket__assignee__username",
)  # fmt: skip


def _entries(rows: QuerySet[Outcome]) -> Iterator[tuple[int, int, Entry]]:
    """Outcome, length of its log, and what it adds. Log and outcome come in one statement, so they fit."""
    runs = PlaybookRun.objects.filter(ticket=OuterRef("ticket"))
    how = Subquery(runs.order_by("-pk").values("assigned_by")[:1])
    worked = Exists(runs.filter(worker__isnull=False))
    found = list(rows.annotate(how=how, worked=worked).values_list(*_ABOUT, "how", "worked"))
    sources, trainees = _sources({row[1] for row in found})
    for pk, clock, playbook, opened_at, data, seq, category, channel, language, severity, name, how_, worked_ in found:
        outcome = from_data(data)
        who = trainees.get(clock) or name
        segments = (
            ("category", category),
            *((("severity", severity_band(severity)),) if severity is not None else ()),
            ("profile", outcome.profile),
            ("channel", channel),
            ("language", language),
            *((("trainee", who),) if who else ()),
        )
        share = share_of(outcome, assigned_by=how_, by_people=outcome.replies > 0 and not worked_)
        yield pk, seq, Entry(sources[clock], playbook, opened_at, segments, share)


def _sources(clocks: Collection[int]) -> tuple[dict[int, str], dict[int, str]]:
    """What kind of desk each clock is, and whose shift."""
    sources = dict.fromkeys(clocks, OTHER)
    for key, clock in Rehearsal.objects.filter(clocks__in=clocks).order_by("pk").values_list("key", "clocks"):
        if clock in sources:
            sources[clock] = REHEARSAL + key
    trainees = dict(Shift.objects.filter(clock__in=clocks).values_list("clock", "trainee__username"))
    sources.update(dict.fromkeys(trainees, SHIFTS))
    sources.update(dict.fromkeys(Clock.objects.filter(pk__in=clocks, main=True).values_list("pk", flat=True), MAIN))
    return sources, trainees


# ---------------------------------------------------------------- following the log


def fold(*, batch: int = BATCH) -> int:
    """Bring the rollups one batch forward. Returns how many tickets it looked at; 0 when nothing is left."""
    if not behind():
        return 0
    with transaction.atomic():
        return _fold(_mark(), batch)


def fold_all(*, batch: int = BATCH) -> int:
    looked_at = 0
    while some := fold(batch=batch):
        looked_at += some
    return looked_at


def fold_for(seconds: float, *, wall: Callable[[], float], stop: Callable[[], bool] = lambda: False) -> int:
    """Fold for so many seconds, or until nothing is left."""
    until, looked_at = wall() + seconds, 0
    while wall() < until and not stop() and (some := fold()):
        looked_at += some
    return looked_at


def behind() -> bool:
    """Whether something has not been read, or (on PostgreSQL) may have been passed over."""
    mark = RollupMark.objects.filter(pk=1).first()
    if mark is None:
        return Outcome.objects.exists()
    unsettled = _late_is_possible() and mark.settled_event_id < mark.event_id
    return (
        unsettled
        or TicketEvent.objects.filter(pk__gt=mark.event_id).exists()
        or Outcome.objects.filter(pk__gt=mark.outcome_id).exists()
    )


def unread(most: int) -> int:
    """How many events and new outcomes wait to be read, counted as far as `most`."""
    mark = RollupMark.objects.filter(pk=1).first() or RollupMark()
    events = TicketEvent.objects.filter(pk__gt=mark.event_id).order_by().values("pk")[:most].count()
    return max(events, Outcome.objects.filter(pk__gt=mark.outcome_id).order_by().values("pk")[:most].count())


def _mark() -> RollupMark:
    """The mark, locked: one folds at a time."""
    RollupMark.objects.get_or_create(pk=1)
    return RollupMark.objects.select_for_update().get(pk=1)


def _fold(mark: RollupMark, batch: int) -> int:
    events = list(_after(TicketEvent.objects.all(), mark.event_id, batch))
    new = list(_after(Outcome.objects.all(), mark.outcome_id, batch))
    looked_at = _bring(Outcome.objects.all(), {ticket for _pk, ticket in (*events, *new)})
    mark.event_id = events[-1][0] if events else mark.event_id
    mark.outcome_id = new[-1][0] if new else mark.outcome_id
    if len(events) < batch and len(new) < batch and _late_is_possible():
        looked_at += _settle(mark)
    mark.save()
    return looked_at


def _after(rows: QuerySet[Any], pk: int, batch: int) -> QuerySet[Any]:
    return rows.filter(pk__gt=pk).order_by("pk").values_list("pk", "ticket_id")[:batch]


def _bring(rows: QuerySet[Outcome], tickets: Iterable[int]) -> int:
    """Bring these tickets' shares, and the cells they count in, to what their outcomes say now."""
    cells: Cells = defaultdict(dict)
    looked_at = 0
    for some in batched(sorted(tickets), AT_ONCE):
        now = list(_entries(rows.filter(ticket__in=some)))
        looked_at += len(some)
        before = RollupShare.objects.in_bulk([pk for pk, _seq, _entry in now])
        changed = []
        for pk, seq, entry in now:
            old, content = before.get(pk), entry.content
            if old is not None and (old.seq, old.content) == (seq, content):
                continue
            if old is None or old.content != content:
                if old is not None:
                    add(cells, old.content, -1)
                add(cells, content)
            changed.append(RollupShare(outcome_id=pk, seq=seq, content=content))
        keep_shares(changed)
    add_to_rows(cells)
    return looked_at


def keep_shares(shares: Sequence[RollupShare]) -> None:
    RollupShare.objects.bulk_create(
        shares, update_conflicts=True, unique_fields=["outcome"], update_fields=["seq", "content"]
    )


def add_to_rows(cells: Mapping[Cell, Share]) -> None:
    """Add sums to the rows of their cells. A cell in which nobody counts any more has no row."""
    for some in batched(cells.items(), AT_ONCE):
        kept = {row.key: row for row in Rollup.objects.filter(key__in=[cell.key for cell, _more in some])}
        gone, written = [], []
        for cell, more in some:
            row = kept.get(cell.key)
            share = unpacked({name: getattr(row, name) for name in COLUMNS}) if row else {}
            for place, value in more.items():
                share[place] = share.get(place, 0) + value
            if share.get(PLACE["n"]):
                written.append(_row(cell, share))
            elif row:
                gone.append(row.pk)
        _write(written)
        if gone:
            Rollup.objects.filter(pk__in=gone).delete()


def _row(cell: Cell, share: Share) -> Rollup:
    return Rollup(key=cell.key, **cell._asdict(), **packed(share))


def _write(rows: Sequence[Rollup]) -> None:
    Rollup.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=COLUMNS)


# ---------------------------------------------------------------- what is committed late


def _late_is_possible() -> bool:
    return connection.vendor == "postgresql"


def _settle(mark: RollupMark) -> int:
    """Look once more through what was read while other transactions ran, as soon as the last of these has ended."""
    oldest, next_one = _under_way()
    looked_at = 0
    if mark.settling_until is not None and oldest >= mark.settling_until:
        looked_at = _bring(Outcome.objects.all(), set(_passed_over(mark)))
        mark.settled_event_id, mark.settled_outcome_id = mark.settling_event_id, mark.settling_outcome_id
        mark.settling_until = None
    if mark.settling_until is None and mark.settled_event_id < mark.event_id:
        mark.settling_event_id, mark.settling_outcome_id = mark.event_id, mark.outcome_id
        mark.settling_until = next_one
    return looked_at


def _under_way() -> tuple[int, int]:
    """The oldest transaction that still runs, and the number that the next new one will have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
        )
        oldest, next_one = cursor.fetchone()
    return oldest, next_one


def _passed_over(mark: RollupMark) -> Iterator[int]:
    """Tickets whose log or outcome came to light below the mark after it had passed."""
    unread = Q(ticket__outcome__rollup_share__isnull=True) | Q(ticket__outcome__rollup_share__seq__lt=F("seq"))
    events = TicketEvent.objects.filter(pk__gt=mark.settled_event_id, pk__lte=mark.settling_event_id)
    yield from events.filter(unread, ticket__outcome__isnull=False).values_list("ticket_id", flat=True).distinct()
    new = Outcome.objects.filter(pk__gt=mark.settled_outcome_id, pk__lte=mark.settling_outcome_id)
    yield from new.filter(rollup_share__isnull=True).values_list("ticket_id", flat=True)


# ---------------------------------------------------------------- from scratch


def recompute(*, check: bool = False, tell: Callable[[int, int], None] | None = None) -> list[Cell]:
    """Make every cell anew from the outcome rows, a source and day at a time. Returns the cells that were wrong.

    With `check` nothing is mended. `tell` hears how many pieces are done, and of how many.
    """
    fold_all()
    wrong: list[Cell] = []
    pieces = _pieces()
    for done, (source, day, clocks) in enumerate(pieces, start=1):
        wrong += _piece(source, day, clocks, check=check)
        if tell:
            tell(done, len(pieces))
    return wrong


def _pieces() -> list[tuple[str, int, tuple[int, ...]]]:
    """Every source and day on which there are outcomes or cells, with the clocks of the source."""
    spans = list(Outcome.objects.order_by().values_list("clock").annotate(Min("opened_at"), Max("opened_at")))
    sources, _trainees = _sources({clock for clock, *_ in spans})
    of: dict[tuple[str, int], list[int]] = defaultdict(list)
    for clock, first, last in spans:
        for day in range(day_of(first), day_of(last) + 1):
            of[sources[clock], day].append(clock)
    for source, day in Rollup.objects.order_by().values_list("source", "day").distinct():
        of[source, day]  # an empty one, if there is nothing behind it
    return [(source, day, tuple(clocks)) for (source, day), clocks in sorted(of.items())]


def _piece(source: str, day: int, clocks: Sequence[int], *, check: bool) -> list[Cell]:
    """One source and day, under the lock of the mark. Others may write on while it is counted: then once more."""
    wrong: list[Cell] = []
    for _try in range(TRIES):
        with transaction.atomic():
            mark = _mark()
            while _fold(mark, BATCH):
                pass
            cells = _counted(_outcomes_of(day, clocks), write=not check)
            wrong = _differing(source, day, cells)
            if wrong and not check:
                Rollup.objects.filter(source=source, day=day).delete()
                for some in batched(cells.items(), AT_ONCE):
                    _write([_row(cell, share) for cell, share in some])
        if not wrong or not check:
            break
    return wrong


def _outcomes_of(day: int, clocks: Sequence[int]) -> list[int]:
    begins = day * DAY - EAST
    found: list[int] = []
    playbooks = list(Outcome.objects.order_by().values_list("playbook", flat=True).distinct()) if clocks else []
    for some in batched(clocks, AT_ONCE):
        rows = Outcome.objects.filter(clock__in=some, playbook__in=playbooks)
        found += rows.filter(opened_at__gte=begins, opened_at__lt=begins + DAY).values_list("pk", flat=True)
    return sorted(found)


def _counted(outcomes: Sequence[int], *, write: bool) -> Cells:
    cells: Cells = defaultdict(dict)
    for some in batched(outcomes, AT_ONCE):
        shares = []
        for pk, seq, entry in _entries(Outcome.objects.filter(pk__in=some)):
            content = entry.content
            add(cells, content)
            shares.append(RollupShare(outcome_id=pk, seq=seq, content=content))
        if write:
            keep_shares(shares)
    return cells


def _differing(source: str, day: int, cells: Cells) -> list[Cell]:
    """Cells whose row does not say what they come to, or that stand on one side only."""
    fields = ("source", "playbook", "dimension", "value", "day")
    kept = {
        Cell(*row[:5]): tuple(bytes(column) for column in row[5:])
        for row in Rollup.objects.filter(source=source, day=day).values_list(*fields, *COLUMNS).iterator()
    }
    found = {cell: tuple(packed(share)[name] for name in COLUMNS) for cell, share in cells.items()}
    return sorted(cell for cell in kept.keys() | found.keys() if kept.get(cell) != found.get(cell))
