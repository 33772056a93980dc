"""Durations in 2 % buckets: exact to add, within 1 % to read."""

from __future__ import annotations

import numpy as np
import pytest

from playbooks.core import histogram
from playbooks.core.contrast import median_interval
from playbooks.core.statistics import quantile
from playbooks.core.streams import uniforms


def counted(values: list[int]) -> np.ndarray:
    return np.bincount(histogram.buckets(np.array(values, dtype=np.int64)), minlength=histogram.BUCKETS)


def test_every_second_has_one_bucket_and_no_bucket_is_wider_than_two_percent() -> None:
    firsts, nexts = np.array(histogram.EDGES[:-1]), np.array(histogram.EDGES[1:])
    assert histogram.EDGES[0] == 0
    assert (nexts > firsts).all()
    assert ((nexts - 1) * 50 <= firsts * 51).all()


def test_what_a_bucket_says_is_within_one_percent_of_all_that_it_holds() -> None:
    ends = np.array([histogram.EDGES[:-1], np.array(histogram.EDGES[1:]) - 1])
    assert (np.abs(histogram.MIDDLES - ends) <= 0.01 * ends).all()


@pytest.mark.parametrize("seconds", [-5, 0, 1, 51, 52, 3_600, 86_400, 10**9, 10**12])
def test_one_and_many_find_the_same_bucket(seconds: int) -> None:
    assert histogram.bucket(seconds) == histogram.buckets(np.array([seconds]))[0]


@pytest.mark.parametrize("n", [1, 2, 7, 100, 5_000])
@pytest.mark.parametrize("q", [0.1, 0.5, 0.9, 1.0])
def test_a_quantile_is_within_one_percent_of_the_exact_one(n: int, q: float) -> None:
    values = [int(60 * np.exp(8 * u)) for u in uniforms(3, "histogram", n, n)]
    exact = quantile(values, q)
    assert exact is not None
    assert histogram.quantile(counted(values), n, q) == pytest.approx(exact, rel=0.01)


def test_a_quantile_among_the_unended_is_not_known() -> None:
    counts = counted([10, 20, 30])
    assert histogram.quantile(counts, 4, 0.5) == 20
    assert histogram.quantile(counts, 10, 0.5) is None
    assert histogram.quantile(counts, 0, 0.5) is None


@pytest.mark.parametrize(("n", "unended"), [(3, 0), (6, 0), (40, 0), (40, 15), (40, 30), (999, 0)])
def test_the_interval_of_a_median_is_that_of_the_values(n: int, unended: int) -> None:
    values = [int(60 * np.exp(8 * u)) for u in uniforms(4, "histogram", n, n - unended)]
    exact = median_interval([*values, *[None] * unended])
    found = histogram.quantile_interval(counted(values), n, 0.5)
    assert (found.n, found.bounded) == (exact.n, exact.bounded)
    for here, there in ((found.estimate, exact.estimate), (found.low, exact.low), (found.high, exact.high)):
        assert here == (None if there is None else pytest.approx(there, rel=0.01))


def test_an_interval_of_the_ninetieth_percentile_covers_it_as_often_as_it_says() -> None:
    covered = 0
    for number in range(300):
        values = [int(1_000_000 * u) for u in uniforms(9, "histogram/p90", number, 60)]
        found = histogram.quantile_interval(counted(values), 60, 0.9)
        assert found.low is not None
        covered += found.low <= 900_000 and (found.high is None or found.high >= 900_000)
    assert 0.93 <= covered / 300 <= 0.99
