"""What customers write beside a tick: never against what they lived through, nor against the tick."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from playbooks.core.case import Case
from playbooks.core.customer.evidence import Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import METRICS, persona_of
from playbooks.core.customer.reaction import intentions, react
from playbooks.core.customer.remark import HIGH, LOW, MIDDLE, PARTS, mentioned, remark, share, side, weights
from playbooks.core.customer.survey import LOWEST_HIGHEST_MIDDLE
from playbooks.core.effects import Note
from playbooks.core.experiments.played import cases
from playbooks.core.phrasing import in_register, words_of
from playbooks.core.playbook import built_in
from playbooks.core.prevention import spoken_of, topics
from playbooks.core.profiles import profile_for
from playbooks.core.replay import Replay, digest, play
from playbooks.core.scenarios.telling import spoken
from playbooks.core.scenarios.tongue import problem
from playbooks.core.statistics import wilson
from tests.core.customer_cases import a_case
from tickets.calendars import calendar
from tickets.log import named

CASE = a_case()
START = 1_767_571_200
PROFILE = {"en": "US", "ja": "JP", "ko": "KR"}
GOOD = Experience(
    heard=1.0, resolved=1.0, first_h=0.5, resolution_h=8.0, apology=0.7, ratio=1.0, explained=True, empathy=0.8,
    listening=0.6, concrete=0.8, register=0.8, updates=1, letter_h=20.0, gift=1, follow_up_day=5.0, prevented_days=9.0,
)  # fmt: skip
BAD = Experience(
    heard=1.0, resolved=0.5, first_h=40.0, resolution_h=300.0, re_contacts=2, hand_offs=1, ng=1, register=-0.5,
    failure_number=2, broken_promise=True, gift=-1, concrete=0.0,
)  # fmt: skip


def someone(number: int, language: str = "ja", **fields: object) -> Case:
    return replace(CASE, key=f"r{number}", language=language, profile=PROFILE[language], **fields)


def written(x: Experience, metric: str, score: int, *, language: str = "ja", mood: float = 0.4, many: int = 400):
    found = (
        remark(case, persona_of(case), metric, 1, score, x, mood=mood)
        for case in (someone(n, language) for n in range(many))
    )
    return [text for text in found if text]


def lines() -> list[tuple[str, str, str]]:
    """(part, language, template) of every line that belongs to a part."""
    found = []
    for key, entry in words_of("remarks").items():
        for tone in ("any", "calm", "sharp") if key != "whole" else ():
            for language, texts in entry.get(tone, {}).items():
                found += [(key, language, text) for text in texts]
    return found


def test_every_part_has_several_lines_in_each_tone_and_language():
    assert set(words_of("remarks")) == {*PARTS, "whole"}
    for key, part in PARTS.items():
        entry = words_of("remarks")[key]
        for tone in ("any",) if part.helped else ("calm", "sharp"):
            for language in ("en", "ko", "ja"):
                texts = entry[tone][language]
                assert len(texts) >= 2 and len(set(texts)) == len(texts), (key, tone, language)


def test_every_line_is_found_again_under_its_own_topic():
    known = {topic.key for topic in topics()}
    for key, language, text in lines():
        topic = words_of("remarks")[key]["topic"]
        assert topic in known
        assert topic in spoken_of(spoken(text, someone(1, language)), language), (key, text)


def test_a_line_of_praise_is_not_read_as_a_complaint_about_waiting():
    for key, language, text in lines():
        if PARTS[key].helped:
            found = spoken_of(spoken(text, someone(1, language)), language)
            assert not {"slow", "unsolved", "again", "gave_up", "bot"} & set(found), (text, found)


def test_every_line_keeps_to_its_language_and_register():
    for _key, language, text in lines():
        for formal in (True, False):
            said = in_register(text, formal=formal)
            assert problem(said, language, formal=formal or language != "ko") is None, said


def test_only_what_was_lived_is_spoken_of():
    for x in (GOOD, BAD, replace(GOOD, gift=0, letter_h=math.inf), replace(BAD, left=True, heard=0.0, resolved=0.0)):
        for metric in METRICS:
            for key, weight in weights(metric, x, persona_of(CASE).traits).items():
                assert PARTS[key].lived(x), key
                assert (weight > 0) == PARTS[key].helped, key


def test_a_fast_answer_is_not_called_slow_and_a_slow_one_not_quick():
    who = persona_of(CASE).traits
    assert {"quick"} == {"quick", "slow"} & set(weights("csat", GOOD, who))
    assert {"slow"} == {"quick", "slow"} & set(weights("csat", BAD, who))


def test_who_ticked_high_tells_the_good_and_who_ticked_low_the_bad():
    both = replace(GOOD, re_contacts=2, hand_offs=1)
    brought = weights("csat", both, persona_of(CASE).traits)
    draws = [(a / 7, b / 7) for a in range(7) for b in range(7)]
    for u in draws:
        assert all(PARTS[key].helped for key in mentioned("csat", 5, brought, u))
        assert not any(PARTS[key].helped for key in mentioned("csat", 1, brought, u))
        middle = mentioned("csat", 3, brought, u)
        assert [PARTS[key].helped for key in middle] == [True, False]


def test_two_things_that_are_said_are_never_of_one_kin():
    for x, score in ((GOOD, 5), (BAD, 1)):
        brought = weights("csat", x, persona_of(CASE).traits)
        for n in range(50):
            keys = mentioned("csat", score, brought, ((n * 0.37) % 1, (n * 0.61) % 1))
            kin = [words_of("remarks")[key]["kin"] for key in keys]
            assert len(kin) == len(set(kin)) <= 2


def test_a_low_tick_after_nothing_but_good_thanks_for_nothing():
    for text in written(GOOD, "csat", 1):
        assert "thanks" not in spoken_of(text, "ja"), text


def test_who_has_left_unheard_praises_nothing():
    gone = Experience(left=True, first_h=50.0, resolution_h=50.0)
    assert written(gone, "csat", 5) == []
    assert any("諦め" in text for text in written(gone, "csat", 1))


def test_the_furious_write_otherwise_than_the_calm():
    calm, furious = (set(written(BAD, "csat", 1, mood=mood)) for mood in (0.1, 0.95))
    assert calm and furious and not calm & furious


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_remarks_vary_from_customer_to_customer(language: str):
    texts = written(BAD, "csat", 1, language=language)
    assert len(set(texts)) > 40
    assert max(texts.count(text) for text in set(texts)) < len(texts) / 6


def test_the_share_that_writes_is_the_assumed_one():
    for metric in METRICS:
        lowest, _highest, middle = LOWEST_HIGHEST_MIDDLE[metric]
        for score in (lowest, middle):
            n = len(written(BAD, metric, score, many=1500))
            found = wilson(n, 1500)
            assert found.low <= share(metric, score) <= found.high


def test_the_sides_of_each_scale():
    assert [side("csat", score) for score in (1, 2, 3, 4, 5)] == [LOW, LOW, MIDDLE, HIGH, HIGH]
    assert [side("nps", score) for score in (0, 4, 5, 8, 9)] == [LOW, LOW, MIDDLE, MIDDLE, HIGH]


# Beside the answer


@pytest.fixture(scope="module")
def played() -> list[tuple[Case, Replay, Replay]]:
    """Cases by playbook, with words beside the ticks and without."""
    found = []
    for case, text in cases(["JP", "KR", "US"], count=2, seed=5):
        for playbook in built_in().values():
            silent, speaking = (
                play(
                    case, playbook, opened_at=START, text=text, calendar=calendar("jp"), days=45,
                    agent=profile_for(playbook), remarks=remarks,
                )
                for remarks in (False, True)
            )  # fmt: skip
            found.append((case, silent, speaking))
    return found


def test_a_remark_moves_nothing_else_of_the_log(played: list[tuple[Case, Replay, Replay]]):
    assert any("comment" in e.data for _, _, speaking in played for e in named(speaking.log, "survey.answered"))
    for case, silent, speaking in played:
        bare = [
            replace(event, data={key: value for key, value in event.data.items() if key != "comment"})
            if event.name == "survey.answered"
            else event
            for event in speaking.log
        ]
        assert list(silent.log) == bare
        assert digest([(case.key, silent.log)]) == digest([(case.key, speaking.log)])


def test_a_remark_is_the_same_however_often_it_is_asked_for(played: list[tuple[Case, Replay, Replay]]):
    answered = [
        (case, speaking, event)
        for case, _, speaking in played
        for event in named(speaking.log, "survey.answered")
        if "comment" in event.data
    ]
    for case, speaking, event in answered[:6]:
        before = speaking.log[: speaking.log.index(event)]
        person = persona_of(case)
        key = next(
            one.key
            for one in intentions(case, person, before)
            if one.due_at == event.at and one.key.startswith(event.data["metric"])
        )
        (note,) = react(case, person, before, key, now=event.at, remarks=True)
        assert isinstance(note, Note) and note.data == event.data
        (bare,) = react(case, person, before, key, now=event.at)
        assert isinstance(bare, Note) and "comment" not in bare.data


def test_each_survey_of_a_ticket_has_words_of_its_own():
    case = next(one for n in range(200) if _writes_twice(one := someone(n)))
    first, second = (remark(case, persona_of(case), "csat", n, 1, BAD, mood=0.4) for n in (1, 2))
    assert first != second


def _writes_twice(case: Case) -> bool:
    found = [remark(case, persona_of(case), "csat", n, 1, BAD, mood=0.4) for n in (1, 2)]
    return None not in found and len(set(found)) == 2


def test_parts_and_words_agree():
    assert all(entry["kin"] for key, entry in words_of("remarks").items() if key in PARTS)


def test_where_the_letter_or_the_gift_is_switched_off_nobody_praises_it():
    who = replace(persona_of(CASE).traits, gift=0.5, letter=0.5)
    assert {"letter", "gift"} <= set(weights("csat", GOOD, who))
    assert not {"letter", "gift"} & set(weights("csat", GOOD, who, Switches(letter=False, gift=False)))
