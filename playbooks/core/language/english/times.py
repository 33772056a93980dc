"""When a promise in English falls due. A desk that writes in English works by Tokyo time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Asia/Tokyo")  # as the pages show it
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = "january february march april may june july august september october november december".split()
_CLOCK = re.compile(
    r"([0-9]{1,2})(?::([0-9]{2}))? ?(am|pm|a\.m\.|p\.m\.)|\b([0-9]{1,2}):([0-9]{2})\b|\b(noon|midnight)\b"
)
_WITHIN_DAYS = re.compile(r"(?:within|in) (?:the next )?([0-9]{1,3}) (business |working )?(day|week)")
_IN_UTC = re.compile(r"\b(?:utc|gmt)\b")
_MONTH_DAY = re.compile(
    rf"({'|'.join(_MONTHS)}) ([0-9]{{1,2}})|([0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? ({'|'.join(_MONTHS)})"
)


def promised_at(text: str, today: date) -> int | None:
    """Seconds since the epoch of the time promised; the end of the day where no hour is named."""
    day = _day(text, today)
    if day is None:
        return None
    return int(datetime.combine(day, _hour(text), UTC if _IN_UTC.search(text) else _ZONE).timestamp())


def _day(text: str, today: date) -> date | None:
    within = _WITHIN_DAYS.search(text)
    if within:
        return _after(today, min(int(within[1]), 90) * (7 if within[3] == "week" else 1), working=bool(within[2]))
    named = _MONTH_DAY.search(text)
    if named:
        return _month_day(_MONTHS.index(named[1] or named[4]) + 1, int(named[2] or named[3]), today)
    if "tomorrow" in text:
        return today + timedelta(days=1)
    if "today" in text or "tonight" in text or "end of the day" in text:
        return today
    for number, name in enumerate(_DAYS):
        if name in text:
            return today + timedelta(days=(number - today.weekday()) % 7 or 7)
    return today if _CLOCK.search(text) else None


def _month_day(month: int, day: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if (found - today).days >= -183:
            return found
    return None


def _after(today: date, days: int, *, working: bool) -> date:
    day = today
    while days:
        day += timedelta(days=1)
        days -= not working or day.weekday() < 5
    return day


def _hour(text: str) -> time:
    clock = _CLOCK.search(text)
    if clock is None:
        return time(23, 59)
    if clock[6]:
        return time(12) if clock[6] == "noon" else time(23, 59)
    if clock[4]:
        hour, minute = int(clock[4]), int(clock[5])
    else:
        hour, minute = int(clock[1]) % 12 + (12 if clock[3].startswith("p") else 0), int(clock[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else time(23, 59)
