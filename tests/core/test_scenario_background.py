"""What lies around a case: talks before the ticket, hidden facts, traps, head office, and what a text is read against."""

from __future__ import annotations

import pytest

from playbooks.core.case import LANGUAGES, Case
from playbooks.core.scenarios import (
    Scenario,
    before_of,
    case_of_scenario,
    case_of_ticket,
    hidden_of,
    load,
    right_remedies,
    scenarios,
    setting_of,
)
from playbooks.core.scenarios.checks import NOUNS, SECTORS
from playbooks.core.scenarios.head_office import DIFFERS, MISSING, SAID, compare, compared, disagreements
from playbooks.core.words import desk_text
from tests.core.test_scenarios import FILES
from tickets.errors import Invalid
from tickets.log import AGENT, CUSTOMER, Event

REPORT = "경복궁은 화요일 정기 휴궁이었고, 40분 동안 북촌을 대신 안내했습니다. 요금의 40%를 돌려 드립니다."
ANSWER = "景福宮は火曜日が休館日で、40分ほど北村をご案内しました。代金の４０％をご返金いたします。"


def case(key: str, language: str, number: int = 1) -> Case:
    return case_of_scenario(scenarios()[key], language, key=str(number), seed=5)


def having(key: str, language: str, channel: str) -> Case:
    return next(one for n in range(50) if (one := case(key, language, n)).channel == channel)


# What the cases hold


def test_the_cases_cover_every_sector_and_the_hard_kinds() -> None:
    every = list(scenarios().values())
    assert len(every) >= 18
    assert {scenario.sector for scenario in every} == set(SECTORS)
    assert sum(scenario.harassment for scenario in every) >= 2
    assert any(scenario.looks_like_harassment for scenario in every)
    assert any(scenario.bot_first for scenario in every)
    assert any(scenario.head_office for scenario in every)
    assert any(scenario.voices["ja"].call for scenario in every)
    kinds = {trap.kind for scenario in every for voice in scenario.voices.values() for trap in voice.traps}
    assert kinds >= {
        "promotional_alimtalk", "gift_before_acceptance", "refusal_without_alternative", "policy_against_defect",
        "bribe_for_review", "calling_it_harassment", "handling_alone", "facts_disagree", "bot_loop",
    }  # fmt: skip


def test_every_case_names_its_file() -> None:
    for name, scenario in scenarios().items():
        assert scenario.key == name
        assert name in FILES


def test_every_right_remedy_rests_on_a_law_or_term_in_every_language() -> None:
    for scenario in scenarios().values():
        assert scenario.right_remedy in {remedy.kind for remedy in scenario.remedies}
        for remedy in scenario.remedies:
            assert all(remedy.law[language] for language in LANGUAGES)
        drawn = case_of_scenario(scenario, "ja", key="1", seed=1)
        assert right_remedies(drawn)[0] == drawn.right_remedy


def test_membership_rises_with_the_purchases() -> None:
    scenario = scenarios()["sale_boots"]
    tiers = scenario.voices["ko"].tiers
    drawn = [case_of_scenario(scenario, "ko", key=str(n), seed=1) for n in range(80)]
    ranks = {one.prior_purchases: tiers.index((one.names or {})["tier"]) for one in drawn}
    assert ranks[0] == 0
    assert ranks[15] == len(tiers) - 1
    assert [ranks[n] for n in sorted(ranks)] == sorted(ranks.values())


# The talk before


def test_a_bot_that_tried_hands_over_last() -> None:
    for language in LANGUAGES:
        turns = before_of(case("cancelled_flight", language))
        assert {turn.by for turn in turns} == {"bot", "customer"}
        assert (turns[-1].by, turns[-1].kind) == ("bot", "handing_over")


def test_a_call_is_noted_turn_by_turn_and_other_channels_have_none() -> None:
    called = before_of(having("overbooked_room", "ja", "phone"))
    assert {"naming", "repeating", "holding", "calling_back"} <= {turn.kind for turn in called}
    names = having("overbooked_room", "ja", "phone").names or {}
    assert names["agent"] in called[0].text
    assert any(names["order"] in turn.text for turn in called if turn.kind == "repeating")
    assert before_of(having("overbooked_room", "ja", "email")) == ()


def test_a_case_that_nobody_authored_has_no_background() -> None:
    plain = case_of_ticket(key="1", seed=1, language="ja", channel="phone", category="other", description="x")
    assert before_of(plain) == hidden_of(plain) == ()
    assert right_remedies(plain) == (plain.right_remedy,)
    assert compare(plain, report=REPORT, answer=ANSWER) == ()


