"""The nine parts of a Korean reply: found in words that no list foresaw, and not in keywords, refusals or templates."""

from __future__ import annotations

import pytest

from playbooks.core.language.finding import Setting
from playbooks.core.language.reading import read

GOOD = """안녕하세요, 김하늘 고객님. 온실옷장 고객센터 박도윤입니다.
졸업식에 입으실 옷이 다른 색으로 도착해 얼마나 놀라셨을지 헤아립니다. 고개 숙여 사과드립니다.
포장할 때 주문서와 상품 번호를 대조하지 않아 베이지색 코트가 발송되었습니다.
남색 코트는 오늘 출고하여 7월 3일 12시까지 받으실 수 있게 하겠습니다.
오늘부터 상자를 닫기 전에 바코드를 대조하도록 포장 절차를 바꾸었습니다.
더 궁금하신 점은 언제든지 이 창으로 말씀해 주십시오. 감사합니다."""
COAT = Setting(
    names={"firm": "온실옷장", "desk": "고객센터", "item": "남색 코트", "customer": "김하늘"},
    nouns={"cause": ("대조", "주문서"), "measure": ("바코드",)},
    customer_words=("남색 코트를 주문했는데 베이지색이 왔어요. 다음 주 졸업식에 입어야 해요.",),
    own_fault=True,
)


def elements(text: str, setting: Setting | None = None) -> set[str]:
    return {e.name for e in read(text, language="ko", setting=setting).elements if e.found}


def holding(name: str, text: str) -> bool:
    """Whether the sentence holds the part, in the middle of an answer."""
    return name in elements(f"안녕하십니까.\n{text}\n오늘은 여기까지 적습니다.")


def test_a_good_reply_holds_all_nine_and_each_points_at_its_sentence():
    reading = read(GOOD, language="ko", setting=COAT)
    spans = {e.name: GOOD[e.start : e.end] for e in reading.elements if e.found}
    assert set(spans) == {"인사", "소속", "공감", "사과", "원인", "해결", "기한", "재발방지", "마무리"}
    assert spans["원인"].startswith("포장할 때")
    assert spans["기한"].startswith("남색 코트는")
    assert [f for f in reading.findings if f.severity != "good"] == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("공감", "여행 첫날을 길에서 보내셨으니 많이 속상하셨겠습니다."),
        ("공감", "기다리시는 동안 얼마나 답답하셨을지 짐작합니다."),
        ("공감", "심려를 끼쳐 드려 마음이 무겁습니다."),
        ("공감", "고객님의 실망하신 마음을 충분히 이해합니다."),
        ("사과", "진심으로 사과의 말씀을 드립니다."),
        ("사과", "늦어져 송구합니다."),
        ("원인", "담당 직원이 주소를 잘못 입력한 것이 원인이었습니다."),
        ("원인", "확인 결과 창고에서 상자가 뒤바뀌어 출고되었습니다."),
        ("원인", "결제 서버 오류로 같은 금액이 두 번 청구되었습니다."),
        ("원인", "저희가 예약 변경을 호텔에 전달하지 못했습니다."),
        ("해결", "새 식탁을 무상으로 보내 드리겠습니다."),
        ("해결", "결제하신 금액은 전액 돌려드립니다."),
        ("해결", "수리비는 받지 않겠습니다."),
        ("해결", "깨진 그릇은 새것으로 바꿔 드리겠습니다."),
        ("해결", "객실을 같은 등급으로 다시 예약해 드렸습니다."),
        ("기한", "환불은 3영업일 이내에 처리해 드리겠습니다."),
        ("기한", "기사가 내일 오전 중에 방문할 예정입니다."),
        ("기한", "확인 결과는 5월 2일 15시까지 알려 드리겠습니다."),
        ("재발방지", "같은 일이 없도록 출고 전 검수를 두 번으로 늘렸습니다."),
        ("재발방지", "재발 방지를 위해 직원 교육을 다시 실시하겠습니다."),
        ("재발방지", "오늘부터 예약 확인을 자동화하여 매일 점검하고 있습니다."),
    ],
)
def test_a_part_is_found_in_many_wordings(name: str, sentence: str):
    assert holding(name, sentence)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("공감", "불편을 드려 죄송합니다."),
        ("공감", "이해합니다."),
        ("공감", "번거로우시겠지만 사진을 보내 주시기 바랍니다."),
        ("공감", "고객님의 요구는 이해할 수 없습니다."),
        ("사과", "죄송할 일은 아닙니다."),
        ("사과", "사과드릴 이유가 없습니다."),
        ("사과", "불편하셨다면 죄송합니다."),
        ("사과", "죄송하지만 환불은 어렵습니다."),
        ("원인", "원인은 모르겠습니다."),
        ("원인", "정확한 원인을 확인하고 있습니다."),
        ("원인", "고객님의 부주의가 원인입니다."),
        ("원인", "포장 원인 검수 누락"),
        ("원인", "배송 지연으로 불편을 드려 죄송합니다."),
        ("해결", "환불은 해 드리지 않겠습니다."),
        ("해결", "교환은 어렵습니다."),
        ("해결", "환불 규정을 안내해 드리겠습니다."),
        ("해결", "환불을 원하시면 말씀해 주시기 바랍니다."),
        ("해결", "환불해 드릴까요?"),
        ("해결", "환불을 검토하겠습니다."),
        ("해결", "환불 처리 완료"),
        ("기한", "빠른 시일 내에 처리하겠습니다."),
        ("기한", "상담 시간은 평일 9시부터 18시까지입니다."),
        ("기한", "내일까지 사진을 보내 주시기 바랍니다."),
        ("기한", "오늘 17시까지는 어렵습니다."),
        ("재발방지", "재발 방지는 하지 않았습니다."),
        ("재발방지", "앞으로 주의하겠습니다."),
        ("재발방지", "같은 말씀을 두 번 하시지 않도록 기록하겠습니다만, 먼저 알려 주시면 확인하겠습니다."),
    ],
)
def test_what_only_looks_like_a_part_is_none(name: str, sentence: str):
    assert not holding(name, sentence)


