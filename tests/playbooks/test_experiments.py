"""Experiments as rows: split over workers, cancelled, gone on with after a death, and merged to the same digits."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks import definitions, experiments, tasks
from playbooks.core.experiments.run import libraries
from playbooks.core.experiments.study import conduct
from playbooks.models import Experiment, ExperimentPart
from tickets.errors import Conflict, Invalid

SMALL: dict[str, Any] = {"desk": "eight-hour-day", "tickets": 384, "replications": 4, "seed": 11}

pytestmark = pytest.mark.django_db


class Wall:
    """A clock on the wall that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


def begun(**changes: Any) -> Experiment:
    return experiments.begin({**SMALL, **changes}, by=None, wall_now=1_000.0)


def ended(experiment: Experiment) -> Experiment:
    experiment.refresh_from_db()
    assert experiment.state == Experiment.DONE, experiment.error
    return experiment


def test_an_experiment_on_rows_gives_the_digits_of_one_in_memory(wall: Wall):
    experiment = begun()

    assert experiments.work(experiment.pk, wall=wall)

    alone = conduct(experiments.plan_of(experiment.settings))
    assert ended(experiment).digest == alone["digest"]
    assert experiment.result["differences"] == alone["differences"]


def test_two_workers_share_the_replications_and_merge_to_the_same_digits(wall: Wall):
    alone, shared = begun(), begun()
    experiments.work(alone.pk, wall=wall)

    def once() -> Any:
        left = iter([False])
        return lambda: next(left, True)

    while Experiment.objects.get(pk=shared.pk).state == Experiment.RUNNING:
        experiments.work(shared.pk, wall=wall, stop=once())

    assert ended(shared).digest == ended(alone).digest


def test_a_replication_whose_worker_died_is_computed_again_once_its_lease_is_over(wall: Wall):
    experiment = begun()
    dead = experiments._claim(experiment, wall())

    experiments.work(experiment.pk, wall=wall)
    assert Experiment.objects.get(pk=experiment.pk).state == Experiment.RUNNING
    assert list(ExperimentPart.objects.filter(done=False).values_list("number", flat=True)) == [dead]
    assert experiments.waiting(wall()) == []

    wall.at += 3_600
    assert experiments.waiting(wall()) == [experiment.pk]
    experiments.work(experiment.pk, wall=wall)
    assert ended(experiment).digest == conduct(experiments.plan_of(experiment.settings))["digest"]


def test_a_cancelled_experiment_stops_and_goes_on_where_it_was(wall: Wall):
    experiment = begun()
    experiments.work(
        experiment.pk, wall=wall, told=lambda done, whole: experiments.cancel(experiment) if done == 2 else None
    )
    assert experiments.progress(experiment) == (2, 4)
    assert Experiment.objects.get(pk=experiment.pk).state == Experiment.CANCELLED
    assert experiments.waiting(wall()) == []

    experiments.resume(experiment)
    experiments.work(experiment.pk, wall=wall)

    assert ended(experiment).digest == conduct(experiments.plan_of(experiment.settings))["digest"]


def test_what_is_done_cannot_be_cancelled_nor_gone_on_with(wall: Wall):
    experiment = begun()
    experiments.work(experiment.pk, wall=wall)

    with pytest.raises(Conflict):
        experiments.cancel(experiment)
    with pytest.raises(Conflict):
        experiments.resume(experiment)


def test_a_playbook_that_changes_meanwhile_does_not_change_the_experiment(wall: Wall):
    before = begun()
    text = definitions.source_of("fast-resolution").replace('latest = "24h"', 'latest = "20h"')
    version = definitions.keep(text, name="changed")

    experiments.work(before.pk, wall=wall)

    assert version.pk not in before.settings["versions"]
    assert ended(before).digest == conduct(experiments.plan_of(before.settings))["digest"]


def test_two_desks_compare_as_two_playbooks_do(wall: Wall):
    few, many = ({"key": f"{n} agents", "playbook": "apology-letter-gift", "agents": n} for n in (4, 6))
    experiment = begun(arms=[few, many])

    experiments.work(experiment.pk, wall=wall)

    found = ended(experiment).result
    assert set(found["playbooks"]) == {"4 agents", "6 agents"}
    assert found["differences"]["6 agents"]["outcomes"]["abandoned"]["estimate"] < -0.05


def test_the_sweep_asks_for_a_hand_with_what_nobody_does(wall: Wall, monkeypatch: pytest.MonkeyPatch):
    experiment = begun()
    asked: list[Any] = []
    monkeypatch.setattr(tasks.run_experiment, "apply_async", lambda arguments, **options: asked.append(arguments))

    assert tasks.wake_experiments() == 1
    assert asked == [(experiment.pk,)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agents": 0}, "agents"),
        ({"per_hour": -1.0}, "arrivals.per_hour"),
        ({"tickets": 10**9}, "tickets"),
        ({"tickets": 2, "replications": 3}, "tickets"),
        ({"playbooks": ["no-such"]}, "playbook"),
        ({"playbooks": []}, "playbooks"),
        ({"desk": "no-such"}, "desk"),
        ({"primary": "no-such"}, "primary"),
        ({"young": 2}, "young"),
        ({"speed": 3}, "speed"),
        ({"arms": [{"playbook": "fast-resolution", "speed": 1}]}, "arms.speed"),
        ({"arms": [{"playbook": "fast-resolution"}, {"playbook": "fast-resolution"}]}, "playbooks"),
        ({"desk": {"desk": {"arrivals": {"per_hour": 1, "per_day": 2}}}}, "arrivals.per_day"),
        ({"seed": "seven"}, "seed"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field_and_leaves_nothing(changes: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        begun(**changes)

    assert refused.value.field == field
    assert not Experiment.objects.exists()


# ---------------------------------------------------------------- while the cases are handled


PLAYED: dict[str, Any] = {"tickets": 60, "replications": 2, "cases": 3}


def test_while_the_cases_are_handled_it_is_known_how_far_they_are_and_afterwards_no_more(wall: Wall):
    experiment, seen = begun(**{**PLAYED, "desk": "office-hours", "seed": 4_711}), list[Any]()
    kept = experiments.cache.set

    def heard(key: str, value: Any, timeout: int) -> None:
        kept(key, value, timeout)
        seen.append(experiments.handling(experiment))

    experiments.cache.set = heard
    try:
        experiments.work(experiment.pk, wall=wall)
    finally:
        del experiments.cache.set

    whole = 2 * 2 * 3  # playbooks, cultures, cases
    assert seen == [(done, whole) for done in range(1, whole + 1)]
    assert experiments.handling(experiment) is None


def test_cases_that_are_known_already_are_not_told_of_again():
    plan = experiments.plan_of(begun(**{**PLAYED, "desk": "office-hours", "seed": 4_712}).settings)
    first, again = list[Any](), list[Any]()
    once = libraries(plan, lambda done, whole: first.append((done, whole)))
    twice = libraries(plan, lambda done, whole: again.append((done, whole)))
    assert first[-1] == (12, 12)
    assert again == []
    assert all(once[key] is twice[key] for key in once)


def test_a_cache_that_is_down_stops_nothing(wall: Wall, settings: Any):
    experiment = begun(**{**PLAYED, "desk": "office-hours", "seed": 4_713})
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert experiments.work(experiment.pk, wall=wall)
    assert experiments.handling(experiment) is None
