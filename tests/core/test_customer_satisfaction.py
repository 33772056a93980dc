"""The signs and figures of the literature, one by one; a name says where the model was fitted to its figure."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from playbooks.core.case import PROFILES
from playbooks.core.customer import satisfaction as model
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.lasting import ACTS, carry_over, half_life, peak_day
from playbooks.core.customer.persona import TRAITS_WIDTH, Traits, culture, traits_of
from playbooks.core.customer.quantiles import log_logistic, normal
from playbooks.core.customer.survey import LOWEST_HIGHEST_MIDDLE, response_share, score, word_of_mouth
from playbooks.core.facts import COMPONENTS
from playbooks.core.streams import block

MANNERS = (
    "compensation", "apology", "voice", "speed", "care", "attribution", "gift", "letter", "gain", "style", "midpoint",
)  # fmt: skip


def plain(profile: str) -> Traits:
    """A person of this culture without anything of their own."""
    return Traits(**{name: culture(profile, name) for name in MANNERS})


def s(x: Experience, profile: str = "KR", switches: Switches = DEFAULT) -> float:
    return float(model.feelings(x, plain(profile), switches).satisfaction)


def weight(*parts: str) -> float:
    return math.fsum(E.apology[part] for part in parts)


FIRM_APOLOGY = weight("responsibility", "repair", "regret", "explanation")
HEARD = Experience(first_h=1.0, resolution_h=12.0, heard=1.0, resolved=1.0)


# --- waiting ---


@pytest.mark.parametrize(
    ("curve", "hours", "percent"),
    [
        ("mail", 1, 27.7), ("mail", 3, 50.0), ("form", 12, 47.0), ("form", 24, 74.3), ("form", 48, 90.5),
        ("messenger", 0.25 / 60, 5.3), ("messenger", 0.5 / 60, 9.6), ("messenger", 1 / 60, 13.1),
        ("messenger", 5 / 60, 22.9), ("messenger", 10 / 60, 31.2), ("messenger", 15 / 60, 34.0),
        ("messenger", 30 / 60, 43.0), ("messenger", 1, 51.3),
    ],
)  # fmt: skip
def test_waiting_curves_pass_the_published_points_they_were_fitted_to(curve: str, hours: float, percent: float):
    found = E.waiting[curve]
    assert 100 * model.waiting(hours, found.median_h, found.shape) == pytest.approx(percent, abs=2.0)


def test_another_population_at_the_form_differs_as_documented():
    mail = E.waiting.mail
    assert 100 * model.waiting(24, mail.median_h, mail.shape) == pytest.approx(70.5, abs=16.0)


def test_nobody_is_lost_at_once_and_everybody_in_the_end():
    assert model.waiting(0.0, 3.0, 0.873) == 0.0
    assert model.waiting(math.inf, 3.0, 0.873) == 1.0


# --- compensation ---


def test_for_rejected_goods_the_steps_from_60_to_120_percent_weigh_most():
    worth = model.compensation(np.arange(11) * 0.2, False)
    steps = {f"{20 * i}-{20 * i + 20}": b - a for i, (a, b) in enumerate(pairwise(worth))}
    assert set(sorted(steps, key=lambda name: -steps[name])[:3]) == {"60-80", "80-100", "100-120"}


def test_for_kept_goods_the_first_money_counts_most():
    steps = np.diff(model.compensation(np.arange(11) * 0.2, True))
    assert steps.argmax() == 0
    assert all(a > b for a, b in pairwise(steps))


def test_compensation_peaks_at_or_below_150_percent_of_the_price():
    ratios = np.linspace(0, 2, 201)
    worth = model.compensation(ratios, False)
    assert ratios[worth.argmax()] <= 1.5
    assert worth[-1] < worth.max()


def test_money_at_once_beats_money_later_and_the_right_kind_beats_another():
    full = replace(HEARD, ratio=1.0)
    assert s(full) > s(replace(full, delay_days=20.0)) > s(replace(full, delay_days=20.0, match=0.6))


# --- apology ---


def test_apology_components_stand_in_the_published_tiers():
    tiers = [["responsibility"], ["repair"], ["regret", "explanation", "repentance"], ["forgiveness"]]
    lived = [[s(replace(HEARD, apology=weight(part))) for part in tier] for tier in tiers]
    assert all(min(better) > max(worse) for better, worse in pairwise(lived))


def test_more_components_are_better():
    sums = [s(replace(HEARD, apology=weight(*COMPONENTS[:n]))) for n in range(7)]
    assert all(a < b for a, b in pairwise(sums))


@pytest.mark.parametrize("profile", PROFILES)
def test_money_beats_words_and_repeated_or_empty_words_are_worse_than_none(profile: str):
    none = replace(HEARD, ratio=0.0)
    apology = replace(none, apology=FIRM_APOLOGY)
    coupon = replace(none, ratio=0.7, match=E.compensation.match_credit)
    both = replace(coupon, apology=FIRM_APOLOGY)
    repeated, broken = replace(apology, apology_nth=3), replace(apology, broken_promise=True)
    order = [s(x, profile) for x in (both, coupon, apology, none)]
    assert order == sorted(order, reverse=True)
    assert s(none, profile) > s(repeated, profile)
    assert s(none, profile) > s(broken, profile)


def withdrawal(x: Experience, base: Experience, profile: str) -> float:
    """Percent who withdraw a bad rating when asked; fitted so that no change gives 21."""
    return 100 / (1 + math.exp(-(math.log(0.21 / 0.79) + 2.3 * (s(x, profile) - s(base, profile)))))


@pytest.mark.parametrize("profile", ["JP", "JPyoung", "KR"])
def test_an_apology_and_conditional_money_move_as_many_raters_as_in_the_field_experiment(profile: str):
    base = Experience()
    money = replace(base, ratio=0.25, conditional=True)
    assert withdrawal(replace(base, apology=FIRM_APOLOGY), base, profile) == pytest.approx(45, abs=6)
    assert withdrawal(money, base, profile) == pytest.approx(21, abs=6)


def test_an_american_profile_in_both_arms_misses_the_field_experiment_as_documented():
    base = Experience()
    assert withdrawal(replace(base, apology=FIRM_APOLOGY), base, "US") == pytest.approx(35.0, abs=0.5)


# --- justice ---


def justice_draws(n: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distributive, procedural and interactional justice, correlated .64 / .55 / .60."""
    z = normal(block(3, "test/justice", n, 3))
    mixed = z @ np.linalg.cholesky(np.array([[1, 0.64, 0.55], [0.64, 1, 0.60], [0.55, 0.60, 1]])).T
    return mixed[:, 0], mixed[:, 1], mixed[:, 2]


