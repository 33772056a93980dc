"""What an agent does, as verbs: each looks at the case as it stands, and a refusal writes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks import actions, driver
from playbooks.core.effects import Become, Say
from playbooks.core.opening import opening_events
from playbooks.held import Held, hold
from playbooks.intake import give_missing_runs
from playbooks.models import FollowUp
from tests.rest import DAY, GRAVE, HOUR, START, Desk, jump
from tickets import actions as tickets
from tickets.errors import Conflict, HelpdeskError, Invalid, NotFound
from tickets.models import Ticket, TicketEvent


def do(ticket: Ticket, action: Any, desk: Desk, **what: Any) -> Held:
    return driver.perform(ticket, action, agent=desk.owner.agent, **what)


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    return desk.grave()


def log(ticket: Ticket) -> list[str]:
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("seq").values_list("name", flat=True))


def test_an_action_is_a_function_of_the_case_and_writes_nothing_itself(desk: Desk, ticket: Ticket):
    before = log(ticket)
    effects = actions.reply(hold(ticket.pk), now=START, body=" Sorry. ", facts={"asks": True}, seconds=90)
    assert isinstance(effects[0], Say)
    assert (effects[0].text, effects[0].seconds) == ("Sorry.", 90)
    assert effects[1:] == [Become("pending", "agent")]
    assert log(ticket) == before


def test_closing_words_and_the_solution_are_one_deed(desk: Desk, ticket: Ticket):
    held = do(ticket, actions.solve, desk, body="お世話になりました。")
    assert held.ticket.status == "solved"
    assert log(ticket)[-3:] == ["comment.created", "ticket.opened", "ticket.solved"]
    with pytest.raises(Conflict, match="solved cannot be solved"):
        do(ticket, actions.solve, desk)


def test_a_question_on_a_solved_ticket_does_not_bring_it_back_to_work(desk: Desk, ticket: Ticket):
    do(ticket, actions.solve, desk)
    assert do(ticket, actions.reply, desk, body="いかがですか。", facts={"asks": True}).ticket.status == "solved"


def test_nobody_works_longer_than_four_hours_on_one_deed(desk: Desk, ticket: Ticket):
    do(ticket, actions.investigate, desk, seconds=10**6)
    found = TicketEvent.objects.get(ticket=ticket, name="case.facts_confirmed")
    assert found.data["seconds"] == actions.LONGEST_WORK


@pytest.mark.parametrize(
    ("action", "what", "field"),
    [
        (actions.reply, {"body": ""}, "body"),
        (actions.reply, {"body": "x", "seconds": -1}, "seconds"),
        (actions.reply, {"body": "x", "seconds": "60"}, "seconds"),
        (actions.reply, {"body": "x", "facts": {"sorry": 1}}, "facts.sorry"),
        (actions.reply, {"body": "x", "facts": {"apology": ["tears"]}}, "facts.apology"),
        (actions.reply, {"body": "x", "facts": {"promise_at": START - 1}}, "facts.promise_at"),
        (actions.reply, {"body": "x", "facts": {"promise_at": START + 401 * DAY}}, "facts.promise_at"),
        (actions.note_internally, {"body": "\x00"}, "body"),
        (actions.give_remedy, {"kind": "money"}, "kind"),
        (actions.give_remedy, {"kind": "coupon"}, "amount"),
        (actions.give_remedy, {"kind": "coupon", "amount": 10**10}, "amount"),
        (actions.give_remedy, {"kind": "refund", "amount": 10**8}, "amount"),
        (actions.write_letter, {"body": " "}, "body"),
        (actions.write_letter, {"body": "x", "send_at": START - 1}, "send_at"),
        (actions.write_letter, {"body": "x", "send_at": 1e9}, "send_at"),
        (actions.offer_gift, {"amount": 0}, "amount"),
        (actions.offer_gift, {"amount": 10**9}, "amount"),
        (actions.offer_gift, {"amount": True}, "amount"),
        (actions.offer_gift, {"amount": 500}, "ticket"),
        (actions.schedule_message, {"body": "x", "due_at": START + 500 * DAY}, "due_at"),
        (actions.change_status, {"status": "new"}, "status"),
        (actions.change_status, {"status": "gone"}, "status"),
    ],
)
def test_a_refusal_names_the_field_and_writes_nothing(desk: Desk, ticket: Ticket, action: Any, what: Any, field: str):
    before = log(ticket)
    with pytest.raises(HelpdeskError) as refused:
        do(ticket, action, desk, **what)
    assert refused.value.field == field
    assert log(ticket) == before
    assert not FollowUp.objects.filter(ticket=ticket, kind__in=("letter", "gift", "message")).exists()


def test_an_exchange_makes_up_for_the_whole_and_a_coupon_for_its_share(desk: Desk, ticket: Ticket):
    price = hold(ticket.pk).setting.case.price
    do(ticket, actions.give_remedy, desk, kind="exchange")
    do(ticket, actions.give_remedy, desk, kind="coupon", amount=price // 4)
    given = TicketEvent.objects.filter(ticket=ticket, name="remedy.given").order_by("seq")
    assert [event.data["ratio"] for event in given] == [1.0, round((price // 4) / price, 6)]


def accepted(desk: Desk, ticket: Ticket) -> None:
    do(ticket, actions.investigate, desk)
    do(ticket, actions.reply, desk, body="申し訳ございません。", facts={"apology": ["regret"]})
    driver.perform(ticket, actions.customer_says, agent=None, body="はい。", facts={"word": "acceptance"})


def test_an_acceptance_leaves_its_own_line_before_the_words(desk: Desk, ticket: Ticket):
    accepted(desk, ticket)
    assert log(ticket)[-2:] == ["customer.accepted", "comment.created"]


def test_a_polite_refusal_is_no_acceptance(desk: Desk, ticket: Ticket):
    do(ticket, actions.reply, desk, body="申し訳ございません。", facts={"apology": ["regret"]})
    said = {"body": "もう結構です。", "facts": {"word": "polite_refusal"}}
    driver.perform(ticket, actions.customer_says, agent=None, **said)
    assert "customer.declined" in log(ticket)
    with pytest.raises(Conflict) as refused:
        do(ticket, actions.offer_gift, desk, amount=500)
    assert refused.value.code == "apology_not_accepted"


def test_a_gift_is_never_given_under_pressure(desk: Desk, ticket: Ticket):
    accepted(desk, ticket)
    do(ticket, actions.offer_gift, desk, amount=500, send_at=START + DAY)
    threat = {"body": "誠意を見せろ。", "facts": {"word": "complaint", "pressure": True}}
    driver.perform(ticket, actions.customer_says, agent=None, **threat)
    jump(ticket.clock, DAY + HOUR)
    gift = FollowUp.objects.get(ticket=ticket, kind="gift")
    assert (gift.state, gift.reason) == ("skipped", "under_pressure")
    assert "gift.given" not in log(ticket)


def test_each_message_for_later_is_a_promise_of_its_own(desk: Desk, ticket: Ticket):
    for hours in (2, 1):
        do(ticket, actions.schedule_message, desk, body=f"{hours} 時間後", due_at=START + hours * HOUR)
    rows = FollowUp.objects.filter(ticket=ticket, kind="message").order_by("due_at")
    assert [row.step for row in rows] == ["message.2", "message.1"]
    jump(ticket.clock, 3 * HOUR)
    assert {row.state for row in rows.all()} == {"sent"}


def test_the_open_steps_are_the_agents(desk: Desk, ticket: Ticket):
    waiting = [view.step.key for view in actions.open_steps(hold(ticket.pk))]
    assert waiting[0] == "apologise"
    assert "acknowledge" not in waiting


def test_a_ticket_that_came_in_without_a_run_gets_one_by_the_sweep(desk: Desk):
    clock = desk.standing_clock()
    bare = tickets.open_ticket(
        clock=clock, requester=tickets.find_customer(name="Kim"), description="Late.", now=START,
        opening=opening_events(GRAVE, at=START),
    )  # fmt: skip
    with pytest.raises(NotFound, match="no playbook run"):
        do(bare, actions.reply, desk, body="x")
    assert give_missing_runs() == 1
    assert do(bare, actions.reply, desk, body="x").ticket.status == "open"


def test_a_wrong_action_leaves_the_clock_free(desk: Desk, ticket: Ticket):
    for _ in range(2):
        with pytest.raises(Invalid):
            do(ticket, actions.reply, desk, body="")
    assert do(ticket, actions.reply, desk, body="x").ticket.status == "open"
