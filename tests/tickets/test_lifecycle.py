"""The life of a ticket: which status may follow which, both ways, and what a word does to it. No database."""

from __future__ import annotations

import pytest

from tickets.errors import Conflict, Invalid
from tickets.lifecycle import (
    CATEGORIES,
    CATEGORY,
    REOPEN_GRACE,
    STATUSES,
    TRANSITIONS,
    comment_events,
    may_reopen,
    status_after_comment,
    status_event,
    status_of,
)
from tickets.log import AGENT, BOT, CUSTOMER, EVENT_NAMES, SYSTEM, Event

MAY = {
    "new": "open pending on_hold solved",
    "open": "pending on_hold solved",
    "pending": "open on_hold solved",
    "on_hold": "open pending solved",
    "solved": "open closed",
    "closed": "",
}


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_a_status_follows_another_exactly_where_the_table_says_so(old: str, new: str):
    if new in MAY[old].split():
        event = status_event(old, new, at=5, actor=AGENT)
        assert (event.data["from"], event.data["to"], event.at) == (old, new, 5)
        assert event.name in EVENT_NAMES
    else:
        with pytest.raises(Conflict, match="cannot become") as refused:
            status_event(old, new, at=5, actor=AGENT)
        assert (refused.value.code, refused.value.field) == ("transition_refused", "status")


def test_every_status_has_its_category_and_its_ways():
    assert set(TRANSITIONS) == set(CATEGORY) == set(MAY)
    assert set(CATEGORY.values()) == set(CATEGORIES)


def test_a_status_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(Invalid, match="new, open, pending, on_hold, solved, closed"):
        status_event("open", "reopened", at=0, actor=AGENT)


def test_reopening_is_an_event_and_no_status():
    assert status_event("solved", "open", at=0, actor=CUSTOMER).name == "ticket.reopened"
    assert status_event("pending", "open", at=0, actor=CUSTOMER).name == "ticket.opened"
    assert "reopened" not in STATUSES


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("author", "public", "moves"),
    [
        (AGENT, True, {"new": "open"}),
        (AGENT, False, {}),
        (BOT, True, {}),
        (SYSTEM, True, {}),
        (SYSTEM, False, {}),
        (CUSTOMER, True, {"pending": "open", "on_hold": "open", "solved": "open"}),
    ],
)
def test_a_word_moves_a_ticket_only_so(status: str, author: str, public: bool, moves: dict[str, str]):
    assert status_after_comment(status, author=author, public=public) == moves.get(status, status)


@pytest.mark.parametrize("author", [AGENT, CUSTOMER])
def test_nobody_speaks_on_a_closed_ticket(author: str):
    with pytest.raises(Conflict, match="follows it up"):
        comment_events("closed", author=author, public=True, channel="email", facts={}, at=0)


def test_courtesy_after_the_end_changes_nothing():
    for status in ("solved", "closed"):
        after, events = comment_events(
            status, author=CUSTOMER, public=True, channel="email", facts={"keeps_closed": True}, at=0
        )
        assert (after, [event.name for event in events]) == (status, ["comment.created"])


def test_a_note_inside_the_desk_may_be_written_on_a_closed_ticket():
    after, _ = comment_events("closed", author=AGENT, public=False, channel="email", facts={}, at=0)
    assert after == "closed"


def log_of(*steps: tuple[int, str, str]) -> list[Event]:
    created = Event(0, "ticket.created", CUSTOMER, {"status": "new"})
    return [created, *(status_event(old, new, at=at, actor=AGENT) for at, old, new in steps)]


@pytest.mark.parametrize(("after", "may"), [(0, True), (REOPEN_GRACE, True), (REOPEN_GRACE + 1, False)])
def test_a_solved_ticket_reopens_within_the_grace_window(after: int, may: bool):
    assert may_reopen(log_of((10, "new", "solved")), now=10 + after) is may


def test_what_was_never_solved_or_is_closed_does_not_reopen():
    assert not may_reopen(log_of((10, "new", "open")), now=10)
    assert not may_reopen(log_of((10, "new", "solved"), (20, "solved", "closed")), now=20)
    assert not may_reopen(log_of((10, "new", "solved"), (20, "solved", "open")), now=20)


def test_the_grace_window_begins_anew_with_each_solution():
    steps = [(10, "new", "solved"), (20, "solved", "open"), (30, "open", "solved")]
    assert may_reopen(log_of(*steps), now=30 + REOPEN_GRACE)


def test_the_log_alone_says_the_status():
    assert status_of(log_of()) == "new"
    assert status_of(log_of((1, "new", "open"), (2, "open", "solved"), (3, "solved", "open"))) == "open"
    with pytest.raises(Invalid):
        status_of([])
