"""Words of Japanese texts: one tokenizer per thread, offsets, quotations, and nothing loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from playbooks.core.language.japanese import read_japanese
from playbooks.core.language.japanese.reading import LONGEST
from playbooks.core.language.japanese.tokens import quotations, sentences_of
from tickets.errors import Invalid

ROOT = Path(__file__).resolve().parents[2]
LETTER = """山田様
この度は商品に傷がございましたこと、誠に申し訳ございません。
四月十四日までに新しい品をお届けいたします。
"""


def test_importing_the_reader_loads_no_dictionary():
    script = "import playbooks.core.language.japanese, sys; print('sudachipy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip

    assert done.stdout.strip() == "False"


def test_four_threads_read_at_once_and_agree():
    wanted, readings, errors = read_japanese(LETTER), [], []

    def read() -> None:
        try:
            readings.extend(read_japanese(LETTER) for _ in range(25))
        except Exception as error:  # noqa: BLE001 - whatever a thread dies of
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(readings) == 100
    assert all(reading == wanted for reading in readings)


def test_every_word_stands_where_it_says():
    text = "拝啓　この度は😀ご迷惑を\r\nおかけしました。２万円を\tお返しします！！"

    for sentence in sentences_of(text):
        for word in sentence.words:
            assert text[word.start : word.end]
        assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end]


def test_a_full_stop_inside_a_quotation_ends_no_sentence():
    assert len(sentences_of("「困ります。返してください。」とのお電話をいただきました。")) == 1


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("「甲」と「乙」", ["「甲」", "「乙」"]),
        ("『甲「乙」丙』", ["『甲「乙」丙』"]),
        ("「甲", []),
        ("甲」乙", []),
        ("「甲\n乙」", []),
        ("> 前のメール\n本文", ["> 前のメール"]),
        ("“甲”", ["“甲”"]),
    ],
)
def test_quotations_close_on_their_line(text: str, quoted: list[str]):
    assert [text[start:end] for start, end in quotations(text)] == quoted


HOSTILE = [
    "「", "」", "「」", "「「」", "お", "！", "お客様が", "お詫び", "原因は", "もし", "お詫び申し上げます。",
    "説明書を読めば", "他のお客様からは", "2,0", "一", "　", "\n",
    "a", "😀", "\x00\u202e", "申し訳ございません、", "敬具\n", "山田様\n",
    "○", "[名", "{", "4月", "本当に", "確認したところ", "株式会社の", "ため、", "ことに", "規定により",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE, ids=[ascii(part) for part in HOSTILE])
def test_hostile_text_costs_no_more_than_any_other(part: str):
    text = (part * LONGEST)[:LONGEST]
    began = time.monotonic()

    read_japanese(text, kind="letter")

    assert time.monotonic() - began < 8  # about a second on an idle machine; a blow-up takes minutes


def test_a_text_that_is_too_long_is_refused_at_once():
    with pytest.raises(Invalid) as refusal:
        read_japanese("あ" * 200_000)

    assert (refusal.value.code, refusal.value.field) == ("text_too_long", "text")


@pytest.mark.parametrize("text", ["", " \n　", "。", "12345", "東京", "😀"])
def test_texts_with_nothing_to_read_are_read_all_the_same(text: str):
    reading = read_japanese(text)

    assert reading.facts.apology == ()
    assert not any(element.found for element in reading.elements)


@pytest.mark.parametrize("text", ["We are very sorry for the delay.", "죄송합니다. 바로 환불해 드리겠습니다."])
def test_another_language_is_named_as_such(text: str):
    assert [finding.rule for finding in read_japanese(text).findings] == ["JC00"]
