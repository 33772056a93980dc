"""A playbook file is read whole or refused with the key at fault."""

from __future__ import annotations

import pytest

from playbooks.core.conditions import CONDITIONS, reason_text, reasons, stage_text
from playbooks.core.playbook import STAGES, built_in, load
from tickets.errors import Invalid

TEXTS = '{ en = "A", ko = "가", ja = "あ" }'
HEAD = f"""
key = "mine"
version = 1
hue = "ochre"
title = {TEXTS}
summary = {TEXTS}
"""


def a_step(key: str, *lines: str, deed: str = "answer", by: str = "agent", within: str = "1h") -> str:
    return "\n".join(
        [
            "[[step]]",
            f'key = "{key}"',
            f"title = {TEXTS}",
            f"why = {TEXTS}",
            'stage = "response"',
            f'by = "{by}"',
            f'deed = "{deed}"',
            f'within = "{within}"',
            *lines,
            "",
        ]
    )


GIFT = """
[gift]
price_percent = 20
smallest = { JPY = 500, KRW = 5000, USD = 400 }
bands = [{ severity = 0.5, JPY = 3000, KRW = 30000, USD = 2000 }]
"""
GIFT_STEP = a_step(
    "gift",
    'after = ["apology_accepted"]',
    'when = ["own_fault", "apology_accepted", "not_under_pressure"]',
    deed="gift",
)
LETTER_STEP = a_step("letter", 'after = ["facts_confirmed"]', 'when = ["own_fault", "severe"]', deed="letter")


def refusal(text: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        load(text)
    return caught.value


def test_the_smallest_playbook_is_one_step() -> None:
    playbook = load(HEAD + a_step("answer"))
    (step,) = playbook.steps
    assert (step.key, step.after, step.within, step.latest, step.clock, step.when, step.remind) == (
        "answer", ("opened",), 3_600, 3_600, "calendar", (), False,
    )  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), [("20s", 20), ("1m", 60), ("24h", 86_400), ("3d", 259_200)])
def test_durations_are_written_with_their_unit(text: str, seconds: int) -> None:
    assert load(HEAD + a_step("answer", within=text)).steps[0].within == seconds


def test_the_same_text_is_the_same_playbook() -> None:
    text = HEAD + a_step("answer")
    assert load(text) is load(text)


