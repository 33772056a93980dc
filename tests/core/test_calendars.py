"""Business hours: Korea and Japan by known dates, any other calendar by property."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.calendars import ALWAYS, WEEKDAYS, BusinessCalendar, Stretch, calendar, calendars
from tickets.errors import Invalid

HOUR, DAY = 3_600, 86_400
WEEKLY = {"mon": [("09:00", "18:00")]}
SEOUL, NEW_YORK = "Asia/Seoul", "America/New_York"


def at(text: str, zone: str = SEOUL) -> int:
    """The moment of a local time like "2026-05-01 09:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def weekdays(*windows: tuple[str, str], zone: str = SEOUL, days: tuple[str, ...] = WEEKDAYS[:5]) -> BusinessCalendar:
    return BusinessCalendar("test", {}, zone, dict.fromkeys(days, windows))


def refusal(**changes: object) -> Invalid:
    with pytest.raises(Invalid) as caught:
        BusinessCalendar(**{"key": "test", "title": {}, "timezone": "UTC", "weekly": WEEKLY, **changes})
    return caught.value


# --- the built-in calendars ---------------------------------------------------------------------


def test_a_working_day_has_eight_hours_in_korea_and_in_japan() -> None:
    for key in ("kr", "jp"):
        assert calendar(key).seconds_between(at("2026-04-22 00:00"), at("2026-04-23 00:00")) == 8 * HOUR


def test_around_the_clock_every_second_counts() -> None:
    assert ALWAYS is calendar("always")
    assert ALWAYS.add(1_000, 400 * DAY) == 1_000 + 400 * DAY
    assert ALWAYS.seconds_between(5, 400 * DAY) == 400 * DAY - 5
    assert ALWAYS.explain(7, 90) == [Stretch(7, 97, 90, "counted")]


def test_around_the_clock_has_no_last_year() -> None:
    assert ALWAYS.add(at("2099-12-31 00:00"), 1_000 * DAY) == at("2099-12-31 00:00") + 1_000 * DAY


def test_every_calendar_has_a_title_in_three_languages() -> None:
    assert all(set(c.title) == {"en", "ko", "ja"} and all(c.title.values()) for c in calendars().values())


def test_an_unknown_calendar_is_refused_with_those_there_are() -> None:
    with pytest.raises(Invalid, match="always, kr, jp") as caught:
        calendar("us")
    assert caught.value.field == "calendar"


def test_golden_week_keeps_a_japanese_desk_closed_and_a_korean_one_only_on_its_own_holidays() -> None:
    friday_evening = at("2026-05-01 18:00")  # in 2026 a holiday in Korea itself
    assert calendar("jp").next_opening(friday_evening) == at("2026-05-07 09:00")
    assert calendar("kr").next_opening(friday_evening) == at("2026-05-04 09:00")


def test_seollal_keeps_a_korean_desk_closed_and_a_japanese_one_open() -> None:
    assert calendar("kr").next_opening(at("2026-02-16 10:00")) == at("2026-02-19 09:00")
    assert calendar("jp").is_open(at("2026-02-16 10:00"))


def test_substitute_holidays_are_days_off() -> None:
    assert calendar("kr").holiday(date(2025, 3, 3)) == "삼일절 대체 휴일"
    assert calendar("jp").holiday(date(2026, 5, 6)) == "振替休日"


def test_holidays_are_named_in_the_language_of_their_country() -> None:
    assert calendar("kr").holiday(date(2026, 9, 25)) == "추석"
    assert calendar("jp").holiday(date(2026, 11, 23)) == "勤労感謝の日"


def test_holidays_are_known_for_a_year_far_from_any_other() -> None:
    assert calendar("jp").holiday(date(2061, 1, 1)) == "元日"


def test_a_year_without_known_holidays_is_refused_rather_than_guessed() -> None:
    for moment in (at("1949-06-01 09:00"), at("2101-06-01 09:00"), 10**18, -(10**18)):
        with pytest.raises(Invalid, match="1950 to 2099"):
            calendar("kr").add(moment, HOUR)
    with pytest.raises(Invalid, match="1950 to 2099"):
        calendar("kr").add(at("2026-01-05 09:00"), 10**12)


# --- opening hours ------------------------------------------------------------------------------


def test_a_window_holds_its_first_second_and_not_the_one_it_closes_at() -> None:
    kr = calendar("kr")
    assert not kr.is_open(at("2026-04-22 09:00") - 1)
    assert kr.is_open(at("2026-04-22 09:00"))
    assert kr.is_open(at("2026-04-22 12:00") - 1)
    assert not kr.is_open(at("2026-04-22 12:00"))
    assert kr.is_open(at("2026-04-22 13:00"))


