"""What two playbooks differ in, as one sentence in three languages."""

from __future__ import annotations

import re

import pytest

from playbooks.core.comparisons import paired
from playbooks.core.experiments.measure import measures
from playbooks.core.sentence import sentence
from tickets.errors import Invalid

TITLES = {
    "en": ("Fast resolution", "Apology letter and gift"),
    "ko": ("신속 해결", "사과 편지와 선물"),
    "ja": ("迅速解決", "お詫び状とお詫びの品"),
}
LETTER = {
    "csat": {"estimate": 0.214, "low": 0.10, "high": 0.33, "shown": True},
    "reply_median_h": {"estimate": 31.2, "low": 30.0, "high": 32.4, "shown": True},
    "ces": {"estimate": 0.10, "low": -0.20, "high": 0.40, "shown": False},
    "nps": {"estimate": None, "low": None, "high": None, "shown": None},
}
TYPICAL = {
    "hours": 2.345, "minutes": 12.34, "share": 0.0423, "points_5": 0.21, "points_7": 0.3, "nps": 4.32, "score": 0.12,
    "people_100": 12.3, "tickets_hour": 0.4, "money": 1_234.0,
}  # fmt: skip


def said(*chosen: str, language: str = "en", differences=LETTER, **more) -> str:
    baseline, other = TITLES[language]
    return sentence(baseline, other, differences, chosen, language=language, **more)


def shown(key: str, gap: float, language: str = "en", **more) -> str:
    return said(key, language=language, differences={key: {"estimate": gap, "low": gap, "high": gap}}, **more)


def test_what_is_shown_is_said_and_what_is_not_known_is_named():
    assert said("csat", "reply_median_h", "nps") == (
        "Apology letter and gift: 0.21 points more CSAT and 31 h slower to the first answer than Fast resolution; "
        "not enough data for NPS."
    )


def test_the_same_in_korean():
    assert said("csat", "reply_median_h", "nps", language="ko") == (
        "‘사과 편지와 선물’은 ‘신속 해결’보다 CSAT 점수가 0.21점 더 높고, 첫 답변까지의 시간이 31시간 더 깁니다. "
        "NPS 점수는 데이터가 부족해 판단할 수 없습니다."
    )


def test_the_same_in_japanese():
    assert said("csat", "reply_median_h", "nps", language="ja") == (
        "「お詫び状とお詫びの品」は「迅速解決」に比べ、CSATが0.21点高く、初回返信までの時間が31時間長いという結果です。"
        "NPSはデータが足りず判断できません。"
    )


def test_an_interval_that_holds_zero_is_no_difference_shown():
    assert said("csat", "ces").endswith("than Fast resolution; no difference shown in CES.")
    assert said("csat", "ces", language="ko").endswith("더 높습니다. CES 점수에서는 차이가 확인되지 않았습니다.")
    assert said("csat", "ces", language="ja").endswith("という結果です。CESには差が見られません。")


def test_a_difference_that_correction_over_many_outcomes_takes_back_is_not_said():
    taken_back = {"csat": {**LETTER["csat"], "shown": False}}
    assert "no difference shown in CSAT" in said("csat", differences=taken_back)


def test_an_outcome_that_is_only_described_is_judged_by_its_interval():
    described = {"csat_response": {"estimate": 0.05, "low": 0.04, "high": 0.06, "shown": None}}
    assert "5.0 percentage points more CSAT surveys answered" in said("csat_response", differences=described)


def test_where_nothing_is_shown_both_are_named_and_nothing_else():
    assert said("ces", "nps") == (
        "Apology letter and gift compared with Fast resolution: no difference shown in CES; not enough data for NPS."
    )
    assert (
        said("nps", language="ko")
        == "‘사과 편지와 선물’과 ‘신속 해결’을 비교하면 NPS 점수는 데이터가 부족해 판단할 수 없습니다."
    )
    assert (
        said("nps", language="ja")
        == "「お詫び状とお詫びの品」と「迅速解決」を比べると、NPSはデータが足りず判断できません。"
    )


