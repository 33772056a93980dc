"""The debrief of a ticket: hidden until it is over, then every word with what it did, the other playbook beside it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helpdesk.access import ensure_agent
from playbooks import actions, driver
from playbooks.debrief import Account, account_of
from playbooks.definitions import FAST, LETTER
from playbooks.held import Held
from playbooks.intake import take_in
from playbooks.shifts import scenario_complaint
from tests.rest import OTHER, TRAINEE, Desk
from tickets.errors import Conflict
from tickets.models import Agent, Clock, Ticket

pytestmark = pytest.mark.django_db

START = 1_788_739_200  # Monday 2026-09-07 09:00 in Tokyo and Seoul
MINUTE, HOUR = 60, 3_600
WARM = (
    "このたびはご連絡をいただき、誠にありがとうございます。\n"
    "ご旅行を前にご心配をおかけし、誠に申し訳ございません。\n"
    "ただいま配送の状況をお調べしており、本日17時までに必ずご報告いたします。"
)
COLD = "確認します。お待ちください。"


def a_ticket(key: str = "1", *, playbook: str = FAST, trainee: Agent | None = None) -> Held:
    clock = Clock.objects.create(key=f"debrief-{key}", sim_at=START)
    complaint = scenario_complaint("delivery_delay", "ja", key="1", seed=3, playbook=playbook)
    held = take_in(complaint, clock=clock, now=START)
    if trainee is not None:
        Ticket.objects.filter(pk=held.ticket.pk).update(assignee=trainee)
    return held


def handled(held: Held, *bodies: str, solved: bool = True) -> Ticket:
    """Written to once an hour from the first, then solved."""
    now = START
    for body in bodies:
        now += 10 * MINUTE
        driver.perform_at(held.ticket.pk, actions.reply, agent=None, now=now, body=body)
    if solved:
        driver.perform_at(held.ticket.pk, actions.solve, agent=None, now=now + 10 * MINUTE)
    return Ticket.objects.get(pk=held.ticket.pk)


def account(key: str, *bodies: str) -> Account:
    return account_of(handled(a_ticket(key), *bodies))


def test_the_same_case_answered_coldly_and_well_differs_as_the_model_says() -> None:
    cold, warm = account("cold", COLD), account("warm", WARM)
    gap = warm.debrief.felt.satisfaction - cold.debrief.felt.satisfaction
    assert 0.1 < gap < 1.0
    assert warm.debrief.words[1].effect.satisfaction > 0 >= cold.debrief.words[1].effect.interactional - 0.3


def test_a_template_pasted_twice_does_nothing_the_second_time() -> None:
    once, twice = account("once", WARM), account("twice", WARM, WARM)
    second = [word for word in twice.debrief.words if word.author == "agent"][1]
    assert abs(twice.debrief.felt.satisfaction - once.debrief.felt.satisfaction) < 0.1
    assert second.effect.interactional <= 0.0
    assert second.effect.distributive <= 0.0


def test_what_was_written_is_read_as_on_that_day() -> None:
    words = account("read", WARM).debrief.words
    mine = next(word for word in words if word.author == "agent")
    assert mine.read_alike is True
    resting = {line.what for sentence in mine.sentences for line in sentence.lines}
    assert "apology.regret" in resting
    assert all(word.read_alike is None for word in words if word.author != "agent")


def test_before_the_end_nothing_is_told() -> None:
    ticket = handled(a_ticket(), WARM, solved=False)
    with pytest.raises(Conflict) as refused:
        account_of(ticket)
    assert refused.value.code == "not_over"


def test_the_other_playbook_is_another_one_and_marked_as_simulated() -> None:
    told = account("other", WARM).to_dict()
    assert told["playbook"] == FAST
    assert told["other_playbook"]["playbook"] == LETTER
    assert told["other_playbook"]["simulated"] is True
    json.dumps(told, allow_nan=False)


def test_the_queries_do_not_grow_with_the_story() -> None:
    short, long = handled(a_ticket("short"), WARM), handled(a_ticket("long"), WARM, COLD, WARM, COLD)
    counts = []
    for ticket in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            account_of(ticket)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


# --- rules that change, pressure, head office ---

LIMIT = "お怒りはごもっともでございます。このようなお言葉が続くようでしたら、お電話を終了いたします。"
YIELDING = "承知いたしました。明日ご自宅へ伺い、土下座いたします。"


def worked(scenario: str, *bodies: str, trainee: Agent | None = None) -> Ticket:
    """A case of this scenario: facts confirmed, answered, solved."""
    clock = Clock.objects.create(key=f"debrief-{scenario}", sim_at=START)
    held = take_in(scenario_complaint(scenario, "ja", key="1", seed=1, playbook=FAST), clock=clock, now=START)
    if trainee is not None:
        Ticket.objects.filter(pk=held.ticket.pk).update(assignee=trainee)
    driver.perform_at(held.ticket.pk, actions.investigate, agent=None, now=START + MINUTE)
    return handled(held, *bodies)


def test_a_text_tells_by_which_rules_it_was_read_and_says_so_only_once_they_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticket = handled(a_ticket(), WARM)
    mine = [word for word in account_of(ticket).debrief.words if word.author == "agent"]
    assert not any(word.rules_changed for word in mine)
    monkeypatch.setattr("playbooks.debrief.version", lambda language: "another")
    changed = {word.author: word.rules_changed for word in account_of(ticket).debrief.words}
    assert changed == {"customer": False, "agent": True}


@pytest.mark.parametrize(
    ("scenario", "body", "verdict", "words"),
    [
        ("kneel_demand", LIMIT, "held", "the desk held its line"),
        ("kneel_demand", YIELDING, "yielded", "gave in to pressure"),
        ("kneel_demand", WARM, "unanswered", "nobody named a limit"),
        ("defective_item", LIMIT, "accused", "pressed nobody"),
        ("defective_item", WARM, "none", None),
    ],
)
def test_how_pressure_was_met_is_told(
    browser: Client, trainee: Agent, scenario: str, body: str, verdict: str, words: str | None
) -> None:
    ticket = worked(scenario, body, trainee=trainee)
    assert account_of(ticket).to_dict()["pressure"]["verdict"] == verdict
    said = page(browser, ticket).content.decode()
    assert ("Pressure on the desk" in said) is (words is not None)
    assert words is None or words in said


def test_where_report_and_answer_differ_is_told(browser: Client, trainee: Agent) -> None:
    ticket = worked("palace_tour", "料金の10%をご返金いたします。誠に申し訳ございません。", trainee=trainee)
    told = account_of(ticket).to_dict()
    share = next(one for one in told["head_office"] if one["name"] == "share")
    assert (share["report"], share["answer"], share["agrees"]) == ("said", "differs", False)
    assert "share" in told["disagreements"]
    assert "Report and answer" in page(browser, ticket).content.decode()


# --- the page ---


def page(client: Client, ticket: Ticket, language: str = "en") -> Any:
    return client.get(f"/tickets/{ticket.pk}/debrief/", headers={"Accept-Language": language})


@pytest.fixture
def trainee() -> Agent:
    return ensure_agent(TRAINEE, role="trainee")


@pytest.fixture
def browser(trainee: Agent) -> Client:
    client = Client()
    client.force_login(trainee)
    return client


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_the_page_shows_the_text_with_its_margin(browser: Client, trainee: Agent, language: str) -> None:
    ticket = handled(a_ticket(trainee=trainee), WARM)
    answer = page(browser, ticket, language)
    said = answer.content.decode()
    assert answer.status_code == 200
    assert "本日17時までに必ずご報告いたします" in said
    assert "apology.regret" in said and "Lewicki" in said
    assert '<svg class="felt' in said


def test_the_page_of_a_ticket_that_is_not_over_says_so_and_nothing_else(browser: Client, trainee: Agent) -> None:
    ticket = handled(a_ticket(trainee=trainee), WARM, solved=False)
    answer = page(browser, ticket)
    assert answer.status_code == 200
    assert "once the ticket is solved or closed" in answer.content.decode()
    assert "words" not in answer.context
    assert "/debrief/" not in browser.get(f"/tickets/{ticket.pk}/").content.decode()


def test_the_ticket_page_leads_to_it(browser: Client, trainee: Agent) -> None:
    ticket = handled(a_ticket(trainee=trainee), WARM)
    assert f"/tickets/{ticket.pk}/debrief/" in browser.get(f"/tickets/{ticket.pk}/").content.decode()


def test_another_trainee_does_not_see_it(trainee: Agent) -> None:
    ticket = handled(a_ticket(trainee=trainee), WARM)
    other = Client()
    other.force_login(ensure_agent(OTHER, role="trainee"))
    assert page(other, ticket).status_code == 404
    assert page(Client(), ticket).status_code == 302


# --- the same over REST ---


def test_rest_gives_the_same_as_json(desk: Desk) -> None:
    ticket = handled(a_ticket(trainee=desk.owner.agent), WARM)
    answer = desk.owner.get(f"tickets/{ticket.pk}/debrief/")
    assert answer.status_code == 200
    told = answer.json()
    assert told["words"][1]["sentences"][1]["lines"][0]["why"][0]["mark"] in ("seen", "fitted", "assumed")
    assert told["felt"]["satisfaction"] == pytest.approx(account_of(ticket).debrief.felt.satisfaction)


def test_rest_refuses_before_the_end_and_for_others(desk: Desk) -> None:
    ticket = handled(a_ticket(trainee=desk.owner.agent), WARM, solved=False)
    refused = desk.owner.get(f"tickets/{ticket.pk}/debrief/")
    assert (refused.status_code, refused.json()["error"]) == (409, "not_over")
    other = desk.callers.get(OTHER) or desk.owner.__class__(ensure_agent(OTHER, role="trainee"))
    assert other.get(f"tickets/{ticket.pk}/debrief/").status_code == 404
