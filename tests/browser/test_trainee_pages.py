"""The trainee's pages without a browser: who sees what, what forms do, how refusals come back, how little it costs."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from playbooks import driver, shifts
from playbooks.models import FollowUp, Shift
from tickets import clock as clocks
from tickets.models import Agent, Comment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)

TUESDAY = 1_764_637_200  # 2025-12-02 10:00 in Seoul and Tokyo: both desks are open


def agent(name: str, role: str = Agent.TRAINEE) -> Agent:
    return Agent.objects.create(username=name, role=role)


def shift_of(
    trainee: Agent, *, language: str = "ja", playbook: str = "apology-letter-gift", customers: int = 1
) -> Shift:
    """A shift whose customers have all come in."""
    begun = shifts.start_shift(
        trainee, now=TUESDAY, wall_now=clocks.wall(), scenario_keys=["defective_item"], language=language,
        playbook=playbook, speed=1, customers=customers, seed=7,
    )  # fmt: skip
    driver.jump(begun.clock, by=600 * customers)
    return begun


def ticket_of(shift: Shift) -> Ticket:
    return Ticket.objects.filter(clock=shift.clock).order_by("number").first()


@pytest.fixture
def trainee() -> Agent:
    return agent("mina")


@pytest.fixture
def browser(trainee: Agent) -> Client:
    client = Client()
    client.force_login(trainee)
    return client


def page_of(client: Client, ticket: Ticket, language: str = "en") -> str:
    client.cookies["django_language"] = language
    return client.get(reverse("ticket", args=[ticket.pk])).content.decode()


def test_somebody_who_has_not_signed_in_is_asked_to(trainee):
    answer = Client().get(reverse("desk"))
    assert answer.status_code == 302
    assert reverse("sign-in") in answer["Location"]


def test_a_trainee_starts_a_shift_and_its_clock_stands_in_opening_hours(browser, trainee):
    form = {
        "scenarios": ["defective_item", "rude_service"],
        "language": "ja",
        "playbook": "rule",
        "speed": "60",
        "customers": "2",
    }
    answer = browser.post(reverse("start-shift"), form)
    begun = Shift.objects.get(trainee=trainee)
    assert answer["Location"] == reverse("shift", args=[begun.pk])
    assert begun.clock.speed == 60
    assert (begun.started_at // 3600 + 9) % 24 >= 9


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("customers", "1000", "out of range"),
        ("customers", "many", "whole number"),
        ("speed", "7", "speeds"),
        ("playbook", "no-such", "no such playbook"),
        ("language", "fr", "Korean, Japanese or English"),
        ("scenarios", "no-such", "no such scenario"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_beside_its_field(browser, field, value, words):
    form = {"scenarios": ["defective_item"], "language": "ja", "playbook": "rule", "speed": "60", "customers": "2"}
    answer = browser.post(reverse("start-shift"), {**form, field: value})
    assert answer.status_code == 400
    assert re.search(rf'id="shift-{field}-refused".*{words}', answer.content.decode(), re.DOTALL)
    assert not Shift.objects.exists()


def test_a_trainee_sees_own_tickets_and_nobody_elses(browser, trainee):
    mine, theirs = shift_of(trainee), shift_of(agent("other"))
    assert browser.get(reverse("ticket", args=[ticket_of(mine).pk])).status_code == 200
    strange = ticket_of(theirs).pk
    for name in ("ticket", "news", "words", "letter"):
        assert browser.get(reverse(name, args=[strange])).status_code == 404
    for name in ("typing", "say", "letter", "review", "disagree"):
        assert browser.post(reverse(name, args=[strange]), {"body": "x"}).status_code == 404
    assert browser.get(reverse("shift", args=[theirs.pk])).status_code == 404
    assert browser.get(reverse("queue", args=[theirs.clock_id])).status_code == 404
    assert browser.post(reverse("clock", args=[theirs.clock_id]), {"verb": "pause"}).status_code == 404


def test_a_manager_sees_every_ticket(trainee):
    ticket, client = ticket_of(shift_of(trainee)), Client()
    client.force_login(agent("chief", Agent.MANAGER))
    assert client.get(reverse("ticket", args=[ticket.pk])).status_code == 200


def test_the_hidden_facts_stay_hidden_until_somebody_investigates(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    cause = ticket.case_file.case["names"]["cause"]
    before = page_of(browser, ticket)
    assert cause not in before
    assert "Our own fault." not in before
    browser.post(reverse("deed", args=[ticket.pk, "investigate"]), {"seconds": "300"})
    after = page_of(browser, ticket)
    assert cause in after
    assert "Our own fault." in after


def test_a_reply_is_sent_with_what_is_read_in_it(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    form = {"kind": "reply", "body": "ご迷惑をおかけし、誠に申し訳ございません。", "within": "3600", "seconds": "40"}
    answer = browser.post(reverse("say", args=[ticket.pk]), form)
    assert answer["Location"] == reverse("ticket", args=[ticket.pk])
    said = Comment.objects.get(ticket=ticket, author_type="agent")
    assert said.author == trainee
    assert "regret" in said.facts["apology"]
    assert said.facts["promise_at"] == pytest.approx(said.at + 3600, abs=3)
    assert "誠に申し訳ございません。" in page_of(browser, ticket)


def test_what_a_form_declares_beside_the_text_counts_for_nothing(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    form = {"kind": "reply", "body": "確認します。", "ticks": ["regret", "empathy"], "facts": '{"empathy": 1}'}
    browser.post(reverse("say", args=[ticket.pk]), form)
    facts = Comment.objects.get(ticket=ticket, author_type="agent").facts
    assert "apology" not in facts
    assert "empathy" not in facts


def test_a_text_of_the_desk_says_what_it_promises(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    words = browser.get(reverse("words", args=[ticket.pk]), {"kind": "apologise", "within": "3600"}).json()
    form = {"kind": "reply", "body": words["text"], "promise_at": words["promise_at"]}
    browser.post(reverse("say", args=[ticket.pk]), form)
    facts = Comment.objects.get(ticket=ticket, author_type="agent").facts
    assert "regret" in facts["apology"]
    assert facts.get("promise_at", "") == words["promise_at"]


def test_a_note_is_for_the_desk_alone(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    browser.post(reverse("say", args=[ticket.pk]), {"kind": "note", "body": "Ask the warehouse"})
    assert not Comment.objects.get(ticket=ticket, author_type="agent").public


@pytest.mark.parametrize("body", ["", "   ", "a\x00b", "x" * 20_001])
def test_a_reply_that_cannot_be_sent_comes_back_with_its_reason(browser, trainee, body):
    ticket = ticket_of(shift_of(trainee))
    answer = browser.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": body, "within": "3600"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'id="say-body-refused"' in page
    assert re.search(r'value="3600" selected', page)
    assert not Comment.objects.filter(ticket=ticket, author_type="agent").exists()


def test_a_refused_remedy_keeps_what_was_typed_and_names_its_field(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    for amount in ("99,999,999", "1.5", "a lot", "-3", "1e400", "NaN", ""):
        answer = browser.post(reverse("deed", args=[ticket.pk, "remedy"]), {"kind": "refund", "amount": amount})
        assert answer.status_code == 400, amount
        page = answer.content.decode()
        assert 'id="remedy-amount-refused"' in page, amount
        assert f'value="{amount}"' in page
    assert not TicketEvent.objects.filter(ticket=ticket, name="remedy.given").exists()


def test_a_remedy_is_given_in_the_currency_of_the_ticket(browser, trainee):
    ticket = ticket_of(shift_of(trainee, language="en"))
    browser.post(reverse("deed", args=[ticket.pk, "remedy"]), {"kind": "refund", "amount": "12.50", "within": "86400"})
    given = TicketEvent.objects.get(ticket=ticket, name="remedy.given").data
    assert (given["amount"], given["currency"]) == (1250, "USD")


def test_an_amount_may_be_typed_without_switching_the_japanese_keyboard(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    browser.post(reverse("deed", args=[ticket.pk, "remedy"]), {"kind": "coupon", "amount": "２，５００"})
    assert TicketEvent.objects.get(ticket=ticket, name="remedy.given").data["amount"] == 2500


def test_the_address_of_a_form_leads_back_to_its_page(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    page = reverse("ticket", args=[ticket.pk])
    for address in (reverse("deed", args=[ticket.pk, "gift"]), reverse("say", args=[ticket.pk])):
        assert browser.get(address)["Location"] == page
    assert browser.get(reverse("start-shift"))["Location"] == reverse("desk")


def test_the_next_shift_begins_with_the_choices_of_the_last(browser, trainee):
    shift_of(trainee, language="ja", playbook="fast-resolution", customers=2)
    chosen = browser.get(reverse("desk")).context["chosen"]
    assert chosen == {"language": "ja", "playbook": "fast-resolution", "customers": 2, "speed": 1}


def test_a_gift_before_the_apology_was_accepted_is_refused(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    answer = browser.post(reverse("deed", args=[ticket.pk, "gift"]), {"amount": "1000", "body": "心ばかりの品です"})
    assert answer.status_code == 409
    assert "心ばかりの品です" in answer.content.decode()
    assert not FollowUp.objects.filter(ticket=ticket, kind="gift").exists()


def test_a_gift_above_the_budget_names_the_amount(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    answer = browser.post(reverse("deed", args=[ticket.pk, "gift"]), {"amount": "9999999"})
    assert answer.status_code == 400
    assert 'id="gift-amount-refused"' in answer.content.decode()


def test_a_letter_is_drafted_from_the_facts_and_given_to_the_post(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    url = reverse("letter", args=[ticket.pk])
    browser.post(reverse("deed", args=[ticket.pk, "investigate"]))
    draft = browser.get(url).context["body"]
    assert "謹啓" in draft
    browser.post(url, {"body": draft, "days": "1"})
    planned = FollowUp.objects.get(ticket=ticket, kind="letter")
    assert planned.data["body"] == draft.replace("\r\n", "\n").strip() or planned.data["body"]
    again = browser.post(url, {"body": draft, "days": "1"})
    assert again.status_code == 409


def test_a_message_for_later_goes_out_by_itself(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    browser.post(
        reverse("deed", args=[ticket.pk, "follow-up"]),
        {"days": "3", "body": "その後いかがでしょうか。"},
    )
    driver.jump(ticket.clock, by=3 * 86_400)
    assert Comment.objects.filter(ticket=ticket, body="その後いかがでしょうか。").count() == 1


def test_a_paused_clock_sends_nothing_and_keeps_the_draft(browser, trainee):
    begun = shift_of(trainee)
    ticket = ticket_of(begun)
    browser.post(reverse("clock", args=[begun.clock_id]), {"verb": "pause"})
    answer = browser.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "kept words"})
    assert answer.status_code == 409
    assert "kept words" in answer.content.decode()
    browser.post(reverse("clock", args=[begun.clock_id]), {"verb": "go"})
    assert browser.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "kept words"}).status_code == 302


def test_the_clock_goes_to_the_next_thing_that_happens(browser, trainee):
    begun = shift_of(trainee)
    at = driver.next_thing_at(begun.clock)
    browser.post(reverse("clock", args=[begun.clock_id]), {"verb": "next"})
    begun.clock.refresh_from_db()
    assert begun.clock.sim_at >= at


def test_solving_twice_is_refused(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    solve = reverse("deed", args=[ticket.pk, "solve"])
    assert browser.post(solve, {"body": ""}).status_code == 302
    assert browser.post(solve, {"body": ""}).status_code == 409


def test_a_ticket_is_handed_over_with_a_reason(browser, trainee):
    ticket, colleague = ticket_of(shift_of(trainee)), agent("yuki")
    url = reverse("deed", args=[ticket.pk, "hand-over"])
    assert browser.post(url, {"to": colleague.pk, "reason": ""}).status_code == 400
    assert browser.post(url, {"to": "999999", "reason": "x"}).status_code == 400
    browser.post(url, {"to": colleague.pk, "reason": "Speaks better Japanese"})
    ticket.refresh_from_db()
    assert ticket.assignee == colleague


def test_html_in_every_text_is_shown_as_text(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    browser.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "<script>alert(1)</script>"})
    page = page_of(browser, ticket)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_polling_says_nothing_while_nothing_happens_and_brings_what_is_new(browser, trainee):
    ticket = ticket_of(shift_of(trainee))
    url = reverse("news", args=[ticket.pk])
    ticket.refresh_from_db()
    after = ticket.last_seq
    quiet = browser.get(url, {"after": after})
    assert quiet.status_code == 204
    assert quiet["X-Clock"].endswith(",1,true")
    browser.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "hello there"})
    news = browser.get(url, {"after": after})
    assert news.status_code == 200
    assert "hello there" in news.content.decode()
    assert 'hx-swap-oob="true"' in news.content.decode()


def test_polling_costs_one_query_beyond_knowing_who_asks(browser, trainee, django_assert_num_queries):
    ticket = ticket_of(shift_of(trainee))
    ticket.refresh_from_db()
    with django_assert_num_queries(3):  # session, agent, and the one look
        browser.get(reverse("news", args=[ticket.pk]), {"after": ticket.last_seq})


def test_the_desk_costs_the_same_however_many_tickets_wait(browser, trainee, django_assert_num_queries):
    one, many = shift_of(trainee), shift_of(trainee, customers=6)
    for begun in (one, many):
        browser.get(reverse("ticket", args=[ticket_of(begun).pk]))
    with django_assert_num_queries(11) as few:
        browser.get(reverse("ticket", args=[ticket_of(one).pk]))
    with django_assert_num_queries(len(few)):
        browser.get(reverse("ticket", args=[ticket_of(many).pk]))


def test_the_queue_stands_by_what_breaches_next(browser, trainee):
    begun = shift_of(trainee, customers=4)
    shown = browser.get(reverse("shift", args=[begun.pk])).context["queue"]
    due = [line.due_at for line in shown if line.due_at]
    assert len(shown) == 4
    assert due == sorted(due)


def test_a_sign_of_typing_holds_the_clock(browser, trainee):
    begun = shift_of(trainee)
    browser.post(reverse("typing", args=[ticket_of(begun).pk]))
    begun.clock.refresh_from_db()
    assert begun.clock.typing_until > clocks.wall()


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_every_page_speaks_the_language_of_its_reader(browser, trainee, language):
    begun = shift_of(trainee, language="ko", playbook="fast-resolution")
    page = page_of(browser, ticket_of(begun), language)
    assert f'<html lang="{language}">' in page
    for url in (reverse("desk"), reverse("shift", args=[begun.pk]), reverse("letter", args=[ticket_of(begun).pk])):
        assert browser.get(url).status_code == 200


def test_a_whole_handling_ends_with_follow_ups_and_surveys_on_the_page(browser, trainee):
    begun = shift_of(trainee)
    ticket = ticket_of(begun)
    deed = lambda name, **form: browser.post(reverse("deed", args=[ticket.pk, name]), form)  # noqa: E731
    browser.post(
        reverse("say", args=[ticket.pk]),
        {"kind": "reply", "body": "ご不便をおかけし、誠に申し訳ございません。"},
    )
    deed("investigate")
    deed("remedy", kind="exchange", within="86400")
    letter = reverse("letter", args=[ticket.pk])
    browser.post(letter, {"body": browser.get(letter).context["body"], "days": "0"})
    browser.post(
        reverse("say", args=[ticket.pk]),
        {"kind": "reply", "body": "再発防止のため、出荷前の検品を二名で行うことといたしました。"},
    )
    deed("solve", body="ありがとうございました。")
    driver.jump(begun.clock, by=40 * 86_400)
    page = browser.get(reverse("ticket", args=[ticket.pk])).context["page"]
    assert page.closed
    assert {row.state for row in page.promised} <= {"sent", "skipped"}
    assert {score.metric for score in page.scores} >= {"csat", "ces", "nps"}
    assert all(step.state in ("done", "left_out", "missed") for step in page.rail)
