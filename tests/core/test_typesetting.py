"""Where the lines of a letter break: Japanese columns by 禁則, short numbers upright, a frame in its places."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.core.typesetting import (
    HANGS,
    NO_FOOT,
    NO_HEAD,
    PAIR,
    SIDEWAYS,
    UPRIGHT,
    cells_of,
    columns_of,
    half_width,
    lines_of,
)

LETTER = """2026年1月5日
山田 花子様
さくら家具　お客様相談室
佐藤 健

お届け遅延のお詫び

謹啓
　平素は弊社をご利用いただき、厚く御礼申し上げます。
　このたびは、お届けが遅れましたこと、深くお詫び申し上げます。
謹白"""


def texts(text: str, rows: int) -> list[str]:
    return [column.text for column in columns_of(text, rows=rows)]


def test_a_column_holds_as_many_characters_as_it_has_squares():
    assert texts("あいうえおかきくけこ", 4) == ["あいうえ", "おかきく", "けこ"]


def test_a_comma_or_full_stop_hangs_below_the_foot_rather_than_stand_at_a_head():
    assert texts("あいうえ、おか", 4) == ["あいうえ、", "おか"]
    assert texts("あいうえ。", 4) == ["あいうえ。"]


def test_a_closing_bracket_takes_the_character_before_it_along():
    assert texts("あ「うえ」おか", 4) == ["あ「う", "え」おか"]
    assert texts("あ「うえ。」おか", 4) == ["あ「う", "え。」お", "か"]


def test_an_opening_bracket_never_stands_at_a_foot():
    assert texts("あいう「えお」", 4) == ["あいう", "「えお」"]


def test_small_kana_and_the_long_vowel_mark_never_stand_at_a_head():
    assert texts("いろはにっぽん", 4) == ["いろは", "にっぽん"]
    assert texts("いろはテーブル", 4) == ["いろは", "テーブル"]


def test_an_amount_is_not_torn_apart():
    assert texts("返金額12,000円です", 6) == ["返金額", "１２，０００", "円です"]


def test_a_text_of_nothing_but_marks_is_still_set():
    assert "".join(texts("、" * 50, 4)) == "、" * 50


def test_two_ends_meet_where_the_rules_left_a_gap():
    first, second = columns_of("あいうえおかきっくけこ", rows=7)
    assert (first.text, second.text) == ("あいうえおか", "きっくけこ")
    assert sum(cell.length for cell in first.cells) + 5 * first.gap == pytest.approx(7)
    assert second.gap == 0


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("3日", [("３", UPRIGHT), ("日", UPRIGHT)]),
        ("15時", [("15", PAIR), ("時", UPRIGHT)]),
        ("2026年", [("２", UPRIGHT), ("０", UPRIGHT), ("２", UPRIGHT), ("６", UPRIGHT), ("年", UPRIGHT)]),
        ("20%", [("20", PAIR), ("％", UPRIGHT)]),
        ("AB-1204番", [("AB-1204", SIDEWAYS), ("番", UPRIGHT)]),
        ("03-1234-5678", [("03-1234-5678", SIDEWAYS)]),
        ("A社", [("Ａ", UPRIGHT), ("社", UPRIGHT)]),
        ("(金)", [("（", UPRIGHT), ("金", UPRIGHT), ("）", UPRIGHT)]),
        ("Alex Brown様", [("Alex Brown", SIDEWAYS), ("様", UPRIGHT)]),
        ("ﾃｰﾌﾞﾙ", [(mark, UPRIGHT) for mark in "テーブル"]),
    ],
)
def test_short_numbers_stand_and_longer_latin_lies_on_its_side(text: str, cells: list[tuple[str, str]]):
    assert [(cell.text, cell.kind) for cell in cells_of(text)] == cells


def test_the_frame_of_a_letter_stands_in_its_places():
    columns = {column.text: column.indent for column in columns_of(LETTER, rows=30)}
    assert columns["２０２６年１月５日"] == 2
    assert columns["山田　花子様"] == 0
    assert columns["お届け遅延のお詫び"] == 3
    assert columns["謹啓"] == 0
    for foot in ("さくら家具　お客様相談室", "佐藤　健", "謹白"):
        assert columns[foot] + len(foot) == 29


def test_control_characters_and_selectors_leave_no_trace():
    assert texts("あ\u200bい\ufe0fう\x07え\r\nお", 9) == ["あいうえ", "お"]


JAPANESE = st.text("あいうえお漢字っー、。「」（）『』々…！？12,0 AZ\n　", max_size=120)


@given(JAPANESE, st.integers(6, 20))
def test_no_character_is_lost_and_no_rule_is_broken_where_it_can_be_kept(text: str, rows: int):
    columns = columns_of(text, rows=rows)
    whole = [cell.text for line in text.split("\n") for cell in cells_of(line.strip(" 　"), width=half_width)]
    kept = "".join(column.text for column in columns).replace("　", "")
    assert kept == "".join(whole).replace("　", "").replace("\n", "")
    for column in columns:
        length = sum(cell.length for cell in column.cells) + column.indent
        assert length <= rows + (column.cells[-1].text in HANGS if column.cells else 0) + 1e-9


@given(st.lists(st.text("あいうえお漢字", min_size=2, max_size=4), min_size=1, max_size=20), st.integers(8, 20))
def test_marks_between_words_never_offend(words: list[str], rows: int):
    columns = [column.text for column in columns_of("、".join(f"「{word}」" for word in words) + "。", rows=rows)]
    assert not any(column[0] in NO_HEAD for column in columns)
    assert not any(column[-1] in NO_FOOT for column in columns)


def test_a_hostile_text_is_set_in_bounded_time():
    started = time.perf_counter()
    for text in ("「" * 20_000, "a" * 20_000, "様\n" * 10_000, "2026年1月5日\n" * 2_000, "1,2," * 5_000):
        columns_of(text, rows=40)
        lines_of(text, measure=40)
    assert time.perf_counter() - started < 5


def test_korean_breaks_between_words_and_only_there():
    lines = [line.text for line in lines_of("불편을 드린 점 깊이 사과드립니다.", measure=3.5)]
    assert lines == ["불편을 드린", "점 깊이", "사과드립니다."]


def test_a_word_longer_than_the_line_is_cut():
    assert [line.text for line in lines_of("a" * 25, measure=5)] == ["a" * 10, "a" * 10, "a" * 5]


def test_the_signer_of_a_korean_letter_stands_on_the_right():
    lines = lines_of("안녕하십니까.\n\n바다몰 고객센터 이서연 올림", measure=40)
    assert [line.right for line in lines] == [False, False, True]