def test_what_is_hidden_holds_the_cause_and_has_its_marks_filled_in() -> None:
    hidden = hidden_of(case("unwanted_option", "ja"))
    assert hidden[0] == scenarios()["unwanted_option"].voices["ja"].cause
    assert any("8,800円" in fact for fact in hidden)
    innocent = case("review_for_meals", "ja")
    assert "cause" not in (innocent.names or {})
    assert hidden_of(innocent) == scenarios()["review_for_meals"].voices["ja"].hidden


def test_a_scenario_s_own_words_stand_in_the_texts_of_the_desk() -> None:
    one = case("overbooked_room", "ja")
    assert "客室をご用意できず" in desk_text(one, "apologise")[0]
    assert "再発行" in desk_text(case("wrong_certificate", "ja"), "letter", remedy="reissue")[0]
    assert "수수료 없이 다시 보내" in desk_text(case("wrong_certificate", "ko"), "remedy", remedy="reissue")[0]


# Head office


def test_report_and_answer_that_say_the_same_agree() -> None:
    found = compare(case("palace_tour", "ja"), report=REPORT, answer=ANSWER)
    assert len(found) == 5
    assert all(fact.agrees for fact in found), found


def test_a_fact_that_is_left_out_or_told_otherwise_is_named() -> None:
    answer = "景福宮は休館日で、北村をご案内しました。代金の30％をご返金いたします。お時間は140分でした。"
    found = {fact.name: fact for fact in compare(case("palace_tour", "ja"), report=REPORT, answer=answer)}
    assert found["reason"].agrees
    assert (found["weekday"].report, found["weekday"].answer) == (SAID, MISSING)
    assert found["share"].answer == DIFFERS
    assert found["minutes"].answer == DIFFERS


def test_head_office_keeps_its_language_whatever_the_customer_s() -> None:
    english = "The palace is closed on Tuesday; you had 40 minutes in Bukchon. We refund 40% of the fare."
    assert all(fact.agrees for fact in compare(case("palace_tour", "en"), report=REPORT, answer=english))
    japanese = {fact.name: fact.report for fact in compare(case("palace_tour", "ja"), report=ANSWER, answer=ANSWER)}
    assert japanese["reason"] == MISSING


def noted(public: bool, at: int = 5) -> Event:
    return Event(at, "comment.created", AGENT, {"public": public, "facts": {}})


FOUND = Event(2, "case.facts_confirmed", AGENT, {"own_fault": True, "cause": "x"})


def test_nothing_is_compared_before_the_customer_has_had_an_answer() -> None:
    palace = case("palace_tour", "ja")
    assert compared(palace, (FOUND, noted(False)), [REPORT]) == ()
    assert compared(palace, (noted(True, at=1),), [ANSWER]) == ()
    assert compared(case("sale_boots", "ja"), (FOUND, noted(True)), [ANSWER]) == ()


def test_a_report_and_an_answer_that_say_the_same_disagree_on_nothing() -> None:
    log = (FOUND, noted(False), noted(True))
    assert disagreements(case("palace_tour", "ja"), log, [REPORT, ANSWER]) == ()


def test_the_facts_that_the_answer_tells_otherwise_are_named() -> None:
    other = ANSWER.replace("４０％", "30％").replace("火曜日", "月曜日")
    found = disagreements(case("palace_tour", "ja"), (FOUND, noted(False), noted(True)), [REPORT, other])
    assert {(fact.name, fact.report, fact.answer) for fact in found} == {
        ("weekday", SAID, MISSING), ("share", SAID, DIFFERS),
    }  # fmt: skip


def test_without_a_report_the_answer_is_held_against_the_memo() -> None:
    palace = case("palace_tour", "ja")
    assert disagreements(palace, (FOUND, noted(True)), [ANSWER]) == ()
    japanese_note = "景福宮の件、確認しました。"  # a note in another language is no report
    assert disagreements(palace, (FOUND, noted(False), noted(True)), [japanese_note, ANSWER]) == ()


def test_a_correction_mends_a_wrong_answer() -> None:
    palace, wrong = case("palace_tour", "ja"), ANSWER.replace("４０％", "30％")
    log = (FOUND, noted(True), noted(True, at=9))
    assert disagreements(palace, log, [wrong, ANSWER]) == ()
    assert [fact.name for fact in disagreements(palace, log, [ANSWER, wrong])] == ["share"]


# What a text is read against


def test_a_text_apart_from_any_ticket_is_read_with_everything_found_out() -> None:
    whole = setting_of(case("sale_boots", "ja"))
    assert (whole.own_fault, whole.remedy_given, whole.gift_allowed, whole.amounts) == (None, None, None, ())
    assert "cause" in whole.names
    assert whole.names["price"] == "13,800円"
    assert whole.currency == "JPY"