def test_an_outcome_nobody_measured_has_not_enough_data():
    assert "not enough data for customers who buy again" in said("csat", "repurchase")


def test_what_hangs_on_assumptions_is_named_beside_it():
    assert "; which is better in CSAT hangs on what was assumed" in said("csat", hanging=["csat"])
    assert "CSAT 점수의 우열은 가정에 따라 달라집니다." in said("csat", language="ko", hanging=["csat"])
    assert "assumed" not in said("nps", hanging=["nps"])


def test_the_same_customers_under_the_same_playbook_show_no_difference():
    same = {"csat": paired([4.0, 5.0, 3.0], [4.0, 5.0, 3.0]).to_dict()}
    assert said("csat", differences=same).endswith("no difference shown in CSAT.")


def test_titles_of_any_kind_take_the_particle_that_fits():
    found = sentence("Plan B", "3단계 {n}", LETTER, ["csat"], language="ko")
    assert found.startswith("‘3단계 {n}’은 ‘Plan B’보다")
    assert sentence("느림", "빠른 답변", LETTER, ["csat"], language="ko").startswith("‘빠른 답변’은 ‘느림’보다")
    assert sentence("느림", "빠른 처리", LETTER, ["csat"], language="ko").startswith("‘빠른 처리’는 ‘느림’보다")


@pytest.mark.parametrize(
    ("key", "gap", "words"),
    [
        ("reply_median_h", -31.0, "31 h faster"),
        ("reply_median_h", 0.35, "21 min slower"),
        ("reply_median_h", 0.005, "18 s slower"),
        ("reply_median_h", 1.54, "1.5 h slower"),
        ("resolution_restricted_h", 1_234.5, "1,234 h slower"),
        ("wait_min", 150.0, "2.5 h longer in the queue"),
        ("work_min", -3.0, "3.0 min less work per ticket"),
        ("csat", 0.003, "0.003 points more"),
        ("nps", -14.26, "14 points less"),
        ("abandoned", 0.1234, "12 percentage points more customers lost in the queue"),
        ("abandoned", -0.0004, "0.04 percentage points fewer customers lost in the queue"),
        ("cost", 320.4, "¥320 more expensive per ticket"),
        ("told_bad", -12.3, "bad word of mouth to 12 fewer people per 100 tickets"),
    ],
)
def test_numbers_are_as_long_as_a_person_repeats_them(key: str, gap: float, words: str):
    assert words in shown(key, gap)


def test_money_is_written_in_its_currency_and_language():
    assert "320円高い" in shown("cost", 320.0, "ja")
    assert "₩3,200 more expensive" in shown("cost", 3_200.0, currency="KRW")
    assert "3,200원 덜 듭니다" in shown("cost", -3_200.0, "ko", currency="KRW")
    assert "$3.20 cheaper" in shown("cost", -320.0, currency="USD")


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
@pytest.mark.parametrize("key", list(measures()))
def test_every_outcome_can_be_said_both_ways_and_inside_a_list(key: str, language: str):
    size = TYPICAL[measures()[key].unit]
    more, less = shown(key, size, language), shown(key, -size, language)
    assert more != less
    inside = said(
        key, "csat", language=language, differences={**LETTER, key: {"estimate": size, "low": 0.01, "high": 9}}
    )
    for text in (more, less, inside):
        assert not re.search(r"[{}\[\]|]|  |\.\.|。。", text)
        assert text.endswith("." if language != "ja" else "。")


def test_an_outcome_that_is_none_is_refused_and_so_is_an_empty_choice():
    with pytest.raises(Invalid) as unknown:
        said("csat", "smiles")
    assert unknown.value.code == "unknown_outcome"
    with pytest.raises(Invalid) as nothing:
        said()
    assert nothing.value.code == "no_outcome"
