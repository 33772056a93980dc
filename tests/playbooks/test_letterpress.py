"""A letter as PDF: it can be read, searched and printed wherever it is opened."""

from __future__ import annotations

import re
import time
import unicodedata
from io import BytesIO

import pytest
from pypdf import PdfReader

from playbooks.letterpress import letter_pdf

JAPANESE = """2026年1月5日
山田 花子様
さくら家具　お客様相談室
佐藤 健

謹啓
　このたびは、お届けしたテーブルに「傷」があり、誠に申し訳ございません。12,000円を15日までにご返金いたします。
謹白"""
KOREAN = """김민수 고객님께

불편을 드린 점 깊이 사과드립니다. 12,000원을 1월 15일까지 환불해 드리겠습니다.

바다몰 고객센터 이서연 올림"""
ENGLISH = "Dear Alex Brown,\n\nWe are sorry. The office will refund $12.00 by Friday.\n\nYours sincerely,\nSam Lee"
LETTERS = {"ja": JAPANESE, "ko": KOREAN, "en": ENGLISH}


def opened(language: str, body: str, **more: str) -> PdfReader:
    return PdfReader(BytesIO(letter_pdf(language=language, body=body, **more)), strict=True)


def letters(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def read(pdf: PdfReader) -> str:
    return letters("".join(page.extract_text() for page in pdf.pages))


@pytest.mark.parametrize("language", LETTERS)
def test_every_character_can_be_read_back_in_its_order(language: str):
    assert read(opened(language, LETTERS[language])) == letters(LETTERS[language])


@pytest.mark.parametrize("language", LETTERS)
def test_a_letter_takes_one_sheet_of_a4_and_says_its_language(language: str):
    pdf = opened(language, LETTERS[language], subject="お詫び", author="佐藤 健")
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages] == [(595, 842)]
    assert str(pdf.trailer["/Root"]["/Lang"]).startswith(language)
    assert pdf.metadata is not None
    assert (pdf.metadata.title, pdf.metadata.author) == ("お詫び", "佐藤 健")


def fonts(pdf: PdfReader) -> dict[str, str]:
    found = pdf.pages[0]["/Resources"]["/Font"]
    return {
        name: str(font.get_object()["/DescendantFonts"][0].get_object()["/BaseFont"]) for name, font in found.items()
    }


def test_the_fonts_travel_with_the_letter_cut_down_to_what_it_uses():
    for language, family in (("ja", "NotoSerifJP"), ("ko", "NotoSerifKR"), ("en", "NotoSerifJP")):
        data = letter_pdf(language=language, body=LETTERS[language])
        pdf = PdfReader(BytesIO(data))
        outlines = pdf.pages[0]["/Resources"]["/Font"]["/H0"]["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile3"]
        assert len(outlines.get_data()) > 1_000
        assert all(family in name for name in fonts(pdf).values())
        assert len(data) < 100_000


def content(pdf: PdfReader) -> str:
    return "".join(page.get_contents().get_data().decode("ascii") for page in pdf.pages)


def test_japanese_runs_down_in_columns_from_the_right():
    pdf = opened("ja", JAPANESE)
    assert pdf.trailer["/Root"]["/ViewerPreferences"]["/Direction"] == "/R2L"
    across = [float(x) for x in re.findall(r"/V0 [0-9.]+ Tf 1 0 0 1 ([0-9.]+) [0-9.]+ Tm", content(pdf))]
    assert across == sorted(across, reverse=True)
    assert len(set(across)) >= 8


def test_punctuation_stands_as_it_does_in_vertical_type():
    """The glyphs of 、。「」ー differ from those of a horizontal line; their text is the same."""
    marks = "、。「」ー"
    down = re.findall(r"<([0-9A-F]+)>", content(opened("ja", f"亜{marks}")))
    assert down and len(down[0]) == 4 * 6
    import uharfbuzz as hb

    from playbooks.letterpress import TypeCase

    face = TypeCase("ja").faces[0]
    assert isinstance(face.font, hb.Font)
    for mark in marks:
        assert face.shape(mark, vertical=True) != face.shape(mark)


def test_two_digits_share_one_square_and_an_order_number_lies_on_its_side():
    drawn = content(opened("ja", "15日、AB-1204を"))
    assert re.search(r"/H0 [0-9.]+ Tf 1 0 0 1 .* Tm \[<[0-9A-F]{8}>\] TJ", drawn)
    assert re.search(r"/H0 [0-9.]+ Tf 0 -1 1 0 ", drawn)


def test_korean_and_english_are_written_across():
    for language in ("ko", "en"):
        pdf = opened(language, LETTERS[language])
        assert "/V0" not in content(pdf)
        assert "/ViewerPreferences" not in pdf.trailer["/Root"]


def test_a_name_in_another_script_comes_from_the_other_font():
    pdf = opened("ja", "担当は김민수でございます。")
    assert read(pdf) == "担当は김민수でございます。"
    assert {name.split("+")[1].split("-")[0] for name in fonts(pdf).values()} == {"NotoSerifJP", "NotoSerifKR"}


def test_what_no_font_has_becomes_a_geta():
    assert read(opened("ja", "承ります😀。")) == "承ります〓。"
    assert read(opened("ko", "감사합니다😀")) == "감사합니다〓"


def test_a_long_letter_goes_on_over_sheets_and_loses_nothing():
    for language in LETTERS:
        body = "\n".join([LETTERS[language]] * 8)
        pdf = opened(language, body)
        assert len(pdf.pages) > 1
        assert read(pdf) == letters(body)


def test_the_same_letter_is_the_same_file():
    assert letter_pdf(language="ja", body=JAPANESE) == letter_pdf(language="ja", body=JAPANESE)


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("piece", ["a", "가", "「", "12,", "様\n", "謹啓\n"])
def test_the_longest_letter_is_set_in_seconds_whatever_it_holds(language: str, piece: str):
    started = time.perf_counter()
    letter_pdf(language=language, body=piece * (20_000 // len(piece)))
    assert time.perf_counter() - started < 15


@pytest.mark.parametrize("body", ["", "\n\n", "\x00\x07\u202e", "「" * 3_000, "a" * 3_000, "ｶﾞ" * 50])
def test_odd_bodies_are_set_all_the_same(body: str):
    for language in LETTERS:
        assert len(opened(language, body).pages) >= 1
