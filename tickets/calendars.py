"""Business hours: how much working time lies between two moments, and when a promise falls due.

Pure. Moments are whole seconds since the epoch, UTC; a calendar reads them in its own time zone.
Every answer comes from the same windows, so that an explanation always sums up to its deadline.
"""

from __future__ import annotations

import re
import sys
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays

from tickets.errors import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1950, 2099  # the years for which public holidays are known, KR and JP alike
HOLIDAY_LANGUAGE = {"KR": "ko", "JP": "ja"}  # names stay in the country's own language

COUNTED, BREAK, CLOSED_HOURS, WEEKEND, CLOSED_DAY, PAUSED = (
    "counted", "break", "closed_hours", "weekend", "closed_day", "paused",
)  # fmt: skip
HOLIDAY = "holiday"  # a reason of this kind reads "holiday:<name>"

Pause = tuple[int, int]
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """One line of an explanation: from `start` to `end`, `counted` seconds of it, and why."""

    start: int
    end: int
    counted: int
    reason: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment and the lines that lead to it: gapless from the start, summing up to what was promised."""

    due_at: int
    lines: tuple[Stretch, ...]


class _Year(NamedTuple):
    """The windows of one year as moments, with the working seconds before each of them."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    total: int

    def worked(self, at: int) -> int:
        """Working seconds of this year up to `at`."""
        n = bisect_right(self.opens, at) - 1
        return self.before[n] + min(at, self.closes[n]) - self.opens[n] if n >= 0 else 0


