"""Intervals against numbers worked by hand or printed in the sources."""

from __future__ import annotations

import pytest

from playbooks.core.statistics import gamma_spread, mean, nps_with_interval, quantile, t_interval, wilson


def test_wilson_gives_the_textbook_interval_for_eight_of_ten() -> None:
    share = wilson(8, 10)
    assert (share.n, share.estimate) == (10, 0.8)
    assert share.low == pytest.approx(0.4902, abs=5e-5)
    assert share.high == pytest.approx(0.9433, abs=5e-5)


def test_wilson_has_width_at_nothing_of_ten_and_stays_within_bounds() -> None:
    share = wilson(0, 10)
    assert share.low == 0.0
    assert share.high == pytest.approx(3.8415 / 13.8415, abs=1e-4)  # z² / (n + z²)


def test_nobody_asked_gives_no_estimate() -> None:
    assert wilson(0, 0).estimate is None
    assert t_interval([]).estimate is None
    assert nps_with_interval([]).estimate is None
    assert quantile([], 0.5) is None
    assert mean([]) is None


def test_t_interval_of_one_two_three_is_worked_by_hand() -> None:
    # mean 2, s = 1, t(2; .975) = 4.302653, half = 4.302653 / sqrt(3) = 2.484138
    interval = t_interval([1, 2, 3])
    assert interval.estimate == 2
    assert interval.low == pytest.approx(2 - 2.484138, abs=1e-6)
    assert interval.high == pytest.approx(2 + 2.484138, abs=1e-6)


def test_one_value_has_a_mean_and_no_interval() -> None:
    interval = t_interval([4.0])
    assert (interval.n, interval.estimate, interval.low, interval.high) == (1, 4.0, None, None)


def test_nps_counts_nine_and_ten_against_nought_to_six() -> None:
    # 2 promoters, 2 passives, 1 detractor of 5: (2 - 1) / 5
    assert nps_with_interval([10, 9, 8, 7, 6]).estimate == pytest.approx(20.0)


def test_nps_of_five_promoters_is_not_certainty() -> None:
    # p = 5.75/8, d = .75/8; centre 62.5; half = 195.996·√((.8125 − .390625)/8) = 45.01
    interval = nps_with_interval([10] * 5)
    assert interval.estimate == 100.0
    assert interval.low == pytest.approx(62.5 - 45.01, abs=0.01)
    assert interval.high == 100.0


def test_a_quantile_counts_the_unanswered_as_waits_without_end() -> None:
    waits = [60, 120, 180, None]
    assert quantile(waits, 0.5) == 120
    assert quantile(waits, 0.75) == 180
    assert quantile(waits, 0.9) is None


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) == 9
    assert quantile([7], 0.9) == 7


def test_the_gamma_spread_has_mean_one() -> None:
    steps = 4_000
    values = [gamma_spread((i + 0.5) / steps, 4) for i in range(steps)]
    assert mean(values) == pytest.approx(1.0, abs=2e-3)
    assert gamma_spread(0.5, 4) == pytest.approx(0.918, abs=1e-3)  # median 3.672 of a mean of 4