def test_outcome_leads_satisfaction_then_treatment_then_procedure():
    dj, pj, ij = justice_draws()
    noise = 0.65 * normal(block(3, "test/noise", dj.size, 1)[:, 0])
    felt = model.satisfaction(Experience(), dj, pj, ij, noise)
    r = [np.corrcoef(part, felt)[0, 1] for part in (dj, ij, pj)]
    assert r[0] > r[1] > r[2] > 0.5


def test_treatment_weighs_at_least_as_much_for_the_whole_relation_and_more_where_the_loss_is_not_money():
    assert E.cumulative.ij >= E.cumulative.dj
    other = Experience(monetary=False)
    assert model.satisfaction(other, 0, 0, 1) - model.satisfaction(other, 0, 0, 0) > model.satisfaction(other, 1, 0, 0)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"first_h": 0.5}, {"first_h": 5.0}), ({"resolution_h": 6.0}, {"resolution_h": 90.0}),
        ({"first_h": 5.0, "acknowledged": True}, {"first_h": 5.0}), ({"updates": 1}, {}),
        ({"updates": 2}, {"updates": 3}),
        ({}, {"hand_offs": 1}), ({}, {"re_contacts": 1}), ({"voice": 0.9}, {"voice": 0.5}), ({"empathy": 1.0}, {}),
        ({"listening": 1.0}, {}), ({"concrete": 1.0}, {}), ({"ownership": 1.0}, {}), ({"register": 1.0}, {}),
        ({}, {"ng": 1}),
        ({}, {"bot_only": True}), ({"letter_h": 24.0}, {"letter_h": 100.0}), ({"letter_h": 100.0}, {"letter_h": 200.0}),
        ({"follow_up_day": 3.0}, {"follow_up_day": 1.0}), ({"follow_up_day": 20.0}, {}), ({}, {"severity": 0.9}),
        ({}, {"conditional": True}), ({"gift": 1}, {}), ({}, {"gift": -1}),
        ({"gift": 1}, {"gift": 1, "gift_tied": True}),
    ],
)  # fmt: skip
def test_each_lever_moves_satisfaction_the_way_it_should(better: dict, worse: dict):
    assert s(replace(HEARD, **better), "JP") > s(replace(HEARD, **worse), "JP")


