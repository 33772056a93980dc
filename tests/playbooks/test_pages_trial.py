"""The pages of trials and of prevention without a browser: who sees them, what they say, how a wrong word is refused."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from playbooks import allocation, editing, prevention
from playbooks.intake import Complaint, take_in
from playbooks.models import AdvanceNotice, Outcome, PreventionMeasure, Trial
from playbooks.pages.choice import Choice
from playbooks.pages.fairness import randomised
from tickets import clock as clocks
from tickets.models import Agent, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

DAY, WEEK = 86_400, 604_800


def signed_in(role: str = Agent.MANAGER) -> Client:
    client = Client()
    client.force_login(Agent.objects.create(username=f"some-{role}", role=role))
    return client


@pytest.fixture
def manager() -> Client:
    return signed_in()


def now() -> int:
    clock = clocks.main_clock()
    return clocks.instant(clock, wall_now=clocks.wall())


def read(client: Client, address: str, reader: str = "en", **query: str) -> str:
    client.cookies["django_language"] = reader
    answer = client.get(address, query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def come_in(ordinal: int, *, at: int, cause: str | None = None, **fields: Any) -> Ticket:
    complaint = Complaint(
        **{
            "description": "It has not come.", "external_id": f"x{ordinal}", "language": ("ja", "ko", "en")[ordinal % 3],
            "channel": ("email", "chat", "phone")[ordinal % 3], "category": "delivery_delay",
            "requester_email": f"c{ordinal}@example.com", **fields,
        }
    )  # fmt: skip
    ticket = take_in(complaint, clock=clocks.main_clock(), now=at).ticket
    if cause:
        seq = ticket.events.order_by("-seq").first().seq + 1
        TicketEvent.objects.create(
            ticket=ticket, seq=seq, at=at + 60, name="case.facts_confirmed", actor="agent",
            data={"own_fault": True, "cause": cause},
        )  # fmt: skip
    return ticket


ADDRESSES = ("/trials/", "/prevention/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_somebody_who_has_not_signed_in_is_asked_to(address: str):
    assert Client().get(address)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_for_a_trainee_the_page_does_not_exist(address: str):
    assert signed_in(Agent.TRAINEE).get(address).status_code == 404


@pytest.mark.parametrize("reader", ["en", "ko", "ja"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_page_says_what_comes_next(manager: Client, address: str, reader: str):
    assert "<h1>" in read(manager, address, reader)


# Trials

FORM = {
    "title": "Autumn", "playbooks": ["fast-resolution", "apology-letter-gift"], "method": "blocks", "hours": "4",
    "strata": ["severity", "channel"], "primary": "csat", "planned": "20", "looks": "half",
}  # fmt: skip


def test_a_trial_begins_from_the_form_and_its_page_shows_balance_but_no_result_yet(manager: Client):
    answer = manager.post("/trials/", FORM)
    begun = Trial.objects.get()
    assert answer["Location"] == f"/trials/{begun.pk}/"
    assert (begun.planned, begun.looks, begun.strata) == (20, [0.5, 1.0], ["severity", "channel"])
    for n in range(8):
        come_in(n, at=now())

    html = read(manager, f"/trials/{begun.pk}/")
    said = plain(html)
    assert "8 of 20 tickets" in said
    assert "Closed: 10 tickets are still to come in or to settle." in said
    assert str(begun.seed) not in html
    assert "Severity: " in said
    assert html.count('<svg class="plot ') == 2


def test_stretches_of_time_show_their_washout_and_how_many_tickets_it_left_out(manager: Client):
    manager.post("/trials/", {**FORM, "method": "switchback", "washout": "30"})
    begun = Trial.objects.get()
    for n in range(5):
        come_in(n, at=begun.started_at + 20 * 60 + n * 300)

    said = plain(read(manager, f"/trials/{begun.pk}/"))
    assert "Tickets of the first 30 minutes of every stretch do not count." in said
    assert "2 left out: they came in the first 30 minutes of a stretch" in said
    assert "3 of 20 tickets" in said
    assert "All tickets that count so far have one playbook" in said  # no picture without a mark in it


@pytest.mark.parametrize("washout", ["240", "soon", "-5"])
def test_a_washout_that_leaves_nothing_of_a_stretch_is_refused_at_its_field(manager: Client, washout: str):
    answer = manager.post("/trials/", {**FORM, "method": "switchback", "washout": washout})
    html = unescape(answer.content.decode())
    assert answer.status_code == 400
    assert 'id="washout-refused"' in html
    assert f'value="{washout}"' in html


def test_a_hidden_playbook_is_not_offered_and_refused_at_its_field(manager: Client):
    by = Agent.objects.get(username="some-manager")
    assert 'value="fast-and-caring"' in read(manager, "/trials/")
    editing.hide("fast-and-caring", by=by, wall_now=1.0)
    assert 'value="fast-and-caring"' not in read(manager, "/trials/")
    answer = manager.post("/trials/", {**FORM, "playbooks": ["fast-resolution", "fast-and-caring"]})
    html = unescape(answer.content.decode())
    assert answer.status_code == 400
    assert "This playbook is no longer offered. Choose another one." in html
    assert 'id="playbooks-refused"' in html


def test_a_wrong_number_is_refused_at_its_field_and_nothing_is_lost(manager: Client):
    answer = manager.post("/trials/", {**FORM, "planned": "many"})
    html = unescape(answer.content.decode())
    assert answer.status_code == 400
    assert 'id="planned-refused"' in html
    assert 'value="Autumn"' in html
    assert not Trial.objects.exists()


def test_an_open_look_shows_the_difference_with_its_interval_and_lets_the_trial_end(manager: Client):
    manager.post("/trials/", {**FORM, "strata": []})
    begun = Trial.objects.get()
    for n in range(10):
        come_in(n, at=now())
    for place, row in enumerate(allocation.placed_of(begun)):
        outcome = Outcome.objects.get(ticket=row.ticket_id)
        data = {**outcome.data, "csat": (4 if row.arm else 1) + place % 2}
        Outcome.objects.filter(pk=outcome.pk).update(data=data)

    said = plain(read(manager, f"/trials/{begun.pk}/"))
    assert "A difference is shown:" in said
    assert "End the trial" in said

    manager.post(f"/trials/{begun.pk}/end/")
    html = read(manager, f"/trials/{begun.pk}/")
    assert str(Trial.objects.get().seed) in html
    assert Trial.objects.get().state == "ended"


def test_too_early_an_end_is_refused_and_a_trial_can_be_cancelled(manager: Client):
    manager.post("/trials/", FORM)
    begun = Trial.objects.get()
    manager.post(f"/trials/{begun.pk}/end/")
    assert Trial.objects.get().state == "running"
    manager.post(f"/trials/{begun.pk}/cancel/", {"reason": "the shop is closed"})
    assert "it has no result. the shop is closed" in plain(read(manager, f"/trials/{begun.pk}/"))


def test_a_comparison_is_called_what_it_is(manager: Client):
    assert randomised(Choice("main")).kind == "nothing"
    come_in(1, at=now(), playbook="fast-resolution")
    assert randomised(Choice("main")).kind == "not"
    assert randomised(Choice("main")).warns
    manager.post("/trials/", FORM)
    come_in(2, at=now())
    assert randomised(Choice("main")).kind == "mixed"
    assert randomised(Choice("rehearsal:x")).kind == "same_customers"


def test_the_queries_of_a_trial_do_not_grow_with_its_tickets(manager: Client, django_assert_max_num_queries: Any):
    manager.post("/trials/", FORM)
    begun = Trial.objects.get()
    for n in range(12):
        come_in(n, at=now())
    with django_assert_max_num_queries(12):
        manager.get(f"/trials/{begun.pk}/")


# Prevention


def weeks_of_complaints() -> None:
    start = now() - 8 * WEEK
    for n in range(16):
        come_in(n, at=start + n * 42 * 3_600, cause="a truck that broke down")
    come_in(40, at=start + 5 * WEEK, cause="a truck that broke down")
    for n in range(6):
        come_in(50 + n, at=start + n * WEEK, cause="a lost label")


def test_causes_stand_by_week_with_their_counts_and_a_table(manager: Client):
    weeks_of_complaints()
    html = read(manager, "/prevention/")
    assert "Late delivery: a truck that broke down" in html
    assert html.count('<rect class="bar"') >= 8
    assert "The pictures as a table" in html


def test_a_measure_is_noted_and_its_effect_is_said_with_the_interval(manager: Client):
    weeks_of_complaints()
    day = clocks.at(now() - 4 * WEEK).date().isoformat()  # type: ignore[union-attr]
    form = {"cause": "delivery_delay/=a truck that broke down", "text": "Another carrier", "day": day}
    assert manager.post("/prevention/measures/", form).status_code == 302

    said = plain(read(manager, "/prevention/"))
    assert PreventionMeasure.objects.get().text == "Another carrier"
    assert "Complaints fell:" in said
    assert "All other causes went from" in said


def test_a_day_that_has_not_come_is_refused_and_the_text_stays(manager: Client):
    come_in(1, at=now())
    form = {"cause": "delivery_delay/not_found", "text": "Another carrier", "day": "2999-01-01"}
    answer = manager.post("/prevention/measures/", form)
    html = unescape(answer.content.decode())
    assert answer.status_code == 400
    assert "This day has not come yet." in html
    assert 'value="Another carrier"' in html


def test_a_notice_is_noted_with_its_estimate(manager: Client):
    come_in(1, at=now() - DAY)
    form = {
        "cause": "delivery_delay/not_found",
        "text": "Your parcel is late.",
        "told": "120",
        "not_told": "",
        "day": "",
    }
    assert manager.post("/prevention/notices/", form).status_code == 302
    said = plain(read(manager, "/prevention/"))
    assert AdvanceNotice.objects.get().told == 120
    assert "Estimate of the customer model, nobody was asked: +" in said


def test_the_queries_of_prevention_do_not_grow_with_the_tickets(manager: Client, django_assert_max_num_queries: Any):
    weeks_of_complaints()
    prevention.take_measure(
        {"cause": "delivery_delay/not_found", "text": "x"}, clock=clocks.main_clock(), by=None, now=now()
    )
    with django_assert_max_num_queries(18):
        manager.get("/prevention/")
