"""The one writer of a ticket: what it leaves, what it refuses, and that nothing is half-written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests.rest import START, Desk
from tickets import actions
from tickets.errors import Conflict, Invalid
from tickets.lifecycle import STATUSES, TRANSITIONS, status_event
from tickets.log import AGENT, CUSTOMER, SYSTEM, Event
from tickets.models import Clock, Comment, Customer, Ticket, TicketEvent
from tickets.texts import first_line, fit_text

NOW = START


@pytest.fixture
def ticket(db: None) -> Ticket:
    clock = Clock.objects.create(key="test", sim_at=NOW)
    opening = [Event(NOW, "ticket.created", CUSTOMER, {"status": "new"})]
    customer = actions.find_customer(name="Kim")
    return actions.open_ticket(clock=clock, requester=customer, description="Late.", now=NOW, opening=opening)


def again(ticket: Ticket) -> Ticket:
    """The same row as somebody else reads it."""
    return Ticket.objects.get(pk=ticket.pk)


def said(at: int, *, actor: str = AGENT, public: bool = True) -> Event:
    data = {"public": public, "author": actor, "channel": "email", "facts": {}}
    return Event(at, "comment.created", actor, data)


# --- opening ---


def test_a_ticket_begins_with_its_log(ticket: Ticket):
    assert [(e.seq, e.name) for e in ticket.events.all()] == [(1, "ticket.created")]
    assert (ticket.status, ticket.subject, ticket.number, ticket.last_seq) == ("new", "Late.", 1, 1)


def test_tickets_are_numbered_on_their_clock(ticket: Ticket):
    other = Clock.objects.create(key="other", sim_at=NOW)
    numbers = [
        actions.open_ticket(clock=clock, requester=ticket.requester, description="x", now=NOW, opening=[]).number
        for clock in (ticket.clock, ticket.clock, other)
    ]
    assert numbers == [2, 3, 1]


def test_an_external_id_is_taken_once_on_a_clock(ticket: Ticket):
    def open_one(clock: Clock) -> Ticket:
        return actions.open_ticket(
            clock=clock, requester=ticket.requester, description="x", now=NOW, opening=[], external_id="a"
        )

    open_one(ticket.clock)
    with pytest.raises(Conflict, match="external_id 'a'"):
        open_one(ticket.clock)
    assert open_one(Clock.objects.create(key="other")).external_id == "a"  # the same ticket under another playbook
    assert Ticket.objects.count() == 3


@pytest.mark.parametrize("text", ["", "  ", "\ud800", "a\x00b", "x" * 20_001, None, 5])
def test_a_description_that_cannot_be_kept_opens_nothing(ticket: Ticket, text: object):
    with pytest.raises(Invalid) as refused:
        actions.open_ticket(clock=ticket.clock, requester=ticket.requester, description=text, now=NOW, opening=[])  # type: ignore[arg-type]
    assert refused.value.field == "description"
    assert Ticket.objects.count() == 1


# --- the log ---


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_the_row_takes_exactly_the_declared_steps(ticket: Ticket, old: str, new: str):
    for step in {"new": (), "closed": ("solved", "closed")}.get(old, (old,)):
        actions.append(ticket, [status_event(ticket.status, step, at=NOW, actor=AGENT)])
    step = Event(NOW + 1, "ticket.opened", AGENT, {"from": old, "to": new})
    if new in TRANSITIONS[old]:
        actions.append(ticket, [step])
        assert again(ticket).status == new
    else:
        with pytest.raises(Conflict):
            actions.append(ticket, [step])
        assert (again(ticket).status, again(ticket).last_seq) == (old, ticket.last_seq)


def test_of_two_who_act_at_once_the_second_is_told_so(ticket: Ticket):
    mine, theirs = again(ticket), again(ticket)
    actions.append(mine, [said(NOW)], bodies=["first"])
    with pytest.raises(Conflict) as refused:
        actions.append(theirs, [said(NOW)], bodies=["second"])
    assert refused.value.code == "changed_meanwhile"
    assert list(Comment.objects.values_list("body", flat=True)) == ["first"]
    for late in (
        lambda: actions.update_ticket(theirs, {"priority": "low"}, agent=None, now=NOW),
        lambda: actions.assign_ticket(theirs, None, by=None, now=NOW),
    ):
        with pytest.raises(Conflict):
            late()
    assert (again(ticket).last_seq, again(ticket).priority) == (2, "normal")


def test_a_step_from_a_status_that_has_changed_is_refused(ticket: Ticket):
    solved = status_event("open", "solved", at=NOW, actor=AGENT)
    with pytest.raises(Conflict, match="is new, not open"):
        actions.append(ticket, [solved])


def test_a_name_that_no_log_knows_is_kept_out_by_the_database(ticket: Ticket):
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.append(ticket, [Event(NOW, "ticket.exploded", SYSTEM)])
    assert again(ticket).last_seq == 1


def test_a_line_of_the_log_stands_once(ticket: Ticket):
    with pytest.raises(IntegrityError), transaction.atomic():
        TicketEvent.objects.create(ticket=ticket, seq=1, at=NOW, name="ticket.opened", actor=AGENT)


def test_what_nobody_notices_moves_no_time_of_the_ticket(ticket: Ticket):
    actions.append(ticket, [Event(NOW + 9, "customer.left", CUSTOMER, {"silent": True})])
    assert (again(ticket).updated_at, again(ticket).last_seq) == (NOW, 2)
    actions.append(ticket, [said(NOW + 10)], bodies=["x"])
    assert again(ticket).updated_at == NOW + 10


# --- people and fields ---


def test_an_assignment_says_to_whom_and_by_whom(desk: Desk, ticket: Ticket):
    actions.assign_ticket(ticket, desk.owner.agent, by=desk.manager.agent, now=NOW)
    told = ticket.events.last()
    assert told is not None
    assert (told.name, told.data, told.agent) == ("ticket.assigned", {"to": "mina", "by": "boss"}, desk.manager.agent)
    assert again(ticket).assignee == desk.owner.agent


def test_handing_over_keeps_the_reason(desk: Desk, ticket: Ticket):
    actions.assign_ticket(ticket, desk.other.agent, by=desk.owner.agent, now=NOW, reason="Speaks Korean.")
    told = ticket.events.last()
    assert told is not None
    assert (told.name, told.data["reason"]) == ("ticket.handed_over", "Speaks Korean.")


def test_a_program_handles_no_tickets(desk: Desk, ticket: Ticket):
    with pytest.raises(Invalid, match="REST client"):
        actions.assign_ticket(ticket, desk.client.agent, by=None, now=NOW)


def test_a_closed_ticket_is_given_to_nobody(desk: Desk, ticket: Ticket):
    for old, new in (("new", "solved"), ("solved", "closed")):
        actions.append(ticket, [status_event(old, new, at=NOW, actor=AGENT)])
    with pytest.raises(Conflict, match="closed"):
        actions.assign_ticket(ticket, desk.owner.agent, by=None, now=NOW)


@pytest.mark.parametrize("name", ["status", "created_at", "description", "number", "last_seq"])
def test_status_and_times_are_no_plain_fields(ticket: Ticket, name: str):
    with pytest.raises(Invalid, match="cannot be changed") as refused:
        actions.update_ticket(ticket, {"priority": "low", name: 1}, agent=None, now=NOW)
    assert refused.value.field == name
    assert again(ticket).priority == "normal"


def test_a_change_keeps_the_old_value_and_the_new(ticket: Ticket):
    actions.update_ticket(ticket, {"priority": "high", "subject": "Late."}, agent=None, now=NOW + 5)
    told = ticket.events.last()
    assert told is not None
    assert told.data == {"changes": {"priority": ["normal", "high"]}}
    assert actions.update_ticket(ticket, {"priority": "high"}, agent=None, now=NOW + 6).last_seq == 2


def test_a_customer_without_an_address_is_always_a_new_one(db: None):
    first, second = actions.find_customer(name="Kim"), actions.find_customer(name="Kim")
    assert first != second
    known = actions.find_customer(name="Lee", email="lee@example.com")
    assert actions.find_customer(name="Lee B.", email="lee@example.com") == known
    assert Customer.objects.count() == 3


# --- texts ---


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("One.\nTwo.", "One."),
        ("\n\n  One.  \n", "One."),
        ("word " * 40, ("word " * 16).strip() + "…"),
        ("語" * 100, "語" * 80 + "…"),
        ("a\u2028b", "a"),
    ],
)
def test_a_subject_is_the_first_line_cut_at_a_word(text: str, line: str):
    assert first_line(text) == line


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\ud800"])
def test_what_cannot_be_stored_is_refused_with_its_place(character: str):
    with pytest.raises(Invalid, match="position 3") as refused:
        fit_text(f"abc{character}", field="body")
    assert (refused.value.code, refused.value.field) == ("unfit_character", "body")


@pytest.mark.parametrize("text", ["tab\tand\nline\r\n", "絵文字😀", "한글", "\u202e", "<b>&amp;"])
def test_what_people_write_is_kept_as_it_is(text: str):
    assert fit_text(text, field="body") == text.strip()
