"""From complaints to prevention: exact rates against SciPy, honest words for few, stages of a log, topics by language."""

from __future__ import annotations

import pytest
from scipy import stats

from playbooks.core.case import Case
from playbooks.core.prevention import (
    STAGES,
    Beside,
    Spent,
    beside,
    by_week,
    costly,
    effect_of,
    excerpt,
    foreseen,
    most_after,
    rate_ratio,
    ratio_of_ratios,
    spoken_of,
    stages_of,
    topic_shares,
    topics,
    week_of,
)
from playbooks.core.statistics import wilson
from tickets.log import Event

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
MONDAY = 1_788_706_800  # 2026-09-07 00:00 in Tokyo


def test_a_week_begins_on_monday_in_tokyo():
    assert week_of(MONDAY) == MONDAY
    assert week_of(MONDAY - 1) == MONDAY - WEEK
    assert week_of(MONDAY + WEEK - 1) == MONDAY


def test_weeks_without_a_complaint_are_there_as_none():
    assert by_week([MONDAY, MONDAY + 1, MONDAY + 2 * WEEK], first=MONDAY, last=MONDAY + 2 * WEEK) == [
        (MONDAY, 2), (MONDAY + WEEK, 0), (MONDAY + 2 * WEEK, 1),
    ]  # fmt: skip


# Rates


@pytest.mark.parametrize(("after", "before"), [(4, 20), (0, 9), (9, 0), (15, 15), (1, 2), (120, 200)])
def test_the_interval_of_a_rate_ratio_is_that_of_clopper_and_pearson(after: int, before: int):
    found = rate_ratio(after, before)
    test = stats.binomtest(after, after + before, 0.5)
    share = test.proportion_ci(0.95, method="exact")
    assert found.low == pytest.approx(share.low / (1 - share.low))
    if share.high < 1:
        assert found.high == pytest.approx(share.high / (1 - share.high))
    else:
        assert found.high is None
    assert found.p == pytest.approx(test.pvalue, rel=1e-9)  # symmetrical at one half, so twice the tail


def test_a_longer_time_of_watching_is_taken_out():
    once, twice = rate_ratio(10, 10), rate_ratio(20, 10, exposure=2.0)
    assert twice.estimate == once.estimate == 1.0


def test_nothing_at_all_has_no_ratio():
    assert rate_ratio(0, 0).estimate is None
    assert not rate_ratio(0, 0).shown


@pytest.mark.parametrize(
    ("after", "before", "others_after", "others_before"),
    [(4, 20, 50, 48), (0, 12, 30, 33), (8, 3, 5, 9), (40, 60, 400, 380)],
)
def test_the_interval_of_a_ratio_of_ratios_is_the_conditional_one(after, before, others_after, others_before):
    found = ratio_of_ratios(after, before, others_after, others_before)
    table = [[after, before], [others_after, others_before]]
    wanted = stats.contingency.odds_ratio(table, kind="conditional").confidence_interval(0.95)
    assert found.low == pytest.approx(wanted.low, rel=1e-5)
    assert found.high == pytest.approx(wanted.high, rel=1e-5)


def test_without_other_complaints_nothing_can_be_held_against_them():
    assert ratio_of_ratios(3, 9, 0, 0).estimate is None


def test_the_true_ratio_lies_within_the_interval_at_least_as_often_as_promised():
    covered = total = 0.0
    for n in range(1, 40):
        for after in range(n + 1):
            weight = stats.binom.pmf(after, n, 0.4 / 1.4) * stats.poisson.pmf(n, 14)
            found = rate_ratio(after, n - after)
            total += weight
            covered += weight * ((found.low or 0) <= 0.4 <= (found.high if found.high is not None else float("inf")))
    assert covered / total >= 0.95


def test_five_complaints_are_too_few_even_if_none_follows():
    assert most_after(5) is None
    assert most_after(6) == 0
    assert most_after(20) == 8


def complaints(before: int, after: int, *, days: int = 28) -> list[int]:
    step_before, step_after = days * DAY // max(1, before), days * DAY // max(1, after)
    taken = MONDAY + 60 * DAY
    return [taken - 1 - n * step_before for n in range(before)] + [taken + n * step_after for n in range(after)]


def effect(before: int, after: int, others: tuple[int, int] = (40, 40), **changes: int):
    asked = {"taken_at": MONDAY + 60 * DAY, "now": MONDAY + 200 * DAY, "known_since": MONDAY, "days": 28, **changes}
    return effect_of(complaints(before, after), complaints(*others), **asked)


def test_a_measure_after_which_complaints_fell_is_said_to_have_come_before_a_fall():
    found = effect(30, 8)
    assert (found.before, found.after) == (30, 8)
    assert found.verdict == "fell"
    assert found.against_others.shown


def test_a_fall_that_all_causes_share_is_not_the_measures():
    found = effect(40, 15, others=(400, 150))
    assert found.verdict == "fell"
    assert not found.against_others.shown


def test_few_complaints_are_called_few():
    assert effect(4, 1).verdict == "too_few"
    assert effect(12, 9).verdict == "unclear"


def test_both_windows_are_as_long_as_both_sides_have_been_watched():
    assert effect(30, 30, now=MONDAY + 70 * DAY).seconds == 10 * DAY
    assert effect(30, 30, known_since=MONDAY + 55 * DAY).seconds == 5 * DAY
    assert effect(30, 30, now=MONDAY + 60 * DAY + HOUR).verdict == "too_soon"


# Stages


def event(at: int, name: str, actor: str = "agent", **data: object) -> Event:
    return Event(MONDAY + at, name, actor, {"facts": {}, **data} if name == "comment.created" else data)