def test_the_next_opening_is_now_while_open_and_after_lunch_at_noon() -> None:
    jp = calendar("jp")
    assert jp.next_opening(at("2026-04-22 10:17")) == at("2026-04-22 10:17")
    assert jp.next_opening(at("2026-04-22 12:00")) == at("2026-04-22 13:00")


def test_the_next_opening_crosses_the_new_year() -> None:
    assert calendar("kr").next_opening(at("2026-12-31 18:00")) == at("2027-01-04 09:00")


def test_working_time_crosses_lunch_weekend_and_year() -> None:
    kr = calendar("kr")
    assert kr.seconds_between(at("2026-12-31 11:00"), at("2027-01-04 10:00")) == (1 + 5 + 1) * HOUR
    assert kr.add(at("2026-12-31 11:00"), 7 * HOUR) == at("2027-01-04 10:00")


def test_working_time_backwards_is_negative() -> None:
    assert calendar("kr").seconds_between(at("2026-04-22 11:00"), at("2026-04-22 10:00")) == -HOUR


def test_nothing_to_add_is_due_at_once_even_while_closed() -> None:
    sunday = at("2026-04-26 15:00")
    assert calendar("kr").add(sunday, 0) == sunday
    assert calendar("kr").explain(sunday, 0) == []


def test_time_that_ends_with_the_day_is_due_at_closing_not_next_morning() -> None:
    assert calendar("kr").add(at("2026-04-22 17:00"), HOUR) == at("2026-04-22 18:00")


def test_a_negative_duration_is_refused() -> None:
    for reckon in (calendar("kr").add, calendar("kr").explain):
        with pytest.raises(Invalid, match="negative"):
            reckon(at("2026-04-22 09:00"), -1)


# --- time zones ---------------------------------------------------------------------------------


def test_a_sunday_night_shift_loses_an_hour_in_spring_and_gains_one_in_autumn() -> None:
    nights = weekdays(("00:00", "06:00"), zone=NEW_YORK, days=("sun",))
    spring, autumn = at("2026-03-08 00:00", NEW_YORK), at("2026-11-01 00:00", NEW_YORK)
    assert nights.seconds_between(spring, spring + DAY) == 5 * HOUR
    assert nights.seconds_between(autumn, autumn + DAY) == 7 * HOUR


def test_a_window_that_begins_in_a_skipped_hour_begins_at_the_skip() -> None:
    early = weekdays(("02:30", "04:00"), zone=NEW_YORK, days=("sun",))
    assert early.next_opening(at("2026-03-08 00:00", NEW_YORK)) == at("2026-03-08 03:00", NEW_YORK)


def test_a_window_inside_a_skipped_hour_does_not_open_that_day() -> None:
    early = weekdays(("02:10", "02:50"), zone=NEW_YORK, days=("sun",))
    assert early.next_opening(at("2026-03-08 00:00", NEW_YORK)) == at("2026-03-15 02:10", NEW_YORK)


def test_opening_hours_stay_at_nine_on_the_wall_across_summer_time() -> None:
    office = weekdays(("09:00", "17:00"), zone="Europe/Berlin")
    friday_evening = at("2026-03-27 17:00", "Europe/Berlin")
    assert office.add(friday_evening, HOUR) == at("2026-03-30 10:00", "Europe/Berlin")


def test_a_day_that_its_time_zone_skipped_has_no_hours() -> None:
    samoa = weekdays(("00:00", "24:00"), zone="Pacific/Apia")
    thursday = at("2011-12-29 00:00", "Pacific/Apia")
    assert samoa.seconds_between(thursday, at("2011-12-31 00:00", "Pacific/Apia")) == DAY


# --- explanations -------------------------------------------------------------------------------


def test_a_deadline_over_golden_week_is_explained_line_by_line() -> None:
    lines = calendar("jp").explain(at("2026-05-01 17:00"), 2 * HOUR)
    assert [(line.end - line.start, line.counted, line.reason) for line in lines] == [
        (1 * HOUR, HOUR, "counted"),
        (6 * HOUR, 0, "closed_hours"),
        (48 * HOUR, 0, "weekend"),
        (24 * HOUR, 0, "holiday:みどりの日"),
        (24 * HOUR, 0, "holiday:こどもの日"),
        (24 * HOUR, 0, "holiday:振替休日"),
        (9 * HOUR, 0, "closed_hours"),
        (1 * HOUR, HOUR, "counted"),
    ]
    assert lines[-1].end == at("2026-05-07 10:00")


def test_lunch_is_explained_as_a_break() -> None:
    lines = calendar("kr").explain(at("2026-04-22 11:30"), HOUR)
    assert [line.reason for line in lines] == ["counted", "break", "counted"]


def test_a_holiday_on_a_weekend_is_explained_as_weekend() -> None:
    liberation_day = date(2026, 8, 15)  # a Saturday; Monday stands in for it
    lines = calendar("kr").explain(at("2026-08-15 00:00"), HOUR)
    assert calendar("kr").holiday(liberation_day) == "광복절"
    assert [line.reason for line in lines] == ["weekend", "holiday:광복절 대체 휴일", "closed_hours", "counted"]


