"""Sums by day as the pages read them: a playbook's days, one segment at a time, however many tickets are in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from playbooks.core import histogram
from playbooks.core.tally import COUNT, FIGURES, PLACE, SCORES, Tally, figures_of
from playbooks.models import Rollup
from playbooks.rollups import DIMENSIONS, EVERY, REHEARSAL, date_of, day_number

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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
