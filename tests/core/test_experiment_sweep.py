"""One parameter moved: what moves with it, and where the better playbook turns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playbooks.core.experiments.plan import Arm, desk_named, with_rate
from playbooks.core.experiments.played import cases
from playbooks.core.experiments.run import libraries, replicate
from playbooks.core.experiments.study import conduct
from playbooks.core.experiments.sweep import (
    MOVES,
    SERVED_COST,
    crossing,
    moved,
    sweep,
    swept,
    with_gift_times,
    with_letter_by,
)
from playbooks.core.playbook import built_in
from tests.core.experiment_cases import FAST, LETTER, a_desk, a_plan
from tickets.errors import Invalid


def test_a_turn_lies_where_a_straight_line_through_the_means_is_zero():
    turn = crossing([2.0, 4.0, 8.0], [[3.0, 1.0], [1.0, 1.0], [-3.0, -3.0]])
    assert turn is not None
    assert turn.between == (4.0, 8.0)
    assert turn.at == pytest.approx(5.0)
    assert turn.falls


def test_a_turn_has_an_interval_from_leaving_one_replication_out():
    turn = crossing([0.0, 1.0], [[1.0, 1.2, 0.8, 1.0], [-1.0, -0.8, -1.2, -1.0]])
    assert turn is not None
    assert turn.low is not None
    assert turn.high is not None
    assert turn.low < 0.5 < turn.high


def test_a_difference_that_keeps_its_sign_has_no_turn():
    assert crossing([1.0, 2.0, 3.0], [[0.2], [0.1], [0.3]]) is None


def test_one_replication_gives_a_turn_without_an_interval():
    turn = crossing([0.0, 1.0], [[1.0], [-1.0]])
    assert turn is not None
    assert (turn.low, turn.high) == (None, None)


def test_all_turns_are_counted():
    turn = crossing([0.0, 1.0, 2.0, 3.0], [[1.0], [-1.0], [1.0], [-1.0]])
    assert turn is not None
    assert turn.turns == 3


def test_more_people_at_the_desk_lose_fewer_customers():
    desk = desk_named("eight-hour-day")
    found = sweep(a_plan(desk=desk, tickets=1_000), "agents", [8, 2])
    left = [point["arms"][LETTER]["abandoned"]["estimate"] for point in found["points"]]
    assert [point["value"] for point in found["points"]] == [2, 8]
    assert left[0] > left[1]


def test_a_dearer_gift_costs_more():
    found = sweep(a_plan(tickets=60, replications=2), "gift_value", [0.0, 1.0])
    costs = [point["arms"][LETTER]["cost"]["estimate"] for point in found["points"]]
    assert costs[0] < costs[1]


def test_the_same_sweep_has_the_same_digest_and_another_seed_another():
    plan = a_plan(desk=desk_named("eight-hour-day"))
    once, again, other = (sweep(one, "per_hour", [3, 12])["digest"] for one in (plan, plan, replace(plan, seed=8)))
    assert once == again != other


def test_a_letter_deadline_changes_the_step_of_the_letter_alone():
    before = built_in()[LETTER]
    after = with_letter_by(before, 48)
    for one, two in zip(before.steps, after.steps, strict=True):
        assert two == (replace(one, within=172_800, latest=172_800) if one.deed == "letter" else one)
    assert with_letter_by(built_in()[FAST], 48) is built_in()[FAST]


def test_a_gift_value_multiplies_every_band():
    before, after = built_in()[LETTER].gift, with_gift_times(built_in()[LETTER], 2.0).gift
    assert before is not None
    assert after is not None
    assert [amounts["JPY"] for _, amounts in after.bands] == [2 * amounts["JPY"] for _, amounts in before.bands]


def test_the_share_of_young_customers_moves_only_the_japanese():
    plan = moved(a_plan(), "young_share", 0.4)
    assert plan.arms[0].desk.setting.profiles == {"KR": 0.5, "JP": 0.3, "JPyoung": 0.2}


def test_young_customers_bring_the_complaints_of_their_elders():
    old, young = (cases([profile], count=3, seed=7) for profile in ("JP", "JPyoung"))
    assert [(replace(case, profile="JPyoung"), text) for case, text in old] == young


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("colour", 1, "There is no parameter"),
        ("per_hour", 0, "greater than 0"),
        ("per_hour", -3, "greater than 0"),
        ("agents", 2.5, "whole number"),
        ("agents", 0, "at least one agent"),
        ("young_share", 1.5, "from 0 to 1"),
        ("letter_deadline", 0, "letter_deadline"),
        ("gift_value", -1, "gift_value"),
        ("per_hour", float("nan"), "is a number"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(parameter, value, says):
    with pytest.raises(Invalid, match=says):
        moved(a_plan(), parameter, value)


@pytest.mark.parametrize("parameter", ["letter_deadline", "gift_value"])
def test_a_letter_or_gift_is_not_swept_where_no_playbook_has_one(parameter):
    plan = replace(a_plan(FAST), arms=(Arm(FAST, built_in()[FAST], a_desk()),))
    with pytest.raises(Invalid, match="None of these playbooks"):
        moved(plan, parameter, 2)


@pytest.mark.parametrize("values", [[], [3, 3]])
def test_a_sweep_has_values_and_each_once(values):
    with pytest.raises(Invalid, match="value"):
        sweep(a_plan(), "per_hour", values)


def test_every_parameter_of_a_sweep_has_a_title_in_three_languages():
    for parameter in MOVES:
        plan = a_plan(tickets=2, replications=1, cases=1)
        found = sweep(plan, parameter, [1])
        assert set(found["title"]) == {"en", "ko", "ja"}


def test_a_desk_with_a_weekend_runs_whole_weeks_at_every_load():
    desk = desk_named("office-hours")
    for per_hour in (0.5, 1.0, 4.0, 8.0):
        plan = replace(a_plan(FAST), arms=(Arm(FAST, built_in()[FAST], with_rate(desk, per_hour)),), tickets=9_600)
        plan = replace(plan, replications=10)
        setting = plan.sized(plan.arms[0].desk)
        assert (setting.days - setting.warm_up_days) % 7 == 0


def test_a_replication_of_less_than_a_week_is_warned_of():
    desk = desk_named("office-hours")
    plan = replace(a_plan(FAST), arms=(Arm(FAST, built_in()[FAST], desk),), tickets=60, replications=2, cases=2)
    assert "part_of_a_week" in {one["code"] for one in conduct(plan)["warnings"]}


def test_every_outcome_that_is_drawn_has_its_turn_with_an_interval_or_none():
    found = sweep(
        replace(a_plan(desk=desk_named("eight-hour-day")), tickets=1_920, replications=10), "per_hour", [3, 6, 12]
    )
    turned = found["turns"][LETTER]
    assert set(turned) == {"repurchase", "abandoned", "satisfaction", "satisfaction_all", "wait_min", SERVED_COST}
    assert turned["repurchase"] == found["crossover"][LETTER]
    assert turned["repurchase"]["low"] < turned["repurchase"]["at"] < turned["repurchase"]["high"]
    assert turned["satisfaction"] is None  # who is served is happier under the letter, whatever the load
    assert turned[SERVED_COST] is None  # and costs more


def test_the_turn_of_an_outcome_that_is_better_when_less_names_the_better_side():
    plan = a_plan(desk=desk_named("eight-hour-day"))
    values = [1.0, 2.0]
    few, many = (replicate(moved(plan, "per_hour", 6), libraries(plan), number) for number in (0, 1))
    made_up = [_with_waits(few, 10.0, 4.0), _with_waits(many, 4.0, 10.0)]
    found = swept(replace(plan, replications=1), "per_hour", values, made_up)
    assert found["turns"][LETTER]["wait_min"]["below"] == LETTER
    assert found["turns"][LETTER]["wait_min"]["above"] == FAST


def _with_waits(results, fast: float, letter: float):
    """The same results, one replication a side, with these waits."""
    waits = {FAST: fast, LETTER: letter}
    return {key: [replace(one, values={**one.values, "wait_min": waits[key]})] for key, one in results.items()}


def test_a_letter_promised_later_goes_out_later_and_customers_feel_it():
    plan = a_plan(desk=desk_named("office-hours"), cases=10)
    plan = replace(plan, tickets=600, replications=3)
    letters, found = {}, sweep(plan, "letter_deadline", [24, 72, 240])
    for hours in (24, 72, 240):
        of = libraries(moved(plan, "letter_deadline", hours))[LETTER]
        letters[hours] = np.median(of.lived.letter_h[np.isfinite(of.lived.letter_h)])
    assert [round(letters[hours] / hours, 1) for hours in (24, 72, 240)] == [1.1, 1.0, 1.0]
    felt, bought, solved = (
        [point["arms"][LETTER][key]["estimate"] for point in found["points"]]
        for key in ("satisfaction", "repurchase", "satisfaction_all")
    )
    assert felt[0] > felt[1] > felt[2]
    assert bought[0] > bought[2]
    assert solved[0] > solved[2]


def test_in_the_published_study_the_letter_comes_when_it_is_due():
    plan = a_plan(desk=desk_named("eight-hour-day"))
    for hours in (12, 240):
        assert libraries(moved(plan, "letter_deadline", hours))[LETTER].lived.letter_h.tolist() == [hours]
    assert not np.isfinite(libraries(moved(plan, "letter_deadline", 12))[FAST].lived.letter_h).any()


def test_without_a_sweep_of_its_deadline_the_letter_goes_out_as_before():
    plan = a_plan(desk=desk_named("office-hours"))
    assert all(arm.letter_s is None for arm in plan.arms)
    assert all(arm.letter_s is None for arm in moved(plan, "agents", 3).arms)