def test_a_weekday_without_windows_is_explained_as_a_closed_day() -> None:
    shop = weekdays(("10:00", "20:00"), days=("mon", "tue", "thu", "fri", "sat", "sun"))
    assert [line.reason for line in shop.explain(at("2026-04-21 20:00"), 60)][1] == "closed_day"


def test_a_day_off_of_the_house_is_explained_by_its_name() -> None:
    jp = calendar("jp").with_days_off({date(2026, 12, 30): "年末休業"})
    assert jp.holiday(date(2026, 12, 30)) == "年末休業"
    assert "holiday:年末休業" in [line.reason for line in jp.explain(at("2026-12-29 18:00"), HOUR)]
    assert calendar("jp").holiday(date(2026, 12, 30)) is None


def test_waiting_for_the_customer_moves_a_deadline_by_the_working_time_it_took() -> None:
    deadline = calendar("kr").deadline_with_pauses(
        at("2026-04-22 09:00"), 4 * HOUR, [(at("2026-04-22 10:00"), at("2026-04-22 14:00"))]
    )
    assert deadline.due_at == at("2026-04-22 17:00")
    assert [(line.counted, line.reason) for line in deadline.lines] == [
        (1 * HOUR, "counted"),
        (0, "paused"),
        (3 * HOUR, "counted"),
    ]


def test_a_pause_outside_business_hours_moves_nothing() -> None:
    night = (at("2026-04-22 19:00"), at("2026-04-23 08:00"))
    start = at("2026-04-22 17:00")
    assert calendar("kr").deadline_with_pauses(start, 2 * HOUR, [night]).due_at == calendar("kr").add(start, 2 * HOUR)


def test_overlapping_pauses_count_once_and_their_order_does_not_matter() -> None:
    start, pauses = at("2026-04-22 09:00"), [(11, 12), (10, 12), (9, 11)]
    spans = [(at(f"2026-04-22 {a:02}:00"), at(f"2026-04-22 {b:02}:00")) for a, b in pauses]
    assert calendar("kr").add(start, HOUR, spans) == at("2026-04-22 14:00")


def test_a_pause_after_the_deadline_changes_nothing() -> None:
    start = at("2026-04-22 09:00")
    later = (at("2026-04-22 10:00"), at("2026-04-30 10:00"))
    assert calendar("kr").deadline_with_pauses(start, HOUR, [later]).due_at == at("2026-04-22 10:00")


