"""How far apart two playbooks are, and medians with intervals, against numbers worked by hand."""

from __future__ import annotations

import pytest

from playbooks.core.contrast import difference, excludes_zero, median_interval, within_pairs


def test_the_interval_of_a_median_reaches_from_one_order_statistic_to_another():
    """Of ten values the second and the ninth: P(Bin(10, ½) ≤ 1) = 11/1024 = 1.1 %, with the third it would be 5.5 %."""
    found = median_interval([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert (found.estimate, found.low, found.high, found.bounded) == (5, 2, 9, True)


def test_five_values_have_a_median_and_no_interval():
    found = median_interval([1, 2, 3, 4, 5])
    assert (found.estimate, found.low, found.high, found.bounded) == (3, None, None, False)


def test_waits_that_have_not_ended_move_the_median_and_open_its_interval():
    found = median_interval([60, 120, 180, 240, 300, None, None])
    assert (found.n, found.estimate) == (7, 240)
    assert (found.low, found.high, found.bounded) == (60, None, True)


def test_a_median_among_waits_without_end_is_none():
    assert median_interval([60, None, None]).estimate is None


def test_nothing_has_no_median():
    assert median_interval([]) == median_interval(())
    assert median_interval([]).n == 0


def test_a_difference_of_means_has_the_interval_of_welch():
    """d = 3.75 − 2.5, s² = 35/12 and 5/3, ν = 5.6: by hand with t = 2.49."""
    found = difference([2, 3, 4, 6], [1, 2, 3, 4])
    assert found.estimate == pytest.approx(1.25)
    assert found.low == pytest.approx(1.25 - 2.49 * (35 / 48 + 5 / 12) ** 0.5, abs=0.01)
    assert found.low + found.high == pytest.approx(2.5)


@pytest.mark.parametrize(("these", "those"), [([], [1]), ([1], [])])
def test_nothing_cannot_be_compared(these: list[float], those: list[float]):
    found = difference(these, those)
    assert (found.n, found.estimate, found.low) == (0, None, None)


@pytest.mark.parametrize(("these", "those"), [([4], [3, 5]), ([4, 4], [3, 3])])
def test_a_single_answer_or_answers_without_spread_give_a_difference_without_interval(these, those):
    found = difference(these, those)
    assert found.estimate is not None
    assert (found.low, found.high) == (None, None)
    assert excludes_zero(found) is None


def test_a_difference_is_clear_only_when_its_interval_leaves_zero_out():
    assert excludes_zero(difference([5, 5, 4, 5, 4, 5], [1, 2, 1, 1, 2, 1])) is True
    assert excludes_zero(difference([1, 2, 1, 1, 2, 1], [5, 5, 4, 5, 4, 5])) is True
    assert excludes_zero(difference([3, 4, 5, 2], [3, 4, 5, 3])) is False


def test_the_same_customers_are_compared_with_themselves():
    found = within_pairs({"a": 5, "b": 3, "c": 4, "only here": 1}, {"a": 4, "b": 2, "c": 2, "only there": 5})
    assert (found.n, found.estimate) == (3, pytest.approx(4 / 3))
