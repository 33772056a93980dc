"""Differences judged, corrected, planned and looked at early, against SciPy, statsmodels and printed tables."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from playbooks.core.comparisons import (
    apart,
    clustered,
    clustered_difference,
    holm,
    independent,
    judged,
    looks,
    paired,
    power_of,
    smallest_difference,
    spending,
)
from playbooks.core.contrast import median_interval, quantile_interval
from playbooks.core.streams import block, uniforms

# Student's sleep data: hours gained under two drugs by the same ten patients (Student 1908).
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def normals(purpose: str, rows: int, width: int) -> np.ndarray:
    return np.asarray(ndtri(np.clip(block(11, purpose, rows, width), 1e-12, 1 - 1e-12)))


# Two playbooks


def test_pairs_are_judged_as_students_sleepers_were():
    found, known = paired(SECOND, FIRST), stats.ttest_rel(SECOND, FIRST)
    assert (found.n, found.estimate) == (10, pytest.approx(1.58))
    assert found.p == pytest.approx(known.pvalue, rel=1e-10) == pytest.approx(0.002833, abs=1e-6)
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval(0.95)), rel=1e-10)


def test_groups_that_share_nobody_are_judged_by_welch():
    found, known = independent(SECOND, FIRST), stats.ttest_ind(SECOND, FIRST, equal_var=False)
    assert found.p == pytest.approx(known.pvalue, rel=1e-10) == pytest.approx(0.07939, abs=1e-5)
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval(0.95)), rel=1e-10)


def test_groups_of_different_size_and_another_level_agree_with_scipy():
    known = stats.ttest_ind(SECOND[:4], FIRST, equal_var=False)
    found = independent(SECOND[:4], FIRST, level=0.9)
    assert found.n == 4
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval(0.9)), rel=1e-10)


def test_a_pair_with_one_side_unknown_is_no_pair():
    assert paired([1.0, 2.0, None, 5.0], [0.0, None, 3.0, 1.0]) == paired([1.0, 5.0], [0.0, 1.0])


def test_the_same_customers_under_the_same_playbook_differ_by_exactly_nothing():
    found = paired(FIRST, FIRST)
    assert (found.estimate, found.low, found.high, found.p) == (0, 0, 0, 1)


@pytest.mark.parametrize(("these", "those", "gap"), [([], [], None), ([3.0], [1.0], 2.0), ([None], [1.0], None)])
def test_one_pair_or_none_cannot_be_judged(these, those, gap):
    found = paired(these, those)
    assert (found.estimate, found.low, found.p, found.smallest) == (gap, None, None, None)


def test_pairs_that_all_differ_by_the_same_are_judged_by_their_signs():
    few, many = paired([3.1, 4.1, 5.1], [3.0, 4.0, 5.0]), paired([x + 0.1 for x in FIRST], FIRST)
    assert (few.p, few.low) == (0.25, None)
    assert many.p == pytest.approx(2**-9)
    assert (many.low, many.high) == (many.estimate, many.estimate)


def test_two_answers_against_two_without_spread_prove_nothing():
    few = independent([4.0, 4.0], [3.0, 3.0])
    assert (few.estimate, few.p, few.low) == (1, pytest.approx(1 / 3), None)
    assert independent([4.0] * 5, [3.0] * 5).p == pytest.approx(2 / math.comb(10, 5))


def test_a_difference_without_an_error_is_refused():
    with pytest.raises(ValueError, match="standard error"):
        judged(5, 1.0, 0.0, 4)


@pytest.mark.parametrize("width", [10, 40])
def test_a_playbook_against_itself_on_other_customers_is_found_different_in_three_to_seven_of_a_hundred(width: int):
    rows = normals("aa", 1_000, 2 * width)
    found = sum(independent(row[:width].tolist(), row[width:].tolist()).p < 0.05 for row in rows)
    assert 30 <= found <= 70


def test_the_smallest_difference_is_found_in_four_of_five():
    width = 20
    smallest = smallest_difference(1 / math.sqrt(width), width - 1)
    rows = normals("power", 2_000, width) + smallest
    found = sum(paired(row.tolist(), [0.0] * width).p < 0.05 for row in rows) / len(rows)
    assert found == pytest.approx(0.8, abs=0.03)


# What this many could show


@pytest.mark.parametrize("n", [3, 10, 30, 1_000])
@pytest.mark.parametrize("effect", [0.01, 0.1, 0.5])
def test_the_power_is_that_of_statsmodels(n: int, effect: float):
    known = TTestPower().power(effect, nobs=n, alpha=0.05)
    assert power_of(effect, 1 / math.sqrt(n), n - 1) == pytest.approx(known, abs=1e-9)


@pytest.mark.parametrize("n", [5, 20, 400])
def test_the_smallest_difference_is_that_of_statsmodels(n: int):
    known = TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8)
    assert smallest_difference(1 / math.sqrt(n), n - 1) == pytest.approx(known, rel=1e-5)


def test_the_power_is_nearly_one_where_the_noncentral_t_has_no_value():
    assert power_of(-2.0, 1 / math.sqrt(30), 29) == pytest.approx(1.0)
    assert power_of(0.1, 1e-3, 10**6) == pytest.approx(1.0)


def test_with_a_known_error_the_smallest_difference_is_the_textbooks_two_point_eight():
    assert smallest_difference(1.0, math.inf) == pytest.approx(1.959964 + 0.841621, abs=1e-5)


def test_nothing_varies_so_any_difference_is_found():
    assert (power_of(0.1, 0.0, 5), power_of(0.0, 0.0, 5), smallest_difference(0.0, 5)) == (1.0, 0.0, 0.0)


# Many outcomes


@pytest.mark.parametrize("seed", range(5))
def test_correction_agrees_with_statsmodels(seed: int):
    raw = (uniforms(seed, "p", "raw", 12) ** 3).tolist()
    found = holm({str(place): p for place, p in enumerate(raw)})
    assert list(found.values()) == pytest.approx(multipletests(raw, method="holm")[1].tolist(), rel=1e-12)


def test_an_outcome_that_could_not_be_judged_is_not_counted_as_a_look():
    assert holm({"csat": 0.02, "nps": None, "cost": 0.5}) == {"csat": 0.04, "nps": None, "cost": 0.5}
    assert holm({}) == {}


# Looking early


@pytest.mark.parametrize(("share", "spent"), [(0.25, 0.00001), (0.5, 0.00305), (0.75, 0.01932), (1.0, 0.05)])
def test_what_may_be_spent_early_is_what_lan_and_demets_print(share: float, spent: float):
    assert spending(share) == pytest.approx(spent, abs=3e-5)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_of_the_data_that_cannot_be_is_refused(share: float):
    with pytest.raises(ValueError, match="share"):
        spending(share)


def test_four_looks_have_the_limits_that_are_printed():
    """Reboussin, DeMets, Kim & Lan (2000), Controlled Clinical Trials 21: 4.3326, 2.9631, 2.3590, 2.0141."""
    assert [look.z for look in looks([0.25, 0.5, 0.75, 1.0])] == pytest.approx(
        [4.3326, 2.9631, 2.3590, 2.0141], abs=5e-4
    )


def test_one_look_at_the_end_costs_nothing():
    (only,) = looks([1.0])
    assert (only.z, only.p) == pytest.approx((1.959964, 0.05), abs=1e-6)


def test_looking_four_times_finds_chance_no_more_often_than_looking_once():
    limits = looks([0.25, 0.5, 0.75, 1.0])
    sums = np.cumsum(normals("looks", 20_000, 4) / 2, axis=1)
    seen = np.abs(sums) >= [look.z * math.sqrt(look.share) for look in limits]
    assert float(seen.any(axis=1).mean()) == pytest.approx(0.05, abs=0.005)
    assert float((np.abs(sums) >= 1.96 * np.sqrt([0.25, 0.5, 0.75, 1.0])).any(axis=1).mean()) > 0.11


def test_looks_go_forward():
    with pytest.raises(ValueError, match="more data"):
        looks([0.5, 0.5])


def test_very_many_and_very_early_looks_have_limits():
    limits = looks([0.001, *(k / 50 for k in range(1, 51))])
    assert all(later.z <= earlier.z for earlier, later in pairwise(limits))
    assert limits[-1].spent == pytest.approx(0.05)


# Tickets of one trainee


def by_trainees() -> tuple[list[float], list[float], list[str]]:
    """Sixty answers of seven trainees who differ, on either of two sides."""
    noise, own = normals("noise", 60, 1)[:, 0], normals("own", 7, 1)[:, 0]
    trainees = [f"trainee {k * k % 7}" for k in range(60)]
    sides = [float(k % 3 == 0) for k in range(60)]
    return [float(noise[k] + own[k * k % 7] + sides[k] / 2) for k in range(60)], sides, trainees


def by_statsmodels(values, columns, groups):
    numbers = np.unique(groups, return_inverse=True)[1]
    return OLS(np.array(values), np.array(columns)).fit(
        cov_type="cluster", cov_kwds={"groups": numbers, "use_correction": True, "df_correction": True}, use_t=True
    )


def test_a_mean_by_trainees_is_the_clustered_regression_of_statsmodels():
    values, _, trainees = by_trainees()
    found, known = clustered(values, trainees), by_statsmodels(values, np.ones((60, 1)), trainees)
    assert (found.n, found.clusters, found.reason) == (60, len(set(trainees)), None)
    assert found.estimate == pytest.approx(known.params[0], rel=1e-12)
    assert found.error == pytest.approx(known.bse[0], rel=1e-10)
    assert (found.low, found.high) == pytest.approx(tuple(known.conf_int()[0]), rel=1e-10)


def test_a_difference_by_trainees_is_the_clustered_regression_of_statsmodels():
    values, sides, trainees = by_trainees()
    this = [k for k in range(60) if sides[k]]
    that = [k for k in range(60) if not sides[k]]
    found = clustered_difference(
        [values[k] for k in this], [trainees[k] for k in this], [values[k] for k in that], [trainees[k] for k in that]
    )
    known = by_statsmodels(values, [[1.0, side] for side in sides], trainees)
    assert found.estimate == pytest.approx(known.params[1], rel=1e-10)
    assert found.error == pytest.approx(known.bse[1], rel=1e-10)
    assert (found.low, found.high) == pytest.approx(tuple(known.conf_int()[1]), rel=1e-10)


def test_stretches_of_one_size_are_judged_as_their_means_are_by_welch():
    """Six stretches of three tickets against four; what counts is one number a stretch, whatever its tickets."""
    noise = normals("stretches", 10, 3) + np.arange(10)[:, None] % 3
    these, those = noise[:6], noise[6:]
    found = apart(
        these.ravel().tolist(),
        np.repeat(range(6), 3).tolist(),
        those.ravel().tolist(),
        np.repeat(range(6, 10), 3).tolist(),
    )
    known = independent(these.mean(axis=1).tolist(), those.mean(axis=1).tolist())
    assert found.n == known.n == 4
    for one in ("estimate", "low", "high", "p", "smallest"):
        assert getattr(found, one) == pytest.approx(getattr(known, one), rel=1e-10)


def test_every_ticket_a_stretch_of_its_own_is_welch():
    found, known = apart(SECOND, range(10), FIRST, range(10, 20)), independent(SECOND, FIRST)
    assert (found.p, found.low, found.high) == pytest.approx((known.p, known.low, known.high), rel=1e-10)


@pytest.mark.parametrize("stretches", [4, 8, 16])
def test_few_stretches_of_uneven_size_find_nothing_where_nothing_is(stretches: int):
    """Stretches that differ among themselves as much as tickets do; one t for both sides finds twice as much."""
    sizes = [3 + 7 * (n % 4) for n in range(stretches)]
    found = 0
    for run in range(1_000):
        level, noise = normals(f"stretch {run}", 1, stretches)[0], normals(f"ticket {run}", stretches, max(sizes))
        sides: list[tuple[list[float], list[int]]] = [([], []), ([], [])]
        for n, size in enumerate(sizes):
            values, named = sides[n // 2 % 2]
            values += (level[n] + noise[n, :size]).tolist()
            named += [n] * size
        p = apart(*sides[0], *sides[1]).p
        found += p is not None and p < 0.05
    assert found <= 70


def test_a_stretch_on_either_side_alone_tells_nothing_and_one_on_both_sides_is_refused():
    one = apart([4.0, 5.0], [0, 0], [1.0, 2.0, 3.0], [1, 2, 2])
    assert (one.n, one.estimate, one.low, one.p) == (1, pytest.approx(2.5), None, None)
    assert apart([], [], [1.0], [1]).estimate is None
    with pytest.raises(ValueError, match="one side"):
        apart([1.0], ["a"], [2.0], ["a"])


def test_everybody_a_cluster_of_their_own_is_students_interval():
    found, known = clustered(FIRST, range(10)), stats.ttest_1samp(FIRST, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(known), rel=1e-12)


def test_ten_tickets_of_one_trainee_have_a_mean_and_no_interval():
    found = clustered(FIRST, ["mina"] * 10)
    assert (found.estimate, found.low, found.reason) == (pytest.approx(0.75), None, "one_cluster")
    gap = clustered_difference(FIRST, ["mina"] * 10, SECOND, ["mina"] * 10)
    assert (gap.estimate, gap.low, gap.reason) == (pytest.approx(-1.58), None, "one_cluster")


def test_nothing_by_nobody_says_so():
    assert clustered([], []).reason == "nothing"
    assert clustered_difference([], [], [], []).reason == "nothing"
    assert clustered_difference([1.0], ["mina"], [], []).reason == "one_side"
    assert clustered([1, 1, 1, 1], ["mina", "mina", "ken", "ken"]).reason == "no_spread"


def test_a_share_by_trainees_is_a_mean_of_yes_and_no():
    found = clustered([True, True, False, True, False, False], ["a", "a", "a", "b", "b", "c"])
    assert (found.estimate, found.clusters) == (0.5, 3)


# Quantiles


def test_the_bounds_of_a_median_stand_as_many_ranks_from_either_end():
    """Conover's x(l) and x(n + 1 − l), l the largest rank with P(Bin(n, ½) < l) ≤ α/2."""
    for n in range(60):
        found = median_interval(list(range(n, 0, -1)))
        rank = int(stats.binom(n, 0.5).ppf(0.025)) if n else 0
        assert found.bounded == (n >= 6)
        if found.bounded:
            assert (found.low, found.high) == (rank, n + 1 - rank)


