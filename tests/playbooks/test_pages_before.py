"""What the ticket page and REST show of a case besides the words: what was before, the displayed policy, head office."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.access import ensure_agent
from playbooks.core.case import Case
from playbooks.core.scenarios import before_of, case_of_scenario, opening, scenarios
from playbooks.intake import Complaint, take_in
from playbooks.pages import queue as waiting
from tests.rest import Desk
from tickets import clock as clocks
from tickets.models import Ticket
from tickets.templatetags.desk_format import zone_name, zone_of

pytestmark = pytest.mark.django_db


def a_case(key: str, language: str, channel: str | None = None) -> Case:
    drawn = (case_of_scenario(scenarios()[key], language, key=str(n), seed=5) for n in range(50))
    return next(case for case in drawn if channel in (None, case.channel))


def ticket_of(case: Case) -> Ticket:
    """A ticket of the main desk with this case behind it."""
    subject, text = opening(scenarios()[str(case.scenario)], case)
    clock = clocks.main_clock()
    complaint = Complaint(
        description=text, subject=subject, language=case.language, channel=case.channel, key=case.key,
        case=case.to_dict(),
    )  # fmt: skip
    return take_in(complaint, clock=clock, now=clocks.instant(clock, wall_now=clocks.wall())).ticket


def page_of(client: Client, ticket: Ticket) -> str:
    client.force_login(ensure_agent("boss", role="manager"))
    return client.get(reverse("ticket", args=[ticket.pk])).content.decode()


@pytest.mark.parametrize(("key", "channel"), [("roaming_bill", None), ("kneel_demand", "phone")])
def test_the_talk_before_the_ticket_stands_above_the_conversation(client: Client, key: str, channel: str | None):
    case = a_case(key, "ja", channel)
    page = page_of(client, ticket_of(case))
    turns = before_of(case)
    assert turns
    assert all(turn.text in page for turn in turns)
    assert page.index(turns[-1].text) < page.index('id="lines"')


def test_a_ticket_that_nothing_preceded_shows_no_record(client: Client):
    assert 'class="quiet before"' not in page_of(client, ticket_of(a_case("sale_boots", "ja")))


def test_rest_gives_the_talk_before_the_ticket_with_the_ticket(desk: Desk):
    case = a_case("roaming_bill", "ko")
    ticket = ticket_of(case)
    answer = desk.manager.get(f"tickets/{ticket.pk}/").json()
    assert answer["before"] == [{"by": turn.by, "kind": turn.kind, "text": turn.text} for turn in before_of(case)]


def test_what_the_house_displays_is_known_from_the_start_and_the_law_only_with_the_facts(client: Client):
    voice = scenarios()["palace_tour"].voices["en"]
    page = page_of(client, ticket_of(a_case("palace_tour", "ja")))
    assert voice.policy in page
    assert voice.law not in page


def test_head_office_writes_once_the_facts_are_confirmed(client: Client, desk: Desk):
    ticket, memo = ticket_of(a_case("palace_tour", "ja")), scenarios()["palace_tour"].head_office
    assert memo is not None
    assert memo.memo not in page_of(client, ticket)
    assert desk.manager.post(f"tickets/{ticket.pk}/investigation/", {}).status_code == 201
    assert memo.memo in page_of(client, ticket)


def test_a_fact_that_the_answer_tells_otherwise_is_marked(client: Client, desk: Desk):
    ticket = ticket_of(a_case("palace_tour", "ja"))
    desk.manager.post(f"tickets/{ticket.pk}/investigation/", {})
    say(desk, ticket, "景福宮は火曜日が休館日で、40分ほど北村をご案内しました。代金の30％をご返金いたします。")
    page = page_of(client, ticket)
    assert page.count('class="differs"') == 1
    say(desk, ticket, "先ほどの割合は誤りで、正しくは代金の40％をご返金いたします。")
    assert 'class="differs"' not in page_of(client, ticket)


def say(desk: Desk, ticket: Ticket, body: str) -> None:
    sent: Any = desk.manager.post(f"tickets/{ticket.pk}/comments/", {"body": body})
    assert sent.status_code == 201, sent.content


def test_the_queue_says_since_when_nobody_has_answered_and_then_since_when_a_word_waits(desk: Desk):
    case, boss = a_case("sale_boots", "ja"), ensure_agent("boss", role="manager")
    ticket = ticket_of(case)

    def line() -> waiting.QueueLine:
        return next(one for one in waiting.queue_of(boss, ticket.clock, now=ticket.created_at) if one.pk == ticket.pk)

    assert (line().waits_since, line().unheard) == (ticket.created_at, True)
    say(desk, ticket, "ご連絡ありがとうございます。ただいま確認しております。")
    assert line().waits_since is None
    assert not line().unheard


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_english_shift_names_the_zone_of_its_own_business_hours(language: str):
    assert zone_of(language) == "Asia/Tokyo"
    assert zone_name(0, zone_of(language)) == "JST"
