"""The published load study comes out of an experiment under its setting; the steady state of the same desk differs."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from playbooks.core.experiments.plan import Plan, arms_of, desk_named, with_profiles, with_rate
from playbooks.core.experiments.study import conduct
from playbooks.core.experiments.sweep import both_settings, sweep
from playbooks.core.playbook import built_in
from tests.core.experiment_cases import FAST, LETTER

# Science of the load crossover: abandoned, repurchase of all arrivals, wait of those served (whole minutes).
PUBLISHED = {
    ("JP", 3): ((0.00, 0.83, 0), (0.00, 0.87, 2)),
    ("JP", 6): ((0.00, 0.83, 0), (0.07, 0.82, 16)),
    ("JP", 12): ((0.00, 0.83, 0), (0.29, 0.68, 105)),
    ("JP", 24): ((0.02, 0.82, 4), (0.48, 0.55, 262)),
    ("JP", 40): ((0.20, 0.70, 54), (0.59, 0.47, 424)),
    ("KR", 3): ((0.00, 0.84, 0), (0.00, 0.87, 2)),
    ("KR", 6): ((0.00, 0.83, 0), (0.07, 0.83, 16)),
    ("KR", 12): ((0.00, 0.84, 0), (0.29, 0.68, 105)),
    ("KR", 24): ((0.02, 0.82, 4), (0.48, 0.55, 262)),
    ("KR", 40): ((0.20, 0.71, 54), (0.59, 0.47, 424)),
}
DAYS = 30  # as many as the study had
BOTH = (FAST, LETTER)


def _plan(profile: str, per_hour: float, *, desk: str = "eight-hour-day", tickets: int | None = None) -> Plan:
    where = with_rate(with_profiles(desk_named(desk), {profile: 1.0}), per_hour)
    return Plan(
        arms=arms_of([built_in()[key] for key in BOTH], where),
        tickets=tickets or int(8 * per_hour * DAYS),
        replications=DAYS,
        seed=7,
    )


@cache
def _point(profile: str, per_hour: float) -> dict[str, Any]:
    return dict(sweep(_plan(profile, per_hour), "per_hour", [per_hour])["points"][0])


@pytest.mark.parametrize("arm", BOTH)
@pytest.mark.parametrize(("profile", "per_hour"), PUBLISHED)
def test_each_cell_of_the_published_load_study_comes_out(profile, per_hour, arm):
    abandoned, repurchase, wait = PUBLISHED[profile, per_hour][BOTH.index(arm)]
    found = _point(profile, per_hour)["arms"][arm]
    assert abs(found["abandoned"]["estimate"] - abandoned) <= 0.03
    assert abs(found["repurchase"]["estimate"] - repurchase) <= 0.03
    assert abs(found["wait_min"]["estimate"] - wait) <= (0.15 * wait if wait >= 10 else 1.5)


def test_conduct_says_the_same_as_a_sweep_of_one_value():
    found = conduct(_plan("JP", 6.0))
    point = _point("JP", 6)
    for arm in BOTH:
        for key, one in point["arms"][arm].items():
            assert found["playbooks"][arm][key] == one
    for key, one in point["differences"][LETTER].items():
        assert found["differences"][LETTER]["outcomes"][key] == one


def test_without_an_end_the_same_desk_loses_about_half_of_those_who_would_get_a_letter():
    found = conduct(_plan("JP", 12.0, desk="steady-day", tickets=20_000))["playbooks"]
    assert abs(found[LETTER]["abandoned"]["estimate"] - 0.56) <= 0.03
    assert found[FAST]["abandoned"]["estimate"] <= 0.01


def test_both_settings_stand_side_by_side_with_the_reason_in_three_languages():
    found = both_settings([built_in()[key] for key in BOTH], [3, 12], tickets=2_000, replications=4, seed=7)
    day, steady = (found[name]["points"][1]["arms"][LETTER]["abandoned"] for name in ("whole_day", "steady_state"))
    assert day["high"] < steady["low"]
    assert set(found["why"]) == {"en", "ko", "ja"}
    for name in ("whole_day", "steady_state"):
        turn = found[name]["crossover"][LETTER]
        assert (turn["below"], turn["above"]) == (LETTER, FAST)
        assert 3 < turn["at"] < 12
