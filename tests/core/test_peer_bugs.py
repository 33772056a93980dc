"""Bugs B1-B19, each met in a well-known help desk. None of them shall live here.

Those that only rows can have (what a sweep, a report or a page does) are tested with the rows.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.calendars import ALWAYS, WEEKDAYS, BusinessCalendar, calendar
from tickets.durations import (
    Durations,
    Span,
    durations,
    median_counting_unanswered,
    pauses,
    quantile_counting_unanswered,
    share_within,
    status_intervals,
)
from tickets.errors import Invalid
from tickets.lifecycle import CATEGORIES, CATEGORY, STATUSES, comment_events, status_event, status_of
from tickets.log import AGENT, BOT, CUSTOMER, SYSTEM, Event

MINUTE, HOUR, DAY = 60, 3_600, 86_400
KR, JP = calendar("kr"), calendar("jp")


def at(text: str, zone: str = "Asia/Seoul") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def opened(when: str) -> list[Event]:
    return [Event(at(when), "ticket.created", CUSTOMER, {"status": "new", "channel": "chat"})]


def said(log: list[Event], when: str, author: str, *, public: bool = True, **facts: object) -> list[Event]:
    return log + comment_events(
        status_of(log), author=author, public=public, channel="chat", facts=facts, at=at(when)
    )[1]  # fmt: skip


def became(log: list[Event], when: str, status: str) -> list[Event]:
    return [*log, status_event(status_of(log), status, at=at(when), actor=AGENT)]


def measured(log: list[Event], now: str = "2026-06-01 10:00", cal: BusinessCalendar = KR) -> Durations:
    return durations(log, now=at(now), calendar=cal)


def spans(record: Durations) -> dict[str, Span]:
    return {name: getattr(record, name) for name in Durations.__slots__ if isinstance(getattr(record, name), Span)}


# B1: the average first response counted only tickets that had met their target.
def test_late_answers_make_the_figures_worse_not_better() -> None:
    quick = measured(said(opened("2026-04-22 10:00"), "2026-04-22 10:10", AGENT))
    late = measured(said(opened("2026-04-22 10:00"), "2026-04-24 10:00", AGENT))
    times = [d.human_reply_time.calendar for d in (quick, late, late)]
    assert share_within([quick, late, late], HOUR) == pytest.approx(1 / 3)
    assert median_counting_unanswered(times) == 2 * DAY


# B1: the time kept was the one at which a sweep looked, not the one of the reply.
def test_a_reply_is_timed_when_it_was_said_however_late_one_looks() -> None:
    log = said(opened("2026-04-22 10:00"), "2026-04-22 10:10", AGENT)
    assert measured(log, "2026-04-22 10:11").human_reply_time == measured(log, "2027-04-22 10:11").human_reply_time


# B2: unanswered tickets were left out of averages.
def test_unanswered_tickets_stay_in_every_speed_figure() -> None:
    answered = measured(said(opened("2026-04-22 10:00"), "2026-04-22 10:10", AGENT))
    silent = measured(opened("2026-04-22 10:00"))
    assert share_within([answered, silent], DAY) == 0.5
    assert (
        quantile_counting_unanswered([answered.human_reply_time.calendar, silent.human_reply_time.calendar], 0.9)
        is None
    )


# B3: an answer outside business hours gave 0, and one report dropped it while another did not.
def test_an_answer_outside_business_hours_counts_as_nought_seconds() -> None:
    record = measured(said(opened("2026-04-22 20:00"), "2026-04-22 20:30", AGENT))
    assert record.human_reply_time == Span(30 * MINUTE, 0)
    assert not record.unanswered
    assert share_within([record], 0, clock="business") == 1.0
    assert median_counting_unanswered([record.human_reply_time.business]) == 0


# B4: hold time was forgotten when a ticket went from paused to resolved in one step.
@pytest.mark.parametrize(("waiting", "metric"), [("pending", "agent_wait_time"), ("on_hold", "on_hold_time")])
def test_solving_straight_from_waiting_still_counts_the_wait(waiting: str, metric: str) -> None:
    log = became(became(opened("2026-04-22 10:00"), "2026-04-22 10:30", waiting), "2026-04-22 11:30", "solved")
    assert getattr(measured(log), metric) == Span(HOUR, HOUR)


# B4, the deadline's side of it.
def test_solving_straight_from_pending_leaves_its_pause_out_of_the_deadline() -> None:
    log = became(became(opened("2026-04-22 10:00"), "2026-04-22 10:30", "pending"), "2026-04-22 11:30", "solved")
    deadline = KR.deadline_with_pauses(at("2026-04-22 10:00"), HOUR, pauses(log, now=at("2026-04-22 12:00")))
    assert deadline.due_at == at("2026-04-22 12:00")


@pytest.fixture(params=["UTC", "Asia/Seoul", "America/New_York"])
def server_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


# B5: a naive deadline was read in the zone of whoever looked.
def test_a_deadline_is_the_same_moment_whatever_zone_the_server_lives_in(server_zone: str) -> None:
    assert KR.add(at("2026-04-22 17:30"), HOUR) == at("2026-04-23 09:30") == at("2026-04-23 00:30", "UTC")
    assert [line.reason for line in JP.explain(at("2026-04-22 17:30"), HOUR)] == ["counted", "closed_hours", "counted"]


# B6: a ticket raised on a non-working day got a wrong first-response value or a delay of nought.
@pytest.mark.parametrize(
    ("raised", "due"),
    [
        pytest.param("2026-04-25 10:00", "2026-04-27 10:00", id="on a Saturday"),
        pytest.param("2026-04-24 18:30", "2026-04-27 10:00", id="on Friday evening"),
        pytest.param("2026-04-22 23:59", "2026-04-23 10:00", id="a minute before midnight"),
        pytest.param("2026-04-23 00:00", "2026-04-23 10:00", id="at midnight"),
        pytest.param("2026-04-22 12:30", "2026-04-22 14:00", id="over lunch"),
        pytest.param("2026-05-05 10:00", "2026-05-06 10:00", id="on Children's Day"),
        pytest.param("2026-09-23 17:30", "2026-09-28 09:30", id="on the eve of Chuseok"),
    ],
)
def test_a_ticket_raised_while_closed_starts_with_the_next_opening(raised: str, due: str) -> None:
    assert KR.add(at(raised), HOUR) == at(due)
    assert measured(said(opened(raised), due, AGENT)).human_reply_time.business == HOUR


# B6: the same moment is a working day here and a holiday there.
def test_a_day_is_judged_by_the_calendar_of_its_desk() -> None:
    seollal = at("2026-02-17 10:00")
    assert KR.add(seollal, HOUR) == at("2026-02-19 10:00")
    assert JP.add(seollal, HOUR) == at("2026-02-17 11:00", "Asia/Tokyo")


# B7: after a reopening, reply times were counted from the old conversation.
def test_a_reopening_keeps_the_first_response_and_starts_a_new_wait() -> None:
    first = became(said(opened("2026-04-22 10:00"), "2026-04-22 10:10", AGENT), "2026-04-22 11:00", "solved")
    again = said(first, "2026-04-28 10:00", CUSTOMER)
    assert measured(again).waiting_since == at("2026-04-28 10:00")
    record = measured(said(again, "2026-04-28 10:05", AGENT))
    assert record.human_reply_time == measured(first).human_reply_time == Span(10 * MINUTE, 10 * MINUTE)
    assert record.next_reply == Span(5 * MINUTE, 5 * MINUTE)


# B8: a bot's reply counted as the first response.
def test_a_bot_neither_answers_a_ticket_nor_ends_its_wait() -> None:
    record = measured(said(opened("2026-04-22 10:00"), "2026-04-22 10:01", BOT), "2026-04-22 11:00")
    assert record.bot_reply_time == Span(MINUTE, MINUTE)
    assert (record.human_reply_time, record.unanswered, record.replies) == (Span(), True, 0)
    assert record.waiting == Span(HOUR, HOUR)
    assert share_within([record], DAY) == 0.0


# B9: the target for the next response took the place of the first one's.
def test_the_next_reply_never_stands_in_for_the_first() -> None:
    waiting = said(said(opened("2026-04-22 10:00"), "2026-04-22 10:01", BOT), "2026-04-22 10:30", CUSTOMER)
    record = measured(waiting, "2026-04-22 10:40")
    assert (record.waiting_since, record.next_reply) == (at("2026-04-22 10:00"), Span())
    later = measured(said(waiting, "2026-04-22 11:00", AGENT))
    assert (later.human_reply_time, later.next_reply) == (Span(HOUR, HOUR), Span())


# B10: a calendar around the clock lost a minute at each midnight.
def test_a_day_until_twenty_four_hundred_loses_nothing_at_midnight() -> None:
    whole_days = BusinessCalendar("test", {}, "Asia/Seoul", dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)), "KR")
    assert whole_days.seconds_between(at("2026-04-20 00:00"), at("2026-04-27 00:00")) == 7 * DAY
    assert whole_days.add(at("2026-04-22 23:59"), 2 * MINUTE) == at("2026-04-23 00:01")
    assert whole_days.is_open(at("2026-04-23 00:00") - 1)
    assert ALWAYS.seconds_between(at("2026-04-20 00:00"), at("2026-04-27 00:00")) == 7 * DAY


# B10: with one window a day there was no lunch break.
def test_a_lunch_break_is_no_working_time() -> None:
    assert JP.seconds_between(at("2026-04-22 11:59"), at("2026-04-22 13:01")) == 2 * MINUTE


# B11: a changed policy forgot the pauses that a ticket had gathered.
def test_pauses_outlive_a_change_of_target_and_of_calendar() -> None:
    log = said(became(opened("2026-04-22 10:00"), "2026-04-22 10:30", "pending"), "2026-04-22 11:30", CUSTOMER)
    paused = pauses(log, now=at("2026-04-22 11:30"))
    assert [KR.deadline_with_pauses(log[0].at, target, paused).due_at for target in (HOUR, 2 * HOUR)] == [
        at("2026-04-22 12:00"),
        at("2026-04-22 14:00"),
    ]
    assert ALWAYS.deadline_with_pauses(log[0].at, HOUR, paused).due_at == at("2026-04-22 12:00")
    changed = KR.with_days_off({date(2026, 4, 23): "창립기념일"})
    assert durations(log, now=at("2026-04-24 09:00"), calendar=changed).agent_wait_time == Span(HOUR, HOUR)


# B12: holidays made an escalation come earlier.
@given(
    st.integers(at("2026-01-01 00:00"), at("2027-01-01 00:00")),
    st.integers(0, 60 * 8 * HOUR),
    st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 6, 30)), st.just("休業日"), min_size=1, max_size=20),
    st.sampled_from((KR, JP)),
)
@settings(deadline=None, max_examples=60)
def test_a_holiday_more_can_only_move_a_deadline_later(
    start: int, seconds: int, days_off: dict[date, str], cal: BusinessCalendar
) -> None:
    assert cal.with_days_off(days_off).add(start, seconds) >= cal.add(start, seconds)


# B12, by hand: three working days that run into two days off end two days later.
def test_two_days_off_move_a_deadline_by_two_days() -> None:
    closed = KR.with_days_off({date(2026, 4, 21): "a", date(2026, 4, 22): "b"})
    monday = at("2026-04-20 09:00")
    assert KR.add(monday, 3 * 8 * HOUR) == at("2026-04-22 18:00")
    assert closed.add(monday, 3 * 8 * HOUR) == at("2026-04-24 18:00")


# B13: an option that should only notify lowered the priority as well.
@pytest.mark.parametrize("status", [s for s in STATUSES if s != "closed"])
@pytest.mark.parametrize("author", [BOT, SYSTEM])
def test_a_message_of_the_house_changes_nothing_but_the_conversation(status: str, author: str) -> None:
    after, events = comment_events(status, author=author, public=True, channel="email", facts={}, at=0)
    assert (after, [e.name for e in events]) == (status, ["comment.created"])


# B14: a logical and where a bit mask was meant made one question true for every flag.
def test_each_status_answers_to_its_own_name_and_category_only() -> None:
    for status in STATUSES:
        log = [Event(0, "ticket.created", CUSTOMER, {"status": status})]
        assert [s for s in STATUSES if status_intervals(log, (s,), now=10)] == [status]
        assert [c for c in CATEGORIES if CATEGORY[status] == c] == [CATEGORY[status]]


# B15: the first resolution stayed for good, a reopening never showed.
def test_a_reopening_takes_the_resolution_back_until_the_ticket_is_solved_again() -> None:
    solved = became(said(opened("2026-04-22 10:00"), "2026-04-22 10:10", AGENT), "2026-04-22 11:00", "solved")
    reopened = said(solved, "2026-04-23 10:00", CUSTOMER)
    again = became(said(reopened, "2026-04-23 10:30", AGENT), "2026-04-23 11:00", "solved")
    assert [measured(log).solved_at for log in (solved, reopened, again)] == [
        at("2026-04-22 11:00"), None, at("2026-04-23 11:00"),
    ]  # fmt: skip
    assert [measured(log).full_resolution_time.calendar for log in (solved, reopened, again)] == [HOUR, None, 25 * HOUR]
    assert {measured(log).first_resolution_time for log in (solved, reopened, again)} == {Span(HOUR, HOUR)}


# B16: the resolution time was the last change less the creation, so that any edit rewrote history.
def test_editing_a_closed_ticket_leaves_its_durations_unchanged() -> None:
    solved = became(said(opened("2026-04-22 10:00"), "2026-04-22 10:10", AGENT), "2026-04-22 11:00", "solved")
    closed = became(solved, "2026-04-29 11:00", "closed")
    edited = [
        *closed,
        Event(at("2026-05-20 09:00"), "ticket.updated", AGENT, {"changes": {"priority": ["low", "high"]}}),
    ]
    noted = said(edited, "2026-05-20 09:05", AGENT, public=False)
    thanked = said(noted, "2026-05-21 09:05", CUSTOMER, keeps_closed=True)
    assert asdict(measured(closed)) == asdict(measured(thanked)) == asdict(measured(thanked, "2027-01-01 00:00"))


# B17: times were cut to whole hours, or rounded up to days, before they were averaged.
def test_durations_keep_every_second() -> None:
    log = said(opened("2026-04-22 10:00:01"), "2026-04-22 10:59:58", AGENT)
    assert measured(log).human_reply_time == Span(3_597, 3_597)
    assert json.loads(json.dumps(asdict(measured(log))))["human_reply_time"] == {"calendar": 3_597, "business": 3_597}


# B18: a feed of observances closed the desk on working days.
@pytest.mark.parametrize(
    ("cal", "day"),
    [
        pytest.param(KR, "2025-05-01", id="Korean labour day while only banks kept it"),
        pytest.param(KR, "2026-05-08", id="parents' day"),
        pytest.param(KR, "2026-12-24", id="Christmas Eve"),
        pytest.param(JP, "2026-08-13", id="Obon"),
        pytest.param(JP, "2025-12-31", id="New Year's Eve, a bank holiday"),
        pytest.param(JP, "2026-12-25", id="Christmas in Japan"),
    ],
)
def test_observances_and_bank_holidays_are_working_days(cal: BusinessCalendar, day: str) -> None:
    assert cal.holiday(date.fromisoformat(day)) is None
    assert cal.is_open(at(f"{day} 10:00"))


# B19: a shift over midnight was rejected without a way out, or silently never opened.
def test_a_shift_over_midnight_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(Invalid) as caught:
        BusinessCalendar("night", {}, "Asia/Seoul", {"fri": [("22:00", "06:00")]})
    assert (caught.value.code, caught.value.field) == ("window_over_midnight", "weekly.fri[0]")
    assert "Split it at 24:00: 22:00–24:00 on fri and 00:00–06:00 on sat." in caught.value.message


# B19, and the way works.
def test_a_shift_over_midnight_in_two_windows_is_one_shift() -> None:
    night = BusinessCalendar("night", {}, "Asia/Seoul", {"fri": [("22:00", "24:00")], "sat": [("00:00", "06:00")]})
    assert night.seconds_between(at("2026-04-24 12:00"), at("2026-04-25 12:00")) == 8 * HOUR
    assert [line.reason for line in night.explain(at("2026-04-24 22:00"), 8 * HOUR)] == ["counted"]


# B19: a shift until midnight written as 00:00 is pointed to 24:00 as well.
def test_a_shift_that_ends_at_nought_hours_is_pointed_to_twenty_four() -> None:
    with pytest.raises(Invalid, match=r"22:00–24:00 on sun\."):
        BusinessCalendar("night", {}, "Asia/Seoul", {"sun": [("22:00", "00:00")]})
