"""Durations of one ticket, told as short stories in Korean business hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.calendars import ALWAYS, calendar
from tickets.durations import (
    Durations,
    Span,
    Wait,
    durations,
    human_waits,
    median_counting_unanswered,
    p90_counting_unanswered,
    pauses,
    quantile_counting_unanswered,
    share_within,
    status_intervals,
)
from tickets.errors import Invalid
from tickets.lifecycle import TRANSITIONS, comment_events, status_event, status_of
from tickets.log import AGENT, BOT, CUSTOMER, SYSTEM, Event

MINUTE, HOUR = 60, 3_600
KR = calendar("kr")


def at(text: str) -> int:
    """The moment of a time in Seoul in April 2026, like "22 10:30" (the 22nd is a Wednesday)."""
    return int(datetime.fromisoformat(f"2026-04-{text}").replace(tzinfo=ZoneInfo("Asia/Seoul")).timestamp())


class Story:
    """A log written the way the desk writes it."""

    def __init__(self, opened: str = "22 10:00", **created: object) -> None:
        self.log = [Event(at(opened), "ticket.created", CUSTOMER, {"status": "new", "channel": "chat", **created})]

    def says(self, when: str, author: str, *, public: bool = True, seconds: int = 0, **facts: object) -> Story:
        status = status_of(self.log)
        moment = at(when)
        _, events = comment_events(
            status, author=author, public=public, channel="chat", facts=facts, at=moment, seconds=seconds
        )
        self.log += events
        return self

    def becomes(self, when: str, status: str) -> Story:
        self.log.append(status_event(status_of(self.log), status, at=at(when), actor=AGENT))
        return self

    def notes(self, when: str, name: str, **data: object) -> Story:
        self.log.append(Event(at(when), name, SYSTEM, data))
        return self

    def measured(self, now: str) -> Durations:
        return durations(self.log, now=at(now), calendar=KR)


# --- replies ------------------------------------------------------------------------------------


def test_the_first_reply_is_timed_on_both_clocks() -> None:
    measured = Story("22 11:30").says("22 13:30", AGENT).measured("22 14:00")
    assert measured.human_reply_time == measured.reply_time == Span(2 * HOUR, HOUR)  # lunch is left out


def test_bot_and_human_replies_are_kept_apart() -> None:
    measured = Story().says("22 10:01", BOT).says("22 10:20", AGENT).measured("22 11:00")
    assert measured.bot_reply_time == measured.reply_time == Span(MINUTE, MINUTE)
    assert measured.human_reply_time == Span(20 * MINUTE, 20 * MINUTE)
    assert measured.acknowledged_at == at("22 10:01")


def test_a_human_before_the_bot_is_the_first_reply() -> None:
    measured = Story().says("22 10:01", AGENT).says("22 10:02", BOT).measured("22 11:00")
    assert measured.reply_time == measured.human_reply_time == Span(60, 60)
    assert measured.bot_reply_time == Span(120, 120)


def test_internal_notes_and_messages_of_the_system_are_no_reply() -> None:
    measured = Story().says("22 10:05", AGENT, public=False).says("22 10:06", SYSTEM).measured("22 11:00")
    assert (measured.reply_time, measured.replies, measured.unanswered) == (Span(), 0, True)


def test_replies_count_public_words_of_agents_only() -> None:
    story = Story().says("22 10:01", BOT).says("22 10:20", AGENT).says("22 10:30", AGENT)
    assert story.says("22 10:31", AGENT, public=False).measured("22 11:00").replies == 2


def test_an_answer_in_the_same_second_took_no_time_and_is_an_answer() -> None:
    measured = Story().says("22 10:00", AGENT).measured("22 11:00")
    assert measured.human_reply_time == Span(0, 0)
    assert not measured.unanswered
    assert measured.next_reply == Span()


# --- waiting for a word -------------------------------------------------------------------------


def test_an_unanswered_ticket_waits_since_it_was_opened() -> None:
    measured = Story("21 17:00").measured("22 10:00")
    assert measured.unanswered
    assert measured.human_reply_time == Span(None, None)
    assert (measured.waiting_since, measured.waiting) == (at("21 17:00"), Span(17 * HOUR, 2 * HOUR))


def test_a_bot_does_not_end_the_wait_for_a_human_word() -> None:
    measured = Story().says("22 10:01", BOT).measured("22 11:00")
    assert measured.unanswered
    assert measured.waiting_since == at("22 10:00")


def test_after_an_answer_nobody_waits() -> None:
    measured = Story().says("22 10:20", AGENT).measured("22 11:00")
    assert (measured.unanswered, measured.waiting_since, measured.waiting) == (False, None, Span())


def test_the_next_wait_begins_with_the_first_of_several_customer_words() -> None:
    story = Story().says("22 10:20", AGENT).says("22 10:40", CUSTOMER).says("22 10:50", CUSTOMER)
    assert story.measured("22 11:00").waiting_since == at("22 10:40")
    assert story.says("22 11:10", AGENT).measured("22 11:30").next_reply == Span(30 * MINUTE, 30 * MINUTE)


def test_the_next_reply_is_open_while_it_is_waited_for() -> None:
    story = Story().says("22 10:20", AGENT).says("22 10:40", CUSTOMER).says("22 10:50", AGENT)
    measured = story.says("22 11:00", CUSTOMER).measured("22 11:05")
    assert (measured.next_reply, measured.waiting) == (Span(), Span(5 * MINUTE, 5 * MINUTE))


def test_solving_without_a_word_ends_the_wait_but_answers_nothing() -> None:
    story = Story().becomes("22 10:30", "solved")
    assert human_waits(story.log) == [Wait(at("22 10:00"), at("22 10:30"), answered=False)]
    measured = story.measured("22 11:00")
    assert (measured.unanswered, measured.waiting_since) == (True, None)


def test_a_thank_you_after_the_end_begins_no_wait() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 10:30", "solved")
    measured = story.says("22 10:40", CUSTOMER, keeps_closed=True).measured("22 11:00")
    assert (measured.waiting_since, measured.reopens) == (None, 0)
    assert measured.full_resolution_time == Span(30 * MINUTE, 30 * MINUTE)


# --- resolution and reopening -------------------------------------------------------------------


def test_resolution_runs_to_the_first_and_to_the_last_solving() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 11:00", "solved").says("22 14:00", CUSTOMER)
    measured = story.says("22 14:10", AGENT).becomes("22 15:00", "solved").measured("23 10:00")
    assert measured.first_resolution_time == Span(HOUR, HOUR)
    assert measured.full_resolution_time == Span(5 * HOUR, 4 * HOUR)
    assert (measured.first_solved_at, measured.solved_at) == (at("22 11:00"), at("22 15:00"))
    assert measured.reopens == 1


def test_a_reopened_ticket_is_not_resolved() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 11:00", "solved").says("22 14:00", CUSTOMER)
    measured = story.measured("22 14:30")
    assert (measured.solved_at, measured.full_resolution_time) == (None, Span())
    assert measured.first_resolution_time == Span(HOUR, HOUR)
    assert measured.waiting_since == at("22 14:00")


def test_an_agent_who_reopens_starts_a_wait_as_well() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 11:00", "solved").becomes("22 14:00", "open")
    assert story.measured("22 14:30").waiting_since == at("22 14:00")


def test_closing_ends_the_life_and_not_the_resolution() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 11:00", "solved").becomes("29 11:00", "closed")
    measured = story.measured("30 11:00")
    assert (measured.closed_at, measured.solved_at) == (at("29 11:00"), at("22 11:00"))
    assert measured.full_resolution_time == Span(HOUR, HOUR)


# --- who waits for whom -------------------------------------------------------------------------


def test_waiting_is_split_between_desk_customer_and_third_party() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 10:30", "pending").says("22 11:00", CUSTOMER)
    measured = story.becomes("22 11:10", "on_hold").becomes("22 14:10", "solved").measured("23 10:00")
    assert measured.agent_wait_time == Span(30 * MINUTE, 30 * MINUTE)
    assert measured.on_hold_time == Span(3 * HOUR, 2 * HOUR)
    assert measured.requester_wait_time == Span(3 * HOUR + 40 * MINUTE, 2 * HOUR + 40 * MINUTE)


def test_waiting_runs_on_until_now_while_unresolved() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 10:30", "pending")
    assert story.measured("22 10:45").agent_wait_time == Span(15 * MINUTE, 15 * MINUTE)
    assert story.measured("23 10:30").agent_wait_time == Span(24 * HOUR, 8 * HOUR)


def test_a_solved_ticket_waits_no_more_until_it_is_reopened() -> None:
    story = Story().says("22 10:20", AGENT).becomes("22 11:00", "solved")
    assert story.measured("30 11:00").requester_wait_time == Span(HOUR, HOUR)
    story.says("24 10:00", CUSTOMER)
    assert story.measured("24 10:30").requester_wait_time == Span(HOUR + 30 * MINUTE, HOUR + 30 * MINUTE)


def test_the_pauses_of_a_ticket_are_its_times_of_waiting_for_the_customer() -> None:
    story = Story().becomes("22 10:30", "pending").says("22 11:00", CUSTOMER).becomes("22 14:00", "pending")
    assert pauses(story.log, now=at("22 15:00")) == [(at("22 10:30"), at("22 11:00")), (at("22 14:00"), at("22 15:00"))]


# --- the rest of the record ---------------------------------------------------------------------


def test_agent_time_is_summed_over_the_log() -> None:
    story = Story().says("22 10:20", AGENT, seconds=180).says("22 10:30", AGENT, public=False, seconds=45)
    assert story.measured("22 11:00").agent_seconds == 225


def test_assignment_keeps_its_first_and_its_last_moment() -> None:
    story = Story().notes("22 10:05", "ticket.assigned", to=None).notes("22 10:10", "ticket.assigned", to="Kim")
    measured = story.notes("22 10:50", "ticket.handed_over", to="Sato", reason="senior").measured("22 11:00")
    assert (measured.initially_assigned_at, measured.assigned_at) == (at("22 10:10"), at("22 10:50"))


def test_a_ticket_brought_in_as_pending_waits_for_its_customer_from_the_start() -> None:
    assert Story(status="pending").measured("22 11:00").agent_wait_time == Span(HOUR, HOUR)


def test_a_log_without_its_beginning_is_refused() -> None:
    with pytest.raises(Invalid, match=r"ticket\.created"):
        durations([], now=0, calendar=ALWAYS)


# --- many tickets -------------------------------------------------------------------------------


def test_the_share_within_a_target_has_every_ticket_in_the_denominator() -> None:
    quick = Story().says("22 10:20", AGENT).measured("25 10:00")
    slow = Story().says("24 10:20", AGENT).measured("25 10:00")
    silent = Story().says("22 10:01", BOT).measured("25 10:00")
    assert share_within([quick, slow, silent, silent], 24 * HOUR) == 0.25
    assert share_within([quick, slow, silent, silent], 24 * HOUR, clock="business") == 0.5
    assert share_within([quick, slow, silent, silent], MINUTE, metric="bot_reply_time") == 0.5
    assert share_within([], HOUR) is None


def test_a_target_met_to_the_second_is_met() -> None:
    assert share_within([Story().says("22 10:20", AGENT).measured("22 11:00")], 20 * MINUTE) == 1.0


def test_an_unanswered_ticket_is_slower_than_any_answered_one() -> None:
    assert quantile_counting_unanswered([30, None, 10], 0.5) == 30
    assert quantile_counting_unanswered([None, 10, None], 0.5) is None
    assert p90_counting_unanswered([1, 2, 3, 4, 5, 6, 7, 8, 9, None]) == 9
    assert p90_counting_unanswered([1, 2, 3, 4, 5, 6, 7, 8, None, None]) is None


def test_the_median_of_an_even_number_is_the_time_by_which_half_were_answered() -> None:
    assert median_counting_unanswered([10, 20, 30, 40]) == 20
    assert median_counting_unanswered([10, None]) == 10


def test_quantiles_hit_their_rank_despite_binary_fractions() -> None:
    assert quantile_counting_unanswered(range(1, 101), 0.55) == 55
    assert quantile_counting_unanswered([5, 3, 4], 0) == 3
    assert quantile_counting_unanswered([5, 3, 4], 1) == 5
    assert quantile_counting_unanswered([], 0.5) is None


def test_a_quantile_outside_nought_to_one_is_refused() -> None:
    with pytest.raises(Invalid, match="between 0 and 1"):
        quantile_counting_unanswered([1], 90)


# --- properties ---------------------------------------------------------------------------------


@st.composite
def any_log(draw: st.DrawFn) -> list[Event]:
    moment = at("20 00:00") + draw(st.integers(0, 86_400))
    log = [Event(moment, "ticket.created", CUSTOMER, {"status": "new"})]
    for _ in range(draw(st.integers(0, 12))):
        moment += draw(st.integers(0, 3 * 86_400))
        status = status_of(log)
        if draw(st.booleans()) and TRANSITIONS[status]:
            log.append(status_event(status, draw(st.sampled_from(sorted(TRANSITIONS[status]))), at=moment, actor=AGENT))
        elif status != "closed":
            author, public = draw(st.sampled_from(((CUSTOMER, True), (AGENT, True), (AGENT, False), (BOT, True))))
            log += comment_events(status, author=author, public=public, channel="email", facts={}, at=moment)[1]
    return log


@given(any_log(), st.integers(0, 30 * 86_400))
@settings(deadline=None, max_examples=100)
def test_every_second_of_a_life_is_in_exactly_one_state(log: list[Event], later: int) -> None:
    now = log[-1].at + later
    life = sum(b - a for s in TRANSITIONS for a, b in status_intervals(log, (s,), now=now))
    assert life == now - log[0].at


@given(any_log(), st.integers(0, 30 * 86_400))
@settings(deadline=None, max_examples=100)
def test_waits_of_both_sides_fill_the_unresolved_life(log: list[Event], later: int) -> None:
    now = log[-1].at + later
    measured = durations(log, now=now, calendar=KR)
    resolved = sum(b - a for a, b in status_intervals(log, ("solved", "closed"), now=now))
    assert measured.requester_wait_time.calendar is not None
    assert measured.agent_wait_time.calendar is not None
    assert measured.requester_wait_time.calendar + measured.agent_wait_time.calendar == now - log[0].at - resolved


@given(any_log(), st.integers(0, 30 * 86_400))
@settings(deadline=None, max_examples=100)
def test_business_time_is_never_longer_than_calendar_time(log: list[Event], later: int) -> None:
    measured = durations(log, now=log[-1].at + later, calendar=KR)
    for value in (getattr(measured, name) for name in Durations.__slots__):
        if isinstance(value, Span) and value.calendar is not None:
            assert value.business is not None
            assert 0 <= value.business <= value.calendar
