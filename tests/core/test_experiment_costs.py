"""What the cost of an experiment goes on: its parts add up, follow the playbook, and leave the digits as they were."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import pytest

from playbooks.core.experiments.measure import COST_PARTS
from playbooks.core.experiments.plan import Plan, arms_of, desk_named
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
