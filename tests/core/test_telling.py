"""What customers write does not repeat itself, keeps to the facts, and stays in one language and register."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from playbooks.core.case import LANGUAGES, Case
from playbooks.core.facts import CUSTOMER_WORDS
from playbooks.core.phrasing import money
from playbooks.core.scenarios import case_of_scenario, manner, opening, scenarios
from playbooks.core.scenarios.manners import MANNERS, SHAPES, speaks_formally
from playbooks.core.scenarios.tongue import problem
from playbooks.core.words import customer_text

EVERY = [pytest.param(key, language, id=f"{key}-{language}") for key in scenarios() for language in LANGUAGES]
MONEY = {"ko": r"[\d,]+원", "ja": r"[\d,]+円", "en": r"\$[\d,.]*\d"}


def openings(key: str, language: str, count: int) -> Iterator[tuple[Case, str, str]]:
    for n in range(count):
        case = case_of_scenario(scenarios()[key], language, key=str(n), seed=11)
        yield case, *opening(scenarios()[key], case)


def masked(case: Case, text: str) -> str:
    """The text without names, dates and numbers."""
    for name in sorted((case.names or {}).values(), key=len, reverse=True):
        text = text.replace(name, "_")
    return re.sub(r"[\d０-９一二三四五六七八九十]+", "0", text)


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_a_thousand_openings_hold_two_hundred_different_texts(key: str, language: str) -> None:
    seen: set[str] = set()
    for case, _, text in openings(key, language, 1_000):
        seen.add(masked(case, text))
        if len(seen) >= 200:
            return
    pytest.fail(f"only {len(seen)}")


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_no_opening_contradicts_the_facts_or_leaves_its_language_and_register(key: str, language: str) -> None:
    voice = scenarios()[key].voices[language]
    for case, subject, text in openings(key, language, 40):
        names = case.names or {}
        assert not re.search(r"[{}<>|]|\[\[|None", subject + text)
        assert problem(text, language, formal=speaks_formally(case)) is None
        assert problem(subject, language, formal=speaks_formally(case), whole=False) is None
        assert set(re.findall(r"\d{4}-\d{4}", text)) <= {names["order"]}
        assert set(re.findall(MONEY[language], text)) <= {money(case.price, case.currency, language)}
        assert not (voice.cause and voice.cause in text)
        assert not any(fact in text for fact in voice.hidden)


@pytest.mark.parametrize("language", LANGUAGES)
def test_later_words_keep_the_register_too(language: str) -> None:
    for number, scenario in enumerate(scenarios().values()):
        case = case_of_scenario(scenario, language, key=str(number), seed=2)
        for word, mood, nth in itertools.product(CUSTOMER_WORDS, (0.1, 0.5, 0.9), range(4)):
            text = customer_text(case, word, mood=mood, nth=nth)
            assert problem(text, language, formal=speaks_formally(case)) is None, text


def test_a_korean_customer_keeps_one_register_and_both_are_met() -> None:
    formal = set()
    for case, _, text in openings("delivery_delay", "ko", 30):
        polite = [bool(re.search(r"(니다|니까|시오)$", one)) for one in re.findall(r"[^.?!]*[가-힣](?=[.?!])", text)]
        assert len(set(polite)) <= 1, text
        formal.add(speaks_formally(case))
    assert formal == {True, False}


def test_only_a_customer_whom_it_befell_before_says_again() -> None:
    scenario = scenarios()["rude_service"]
    said = {1: "", 2: ""}
    for n in range(150):
        case = case_of_scenario(scenario, "en", key=str(n), seed=4)
        for failure in said:
            said[failure] += opening(scenario, replace(case, failure_number=failure))[1]
    assert "second time" in said[2]
    assert "Again, really?" in said[2]
    assert not re.search("second time|Again, really", said[1])
    assert "never been so insulted" in said[1]
    assert "never been so insulted" not in said[2]


def test_nobody_new_claims_years_of_custom_and_nobody_on_the_phone_writes() -> None:
    scenario = scenarios()["refund_delay"]
    for n in range(150):
        case = case_of_scenario(scenario, "ko", key=str(n), seed=4)
        new = opening(scenario, replace(case, prior_purchases=0))[1]
        assert not re.search("늘 이용|오래 이용|늘 믿고", new)
        assert "글을 남" not in opening(scenario, replace(case, channel="phone"))[1]


def test_somebody_silent_writes_less_than_others() -> None:
    scenario = scenarios()["double_charge"]
    lengths: dict[str, list[int]] = {}
    for n in range(60):
        case = case_of_scenario(scenario, "en", key=str(n), seed=3)
        lengths.setdefault(manner(case), []).append(len(opening(scenario, case)[1]))
    assert max(lengths["silent"]) < sum(lengths["plain"]) / len(lengths["plain"])


def test_somebody_incomplete_leaves_the_number_out_until_asked() -> None:
    scenario = scenarios()["defective_item"]
    cases = [case_of_scenario(scenario, "en", key=str(n), seed=3) for n in range(60)]
    incomplete = [case for case in cases if manner(case) == "incomplete"]
    assert incomplete
    for case in incomplete:
        order = (case.names or {})["order"]
        assert order not in opening(scenario, case)[1]
        assert order in customer_text(case, "more_facts", mood=0.5, nth=0)


def test_who_insists_comes_back_to_the_impossible() -> None:
    scenario = scenarios()["overbooked_room"]
    cases = [case_of_scenario(scenario, "en", key=str(n), seed=3) for n in range(60)]
    wishes = [part.text for part in scenario.voices["en"].impossible]
    insisting = [case for case in cases if manner(case) == "insisting"]
    assert insisting
    for case in insisting:
        assert any(wish in customer_text(case, "complaint", mood=0.5, nth=1) for wish in wishes)


def test_every_manner_has_shapes_and_comes_up_somewhere() -> None:
    assert set(MANNERS) == {one for scenario in scenarios().values() for one in scenario.manners}
    for shapes in SHAPES.values():
        assert all("incident" in shape or "vague" in shape for shape in shapes)