def test_a_whole_playbook_with_letter_gift_and_a_question_is_read() -> None:
    question = f'[[question]]\nkey = "tone"\nanchor = "solved"\nafter = "2d"\ntext = {TEXTS}\n'
    playbook = load(HEAD + "letter_severity = 0.5\n" + LETTER_STEP + GIFT_STEP + question + GIFT)
    assert [step.key for step in playbook.steps] == ["letter", "gift"]
    assert playbook.questions[0].metric == "question.tone"


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("key = ", "not_toml", "source"),
        ("a = " + "[" * 100_000, "not_toml", "source"),
        ("x" * 200_001, "too_long", "source"),
        ('key = "\ud800"', "unfit_character", "source"),
        (HEAD, "missing_field", "step"),
        (HEAD + "[step]\n", "wrong_type", "step"),
        (HEAD + "step = [1]\n", "wrong_type", "step[0]"),
        (HEAD + 'colour = "red"\n' + a_step("a"), "unknown_field", "colour"),
        (HEAD.replace('"ochre"', '"pink"') + a_step("a"), "unknown_hue", "hue"),
        (HEAD.replace('"mine"', '"Mine!"') + a_step("a"), "bad_name", "key"),
        (HEAD.replace("version = 1", 'version = "1"') + a_step("a"), "wrong_type", "version"),
        (HEAD.replace("version = 1", "version = true") + a_step("a"), "wrong_type", "version"),
        (HEAD.replace("version = 1", "version = 0") + a_step("a"), "out_of_range", "version"),
        (HEAD.replace(', ja = "あ"', "", 1) + a_step("a"), "missing_language", "title.ja"),
        (HEAD.replace('"가"', '"\\u0000"', 1) + a_step("a"), "unfit_character", "title.ko"),
        (HEAD.replace('"가"', "7", 1) + a_step("a"), "not_text", "title.ko"),
        (HEAD + "letter_severity = nan\n" + a_step("a"), "out_of_range", "letter_severity"),
        (HEAD + a_step("A b"), "bad_name", "step[0].key"),
        (HEAD + a_step("a") + a_step("a"), "duplicate_step", "step[1].key"),
        (HEAD + a_step("csat"), "reserved_name", "step[0].key"),
        (HEAD + a_step("a", 'wihtin = "1h"'), "unknown_field", "step[0].wihtin"),
        (HEAD + a_step("a", deed="sing"), "unknown_deed", "step[0].deed"),
        (HEAD + a_step("a", by="robot"), "unknown_actor", "step[0].by"),
        (HEAD + a_step("a", by="bot"), "wrong_actor", "step[0].by"),
        (HEAD + a_step("a", deed="letter", by="system", within="1d"), "wrong_actor", "step[0].by"),
        (HEAD + a_step("a").replace('"response"', '"revenge"'), "unknown_stage", "step[0].stage"),
        (HEAD + a_step("a", within="soon"), "bad_duration", "step[0].within"),
        (HEAD + a_step("a", within="0h"), "bad_duration", "step[0].within"),
        (HEAD + a_step("a", within="401d"), "bad_duration", "step[0].within"),
        (HEAD + a_step("a").replace('"1h"', "3600"), "wrong_type", "step[0].within"),
        (HEAD + a_step("a", 'latest = "30m"'), "latest_before_within", "step[0].latest"),
        (HEAD + a_step("a", 'within_by_channel = { fax = "1m" }'), "unknown_channel", "step[0].within_by_channel"),
        (
            HEAD + a_step("a", 'within_by_channel = { chat = "2h" }'),
            "latest_before_within",
            "step[0].within_by_channel.chat",
        ),
        (HEAD + a_step("a", 'clock = "lunar"'), "unknown_clock", "step[0].clock"),
        (HEAD + a_step("a", 'remind = "yes"'), "wrong_type", "step[0].remind"),
        (HEAD + a_step("a", 'when = ["full_moon"]'), "unknown_condition", "step[0].when"),
        (HEAD + a_step("a", 'when = "own_fault"'), "wrong_type", "step[0].when"),
        (HEAD + a_step("a", "after = []"), "missing_field", "step[0].after"),
        (HEAD + a_step("a", 'send_after = "1m"'), "wrong_actor", "step[0].send_after"),
        (
            HEAD + a_step("a", 'send_after = "2h"', deed="acknowledge", by="bot"),
            "latest_before_within",
            "step[0].send_after",
        ),
        (HEAD + a_step("a", 'after = ["a"]'), "cycle", "step[0].after"),
        (HEAD + a_step("x") + a_step("a", 'after = ["b"]') + a_step("b", 'after = ["a"]'), "cycle", "step[1].after"),
        (HEAD + LETTER_STEP, "missing_field", "letter_severity"),
        (HEAD + a_step("letter", 'when = ["own_fault"]', deed="letter"), "missing_condition", "step[0].when"),
        (HEAD + a_step("gift", 'when = ["own_fault"]', deed="gift"), "missing_condition", "step[0].when"),
        (HEAD + GIFT_STEP, "missing_field", "gift"),
        (HEAD + GIFT_STEP + GIFT.replace("JPY = 3000, ", ""), "missing_field", "gift.bands[0].JPY"),
        (HEAD + GIFT_STEP + GIFT.replace("3000,", "3000.5,"), "wrong_type", "gift.bands[0].JPY"),
        (HEAD + GIFT_STEP + GIFT.replace("3000,", "-1,"), "out_of_range", "gift.bands[0].JPY"),
        (HEAD + GIFT_STEP + GIFT.replace("USD = 400", "EUR = 400"), "unknown_field", "gift.smallest.EUR"),
    ],
)
def test_a_fault_is_refused_by_its_key(text: str, code: str, field: str) -> None:
    error = refusal(text)
    assert (error.code, error.field) == (code, field)


def test_an_unknown_step_is_named_in_the_message() -> None:
    error = refusal(HEAD + a_step("apologise") + a_step("letter", 'after = ["aplogise"]'))
    assert (error.code, error.field) == ("unknown_step", "step[1].after")
    assert "step[1].after: unknown step 'aplogise'" in error.message


def test_a_cycle_is_shown_whole() -> None:
    ring = [a_step(key, f'after = ["{before}"]') for key, before in (("a", "c"), ("b", "a"), ("c", "b"))]
    error = refusal(HEAD + "".join(ring))
    assert all(f" {key} " in f" {error.message} ".replace(".", " ") for key in "abc")


def test_a_step_may_stand_before_those_it_waits_for() -> None:
    playbook = load(HEAD + a_step("late", 'after = ["early"]') + a_step("early"))
    assert [step.key for step in playbook.steps] == ["late", "early"]
    assert [step.key for step in playbook.in_order] == ["early", "late"]


def test_what_waits_for_solving_is_known_however_far_away() -> None:
    playbook = load(
        HEAD + a_step("answer") + a_step("end", deed="solve") + a_step("next", 'after = ["end"]')
        + a_step("last", 'after = ["next"]') + a_step("check", 'after = ["solved"]', deed="check_in")
    )  # fmt: skip
    assert playbook.tied_to_solving == {"end", "next", "last", "check"}


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_every_reason_and_stage_has_words_in_every_language(language: str) -> None:
    needed = {condition.reason for condition in CONDITIONS.values()} | {c.unknown for c in CONDITIONS.values()}
    assert needed <= set(reasons())
    texts = [*(reason_text(code, language) for code in reasons()), *(stage_text(stage, language) for stage in STAGES)]
    assert all(texts)
    assert len(set(texts)) == len(texts)


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(Invalid):
        reason_text("because", "en")


def test_every_step_of_the_built_in_playbooks_says_why_in_every_language() -> None:
    for playbook in built_in().values():
        for step in playbook.steps:
            assert set(step.why) == set(step.title) == {"ko", "ja", "en"}
