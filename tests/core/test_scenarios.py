"""Authored complaints, their checks, and the truth drawn for complaints that come in without one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from playbooks.core import scenarios as package
from playbooks.core.case import LANGUAGES, NEUTRAL_PROFILE, PROFILES, REMEDIES, case_from
from playbooks.core.scenarios import (
    CURRENCY_OF,
    case_of_scenario,
    case_of_ticket,
    guess_category,
    load,
    opening,
    scenarios,
)
from playbooks.core.words import customer_text, desk_text
from tickets.errors import Invalid
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS

FILES = {file.stem: file.read_text("utf-8") for file in Path(package.__file__).parent.glob("*.toml")}
ONE = FILES["delivery_delay"]


def ticket(**changes: Any) -> dict[str, Any]:
    usual = {"key": "t-1", "seed": 4, "language": "en", "channel": "api", "category": "other", "description": "Help."}
    return {**usual, **changes}


def test_each_category_has_an_authored_complaint() -> None:
    assert {scenario.category for scenario in scenarios().values()} >= set(CATEGORIES_OF_COMPLAINT) - {"other"}
    assert list(scenarios()) == sorted(FILES)


def test_several_complaints_come_in_over_several_channels() -> None:
    assert sum(len(set(scenario.channels["ja"])) > 1 for scenario in scenarios().values()) >= 2


def test_every_language_offers_calm_and_furious_beginnings() -> None:
    for scenario in scenarios().values():
        for voice in scenario.voices.values():
            moods = [one.mood for one in voice.openings]
            assert len(moods) >= 4, scenario.key
            assert min(moods) < 0.3 < 0.7 < max(moods), (scenario.key, voice.title)


def test_titles_and_wishes_are_there_in_every_language() -> None:
    for scenario in scenarios().values():
        assert set(scenario.title) == set(scenario.wants) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_of_a_scenario_fits_its_language_and_keeps_what_the_scenario_says(language: str) -> None:
    for scenario in scenarios().values():
        for n in range(20):
            case = case_of_scenario(scenario, language, key=str(n), seed=1)
            assert case.currency == CURRENCY_OF[language]
            assert case.price == scenario.price[case.currency]
            assert case.channel in scenario.channels[language]
            assert case.profile in scenario.profiles[language]
            assert abs(case.severity - scenario.severity) <= scenario.spread + 1e-9
            assert case.right_remedy == scenario.right_remedy
            assert case.scenario == scenario.key
            assert case_from(case.to_dict()) == case


def test_different_customers_have_different_names_and_orders() -> None:
    drawn = [case_of_scenario(scenarios()["wrong_item"], "ko", key=str(n), seed=1).names or {} for n in range(40)]
    assert len({names["customer"] for names in drawn}) > 10
    assert len({names["order"] for names in drawn}) == 40


def test_the_same_key_and_seed_give_the_same_case_and_beginning() -> None:
    scenario = scenarios()["rude_service"]
    one, two = (case_of_scenario(scenario, "ja", key="x", seed=6) for _ in range(2))
    assert one == two
    assert opening(scenario, one) == opening(scenario, two)
    assert case_of_scenario(scenario, "ja", key="y", seed=6) != one


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_beginning_has_a_subject_and_tells_the_case(language: str) -> None:
    for scenario in scenarios().values():
        case = case_of_scenario(scenario, language, key="3", seed=8)
        subject, text = opening(scenario, case)
        assert subject.strip()
        assert text.strip()
        assert not re.search(r"[{}<>|]", subject + text)


def test_a_mood_chooses_how_it_begins() -> None:
    scenario = scenarios()["defective_item"]
    case = case_of_scenario(scenario, "ja", key="3", seed=8)
    calm, furious = opening(scenario, case, mood=0.0)[1], opening(scenario, case, mood=1.0)[1]
    assert calm != furious
    assert "危険" not in calm


def test_a_customer_never_tells_what_only_an_investigation_finds() -> None:
    for scenario in (one for one in scenarios().values() if one.own_fault):
        for language in LANGUAGES:
            case = case_of_scenario(scenario, language, key="3", seed=8)
            voice = scenario.voices[language]
            told = opening(scenario, case)[1] + customer_text(case, "more_facts", mood=0.5, nth=0)
            assert voice.cause not in told
            assert voice.measure not in told
            assert voice.cause in desk_text(case, "confirm_facts")[0]


def test_a_complaint_that_is_not_our_fault_has_no_cause_of_ours() -> None:
    looked = 'hidden = ["x"]\nfirm ='
    scenario = load(ONE.replace("own_fault = true", "own_fault = false").replace("firm =", looked), name="one")
    case = case_of_scenario(scenario, "en", key="1", seed=1)
    assert not {"cause", "measure"} & set(case.names or {})


# Checks of a file


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('key = "delivery_delay"', 'key = "No!"', "key"),
        ('category = "delivery_delay"', 'category = "weather"', "category"),
        ("severity = 0.5", "severity = 1.5", "severity"),
        ("monetary = false", "", "monetary"),
        ("monetary = false", 'monetary = "no"', "monetary"),
        ('right_remedy = "partial_refund"', 'right_remedy = "hug"', "right_remedy"),
        ("prior_purchases = [0, 6]", "prior_purchases = [6, 0]", "prior_purchases"),
        ('ja = ["email", "line"]', 'ja = ["pigeon"]', "channels.ja"),
        ('ja = ["email", "line"]', "", "channels.ja"),
        ('ja = ["JP", "JPyoung"]', 'ja = ["XX"]', "profiles.ja"),
        ("JPY = 19800", "JPY = 0", "price.JPY"),
        ("JPY = 19800", "", "price.JPY"),
        ("JPY = 19800", "EUR = 100", "price.EUR"),
        ('firm = "Little Sky"', "", "en.firm"),
        ('firm = "Little Sky"', "firm = 3", "en.firm"),
        ('firm = "Little Sky"', 'firm = "Little Sky"\ncolour = "red"', "en.colour"),
        ('sector = "retail"', 'sector = "moon"', "sector"),
        ('manners = ["plain",', 'manners = ["singing",', "manners"),
        ('manners = ["plain",', 'manners = ["insisting",', "ko.impossible"),
        ('manners = ["plain",', 'manners = ["harassing",', "manners"),
        ("own_fault = true", "own_fault = true\nbot_first = true", "ko.bot"),
        ("own_fault = true", "own_fault = true\nharassment = true", "ko.signs"),
        ("own_fault = true", 'own_fault = true\nescalate_to = "supervisor"', "ko.escalation"),
        ("own_fault = true", 'own_fault = true\nescalate_to = "moon"', "escalate_to"),
        ("own_fault = true", "own_fault = false", "ko.hidden"),
        ('"Please ship it today."', '{ text = "Now!", when = ["full_moon"] }', "en.demands[3].when"),
        ('"Please ship it today."', '{ text = "Now!", how = "loud" }', "en.demands[3].how"),
        ('"Please ship it today."', '"지금 보내세요."', "en.demands[3]"),
        ("今日のうちに発送していただけませんか。", "今日のうちに発送しろ。", "ja.demands[3]"),
        ("오늘이라도 출고해 <주시기 바랍니다|주셨으면 해요>.", "오늘이라도 출고해 주세요.", "ko.demands[3]"),
        ("오늘이라도 출고해 <주시기 바랍니다|주셨으면 해요>.", "오늘이라도 출고해 <줘|줘요>.", "ko.demands[3]"),
        ('"Where is my travel stroller?"', '"Where is my {dog}?"', "en.subjects[1]"),
        ('"Where is my travel stroller?"', '"Where is my [[{item}?"', "en.subjects[1]"),
        ('"Where is my travel stroller?"', '"Where is my {item:a}?"', "en.subjects[1]"),
        ("mood = 0.1, text = \"The", "mood = 7, text = \"The", "en.opening[0].mood"),
        ("goods_accepted = true", "goods_accepted = true\nextra = 1", "extra"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_scenario_is_refused_by_its_key(old: str, new: str, field: str) -> None:
    assert old in ONE
    with pytest.raises(Invalid) as refused:
        load(ONE.replace(old, new, 1), name="one")
    assert refused.value.field == field
    assert refused.value.message.startswith(f"one: {field}:")


def test_a_language_that_is_missing_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refused:
        load(ONE[: ONE.index("[en]")], name="one")
    assert refused.value.field == "en"


def test_too_few_beginnings_are_refused() -> None:
    lines = ONE.splitlines()
    kept = [line for line in lines if "mood = 0.3" not in line and "mood = 0.5" not in line]
    with pytest.raises(Invalid) as refused:
        load("\n".join(kept), name="one")
    assert refused.value.field == "ko.opening"


# Complaints from outside


def test_a_complaint_from_outside_gets_a_whole_truth() -> None:
    for n in range(200):
        case = case_of_ticket(**ticket(key=f"t-{n}"))
        assert 0.1 <= case.severity <= 0.9
        assert 2_000 <= case.price <= 30_000
        assert case.currency == "USD"
        assert case.right_remedy in REMEDIES
        assert case.failure_number in (1, 2)
        assert 0 <= case.prior_purchases <= 8
        assert case.profile == "US"
        assert case.scenario is None


def test_the_desk_is_at_fault_in_about_three_of_four_complaints() -> None:
    found = [case_of_ticket(**ticket(key=f"t-{n}")).own_fault for n in range(1_000)]
    assert 700 <= sum(found) <= 800


def test_the_drawn_truth_depends_on_seed_and_key_alone() -> None:
    one = case_of_ticket(**ticket())
    assert one == case_of_ticket(**ticket())
    assert one != case_of_ticket(**ticket(seed=5))
    assert one != case_of_ticket(**ticket(key="t-2"))
    assert one.severity == case_of_ticket(**ticket(description="Other words.")).severity


def test_a_complaint_keeps_its_channel_profile_and_customer() -> None:
    case = case_of_ticket(**ticket(language="ja", channel="line", profile="JPyoung", customer="山田　花子"))
    assert (case.channel, case.profile, case.currency) == ("line", "JPyoung", "JPY")
    assert "山田　花子様" in desk_text(case, "acknowledge")[0]


def test_without_a_profile_the_language_s_neutral_one_holds() -> None:
    for language in LANGUAGES:
        case = case_of_ticket(**ticket(language=language))
        assert case.profile == NEUTRAL_PROFILE[language]
        assert case.profile in PROFILES


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I was charged twice for one ticket.", "double_charge"),
        ("Customer is asking when the refund comes.", "refund_delay"),
        ("They sent me the wrong size.", "wrong_item"),
        ("The agent was rude to me.", "rude_service"),
        ("The screen arrived cracked.", "defective_item"),
        ("My parcel hasn’t arrived.", "delivery_delay"),
        ("I wrote to you lately about translation.", "other"),
    ],
)
def test_an_english_description_without_a_category_is_guessed_from_its_words(text: str, category: str) -> None:
    assert guess_category(text, "en") == category
    assert case_of_ticket(**ticket(category=None, description=text)).category == category


def test_a_category_that_was_given_stands() -> None:
    assert case_of_ticket(**ticket(category="other", description="Charged twice.")).category == "other"


def test_the_remedy_fits_the_category() -> None:
    drawn = {case_of_ticket(**ticket(key=str(n), category="rude_service")).right_remedy for n in range(50)}
    assert drawn == {"coupon"}


@pytest.mark.parametrize(
    ("field", "value"), [("language", "fr"), ("channel", "pigeon"), ("category", "weather"), ("profile", "XX")]
)
def test_what_is_unknown_about_a_complaint_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        case_of_ticket(**ticket(**{field: value}))
    assert refused.value.field == field


def test_channels_of_every_scenario_exist() -> None:
    assert {one for s in scenarios().values() for language in LANGUAGES for one in s.channels[language]} <= set(
        CHANNELS
    )
