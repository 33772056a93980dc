"""A ticket handled by REST: words, remedy, letter, gift, solving and reopening, and two who act at once."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks.models import FollowUp
from tests.rest import DAY, HOUR, START, Desk, jump, refusal
from tickets.lifecycle import REOPEN_GRACE, STATUSES, TRANSITIONS
from tickets.models import Clock, Ticket, TicketEvent

CLOSED_BY = REOPEN_GRACE + 2


def iso(at: int) -> str:
    from playbooks.api.serializers import iso as written

    return str(written(at))


@pytest.fixture
def grave(desk: Desk) -> Ticket:
    return desk.grave()


def log(ticket_id: int) -> list[str]:
    return list(TicketEvent.objects.filter(ticket_id=ticket_id).order_by("seq").values_list("name", flat=True))


# --- words ---


def test_a_word_to_the_customer_opens_the_ticket_and_counts_as_the_human_reply(desk: Desk):
    ticket = desk.ticket()
    said = desk.owner.post(
        f"tickets/{ticket['id']}/comments/", {"body": "We are sorry.", "facts": {"apology": ["regret"]}}
    )
    assert said.status_code == 201
    assert (said.json()["author"], said.json()["public"], said.json()["facts"]) == (
        "mina",
        True,
        {"apology": ["regret"]},
    )
    metrics = desk.owner.get(f"tickets/{ticket['id']}/metrics/").json()
    assert metrics["unanswered"] is False
    assert metrics["human_reply_time"]["calendar"] is not None
    assert desk.owner.get(f"tickets/{ticket['id']}/").json()["status"] == "open"


def test_an_internal_note_is_no_word_to_the_customer(desk: Desk):
    ticket = desk.ticket()
    note = desk.owner.post(f"tickets/{ticket['id']}/comments/", {"body": "Rang the courier.", "public": False})
    assert (note.status_code, note.json()["public"]) == (201, False)
    assert desk.owner.get(f"tickets/{ticket['id']}/metrics/").json()["unanswered"] is True
    assert desk.owner.get(f"tickets/{ticket['id']}/").json()["status"] == "new"


def test_a_question_hands_the_word_to_the_customer_and_the_answer_hands_it_back(desk: Desk):
    ticket = desk.ticket()["id"]
    desk.owner.post(f"tickets/{ticket}/comments/", {"body": "Which address?", "facts": {"asks": True}})
    assert desk.owner.get(f"tickets/{ticket}/").json()["status"] == "pending"
    told = desk.client.post(f"tickets/{ticket}/comments/", {"body": "Tokyo.", "author_type": "customer"})
    assert (told.status_code, told.json()["author_type"], told.json()["author"]) == (201, "customer", None)
    assert desk.owner.get(f"tickets/{ticket}/").json()["status"] == "open"


def test_comments_tell_the_conversation_in_order(desk: Desk):
    ticket = desk.ticket(description="Where is it?")["id"]
    desk.owner.post(f"tickets/{ticket}/comments/", {"body": "On its way."})
    desk.client.post(
        f"tickets/{ticket}/comments/", {"body": "Thanks.", "author_type": "customer", "facts": {"word": "thanks"}}
    )
    said = desk.owner.all(f"tickets/{ticket}/comments/")
    assert [(c["author_type"], c["body"]) for c in said] == [
        ("customer", "Where is it?"), ("agent", "On its way."), ("customer", "Thanks."),
    ]  # fmt: skip


def test_a_trainee_does_not_speak_for_the_customer(desk: Desk):
    answer = desk.owner.post(f"tickets/{desk.ticket()['id']}/comments/", {"body": "Fine!", "author_type": "customer"})
    refusal(answer, 403, "not_allowed", author_type="not_allowed")


def test_a_customer_accepts_only_an_apology_that_was_said(desk: Desk):
    ticket = desk.ticket()["id"]
    accepting = {"body": "I accept.", "author_type": "customer", "facts": {"word": "acceptance"}}
    refusal(desk.client.post(f"tickets/{ticket}/comments/", accepting), 409, "no_apology", facts__word="no_apology")
    desk.owner.post(f"tickets/{ticket}/comments/", {"body": "Sorry.", "facts": {"apology": ["regret"]}})
    assert desk.client.post(f"tickets/{ticket}/comments/", accepting).status_code == 201
    assert "customer.accepted" in log(ticket)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"body": "required"}),
        ({"body": ""}, {"body": "blank"}),
        ({"body": "\ud800"}, {"body": "unfit_character"}),
        ({"body": "x", "author_type": "bot"}, {"author_type": "invalid_choice"}),
        ({"body": "x", "author_type": "customer", "public": False}, {"public": "not_internal"}),
        ({"body": "x", "author_type": "customer", "seconds": 5}, {"seconds": "does_not_apply"}),
        (
            {"body": "x", "author_type": "customer", "facts": {"apology": ["regret"]}},
            {"facts.apology": "unknown_field"},
        ),
        ({"body": "x", "public": False, "facts": {}}, {"facts": "does_not_apply"}),
        ({"body": "x", "public": "yes"}, {"public": "not_a_boolean"}),
        ({"body": "x", "seconds": -1}, {"seconds": "min_value"}),
        ({"body": "x", "seconds": 10**9}, {"seconds": "max_value"}),
        ({"body": "x", "seconds": "60"}, {"seconds": "not_a_number"}),
        ({"body": "x", "seconds": 1.5}, {"seconds": "not_a_number"}),
        ({"body": "x", "seconds": True}, {"seconds": "not_a_number"}),
        ({"body": "x", "channel": "fax"}, {"channel": "invalid_choice"}),
        ({"body": "x", "facts": []}, {"facts": "not_a_dict"}),
        ({"body": "x", "facts": {"sorry": True}}, {"facts.sorry": "unknown_field"}),
        ({"body": "x", "facts": {"\ud800": True}}, {"facts.?": "unknown_field"}),
        ({"body": "x", "facts": {"apology": "regret"}}, {"facts.apology": "not_a_list"}),
        ({"body": "x", "facts": {"apology": ["\ud800"]}}, {"facts.apology.0": "invalid_choice"}),
        ({"body": "x", "facts": {"apology": 5}}, {"facts.apology": "not_a_list"}),
        ({"body": "x", "facts": {"empathy": 1.5}}, {"facts.empathy": "max_value"}),
        ({"body": "x", "facts": {"empathy": "1"}}, {"facts.empathy": "not_a_number"}),
        ({"body": "x", "facts": {"ng": "many"}}, {"facts.ng": "not_a_number"}),
        ({"body": "x", "facts": {"asks": 1}}, {"facts.asks": "not_a_boolean"}),
        ({"body": "x", "facts": {"deeds": ["gift"]}}, {"facts.deeds.0": "invalid_choice"}),
        ({"body": "x", "facts": {"deeds": ["letter"]}}, {"facts.deeds.0": "invalid_choice"}),
        ({"body": "x", "facts": {"word": "acceptance"}}, {"facts.word": "unknown_field"}),
        ({"body": "x", "facts": {"promise_at": 5}}, {"facts.promise_at": "invalid"}),
        ({"body": "x", "facts": {"promise_at": "2026-09-07T09:00:00"}}, {"facts.promise_at": "invalid"}),
        ({"body": "x", "facts": {"promise_at": "2001-01-01T00:00:00Z"}}, {"facts.promise_at": "in_the_past"}),
        ({"body": "x", "facts": {"promise_at": "2099-12-31T00:00:00Z"}}, {"facts.promise_at": "too_far"}),
    ],
)
def test_a_comment_that_makes_no_sense_is_refused_by_its_field(
    desk: Desk, body: dict[str, Any], fields: dict[str, str]
):
    ticket = desk.ticket()["id"]
    before = log(ticket)
    refusal(desk.client.post(f"tickets/{ticket}/comments/", body), 400, **fields)
    assert log(ticket) == before


# --- status ---


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_a_status_follows_another_exactly_where_the_map_says_so(desk: Desk, old: str, new: str):
    ways = {"new": [], "closed": ["solved", "closed"]}
    ticket = desk.ticket()["id"]
    for step in ways.get(old, [old]):
        assert desk.owner.patch(f"tickets/{ticket}/", {"status": step}).status_code == 200
    answer = desk.owner.patch(f"tickets/{ticket}/", {"status": new})
    if new in TRANSITIONS[old]:
        assert (answer.status_code, answer.json()["status"]) == (200, new)
    else:
        refusal(answer, 409, "same_status" if new == old else "transition_refused", status=answer.json()["error"])
        assert desk.owner.get(f"tickets/{ticket}/").json()["status"] == old


def test_solving_a_closed_ticket_is_refused(desk: Desk):
    ticket = desk.ticket()["id"]
    for status in ("solved", "closed"):
        desk.owner.patch(f"tickets/{ticket}/", {"status": status})
    refusal(
        desk.owner.patch(f"tickets/{ticket}/", {"status": "solved"}),
        409,
        "transition_refused",
        status="transition_refused",
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("comments/", {"body": "x"}), ("comments/", {"body": "x", "author_type": "customer"}), ("investigation/", {}),
        ("remedies/", {"kind": "exchange"}), ("letters/", {"body": "x"}), ("gifts/", {"amount": 500}),
    ],
)  # fmt: skip
def test_nothing_more_is_done_on_a_closed_ticket(desk: Desk, path: str, body: dict[str, Any]):
    ticket = desk.ticket()["id"]
    for status in ("solved", "closed"):
        desk.owner.patch(f"tickets/{ticket}/", {"status": status})
    refusal(desk.client.post(f"tickets/{ticket}/{path}", body), 409, "ticket_closed", ticket="ticket_closed")
    assert log(ticket)[-1] == "ticket.closed"


def test_a_customer_reopens_within_the_grace_window_and_not_after_it(desk: Desk):
    ticket = desk.case(language="ko")
    word = {"body": "다시 고장났습니다.", "author_type": "customer", "facts": {"word": "still_unhappy"}}
    desk.owner.patch(f"tickets/{ticket.pk}/", {"status": "solved"})
    jump(ticket.clock, DAY)
    assert desk.client.post(f"tickets/{ticket.pk}/comments/", word).status_code == 201
    found = desk.owner.get(f"tickets/{ticket.pk}/metrics/").json()
    assert (found["reopens"], found["solved_at"]) == (1, None)
    assert found["first_resolution_time"] == {"calendar": 0, "business": 0}
    assert found["full_resolution_time"] == {"calendar": None, "business": None}
    desk.owner.patch(f"tickets/{ticket.pk}/", {"status": "solved"})
    jump(ticket.clock, CLOSED_BY)
    assert desk.owner.get(f"tickets/{ticket.pk}/").json()["status"] == "closed"
    refusal(desk.client.post(f"tickets/{ticket.pk}/comments/", word), 409, "ticket_closed")


# --- fields and people ---


def test_fields_change_together_and_the_log_says_how(desk: Desk):
    ticket = desk.ticket(subject="Old")["id"]
    changes = {
        "subject": "New",
        "priority": "urgent",
        "tags": ["vip"],
        "custom_fields": {"a": 1},
        "category": "wrong_item",
    }
    answer = desk.owner.patch(f"tickets/{ticket}/", changes)
    assert {name: answer.json()[name] for name in changes} == changes
    told = desk.owner.all(f"tickets/{ticket}/events/")[-1]
    assert (told["name"], told["agent"], told["data"]["changes"]["subject"]) == (
        "ticket.updated",
        "mina",
        ["Old", "New"],
    )


def test_a_change_is_made_whole_or_not_at_all(desk: Desk):
    ticket = desk.ticket(subject="Old")["id"]
    for status in ("solved", "closed"):
        desk.owner.patch(f"tickets/{ticket}/", {"status": status})
    before = log(ticket)
    refusal(desk.owner.patch(f"tickets/{ticket}/", {"subject": "New", "status": "open"}), 409)
    refusal(desk.manager.patch(f"tickets/{ticket}/", {"subject": "New", "assignee": None}), 409, "ticket_closed")
    assert desk.owner.get(f"tickets/{ticket}/").json()["subject"] == "Old"
    assert log(ticket) == before


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("subject", "", "blank"), ("subject", None, "null"), ("subject", "\x00", "unfit_character"),
        ("priority", "x", "invalid_choice"),
        ("status", "reopened", "invalid_choice"), ("status", 1, "invalid_choice"),
        ("assignee", "ghost", "unknown_agent"),
        ("assignee", "", "blank"), ("assignee", 1, "not_text"), ("assignee", "\ud800", "unfit_character"),
        ("assignee", "crm", "not_an_agent"), ("description", "x", "unknown_field"),
        ("created_at", "x", "unknown_field"),
        ("next_deadline_at", None, "unknown_field"), ("tags", [None], "null"), ("custom_fields", 1, "not_an_object"),
    ],
)  # fmt: skip
def test_a_change_that_makes_no_sense_is_refused_by_its_field(desk: Desk, name: str, value: Any, code: str):
    ticket = desk.ticket()["id"]
    before = log(ticket)
    body = refusal(desk.manager.patch(f"tickets/{ticket}/", {name: value}), 400)
    assert [
        entry["code"] for field, entries in body["details"].items() for entry in entries if field.startswith(name)
    ] == [code]
    assert log(ticket) == before


def test_a_manager_gives_a_ticket_to_another_and_a_trainee_does_not(desk: Desk):
    ticket = desk.ticket()["id"]
    other = desk.other.agent.username
    refusal(desk.owner.patch(f"tickets/{ticket}/", {"assignee": other}), 403, "not_allowed", assignee="not_allowed")
    assert desk.manager.patch(f"tickets/{ticket}/", {"assignee": other}).json()["assignee"] == other
    refusal(desk.owner.get(f"tickets/{ticket}/"), 404)
    assert desk.manager.patch(f"tickets/{ticket}/", {"assignee": None}).json()["assignee"] is None


def test_no_change_leaves_no_trace(desk: Desk):
    ticket = desk.ticket(priority="low")["id"]
    before = log(ticket)
    assert desk.owner.patch(f"tickets/{ticket}/", {}).status_code == 200
    assert desk.owner.patch(f"tickets/{ticket}/", {"priority": "low"}).status_code == 200
    assert log(ticket) == before


# --- two at once ---


def test_whoever_acts_on_what_has_changed_meanwhile_is_told_so(desk: Desk):
    ticket = desk.ticket()["id"]
    seen = desk.owner.get(f"tickets/{ticket}/")["ETag"]
    path = f"tickets/{ticket}/comments/"
    assert desk.manager.post(path, {"body": "I am on it."}, **{"If-Match": seen}).status_code == 201
    refusal(desk.owner.post(path, {"body": "Me too."}, **{"If-Match": seen}), 409, "changed_meanwhile")
    refusal(desk.owner.patch(f"tickets/{ticket}/", {"priority": "low"}, **{"If-Match": seen}), 409, "changed_meanwhile")
    now = desk.owner.get(f"tickets/{ticket}/")["ETag"]
    assert desk.owner.post(path, {"body": "Then I help."}, **{"If-Match": now}).status_code == 201
    assert desk.owner.post(path, {"body": "In any case."}, **{"If-Match": "*"}).status_code == 201


def test_what_fell_due_comes_before_what_one_does(desk: Desk):
    """An acknowledgement that was due first stands first, and whoever had not seen it is told so."""
    ticket = desk.case(channel="chat", language="ko", playbook="fast-resolution")
    seen = desk.owner.get(f"tickets/{ticket.pk}/")["ETag"]
    Clock.objects.filter(pk=ticket.clock_id).update(sim_at=START + 30)
    answer = desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "네."}, **{"If-Match": seen})
    refusal(answer, 409, "changed_meanwhile")
    assert desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "네."}).status_code == 201
    said = desk.owner.all(f"tickets/{ticket.pk}/comments/")
    assert [comment["author_type"] for comment in said] == ["customer", "bot", "agent"]


def test_nothing_is_sent_while_the_clock_is_paused(desk: Desk):
    ticket = desk.case()
    Clock.objects.filter(pk=ticket.clock_id).update(running=False)
    refusal(desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "x"}), 409, "clock_paused", clock="clock_paused")
    refusal(desk.owner.patch(f"tickets/{ticket.pk}/", {"priority": "low"}), 409, "clock_paused")


# --- facts, remedy, letter, gift ---


def accepted(desk: Desk, ticket: Ticket) -> None:
    desk.owner.post(f"tickets/{ticket.pk}/investigation/", {})
    desk.owner.post(
        f"tickets/{ticket.pk}/comments/", {"body": "申し訳ございません。", "facts": {"apology": ["regret"]}}
    )
    word = {"body": "わかりました。", "author_type": "customer", "facts": {"word": "acceptance"}}
    assert desk.client.post(f"tickets/{ticket.pk}/comments/", word).status_code == 201


def test_facts_are_confirmed_once(desk: Desk, grave: Ticket):
    assert desk.owner.post(f"tickets/{grave.pk}/investigation/", {"seconds": 600}).status_code == 201
    refusal(desk.owner.post(f"tickets/{grave.pk}/investigation/", {}), 409, "already_investigated")
    found = [e for e in desk.owner.all(f"tickets/{grave.pk}/events/") if e["name"] == "case.facts_confirmed"]
    assert found[0]["data"]["own_fault"] is True
    assert desk.owner.get(f"tickets/{grave.pk}/metrics/").json()["agent_seconds"] == 600


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"kind": "required"}),
        ({"kind": "money"}, {"kind": "invalid_choice"}),
        ({"kind": "refund"}, {"amount": "required"}),
        ({"kind": "refund", "amount": 10**8}, {"amount": "over_price"}),
        ({"kind": "refund", "amount": 10**12}, {"amount": "max_value"}),
        ({"kind": "refund", "amount": -1}, {"amount": "min_value"}),
        ({"kind": "refund", "amount": "100"}, {"amount": "not_a_number"}),
        ({"kind": "refund", "amount": 1.0}, {"amount": "not_a_number"}),
        ({"kind": "exchange", "promise_at": iso(START - 1)}, {"promise_at": "in_the_past"}),
        ({"kind": "exchange", "promise_at": iso(START + 401 * DAY)}, {"promise_at": "too_far"}),
        ({"kind": "exchange", "promise_at": "2100-01-01T00:00:00Z"}, {"promise_at": "invalid"}),
        ({"kind": "exchange", "promise_at": "9999-12-31T23:59:59-23:59"}, {"promise_at": "invalid"}),
        ({"kind": "exchange", "promise_at": "1949-01-01T00:00:00Z"}, {"promise_at": "invalid"}),
        ({"kind": "exchange", "conditional": "no"}, {"conditional": "not_a_boolean"}),
        ({"kind": "exchange", "currency": "USD"}, {"currency": "unknown_field"}),
    ],
)
def test_a_remedy_that_makes_no_sense_is_refused_by_its_field(
    desk: Desk, grave: Ticket, body: dict[str, Any], fields: dict[str, str]
):
    refusal(desk.owner.post(f"tickets/{grave.pk}/remedies/", body), 400, **fields)
    assert "remedy.given" not in log(grave.pk)


def test_a_remedy_says_what_it_is_worth_and_by_when(desk: Desk, grave: Ticket):
    given = {"kind": "exchange", "promise_at": iso(START + 2 * DAY), "seconds": 300}
    assert desk.owner.post(f"tickets/{grave.pk}/remedies/", given).status_code == 201
    told = desk.owner.all(f"tickets/{grave.pk}/events/")[-1]["data"]
    assert (told["kind"], told["currency"], told["ratio"]) == ("exchange", "JPY", 1.0)
    assert told["promise_at"] == iso(START + 2 * DAY)


def test_a_gift_comes_only_after_the_apology_was_accepted(desk: Desk, grave: Ticket):
    gift = {"amount": 500}
    refusal(
        desk.owner.post(f"tickets/{grave.pk}/gifts/", gift), 409, "apology_not_accepted", ticket="apology_not_accepted"
    )
    assert not FollowUp.objects.filter(ticket=grave, kind="gift").exists()
    accepted(desk, grave)
    assert desk.owner.post(f"tickets/{grave.pk}/gifts/", gift).status_code == 201
    refusal(desk.owner.post(f"tickets/{grave.pk}/gifts/", gift), 409, "gift_promised")
    jump(grave.clock, HOUR)
    gifts = desk.owner.get("follow-ups/", ticket=grave.pk, kind="gift").json()["results"]
    assert [row["state"] for row in gifts] == ["sent"]
    given = next(e["data"] for e in desk.owner.all(f"tickets/{grave.pk}/events/") if e["name"] == "gift.given")
    assert (given["amount"], given["currency"]) == (500, "JPY")
    assert given["cap"] >= 500


@pytest.mark.parametrize("amount", [10**6, 10**9])
def test_a_gift_above_the_budget_is_refused_by_its_amount(desk: Desk, grave: Ticket, amount: int):
    accepted(desk, grave)
    refusal(desk.owner.post(f"tickets/{grave.pk}/gifts/", {"amount": amount}), 400, "over_budget", amount="over_budget")
    assert "follow_up.promised" not in log(grave.pk)


@pytest.mark.parametrize("amount", [0, -5, 10**10, 1.5, "500", None, True])
def test_a_gift_of_no_amount_is_refused(desk: Desk, grave: Ticket, amount: Any):
    body = refusal(desk.owner.post(f"tickets/{grave.pk}/gifts/", {"amount": amount}), 400, "invalid")
    assert list(body["details"]) == ["amount"]


def test_a_playbook_without_gifts_gives_none(desk: Desk):
    ticket = desk.case(language="ko", playbook="fast-resolution")
    refusal(desk.owner.post(f"tickets/{ticket.pk}/gifts/", {"amount": 500}), 409, "no_gift", amount="no_gift")


def test_a_letter_goes_out_when_it_is_due_and_once(desk: Desk, grave: Ticket):
    desk.owner.post(f"tickets/{grave.pk}/investigation/", {})
    letter = {"body": "拝啓 …", "facts": {"apology": ["regret", "responsibility"]}, "send_at": iso(START + DAY)}
    assert desk.owner.post(f"tickets/{grave.pk}/letters/", letter).status_code == 201
    refusal(desk.owner.post(f"tickets/{grave.pk}/letters/", letter), 409, "letter_promised")
    assert not [c for c in desk.owner.all(f"tickets/{grave.pk}/comments/") if c["channel"] == "letter"]
    jump(grave.clock, DAY + HOUR)
    sent = [c for c in desk.owner.all(f"tickets/{grave.pk}/comments/") if c["channel"] == "letter"]
    assert [(c["body"], c["facts"]["deeds"]) for c in sent] == [("拝啓 …", ["letter"])]


def test_a_letter_without_own_fault_found_is_left_out_with_its_reason(desk: Desk, grave: Ticket):
    assert desk.owner.post(f"tickets/{grave.pk}/letters/", {"body": "拝啓 …"}).status_code == 201
    jump(grave.clock, HOUR)
    row = desk.owner.get("follow-ups/", ticket=grave.pk, kind="letter").json()["results"][0]
    assert row["state"] == "skipped"
    assert row["reason"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"body": "x"}, {"due_at": "required"}),
        ({"body": "x", "due_at": iso(START - DAY)}, {"due_at": "in_the_past"}),
        ({"body": "x", "due_at": iso(START + 500 * DAY)}, {"due_at": "too_far"}),
        ({"body": "x", "due_at": "99999-01-01T00:00:00Z"}, {"due_at": "invalid"}),
        ({"body": "x", "due_at": "tomorrow"}, {"due_at": "invalid"}),
        ({"body": "x", "due_at": START + DAY}, {"due_at": "invalid"}),
        ({"body": "\x00", "due_at": iso(START + DAY)}, {"body": "unfit_character"}),
        ({"body": "x", "due_at": iso(START + DAY), "facts": {"deeds": ["gift"]}}, {"facts.deeds.0": "invalid_choice"}),
    ],
)
def test_a_message_for_later_that_makes_no_sense_is_refused(
    desk: Desk, grave: Ticket, body: dict[str, Any], fields: dict[str, str]
):
    refusal(desk.owner.post(f"tickets/{grave.pk}/follow-ups/", body), 400, **fields)


def test_a_message_for_later_is_said_then(desk: Desk, grave: Ticket):
    later = {"body": "その後いかがですか。", "due_at": iso(START + 3 * DAY), "facts": {"deeds": ["check_in"]}}
    assert desk.owner.post(f"tickets/{grave.pk}/follow-ups/", later).status_code == 201
    jump(grave.clock, 3 * DAY)
    assert "その後いかがですか。" in [c["body"] for c in desk.owner.all(f"tickets/{grave.pk}/comments/")]


# --- what it came to ---


def test_durations_have_two_clocks(desk: Desk):
    """A reply after the night: nine hours by the clock on the wall, none of them working time but the first."""
    ticket = desk.case(language="ja", clock=desk.standing_clock(at=START + 8 * HOUR))  # Monday 17:00 in Tokyo
    jump(ticket.clock, 16 * HOUR)
    desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "お待たせしました。"})
    found = desk.owner.get(f"tickets/{ticket.pk}/metrics/").json()
    assert found["human_reply_time"] == {"calendar": 16 * HOUR, "business": HOUR}
    assert (found["calendar"], found["unit"]) == ("jp", "seconds")


def test_a_bots_receipt_is_no_human_answer(desk: Desk):
    """B8: with a bot in front, the first response looks like seconds."""
    ticket = desk.case(language="ko", channel="kakaotalk", playbook="fast-resolution")
    jump(ticket.clock, 60)
    found = desk.owner.get(f"tickets/{ticket.pk}/metrics/").json()
    assert found["bot_reply_time"]["calendar"] == 20
    assert found["human_reply_time"] == {"calendar": None, "business": None}
    assert found["unanswered"] is True


def test_a_survey_is_invited_a_day_after_the_solution(desk: Desk):
    ticket = desk.case(language="ko", playbook="fast-resolution")
    desk.owner.patch(f"tickets/{ticket.pk}/", {"status": "solved"})
    jump(ticket.clock, DAY)
    found = desk.owner.all("surveys/", ticket=ticket.pk)
    assert {(row["metric"], row["invited_at"]) for row in found} == {
        ("csat", iso(START + DAY)),
        ("ces", iso(START + DAY)),
    }
    assert {row["metric"]: row["scale"] for row in found} == {"csat": [1, 5], "ces": [1, 7]}
