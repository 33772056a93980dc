"""The manager's page without a browser: who sees it, what it says, how a choice narrows it, and its rows as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from html import unescape

import pyarrow.parquet as parquet
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from playbooks import exports, rollups
from playbooks import rehearsal as rehearsals
from playbooks.core.adherence import HOWS
from playbooks.core.case import SEVERITY_BANDS, severity_band
from playbooks.core.handled import Handled
from playbooks.core.outcome import summary
from playbooks.core.scenarios import scenarios
from playbooks.exports import cell
from playbooks.models import Outcome, PlaybookRun, Rehearsal, StepRun
from playbooks.outcomes import from_data, values
from playbooks.pages import choice as choices
from playbooks.pages import compared, outcomes_tickets
from playbooks.pages.answer import provenance
from playbooks.pages.choice import Choice
from playbooks.pages.figures import columns
from playbooks.pages.outcomes_judged import judged_pairs
from playbooks.pages.outcomes_tickets import behind
from playbooks.shifts import scenario_complaint
from tickets.models import Agent, Clock, Ticket

pytestmark = pytest.mark.django_db

KEY = "rehearsal/autumn"
CUSTOMERS = 6
HTMX = {"HX-Request": "true", "HX-Target": "progress"}


@pytest.fixture(scope="module", autouse=True)
def rehearsed(django_db_setup, django_db_blocker):
    """Six customers in three languages under both playbooks, worked to their end once for all tests."""
    with django_db_blocker.unblock():
        complaints = [
            scenario_complaint(key, ("ja", "ko", "en")[place % 3], key=str(place), seed=3, playbook="rule")
            for place, key in enumerate(list(scenarios())[:CUSTOMERS])
        ]
        rehearsal = rehearsals.prepare(complaints, key=KEY, seed=3, days=40)
        for _clock in rehearsals.run(rehearsal):
            pass
        everybody_answers()
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


def everybody_answers() -> None:
    """Whom the customer model leaves silent answers here too, so that there is something to compare."""
    for place, row in enumerate(Outcome.objects.order_by("pk")):
        invited = sorted({*row.data["invited"], "csat"})
        Outcome.objects.filter(pk=row.pk).update(data={**row.data, "invited": invited, "csat": 2 + place % 4})


@pytest.fixture
def manager() -> Client:
    return signed_in("boss", Agent.MANAGER)


def signed_in(name: str, role: str) -> Client:
    client = Client()
    client.force_login(Agent.objects.create(username=name, role=role))
    return client


def page(client: Client, *, reader: str = "en", **query: str) -> str:
    client.cookies["django_language"] = reader
    answer = client.get("/compare/", query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def table_row(html: str, label: str) -> list[str]:
    """The cells beside a measure, as words."""
    (found,) = re.findall(rf'<th scope="row">{re.escape(label)}<.*?</tr>', html, flags=re.DOTALL)
    return [plain(one).strip() for one in re.findall(r"<td>(.*?)</td>", found, flags=re.DOTALL)]


def lines(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get("/compare/rows.csv", query)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# Who sees it


@pytest.mark.parametrize("address", ["/compare/", "/compare/rows.csv"])
def test_somebody_who_has_not_signed_in_is_asked_to(address: str):
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("address", ["/compare/", "/compare/rows.csv"])
def test_for_a_trainee_there_is_no_comparison(address: str):
    assert signed_in("mina", Agent.TRAINEE).get(address).status_code == 404


def test_the_page_is_read_and_never_posted_to(manager):
    assert manager.post("/compare/").status_code == 405


# What it says


def test_every_measure_stands_beside_each_playbook_with_its_n(manager):
    html = page(manager)
    found = summary(values(Outcome.objects.all()))
    whole = html[html.index('id="table-title"') :]
    heads = re.findall(r'<th scope="col" class="figure"><span class="playbook hue-(\w+)">', whole)
    assert heads == ["blue", "vermilion"]
    assert table_row(html, "Tickets") == [
        "6 1 handled after the customer had left",
        "6 2 handled after the customer had left",
    ]
    for key, said in zip(("fast-resolution", "apology-letter-gift"), table_row(html, "CSAT, mean of 1–5"), strict=True):
        csat = found[key]["csat"]
        assert said.startswith(f"{csat['mean']['estimate']:.2f}")
        assert said.endswith(f"n {csat['answered']}, very few")


@pytest.mark.parametrize(
    "measure",
    [
        "First human reply, median", "First human reply, nine in ten within", "Not answered by a person yet",
        "First human reply within the playbook's own target", "Resolution, median", "Resolution, nine in ten within",
        "Not resolved yet", "CSAT, share of 4 and 5", "CSAT, response rate", "CES, mean of 1–7", "CES, response rate",
        "NPS, −100 to 100", "NPS, response rate", "Bought again within 30 days", "People told good things, per ticket",
        "People told bad things, per ticket", "Gave up and left without a word", "Came back: ticket reopened",
        "Agent's work a ticket, mean", "Tickets per agent hour", "Steps done in time", "Steps missed",
    ],
)  # fmt: skip
def test_no_measure_is_missing(manager, measure: str):
    assert len(table_row(page(manager), measure)) == 2


def test_won_yen_and_dollars_have_a_row_each_and_no_sum(manager):
    html = page(manager)
    for currency, sign in (("won", "₩"), ("yen", "¥"), ("dollars", "$")):
        for said in table_row(html, f"Cost a ticket in {currency}, mean"):
            assert set("₩¥$") & set(said) == {sign}
    assert html.count("Cost a ticket in") == 3


def test_the_picture_has_a_mark_a_playbook_a_title_and_words(manager):
    html = page(manager)
    (svg,) = re.findall(r'<svg class="plot broad".*?</svg>', html, flags=re.DOTALL)
    assert 'role="img"' in svg
    assert re.search(r'<title id="plot-broad-title">\S', svg)
    assert "Fast resolution: first human reply" in re.search(r"<desc.*?</desc>", svg, flags=re.DOTALL)[0]
    assert svg.count('class="mark"') == 2
    assert "The picture as a table" in html


def test_the_page_holds_no_style_that_the_policy_would_refuse(manager):
    html = page(manager)
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=", html)


def test_the_answer_is_a_sentence_that_calls_few_answers_few(manager):
    said = plain(page(manager))
    assert re.search(r"Fast resolution: first human reply .* \(median\), CSAT .* \(mean of \d+ answers\)\.", said)
    assert not re.search(r"points (more|less) CSAT, the first human reply", said)
    assert "far too few to tell a difference from chance" in said
    assert "tickets and" in said
    assert "CSAT answers are few" in said


def test_what_contradicts_the_premise_stands_beside_the_picture(manager):
    html = page(manager)
    for study in ("de Hooge & Straeter 2023", "Chebat, Roth & Chebat 2020", "an assumption of the customer model"):
        assert study in html
    assert "not measurements of people" in html


@pytest.mark.parametrize(("language", "title"), [("ko", "사과 편지와 선물"), ("ja", "お詫び状とお詫びの品")])
def test_the_page_speaks_the_language_of_its_reader(manager, language: str, title: str):
    html = page(manager, reader=language)
    assert f'<html lang="{language}">' in html
    assert title in html
    assert "Every measure" not in html


def test_how_tickets_came_to_their_playbook_is_counted(manager):
    Clock.objects.filter(rehearsals__key=KEY).update(main=True)
    PlaybookRun.objects.filter(ticket__number__lte=2).update(assigned_by=PlaybookRun.RANDOM)
    said = plain(page(manager))
    assert "4 by random draw, 0 by rule, 8 by choice" in said
    assert "get different cases" in said
    assert "every customer comes in once under each playbook" not in said


def test_a_rehearsal_is_compared_customer_by_customer_and_said_to_be_one(manager):
    said = plain(page(manager, source=f"rehearsal:{KEY}"))
    assert "every customer comes in once under each playbook" in said
    assert "by random draw" not in said


def test_customers_of_two_rehearsals_with_equal_keys_stay_apart():
    """Twelve rehearsals of the same customers: twelve times as many answers, no longer far too few."""
    once = values(Outcome.objects.all())

    def judged(outcomes):
        handled = [Handled(place, one, one.opened_at, "") for place, one in enumerate(outcomes)]
        (pair,) = judged_pairs(columns(outcomes, {}), handled, same_customers=False)
        return pair

    assert "far too few" in judged(once).sure[0]
    assert "far too few" not in judged(once * 12).sure[0]


@pytest.mark.parametrize(("names", "said"), [("auto-01 auto-02", "automatic agents"), ("kim lee", "trainees")])
def test_whoever_handled_the_tickets_is_called_what_they_are(names: str, said: str):
    one, two = names.split()
    outcomes = values(Outcome.objects.all())
    handled = [Handled(at, o, o.opened_at, one if at % 2 else two) for at, o in enumerate(outcomes * 4)]
    (pair,) = judged_pairs(columns(outcomes * 4, {}), handled, same_customers=False)
    assert any(note.startswith(f"Several {said} handled") for note in pair.notes)


def test_where_money_is_of_several_currencies_the_page_leads_to_each_language(manager):
    html = page(manager, source=f"rehearsal:{KEY}")
    assert re.search(r'href="/compare/\?[^"]*language=ja">Costs of tickets in Japanese</a>', html)
    narrowed = page(manager, source=f"rehearsal:{KEY}", language="ja")
    assert "Costs of tickets in" not in narrowed


def test_a_playbook_without_a_definition_is_called_by_its_key(manager):
    Outcome.objects.filter(playbook="apology-letter-gift").update(playbook="lost")
    for row in Outcome.objects.filter(playbook="lost"):
        Outcome.objects.filter(pk=row.pk).update(data={**row.data, "playbook": "lost"})
    assert '<span class="playbook hue-ochre">lost</span>' in page(manager)


def test_a_single_playbook_is_not_compared_with_anything(manager):
    Outcome.objects.filter(playbook="apology-letter-gift").delete()
    assert "A comparison takes two" in page(manager)


def test_tickets_that_nobody_answered_count_as_the_longest_waits(manager):
    for row in Outcome.objects.filter(playbook="fast-resolution").order_by("pk")[:4]:
        never = {"calendar": None, "business": None}
        Outcome.objects.filter(pk=row.pk).update(
            data={**row.data, "human_reply": never, "resolution": never, "resolved": False}
        )
    html = page(manager)
    assert table_row(html, "First human reply, median")[0].startswith("not ended")
    assert table_row(html, "Not answered by a person yet")[0] == "4 of 6"
    assert table_row(html, "Tickets")[0].startswith("6 4 still open")
    assert "Fast resolution: first human reply –" in plain(html)
    assert html.count('class="mark"') > 0


def test_what_came_after_the_customer_had_left_counts_as_never(manager):
    for row in Outcome.objects.filter(playbook="fast-resolution"):
        Outcome.objects.filter(pk=row.pk).update(data={**row.data, "abandoned": False, "left_at": None})
    for row in Outcome.objects.filter(playbook="fast-resolution").order_by("pk")[:4]:
        seconds = {"calendar": 7_200, "business": 7_200}
        late = {"human_reply": seconds, "resolution": seconds, "resolved": True, "abandoned": True}
        Outcome.objects.filter(pk=row.pk).update(data={**row.data, **late, "left_at": row.data["opened_at"] + 3_600})
    html = page(manager)
    assert table_row(html, "First human reply, median")[0].startswith("not ended")
    assert table_row(html, "Resolution, median")[0].startswith("not ended")
    assert table_row(html, "Handled after the customer had left")[0] == "4 of 6"
    assert "all resolved" not in table_row(html, "Tickets")[0]
    assert "4 handled after the customer had left" in table_row(html, "Tickets")[0]
    lists = {about: behind(Choice(), "fast-resolution", about).count() for about in ("in_vain", "answered", "ended")}
    assert lists == {"in_vain": 4, "answered": 2, "ended": 2}


def test_an_empty_desk_says_what_to_do_next(manager):
    Outcome.objects.all().delete()
    said = page(manager)
    assert "manage.py rehearse --file" in said
    assert "Start a shift" in said


# What is chosen


def test_a_choice_in_the_address_narrows_every_number(manager):
    html = page(manager, source=f"rehearsal:{KEY}", language="ja")
    assert [said.split()[0] for said in table_row(html, "Tickets")] == ["2", "2"]
    assert '<option value="ja" selected>' in html
    assert "/compare/rows.csv?source=rehearsal%3Arehearsal%2Fautumn&language=ja" in html


def test_the_main_desk_and_shifts_hold_none_of_a_rehearsal():
    assert compared.read(Choice(source=choices.MAIN)).of == 0
    assert compared.read(Choice(source=choices.SHIFTS)).of == 0
    assert compared.read(Choice(source=f"rehearsal:{KEY}")).of == 2 * CUSTOMERS


def test_the_kind_of_source_is_found_by_its_clock():
    Clock.objects.filter(key__endswith="fast-resolution").update(main=True)
    assert compared.read(Choice(source=choices.MAIN)).desks == {"main"}
    assert compared.read(Choice()).desks == {"main", "rehearsals"}


def test_both_days_belong_to_the_period_as_the_desk_counts_them():
    """2026-09-09 in Tokyo and Seoul is 15:00 UTC on the 8th to 15:00 UTC on the 9th."""
    row = Outcome.objects.order_by("pk").first()
    day = choices.choice_of({"since": "2026-09-09", "until": "2026-09-09"}, {})
    Outcome.objects.exclude(pk=row.pk).update(opened_at=0)
    midnight = choices.midnight(day.since)
    for opened_at, inside in ((midnight - 1, 0), (midnight, 1), (midnight + 86_399, 1), (midnight + 86_400, 0)):
        Outcome.objects.filter(pk=row.pk).update(opened_at=opened_at)
        assert compared.read(day).of == inside


def test_without_a_choice_the_newest_rehearsal_is_shown_rather_than_a_mixture(manager):
    assert f'<option value="rehearsal:{KEY}" selected>' in page(manager)


def test_tickets_that_people_handled_come_before_any_rehearsal(manager):
    Clock.objects.filter(key=f"{KEY}/fast-resolution").update(main=True)
    assert choices.default_source(choices.rehearsals()) == f"rehearsal:{KEY}"  # machines worked them
    PlaybookRun.objects.filter(clock__key=f"{KEY}/fast-resolution").update(worker=None)
    assert choices.default_source(choices.rehearsals()) == choices.MAIN


def repeat(key: str = "rehearsal/2-1795300000", **settings: object) -> Rehearsal:
    """A rehearsal laid out like the one there is; `settings` differ."""
    first = Rehearsal.objects.get(key=KEY)
    return Rehearsal.objects.create(key=key, seed=first.seed, settings={**first.settings, **settings})


def test_identical_rehearsals_count_once(manager):
    again = repeat(file="other-name.jsonl", made_at=1_795_300_000)
    known = choices.rehearsals()
    assert choices.repeated(known) == {KEY}
    everything = choices.choice_of({"source": "all"}, known)
    assert compared.read(everything).of == 0  # the newer one, which has no tickets yet, stands for both
    assert f'value="rehearsal:{KEY}"' not in page(manager)
    again.delete()
    repeat(days=41)
    assert choices.repeated(choices.rehearsals()) == frozenset()


def test_a_rehearsal_is_called_by_its_file_and_day():
    named = repeat(file="complaints.jsonl", made_at=1_795_300_000)
    assert choices.title_of(named) == "complaints.jsonl · 2026-11-22 · seed 3"
    assert choices.title_of(Rehearsal(key="rehearsal/1-1795300000", seed=7)).startswith("1 · 2026-11-22")
    assert choices.title_of(Rehearsal.objects.get(key=KEY)) == "autumn"


def test_a_manager_narrows_to_one_trainee(manager):
    mina = Agent.objects.create(username="mina", role=Agent.TRAINEE, first_name="Mina")
    Ticket.objects.filter(number__lte=2).update(assignee=mina)
    html = page(manager, source="all", trainee="mina")
    assert [said.split()[0] for said in table_row(html, "Tickets")] == ["2", "2"]
    assert '<option value="mina" selected>Mina</option>' in html
    assert {line["ticket"] for line in lines(manager, source="all", trainee="mina")} == {"1", "2"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"trainee": "nobody"}, "trainee"),
        ({"source": "rehearsal:gone"}, "source"),
        ({"source": "everybody"}, "source"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"since": "9999-12-31"}, "since"),
        ({"until": "0001-01-01"}, "until"),
        ({"since": "2026-09-10", "until": "2026-09-09"}, "until"),
        ({"language": "fr"}, "language"),
        ({"category": "'; drop"}, "category"),
    ],
)
def test_what_the_address_gets_wrong_is_said_beside_its_field(manager, query: dict[str, str], field: str):
    answer = manager.get("/compare/", query)
    assert answer.status_code == 400
    assert f'id="{field}-refused"' in answer.content.decode()
    rows = manager.get("/compare/rows.csv", query)
    assert rows.status_code == 400
    assert rows.content.decode().startswith(f"{field}: ")


def test_a_choice_that_fits_no_ticket_offers_the_way_back(manager):
    assert "No ticket fits this choice" in page(manager, since="2030-01-01")


def test_beyond_the_most_that_is_read_the_page_says_so():
    found = compared.read(Choice(), newest=4)
    assert (len(found.outcomes), found.of) == (4, 2 * CUSTOMERS)
    assert provenance(found)[0].startswith("These figures are of the newest 4 of 12 tickets.")


# Of more tickets than are read one by one


@pytest.fixture
def many(monkeypatch) -> None:
    """On a main desk of twelve tickets only one is read; sums know them all."""
    Clock.objects.filter(rehearsals__key=KEY).update(main=True)
    Clock.objects.filter(main=True).update(sim_at=Clock.objects.order_by("-sim_at").first().sim_at + 40 * 86_400)
    PlaybookRun.objects.update(worker=None)
    monkeypatch.setattr(choices, "NEWEST", 1)
    monkeypatch.setattr(rollups, "unread", lambda most: 0)
    rollups.fold_all()


EXACT = (
    "Tickets", "First human reply within 24 hours", "CSAT, mean of 1–5", "CSAT, share of 4 and 5", "NPS, −100 to 100",
    "CES, mean of 1–7", "Bought again within 30 days", "People told good things, per ticket",
    "Gave up and left without a word", "Cost a ticket in won, mean", "Tickets per agent hour", "Steps done in time",
)  # fmt: skip


@pytest.mark.parametrize(
    "narrowed", [{}, {"language": "ja"}, {"category": "defective_item"}, {"playbook": "fast-resolution"}]
)
def test_of_many_tickets_every_figure_is_of_all_of_them(manager, many, monkeypatch, narrowed: dict[str, str]):
    from_sums = page(manager, source="main", **narrowed)
    monkeypatch.setattr(choices, "NEWEST", 5_000)
    one_by_one = page(manager, source="main", **narrowed)
    assert "of the newest 1." in plain(from_sums)
    assert "of the newest 1." not in plain(one_by_one)
    crossed = "language" in narrowed or "category" in narrowed
    assert ("intervals count tickets, not trainees" in plain(from_sums)) == crossed
    for label in EXACT:
        if f">{label}<" in one_by_one:
            here, there = table_row(from_sums, label), table_row(one_by_one, label)
            assert ([cell.split()[0] for cell in here] if crossed else here) == (
                [cell.split()[0] for cell in there] if crossed else there
            ), label


def test_of_many_tickets_differences_are_judged_by_all_of_them(manager, many, monkeypatch):
    from_sums = plain(page(manager, source="main"))
    monkeypatch.setattr(choices, "NEWEST", 5_000)
    one_by_one = plain(page(manager, source="main"))

    def judged(html: str) -> str:
        return html[html.index("CSAT, mean of the answers") : html.index("What the gap is made of")]

    assert judged(from_sums) == judged(one_by_one)
    assert "Of all tickets older than 28 days" in from_sums


def test_two_conditions_at_once_are_read_of_the_newest_tickets_and_said_to_be(manager, many, monkeypatch):
    ticket = Ticket.objects.filter(language="ja").select_related("case_file").first()
    band = severity_band(ticket.case_file.case["severity"])
    said = plain(page(manager, source="main", language="ja", severity=band))
    assert re.search(r"of the newest 1 of \d tickets", said)
    assert "one condition at a time" in said


def test_while_sums_are_being_made_the_page_says_so(manager, many, monkeypatch):
    monkeypatch.setattr(rollups, "unread", lambda most: most)
    said = plain(page(manager, source="main"))
    assert "These figures are of the newest 1 of 12 tickets." in said
    assert "still being made" in said


def test_pairs_of_the_same_customers_are_judged_of_those_that_were_read(manager, monkeypatch):
    rollups.fold_all()
    monkeypatch.setattr(choices, "NEWEST", 6)
    said = plain(page(manager, source=f"rehearsal:{KEY}"))
    assert "Of the newest 6 of 12 tickets." in said
    assert "pair by pair" in said


def test_a_long_list_is_not_counted_to_its_end(manager, monkeypatch):
    monkeypatch.setattr(outcomes_tickets, "MOST_LISTED", 5)
    said = plain(unescape(manager.get("/compare/tickets/", {"source": "all"}).content.decode()))
    assert "More than 5 tickets" in said
    assert "Page 1 of 1" in said


def test_without_a_choice_a_large_desk_that_people_worked_on_is_found_by_its_sums(manager, many):
    assert choices.default_source(choices.rehearsals()) == choices.MAIN


def test_a_page_costs_as_many_queries_for_one_rehearsal_as_for_many(manager):
    page(manager, source="all")
    with CaptureQueriesContext(connection) as few:
        page(manager, source="all")
    for ordinal in range(5):
        other = Rehearsal.objects.create(key=f"other/{ordinal}", seed=1, settings={"start": 0, "days": 1})
        other.clocks.add(Clock.objects.create(key=f"other/{ordinal}/x"))
    with CaptureQueriesContext(connection) as many:
        page(manager, source="all")
    assert len(few) == len(many) <= 15


# A rehearsal under way


def start_again() -> None:
    """As if workers still had ten of the forty days before them."""
    start, day = rehearsals.START, 86_400
    Clock.objects.filter(rehearsals__key=KEY).update(target_at=start + 40 * day, sim_at=start + 30 * day)


def test_a_rehearsal_under_way_shows_how_far_it_is(manager):
    assert 'id="progress"' not in page(manager)
    start_again()
    html = page(manager)
    assert 'hx-trigger="every 2s"' in html
    assert "75%" in html
    assert 'id="progress"' not in page(manager, source="main")


def test_the_bar_comes_alone_and_at_the_end_the_page_comes_anew(manager):
    start_again()
    bar = manager.get("/compare/", headers=HTMX).content.decode()
    assert bar.strip().startswith('<div id="progress"')
    assert "<html" not in bar
    Clock.objects.update(target_at=None)
    assert manager.get("/compare/", headers=HTMX)["HX-Refresh"] == "true"


# The rows


def test_the_rows_are_one_line_a_ticket_with_what_the_outcome_holds(manager):
    found = lines(manager)
    assert len(found) == 2 * CUSTOMERS
    for line in found:
        outcome = Outcome.objects.get(clock__key=line["clock"], ticket__number=line["ticket"]).data
        assert line["playbook"] == outcome["playbook"]
        assert line["human_reply_calendar_seconds"] == str(outcome["human_reply"]["calendar"])
        assert line["resolution_business_seconds"] == str(outcome["resolution"]["business"])
        assert line["csat"] == ("" if outcome["csat"] is None else str(outcome["csat"]))
        assert line["csat_invited"] == ("true" if "csat" in outcome["invited"] else "false")
        assert float(line["satisfaction"]) == outcome["satisfaction"]
        assert line["assigned_by"] == "choice"
        assert line["opened_at"].startswith("2026-09-")


def test_the_rows_follow_the_choice(manager):
    assert {line["language"] for line in lines(manager, language="ko")} == {"ko"}
    assert lines(manager, source="main") == []


def test_excel_takes_the_rows_for_what_they_are(manager):
    answer = manager.get("/compare/rows.csv")
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="tickets.csv"'
    assert next(iter(answer.streaming_content)).startswith(b"\xef\xbb\xbfticket,")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＠x"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["A-17", "a=b", "", None, -0.25, 7])
def test_other_values_stay_as_they_are(value):
    assert cell(value) == value


def test_a_formula_in_an_external_id_does_not_reach_the_spreadsheet(manager):
    Ticket.objects.filter(number=1).update(external_id='=HYPERLINK("http://x")')
    found = [line["external_id"] for line in lines(manager) if line["ticket"] == "1"]
    assert found == ['\'=HYPERLINK("http://x")'] * 2


# Why: judged differences, waits, stages, steps


def test_differences_are_judged_with_what_this_n_could_show(manager):
    html = page(manager)
    judged = html[html.index('class="judged"') : html.index('class="gap"')]
    assert "CSAT is the primary outcome" in judged
    assert "The same customers are compared pair by pair" in judged
    assert judged.count("<tr class=") >= 10
    assert "not enough data" in plain(judged)  # six customers are few


def test_waits_are_drawn_and_stand_in_a_table(manager):
    html = page(manager)
    waits = html[html.index('class="curves"') : html.index('class="stages"')]
    assert waits.count('<svg class="plot curve broad"') == waits.count('<svg class="plot curve slim"') == 2
    assert waits.count("<title") == 4
    assert "gave up" in waits
    assert "within 1 day" in plain(waits)


def test_time_goes_by_the_stages_of_the_standard(manager):
    html = page(manager)
    stages = plain(html[html.index('class="stages"') : html.index('class="kept"')])
    for name in ("Acknowledgement", "Response", "Closing"):
        assert name in stages


def test_each_step_of_each_playbook_says_how_it_was_kept_and_why_it_was_left_out(manager):
    html = page(manager)
    kept = html[html.index('class="kept"') : html.index('id="table-title"')]
    assert "Send the apology letter" in kept
    assert "The case is too light for it." in kept or "The facts show no fault" in kept
    assert "about=step%3A" in kept


def test_the_report_is_the_same_choice_on_one_page_with_its_address(manager):
    said = page(manager, source=f"rehearsal:{KEY}", language="ja", report="1")
    assert "Playbooks compared" in said
    assert "/compare/?source=rehearsal%3Arehearsal%2Fautumn&language=ja" in said
    assert "de Hooge & Straeter 2023" in said
    assert '<form class="choice-bar"' not in said


@pytest.mark.parametrize(("reader", "title"), [("ko", "차이와 그 확실성"), ("ja", "差とその確かさ")])
def test_the_reasons_speak_the_language_of_their_reader(manager, reader: str, title: str):
    html = page(manager, reader=reader)
    assert title in html
    assert "Differences, judged" not in html


def test_a_choice_narrows_by_severity_culture_channel_and_playbook(manager):
    rows = choices.chosen(Choice())
    for query in ({"culture": "KR"}, {"severity": "grave"}, {"channel": "email"}, {"playbook": "fast-resolution"}):
        known = choices.known_playbooks()
        choice = choices.choice_of({"source": "all", **query}, choices.rehearsals(), {}, known)
        assert not choice.refused
        assert choice.narrowed
        narrowed = choices.chosen(choice)
        assert 0 <= narrowed.count() < rows.count()
        ((name, value),) = query.items()
        assert f"{name}={value}" in choice.query
    bands = [choices.chosen(Choice(severity=band)).count() for band in SEVERITY_BANDS]
    assert sum(bands) == rows.count()


@pytest.mark.parametrize("query", [{"severity": "x"}, {"culture": "FR"}, {"channel": "fax"}, {"playbook": "none"}])
def test_a_wrong_segment_is_said_beside_its_field(manager, query: dict[str, str]):
    answer = manager.get("/compare/", query)
    assert answer.status_code == 400
    assert f'id="{next(iter(query))}-refused"' in answer.content.decode()


def test_an_outcome_kept_before_leaving_was_recorded_is_still_read():
    row = Outcome.objects.first()
    old = {name: value for name, value in row.data.items() if name not in ("left_at", "left_silently")}
    assert from_data(old).left_at is None


# The tickets behind a number


def listed(client: Client, **query: str) -> list[str]:
    answer = client.get("/compare/tickets/", {"source": "all", **query})
    assert answer.status_code == 200
    return re.findall(r'href="/tickets/(\d+)/"', answer.content.decode())


def test_every_number_leads_to_its_tickets(manager):
    html = page(manager)
    whole = html[html.index('id="table-title"') :]
    links = set(re.findall(r'href="(/compare/tickets/[^"]+)"', html))
    assert len(links) > 30
    cells = re.findall(r'<span class="value">(.*?)</span>', whole)
    assert all("<a href" in one for one in cells if one != "–")
    for link in sorted(links)[::7]:
        assert manager.get(link).status_code == 200


def test_a_list_holds_what_its_number_counts(manager):
    found = summary(values(Outcome.objects.all()))["fast-resolution"]
    of = {"of": "fast-resolution"}
    assert len(listed(manager, **of)) == found["n"]
    reply = found["human_reply"]
    assert len(listed(manager, **of, about="unanswered")) == reply["unended"] - reply["in_vain"]
    assert len(listed(manager, **of, about="answered")) == found["n"] - reply["unended"]
    assert len(listed(manager, **of, about="in_vain")) == found["in_vain"] == 1
    assert len(listed(manager, **of, about="csat")) == found["csat"]["answered"]
    assert len(listed(manager, **of, about="csat_asked")) == found["csat"]["asked"]
    assert len(listed(manager, **of, about="nps")) == found["nps"]["answered"]
    unknown = [row.pk for row in Outcome.objects.all() if row.data["nps"] is None]
    assert not set(listed(manager, about="nps")) & {str(Outcome.objects.get(pk=pk).ticket_id) for pk in unknown}
    told = sum(one.abandoned for one in values(Outcome.objects.filter(playbook="fast-resolution")))
    assert len(listed(manager, **of, about="abandoned")) == told


def test_steps_lead_to_the_tickets_on_which_they_ended_so(manager):
    found = [len(listed(manager, of="fast-resolution", about=f"step:acknowledge:{how}")) for how in HOWS]
    assert sum(found) == StepRun.objects.filter(step="acknowledge", run__version__key="fast-resolution").count()


def test_an_unknown_list_is_refused_in_words(manager):
    for about in ("x", "step:", "step:letter:x"):
        answer = manager.get("/compare/tickets/", {"about": about})
        assert answer.status_code == 400
        assert "no such list" in answer.content.decode()


def test_the_lists_and_files_are_for_managers(manager):
    trainee = signed_in("mina", Agent.TRAINEE)
    for path in ("tickets/", "rows.xlsx", "rows.parquet", "dictionary.csv"):
        assert trainee.get(f"/compare/{path}").status_code == 404


def test_a_list_costs_as_many_queries_for_one_ticket_as_for_many(manager):
    listed(manager)
    with CaptureQueriesContext(connection) as few:
        listed(manager, about="all", language="ja")
    with CaptureQueriesContext(connection) as many:
        listed(manager, about="all")
    assert len(few) == len(many) <= 15


# Files


def test_a_sheet_holds_the_rows_and_a_dictionary_and_no_formula(manager):
    Ticket.objects.filter(number=1).update(external_id='=HYPERLINK("http://x")')
    answer = manager.get("/compare/rows.xlsx", {"source": "all"})
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    first, second = (book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    assert first.count("<row") == 2 * CUSTOMERS + 1
    assert second.count("<row") == len(exports.columns()) + 1
    assert "<f>" not in first
    assert "HYPERLINK" in first


def test_parquet_holds_typed_columns_with_their_meaning(manager):
    answer = manager.get("/compare/rows.parquet", {"source": "all", "language": "ko"})
    table = parquet.read_table(io.BytesIO(b"".join(answer.streaming_content)))
    assert table.column_names == exports.names()
    assert set(table["language"].to_pylist()) == {"ko"}
    assert table["opened_at"].to_pylist()[0].year == 2026
    assert "만족도" in table.schema.field("csat").metadata[b"meaning_ko"].decode()
    assert len(json.loads(table.schema.metadata[b"dictionary"])) == len(exports.columns())


def test_the_three_files_hold_the_same_rows(manager):
    answer = manager.get("/compare/rows.parquet", {"source": "all"})
    table = parquet.read_table(io.BytesIO(b"".join(answer.streaming_content))).to_pylist()
    found = lines(manager, source="all")
    assert [str(row["ticket"]) for row in table] == [line["ticket"] for line in found]
    assert list(found[0]) == exports.names()


def test_every_column_is_explained_in_three_languages(manager):
    answer = manager.get("/compare/dictionary.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert [line["name"] for line in found] == exports.names()
    assert all(line[f"meaning_{language}"] for line in found for language in ("en", "ko", "ja"))


def test_a_choice_that_no_sheet_can_hold_is_refused_in_words(manager, monkeypatch):
    monkeypatch.setattr(exports, "XLSX_ROWS", 3)
    answer = manager.get("/compare/rows.xlsx", {"source": "all"})
    assert answer.status_code == 400
    assert "CSV or Parquet" in answer.content.decode()
