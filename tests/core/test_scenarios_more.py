"""What the authored cases hold together: kinds, sectors and manners, and that their customers do not repeat themselves."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from playbooks.core.case import LANGUAGES, Case
from playbooks.core.scenarios import Scenario, before_of, case_of_scenario, opening, scenarios
from playbooks.core.scenarios.checks import SECTORS
from playbooks.core.scenarios.head_office import SAID, compare
from playbooks.core.scenarios.manners import MANNERS

LATER = (
    "allowance_passed_on", "changed_mind", "counter_filming", "guide_private_number", "lift_out_of_order", "line_cut",
    "lost_suitcase", "lost_tier", "meal_kit_renewal", "nut_cake", "permit_threats", "roaming_bill",
)  # fmt: skip
ANSWER = (
    "お荷物は仁川に残っており、手作業の際にタグを読み取れていなかったことが原因でした。同じ便では14個のお荷物が"
    "残りました。金曜日の最初の便でお送りします。日用品の購入費は、領収書をお送りいただければお支払いいたします。"
)


def every() -> list[Scenario]:
    return list(scenarios().values())


def traps(scenario: Scenario, language: str) -> set[str]:
    return {trap.kind for trap in scenario.voices[language].traps}


def masked(case: Case, text: str) -> str:
    """A text without the customer's name and without numbers."""
    return re.sub(r"\d+", "0", text.replace((case.names or {})["customer"], "X"))


def test_there_are_thirty_cases_and_five_or_more_in_each_sector() -> None:
    assert len(every()) >= 30
    assert min(Counter(scenario.sector for scenario in every())[sector] for sector in SECTORS) >= 5


def test_four_or_more_harass_and_two_or_more_only_look_like_it() -> None:
    assert sum(scenario.harassment for scenario in every()) >= 4
    assert sum(scenario.looks_like_harassment for scenario in every()) >= 2


def test_harassment_is_never_met_alone_and_is_handed_on() -> None:
    for scenario in every():
        if scenario.harassment:
            assert scenario.escalate_to, scenario.key
            assert all("handling_alone" in traps(scenario, language) for language in LANGUAGES), scenario.key


def test_a_fair_complaint_that_looks_like_harassment_warns_of_calling_it_so() -> None:
    for scenario in every():
        if scenario.looks_like_harassment:
            assert all("calling_it_harassment" in traps(scenario, language) for language in LANGUAGES), scenario.key


def test_every_manner_of_a_customer_is_met_in_three_cases_or_more() -> None:
    met = Counter(manner for scenario in every() for manner in set(scenario.manners))
    assert set(met) == set(MANNERS)
    assert min(met.values()) >= 3


@pytest.mark.parametrize(
    "kind", ["gift_before_acceptance", "refusal_without_alternative", "policy_against_defect", "bot_loop"]
)
def test_the_gravest_traps_are_met_in_two_cases_or_more_in_every_language(kind: str) -> None:
    for language in LANGUAGES:
        assert sum(kind in traps(scenario, language) for scenario in every()) >= 2


def test_promotion_by_alimtalk_is_a_trap_of_korean_cases_alone() -> None:
    assert sum("promotional_alimtalk" in traps(scenario, "ko") for scenario in every()) >= 3
    assert not any("promotional_alimtalk" in traps(scenario, "ja") for scenario in every())


def test_bots_memberships_calls_and_escalations_are_met_more_than_once() -> None:
    assert sum(scenario.bot_first for scenario in every()) >= 3
    assert sum(bool(scenario.voices["ja"].tiers) for scenario in every()) >= 2
    assert sum(bool(scenario.voices["ja"].call) for scenario in every()) >= 5
    assert {scenario.escalate_to for scenario in every()} >= {"second_line", "supervisor", "legal", "safety"}


def test_a_refusal_without_fault_still_has_a_way_out() -> None:
    for key in ("changed_mind", "permit_threats"):
        scenario = scenarios()[key]
        assert not scenario.own_fault
        assert all("refusal_without_alternative" in traps(scenario, language) for language in LANGUAGES)


def test_the_suitcase_is_reported_in_korean_and_answered_in_japanese() -> None:
    scenario = scenarios()["lost_suitcase"]
    assert scenario.head_office is not None
    case = case_of_scenario(scenario, "ja", key="1", seed=1)
    compared = compare(case, report=scenario.head_office.memo, answer=ANSWER)
    assert {one.answer for one in compared} == {one.report for one in compared} == {SAID}


def test_another_weekday_in_the_japanese_answer_does_not_agree() -> None:
    scenario = scenarios()["lost_suitcase"]
    assert scenario.head_office is not None
    case = case_of_scenario(scenario, "ja", key="1", seed=1)
    answer = ANSWER.replace("金曜", "土曜").replace("14個", "15個")
    compared = compare(case, report=scenario.head_office.memo, answer=answer)
    assert {one.name for one in compared if not one.agrees} == {"weekday", "bags"}


@pytest.mark.parametrize("key", LATER)
def test_a_hundred_customers_open_in_eighty_ways_or_more(key: str) -> None:
    # Of 1000 customers each of these cases gives more than 600 texts; a tenth of that many keeps the test quick.
    for language in LANGUAGES:
        cases = [case_of_scenario(scenarios()[key], language, key=str(n), seed=3) for n in range(100)]
        assert len({masked(one, opening(scenarios()[key], one)[1]) for one in cases}) >= 80, language


@pytest.mark.parametrize("key", LATER)
def test_a_phone_call_and_a_bot_leave_their_talk_with_the_case(key: str) -> None:
    scenario = scenarios()[key]
    for language in LANGUAGES:
        for n in range(8):
            case = case_of_scenario(scenario, language, key=str(n), seed=3)
            assert bool(before_of(case)) == (scenario.bot_first or case.channel == "phone"), (language, case.channel)
