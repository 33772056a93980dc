"""What each word and deed did: credited once, to who said it first, with where its number comes from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from playbooks.core.case import Case
from playbooks.core.customer.evidence import MARKS, E, Switches
from playbooks.core.customer.persona import persona_of
from playbooks.core.debrief import WHY, Debrief, Line, Word, debrief, in_sentences, most
from playbooks.core.effects import Effect, Say
from playbooks.core.facts import Facts
from playbooks.core.language.finding import Evidence, Finding, Reading
from tests.core.customer_cases import (
    DAY,
    EARNEST,
    HOUR,
    T0,
    a_case,
    accepts,
    after,
    agent_says,
    apologises,
    gift,
    opened,
    receipt,
    refund,
    solve,
)
from tickets.log import Event

TEXT = "申し訳ございません。10日までに返金いたします。"
LETTER = Say("system", "…", replace(EARNEST, deeds=("letter",)))


def told(
    log: list[Event], case: Case | None = None, readings: dict[int, Reading] | None = None, **options: Any
) -> Debrief:
    case = case or a_case()
    comments = [event for event in log if event.name == "comment.created"]
    texts = [TEXT if event.actor != "customer" else "困っています。" for event in comments]
    return debrief(case, persona_of(case), log, texts, readings, **options)


def answered(*effects: Effect | list[Effect], case: Case | None = None, solved: bool = True) -> list[Event]:
    """An hour between one thing and the next, then the end."""
    case = case or a_case()
    log = opened(case)
    for hours, effect in enumerate((*effects, *([solve()] if solved else [])), 1):
        log = after(log, case, hours * HOUR, *(effect if isinstance(effect, list) else [effect]))
    return log


def own(found: Debrief) -> list[Word]:
    return [word for word in found.words if word.author == "agent"]


def lines(word: Word) -> dict[str, Line]:
    return {line.what: line for line in (*word.lines, *(line for s in word.sentences for line in s.lines))}


# --- words ---


def test_a_warm_answer_raises_treatment_and_a_cold_one_hardly():
    warm, cold = told(answered(apologises())), told(answered(agent_says(register=0.3)))
    gap = warm.felt.satisfaction - cold.felt.satisfaction
    assert own(warm)[0].effect.interactional > 1.0 > own(cold)[0].effect.interactional
    assert 0.4 < gap < 1.5  # Hill 2013: an apology and satisfaction r = .27; the whole range of S is about 3
    assert own(warm)[0].effect.satisfaction - own(cold)[0].effect.satisfaction == pytest.approx(gap, abs=0.02)


def test_every_part_of_an_apology_has_its_own_line_in_the_order_of_the_evidence():
    found = lines(own(told(answered(apologises())))[0])
    sizes = [
        found[f"apology.{part}"].effect.satisfaction for part in ("responsibility", "repair", "regret", "forgiveness")
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert all(size > 0 for size in sizes)


def test_words_that_must_not_be_used_take_away():
    found = lines(own(told(answered(agent_says(ng=2, register=0.5))))[0])
    assert found["ng"].effect.interactional == pytest.approx(2 * E.ij.ng)
    assert found["ng"].effect.satisfaction < 0


def test_a_template_pasted_twice_is_credited_once():
    first, second = own(told(answered(apologises(), apologises())))
    assert first.effect.interactional > 1.0
    assert second.effect.none
    assert all(line.effect.none for line in lines(second).values())


def test_an_apology_over_and_over_takes_away():
    found = told(answered(*[apologises() for _ in range(5)]))
    last = own(found)[-1]
    assert last.effect.satisfaction < 0
    assert next(line for line in found.deeds if line.what == "repeated_apology").effect.satisfaction < 0


def test_a_better_word_later_is_credited_with_what_it_adds():
    first, second = own(told(answered(agent_says(empathy=0.4), agent_says(empathy=1.0))))
    assert lines(first)["empathy"].effect.interactional == pytest.approx(0.4 * E.ij.empathy)
    assert lines(second)["empathy"].effect.interactional == pytest.approx(0.6 * E.ij.empathy)


def test_a_cold_word_after_a_warm_one_lowers_the_courtesy_of_all():
    first, second = own(told(answered(agent_says(register=1.0), agent_says())))
    assert lines(first)["register"].effect.interactional == pytest.approx(E.ij.register)
    assert lines(second)["register"].effect.interactional == pytest.approx(-0.5 * E.ij.register)


def test_what_the_bot_says_counts_as_a_receipt():
    found = told(answered(receipt(), apologises()))
    bot = next(word for word in found.words if word.author == "bot")
    assert lines(bot)["acknowledged"].effect.procedural > 0


def test_an_internal_note_is_no_word():
    assert len(own(told(answered(Say("agent", "…", EARNEST, public=False), apologises())))) == 1


# --- sentences ---


def read(**changes: Any) -> Reading:
    regret, rest = in_sentences(TEXT)
    evidence = (Evidence("apology.regret", *regret), Evidence("concrete", *rest), Evidence("empathy", *regret))
    finding = Finding("ja/x", "error", rest[0], rest[0] + 3, {"ko": "가", "ja": "か", "en": "a"})
    facts = Facts(apology=("regret",), concrete=1.0, empathy=0.5)
    return replace(Reading("ja", "reply", findings=(finding,), facts=facts, evidence=evidence), **changes)


def test_a_line_stands_at_the_sentence_that_it_rests_on():
    log = answered(agent_says(apology=("regret",), concrete=1.0, empathy=0.5, register=1.0))
    place = next(i for i, event in enumerate(log) if event.actor == "agent" and event.name == "comment.created")
    word = own(told(log, readings={place: read()}))[0]
    first, second = word.sentences
    assert {line.what for line in first.lines} == {"apology.regret", "empathy"}
    assert {line.what for line in second.lines} == {"concrete"}
    assert [one.rule for one in second.findings] == ["ja/x"]
    assert {line.what for line in word.lines} == {"register"}


def test_facts_that_are_not_what_reading_gives_are_noticed():
    log = answered(agent_says(apology=("regret",), concrete=1.0, empathy=0.5))
    place = next(i for i, event in enumerate(log) if event.actor == "agent" and event.name == "comment.created")
    assert own(told(log, readings={place: read()}))[0].read_alike is True
    assert own(told(log, readings={place: read(facts=Facts(empathy=1.0))}))[0].read_alike is False
    assert own(told(log))[0].read_alike is None


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("申し訳ございません。返金します。", ["申し訳ございません。", "返金します。"]),
        ("It is $3.50. We pay it.", ["It is $3.50.", "We pay it."]),
        ("죄송합니다!! 환불해 드리겠습니다", ["죄송합니다!!", "환불해 드리겠습니다"]),
        ("拝啓\n\n「はい。」と申しました。", ["拝啓", "「はい。」", "と申しました。"]),
        ("…", ["…"]),
        ("", []),
    ],
)
def test_texts_are_cut_into_sentences(text: str, sentences: list[str]):
    assert [text[start:end] for start, end in in_sentences(text)] == sentences


# --- deeds ---


def deed(found: Debrief, what: str) -> Line:
    return next(line for line in (*found.deeds, *found.given) if line.what == what)


def test_a_remedy_moves_what_one_got_and_nothing_else():
    effect = deed(told(answered(apologises(), refund())), "remedy").effect
    assert effect.distributive > 1.0
    assert (effect.procedural, effect.interactional) == (0.0, 0.0)


def test_a_late_answer_brought_less_than_one_at_once():
    found = deed(told(answered(apologises())), "first_reply")
    assert found.value == 1.0
    assert 0 < found.effect.procedural < found.at_best.procedural


def test_what_a_gift_loses_by_its_condition_is_a_line_of_its_own_and_of_the_gift():
    log = answered(apologises(), refund(), accepts(), gift(condition="purchase"))
    found = told(log)
    line = deed(found, "gift_tied")
    assert line.effect.distributive < 0
    assert [why.name for why in line.why] == ["dj.conditional"]
    free = told(answered(apologises(), refund(), accepts(), gift()))
    assert found.parts["gift"].distributive < free.parts["gift"].distributive
    assert found.parts["remedy"].distributive == free.parts["remedy"].distributive


def test_a_letter_and_a_gift_are_worth_what_the_switches_say():
    case = a_case()
    log = answered(apologises(), refund(), accepts(), LETTER, gift())
    on = told(log, case)
    off = told(log, case, switches=Switches(letter=False, gift=False))
    taste = persona_of(case).traits
    assert on.parts["letter"].interactional == pytest.approx(taste.letter)
    assert deed(on, "gift").effect.distributive == pytest.approx(taste.gift)
    assert off.parts["letter"].none and deed(off, "gift").effect.none
    names = [one.name for one in on.switched]
    assert names == ["as_set", "other_speed_model", "without_letter", "without_gift"]


def test_a_broken_promise_takes_away():
    found = told(answered(apologises(promise_at=T0 + 2 * HOUR), solved=False), until=T0 + 2 * DAY)
    assert deed(found, "broken_promise").effect.satisfaction < 0


def test_what_nobody_could_change_stands_apart():
    found = told(answered(apologises()))
    assert deed(found, "person").effect.satisfaction == pytest.approx(persona_of(a_case()).traits.noise)
    assert deed(found, "severity").effect.satisfaction == pytest.approx(E.satisfaction.severity * 0.1)


# --- over time ---


def test_one_point_for_each_moment_that_reached_the_customer():
    log = answered(apologises(), refund())
    found = told(log)
    assert [point.at - T0 for point in found.points] == [0, HOUR, 2 * HOUR, 3 * HOUR]
    assert found.points[-1].satisfaction == pytest.approx(found.felt.satisfaction)
    assert found.points[2].satisfaction > found.points[1].satisfaction


def test_while_nothing_comes_satisfaction_falls():
    found = told(answered(apologises()))
    waiting = [s for at, s in found.curve if at < T0 + HOUR]
    assert waiting == sorted(waiting, reverse=True)
    assert waiting[0] > waiting[-1]


# --- where the numbers come from ---


def test_every_line_names_coefficients_with_value_source_and_mark():
    assert {name for names in WHY.values() for name in names} <= set(E.names())
    found = told(answered(receipt(), apologises(), refund(), accepts(), LETTER, gift()))
    every = [*found.deeds, *found.given, *(line for word in found.words for line in lines(word).values())]
    assert every
    for line in every:
        assert line.why
        for one in line.why:
            assert one.mark in MARKS and one.source and not isinstance(one.value, dict)


def test_it_is_plain_json():
    json.dumps(told(opened(a_case())).to_dict(), allow_nan=False)


# --- what to read first ---


def test_what_helped_and_cost_most_comes_first_with_its_place():
    found = told(answered(apologises(), refund()))
    helped, cost = most(found)
    assert [one.gain for one in helped] == sorted((one.gain for one in helped), reverse=True)
    assert [one.gain for one in cost] == sorted(one.gain for one in cost)
    assert len(helped) == 3
    assert all(one.gain > 0 for one in helped) and all(one.gain < 0 for one in cost)
    assert any(one.line.what == "remedy" and one.seq is None for one in helped)
    assert any(one.short for one in cost)  # waiting


def test_an_old_text_is_read_again_only_where_the_rules_have_changed():
    log = answered(apologises())
    i = next(place for place, event in enumerate(log) if event.actor == "agent" and event.name == "comment.created")
    reading = {i: Reading("ja", "reply")}
    assert not own(told(log, readings=reading))[0].rules_changed
    log[i] = replace(log[i], data={**log[i].data, "facts": {**log[i].data["facts"], "rules": "2025-01"}})
    word = own(told(log, readings=reading, rules="2026-11"))[0]
    assert word.rules_changed
    assert word.read_alike is False