KEYWORDS = "안녕하십니까 고객센터 속상 죄송 원인 누락 환불 오늘까지 재발 방지 점검 문의 감사"


@pytest.mark.parametrize(
    "text",
    [KEYWORDS, KEYWORDS.replace(" ", "\n"), KEYWORDS + ".", "죄송합니다. " + KEYWORDS, " ".join([KEYWORDS] * 20)],
)
def test_keywords_fulfil_next_to_nothing(text: str):
    assert elements(text) <= {"인사", "사과"}


def test_a_row_of_predicates_without_the_case_scores_low():
    text = (
        "안녕하십니까. 온실옷장 고객센터입니다. 공감합니다. 사과드립니다. 원인을 확인했습니다. 해결해 드리겠습니다. "
        "기한을 지키겠습니다. 재발을 방지하겠습니다. 감사합니다."
    )
    assert elements(text, COAT) <= {"인사", "소속", "사과", "마무리"}


TEMPLATE = """안녕하십니까, 고객님. 온실옷장 고객센터 박도윤입니다.
불편을 겪으셔서 많이 속상하셨을 줄 압니다. 진심으로 사과드립니다.
확인 결과 내부 시스템 오류가 원인이었습니다.
결제하신 금액은 3영업일 이내에 전액 환불해 드리겠습니다.
재발 방지를 위해 점검 절차를 강화하였습니다.
추가 문의는 언제든지 연락 주시기 바랍니다. 감사합니다."""


def test_a_pasted_template_states_neither_cause_nor_remedy_of_this_case():
    assert {"원인", "해결", "재발방지"} <= elements(TEMPLATE)
    reading = read(TEMPLATE, language="ko", setting=COAT)
    assert {"원인", "해결", "재발방지"} & {e.name for e in reading.elements if e.found} == set()
    assert "H07" in {f.rule for f in reading.findings}
    assert set(reading.facts.apology) <= {"regret", "responsibility"}


