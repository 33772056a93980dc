"""A desk filled with a past: whole rows, sums that agree, and a word where it would mix with people's tickets."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from playbooks import filling, intake, rollup_days, rollups
from playbooks.core.experiments.history import History, Wish, history
from playbooks.core.outcome import summary
from playbooks.core.playbook import built_in
from playbooks.core.tally import HISTOGRAMS
from playbooks.definitions import FAST, LETTER
from playbooks.held import hold
from playbooks.models import Outcome, Rollup, RollupMark, RollupShare
from playbooks.outcomes import from_data, to_data
from playbooks.pages import choice as choices
from tests.playbooks.cases import START, case_on
from tests.rest import Desk
from tickets import clock as clocks
from tickets.durations import durations
from tickets.errors import Invalid
from tickets.lifecycle import status_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
TICKETS = 300


@pytest.fixture(scope="module")
def past() -> History:
    return history(Wish(TICKETS, 60, 3, (built_in()[FAST], built_in()[LETTER])))


@pytest.fixture
def filled(past: History) -> History:
    filling.fill(past, clock=clocks.main_clock(), now=START)
    return past


def test_a_past_has_as_many_tickets_as_were_asked_for_under_both_playbooks(past: History) -> None:
    assert len(past) == TICKETS
    assert 0.4 < past["playbook"].mean() < 0.6
    assert (past["answered"] >= 0).sum() > TICKETS / 3
    assert 0 < (past["left"] >= 0).sum() < TICKETS / 2
    assert past["opened"].max() < 60 * 86_400


def test_the_same_wish_gives_the_same_past(past: History) -> None:
    again = history(past.wish)
    assert all((again[name] == column).all() for name, column in past.columns.items())


def test_sums_of_filled_tickets_are_those_of_their_outcomes(filled: History) -> None:
    assert Outcome.objects.count() == TICKETS
    assert not rollups.behind()
    assert rollups.recompute(check=True) == []
    before = list(Rollup.objects.order_by("key").values_list("key", *rollups.COLUMNS))
    for model in (Rollup, RollupShare, RollupMark):
        model.objects.all().delete()
    rollups.fold_all()
    assert list(Rollup.objects.order_by("key").values_list("key", *rollups.COLUMNS)) == before


def test_what_is_read_of_a_filled_desk_is_what_its_outcomes_say(filled: History) -> None:
    exact = summary(from_data(row.data) for row in Outcome.objects.all())
    for playbook, of in rollup_days.read(source="main", histograms=HISTOGRAMS).items():
        found = of.total().summary()
        assert found["n"] == exact[playbook]["n"]
        assert found["steps"] == exact[playbook]["steps"]
        assert found["nps"] == exact[playbook]["nps"]
        for span in ("human_reply", "resolution", "bot_reply"):
            for clock in ("calendar", "business"):
                for what, seconds in exact[playbook][span][clock].items():
                    assert found[span][clock][what] == (None if seconds is None else pytest.approx(seconds, rel=0.01))


def test_a_filled_tickets_outcome_has_the_shape_and_the_times_of_its_log(filled: History) -> None:
    for ticket in Ticket.objects.order_by("pk")[:40]:
        case = hold(ticket.pk)
        outcome = from_data(ticket.outcome.data)
        assert list(to_data(outcome)) == list(ticket.outcome.data)
        times = durations(case.standing.log, now=ticket.updated_at, calendar=case.setting.calendar)
        assert times.human_reply_time == outcome.human_reply
        assert times.full_resolution_time == outcome.resolution
        assert status_of(case.standing.log) == ticket.status
        assert ticket.last_seq == ticket.events.count()


def test_nobody_takes_a_filled_ticket_for_a_lost_one(filled: History) -> None:
    assert intake.give_missing_runs() == 0
    assert Ticket.objects.filter(clock__main=True).order_by("-number").first().number == TICKETS
    assert case_on(clocks.main_clock()).number == TICKETS + 1


def test_the_page_and_the_resource_of_a_filled_ticket_open(filled: History, client: Client, desk: Desk) -> None:
    client.force_login(desk.manager.agent)
    for ticket in Ticket.objects.filter(status__in=("solved", "pending")).order_by("pk")[:4]:
        assert client.get(f"/tickets/{ticket.pk}/").status_code == 200
        assert desk.manager.get(f"tickets/{ticket.pk}/").status_code == 200


def test_the_comparison_of_a_filled_desk_takes_nothing_apart_that_filled_tickets_lack(
    filled: History, client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have no words and no steps. Everything else is there, from the sums alone too."""
    client.force_login(desk.manager.agent)
    client.cookies["django_language"] = "en"
    for most in (choices.NEWEST, 10):
        monkeypatch.setattr(choices, "NEWEST", most)
        html = client.get("/compare/", {"source": "main"}).content.decode()
        assert f"{len(filled):,}" in html or str(len(filled)) in html
        assert "Differences, judged" in html
        assert "What the gap is made of" not in html
        assert "by stage (JIS Q 10002)" not in html


def test_a_desk_with_tickets_of_its_own_is_filled_only_when_that_is_wanted() -> None:
    case_on(clocks.main_clock())
    asked = ["fill", "--tickets", "40", "--days", "20"]
    with pytest.raises(CommandError, match="tickets of its own"):
        call_command(*asked, stdout=StringIO())
    said = StringIO()
    call_command(*asked, "--anyway", stdout=said)
    assert "40 tickets over 20 days" in said.getvalue()
    assert "no texts" in said.getvalue()
    with pytest.raises(CommandError, match="was filled with seed"):
        call_command(*asked, "--anyway", stdout=StringIO())


@pytest.mark.parametrize(("name", "value"), [("tickets", 0), ("tickets", 10**9), ("days", 0), ("seed", -1)])
def test_a_past_that_cannot_be_is_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(Invalid) as refused:
        Wish(**{"tickets": 10, "days": 10, "seed": 1, "playbooks": (built_in()[FAST],), name: value})
    assert refused.value.field == name