@dataclass(frozen=True, eq=False)
class BusinessCalendar:
    """When a desk is open: windows a week in a time zone, less public holidays and other days off.

    `weekly` maps "mon".."sun" to windows ("HH:MM", "HH:MM"), several a day; a day without any is
    closed. Windows follow the wall clock. Where summer time skips an hour, a window that begins or
    ends inside it begins or ends at the skip; of a time that comes twice, the first is meant.
    """

    key: str
    title: Mapping[str, str]
    timezone: str
    weekly: Mapping[str, Sequence[Sequence[str]]]
    country: str | None = None
    days_off: Mapping[date, str] = field(default_factory=dict)
    _zone: ZoneInfo = field(init=False, repr=False)
    _minutes: tuple[tuple[tuple[int, int], ...], ...] = field(init=False, repr=False)
    _never_closes: bool = field(init=False, repr=False)
    _years: dict[int, _Year] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        minutes = _weekly_minutes(self.weekly)
        always = all(day == ((0, _DAY_MINUTES),) for day in minutes)
        if self.country is not None and self.country not in HOLIDAY_LANGUAGE:
            message = f"No holidays are known for '{self.country}'. Use one of: {', '.join(HOLIDAY_LANGUAGE)}."
            raise Invalid("unknown_country", message, field="country")
        object.__setattr__(self, "_zone", _zone(self.timezone))
        object.__setattr__(self, "_minutes", minutes)
        object.__setattr__(self, "_never_closes", always and not self.country and not self.days_off)

    def with_days_off(self, days: Mapping[date, str]) -> BusinessCalendar:
        """The same calendar with further days off (a year-end closing, say), by date and name."""
        return replace(self, days_off={**self.days_off, **days})

    def holiday(self, day: date) -> str | None:
        """The name of the holiday or day off on this date, or None."""
        _check_year(day.year)
        return self.days_off.get(day, _public_holidays(self.country, day.year).get(day))

    def is_open(self, at: int) -> bool:
        """Whether the desk is open. A window holds its first second and not the one it closes at."""
        return self.next_opening(at) == at

    def next_opening(self, at: int) -> int:
        """The first open moment from `at` on: `at` itself while the desk is open."""
        if self._never_closes:
            return at
        number = self._year_of(at)
        while True:
            year = self._year(number)
            n = bisect_right(year.closes, at)
            if n < len(year.opens):
                return max(at, year.opens[n])
            number += 1

    def seconds_between(self, a: int, b: int) -> int:
        """Working seconds from `a` to `b`; negative where `b` is the earlier one."""
        if b < a:
            return -self.seconds_between(b, a)
        if self._never_closes:
            return b - a
        first, last = self._year_of(a), self._year_of(b)
        whole = sum(self._year(number).total for number in range(first, last))
        return whole + self._year(last).worked(b) - self._year(first).worked(a)

    def add(self, at: int, seconds: int, pauses: Iterable[Pause] = ()) -> int:
        """The earliest moment by which `seconds` of working time have passed since `at`, pauses left out.

        So `add(at, 0) == at`, and time that ends with the working day ends at its close, not at
        the next morning's opening.
        """
        if seconds < 0:
            raise Invalid("negative_duration", "A duration cannot be negative.", field="seconds")
        for start, end in _merged(pauses):
            if end <= at:
                continue
            first = self.seconds_between(at, max(at, start))
            if first >= seconds:
                break
            seconds -= first
            at = end
        return self._add(at, seconds)

    def explain(self, at: int, seconds: int, pauses: Iterable[Pause] = ()) -> list[Stretch]:
        """How `add` comes to its answer: gapless stretches from `at`, whose counted seconds sum up to `seconds`."""
        if seconds < 0:
            raise Invalid("negative_duration", "A duration cannot be negative.", field="seconds")
        lines: list[Stretch] = []
        left, paused = seconds, _merged(pauses)
        for start, end, reason in (part for piece in self._pieces(at) for part in _split(piece, paused)):
            if not left:
                break
            counted = min(left, end - start) if reason == COUNTED else 0
            left -= counted
            _append(lines, Stretch(start, start + counted if counted else end, counted, reason))
        return lines

    def deadline_with_pauses(self, at: int, seconds: int, pauses: Iterable[Pause]) -> Deadline:
        """When `seconds` of working time have passed that no pause covers, and why.

        A pause that still lasts is given as (start, now): the deadline is then the one that holds
        if it ended this moment.
        """
        pauses = tuple(pauses)
        return Deadline(self.add(at, seconds, pauses), tuple(self.explain(at, seconds, pauses)))

    def _add(self, at: int, seconds: int) -> int:
        if self._never_closes or seconds == 0:
            return at + seconds
        number = self._year_of(at)
        wanted = self._year(number).worked(at) + seconds
        while wanted > (year := self._year(number)).total:
            wanted -= year.total
            number += 1
        n = bisect_left(year.before, wanted) - 1
        return year.opens[n] + wanted - year.before[n]

    def _pieces(self, at: int) -> Iterator[tuple[int, int, str]]:
        """Every stretch from `at` on, without end: (start, end, reason)."""
        if self._never_closes:
            yield at, sys.maxsize, COUNTED
        day = self._local(at).date()
        while True:
            for start, end, reason in self._pieces_of_day(day):
                if end > at:
                    yield max(start, at), end, reason
            day += timedelta(days=1)

    def _pieces_of_day(self, day: date) -> Iterator[tuple[int, int, str]]:
        cursor, midnight = self._moment(day, 0), self._moment(day, _DAY_MINUTES)
        windows = self._windows(day)
        closed = CLOSED_HOURS if windows else self._why_closed(day)
        for n, (opens, closes) in enumerate(windows):
            if cursor < opens:
                yield cursor, opens, BREAK if n else closed
            yield opens, closes, COUNTED
            cursor = closes
        if cursor < midnight:
            yield cursor, midnight, closed

    def _why_closed(self, day: date) -> str:
        if self._minutes[day.weekday()] and (name := self.holiday(day)) is not None:
            return f"{HOLIDAY}:{name}"
        return WEEKEND if day.weekday() >= 5 else CLOSED_DAY

    def _windows(self, day: date) -> list[tuple[int, int]]:
        if self.holiday(day) is not None:
            return []
        minutes = self._minutes[day.weekday()]
        moments = [(self._moment(day, opens), self._moment(day, closes)) for opens, closes in minutes]
        return [(opens, closes) for opens, closes in moments if opens < closes]

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            _check_year(number)
            days = range(date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal())
            windows = [window for day in days for window in self._windows(date.fromordinal(day))]
            before, total = [], 0
            for opens, closes in windows:
                before.append(total)
                total += closes - opens
            self._years[number] = _Year([w[0] for w in windows], [w[1] for w in windows], before, total)
        return self._years[number]

    def _local(self, at: int) -> datetime:
        try:
            return datetime.fromtimestamp(at, self._zone)
        except (OverflowError, ValueError, OSError) as error:
            raise _beyond_calendar() from error

    def _year_of(self, at: int) -> int:
        return self._local(at).year

    def _moment(self, day: date, minutes: int) -> int:
        """The moment of a time of day; a time that summer time skips is the moment of the skip."""
        if minutes == _DAY_MINUTES:
            day, minutes = day + timedelta(days=1), 0
        local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=self._zone)
        early, late = local.utcoffset(), local.replace(fold=1).utcoffset()
        if early is not None and late is not None and early < late:
            return self._skip(int(local.replace(fold=1).timestamp()), int(local.timestamp()))
        return int(local.timestamp())

    def _skip(self, before: int, after: int) -> int:
        """The moment between two at which the clocks go forward."""
        offset = self._local(before).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if self._local(middle).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return after


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        message = f"There is no time zone '{name}'. Use a name like Asia/Seoul."
        raise Invalid("unknown_timezone", message, field="timezone") from error


