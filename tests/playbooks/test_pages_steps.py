"""From the rail to the box in which a step is done, the templates beside the box, and what still lacks in them."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from playbooks import actions, driver
from playbooks.core.facts import DEEDS
from playbooks.core.playbook import built_in
from playbooks.pages import wording
from tests.rest import Desk
from tickets.models import Ticket


@pytest.fixture
def grave(desk: Desk) -> Ticket:
    return desk.grave()


def browser(desk: Desk, language: str = "en") -> Client:
    client = Client()
    client.force_login(desk.owner.agent)
    client.cookies["django_language"] = language
    return client


def links(desk: Desk, ticket: Ticket) -> list[str]:
    page = browser(desk).get(reverse("ticket", args=[ticket.pk])).content.decode()
    return re.findall(r'<p class="does"><a href="([^"]+)"', page)


def test_an_open_step_leads_to_its_box(desk: Desk, grave: Ticket):
    assert links(desk, grave) == ["#body", "#deed-investigate", "#deed-remedy"]
    driver.perform(grave, actions.investigate, agent=desk.owner.agent)
    assert {"#body", "#deed-remedy", f"/tickets/{grave.pk}/letter/"} <= set(links(desk, grave))


def test_every_box_that_a_step_leads_to_is_on_the_page(desk: Desk, grave: Ticket):
    page = browser(desk).get(reverse("ticket", args=[grave.pk])).content.decode()
    for box in set(wording.BOX.values()):
        assert f'id="{box}"' in page


def test_every_step_of_an_agent_in_the_built_in_playbooks_leads_somewhere():
    steps = [step for playbook in built_in().values() for step in playbook.steps if step.by == "agent"]
    assert {step.deed for step in steps} <= {*wording.BOX, "letter"}
    assert {*wording.BOX} <= {*DEEDS}


def test_the_templates_to_complete_stand_before_the_ready_ones(desk: Desk, grave: Ticket):
    page = html.unescape(browser(desk, "ko").get(reverse("ticket", args=[grave.pk])).content.decode())
    menu = page.partition('id="words"')[2].partition("</select>")[0]
    assert menu.index("추가 정보 요청") < menu.index('value="apologise"')


def test_a_template_comes_with_the_names_of_the_ticket_and_promises_nothing_by_itself(desk: Desk, grave: Ticket):
    answer = browser(desk).get(reverse("words", args=[grave.pk]), {"kind": "ask_details", "within": "3600"}).json()
    assert "お手数をおかけいたしますが" in answer["text"]
    assert "〔必要な情報〕" in answer["text"]
    assert answer["promise_at"] == ""


@pytest.mark.parametrize(
    ("language", "words"), [("en", "2 blanks to fill in"), ("ko", "빈칸 2곳"), ("ja", "空欄が2か所")]
)
def test_what_is_still_to_be_filled_in_stands_under_the_box(desk: Desk, grave: Ticket, language: str, words: str):
    text = "〔必要な情報〕をお知らせください。〔回答の日時〕までにご連絡いたします。"
    form = {"text": text, "kind": "reply"}
    told = html.unescape(browser(desk, language).post(reverse("review", args=[grave.pk]), form).content.decode())
    assert words in told
    assert 'data-start="0" data-end="7" data-shows lang="ja">〔必要な情報〕</button>' in told


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "still to be filled in: 〔必要な情報〕"), ("ko", "빈칸이 있습니다"), ("ja", "空欄があります")],
)
def test_a_blank_that_was_left_is_refused_by_name(desk: Desk, grave: Ticket, language: str, words: str):
    form = {"kind": "reply", "body": "〔必要な情報〕をお知らせください。"}
    answer = browser(desk, language).post(reverse("say", args=[grave.pk]), form)
    assert answer.status_code == 400
    assert words in html.unescape(answer.content.decode())