LOG = [
    event(0, "ticket.created", "customer"),
    event(0, "comment.created", "customer", public=True),
    event(60, "comment.created", "bot", public=True),
    event(HOUR, "comment.created", "customer", public=True),
    event(2 * HOUR, "comment.created", "agent", public=False),
    event(3 * HOUR, "comment.created", "agent", public=True),
    event(5 * HOUR, "case.facts_confirmed", own_fault=True, cause="a loose lid"),
    event(6 * HOUR, "remedy.given"),
    event(7 * HOUR, "ticket.solved"),
    event(30 * HOUR, "ticket.reopened", "customer"),
    event(32 * HOUR, "ticket.solved"),
]


def test_every_stage_begins_where_the_one_before_it_ended():
    found = stages_of(LOG)
    assert {stage: spent.seconds for stage, spent in found.items()} == {
        "acknowledgement": 60, "response": 3 * HOUR - 60, "investigation": 2 * HOUR, "decision": HOUR,
        "closing": HOUR, "again": 2 * HOUR,
    }  # fmt: skip
    assert found["response"].contacts == 1


def test_a_stage_that_has_not_ended_is_not_there():
    assert set(stages_of(LOG[:6])) == {"acknowledgement", "response"}
    assert stages_of([]) == {}


def test_the_costly_step_is_the_one_in_which_those_who_found_it_hard_waited_longer():
    hard = [{"response": Spent((20 + n) * HOUR, 2), "decision": Spent(n * HOUR, 0)} for n in range(8)]
    easy = [{"response": Spent((2 + n) * HOUR, 0), "decision": Spent(n * HOUR, 0)} for n in range(8)]
    first, second = costly(hard, easy)
    assert first.stage == "response"
    assert first.hours.estimate == pytest.approx(18)
    assert (first.corrected or 1) < 0.05
    assert first.contacts.estimate == 2
    assert second.hours.estimate == 0


def test_one_who_found_it_hard_gives_no_interval():
    (found,) = costly([{"response": Spent(HOUR, 0)}], [{"response": Spent(2 * HOUR, 0)}] * 3)
    assert found.hours.low is None
    assert costly([], []) == []


# Topics


@pytest.mark.parametrize(
    ("text", "language", "topic"),
    [
        ("I waited three weeks for an answer.", "en", "slow"),
        ("Thank you for the quick help.", "en", "thanks"),
        ("三週間も待たされました。", "ja", "slow"),
        ("原因を説明してください。", "ja", "reason"),
        ("아직도 환불이 안 됐어요.", "ko", "money"),
        ("다시는 이런 일이 없었으면 합니다.", "ko", "prevention"),
    ],
)
def test_topics_are_known_by_words_of_the_language(text: str, language: str, topic: str):
    assert topic in spoken_of(text, language)


def test_a_word_within_another_english_word_is_none():
    assert "money" not in spoken_of("The postcharged battery", "en")


def test_every_topic_has_words_in_three_languages():
    assert all(set(one.title) == set(one.words) == {"en", "ko", "ja"} for one in topics())


def test_the_words_around_the_topic_are_shown():
    text = "a " * 100 + "refund, please. " + "b " * 100
    assert "refund" in excerpt(text, "en", "money")
    assert len(excerpt(text, "en", "money")) < 140


# Told beforehand

CASE = Case(
    key="1", seed=3, language="ja", profile="JP", channel="email", category="defective_item", severity=0.8,
    monetary=True, goods_accepted=False, own_fault=True, price=14_800, currency="JPY", right_remedy="exchange",
)  # fmt: skip


def test_being_told_beforehand_is_assumed_to_satisfy_more_and_the_assumption_has_a_range():
    found = foreseen([(CASE, LOG), (CASE, LOG[:6])], now=MONDAY + 40 * HOUR)
    assert (found.gain.estimate or 0) > 0
    assert (found.low or 0) < (found.gain.estimate or 0) < (found.high or 0)


def test_stages_are_those_of_the_standard_in_order():
    assert STAGES == ("acknowledgement", "response", "investigation", "decision", "closing", "again")


# Beside the ticks


def wrote(ticket: int, *answers: tuple[str, int, str], language: str = "en") -> Beside:
    return beside(ticket, language, answers)


def test_a_customer_counts_once_for_a_topic_however_often_it_is_written():
    those = [
        wrote(1, ("csat", 1, "The first answer took too long."), ("ces", 2, "I waited and waited.")),
        wrote(2, ("csat", 5, "They answered quickly.")),
    ]
    found = {one.topic: one for one in topic_shares(those)}
    assert (found["slow"].all.estimate, found["slow"].all.n) == (0.5, 2)
    assert (found["slow"].low.estimate, found["slow"].low.n) == (1.0, 1)
    assert (found["slow"].high.estimate, found["slow"].high.n) == (0.0, 1)
    assert found["slow"].examples == ((1, "en", "The first answer took too long."),)
    assert found["slow"].apart == 1.0


def test_shares_of_topics_carry_their_wilson_interval():
    those = [wrote(n, ("csat", 1, "Nobody said sorry." if n < 3 else "I am angry.")) for n in range(12)]
    (found,) = topic_shares(those)
    assert (found.topic, found.all.to_dict()) == ("apology", wilson(3, 12).to_dict())
    assert found.apart == 0.0  # nobody ticked high, so there is nothing to hold it against


def test_an_nps_is_no_judgement_of_one_handling_and_a_low_tick_outweighs_a_high_one():
    assert not wrote(1, ("nps", 0, "x")).low and not wrote(1, ("nps", 10, "x")).high
    mixed = wrote(1, ("csat", 5, "x"), ("ces", 2, "y"))
    assert mixed.low and not mixed.high
