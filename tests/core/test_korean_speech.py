"""Speech levels of Korean from the ending alone."""

from __future__ import annotations

import pytest

from playbooks.core.language.korean.speech import BOUNDARY, level_of
from playbooks.core.language.reading import read
from playbooks.core.language.sentences import prepared

HASIPSIO = [
    "바로 확인하겠습니다", "언제 받으셨습니까?", "잠시만 기다려 주십시오", "저희가 부담합니다.", "함께 살펴봅시다.",
    "불편을 드려 죄송합니다만, 확인이 필요합니다.", "늦어도 내일까지 보내 드립니다~", "감사합니다^^",
]  # fmt: skip
HAEYO = [
    "바로 확인해 볼게요", "많이 놀라셨지요", "언제 받으셨나요?", "말씀해 주세요!", "그렇지요.", "내일 도착해요ㅎㅎ",
    "색상이 다른 거죠", "어떤 상품인가요", "알려 주세요, 주문하신 날짜를",
]  # fmt: skip
BANMAL = [
    "지금 보고 있어", "내일 보내 줄게", "그건 안 돼", "왜 안 왔냐", "잠깐만 기다려", "미안해", "괜찮아", "내일 온다",
    "규정이 그렇다", "확인했다", "그냥 환불해 줘", "알았어", "하지 마", "몰라", "벌써 갔잖아",
]  # fmt: skip
NOMINAL = ["환불 처리 완료", "내일 발송 예정.", "담당자에게 전달함", "접수됨.", "확인 요망", "교환 불가함", "재고 있음"]
NEITHER = [
    "필요", "중요", "서비스 이용 비용", "환불 안내", "오늘 오후 세 시까지",
    "김민수 고객님께", "온실옷장 고객센터", "주문 취소에 대해",
    "상품 하자", "올해", "고객님의 이해", "카메라", "1588-0000", "😀",
]  # fmt: skip


def name_of(sentence: str) -> str | None:
    level = level_of(sentence)
    return None if level is None else level.name


@pytest.mark.parametrize("sentence", HASIPSIO)
def test_formal_endings_are_known(sentence: str):
    assert name_of(sentence) == "hasipsio"


@pytest.mark.parametrize("sentence", HAEYO)
def test_informal_polite_endings_are_known(sentence: str):
    assert name_of(sentence) == "haeyo"


@pytest.mark.parametrize("sentence", BANMAL)
def test_plain_speech_is_known(sentence: str):
    assert name_of(sentence) == "banmal"


@pytest.mark.parametrize("sentence", NOMINAL)
def test_notes_are_known(sentence: str):
    assert name_of(sentence) == "nominal"


@pytest.mark.parametrize("sentence", NEITHER)
def test_a_stretch_without_predicate_has_no_level(sentence: str):
    assert name_of(sentence) is None


@pytest.mark.parametrize("sentence", ["비가 오니까 늦는다", "그분이 계시다"])
def test_nikka_and_sida_are_formal_only_after_a_final_b(sentence: str):
    assert name_of(sentence) != "hasipsio"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("확인했습니다. 감사합니다.", 2),
        ("확인했습니다.감사합니다.", 2),
        ("확인했습니다 감사합니다", 2),
        ("1588-0000으로 연락 주십시오. 3.5배입니다.", 2),
        ("첫째\n둘째\n\n셋째", 3),
        ("정말요?! 네.", 2),
        ("www.example.kr에서 보십시오.", 1),
        ("1. 포장을 바꾸었습니다.", 1),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, count: int):
    assert len(prepared(text, BOUNDARY).sentences) == count


@pytest.mark.parametrize(
    ("text", "style", "level"),
    [
        ("확인했습니다. 보내 드리겠습니다.", "formal", "hasipsio"),
        ("확인했어요. 보내 드릴게요.", "formal", "haeyo"),
        ("확인했습니다. 보내 드릴게요.", "formal", "mixed"),
        ("확인했어. 보내 줄게.", "informal", "banmal"),
        ("확인 완료. 발송 예정. 감사합니다.", "informal", "nominal"),
        ("확인했어. 보내 드리겠습니다. 감사합니다.", "formal", "mixed"),
    ],
)
def test_a_text_has_a_style_and_a_level(text: str, style: str, level: str):
    courtesy = read(text, language="ko").courtesy
    assert (courtesy.style, courtesy.speech_level) == (style, level)
    assert courtesy.level is None
    assert courtesy.polite is (style == "formal")


def test_a_level_names_the_endings_it_rests_on():
    assert read("확인했습니다. 보내 줄게.", language="ko").courtesy.markers == ("hasipsio:확인했습니다", "banmal:줄게")
