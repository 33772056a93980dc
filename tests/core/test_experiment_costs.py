"""What the cost of an experiment goes on: its parts add up, follow the playbook, and leave the digits as they were."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import pytest

from playbooks.core.experiments.measure import COST_PARTS
from playbooks.core.experiments.paid import counted_hours, paid
from playbooks.core.experiments.plan import Arm, Plan, arms_of, desk_named, with_agents
from playbooks.core.experiments.report import digest
from playbooks.core.experiments.run import libraries, replicate
from playbooks.core.experiments.study import conduct, result_from
from playbooks.core.experiments.sweep import with_gift_times
from playbooks.core.playbook import built_in

FAST, LETTER = "fast-resolution", "apology-letter-gift"


def plan(**changes: Any) -> Plan:
    arms = arms_of([built_in()[FAST], built_in()[LETTER]], desk_named("office-hours"))
    return replace(Plan(arms=arms, tickets=600, replications=3, seed=11, cases=4), **changes)


@cache
def studied() -> dict[str, Any]:
    return conduct(plan())


def test_the_parts_of_the_cost_add_up_to_the_cost_of_each_side_and_of_the_difference():
    found = studied()
    for arm, parts in found["costs"]["arms"].items():
        whole = math.fsum(one["estimate"] for one in parts.values())
        assert whole == pytest.approx(found["playbooks"][arm]["cost"]["estimate"], rel=1e-9)
    gaps = found["costs"]["differences"][LETTER]
    whole = found["differences"][LETTER]["outcomes"]["cost"]["estimate"]
    assert math.fsum(one["estimate"] for one in gaps.values()) == pytest.approx(whole, rel=1e-9)


def test_only_the_playbook_that_sends_letters_and_gifts_pays_for_them():
    fast, letter = (studied()["costs"]["arms"][key] for key in (FAST, LETTER))
    assert fast["letter"]["estimate"] == fast["gift"]["estimate"] == 0
    assert letter["letter"]["low"] > 0
    assert letter["gift"]["low"] > 0
    assert letter["labour"]["estimate"] > fast["labour"]["estimate"]


def test_a_gift_of_twice_the_value_doubles_the_gift_alone():
    dearer = [
        arm if arm.key == FAST else replace(arm, playbook=with_gift_times(arm.playbook, 2.0)) for arm in plan().arms
    ]
    twice = conduct(plan(arms=tuple(dearer)))["costs"]["arms"][LETTER]
    once = studied()["costs"]["arms"][LETTER]
    assert twice["gift"]["estimate"] == pytest.approx(2 * once["gift"]["estimate"], rel=0.05)
    assert twice["letter"]["estimate"] == pytest.approx(once["letter"]["estimate"])
    assert twice["remedy"]["estimate"] == pytest.approx(once["remedy"]["estimate"])


def test_a_result_kept_before_the_parts_were_told_apart_is_read_and_has_the_same_digest():
    one = replicate(plan(), libraries(plan()), 0)[LETTER]
    old = {name: value for name, value in asdict(one).items() if name != "costs"}
    assert set(one.costs) == set(COST_PARTS)
    assert result_from(old).costs == {}
    assert digest({LETTER: [result_from(old)]}) == digest({LETTER: [one]})


# ---------------------------------------------------------------- every paid hour


def staffed() -> Plan:
    """The same playbook with four people and with six."""
    four = arms_of([built_in()[FAST]], desk_named("office-hours"))[0]
    return plan(arms=(four, Arm("six", four.playbook, with_agents(four.desk, 6))), tickets=1_200)


@cache
def staffed_results() -> dict[str, list[Any]]:
    of = libraries(staffed())
    ran = [replicate(staffed(), of, number) for number in range(3)]
    return {arm.key: [one[arm.key] for one in ran] for arm in staffed().arms}


def test_half_as_many_people_again_cost_half_as_much_again_where_every_hour_is_paid():
    found = paid(staffed(), staffed_results(), FAST)
    four, six = found["arms"][FAST]["labour"], found["arms"]["six"]["labour"]
    assert six["estimate"] == pytest.approx(1.5 * four["estimate"], rel=0.01)
    worked = {key: sum(one.costs["labour"] for one in ran) / 3 for key, ran in staffed_results().items()}
    assert worked["six"] == pytest.approx(worked[FAST], rel=0.05)  # what the cost counts hides it
    gap = found["differences"]["six"]
    assert 0 < gap["labour"]["low"] < gap["labour"]["estimate"] < gap["labour"]["high"]


def test_what_is_paid_is_the_wage_of_every_hour_on_shift_by_the_customers_of_those_weeks():
    of, results = staffed(), staffed_results()
    six = of.arms[1].desk
    weeks = of.sized(six).days / 7 - 1
    assert counted_hours(of, six) == pytest.approx(6 * 45 * weeks)
    wage = [one.costs["labour"] / (one.values["work_min"] / 60) for one in results["six"]]
    each = [w * 6 * 45 * weeks / one.counts["n"] for w, one in zip(wage, results["six"], strict=True)]
    assert paid(of, results, FAST)["arms"]["six"]["labour"]["estimate"] == pytest.approx(math.fsum(each) / 3)
    whole = [one.values["cost"] - one.costs["labour"] + of for one, of in zip(results["six"], each, strict=True)]
    assert paid(of, results, FAST)["arms"]["six"]["whole"]["estimate"] == pytest.approx(math.fsum(whole) / 3)


def test_where_every_day_is_a_whole_an_evening_of_work_is_paid_too():
    arms = arms_of([built_in()[FAST], built_in()[LETTER]], desk_named("eight-hour-day"))
    of = plan(arms=arms, tickets=300, replications=2)
    results = [replicate(of, libraries(of), number) for number in range(2)]
    each = [one[LETTER].costs["labour"] / one[LETTER].values["utilisation"] for one in results]
    found = paid(of, {key: [one[key] for one in results] for key in (FAST, LETTER)}, FAST)
    assert found["arms"][LETTER]["labour"]["estimate"] == pytest.approx(math.fsum(each) / 2)
    assert found["differences"][LETTER]["labour"]["estimate"] > 0  # the letters are written after hours


def test_more_work_than_paid_hours_is_overtime_and_paid_as_worked():
    one = staffed_results()["six"][0]
    late = replace(one, values={**one.values, "work_min": 1e4})
    found = paid(staffed(), {FAST: [late, late]}, FAST)["arms"][FAST]
    assert found["labour"]["estimate"] == pytest.approx(one.costs["labour"])
    assert found["whole"]["estimate"] == pytest.approx(one.values["cost"])


def test_what_is_paid_cannot_be_said_of_replications_without_parts_or_work():
    one = staffed_results()["six"][0]
    idle = replace(one, values={**one.values, "work_min": 0.0})
    for unsaid in (replace(one, costs={}), idle):
        found = paid(staffed(), {FAST: [unsaid], "six": [one]}, FAST)
        assert found["arms"][FAST] == {part: dict.fromkeys(("estimate", "low", "high")) for part in ("labour", "whole")}
        assert found["differences"]["six"]["whole"]["estimate"] is None


def test_the_same_people_are_paid_the_same_however_much_a_playbook_has_them_do():
    found = studied()["costs"]
    assert set(found) == {"arms", "differences", "paid"}
    worked, wages = (of["differences"][LETTER]["labour"]["estimate"] for of in (found, found["paid"]))
    assert worked > 100
    assert abs(wages) < worked / 10
