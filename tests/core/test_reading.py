"""The common door: what is read, what is refused and how to mend it, and that no text takes long."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from playbooks.core.language.finding import Setting
from playbooks.core.language.reading import LONGEST, read, version
from tickets.errors import Invalid

TEXTS = {
    "ko": "확인하여 오늘 17시까지 답변드리겠습니다.",
    "ja": "本日十七時までにご連絡いたします。",
    "en": "I will write to you by 5 pm today.",
}


def refused(text: object, **options: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(text, **{"language": "ko", **options})  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("kind", ["reply", "letter", "alimtalk", "note"])
def test_every_language_and_kind_is_read(language: str, kind: str):
    reading = read(TEXTS[language], language=language, kind=kind)
    assert (reading.language, reading.kind) == (language, kind)
    assert json.loads(json.dumps(reading.to_dict()))["kind"] == kind


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "!!!", "1234", "😀😀", "\x00\x01", "\u200b\u200b"])
def test_a_text_without_a_word_is_refused(text: str):
    assert (refused(text).code, refused(text).field) == ("empty_text", "text")


def test_a_text_that_is_too_long_is_refused_with_both_lengths():
    error = refused("가" * 200_000)
    assert (error.code, error.field) == ("too_long", "text")
    assert "20,000" in error.message
    assert "200,000" in error.message
    assert read("가" * LONGEST, language="ko").language == "ko"


def test_what_is_no_text_is_refused():
    assert refused(None).code == "not_text"
    assert refused(b"\xff").code == "not_text"


@pytest.mark.parametrize("language", ["fr", "", "KO", "한국어", "k" * 500])
def test_an_unknown_language_is_refused_with_the_known_ones(language: str):
    error = refused("안녕하세요", language=language)
    assert (error.code, error.field) == ("unknown_language", "language")
    assert "ko, ja, en" in error.message
    assert len(error.message) < 200


def test_an_unknown_kind_is_refused_with_the_known_ones():
    error = refused("안녕하세요", kind="poem")
    assert (error.code, error.field) == ("unknown_kind", "kind")
    assert "reply, letter, alimtalk, note" in error.message


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("given", TEXTS)
def test_the_wrong_language_is_refused_and_the_likely_one_named(language: str, given: str):
    if language == given:
        return
    error = refused(TEXTS[language], language=given)
    assert (error.code, error.field) == ("wrong_language", "language")
    assert f"'{language}'" in error.message


def test_chinese_is_not_taken_for_japanese_nor_a_short_line_of_kanji_for_chinese():
    assert refused("非常抱歉給您帶來不便我們會盡快處理退款事宜", language="ja").code == "wrong_language"
    assert read("返金済", language="ja").language == "ja"


@pytest.mark.parametrize(
    "text",
    [
        "iPhone 15 Pro Max 256GB 교환은 오늘 17시까지 처리해 드리겠습니다.",
        "株式会社さくら様の 주문 건을 확인하였습니다.",
        "확인했습니다 😀👍🏽",
        "확인\x00했습니다\x07",
        "확인했습니다\ud800.",
        "확인했습니다\u202e.\u200d",
        "\ufeff확인했습니다.",
    ],
)
def test_mixed_scripts_emoji_and_control_characters_are_read(text: str):
    reading = read(text, language="ko")
    assert all(0 <= f.start < f.end <= len(text) for f in reading.findings)
    assert all(0 <= e.start < e.end <= len(text) for e in reading.evidence)


def test_the_same_text_reads_the_same_twice():
    text = "미안해요ㅠㅠ 주문이 많아서 늦었어요. 금방 보낼게요~"
    assert read(text, language="ko") == read(text, language="ko")


HOSTILE = [
    "환불 " * 6_666, "가" * 20_000, "원인" * 10_000, '"' * 19_999 + "가", "‘" * 10_000 + "가" * 10_000, "1," * 9_990 + "원가",
    "고객님께서 " * 3_300, "죄송합니다" * 4_000, "불편하셨다면 " * 2_800, "1" * 19_999 + "원가", "얼마나 속상 " * 2_800,
    "\u1112" * 9_000 + "가" * 9_000, "!" * 19_990 + "가나다", "제가 가나다라 " * 2_500, ".\n가" * 6_000, "가 " * 10_000,
    "고객님, 부터 매일 " * 1_800, "얼마나 " * 5_000, "아 드렸" * 5_000, "셨을 " * 6_600, "보니 " * 6_600, "😀가" * 9_000, "가a漢" * 6_000,
    "\x00가" * 9_000, "가\u200b" * 9_000, "https://a 가나다라마바 " * 1_100, "새 가나다를 " * 2_800, "면 " * 9_000,
    "ㅠ" * 10_000 + "가" * 10_000, "점검 강화 " * 3_000, "가\u0301" * 9_000, "오늘 1시까지 " * 2_500,
]  # fmt: skip
HOSTILE_ENGLISH = [
    "refund " * 2_800, "a" * 20_000, "because " * 2_500, "sorry if " * 2_200, "by " * 6_600, '"' * 19_990 + "a", "'a " * 6_600,
    "could you " * 2_000, "how a b c " * 2_000, "dear " * 4_000, "- " * 9_999 + "a", "a." * 9_999, "changed " * 2_400, "$1a," * 5_000,
    "every a b c " * 1_600, "will will " * 2_000, "must have been " * 1_300, "Aa Aa, " * 2_800, "Aa of " * 3_300, "now " * 5_000,
    "for a by a " * 1_800, "😀a" * 9_000, "a\x00" * 9_000, "aあ가" * 6_000, "new a " * 3_300, "has a, " * 2_800,
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"),
    [("ko", text) for text in HOSTILE] + [("en", text) for text in HOSTILE_ENGLISH],
    ids=range(len(HOSTILE) + len(HOSTILE_ENGLISH)),
)
def test_a_hostile_text_takes_bounded_time(language: str, text: str):
    begun = time.process_time()
    read(text[:LONGEST], language=language)
    assert time.process_time() - begun < 2  # a tenth of it on an idle machine; a pattern that blows up takes minutes


def test_korean_and_english_load_no_japanese():
    code = (
        "import sys\nfrom playbooks.core.language.reading import read\n"
        "read('확인했습니다.', language='ko'); read('I checked it.', language='en')\n"
        "assert not any('sudachi' in name or 'japanese' in name for name in sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_setting_is_optional():
    assert read(TEXTS["ko"], language="ko") == read(TEXTS["ko"], language="ko", setting=Setting())


def test_the_version_of_the_rules_is_of_each_language_and_stays_while_they_do():
    versions = [version(language) for language in TEXTS]
    assert len(set(versions)) == len(TEXTS)
    assert all(len(one) == 12 and one == version(language) for one, language in zip(versions, TEXTS, strict=True))