def test_a_pause_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Invalid, match="pause"):
        ALWAYS.deadline_with_pauses(0, 10, [(5, 4)])


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"timezone": "Asia/Kyoto"}, "unknown_timezone", "timezone"),
        ({"country": "XX"}, "unknown_country", "country"),
        ({"weekly": {"monday": [["09:00", "18:00"]]}}, "unknown_weekday", "weekly"),
        ({"weekly": {}}, "never_open", "weekly"),
        ({"weekly": {"mon": []}}, "never_open", "weekly"),
        ({"weekly": {"mon": [["9:00", "18:00"]]}}, "time_of_day", "weekly.mon[0]"),
        ({"weekly": {"mon": [["09:00", "24:01"]]}}, "time_of_day", "weekly.mon[0]"),
        ({"weekly": {"mon": [["09:00"]]}}, "window_shape", "weekly.mon[0]"),
        ({"weekly": {"mon": ["09:00-18:00"]}}, "window_shape", "weekly.mon[0]"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "window_empty", "weekly.mon[0]"),
        ({"weekly": {"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}}, "windows_overlap", "weekly.mon[1]"),
        ({"weekly": {"mon": [["13:00", "18:00"], ["09:00", "12:00"]]}}, "windows_overlap", "weekly.mon[1]"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused_by_field(changes: dict[str, object], code: str, field: str) -> None:
    error = refusal(**changes)
    assert (error.code, error.field) == (code, field)


# --- properties ---------------------------------------------------------------------------------

BASE = at("2026-01-01 00:00", "UTC")
moments = st.integers(BASE, BASE + 400 * DAY)
lengths = st.integers(0, 60 * 8 * HOUR)


@st.composite
def any_calendar(draw: st.DrawFn) -> BusinessCalendar:
    def windows() -> list[tuple[str, str]]:
        edges = sorted(draw(st.sets(st.integers(0, 48), max_size=6)))
        times = [f"{half // 2:02}:{half % 2 * 30:02}" for half in edges]
        return list(zip(times[::2], times[1::2], strict=False))

    weekly = {day: windows() for day in WEEKDAYS} | {"wed": [("10:00", "10:30"), ("22:00", "24:00")]}
    days_off = draw(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 3, 1)), st.just("off"), max_size=5))
    zone = draw(st.sampled_from((SEOUL, NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "UTC")))
    return BusinessCalendar("any", {}, zone, weekly, draw(st.sampled_from((None, "KR", "JP"))), days_off)


@given(any_calendar(), moments, lengths)
@settings(deadline=None, max_examples=60)
def test_between_a_moment_and_its_deadline_lies_what_was_added(cal: BusinessCalendar, start: int, seconds: int) -> None:
    assert cal.seconds_between(start, cal.add(start, seconds)) == seconds


@given(any_calendar(), moments, st.integers(1, 60 * 8 * HOUR))
@settings(deadline=None, max_examples=60)
def test_a_deadline_is_the_earliest_moment_that_fits(cal: BusinessCalendar, start: int, seconds: int) -> None:
    assert cal.seconds_between(start, cal.add(start, seconds) - 1) == seconds - 1


@given(any_calendar(), moments, moments, moments)
@settings(deadline=None, max_examples=60)
def test_working_time_adds_up_over_any_middle(cal: BusinessCalendar, a: int, b: int, c: int) -> None:
    assert cal.seconds_between(a, b) + cal.seconds_between(b, c) == cal.seconds_between(a, c)


@given(any_calendar(), moments, lengths, lengths)
@settings(deadline=None, max_examples=60)
def test_two_additions_are_one(cal: BusinessCalendar, start: int, first: int, second: int) -> None:
    assert cal.add(cal.add(start, first), second) == cal.add(start, first + second)


@given(any_calendar(), moments)
@settings(deadline=None, max_examples=60)
def test_the_next_opening_is_open_and_nothing_is_missed_before_it(cal: BusinessCalendar, moment: int) -> None:
    opening = cal.next_opening(moment)
    assert cal.is_open(opening)
    assert cal.seconds_between(moment, opening) == 0


@given(any_calendar(), moments, lengths, st.lists(st.tuples(moments, st.integers(0, 20 * DAY)), max_size=4))
@settings(deadline=None, max_examples=60)
def test_an_explanation_is_gapless_sums_up_and_ends_at_the_deadline(
    cal: BusinessCalendar, start: int, seconds: int, spans: list[tuple[int, int]]
) -> None:
    deadline = cal.deadline_with_pauses(start, seconds, [(a, a + length) for a, length in spans])
    lines = deadline.lines
    assert sum(line.counted for line in lines) == seconds
    assert [line.start for line in lines] == [start, *(line.end for line in lines)][: len(lines)]
    assert all(line.counted == (line.end - line.start if line.reason == "counted" else 0) for line in lines)
    assert (lines[-1].end if lines else start) == deadline.due_at
    assert all(a.reason != b.reason for a, b in pairwise(lines))


@given(any_calendar(), moments, lengths, st.lists(st.tuples(moments, st.integers(0, 20 * DAY)), max_size=4))
@settings(deadline=None, max_examples=60)
def test_a_pause_can_only_move_a_deadline_later(
    cal: BusinessCalendar, start: int, seconds: int, spans: list[tuple[int, int]]
) -> None:
    assert cal.add(start, seconds, [(a, a + length) for a, length in spans]) >= cal.add(start, seconds)


@given(st.sampled_from((SEOUL, NEW_YORK, "Europe/Berlin")), moments, st.integers(0, 10 * 24 * 4))
@settings(deadline=None, max_examples=30)
def test_working_time_is_what_counting_quarter_hours_gives(zone: str, start: int, quarters: int) -> None:
    office = replace(weekdays(("09:00", "12:00"), ("13:00", "18:00"), zone=zone), country="JP")
    start -= start % 900

    def working(moment: int) -> bool:
        local = datetime.fromtimestamp(moment, ZoneInfo(zone))
        hours = 9 <= local.hour < 18 and local.hour != 12
        return hours and local.weekday() < 5 and office.holiday(local.date()) is None

    counted = sum(900 for n in range(quarters) if working(start + n * 900))
    assert office.seconds_between(start, start + quarters * 900) == counted


def test_four_hundred_days_are_reckoned_in_well_under_a_millisecond() -> None:
    jp, start = calendar("jp"), at("2026-04-22 09:00")
    jp.add(start, 300 * 8 * HOUR)  # the first call of a year lays out its windows
    begin = time.perf_counter()
    for n in range(100):
        jp.seconds_between(start + n, start + 400 * DAY)
        jp.add(start + n, 250 * 8 * HOUR)
    assert (time.perf_counter() - begin) / 200 < 0.001


def test_the_days_of_a_calendar_are_local_days() -> None:
    kr = calendar("kr")
    friday_in_utc = at("2026-04-24 23:30", "UTC")  # Saturday 08:30 in Seoul
    assert kr.next_opening(friday_in_utc) == at("2026-04-27 09:00")
