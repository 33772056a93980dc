"""What the gap between playbooks is made of, on the comparison: computed for the tickets compared, and kept."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helpdesk.access import ensure_agent
from playbooks import rehearsal as rehearsals
from playbooks.core.attribution import PARTS
from playbooks.core.customer.evidence import Switches
from playbooks.core.scenarios import scenarios
from playbooks.models import Outcome
from playbooks.pages import choice as choices
from playbooks.pages import compared
from playbooks.pages import gap as gap_pages
from playbooks.pages.figures import columns
from playbooks.pages.gap import Gap, gaps
from playbooks.shifts import scenario_complaint
from tickets.models import Clock, TicketEvent

pytestmark = pytest.mark.django_db

KEY = "rehearsal/gap"
CUSTOMERS = 4
SOURCE = f"rehearsal:{KEY}"


@pytest.fixture(scope="module", autouse=True)
def rehearsed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        complaints = [
            scenario_complaint(key, "ja", key=str(place), seed=3, playbook="rule")
            for place, key in enumerate(list(scenarios())[:CUSTOMERS])
        ]
        rehearsal = rehearsals.prepare(complaints, key=KEY, seed=3, days=20, switches=Switches("meta", letter=False))
        for _clock in rehearsals.run(rehearsal):
            pass
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


def the_gap(**query: str) -> Gap:
    choice = choices.choice_of({"source": SOURCE, **query}, choices.rehearsals())
    found = compared.read(choice)
    (gap,) = gaps(choice, columns(found.outcomes, choices.playbooks_of(frozenset(o.playbook for o in found.outcomes))))
    return gap


def number(words: str) -> float:
    return float(words.replace("−", "-"))


def test_the_parts_add_up_to_the_gap_that_the_outcomes_show():
    gap = the_gap()
    of = {key: [] for key in ("fast-resolution", "apology-letter-gift")}
    for row in Outcome.objects.all():
        of[row.playbook].append(row.data["satisfaction"])
    fast, letter = (sum(values) / CUSTOMERS for values in of.values())
    assert len(gap.parts) == len(PARTS) + 1
    assert sum(number(part.effect) for part in gap.parts) == pytest.approx(letter - fast, abs=0.05)
    assert f"{CUSTOMERS} customers, each under both playbooks" in gap.sample


def test_the_switches_under_which_the_customers_lived_are_named_and_turned():
    gap = the_gap()
    assert any("meta-analyses" in words for words in gap.switches)
    assert any("a letter has no bonus" in words for words in gap.switches)
    assert len(gap.switched) == 4


def test_tickets_under_other_switches_are_left_out_and_that_is_said():
    ticket = Outcome.objects.filter(playbook="fast-resolution").order_by("-opened_at").first().ticket
    other = Clock.objects.create(key="other", switches={"speed_model": "tarp", "letter": True, "gift": True})
    Outcome.objects.filter(ticket=ticket).update(clock=other, opened_at=0)
    choice = choices.Choice(source=choices.ALL)
    found = compared.read(choice)
    (gap,) = gaps(choice, columns(found.outcomes, {}))
    assert "left out" in gap.sample


def test_it_is_computed_once_until_something_happens(monkeypatch):
    cache.clear()
    counted = []
    computed = gap_pages._computed
    monkeypatch.setattr(gap_pages, "_computed", lambda sample: counted.append(1) or computed(sample))
    first = the_gap()
    assert the_gap() == first
    assert len(counted) == 1
    last = TicketEvent.objects.order_by("-pk").first()
    last.pk, last.seq = None, last.seq + 1
    last.save(force_insert=True)
    the_gap()
    assert len(counted) == 2


def test_it_costs_as_many_queries_for_few_tickets_as_for_many():
    cache.clear()
    with CaptureQueriesContext(connection) as one:
        the_gap(category="delivery_delay")
    cache.clear()
    with CaptureQueriesContext(connection) as all_of_them:
        the_gap()
    assert len(one) == len(all_of_them)


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_the_page_draws_it_names_the_marks_and_what_speaks_against_each_part(language: str):
    client = Client()
    client.force_login(ensure_agent("boss", role="manager"))
    answer = client.get("/compare/", {"source": SOURCE}, headers={"Accept-Language": language})
    html = unescape(answer.content.decode())
    assert len(re.findall(r'<svg class="bars plot', html)) == 2
    assert html.count('class="bar"') == 2 * (len(PARTS) + 1)
    section = html[html.index('class="gap"') :]
    for words in ("de Hooge", "Chebat", "Orsingher", "Abeler"):
        assert words in section
