"""The load crossover: four staff, a day of eight hours that begins empty and is drained, 9 and 40 minutes of work.

The published cells rest on thirty days each, so the cells with a wait of minutes are themselves uncertain by tens of
percent: at 24 an hour thirty days give 4.0 to 6.6 minutes (98 %), around a truth of 5.4 where 4 was published.
With many days those cells are held against that spread; with thirty days one stretch in five meets every cell.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from playbooks.core.desk.handling import Handling, Timing
from playbooks.core.desk.run import ABANDONED, SERVED, replications
from playbooks.core.desk.setting import Arrivals, DeskSetting, Group

FAST, LETTER = Timing("fast", Handling(9.0)), Timing("letter", Handling(40.0))
DAYS = 600
PUBLISHED = {  # per hour: abandoned and minutes of wait of the served, fast and letter
    3: ((0.00, 0), (0.00, 2)),
    6: ((0.00, 0), (0.07, 16)),
    12: ((0.00, 0), (0.29, 105)),
    24: ((0.02, 4), (0.48, 262)),
    40: ((0.20, 54), (0.59, 424)),
}


@cache
def cells(per_hour: int, days: int = DAYS) -> tuple[tuple[float, float, float], ...]:
    """Abandoned; minutes of wait, and their standard deviation over stretches of thirty days; for each playbook."""
    setting = DeskSetting(Arrivals(float(per_hour)), (Group(4),), days=8 / 24, drain=True)
    sums = np.array([
        [((run.contacts.fate == ABANDONED).sum(), len(run.contacts),
          run.contacts.wait[run.contacts.fate == SERVED].sum() / 60, (run.contacts.fate == SERVED).sum())
         for run in runs]
        for runs in replications(setting, 7, range(days), timings=[FAST, LETTER])
    ])  # fmt: skip
    months = sums.reshape(days // 30, 30, 2, 4).sum(1)
    spread = months[..., 2] / months[..., 3]
    total = sums.sum(0)
    return tuple(
        (float(row[0] / row[1]), float(row[2] / row[3]), float(spread[:, k].std(ddof=1 if days > 30 else 0)))
        for k, row in enumerate(total)
    )


@pytest.mark.parametrize("per_hour", PUBLISHED)
@pytest.mark.parametrize("playbook", [0, 1], ids=["fast", "letter"])
def test_as_many_leave_as_published(per_hour: int, playbook: int):
    assert cells(per_hour)[playbook][0] == pytest.approx(PUBLISHED[per_hour][playbook][0], abs=0.03)


@pytest.mark.parametrize("per_hour", PUBLISHED)
@pytest.mark.parametrize("playbook", [0, 1], ids=["fast", "letter"])
def test_the_served_wait_as_long_as_published(per_hour: int, playbook: int):
    _, wait, deviation = cells(per_hour)[playbook]
    published = PUBLISHED[per_hour][playbook][1]
    if published > 10:
        assert wait == pytest.approx(published, rel=0.15)
    else:  # rounded to minutes, from thirty days
        assert abs(wait - published) <= 0.5 + 2.58 * deviation


def test_thirty_days_as_published_meet_every_cell():
    for per_hour, published in PUBLISHED.items():
        for (left, wait, _), (leaving, minutes) in zip(cells(per_hour, 30), published, strict=True):
            assert left == pytest.approx(leaving, abs=0.03)
            assert abs(wait - minutes) <= 0.15 * minutes + 0.5  # printed in whole minutes


def test_in_the_steady_state_the_letter_loses_half_instead_of_a_third():
    """At 12 an hour eight agents' work arrives for four: whoever does not leave waits; a single day hides it."""
    steady = DeskSetting(Arrivals(12.0), (Group(4),), days=120.0, warm_up_days=20.0)
    ((run,),) = replications(steady, 7, [0], timings=[LETTER])
    left = (run.contacts.fate == ABANDONED)[run.contacts.counted].mean()
    assert left == pytest.approx(0.5, abs=0.03)
    assert cells(12)[1][0] < 0.35