@pytest.mark.parametrize("q", [0.25, 0.5, 0.9])
@pytest.mark.parametrize("n", [40, 101, 1_000])
def test_the_ranks_around_a_quantile_leave_out_no_more_than_they_may_and_would_with_one_less(n: int, q: float):
    found = quantile_interval(list(range(1, n + 1)), q)
    low, high = int(found.low), int(found.high)
    chance = stats.binom(n, q)
    assert chance.cdf(low - 1) <= 0.025 < chance.cdf(low)
    assert chance.sf(high - 1) <= 0.025 < chance.sf(high - 2)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_the_interval_lies_within_a_rank_of_scipys(q: float):
    """SciPy's quantile test chooses its ranks by the same binomial."""
    values = np.sort(normals("quantile", 200, 1)[:, 0])
    known = stats.quantile_test(values, q=float(np.quantile(values, q)), p=q).confidence_interval(0.95)
    found = quantile_interval(values.tolist(), q)
    ranks = np.searchsorted(values, [found.low, found.high]) - np.searchsorted(values, [known.low, known.high])
    assert np.abs(ranks).max() <= 1


def test_thirty_five_values_have_a_ninetieth_percentile_and_no_interval():
    assert quantile_interval(list(range(35)), 0.9).bounded is False
    assert quantile_interval(list(range(36)), 0.9).bounded is True


def test_waits_without_end_open_the_interval_of_the_ninetieth_percentile():
    found = quantile_interval([*range(95), None, None, None, None, None], 0.9)
    assert (found.estimate, found.high, found.bounded) == (89, None, True)
    assert quantile_interval([], 0.9).estimate is None


def test_the_interval_of_the_ninetieth_percentile_holds_it_in_at_least_ninety_five_of_a_hundred():
    rows = block(5, "p90", 1_000, 100)
    held = 0
    for row in rows.tolist():
        found = quantile_interval(row, 0.9)
        held += found.low <= 0.9 <= found.high
    assert held >= 940
