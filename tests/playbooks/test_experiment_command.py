"""`manage.py experiment`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

SMALL = {"tickets": 60, "replications": 3, "cases": 2}
LETTER = "apology-letter-gift"


def run(**options: Any) -> str:
    out = StringIO()
    call_command("experiment", stdout=out, **{**SMALL, **options})
    return out.getvalue()


def test_it_prints_one_json_value_with_everything_a_page_needs():
    found = json.loads(run(json=True))
    assert set(found) >= {"playbooks", "differences", "assumptions", "warnings", "speed", "digest", "curves", "parts"}
    repurchase = found["playbooks"][LETTER]["repurchase"]
    assert repurchase["low"] < repurchase["estimate"] < repurchase["high"]
    assert found["speed"]["tickets"] == 120
    assert found["speed"]["tickets_per_second"] > 0


def test_the_same_seed_prints_the_same_but_for_the_speed():
    one, two = (json.loads(run(json=True, seed=5)) for _ in range(2))
    assert {**one, "speed": None} == {**two, "speed": None}


def test_its_table_names_what_was_assumed_and_what_to_be_wary_of():
    shown = run()
    assert "Buy again, of all who complained" in shown
    assert "more tickets do not narrow these" in shown
    assert "Complaints handled beforehand: 2" in shown
    assert "! Replications: 3." in shown


def test_a_sweep_says_where_the_better_playbook_turns():
    options = {"desk": "eight-hour-day", "tickets": 600, "sweep": "per_hour=3,12"}
    found = json.loads(run(json=True, **options))
    assert [point["value"] for point in found["points"]] == [3, 12]
    assert found["crossover"][LETTER]["below"] == LETTER
    assert "repurchase turns at" in run(**options)


def test_both_settings_of_the_load_study_are_shown_with_the_reason():
    shown = run(tickets=300, sweep="per_hour=3,12", both_settings=True)
    assert "One eight-hour day" in shown
    assert "steady state" in shown
    assert "carries its backlog over" in shown


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"agents": 0}, "at least one agent"),
        ({"per_hour": -1.0}, "greater than 0"),
        ({"tickets": 10**9}, "100,000,000"),
        ({"tickets": 2}, "do not fill 3 replications"),
        ({"playbooks": ["nobody-knows"]}, "There is no playbook 'nobody-knows'"),
        ({"desk": "night-market"}, "There is no desk scenario 'night-market'"),
        ({"primary": "happiness"}, "There is no outcome 'happiness'"),
        ({"young": 2.0}, "from 0 to 1"),
        ({"sweep": "colour=1,2"}, "There is no parameter 'colour'"),
        ({"sweep": "per_hour"}, "per_hour=3,6,12"),
        ({"sweep": "per_hour=3,many"}, "per_hour=3,6,12"),
        ({"sweep": "agents=0,4"}, "at least one agent"),
        ({"sweep": "agents=2,4", "both_settings": True}, "over per_hour"),
        ({"both_settings": True}, "--sweep per_hour"),
        ({"desk": "eight-hour-day", "playbooks": ["fast-resolution"], "sweep": "gift_value=2"}, "has a gift"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(options, says):
    with pytest.raises(CommandError, match=says):
        run(**options)