def _weekly_minutes(weekly: Mapping[str, Sequence[Sequence[str]]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    unknown = [day for day in weekly if day not in WEEKDAYS]
    if unknown:
        message = f"There is no weekday '{unknown[0]}'. Use {', '.join(WEEKDAYS)}."
        raise Invalid("unknown_weekday", message, field="weekly")
    minutes = tuple(_day_minutes(day, weekly.get(day, ())) for day in WEEKDAYS)
    if not any(minutes):
        raise Invalid("never_open", "This calendar never opens. Give at least one window.", field="weekly")
    return minutes


def _day_minutes(day: str, windows: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    minutes = tuple(_window_minutes(window, day=day, field=f"weekly.{day}[{n}]") for n, window in enumerate(windows))
    for n, ((_, closes), (opens, _)) in enumerate(pairwise(minutes)):
        if opens < closes:
            message = f"The windows of {day} overlap or are out of order. Give them in order of the day."
            raise Invalid("windows_overlap", message, field=f"weekly.{day}[{n + 1}]")
    return minutes


def _window_minutes(window: Sequence[str], *, day: str, field: str) -> tuple[int, int]:
    if isinstance(window, str) or len(window) != 2:
        raise Invalid("window_shape", 'A window is two times: ["09:00", "18:00"].', field=field)
    opens, closes = (_minutes_of(text, field=field) for text in window)
    if opens == closes:
        raise Invalid("window_empty", f"The window {window[0]}–{window[1]} is empty.", field=field)
    if opens > closes:
        following = WEEKDAYS[(WEEKDAYS.index(day) + 1) % 7]
        rest = f" and 00:00–{window[1]} on {following}" if closes else ""
        message = (
            f"The window {window[0]}–{window[1]} on {day} runs over midnight. "
            f"Split it at 24:00: {window[0]}–24:00 on {day}{rest}."
        )
        raise Invalid("window_over_midnight", message, field=field)
    return opens, closes


def _minutes_of(text: str, *, field: str) -> int:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        message = f"'{text}' is no time of day. Write it as HH:MM, from 00:00 to 24:00."
        raise Invalid("time_of_day", message, field=field)
    return int(text[:2]) * 60 + int(text[3:])


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _beyond_calendar()


def _beyond_calendar() -> Invalid:
    return Invalid("beyond_calendar", f"Business calendars know the years {FIRST_YEAR} to {LAST_YEAR}.", field="at")


@cache
def _public_holidays(country: str | None, year: int) -> Mapping[date, str]:
    """Days off by law. Observances, bank holidays and the like are working days."""
    if country is None:
        return {}
    found = holidays.country_holidays(
        country, years=year, expand=False, language=HOLIDAY_LANGUAGE[country], categories=(holidays.PUBLIC,)
    )
    return dict(found)


def _merged(pauses: Iterable[Pause]) -> list[Pause]:
    """The same pauses in order, without overlaps."""
    merged: list[Pause] = []
    for start, end in sorted(pauses):
        if end < start:
            raise Invalid("pause_order", "A pause cannot end before it starts.", field="pauses")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _split(piece: tuple[int, int, str], pauses: Sequence[Pause]) -> Iterator[tuple[int, int, str]]:
    """One stretch cut where pauses begin and end."""
    start, end, reason = piece
    for pause_start, pause_end in pauses:
        if pause_end <= start or pause_start >= end:
            continue
        if start < pause_start:
            yield start, pause_start, reason
        yield max(start, pause_start), min(end, pause_end), PAUSED
        start = min(end, pause_end)
    if start < end:
        yield start, end, reason


def _append(lines: list[Stretch], line: Stretch) -> None:
    """Add a line, or lengthen the last one where it goes on for the same reason."""
    if lines and lines[-1].reason == line.reason:
        last = lines.pop()
        line = Stretch(last.start, line.end, last.counted + line.counted, line.reason)
    lines.append(line)


@cache
def calendars() -> Mapping[str, BusinessCalendar]:
    """The built-in calendars by key."""
    tables: dict[str, Any] = tomllib.loads(Path(__file__).with_name("calendars.toml").read_text(encoding="utf-8"))
    return {key: BusinessCalendar(key=key, **table) for key, table in tables.items()}


def calendar(key: str) -> BusinessCalendar:
    """The built-in calendar of this key: "always", "kr" or "jp"."""
    found = calendars().get(key)
    if found is None:
        known = ", ".join(calendars())
        raise Invalid("unknown_calendar", f"There is no calendar '{key}'. Use one of: {known}.", field="calendar")
    return found


ALWAYS = calendar("always")