def test_elements_inside_quotations_do_not_count():
    assert (
        elements("“확인 결과 포장 누락이 원인이었습니다. 새 상품을 내일까지 보내 드리겠습니다.”라고 들었습니다.")
        == set()
    )


def test_a_reply_signed_by_another_firm_has_no_sender():
    other = GOOD.replace("온실옷장 고객센터", "다온마트 고객지원팀").replace("박도윤", "이서진")
    reading = read(other, language="ko", setting=COAT)
    assert "소속" not in {e.name for e in reading.elements if e.found}
    assert "H04" in {f.rule for f in reading.findings}


def test_the_same_text_without_a_ticket_is_not_compared():
    other = GOOD.replace("온실옷장 고객센터", "다온마트 고객지원팀")
    assert "소속" in elements(other)


def test_an_alimtalk_and_a_note_have_their_own_parts():
    assert {e.name for e in read(GOOD, language="ko", kind="alimtalk").elements} == {"소속", "정보"}
    assert read(GOOD, language="ko", kind="note").elements == ()


@pytest.mark.parametrize(
    "said", ["최대한 빨리 환불해 드리겠습니다.", "바로 보내 드리겠습니다.", "빠른 시일 내에 교환해 드리겠습니다."]
)
def test_haste_names_no_time_and_no_amount(said: str):
    reading = read(said, language="ko")
    assert reading.facts.concrete == 0
    assert "기한" not in elements(said)


@pytest.mark.parametrize(
    "said", ["기다려 주셔서 감사합니다.", "양해해 주셔서 감사드립니다.", "번거로우시겠지만 사진을 보내 주십시오."]
)
def test_thanks_and_cushions_feel_nothing(said: str):
    assert read(said, language="ko").facts.empathy == 0


@pytest.mark.parametrize(
    "said",
    [
        "죄송하지만 규정상 환불이 어렵습니다.",
        "죄송합니다만 처리가 불가합니다.",
        "송구하오나 교환은 불가합니다.",
        "고객님께서 “죄송합니다”라는 말도 없었다고 하셨습니다.",
    ],
)
def test_a_cushion_before_a_refusal_and_a_quotation_are_no_apology(said: str):
    assert "사과" not in elements(said)
    assert "regret" not in read(said, language="ko").facts.apology


@pytest.mark.parametrize(
    "said",
    [
        "언제까지라고 말씀드리기 어렵습니다.",
        "금요일까지 보내 드리기는 어렵습니다.",
        "내일까지 보내 드린다고 약속드릴 수 없습니다.",
        "금요일까지 보내 주셔야 합니다.",
        "고객님께서 “오늘까지 환불해 주세요”라고 하셨습니다.",
    ],
)
def test_what_is_denied_asked_or_quoted_is_no_deadline(said: str):
    assert "기한" not in elements(said)
    assert read(said, language="ko").facts.concrete == 0


CASE = Setting(
    names={"firm": "온실옷장", "desk": "고객센터", "item": "남색 코트", "customer": "김하늘"},
    nouns={
        "incident": ("코트", "색상"),
        "cause": ("대조", "주문서"),
        "remedy": ("교환", "새 상품"),
        "measure": ("바코드",),
    },
    customer_words=("남색 코트를 주문했는데 베이지색이 왔어요. 다음 주 졸업식에 입어야 해요.",),
    today="2026-07-01",
    own_fault=True,
)
TEMPLATE = (
    "안녕하세요, 고객님. 온실옷장 고객센터입니다. 불편을 드려 진심으로 사과드립니다. 시스템 오류로 인해 문제가 발생하였습니다. "
    "3일 이내에 환불 처리해 드리겠습니다. 앞으로 같은 일이 없도록 점검을 강화하겠습니다. 감사합니다."
)


