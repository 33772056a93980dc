"""A median over replications stands for an arm only where it is steady; else the mean that leaves nobody out does."""

from __future__ import annotations

import pytest

from playbooks.core.experiments.report import steady
from playbooks.core.experiments.study import conduct
from playbooks.core.experiments.warnings import MEDIANS
from playbooks.pages.experiments_pictures import reply_key, resolution_key
from tests.core.experiment_cases import a_plan


def bounds(estimate: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {"estimate": estimate, "low": low, "high": high}


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        (bounds(2.42, 2.24, 2.59), True),
        (bounds(4.31, 2.73, 5.89), False),  # now in the evening, now the next morning
        (bounds(4.31, None, None), False),  # one replication says nothing about others
        (bounds(None, None, None), False),
        (bounds(0.0, 0.0, 0.0), True),
    ],
)
def test_a_median_with_a_wide_interval_beside_it_does_not_stand_for_an_arm(
    found: dict[str, float | None], stands: bool
):
    assert steady(found) is stands


def test_what_is_faster_is_told_by_the_median_where_it_is_steady_under_every_playbook():
    good, bad = bounds(10.0, 9.5, 10.5), bounds(10.0, 6.0, 14.0)

    def result(one: dict[str, float | None], other: dict[str, float | None]) -> dict[str, dict[str, object]]:
        return {
            "playbooks": {
                "fast": {"reply_median_h": one, "resolution_median_h": good},
                "letter": {"reply_median_h": other, "resolution_median_h": good},
            }
        }

    assert reply_key(result(good, good)) == "reply_median_h"
    assert reply_key(result(good, bad)) == "reply_restricted_h"
    assert resolution_key(result(good, bad)) == "resolution_median_h"


def test_an_arm_whose_median_jumps_is_named_in_a_warning():
    found = conduct(a_plan())
    warned = {one["arm"] for one in found["warnings"] if one["code"] == "jumpy_median"}
    jumpy = {
        arm
        for arm, of in found["playbooks"].items()
        if any(of[key]["low"] is not None and not steady(of[key]) for key in MEDIANS)
    }
    assert warned == jumpy
    assert jumpy  # sixty customers a replication are too few for a steady one