def test_cause_and_measure_stay_out_until_the_facts_are_confirmed() -> None:
    opened = setting_of(case("sale_boots", "ja"), (Event(1, "ticket.created", CUSTOMER, {}),))
    assert not {"cause", "measure"} & (set(opened.names) | set(opened.nouns))
    assert (opened.own_fault, opened.remedy_given, opened.gift_allowed) == (None, False, False)
    assert opened.amounts == (13_800,)


def test_the_log_settles_fault_remedy_amount_and_gift() -> None:
    log = (
        Event(1, "ticket.created", CUSTOMER, {}),
        Event(2, "case.facts_confirmed", AGENT, {"own_fault": True, "cause": "x"}),
        Event(3, "remedy.given", AGENT, {"kind": "refund", "amount": 5_000, "currency": "JPY"}),
    )
    settled = setting_of(case("sale_boots", "ja"), log, today="2026-09-01", customer_words=("困っています。",))
    assert (settled.own_fault, settled.remedy_given, settled.gift_allowed) == (True, True, False)
    assert settled.amounts == (13_800, 5_000)
    assert settled.customer_words == ("困っています。",)
    assert {"cause", "measure"} <= set(settled.nouns)
    accepted = (*log, Event(4, "customer.accepted", CUSTOMER, {}))
    assert setting_of(case("sale_boots", "ja"), accepted).gift_allowed is True


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_has_nouns_for_incident_and_remedy_and_for_cause_and_measure_if_ours(language: str) -> None:
    for scenario in scenarios().values():
        nouns = setting_of(case_of_scenario(scenario, language, key="1", seed=1)).nouns
        assert set(nouns) == set(NOUNS)
        assert nouns["incident"]
        assert nouns["remedy"]
        if scenario.own_fault:
            voice = scenario.voices[language]
            assert any(noun in voice.cause for noun in nouns["cause"]), (scenario.key, nouns["cause"])
            assert any(noun in voice.measure for noun in nouns["measure"]), (scenario.key, nouns["measure"])


def test_a_report_to_head_office_is_read_with_korean_nouns() -> None:
    nouns = setting_of(case("palace_tour", "ja"), language="ko").nouns
    assert "휴궁일" in nouns["cause"]
    assert "경복궁 반일 관광" in nouns["incident"]


# Refusals


def refusal(key: str, old: str, new: str) -> str | None:
    assert old in FILES[key]
    with pytest.raises(Invalid) as refused:
        load(FILES[key].replace(old, new, 1), name=key)
    assert refused.value.message.startswith(f"{key}: ")
    return refused.value.field


@pytest.mark.parametrize(
    ("key", "old", "new", "field"),
    [
        ("palace_tour", "요금의 40%를", "요금의 10%를", "head_office.facts[4].ko"),
        ("palace_tour", 'language = "ko"', 'language = "fr"', "head_office.language"),
        ("palace_tour", 'name = "share", ', "", "head_office.facts[4].name"),
        ("cancelled_flight", 'kind = "handing_over", ', "", "ko.bot[5]"),
        ("cancelled_flight", 'by = "bot"', 'by = "robot"', "ko.bot[1].by"),
        ("overbooked_room", 'kind = "holding", ', "", "ko.call"),
        ("overbooked_room", 'kind = "partial_refund"', 'kind = "hug"', "remedies[0].kind"),
        ("overbooked_room", 'kind = "partial_refund"', 'kind = "repair"', "right_remedy"),
        ("sale_boots", 'kind = "policy_against_defect"', 'kind = "ghost"', "ko.traps[0].kind"),
        ("sale_boots", "policy =", "# policy =", "ko.policy"),
        ("sale_boots", "nouns = { incident", "nouns = { accident", "ko.nouns.accident"),
        ("kneel_demand", "harassment = true", "harassment = true\nlooks_like_harassment = true", "looks_like_harassment"),
        ("overbooked_room", "words = { matter", "words = { mother", "ko.words.mother"),
        ("overbooked_room", "예약하신 {item:을/를} 준비해", "예약하신 {dog:을/를} 준비해", "ko.words.sorry_for"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_richer_keys_is_refused_by_file_and_key(key: str, old: str, new: str, field: str) -> None:
    assert refusal(key, old, new) == field


def test_a_scenario_keeps_what_its_file_says() -> None:
    scenario: Scenario = scenarios()["lunchbox_plastic"]
    assert scenario.looks_like_harassment
    assert not scenario.harassment
    assert scenario.escalate_to == "supervisor"
    assert scenario.voices["ja"].signs
    assert scenario.voices["en"].response