@pytest.mark.parametrize("more", ["", " 남색 코트.", " 코트 건으로 사과드립니다.", " 김하늘 고객님께 드립니다."])
def test_a_template_with_the_right_words_beside_it_explains_and_mends_nothing(more: str):
    reading = read(TEMPLATE + more, language="ko", setting=CASE)
    assert not {"원인", "해결", "재발방지"} & {e.name for e in reading.elements if e.found}
    assert set(reading.facts.apology) == {"regret"}


def test_a_line_of_the_words_of_the_case_holds_nothing():
    line = "남색 코트 대조 주문서 교환 새 상품 바코드 죄송 환불 내일까지 때문 점검 온실옷장 고객센터"
    reading = read(line, language="ko", setting=CASE)
    assert elements(line, CASE) == set()
    assert (reading.facts.apology, reading.facts.concrete, reading.facts.listening) == ((), 0, 0)


def test_to_apologise_again_adds_nothing():
    once = read("코트가 잘못 가서 죄송합니다.", language="ko", setting=CASE).facts
    often = read("코트가 잘못 가서 죄송합니다. " * 6, language="ko", setting=CASE).facts
    assert (often.apology, often.concrete, often.empathy) == (once.apology, once.concrete, once.empathy)


def test_a_good_answer_in_words_that_no_list_foresaw_is_not_rejected():
    text = (
        "안녕하십니까, 김하늘 고객님. 온실옷장 박도윤입니다. 큰 자리에 걸치실 옷이 엉뚱한 빛깔로 왔으니 얼마나 놀라셨겠습니까. "
        "고개 숙여 사과드립니다. 포장대에서 두 상자를 한꺼번에 들고 나가다 송장 두 장이 서로 바뀌어 붙었습니다. 제대로 된 옷은 "
        "내일 오전까지 기사님이 직접 댁으로 가져다 드리겠습니다. 이제부터는 상자마다 다른 사람이 한 번 더 열어 읽은 뒤에만 테이프를 "
        "붙입니다. 걸리는 점이 있으시면 이 창에 적어 주십시오."
    )
    reading = read(text, language="ko", setting=CASE)
    assert [e.name for e in reading.elements if not e.found] == []
    assert [f.rule for f in reading.findings if f.severity != "good"] == []


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("소속", "골목카페 모모 사장이에요."),
        ("공감", "시험이 코앞인데 발을 동동 구르셨죠."),
        ("사과", "큰 근심을 안겨 드려 죄송하기 그지없습니다."),
        ("원인", "검침원이 숫자를 한 자리 밀려 적은 것이 화근이었습니다."),
        ("원인", "전화로 받은 예약을 장부에 옮기지 않아 이런 일이 생겼습니다."),
        ("해결", "주문하신 개정판을 퀵서비스로 방금 출발시켰습니다."),
        ("기한", "취소 문자는 늦어도 내일 오전 중에 도착할 거예요."),
        ("재발방지", "개정판과 구판은 보관 칸을 아예 다른 층으로 나눴습니다."),
        ("마무리", "이 건은 제가 맡겠으니 내선 417번으로 찾아 주세요."),
    ],
)
def test_a_part_is_found_in_words_that_no_list_foresaw(part: str, said: str):
    assert part in elements(f"안녕하세요.\n전등을 구입해 주셔서 감사합니다.\n{said}")


@pytest.mark.parametrize(
    "said",
    [
        "환불 여부는 담당자와 상의해 보겠습니다.",
        "상품은 5월 4일에 정상적으로 배송되었습니다.",
        "죄송하다는 말보다 빨리 고치는 것이 먼저라고 생각합니다.",
        "사과 말씀은 드릴 일이 아닌 것 같습니다.",
        "원인 규명을 위해 자료를 모으고 있습니다.",
        "많이 화가 나셨다고 적어 주셨습니다.",
        "기한 내에 이의를 신청하지 않으시면 본 건은 종결됩니다.",
    ],
)
def test_what_is_only_weighed_reported_or_denied_is_no_part(said: str):
    assert elements(f"안녕하세요.\n전등을 구입해 주셔서 감사합니다.\n{said}\n이상이 지금까지의 상황입니다.") == {"인사"}
