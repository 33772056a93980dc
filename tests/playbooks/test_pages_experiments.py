"""The pages for experiments without a browser: who sees them, what begins one, what is refused, what is answered."""

from __future__ import annotations

import json
import re
import tomllib
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from helpdesk.access import ensure_agent
from playbooks import definitions, experiments
from playbooks.core.charts.lines import Series, chart, ticks, turns
from playbooks.core.charts.spans import beside, forest_row
from playbooks.models import Experiment, PlaybookVersion
from playbooks.pages.experiments_costs import point_prices
from tests.rest import CLIENT, Desk

pytestmark = pytest.mark.django_db

SMALL: dict[str, Any] = {"tickets": 600, "replications": 3, "seed": 11, "cases": 4}
FAST, LETTER = "fast-resolution", "apology-letter-gift"
DAY: dict[str, Any] = {"desk": "eight-hour-day", "tickets": 384, "replications": 4, "seed": 11}
TYPED = {
    "playbooks": ["fast-resolution", "apology-letter-gift"], "desk": "eight-hour-day", "tickets": "384",
    "replications": "4", "seed": "11", "cases": "30", "primary": "repurchase", "speed_model": "tarp", "letter": "1",
    "gift": "1",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def tried(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """One of each kind, run once for all tests: two playbooks, two desks, a load crossover."""
    two_desks = [{"playbook": "fast-resolution"}, {"playbook": "fast-resolution", "key": "more", "agents": 6}]
    sweep = {"parameter": "per_hour", "values": [12, 3, 6], "both": True}
    with django_db_blocker.unblock():
        kinds = ({**SMALL}, {**DAY, "playbooks": ["fast-resolution"], "arms": two_desks}, {**DAY, "sweep": sweep})
        for kind in kinds:
            begun = experiments.begin(kind, by=None, wall_now=1_000.0)
            assert experiments.work(begun.pk, wall=lambda: 2_000.0)
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


def numbers() -> list[int]:
    return list(Experiment.objects.filter(state="done").order_by("pk").values_list("pk", flat=True))[:3]


def signed_in(role: str = "manager", language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(ensure_agent(role, role=role))
    return client


def text_of(html: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.decode())).split())


def the_page(number: int, *, language: str = "en", query: str = "") -> str:
    answer = signed_in(language=language).get(f"/experiments/{number}/{query}")
    assert answer.status_code == 200
    return text_of(answer.content)


# ---------------------------------------------------------------- who sees them


def test_for_a_trainee_there_are_no_experiments():
    trainee = signed_in("trainee")
    for path in ("/experiments/", f"/experiments/{numbers()[0]}/", f"/experiments/{numbers()[0]}/result.json"):
        assert trainee.get(path).status_code == 404
    assert trainee.post("/experiments/", TYPED).status_code == 404
    assert "Experiments" not in text_of(trainee.get("/desk/").content)


def test_a_manager_finds_them_in_the_bar_and_who_is_not_signed_in_is_asked_to_sign_in():
    assert 'href="/experiments/"' in signed_in().get("/desk/").content.decode()
    assert Client().get("/experiments/").status_code == 302


def test_an_experiment_that_is_not_there_is_not_found():
    assert signed_in().get("/experiments/999999/").status_code == 404


# ---------------------------------------------------------------- the form


def test_what_stands_in_the_form_begins_twenty_thousand_customers_with_one_click():
    page = signed_in().get("/experiments/")
    assert page.context["v"]["tickets"] == "20000"
    typed = {name: value for name, value in page.context["v"].items() if value is not False}

    begun = signed_in().post("/experiments/", typed)

    experiment = Experiment.objects.latest("pk")
    assert begun.status_code == 302
    assert begun.url == f"/experiments/{experiment.pk}/"
    assert experiment.settings["tickets"] == 20_000
    assert experiment.state == Experiment.RUNNING
    experiment.delete()


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"tickets": "many"}, "tickets", "“many” is not a number."),
        ({"tickets": "0"}, "tickets", "A whole number from 1 to 100,000,000."),
        ({"tickets": "3"}, "tickets", "Fewer customers than replications"),
        ({"tickets": "1000000000"}, "tickets", "A whole number from 1 to 100,000,000."),
        ({"per_hour": "-1"}, "per_hour", "From 0.01 to 10,000."),
        ({"per_hour": "0.01", "desk": "office-hours", "tickets": "90000"}, "tickets", "more than ten years"),
        ({"per_hour": "5000", "desk": "office-hours", "tickets": "20000"}, "per_hour", "The queue never drains"),
        ({"per_hour": "5000"}, "per_hour", "This desk bears at most about 27 customers an hour."),
        ({"per_hour": "5", "desk": "office-hours"}, "per_hour", "less than a day. Take about"),
        ({"tickets": "40", "desk": "office-hours"}, "tickets", "less than a day. Take about"),
        ({"sweep": "per_hour", "sweep_values": "3, 500"}, "sweep_values", "At 500 an hour the queue never drains"),
        ({"sweep": "per_hour", "sweep_values": "3, 20", "desk": "office-hours"}, "sweep_values", "less than a day"),
        ({"agents": "0"}, "agents", "A whole number from 1 to 1,000."),
        ({"young": "101"}, "young", "From 0 to 100."),
        ({"playbooks": []}, "playbooks", "at least two"),
        ({"playbooks": ["fast-resolution"]}, "playbooks", "One playbook alone"),
        ({"against_agents": "6"}, "playbooks", "exactly one playbook"),
        ({"playbooks": ["fast-resolution"], "against_desk": "eight-hour-day"}, "against_desk", "Both desks are the same"),
        ({"sweep": "per_hour", "sweep_values": "3, six"}, "sweep_values", "“3, six”"),
        ({"sweep": "agents", "sweep_values": "2.5, 3"}, "sweep_values", "people are whole numbers"),
        ({"sweep": "per_hour", "sweep_values": "3"}, "sweep_values", "2 to 40"),
        ({"desk": "moon"}, "desk", "Choose a desk."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_field_and_nothing_typed_is_lost(
    typed: dict[str, Any], field: str, words: str
):
    before = Experiment.objects.count()
    answer = signed_in().post("/experiments/", {**TYPED, "seed": "4711", **typed})

    assert answer.status_code == 400
    assert words in answer.context["form"].refused[field]
    html = answer.content.decode()
    assert f'id="{field}-refused"' in html
    assert 'value="4711"' in html
    for name, value in typed.items():
        if isinstance(value, str) and name not in ("desk", "against_desk", "sweep"):
            assert f'value="{value}"' in html
    assert Experiment.objects.count() == before


def test_everything_that_does_not_fit_is_said_at_once():
    answer = signed_in().post("/experiments/", {**TYPED, "tickets": "x", "agents": "0", "young": "-1"})
    assert set(answer.context["form"].refused) == {"tickets", "agents", "young"}


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_field_to_look_at_is_a_link_to_its_refusal(language: str):
    typed = {**TYPED, "tickets": "x", "agents": "0", "sweep": "agents", "sweep_values": ";;"}
    html = signed_in(language=language).post("/experiments/", typed).content.decode()
    alert = html.partition('role="alert">')[2].partition("</p>")[0]
    linked = re.findall(r'href="#([a-z_]+-refused)">[^<]+</a>', alert)
    assert sorted(linked) == ["agents-refused", "sweep_values-refused", "tickets-refused"]
    assert all(html.count(f'id="{address}"') == 1 for address in linked)
    assert ";;" in html
    assert ",," not in html


def test_a_number_typed_on_a_japanese_keyboard_is_a_number():
    signed_in(language="ja").post("/experiments/", {**TYPED, "tickets": "１，２００"})
    experiment = Experiment.objects.latest("pk")
    assert experiment.settings["tickets"] == 1_200
    experiment.delete()


def test_a_sweep_is_begun_from_the_same_form_and_young_customers_are_written_in_per_cent():
    signed_in().post("/experiments/", {**TYPED, "sweep": "young_share", "sweep_values": "0, 50 100"})
    experiment = Experiment.objects.latest("pk")
    assert experiment.settings["sweep"] == {"parameter": "young_share", "values": [0.0, 0.5, 1.0], "both": False}
    assert experiment.parts.count() == 3 * 4
    experiment.delete()


OWN_DESK = {
    "desk": {"arrivals": {"per_hour": 2.0}, "agents": [{"name": "two", "count": 2}], "profiles": {"JP": 1.0}, "days": 7}
}
SHAPES: dict[str, dict[str, Any]] = {
    "as the form has it": {},
    "everything typed": {"per_hour": 2.5, "agents": 3, "young": 0.25, "primary": "csat", "letter": False},
    "customers of their own": {"disjoint": True},
    "the other baseline": {"playbooks": [LETTER, FAST]},
    "a version by number": {"arms": [{"playbook": FAST, "version": 1}, {"playbook": LETTER}]},
    "two desks with names": {"playbooks": [FAST], "arms": [{"playbook": FAST}, {"playbook": FAST, "key": "b", "agents": 6}]},
    "desk and playbook mixed": {
        "arms": [{"playbook": FAST, "agents": 4}, {"playbook": LETTER, "desk": "round-the-clock", "per_hour": 2.0}]
    },
    "a desk given whole": {"arms": [{"playbook": key, "desk": OWN_DESK} for key in (FAST, LETTER)]},
    "a sweep of three": {
        "playbooks": [FAST, LETTER, "fast-and-caring"], "sweep": {"parameter": "agents", "values": [2, 3]},
    },
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_settings_written_back_into_the_form_begin_the_same_experiment_again(shape: str):
    first = experiments.begin({**SMALL, **SHAPES[shape]}, by=None, wall_now=1_000.0)
    page = signed_in().get(f"/experiments/?again={first.pk}")
    typed = {name: value for name, value in page.context["v"].items() if value is not False}

    answer = signed_in().post("/experiments/", typed)

    assert answer.status_code == 302, answer.context["form"].refused
    again = Experiment.objects.latest("pk")
    assert again.pk != first.pk
    assert repr(experiments.plan_of(again.settings)) == repr(experiments.plan_of(first.settings))
    for name in ("versions", "sweep", "disjoint"):
        assert again.settings[name] == first.settings[name]


def test_a_playbook_that_has_changed_since_is_begun_again_as_it_was():
    first = experiments.begin(SMALL, by=None, wall_now=1_000.0)
    definitions.keep(definitions.source_of(FAST).replace('latest = "24h"', 'latest = "20h"'), name="changed")
    PlaybookVersion.objects.filter(key=FAST).exclude(pk__in=first.settings["versions"]).update(
        made_by=ensure_agent("manager", role="manager")
    )
    assert definitions.current(FAST).pk not in first.settings["versions"]

    page = signed_in().get(f"/experiments/?again={first.pk}")
    assert "Fast resolution · version 1" in text_of(page.content)
    signed_in().post("/experiments/", {name: value for name, value in page.context["v"].items() if value is not False})

    again = Experiment.objects.latest("pk")
    assert again.settings["versions"] == first.settings["versions"]
    assert [arm["key"] for arm in again.settings["arms"]] == [FAST, LETTER]


def test_carried_sides_are_named_and_can_be_left_behind():
    first = experiments.begin({**SMALL, **SHAPES["desk and playbook mixed"]}, by=None, wall_now=1_000.0)
    page = signed_in().get(f"/experiments/?again={first.pk}")
    told = text_of(page.content)
    assert "Fast resolution · Office hours: four people, weekdays 9–18 · 4 people" in told
    assert "Apology letter and gift · Round the clock: six people in three shifts · 2 an hour" in told

    typed = {name: value for name, value in page.context["v"].items() if value is not False and name != "keep_sides"}
    signed_in().post("/experiments/", typed)
    assert {arm["desk"] for arm in Experiment.objects.latest("pk").settings["arms"]} == {"office-hours"}


@pytest.mark.parametrize(
    "sides",
    [
        "", "{", "[]", "[1]", '[{"desk": "office-hours"}]', '[{"playbook": []}]', '[{"playbook": "gone-away"}]',
        '[{"playbook": "fast-resolution", "desk": []}]', '[{"playbook": "fast-resolution", "desk": {"desk": 1}}]',
        '[{"playbook": "fast-resolution", "desk": {"desk": {"profiles": 1}}}]',
        '[{"playbook": "fast-resolution", "desk": {"desk": {}, "title": "x"}}]',
        '[{"playbook": "fast-resolution", "agents": "x"}]', '[{"playbook": "fast-resolution", "speed": 1}]',
    ],
)  # fmt: skip
def test_sides_that_cannot_be_read_are_refused_and_nothing_begins(sides: str):
    before = Experiment.objects.count()
    answer = signed_in().post("/experiments/", {**TYPED, "keep_sides": "1", "sides": sides})
    assert answer.status_code == 400
    assert Experiment.objects.count() == before


# ---------------------------------------------------------------- while it runs


def test_a_running_one_shows_how_far_it_is_and_can_be_cancelled_and_gone_on_with():
    manager = signed_in()
    manager.post("/experiments/", TYPED)
    experiment = Experiment.objects.latest("pk")
    address = f"/experiments/{experiment.pk}/"
    assert "0 of 4 replications" in text_of(manager.get(address, headers={"HX-Request": "true"}).content)

    manager.post(f"{address}cancel/")
    assert Experiment.objects.get(pk=experiment.pk).state == Experiment.CANCELLED
    assert "it can go on where it stopped" in text_of(manager.get(address).content)
    assert manager.post(f"{address}cancel/").status_code == 302  # told twice: as it is

    manager.post(f"{address}resume/")
    assert experiments.work(experiment.pk, wall=lambda: 5_000.0)
    assert manager.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    Experiment.objects.filter(pk=experiment.pk).delete()


def test_the_cases_being_handled_are_a_phase_with_a_bar_of_their_own():
    manager = signed_in()
    manager.post("/experiments/", TYPED)
    experiment = Experiment.objects.latest("pk")
    address = f"/experiments/{experiment.pk}/"
    experiments.cache.set(experiments.HANDLING.format(experiment.pk), (37, 120), 60)
    bar = manager.get(address, headers={"HX-Request": "true"}).content
    assert "handling the cases: 37 of 120" in text_of(bar)
    assert b'value="37" max="120"' in bar

    experiment.parts.filter(number=0).update(done=True)  # another worker is further: the replications are shown
    assert b'value="1" max="4"' in manager.get(address, headers={"HX-Request": "true"}).content
    experiments.cache.delete(experiments.HANDLING.format(experiment.pk))
    experiment.parts.update(done=True)
    assert "putting the results together" in text_of(manager.get(address, headers={"HX-Request": "true"}).content)
    experiment.delete()


# ---------------------------------------------------------------- what is answered


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_kind_of_experiment_has_its_page_and_report_in_every_language(language: str):
    for number in numbers():
        for query in ("", "?report=1"):
            told = the_page(number, language=language, query=query)
            assert "{" not in told
            assert Experiment.objects.get(pk=number).digest in told


def test_the_questions_of_a_manager_are_answered_on_the_page():
    told = the_page(numbers()[0])
    for question in (
        "Which is faster?", "Which satisfies more?", "How much of that is the letter and the gift itself, and what do they cost?",
        "Which keeps more customers?", "What does it cost?", "At what load does that turn?",
        "What was only assumed, and what changes with it?",
    ):  # fmt: skip
        assert question in told
    assert "Error of the simulation (95 %)" in told
    assert "Range of the assumptions (90 % of 60 draws)" in told
    assert "More tickets make the first shorter; they do not shrink the second." in told
    assert "Left without a word, expected" in told
    assert "NPS, style of answering taken out" in told


def test_the_published_study_answers_as_another_desk_and_a_sweep_of_this_desk_is_offered():
    first, _, study = numbers()
    told = the_page(first)
    assert "No sweep of the load has been run for this desk" in told
    assert f"Published load study, another desk (experiment {study}). One eight-hour day: it turns at about" in told
    assert "Try this desk at other loads" in told

    offered = signed_in().get(f"/experiments/?around={first}").context["v"]
    assert (offered["desk"], offered["tickets"], offered["both"]) == ("office-hours", "600", False)
    assert len(offered["sweep_values"].split(", ")) == 6


def test_a_sweep_answers_only_for_the_same_desk_people_versions_and_model():
    first = numbers()[0]
    settings = Experiment.objects.get(pk=first).settings
    study = Experiment.objects.get(pk=numbers()[2])
    told = {"plan": study.result["plan"], "sweep": study.result["sweep"]["whole_day"], "digest": "of a sweep"}
    sweep = {"parameter": "per_hour", "values": [3, 6, 12], "both": False}
    alike = {**settings, "sweep": sweep}
    others = (
        {**alike, "speed_model": "meta"}, {**alike, "versions": [0, 0]}, {**alike, "letter": False},
        {**alike, "arms": [{**arm, "agents": 9} for arm in settings["arms"]]},
    )  # fmt: skip
    for other in others:
        Experiment.objects.create(settings=other, state=Experiment.DONE, result=told, wall_made_at=1.0)
    assert "No sweep of the load has been run for this desk" in the_page(first)

    own = Experiment.objects.create(settings=alike, state=Experiment.DONE, result=told, wall_made_at=1.0)
    for query in ("", "?report=1"):
        page = the_page(first, query=query)
        assert f"Experiment {own.pk}, a sweep on this desk" in page
        assert "The interval is the error of the simulation only." in page
        assert "No sweep of the load" not in page


def test_a_load_crossover_shows_both_settings_and_says_why_they_differ():
    told = the_page(numbers()[2])
    assert "Why the two differ" in told
    assert told.count("turns at") >= 2
    assert "The interval is the error of the simulation only." in told
    assert "Cost per customer served" in told
    assert "moved: 3, 6, 12" in told


def test_the_cost_has_no_mark_of_a_turn_because_it_falls_as_customers_leave():
    told = signed_in().get(f"/experiments/{numbers()[2]}/").context["sweep"]
    cost = next(drawings for title, drawings in told.rows if title.startswith("Cost per ticket"))
    assert not any(one.turns for one in cost)


def test_the_report_keeps_its_reservations_and_the_first_lines_name_the_main_outcome():
    for query in ("", "?report=1"):
        told = the_page(numbers()[0], query=query)
        assert "The main outcome is “Buy again, of all who complained”." in told
        assert "nobody real was asked" in told
        assert "Both bonuses are assumptions" in told
        assert "Customers who gave up answer no survey" in told
        assert "“letter” is only the assumed bonus of receiving one" in told or query


def test_each_switch_is_named_with_what_it_makes_of_the_gaps():
    told = the_page(numbers()[0])
    for switch in ("With the other speed model", "Without the letter’s bonus", "Without the gift’s bonus"):
        assert f"{switch}, among those served under both: the gap in satisfaction is" in told


def test_a_switch_that_turns_a_sign_is_named_in_the_first_lines():
    experiment = Experiment.objects.get(pk=numbers()[0])
    switched = experiment.result["parts"]["apology-letter-gift"]["repurchase"]["switched"]
    switched |= {"as_set": 0.02, "other_speed_model": -0.01}
    experiment.save()
    told = the_page(experiment.pk)
    words = "one setting of the model (“With the other speed model”) turns the sign among those served under both, in "
    first = told[: told.index("Which is faster?")]
    assert f"{words}customers who buy again" in first
    assert first.count("Not robust: ") == 1
    kept = first.partition("kept the sign (in 95 % of the draws or more) in: ")[2].partition(".")[0]
    assert "buy again" not in kept  # one verdict on each outcome


def changed(number: int, **outcomes: dict[str, Any]) -> Experiment:
    """The experiment with other figures for some of its differences."""
    experiment = Experiment.objects.get(pk=number)
    of = experiment.result["differences"][LETTER]["outcomes"]
    for key, figures in outcomes.items():
        of[key] |= figures
    experiment.save()
    return experiment


UNSHOWN = {"estimate": 325.0, "low": 45.0, "high": 605.0, "p": 0.03, "p_corrected": 0.4, "shown": False}


def test_a_difference_lost_by_the_correction_says_so_and_no_point_is_priced_from_it():
    gain = {"estimate": 0.5, "low": 0.4, "high": 0.6, "p_corrected": 0.001, "shown": True}
    experiment = changed(numbers()[0], cost=UNSHOWN, csat=gain)
    experiment.result["differences"][LETTER]["cost_of_a_point"]["csat"] = 650.0
    judged = experiment.result["differences"][LETTER]["outcomes"]
    n = sum(of["p_corrected"] is not None for key, of in judged.items() if key != "repurchase")
    experiment.save()

    told = the_page(experiment.pk)

    words = f"leaves out zero, but not any more once corrected for the {n} outcomes looked at: no difference is shown."
    assert f"(+¥45 to +¥605) {words}" in told
    assert "One more point of CSAT costs" not in told
    assert "A price for one more point is not told: no difference in cost is shown." in told


def test_a_difference_of_nothing_to_the_digits_shown_is_called_the_same():
    nothing = {"estimate": 1e-9, "low": -1e-8, "high": 1e-8, "smallest": 1e-9, "shown": False}
    experiment = changed(numbers()[0], abandoned=nothing)
    levels = experiment.result["playbooks"]
    levels[LETTER]["abandoned"]["estimate"] = levels[FAST]["abandoned"]["estimate"]
    experiment.save()
    told = the_page(experiment.pk)
    assert "the same to the digits shown." in told
    assert "one of 0.0 percentage points would" not in told


def test_an_outcome_that_is_neither_better_nor_worse_is_not_drawn_for_a_side():
    told = signed_in().get(f"/experiments/{numbers()[0]}/").context["against"][0].forest
    rows = {row.key: row for _, group in told for row in group}
    for key in ("utilisation", "csat_response"):
        assert (rows[key].drawn, rows[key].hue, rows[key].neutral) == (None, "none", "neither way is better")
    assert rows["left_silently"].drawn


def test_two_desks_are_told_apart_by_what_sets_them_apart():
    told = the_page(numbers()[1])
    assert "Fast resolution · 4 people" in told
    assert "Fast resolution · 6 people" in told


def test_what_it_rests_on_tells_the_people_of_each_desk():
    rows = dict(signed_in().get(f"/experiments/{numbers()[1]}/").context["basis"])
    assert rows["Desk"] == [
        "One eight-hour day: four people, empty at nine, drained in the evening",
        "One eight-hour day · 6 people",
    ]


def test_a_gap_of_next_to_nothing_is_neither_divided_nor_said_to_be_assumed():
    experiment = Experiment.objects.get(pk=numbers()[0])
    experiment.result["parts"][LETTER]["satisfaction"]["difference"]["estimate"] = 0.001
    experiment.save()
    told = the_page(experiment.pk)
    assert "there is nothing to divide" in told
    assert "of what carries the gap in satisfaction is assumed" not in told


def test_every_picture_has_a_name_and_a_table():
    html = signed_in().get(f"/experiments/{numbers()[0]}/").content.decode()
    pictures = re.findall(r"<svg\b[^>]*>", html)
    assert all("aria-label" in one or 'aria-hidden="true"' in one for one in pictures)
    assert sum('role="img"' in one for one in pictures) > 30
    assert html.count("The picture as a table") >= 6


def test_all_figures_are_there_as_json():
    answer = signed_in().get(f"/experiments/{numbers()[0]}/result.json")
    told = json.loads(answer.content)
    assert told["digest"] == Experiment.objects.get(pk=numbers()[0]).digest
    assert set(told["result"]) >= {"playbooks", "differences", "curves", "assumptions", "parts"}


def test_a_sweep_can_be_begun_over_rest_too(desk: Desk):
    sweep = {"parameter": "per_hour", "values": [6, 3], "both": True}
    answer = desk.callers[CLIENT].post("experiments/", {**DAY, "sweep": sweep})
    assert answer.status_code == 201, answer.content
    assert answer.json()["progress"] == {"done": 0, "of": 2 * 2 * 4}

    refused = desk.callers[CLIENT].post("experiments/", {**DAY, "sweep": {"parameter": "weather", "values": [1, 2]}})
    assert refused.status_code in (400, 422)
    Experiment.objects.filter(pk=answer.json()["id"]).delete()


# ---------------------------------------------------------------- geometry


def test_ticks_are_round_and_span_what_they_are_for():
    assert ticks(0, 0.93, 4) == [0, 0.25, 0.5, 0.75, 1.0]
    assert ticks(-0.4, 1.4, 4) == [-0.5, 0.0, 0.5, 1.0, 1.5]


def test_a_line_turns_where_its_gap_is_nothing():
    assert turns([3, 6, 9], [1.0, -1.0, -2.0]) == [4.5]
    assert turns([3, 6, 9], [1.0, None, -1.0]) == [6.0]
    assert turns([3, 6], [1.0, 2.0]) == []


def test_a_difference_that_is_better_when_less_is_drawn_to_the_right_when_it_is_less():
    plain = forest_row(-2.0, -3.0, -1.0, 0.5, flipped=False, width=220)
    turned = forest_row(-2.0, -3.0, -1.0, 0.5, flipped=True, width=220)
    assert plain.x < plain.zero < turned.x
    assert turned.across is not None
    assert turned.across[0] < turned.x < turned.across[1]


def test_two_uncertainties_stand_on_one_scale_with_zero_on_it():
    drawn = beside([(0.5, 0.45, 0.55), (0.5, 0.1, 0.9)], width=380)
    (narrow_low, narrow_high), (wide_low, wide_high) = drawn.across
    assert drawn.zero < wide_low < narrow_low < narrow_high < wide_high


def test_a_line_without_a_value_somewhere_is_drawn_through_the_others():
    drawn = chart([Series("a", [(0, 1.0), (1, None), (2, 3.0)])], width=300, height=200, x_ticks=[0, 1, 2])
    assert drawn.lines[0].path.count("L") == 1


# ---------------------------------------------------------------- what the cost goes on


def test_the_page_says_what_the_letter_and_the_gift_cost_and_what_the_difference_is_made_of():
    told = the_page(numbers()[0])
    assert re.search(r"What they cost: under Apology letter and gift, letter ¥[\d,]+ and gift ¥[\d,]+ a ticket", told)
    assert re.search(r"The difference is made of: labour \+¥[\d,]+, letter \+¥[\d,]+, gift \+¥[\d,]+, remedy ", told)
    costs = signed_in().get(f"/experiments/{numbers()[0]}/").context["costs"]
    assert [name for name, _, _ in costs.rows] == ["labour", "letter", "gift", "remedy"]
    for stack in costs.stacks:
        assert stack.pieces[-1].x + stack.pieces[-1].width <= costs.width * 1.02


def test_the_published_study_says_that_labour_alone_has_a_price():
    told = the_page(numbers()[1])
    assert "Labour alone: the published study has no prices for remedy, gift and letter." in told
    assert "What they cost" not in told


def test_a_page_kept_before_the_costs_were_told_apart_still_opens():
    experiment = Experiment.objects.get(pk=numbers()[0])
    kept = experiment.result.pop("costs")
    experiment.save()
    told = the_page(experiment.pk)
    experiment.result["costs"] = kept
    experiment.save()
    assert "What the cost goes on" not in told
    assert "What does it cost?" in told


HOURS = "Labour is the time worked. Paid hours without work are left out, so more people hardly raise this cost."
PAID = re.compile(
    r"With every paid hour counted: labour ¥[\d,]+ a ticket under (.+?), ¥[\d,]+ under (.+?); a ticket costs ¥([\d,]+) "
    r"and ¥([\d,]+) in all\. .+?: \+¥([\d,]+) a ticket \(95 % interval \+¥[\d,]+ to \+¥[\d,]+\)\."
)


def told_of_cost(number: int, language: str = "en") -> Any:
    against = signed_in(language=language).get(f"/experiments/{number}/").context["against"][0]
    return next(answer for answer in against.answers if answer.key == "cost")


def test_where_other_people_are_paid_the_answer_itself_counts_every_paid_hour():
    told = told_of_cost(numbers()[1])
    assert HOURS in told.lines
    found = next(match for line in told.lines if (match := PAID.fullmatch(line)))
    assert "4 people" in found[1]
    assert "6 people" in found[2]
    four, six, more = (int(found[nth].replace(",", "")) for nth in (3, 4, 5))
    assert abs(six - four - more) <= 1
    assert six > 1.2 * four
    page = the_page(numbers()[1])
    assert "The people paid differ: read the cost with every paid hour counted (“What does it cost?”)." in page


def test_where_the_same_people_are_paid_that_stands_beside_the_answer():
    told = told_of_cost(numbers()[0])
    assert HOURS in told.beside
    assert any(line.startswith("With every paid hour counted: labour ¥") for line in told.beside)
    assert not any("paid hour" in line for line in told.lines)
    assert "The people paid differ" not in the_page(numbers()[0])


def test_what_the_cost_goes_on_says_that_paid_hours_without_work_are_left_out_and_counts_them():
    costs = signed_in().get(f"/experiments/{numbers()[1]}/").context["costs"]
    assert costs.hours == HOURS
    assert [name for name, _, _ in costs.paid] == ["labour, every paid hour", "Cost per ticket, every paid hour"]
    assert all(stack.paid.startswith("With every paid hour counted: labour ¥") for stack in costs.stacks)
    page = the_page(numbers()[1])
    assert page.count(HOURS) == 2  # at the answer and over the figures
    assert costs.stacks[0].paid in page


def test_a_page_kept_before_every_paid_hour_was_counted_says_that_the_cost_counts_work_alone():
    experiment = Experiment.objects.get(pk=numbers()[1])
    kept = experiment.result["costs"].pop("paid")
    experiment.save()
    told, page = told_of_cost(experiment.pk), the_page(experiment.pk)
    experiment.result["costs"]["paid"] = kept
    experiment.save()
    assert HOURS in told.lines
    assert "With every paid hour counted" not in page
    assert "The people paid differ" not in page


def test_one_more_point_has_the_price_of_every_paid_hour_where_other_people_are_paid():
    result = json.loads(json.dumps(Experiment.objects.get(pk=numbers()[1]).result))
    against = result["differences"]["more"]
    against["outcomes"]["csat"] |= {"shown": True, "estimate": 0.5}
    against["cost_of_a_point"]["csat"] = 1.0
    dearer = result["costs"]["paid"]["differences"]["more"]["whole"]["estimate"]
    point = point_prices(result, "more", "fast-resolution")
    assert (point.each["csat"], point.shown) == (dearer / 0.5, True)
    for arm in result["plan"]["arms"]:
        arm["setting"]["agents"] = result["plan"]["arms"][0]["setting"]["agents"]
    assert point_prices(result, "more", "fast-resolution").each["csat"] == 1.0


@pytest.mark.parametrize(
    ("language", "alone", "cases"),
    [
        ("en", "Cost per ticket: labour alone", "Cost per ticket: labour, remedy, gift, letter"),
        ("ko", "티켓당 비용: 인건비만", "티켓당 비용: 인건비, 보상, 선물, 편지"),
        ("ja", "チケットあたり費用:人件費のみ", "チケットあたり費用:人件費、補償、品、手紙"),
    ],
)
def test_the_cost_is_captioned_by_what_has_a_price(language: str, alone: str, cases: str):
    played, published, sweep = (the_page(number, language=language) for number in numbers())
    assert cases in played
    assert alone not in played
    for page in (published, sweep):
        assert alone in page
        assert cases not in page


def test_a_sweep_of_the_published_study_says_that_its_cost_is_no_figure_beside_that_of_an_experiment():
    told = the_page(numbers()[2])
    assert "The published study has no prices for remedy, gift and letter: not to be held against the cost" in told
    assert "Cost per customer served: labour alone" in told
    assert HOURS in told


def test_no_coefficient_is_told_by_its_name_in_the_files_but_as_a_key_beside_its_words():
    html = signed_in().get(f"/experiments/{numbers()[0]}/").content.decode()
    names = {
        debt["name"]
        for debt in Experiment.objects.get(pk=numbers()[0]).result["parts"][LETTER]["satisfaction"]["debts"]
    }
    assert '<code class="key">' in html
    told = text_of(re.sub(r'<code class="key">.*?</code>', "", html).encode())
    assert not [name for name in names if name in told]


def test_every_outcome_drawn_says_where_it_turns_with_an_interval_or_why_it_does_not():
    page = signed_in().get(f"/experiments/{numbers()[2]}/")
    for setting in page.context["sweep"].settings:
        assert len(setting.turned) == len(page.context["sweep"].rows)
        for row in setting.turned:
            assert (row.interval and row.at and row.below and row.above) or row.said
    told = text_of(page.content)
    assert "no turn between 3 an hour and 12 an hour: Apology letter and gift is ahead throughout" in told
    assert "(95 % interval)" in told


def test_a_sweep_kept_before_every_turn_had_an_interval_still_shows_its_turns():
    study = Experiment.objects.get(pk=numbers()[2])
    for name in ("whole_day", "steady_state"):
        del study.result["sweep"][name]["turns"]
    study.save()
    told = the_page(study.pk)
    assert "Where each outcome turns: One eight-hour day" in told
    assert "interval wider than the values around it" in told


# ---------------------------------------------------------------- the load, side by side


def _swept(settings: dict[str, Any], **changes: Any) -> Experiment:
    """A finished sweep of the load with these settings, told as the study was."""
    study = Experiment.objects.get(pk=numbers()[2]).result
    told = {"plan": study["plan"], "sweep": study["sweep"]["whole_day"], "digest": "of a sweep"}
    sweep = {"parameter": "per_hour", "values": [3, 6, 12], "both": False}
    kept = {**settings, "sweep": sweep, **changes}
    return Experiment.objects.create(settings=kept, state=Experiment.DONE, result=told, wall_made_at=1.0)


def test_the_number_of_people_that_a_desk_has_and_the_same_number_typed_are_one_desk():
    first = numbers()[0]
    settings = Experiment.objects.get(pk=first).settings
    assert all(arm["agents"] is None for arm in settings["arms"])
    own = _swept(settings, arms=[{**arm, "agents": 4} for arm in settings["arms"]])
    assert f"Experiment {own.pk}, a sweep on this desk" in the_page(first)

    own.delete()
    _swept(settings, arms=[{**arm, "agents": 5} for arm in settings["arms"]])
    assert "No sweep of the load has been run for this desk" in the_page(first)


def test_a_desk_given_whole_is_the_desk_of_the_house_it_equals():
    first = numbers()[0]
    settings = Experiment.objects.get(pk=first).settings
    text = files("playbooks.core.experiments").joinpath("desks.toml").read_text("utf-8")
    whole = tomllib.loads(text)["office-hours"]
    own = _swept(settings, arms=[{**arm, "desk": whole} for arm in settings["arms"]])
    assert f"Experiment {own.pk}, a sweep on this desk" in the_page(first)


def test_a_sweep_of_more_sides_answers_for_the_two_that_it_shares():
    first = numbers()[0]
    settings = Experiment.objects.get(pk=first).settings
    third = {**settings["arms"][0], "key": "third", "playbook": "fast-and-caring"}
    own = _swept(settings, arms=[*settings["arms"], third], versions=[*settings["versions"], 0])
    assert f"Experiment {own.pk}, a sweep on this desk" in the_page(first)


def test_what_the_load_does_is_said_even_where_no_sweep_was_run():
    told = the_page(numbers()[0], query="?report=1")
    assert re.search(
        r"At the load tried \([\d.]+ customers an hour\): under Fast resolution people work [\d.]+ %", told
    )


def test_an_experiment_on_a_desk_that_could_not_be_leads_with_that_and_calls_nothing_sure():
    begun = experiments.begin({**SMALL, "per_hour": 5_000.0}, by=None, wall_now=1_000.0)
    assert experiments.work(begun.pk, wall=lambda: 2_000.0)
    for query in ("", "?report=1"):
        told = the_page(begun.pk, query=query)
        reserved = told.index("less than a day")
        assert reserved < told.index("more work comes in than the desk can ever do".capitalize())
        assert reserved < told.index(signed_in().get(f"/experiments/{begun.pk}/").context["against"][0].sentence)
        assert "The simulation is sure" not in told
        assert "How sure:" not in told
        assert told.count("A replication covers") == 1


def test_an_experiment_on_an_ordinary_desk_leads_with_its_answer():
    assert signed_in().get(f"/experiments/{numbers()[0]}/").context["doubts"] == []


def test_the_list_tells_what_sets_experiments_apart_and_what_was_found():
    own = {**SMALL, "per_hour": 2.5, "agents": 3, "letter": False}
    begun = [experiments.begin(one, by=None, wall_now=1_000.0).pk for one in ({**SMALL, "seed": 7}, own)]
    lines = {one.pk: one for one in signed_in().get("/experiments/").context["listed"]}
    usual, apart = (lines[pk] for pk in begun)
    assert usual.name == apart.name
    for words in ("2.5 an hour", "3 people", "Seed 11", "no bonus of the letter"):
        assert words in apart.about
        assert words not in usual.about
    assert usual.found == ""
    first = lines[numbers()[0]].found
    assert first.startswith("Buy again, of all who complained: ")
    assert "percentage points (" in first


def test_three_playbooks_have_a_jump_to_the_answers_of_each_pair_before_the_first_answer():
    three = {**DAY, "desk": "office-hours", "playbooks": [FAST, LETTER, "fast-and-caring"], "cases": 4, "seed": 11}
    begun = experiments.begin(three, by=None, wall_now=1_000.0)
    assert experiments.work(begun.pk, wall=lambda: 2_000.0)
    html = signed_in().get(f"/experiments/{begun.pk}/").content.decode()
    first = html[: html.index("Which is faster?")]
    for place in (1, 2):
        assert f'href="#asked-{place}"' in first
        assert html.count(f'id="asked-{place}"') == 1
