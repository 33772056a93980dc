"""The customers of a simulated desk: the same under every playbook, each a function of name and number alone."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playbooks.core.desk.draws import customers, spread
from playbooks.core.desk.handling import FollowUpStep, Handling, Timing
from playbooks.core.desk.kernel import PLAIN
from playbooks.core.desk.run import DeskRun, replications, simulate
from playbooks.core.desk.setting import Arrivals, DeskSetting, Group, Patience, TicketClass

ROOT = Path(__file__).resolve().parents[2]
DESK = DeskSetting(
    Arrivals(12.0), (Group(4),), 10.0, classes=(TicketClass("urgent", 0.2), TicketClass("ordinary", 0.8)),
    languages={"ja": 0.7, "ko": 0.3}, profiles={"JP": 0.7, "KR": 0.3}, drain=True,
)  # fmt: skip
FAST = Timing("fast", Handling(9.0))
LETTER = Timing("letter", Handling(40.0, follow_ups=(FollowUpStep("letter", 15.0, 24.0, share=0.5),)))
WHO = ("arrival", "ticket_class", "language", "profile", "patience")


def digest(*runs: DeskRun) -> str:
    found = hashlib.sha256()
    for run in runs:
        for table in (run.contacts, run.follow_ups):
            for name in table.__slots__:  # type: ignore[attr-defined]
                found.update(getattr(table, name).tobytes())
    return found.hexdigest()


def test_both_playbooks_meet_the_same_customers():
    ((one, two),) = replications(DESK, 7, [3], timings=[FAST, LETTER])
    for name in WHO:
        assert getattr(one.contacts, name).tobytes() == getattr(two.contacts, name).tobytes(), name
    assert one.contacts.work / 9.0 == pytest.approx(two.contacts.work / 40.0)


def test_a_playbook_without_a_receipt_meets_the_same_customers_with_less_patience():
    silent = Timing("silent", Handling(9.0, acknowledges=False))
    ((one, two),) = replications(DESK, 7, [3], timings=[FAST, silent])
    assert one.contacts.patience == pytest.approx(1.5 * two.contacts.patience)
    assert not two.contacts.acknowledged.any()


def test_a_desk_without_a_bot_confirms_nothing():
    mute = DeskSetting(Arrivals(12.0), (Group(4),), 1.0, bot=False)
    assert not simulate(mute, 7, timing=FAST).contacts.acknowledged.any()


@pytest.mark.parametrize("per_hour", [6.0, 24.0])
def test_a_customer_is_the_same_person_at_another_load_and_comes_at_another_time(per_hour: float):
    one = customers(DESK, 7, 0)
    two = customers(DeskSetting(Arrivals(per_hour), *[getattr(DESK, name) for name in (
        "agents", "days", "classes", "languages", "profiles")]), 7, 0)  # fmt: skip
    both = min(len(one), len(two))
    for name in WHO[1:]:
        assert (getattr(one, name)[:both] == getattr(two, name)[:both]).all(), name
    assert one.arrival[:both] * 12.0 == pytest.approx(two.arrival[:both] * per_hour)


def test_a_longer_stretch_begins_with_the_same_customers():
    short, long = (customers(DeskSetting(Arrivals(12.0), (Group(4),), days), 7, 0) for days in (3.0, 30.0))
    assert (short.arrival == long.arrival[: len(short)]).all()


def test_any_slice_of_replications_gives_what_the_whole_gives():
    whole = [digest(*runs) for runs in replications(DESK, 7, range(6), timings=[FAST, LETTER])]
    late = [digest(*runs) for runs in replications(DESK, 7, range(4, 6), timings=[FAST, LETTER])]
    assert whole[4:] == late
    assert len(set(whole)) == 6


def test_another_process_finds_the_same_digits():
    script = (
        "from tests.core.test_desk_draws import *; print(digest(simulate(DESK, 7, 5, timing=LETTER, kernel=PLAIN)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(simulate(DESK, 7, 5, timing=LETTER, kernel=PLAIN))


@pytest.mark.parametrize("shape", [1.0, 3.0, 4.0, 0.5, 2.5, 20.0])
def test_work_has_mean_one_and_the_spread_of_its_shape(shape: float):
    drawn = spread(7, "desk/0/work", 200_000, shape)
    assert drawn.mean() == pytest.approx(1.0, abs=4 / np.sqrt(200_000 * shape))
    assert drawn.var() == pytest.approx(1 / shape, rel=0.05)
    assert (drawn > 0).all()


def test_patience_follows_its_curve_and_its_factors():
    """Half of those who complain by mail have left after three hours; the factor of a culture stretches that."""
    given = DeskSetting(Arrivals(600.0), (Group(4),), 10.0, profiles={"JP": 0.5, "KR": 0.5},
                        patience=Patience(by_profile={"KR": 0.5}))  # fmt: skip
    met = customers(given, 7, 0)
    for code, hours in ((0, 3.0), (1, 1.5)):
        assert np.median(met.patience[met.profile == code]) == pytest.approx(hours * 3600, rel=0.04)


def test_the_shares_of_class_language_and_follow_up_come_out():
    run = simulate(DESK, 7, timing=Timing("x", Handling(1.0, follow_ups=LETTER.handling.follow_ups)))
    n = len(run.contacts)
    for code, share in ((run.contacts.ticket_class == 0, 0.2), (run.contacts.language == 1, 0.3)):
        assert code.mean() == pytest.approx(share, abs=0.04)
    assert len(run.follow_ups) / n == pytest.approx(0.5, abs=0.04)
