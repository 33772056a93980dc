"""Experiments over REST: begun, watched, cancelled, read; and refused with the field that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks import experiments
from playbooks.models import Experiment
from tests.rest import CLIENT, MANAGER, TRAINEE, Desk

SMALL: dict[str, Any] = {"desk": "eight-hour-day", "tickets": 192, "replications": 2, "seed": 11}

pytestmark = pytest.mark.django_db


def begun(at: Desk, **changes: Any) -> Any:
    return at.callers[CLIENT].post("experiments/", {**SMALL, **changes})


def test_an_experiment_is_begun_and_read_when_it_is_done(desk: Desk):
    answer = begun(desk)
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "running"
    assert answer.json()["progress"] == {"done": 0, "of": 2}

    assert answer.json()["handling"] is None
    experiments.cache.set(experiments.HANDLING.format(answer.json()["id"]), (3, 12), 60)
    watched = desk.callers[MANAGER].get(f"experiments/{answer.json()['id']}/").json()
    assert watched["handling"] == {"done": 3, "of": 12}
    experiments.cache.clear()

    experiments.work(answer.json()["id"], wall=lambda: 1.0)

    read = desk.callers[MANAGER].get(f"experiments/{answer.json()['id']}/").json()
    assert read["state"] == "done"
    assert set(read["result"]["playbooks"]) == {"fast-resolution", "apology-letter-gift"}
    csat = read["result"]["playbooks"]["fast-resolution"]["csat"]
    assert csat["low"] < csat["estimate"] < csat["high"]
    assert read["result"]["digest"] == read["digest"]


def test_an_experiment_can_be_cancelled_and_gone_on_with(desk: Desk):
    number = begun(desk).json()["id"]

    assert desk.callers[CLIENT].post(f"experiments/{number}/cancel/").json()["state"] == "cancelled"
    assert desk.callers[CLIENT].post(f"experiments/{number}/cancel/").status_code == 409
    assert desk.callers[CLIENT].post(f"experiments/{number}/resume/").json()["state"] == "running"


def test_the_list_holds_every_experiment_without_its_result(desk: Desk):
    begun(desk)
    begun(desk, seed=12)

    listed = desk.callers[MANAGER].all("experiments/")

    assert [one["settings"]["seed"] for one in listed] == [11, 12]
    assert all("result" not in one for one in listed)


def test_a_trainee_has_no_experiments(desk: Desk):
    assert desk.callers[TRAINEE].post("experiments/", SMALL).status_code == 403
    assert desk.callers[TRAINEE].get("experiments/").status_code == 403
    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agents": 0}, "agents"),
        ({"tickets": 10**9}, "tickets"),
        ({"playbook": "fast-resolution"}, "playbook"),
        ({"arms": [{"playbook": "no-such"}]}, "playbook"),
        ({"desk": "no-such"}, "desk"),
        ({"per_hour": -1}, "arrivals.per_hour"),
    ],
)
def test_what_does_not_fit_is_answered_with_its_field(desk: Desk, changes: dict[str, Any], field: str):
    answer = begun(desk, **changes)

    assert answer.status_code == 400
    assert field in str(answer.json())
    assert not Experiment.objects.exists()


def test_what_is_not_there_is_not_found(desk: Desk):
    assert desk.callers[MANAGER].get("experiments/999/").status_code == 404
