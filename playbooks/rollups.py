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

from playbooks.core import histogram
from playbooks.core.case import severity_band
from playbooks.core.tally import (
    COUNT,
    FIGURES,
    HISTOGRAMS,
    PLACE,
    SCORES,
    Share,
    Tally,
    figures_of,
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


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Days:
    """One playbook's tickets by day. `figures`: a line a day; of each histogram what counts, by day and bucket."""

    days: Ints  # days since the epoch
    figures: Ints
    buckets: Mapping[str, npt.NDArray[np.uint16]]
    so_far: Mapping[str, Ints]  # how many up to and with each bucket, from the first day on; 0 stands before all
    begins: Mapping[str, Ints]  # where the buckets of each day begin; one more stands at the end

    @property
    def dates(self) -> list[date]:
        return [date_of(number) for number in self.days.tolist()]

    def total(self, *, until: int | None = None) -> Tally:
        """All days together, or those up to and with one."""
        days = len(self.days) if until is None else int(np.searchsorted(self.days, until, side="right"))
        sums = {name: self._bucket_sums(name, days) for name in self.buckets}
        return Tally(self.figures[:days].sum(axis=0), sums)

    def _bucket_sums(self, name: str, days: int) -> Ints:
        end = self.begins[name][days]
        weights = np.diff(self.so_far[name][: end + 1])
        found = np.bincount(self.buckets[name][:end], weights=weights, minlength=histogram.BUCKETS)
        return found.astype(np.int64)

    def figure(self, name: str) -> Ints:
        """A figure, day by day."""
        found: Ints = self.figures[:, PLACE[name]]
        return found

    def mean(self, name: str, among: str = "n") -> Floats:
        """A figure for each of those `among` whom it counts; nan where there are none."""
        return _per(self.figure(name), self.figure(among))

    def quantile(self, name: str, q: float) -> Floats:
        """A quantile of every day; inf where it lies among the unended, nan where nobody came."""
        so_far, begins = self.so_far[name], self.begins[name]
        n = self.figure("n")
        before = so_far[begins]
        rank = np.maximum(1, np.ceil(q * n - 1e-9)).astype(np.int64)
        has = rank <= np.diff(before)
        place = np.searchsorted(so_far, (before[:-1] + rank)[has]) - 1
        found = np.where(n > 0, np.inf, np.nan)
        found[has] = histogram.MIDDLES[self.buckets[name][place]]
        return found

    def mean_score(self, metric: str) -> Floats:
        counts, scores = self._scores(metric), np.array(list(SCORES[metric]))
        return _per(counts @ scores, counts.sum(axis=1))

    def nps(self) -> Floats:
        counts = self._scores("nps")
        return 100 * _per(counts[:, 9:].sum(axis=1) - counts[:, :7].sum(axis=1), counts.sum(axis=1))

    def _scores(self, metric: str) -> Ints:
        first = PLACE[f"{metric}_{SCORES[metric][0]}"]
        found: Ints = self.figures[:, first : first + len(SCORES[metric])]
        return found


def _per(part: Ints, whole: Ints) -> Floats:
    found: Floats = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return found


def unread(most: int) -> int:
    """How many events and new outcomes wait to be read, counted as far as `most`."""
    mark = RollupMark.objects.filter(pk=1).first() or RollupMark()
    events = TicketEvent.objects.filter(pk__gt=mark.event_id).order_by().values("pk")[:most].count()
    return max(events, Outcome.objects.filter(pk__gt=mark.outcome_id).order_by().values("pk")[:most].count())


def read(
    *,
    source: str = EVERY,
    since: date | None = None,
    until: date | None = None,
    dimension: str = EVERY,
    value: str = "",
    left_out: Collection[str] = (),
    histograms: Sequence[str] = ("human_reply", "resolution"),
) -> dict[str, Days]:
    """Per playbook its days, with the figures and these histograms (one query). Both days belong to the period.

    `source`: "all", "main", "shifts" or "rehearsal:<key>"; `left_out`: keys of rehearsals that do not count in "all".
    One segment at a time: a choice of two (category and language, say) is not kept here and reads the outcome rows.
    """
    rows = _rows(source, since, until, left_out, dimension).filter(value=value)
    by_playbook: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for playbook, *row in rows.order_by("day").values_list("playbook", "day", "figures", *histograms):
        by_playbook[playbook].append(tuple(row))
    return {playbook: _days(by_playbook[playbook], histograms) for playbook in sorted(by_playbook)}


def read_values(
    dimension: str,
    *,
    source: str = EVERY,
    since: date | None = None,
    until: date | None = None,
    left_out: Collection[str] = (),
) -> dict[str, dict[str, Days]]:
    """Per playbook and value of a dimension its days, without histograms (one query)."""
    rows = _rows(source, since, until, left_out, dimension)
    by_value: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for playbook, value, *row in rows.order_by("day").values_list("playbook", "value", "day", "figures"):
        by_value[playbook, value].append(tuple(row))
    found: dict[str, dict[str, Days]] = defaultdict(dict)
    for (playbook, value), lines in sorted(by_value.items()):
        found[playbook][value] = _days(lines, ())
    return dict(found)


def read_sources(
    *,
    source: str = EVERY,
    since: date | None = None,
    until: date | None = None,
    dimension: str = EVERY,
    value: str = "",
    playbooks: Collection[str] = (),
    left_out: Collection[str] = (),
) -> dict[str, Tally]:
    """What the tickets of each source come to, of these playbooks or of all; without histograms (one query)."""
    rows = _rows(source, since, until, left_out, dimension).filter(value=value)
    if playbooks:
        rows = rows.filter(playbook__in=playbooks)
    by_source: dict[str, list[bytes]] = defaultdict(list)
    for key, figures in rows.values_list("source", "figures"):
        by_source[key].append(bytes(figures))
    return {key: Tally(figures_of(lines).sum(axis=0), {}) for key, lines in sorted(by_source.items())}


def _rows(
    source: str, since: date | None, until: date | None, left_out: Collection[str], dimension: str
) -> QuerySet[Rollup]:
    assert dimension in DIMENSIONS, dimension
    rows = Rollup.objects.filter(dimension=dimension)
    if source != EVERY:
        rows = rows.filter(source=source)
    elif left_out:
        rows = rows.exclude(source__in=[REHEARSAL + key for key in left_out])
    if since:
        rows = rows.filter(day__gte=day_number(since))
    if until:
        rows = rows.filter(day__lte=day_number(until))
    return rows


def _days(rows: Sequence[tuple[Any, ...]], histograms: Sequence[str]) -> Days:
    """Rows in order of day, several a day where there are several sources, put together."""
    number, figures, *columns = zip(*rows, strict=True)
    days, line = _in_order(np.array(number, dtype=np.int64))
    read_figures = figures_of(figures)
    if len(days) < len(rows):
        sums = np.zeros((len(days), len(FIGURES)), dtype=np.int64)
        np.add.at(sums, line, read_figures)
        read_figures = sums
    buckets, so_far, begins = {}, {}, {}
    for name, column in zip(histograms, columns, strict=True):
        found = np.frombuffer(b"".join(column), dtype=COUNT)
        bucket, count = found["bucket"], found["n"]
        many = np.bincount(line, weights=[len(part) // COUNT.itemsize for part in column], minlength=len(days))
        if len(days) < len(rows):
            order = np.lexsort((bucket, np.repeat(line, [len(part) // COUNT.itemsize for part in column])))
            bucket, count = bucket[order], count[order]
        buckets[name] = bucket
        so_far[name] = np.concatenate(([0], np.cumsum(count, dtype=np.int64)))
        begins[name] = np.concatenate(([0], np.cumsum(many))).astype(np.int64)
    return Days(days, read_figures, buckets, so_far, begins)


def _in_order(days: Ints) -> tuple[Ints, Ints]:
    """The different ones among days in order, and which of these each is."""
    new = np.concatenate(([True], days[1:] != days[:-1]))
    return days[new], np.cumsum(new) - 1


def series(found: Mapping[str, Days]) -> dict[str, dict[str, list[Any]]]:
    """Per playbook and day what a page of time draws: n, mean, median and p90 of two times, CSAT and NPS."""
    return {
        playbook: {
            "day": of.days.tolist(),
            "n": of.figure("n").tolist(),
            **{
                f"{name}_{what}": values.tolist()
                for name in ("human_reply", "resolution")
                for what, values in (
                    ("mean", of.mean(name, f"{name}_ended")),
                    ("median", of.quantile(name, 0.5)),
                    ("p90", of.quantile(name, 0.9)),
                )
            },
            "csat": of.mean_score("csat").tolist(),
            "nps": of.nps().tolist(),
        }
        for playbook, of in found.items()
    }
