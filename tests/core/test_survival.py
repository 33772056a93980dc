"""Time to an answer with open tickets and customers who left, against statsmodels, lifelines, SciPy and by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from playbooks.core.comparisons import clustered, clustered_difference
from playbooks.core.streams import block
from playbooks.core.survival import (
    cumulative_incidence,
    first_of,
    restricted_difference,
    restricted_mean,
    seen_until,
    survival,
)

# Fifteen tickets: hours until answered, left, or still open (None).
HOURS = [3, 5, 8, 12, 15, 20, 24, 30, 36, 41, 50, 63, 70, 72, 88]
ENDS = ["answered", "left", "answered", None, "answered", "answered", "left", "answered", None, "answered", "left",
        "answered", None, "answered", None]  # fmt: skip


def tickets(n: int, *, seed: int = 3, whole: bool = True) -> tuple[list[float], list[str | None]]:
    """Answered after about 20 h, left after about 60, seen for 10 to 100."""
    u = block(seed, "survival", n, 3)
    answered, left, seen = -20 * np.log1p(-u[:, 0]), -60 * np.log1p(-u[:, 1]), 10 + 90 * u[:, 2]
    times = np.minimum(np.minimum(answered, left), seen)
    ends = np.where(times == seen, None, np.where(times == answered, "answered", "left"))
    return (np.ceil(times) if whole else times).tolist(), ends.tolist()


def coded(ends: Sequence[str | None]) -> np.ndarray:
    return np.array([{None: 0, "answered": 1, "left": 2}[end] for end in ends])


# Cumulative incidence


def test_the_curve_and_its_interval_are_those_of_lifelines():
    """AalenJohansenFitter of lifelines 0.30.3 on the fifteen tickets, event 1."""
    curve = cumulative_incidence(HOURS, ENDS)["answered"]
    known = {
        3: (0.06666666666666667, 0.004300363449375636, 0.26032196307214517),
        20: (0.2787878787878788, 0.08569799297405321, 0.51476565512081),
        50: (0.43636363636363634, 0.17750862619885888, 0.6717913066409271),
        72: (0.6484848484848484, 0.3083451117505745, 0.8526188168735195),
    }
    for time, (share, low, high) in known.items():
        found = curve.at(time)
        assert (found.estimate, found.low, found.high) == pytest.approx((share, low, high), rel=1e-10)
    assert curve.error[-1] ** 2 == pytest.approx(0.02050805576425417, rel=1e-10)


@pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")
@pytest.mark.parametrize("n", [20, 200, 3_000])
def test_many_tickets_with_ties_agree_with_statsmodels(n: int):
    times, ends = tickets(n)
    found, known = cumulative_incidence(times, ends), CumIncidenceRight(times, coded(ends))
    for code, cause in enumerate(("answered", "left")):
        curve = found[cause]
        place = np.searchsorted(known.times, curve.times)
        np.testing.assert_allclose(curve.share, known.cinc[code][place], rtol=1e-10)
        error = known.cinc_se[code][place]
        error, own = error[np.isfinite(error)], curve.error[np.isfinite(error)]
        assert len(error) >= len(own) - 1  # theirs has none where all the rest end at once
        np.testing.assert_allclose(own, error, rtol=1e-6, atol=1e-12)


def test_answered_left_and_open_add_up_to_everybody():
    times, ends = tickets(500)
    curves = cumulative_incidence(times, ends)
    open_still = SurvfuncRight(times, coded(ends) > 0)
    total = curves["answered"].share + curves["left"].share
    np.testing.assert_allclose(1 - total, open_still.surv_prob, atol=1e-12)


def test_leaving_hides_no_wait_the_share_answered_is_less_than_where_leavers_were_dropped():
    times, ends = tickets(500)
    dropped = cumulative_incidence(times, [end if end == "answered" else None for end in ends])["answered"]
    assert cumulative_incidence(times, ends)["answered"].at(60).estimate < dropped.at(60).estimate - 0.05


def test_with_nobody_open_the_share_is_the_plain_share_with_its_plain_error():
    times, ends = tickets(400)
    ends = ["left" if end is None else end for end in ends]
    curve = cumulative_incidence(times, ends)["answered"]
    for time in (5, 20, 50):
        share = sum(t <= time and end == "answered" for t, end in zip(times, ends, strict=True)) / 400
        place = np.searchsorted(curve.times, time, side="right") - 1
        assert curve.share[place] == pytest.approx(share, abs=1e-12)
        assert curve.error[place] == pytest.approx(math.sqrt(share * (1 - share) / 400), rel=1e-9)


def test_a_hundred_thousand_tickets_are_no_wait():
    times, ends = tickets(100_000, whole=False)
    curve = cumulative_incidence(times, ends)["answered"]
    assert len(curve.times) > 80_000
    assert 0.70 < curve.at(60).estimate < 0.74  # (1 − e^−4)·3/4 = 0.736 where nobody is open
    assert curve.at(60).high - curve.at(60).low < 0.01


def test_at_the_same_second_the_open_one_was_still_there():
    curve = cumulative_incidence([5, 5, 9], ["answered", None, "answered"])["answered"]
    assert curve.share.tolist() == pytest.approx([1 / 3, 1])
    assert curve.at_risk.tolist() == [3, 1]


def test_before_the_first_answer_the_share_is_nothing_and_after_the_last_look_it_is_unknown():
    curve = cumulative_incidence(HOURS, ENDS)["answered"]
    assert (curve.at(1).estimate, curve.at(1).low) == (0.0, None)
    assert curve.at(88).estimate == pytest.approx(0.6484848)
    assert curve.at(88.5).estimate is None


def test_when_nobody_is_open_any_more_the_share_stays():
    curve = cumulative_incidence([1, 2, 3, 4], ["answered", "answered", "left", "answered"])["answered"]
    assert curve.at(1_000).estimate == pytest.approx(0.75)


def test_half_of_everybody_is_answered_at_the_median_and_who_left_never_is():
    curves = cumulative_incidence([1, 2, 3, 4], ["answered", "answered", "left", "left"])
    assert (curves["answered"].quantile(0.5), curves["answered"].quantile(0.6)) == (2, None)


def test_the_picture_has_its_table():
    read = cumulative_incidence(HOURS, ENDS)["answered"].read([0, 20, 60, 100])
    assert read["share"] == [0.0, pytest.approx(0.2787878), pytest.approx(0.4363636), None]
    assert read["at_risk"] == [15, 10, 4, 0]
    assert read["low"][0] is None


def test_no_tickets_have_no_curve():
    assert cumulative_incidence([], []) == {}
    assert cumulative_incidence([5, 6], [None, None]) == {}


@pytest.mark.parametrize(
    ("times", "ends"), [([-1.0], ["left"]), ([math.nan], [None]), ([math.inf], ["left"]), ([1.0], [])]
)
def test_a_time_that_cannot_be_is_refused(times: list[float], ends: list[str | None]):
    with pytest.raises(ValueError, match="time"):
        cumulative_incidence(times, ends)


# The mean within a horizon


def test_the_restricted_mean_is_that_of_lifelines():
    """restricted_mean_survival_time of lifelines 0.30.3: who leaves as open, so that one cause is left; t = 60."""
    alone = [end if end == "answered" else None for end in ENDS]
    assert restricted_mean(HOURS, alone, "answered", horizon=60).estimate == pytest.approx(
        41.212820512820514, rel=1e-12
    )
    either = [end and "over" for end in ENDS]
    assert restricted_mean(HOURS, either, "over", horizon=60).estimate == pytest.approx(35.624242424242425, rel=1e-12)


def test_with_one_cause_the_variance_is_the_integral_of_greenwoods_over_scipys_curve():
    """Σ (∫_tᵢ^τ S dt)²·d/(n(n − d)), step by step."""
    times, ends = tickets(150)
    either, horizon = [end and "over" for end in ends], 48.0
    curve = ecdf(CensoredData(
        uncensored=[t for t, end in zip(times, ends, strict=True) if end],
        right=[t for t, end in zip(times, ends, strict=True) if not end],
    )).sf  # fmt: skip
    steps = [0.0, *(t for t in curve.quantiles if t < horizon), horizon]

    def area(start: float) -> float:
        return sum((b - a) * float(curve.evaluate(a)) for a, b in pairwise(steps) if a >= start)

    variance = 0.0
    for t in sorted(set(times)):
        n, d = sum(x >= t for x in times), sum(x == t and bool(e) for x, e in zip(times, ends, strict=True))
        if d and t < horizon:
            variance += area(t) ** 2 * d / (n * (n - d))
    found = restricted_mean(times, either, "over", horizon=horizon)
    assert found.estimate == pytest.approx(area(0.0), rel=1e-12)
    assert found.error == pytest.approx(math.sqrt(variance), rel=1e-10)


@pytest.mark.parametrize("horizon", [7, 24, 72])
def test_with_nobody_open_it_is_the_plain_mean_where_leavers_count_in_full(horizon: float):
    times, ends = tickets(300)
    ends = ["left" if end is None else end for end in ends]
    waits = np.array([min(t, horizon) if end == "answered" else horizon for t, end in zip(times, ends, strict=True)])
    found = restricted_mean(times, ends, "answered", horizon=horizon)
    assert found.estimate == pytest.approx(waits.mean(), rel=1e-12)
    assert found.error == pytest.approx(waits.std() / math.sqrt(300), rel=1e-9)


def test_with_competition_and_open_tickets_the_error_is_that_of_leaving_out_one_at_a_time():
    times, ends = tickets(400)
    all_but = [
        restricted_mean(times[:k] + times[k + 1 :], ends[:k] + ends[k + 1 :], "answered", horizon=72).estimate
        for k in range(400)
    ]
    jackknife = math.sqrt(399 / 400 * np.sum((np.array(all_but) - np.mean(all_but)) ** 2))
    assert restricted_mean(times, ends, "answered", horizon=72).error == pytest.approx(jackknife, rel=0.01)


def test_the_interval_holds_the_true_mean_in_about_ninety_five_of_a_hundred():
    """∫₀³⁰ (1 − ¾(1 − e^(−t/15))) dt = 7.5 + ¾·15·(1 − e^(−2)) = 17.228."""
    truth = 30 / 4 + 0.75 * 15 * (1 - math.exp(-30 / 15))
    held = 0
    for seed in range(400):
        found = restricted_mean(*tickets(120, seed=seed, whole=False), "answered", horizon=30)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_unanswered_tickets_make_the_mean_longer_than_the_answered_say():
    """Two answered after 2 h, two still open after 72: (2 + 2 + 72 + 72) / 4."""
    found = restricted_mean([2, 2, 72, 72], ["answered", "answered", None, None], "answered", horizon=72)
    assert found.estimate == pytest.approx(37)


def test_nobody_seen_as_long_as_the_horizon_is_too_soon_to_say():
    found = restricted_mean([2, 2, 40, 71], ["answered", "answered", None, None], "answered", horizon=72)
    assert (found.n, found.estimate, found.reason) == (4, None, "too_soon")
    assert seen_until([2, 2, 40, 71], ["answered", "answered", None, None]) == 71
    assert seen_until([2, 2, 40, 71], ["answered", "answered", None, "left"]) == math.inf


def test_nothing_has_no_mean_and_what_never_happened_no_interval():
    assert restricted_mean([], [], "answered", horizon=72).reason == "nothing"
    never = restricted_mean([80, 90], [None, None], "answered", horizon=72)
    assert (never.estimate, never.low, never.reason) == (72, None, "no_spread")
    assert restricted_mean([5], ["answered"], "answered", horizon=72).low is None


@pytest.mark.parametrize("horizon", [0, -1, math.inf, math.nan])
def test_a_horizon_that_is_none_is_refused(horizon: float):
    with pytest.raises(ValueError, match="horizon"):
        restricted_mean(HOURS, ENDS, "answered", horizon=horizon)


def test_two_playbooks_differ_by_their_restricted_means():
    times, ends = tickets(300)
    fast = restricted_mean(times, ends, "answered", horizon=48)
    slow = restricted_mean([t + 6 for t in times], ends, "answered", horizon=48)
    found = restricted_difference(slow, fast)
    assert found.estimate == pytest.approx(slow.estimate - fast.estimate)
    assert found.high - found.estimate == pytest.approx(1.959964 * math.hypot(slow.error, fast.error), rel=1e-6)
    assert found.p < 0.05
    nothing = restricted_mean([], [], "answered", horizon=48)
    assert (restricted_difference(slow, nothing).n, restricted_difference(slow, nothing).p) == (0, None)


def test_means_within_different_horizons_are_not_compared():
    one, two = (restricted_mean(HOURS, ENDS, "answered", horizon=horizon) for horizon in (24, 48))
    with pytest.raises(ValueError, match="one horizon"):
        restricted_difference(one, two)


# Tickets of one trainee


def by_trainees(
    trainees: int = 12, each: int = 25, *, seed: int = 5
) -> tuple[list[float], list[str | None], list[str]]:
    """Trainees who are slow or fast with all their tickets, and have more or fewer of them."""
    pace = np.exp(1.5 * (block(seed, "pace", trainees, 1)[:, 0] - 0.5))
    found: tuple[list[float], list[str | None], list[str]] = ([], [], [])
    for n in range(trainees):
        times, ends = tickets(each + 3 * (n % 4), seed=100 * seed + n)
        found[0].extend(np.ceil(np.array(times) * pace[n]).tolist())
        found[1].extend(ends)
        found[2].extend([f"trainee {n}"] * len(times))
    return found


def without(name: str, data: tuple[list[float], list[str | None], list[str]]) -> tuple[list[float], list[str | None]]:
    kept = [k for k, trainee in enumerate(data[2]) if trainee != name]
    return [data[0][k] for k in kept], [data[1][k] for k in kept]


def jackknife(values: Sequence[float]) -> float:
    """Leaving out one cluster at a time: √((G − 1)/G·Σ (θ₍g₎ − mean)²)."""
    groups = len(values)
    return math.sqrt((groups - 1) / groups * float(np.sum((np.array(values) - np.mean(values)) ** 2)))


def test_every_ticket_its_own_trainee_has_the_plain_error_but_for_n_less_one():
    times, ends = tickets(200)
    plain, own = (cumulative_incidence(times, ends, clusters=by) for by in (None, range(200)))
    for cause in ("answered", "left"):
        np.testing.assert_allclose(own[cause].error, plain[cause].error * math.sqrt(200 / 199), rtol=1e-9, atol=1e-12)
        assert (own[cause].share == plain[cause].share).all()
    for cause in ("answered", "left"):
        alone, counted = (restricted_mean(times, ends, cause, horizon=48, clusters=by) for by in (None, range(200)))
        assert counted.estimate == alone.estimate
        assert counted.error == pytest.approx(alone.error * math.sqrt(200 / 199), rel=1e-10)


def test_the_error_by_trainees_is_that_of_leaving_out_one_trainee_at_a_time():
    times, ends, trainees = data = by_trainees(40)
    names = list(dict.fromkeys(trainees))
    curve = cumulative_incidence(times, ends, clusters=trainees)["answered"]
    for hours in (10, 30, 60):
        left_out = [cumulative_incidence(*without(name, data))["answered"].at(hours).estimate for name in names]
        place = np.searchsorted(curve.times, hours, side="right") - 1
        assert curve.error[place] == pytest.approx(jackknife(left_out), rel=0.05)
    left_out = [restricted_mean(*without(name, data), "answered", horizon=60).estimate for name in names]
    found = restricted_mean(times, ends, "answered", horizon=60, clusters=trainees)
    assert found.error == pytest.approx(jackknife(left_out), rel=0.05)
    assert found.clusters == curve.clusters == 40


def test_with_nobody_open_it_is_the_clustered_mean():
    """Then the restricted mean is the mean of min(time, horizon), leavers in full, whose clustered error is known."""
    times, ends, trainees = by_trainees()
    ends = ["left" if end is None else end for end in ends]
    waits = [min(t, 48) if end == "answered" else 48 for t, end in zip(times, ends, strict=True)]
    found = restricted_mean(times, ends, "answered", horizon=48, clusters=trainees)
    known = clustered(waits, trainees)
    assert (found.estimate, found.error) == pytest.approx((known.estimate, known.error), rel=1e-10)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), rel=1e-10)


def test_alike_tickets_of_one_trainee_make_the_intervals_wider():
    times, ends, trainees = by_trainees()
    plain, counted = (cumulative_incidence(times, ends, clusters=by)["answered"] for by in (None, trainees))
    one, two = plain.at(24), counted.at(24)
    assert two.estimate == one.estimate
    assert two.high - two.low > 1.5 * (one.high - one.low)


def test_the_interval_by_trainees_holds_the_true_mean_where_the_plain_one_fails():
    truth = restricted_mean(*by_trainees(4_000, 4, seed=9)[:2], "answered", horizon=48).estimate
    held, plain = 0, 0
    for seed in range(120):
        times, ends, trainees = by_trainees(15, 4, seed=1_000 + seed)
        found = restricted_mean(times, ends, "answered", horizon=48, clusters=trainees)
        alone = restricted_mean(times, ends, "answered", horizon=48)
        held += found.low <= truth <= found.high
        plain += alone.low <= truth <= alone.high
    assert held / 120 >= 0.9
    assert plain < held


def test_a_difference_of_means_counts_a_trainee_with_tickets_on_both_sides_once():
    """With nobody open it is the clustered regression but for (n − 1)/(n − 2), which the means of two sides lack."""
    times, ends, trainees = by_trainees()
    ends = ["answered" if end is None else end for end in ends]
    side = [k % 2 == 0 for k in range(len(times))]
    halves = [[k for k in range(len(times)) if side[k] is which] for which in (True, False)]
    these, those = (([times[k] for k in half], [ends[k] for k in half], [trainees[k] for k in half]) for half in halves)
    found = restricted_difference(
        *(restricted_mean(t, e, "answered", horizon=48, clusters=by) for t, e, by in (these, those))
    )
    here, there = (
        [min(t, 48) if e == "answered" else 48 for t, e, _ in zip(*one, strict=True)] for one in (these, those)
    )
    known = clustered_difference(here, these[2], there, those[2])
    n = len(times)
    assert found.estimate == pytest.approx(known.estimate, rel=1e-10)
    assert found.high - found.low == pytest.approx((known.high - known.low) * math.sqrt((n - 2) / (n - 1)), rel=1e-10)
    others = restricted_difference(  # the same tickets, by other people on either side
        *(
            restricted_mean(t, e, "answered", horizon=48, clusters=[(side, one) for one in by])
            for side, (t, e, by) in enumerate((these, those))
        )
    )
    assert found.high - found.low < 0.8 * (others.high - others.low)  # a trainee's pace is on both sides and falls out


def test_one_trainee_alone_has_an_estimate_and_no_interval():
    mean = restricted_mean(HOURS, ENDS, "answered", horizon=60, clusters=["mina"] * 15)
    assert (mean.reason, mean.low, mean.clusters) == ("one_cluster", None, 1)
    curve = cumulative_incidence(HOURS, ENDS, clusters=["mina"] * 15)["answered"]
    assert curve.at(20).estimate == pytest.approx(0.2787878787878788)
    assert (curve.at(20).low, curve.at(20).high) == (None, None)
    assert restricted_difference(mean, mean).p is None


def test_clusters_on_one_side_only_or_too_few_names_are_refused():
    counted = restricted_mean(HOURS, ENDS, "answered", horizon=60, clusters=range(15))
    nothing = restricted_mean([], [], "answered", horizon=60, clusters=[])
    assert restricted_difference(counted, nothing).estimate is None
    with pytest.raises(ValueError, match="both or in neither"):
        restricted_difference(counted, restricted_mean(HOURS, ENDS, "answered", horizon=60))
    with pytest.raises(ValueError, match="one cluster"):
        cumulative_incidence(HOURS, ENDS, clusters=["mina"])


def test_nothing_happened_by_trainees_says_so():
    never = restricted_mean([80, 90], [None, None], "answered", horizon=72, clusters=["mina", "ken"])
    assert (never.estimate, never.low, never.reason) == (72, None, "no_spread")
    assert restricted_mean([], [], "answered", horizon=72, clusters=[]).reason == "nothing"
    assert cumulative_incidence([], [], clusters=[]) == {}


# One ticket, and the plain curve


def test_a_ticket_ends_with_what_came_first_and_is_open_while_nothing_has():
    assert first_of(100, {"answered": 400, "left": 300}, now=1_000) == (200, "left")
    assert first_of(100, {"answered": 300, "left": 300}, now=1_000) == (200, "answered")
    assert first_of(100, {"answered": None, "left": None}, now=1_000) == (900, None)
    assert first_of(100, {"answered": 2_000}, now=1_000) == (900, None)


def test_where_nothing_competes_the_curve_is_kaplan_meiers():
    times, still = survival([1, 2, 2, 3, 4], [False, False, True, False, True])
    assert times.tolist() == [1, 2, 3, 4]
    assert still.tolist() == pytest.approx([0.8, 0.6, 0.3, 0.3])
    assert len(survival([], [])[0]) == 0