# --- culture: only signs ---


def lift(profile: str, **changes: float) -> float:
    return s(replace(HEARD, **changes), profile) - s(HEARD, profile)


def test_compensation_works_more_in_the_west_apology_and_voice_more_in_east_asia():
    assert lift("US", ratio=1.0) > lift("JP", ratio=1.0)
    for east in ("JP", "KR"):
        assert lift(east, apology=FIRM_APOLOGY) > lift("US", apology=FIRM_APOLOGY) > 0
        assert lift(east, voice=0.9) > lift("US", voice=0.9) > 0


def test_a_gift_after_acceptance_pleases_in_japan_and_jars_in_the_west():
    assert lift("JP", gift=1) > lift("JPyoung", gift=1) > 0 > lift("US", gift=1)


def test_a_gift_before_acceptance_jars_everywhere():
    assert all(lift(profile, gift=-1) < 0 for profile in PROFILES)


CARE = {
    "apology": weight(*COMPONENTS), "empathy": 1.0, "listening": 1.0, "concrete": 1.0, "ownership": 1.0,
    "register": 1.0, "letter_h": 24.0,
}  # fmt: skip


def anger(profile: str, **changes: float) -> float:
    x = replace(HEARD, **changes)
    return float(model.anger(x, model.feelings(x, plain(profile)), plain(profile)))


def calms(profile: str, **changes: float) -> float:
    return anger(profile) - anger(profile, **changes)


def test_good_treatment_calms_nothing_in_young_japanese_as_measured_and_others_well():
    assert abs(calms("JPyoung", **CARE)) <= 0.05
    assert all(calms(profile, **CARE) > 0.2 for profile in ("US", "JP", "KR"))


def test_what_good_treatment_does_to_the_satisfaction_of_young_japanese_was_not_measured_and_is_only_less():
    care = {"apology": FIRM_APOLOGY, "letter_h": 24.0, "gift": 1}
    assert 0 < lift("JPyoung", **care) < lift("JP", **care)


def test_speed_and_money_calm_everybody_and_individualists_more():
    quick = {"first_h": 0.1, "resolution_h": 1.0, "ratio": 1.0}
    assert calms("US", **quick) > calms("JPyoung", **quick) > 0.2


def test_bad_treatment_angers_those_whom_good_treatment_calms():
    assert calms("JP", ng=2) < 0
    assert calms("JPyoung", ng=2) == pytest.approx(0.0)


def test_an_explanation_takes_blame_off_the_firm_in_the_us_and_hardly_in_east_asia():
    told = replace(HEARD, explained=True)
    curbed = {p: float(model.blame(HEARD, plain(p)) - model.blame(told, plain(p))) for p in PROFILES}
    assert curbed["US"] > 3 * max(curbed["JP"], curbed["JPyoung"], curbed["KR"]) > 0


def test_updates_or_an_explanation_while_waiting_help_and_both_together_backfire():
    explained = {"apology": weight("explanation"), "explained": True, "explained_waiting": True}
    for profile in PROFILES:
        updates, explanation = lift(profile, updates=2), lift(profile, **explained)
        both = lift(profile, updates=2, **explained)
        assert min(updates, explanation) > 0
        assert both < min(updates, explanation)


def test_an_explanation_that_comes_with_the_end_does_not_spoil_the_updates_before_it():
    explained = {"apology": weight("explanation"), "explained": True}
    assert lift("JP", updates=2, **explained) == pytest.approx(lift("JP", updates=2) + lift("JP", **explained))


def test_success_raises_loyalty_more_in_korea_than_in_the_us():
    gain = {
        p: model.repurchase(HEARD, 1.0, plain(p).gain) - model.repurchase(HEARD, 0.0, plain(p).gain) for p in PROFILES
    }
    assert gain["KR"] > gain["US"] > 0


def test_tastes_for_gifts_differ_more_within_a_culture_than_between_cultures():
    u = block(5, "customer/traits", 4_000, TRAITS_WIDTH)
    japanese = traits_of("JP", u).gift
    assert japanese.std() > culture("JP", "gift") - culture("US", "gift")
    assert 0.1 < (japanese < 0).mean() < 0.4


# --- over time ---


def after_two(first: dict, second: dict, profile: str = "JP") -> model.Feelings:
    left = s(replace(HEARD, **first), profile)
    last = replace(HEARD, **second, failure_number=2, apology_nth=2, earlier=left)
    return model.feelings(last, plain(profile))


@pytest.mark.parametrize("profile", PROFILES)
def test_bad_then_good_ends_above_good_then_bad(profile: str):
    good, bad = {**CARE, "ratio": 1.0}, {"resolution_h": 120.0}
    up, down = after_two(bad, good, profile), after_two(good, bad, profile)
    for name in ("satisfaction", "cumulative", "repurchase"):
        assert getattr(up, name) > getattr(down, name), name


def test_what_an_earlier_failure_left_still_counts_after_the_second():
    assert after_two(CARE, {}).satisfaction > after_two({}, {}).satisfaction
    assert after_two(CARE, {}).cumulative > after_two({}, {}).cumulative


def test_an_apology_fades_first_and_an_improvement_comes_late_and_lasts():
    at_once, quarter = 2.0, 90.0
    assert carry_over("quality_improvement", at_once) < carry_over("communication", at_once)
    assert carry_over("quality_improvement", quarter) > 5 * carry_over("communication", quarter)
    assert half_life("apology") == min(half_life(act) for act in ACTS)
    assert half_life("quality_improvement") == max(half_life(act) for act in ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_each_act_starts_at_nothing_peaks_at_its_height_and_ends_at_nothing(act: str):
    assert carry_over(act, 0.0) == carry_over(act, -3.0) == carry_over(act, math.inf) == 0.0
    assert carry_over(act, peak_day(act)) == pytest.approx(E.lasting[act].height)
    days = np.linspace(0, 400, 401)
    assert carry_over(act, days).max() <= E.lasting[act].height + 1e-12


def test_a_reported_improvement_reaches_the_whole_relation_and_not_the_satisfaction_of_the_day():
    told = replace(HEARD, prevented_days=23.0)
    before, after = (model.feelings(x, plain("JP")) for x in (HEARD, told))
    assert after.cumulative > before.cumulative
    assert after.satisfaction == before.satisfaction


# --- willingness to pay ---


def test_the_faster_the_answer_the_more_one_would_pay_and_fast_is_worth_over_four_times_slow():
    chat = E.waiting.messenger
    minutes = np.array([1.0, 5.0, 22.0, 60.0, 240.0])
    x = Experience(first_h=minutes / 60, wait_median_h=chat.median_h, wait_shape=chat.shape)
    dollars = model.willingness(x, plain("US"))
    assert all(a > b > 0 for a, b in pairwise(dollars))
    assert dollars[1] / dollars[-1] > 4
    meta = model.willingness(x, plain("US"), Switches(speed_model="meta"))
    assert meta[1] / meta[-1] < 4


# --- repurchase ---


@pytest.mark.parametrize(
    ("severity", "heard", "resolved", "quick", "percent"),
    [
        (1.0, 0, 0, 0, 9), (1.0, 1, 0, 0, 19), (1.0, 1, 1, 0, 54), (1.0, 1, 1, 1, 82),
        (0.0, 0, 0, 0, 37), (0.0, 1, 0, 0, 46), (0.0, 1, 1, 0, 70), (0.0, 1, 1, 1, 95),
    ],
)  # fmt: skip
def test_repurchase_meets_the_eight_published_cells_it_was_fitted_to(severity, heard, resolved, quick, percent):
    x = Experience(severity=severity, heard=heard, resolved=resolved)
    assert 100 * model.repurchase(x, 0.0, quick=quick) == pytest.approx(percent, abs=6)


def test_recovery_never_brings_repurchase_above_the_cap():
    best = replace(HEARD, severity=0.0, prior=500, resolution_h=0.1)
    assert model.repurchase(best, 5.0, 1.2) == E.repurchase.cap < 0.95


def test_a_second_failure_undoes_loyalty_and_earlier_purchases_protect_it():
    assert model.repurchase(replace(HEARD, failure_number=2), 0.5) < model.repurchase(HEARD, 0.5)
    assert model.repurchase(replace(HEARD, prior=9), 0.5) > model.repurchase(replace(HEARD, prior=0), 0.5)


def test_speed_reaches_repurchase_by_itself_only_in_the_model_that_says_so():
    slow, fast = replace(HEARD, resolution_h=90.0), replace(HEARD, resolution_h=1.0)
    meta = Switches(speed_model="meta")
    assert model.repurchase(fast, 0.5) > model.repurchase(slow, 0.5)
    assert model.repurchase(fast, 0.5, 1.0, meta) == model.repurchase(slow, 0.5, 1.0, meta)
    assert s(fast, "JP", meta) > s(slow, "JP", meta)


def test_the_letter_and_the_gift_can_be_switched_off():
    given = replace(HEARD, letter_h=20.0, gift=1)
    assert s(given, "JP") > s(given, "JP", Switches(letter=False)) > s(given, "JP", Switches(letter=False, gift=False))
    assert s(given, "JP", Switches(letter=False, gift=False)) == s(HEARD, "JP")


# --- surveys ---


def nps(profile: str, x: Experience) -> float:
    u = block(11, "customer/traits", 20_000, TRAITS_WIDTH)
    who = traits_of(profile, u)
    answers = score("nps", model.feelings(x, who), who, block(11, "customer/scale", len(u), 3)[:, 2])
    return 100 * float((answers >= 9).mean() - (answers <= 6).mean())


def test_the_same_satisfaction_gives_a_negative_nps_in_japan_and_a_positive_one_in_the_us():
    u = block(11, "customer/traits", 20_000, TRAITS_WIDTH)
    fast = plays()["fast"]
    felt = model.feelings(fast, traits_of("US", u))
    coin = block(11, "customer/scale", len(u), 3)[:, 2]
    found = {}
    for profile in ("US", "KR", "JP"):
        answers = score("nps", felt, replace(plain(profile), nps_noise=traits_of("US", u).nps_noise), coin)
        found[profile] = 100 * float((answers >= 9).mean() - (answers <= 6).mean())
    assert found["US"] > 0
    assert -25 <= found["JP"] <= -5
    assert found["JP"] < found["KR"] < found["US"]


def test_answers_stay_on_their_scale():
    u = np.linspace(0, 0.999, 50)
    for metric, (lowest, highest, middle) in LOWEST_HIGHEST_MIDDLE.items():
        for level in (-9.0, 0.0, 9.0):
            felt = model.Feelings(level, level, level, level, level, 0.5)
            ticks = score(metric, felt, plain("JP"), u)
            assert lowest <= ticks.min() <= ticks.max() <= highest
            assert (ticks == middle).mean() >= 0.14


def test_the_angry_and_the_delighted_answer_more_and_who_has_left_answers_less():
    assert response_share("csat", -2.0, False) > response_share("csat", 0.4, False) < response_share("csat", 2.0, False)
    assert response_share("csat", 0.4, True) < response_share("csat", 0.4, False)


def test_a_success_is_told_to_more_people_in_korea():
    u = block(2, "test/told", 20_000, 1)[:, 0]
    told = {profile: word_of_mouth(1.2, u, culture(profile, "gain")).mean() for profile in ("KR", "US")}
    assert told["KR"] > told["US"]
    assert word_of_mouth(-0.8, u, 1.2).mean() == word_of_mouth(-0.8, u).mean()


def test_bad_news_travels_further():
    u = block(2, "test/told", 20_000, 1)[:, 0]
    assert (word_of_mouth(-0.8, u) <= 0).all()
    assert -word_of_mouth(-0.8, u).mean() > word_of_mouth(1.2, u).mean() > 0


# --- the whole: means per served ticket, all settings assumed ---


def plays() -> dict[str, Experience]:
    mail, chat = E.waiting.mail, E.waiting.messenger
    return {
        "fast": Experience(
            severity=0.25, wait_median_h=chat.median_h, wait_shape=chat.shape, heard=1.0, resolved=1.0, first_h=0.08,
            resolution_h=8.0, acknowledged=True, ratio=1.0, apology=weight("regret", "repair"), empathy=0.5,
            listening=0.4, concrete=0.7, register=0.8,
        ),
        "letter": Experience(
            severity=0.25, wait_median_h=mail.median_h, wait_shape=mail.shape, heard=1.0, resolved=1.0, first_h=0.8,
            resolution_h=36.0, acknowledged=True, ratio=1.0, apology=weight(*COMPONENTS), empathy=1.0, listening=1.0,
            concrete=0.8, ownership=1.0, register=1.0, voice=0.9, letter_h=40.0, gift=1, follow_up_day=7.0, updates=2,
        ),
    }  # fmt: skip


WHOLE = [  # playbook, severity, profile, S, CSAT %, NPS, CES, repurchase %
    ("fast", 0.25, "US", 0.73, 78.8, 10.9, 5.09, 87.8), ("letter", 0.25, "US", 1.22, 94.0, 50.0, 5.64, 89.4),
    ("fast", 0.25, "JP", 0.69, 63.9, -15.6, 4.83, 87.7), ("letter", 0.25, "JP", 1.55, 82.9, 34.4, 5.33, 90.6),
    ("fast", 0.25, "JPyoung", 0.67, 62.7, -17.3, 4.83, 87.5), ("letter", 0.25, "JPyoung", 1.36, 80.9, 23.5, 5.26, 89.9),
    ("fast", 0.25, "KR", 0.71, 73.3, 0.0, 5.11, 88.2), ("letter", 0.25, "KR", 1.39, 91.8, 48.6, 5.68, 90.8),
    ("fast", 0.80, "US", 0.45, 65.2, -3.9, 4.99, 77.6), ("letter", 0.80, "US", 0.94, 86.9, 36.3, 5.55, 80.2),
    ("fast", 0.80, "JP", 0.42, 51.1, -26.3, 4.77, 77.3), ("letter", 0.80, "JP", 1.28, 79.9, 24.5, 5.26, 82.5),
    ("fast", 0.80, "JPyoung", 0.39, 49.7, -28.0, 4.77, 77.1), ("letter", 0.80, "JPyoung", 1.08, 76.2, 13.4, 5.19, 81.2),
    ("fast", 0.80, "KR", 0.43, 59.6, -13.2, 5.03, 77.9), ("letter", 0.80, "KR", 1.12, 87.1, 36.9, 5.59, 82.7),
]  # fmt: skip


@pytest.mark.parametrize(("playbook", "severity", "profile", "mean_s", "csat", "promoters", "ces", "buys"), WHOLE)
def test_the_whole_model_gives_the_known_means(playbook, severity, profile, mean_s, csat, promoters, ces, buys):
    x = replace(plays()[playbook], severity=severity)
    u, coin = block(7, "customer/traits", 20_000, TRAITS_WIDTH), block(7, "customer/scale", 20_000, 3)
    who = traits_of(profile, u)
    felt = model.feelings(x, who)
    assert felt.satisfaction.mean() == pytest.approx(mean_s, abs=0.03)
    assert 100 * (score("csat", felt, who, coin[:, 0]) >= 4).mean() == pytest.approx(csat, abs=1.5)
    assert nps(profile, x) == pytest.approx(promoters, abs=2.5)
    assert score("ces", felt, who, coin[:, 1]).mean() == pytest.approx(ces, abs=0.04)
    assert 100 * felt.repurchase.mean() == pytest.approx(buys, abs=0.5)


def test_one_customer_and_a_thousand_are_reckoned_alike():
    u = block(9, "customer/traits", 1_000, TRAITS_WIDTH)
    many = model.feelings(plays()["letter"], traits_of("JP", u))
    for i in (0, 1, 17, 999):
        one = model.feelings(plays()["letter"], traits_of("JP", u[i]))
        for name in ("dj", "pj", "ij", "satisfaction", "cumulative", "repurchase"):
            whole = np.broadcast_to(getattr(many, name), (1_000,))
            assert float(getattr(one, name)) == pytest.approx(float(whole[i]), abs=1e-12)


def test_experiences_may_be_arrays_too():
    ratios = np.array([0.0, 0.5, 1.0])
    many = model.feelings(replace(HEARD, ratio=ratios, accepted=np.array([True, False, True])), plain("JP"))
    for i, accepted in enumerate((True, False, True)):
        one = model.feelings(replace(HEARD, ratio=float(ratios[i]), accepted=accepted), plain("JP"))
        assert float(one.repurchase) == pytest.approx(float(many.repurchase[i]), abs=1e-12)


def test_quantiles_invert_their_distributions():
    u = np.array([1e-12, 0.001, 0.0749, 0.3, 0.5, 0.7, 0.95, 1 - 1e-9])
    back = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in normal(u)])
    assert back == pytest.approx(u, rel=1e-12)
    assert [normal(float(p)) for p in u] == pytest.approx(normal(u), abs=1e-15)
    assert math.isfinite(normal(0.0))
    assert model.waiting(log_logistic(u, 3.0, 0.873), 3.0, 0.873) == pytest.approx(u, rel=1e-9)
