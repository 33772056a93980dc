"""What a Korean answer amounts to, whether it fits its ticket, and what an 알림톡 may carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from playbooks.core.facts import Facts
from playbooks.core.language.finding import Setting
from playbooks.core.language.reading import read
from tickets.errors import Invalid

TICKET = Setting(
    names={"firm": "하늘가구", "desk": "고객센터", "agent": "김민지", "customer": "이서윤", "item": "원목 책상"},
    amounts=(45_000,),
    currency="KRW",
    today="2026-07-01",
    own_fault=True,
    customer_words=("원목 책상 다리가 부러진 채로 왔어요. 아이 방에 놓으려고 했는데 너무 속상합니다.",),
)


def facts(text: str, setting: Setting = TICKET) -> Facts:
    return read(text, language="ko", setting=setting).facts


def rules(text: str, setting: Setting = TICKET, kind: str = "reply") -> set[str]:
    return {f.rule for f in read(text, language="ko", kind=kind, setting=setting).findings if f.severity != "good"}


def seoul(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=ZoneInfo("Asia/Seoul")).timestamp())


# --- the six parts of an apology ---


@pytest.mark.parametrize(
    ("component", "sentence"),
    [
        ("responsibility", "이는 전적으로 저희의 불찰입니다."),
        ("repair", "부러진 책상은 내일까지 새 책상으로 교환해 드리겠습니다."),
        ("regret", "진심으로 사과드립니다."),
        ("explanation", "확인 결과 책상을 포장할 때 완충재가 누락되었습니다."),
        ("repentance", "책상 포장을 이중으로 바꾸고 출고 전 검수 절차를 강화하였습니다."),
        ("forgiveness", "부디 너그러이 용서해 주시기 바랍니다."),
    ],
)
def test_a_component_is_named_with_its_sentence(component: str, sentence: str):
    text = f"불편을 드려 죄송합니다. 책상 건으로 연락드립니다. {sentence}"
    reading = read(text, language="ko", setting=TICKET)
    assert component in reading.facts.apology
    spans = [text[e.start : e.end] for e in reading.evidence if e.fact == f"apology.{component}"]
    assert spans == [sentence] or component == "regret"


def test_denying_a_fault_takes_no_responsibility():
    assert "responsibility" not in facts("저희 잘못이 아닙니다. 죄송합니다.").apology
    assert "responsibility" not in facts("이 일은 제가 책임지고 맡겠습니다. 죄송합니다.").apology


def test_a_remedy_alone_apologises_for_nothing():
    assert facts("책상은 내일까지 교환해 드리겠습니다.").apology == ()


# --- shares ---


def test_feeling_with_the_case_weighs_more_than_a_set_phrase():
    none = facts("확인하였습니다.").empathy
    some = facts("많이 속상하셨을 줄 압니다.").empathy
    case = facts("아이 방에 놓으실 책상이라 많이 속상하셨을 줄 압니다.").empathy
    assert none == 0 < some < case == 0.8


def test_echoing_the_customer_is_listening():
    said = [
        facts("확인하였습니다."),
        facts("보내 주신 글을 읽었습니다."),
        facts("보내 주신 글에서 책상 다리가 부러진 것을 읽었습니다."),
    ]
    assert said[0].listening == 0 < said[1].listening < said[2].listening


def test_an_echo_points_at_the_words_taken_up():
    text = "책상 다리를 다시 보내 드리겠습니다."
    spans = {text[e.start : e.end] for e in read(text, language="ko", setting=TICKET).evidence if e.fact == "listening"}
    assert {"책상", "다리"} <= spans


def test_times_amounts_and_remedies_make_it_concrete():
    assert facts("확인하겠습니다.").concrete == 0
    assert facts("책상값 45,000원은 7월 3일까지 환불해 드리겠습니다.").concrete == 1


def test_standing_by_it_is_ownership_and_blaming_others_is_none():
    assert facts("제가 끝까지 책임지고 살피겠습니다.").ownership > facts("확인하겠습니다.").ownership
    assert facts("택배사 잘못입니다. 저희도 어쩔 수 없습니다.").ownership == 0


def test_register_falls_with_plain_speech_and_chat_signs():
    good, light, plain = (facts(text).register for text in ("확인하겠습니다.", "확인할게요ㅎㅎ", "확인할게."))
    assert good == 1 > light > plain == 0


def test_a_choice_gives_the_customer_a_say():
    assert facts("교환과 환불 중 원하시는 방법을 말씀해 주시기 바랍니다.").voice > 0.5
    assert facts("진정하세요. 다른 고객님들은 괜찮으셨습니다.").voice < 0.5


def test_only_what_must_not_be_said_counts_as_such():
    assert facts("책상을 확인하겠습니다. 양해 바랍니다.").ng == 0
    assert facts("진정하세요. 수고하세요.").ng == 2


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("부러진 곳의 사진을 보내 주시기 바랍니다.", True),
        ("주문번호를 알려 주시겠습니까?", True),
        ("궁금하신 점은 언제든지 문의해 주시기 바랍니다.", False),
        ("확인하여 알려 드리겠습니다.", False),
    ],
)
def test_asking_leaves_the_next_word_to_the_customer(text: str, asks: bool):
    assert facts(text).asks is asks


# --- promises ---


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("오늘 17시까지", seoul(2026, 7, 1, 17)),
        ("오늘 오후 5시 30분까지", seoul(2026, 7, 1, 17, 30)),
        ("내일 오전 10시까지", seoul(2026, 7, 2, 10)),
        ("7월 3일까지", seoul(2026, 7, 3, 23, 59)),
        ("7월 3일(금) 15시까지", seoul(2026, 7, 3, 15)),
        ("3영업일 이내에", seoul(2026, 7, 6, 23, 59)),
        ("이틀 안에", seoul(2026, 7, 3, 23, 59)),
    ],
)
def test_a_promise_is_a_time_on_the_clock_of_seoul(said: str, at: int):
    assert facts(f"결과는 {said} 안내해 드리겠습니다.").promise_at == at


def test_a_promise_without_a_known_day_has_no_time():
    assert facts("24시간 이내에 안내해 드리겠습니다.").promise_at is None
    assert facts("오늘 17시까지 안내해 드리겠습니다.", replace(TICKET, today="")).promise_at is None


def test_the_new_year_is_ahead_in_december():
    december = replace(TICKET, today="2026-12-29")
    assert facts("1월 4일 12시까지 안내해 드리겠습니다.", december).promise_at == seoul(2027, 1, 4, 12)


def test_a_day_that_is_no_date_is_refused():
    with pytest.raises(Invalid) as caught:
        facts("오늘 17시까지 안내해 드리겠습니다.", replace(TICKET, today="soon"))
    assert caught.value.field == "setting.today"


# --- deeds ---


@pytest.mark.parametrize(
    ("text", "deed"),
    [
        ("현재 원인을 확인하고 있으며, 내일 12시까지 결과를 안내해 드리겠습니다.", "interim_report"),
        ("책상 포장 절차를 바꾸고 검수를 강화하였습니다.", "prevention"),
        ("보내 드린 책상은 불편 없이 쓰고 계신지 여쭙고자 연락드립니다.", "check_in"),
    ],
)
def test_a_deed_is_read_from_the_words(text: str, deed: str):
    assert deed in facts(text).deeds


def test_a_letter_is_a_deed_of_its_own():
    assert read("책상 건으로 사과드립니다.", language="ko", kind="letter").facts.deeds == ("letter",)


# --- honest content ---

CAUSE = "확인 결과 책상을 포장할 때 완충재가 누락되었습니다."
MEASURE = "책상 포장을 이중으로 바꾸고 검수 절차를 강화하였습니다."


def test_a_cause_is_stated_only_once_it_is_known():
    unknown = replace(TICKET, own_fault=None)
    assert "H01" in rules(CAUSE, unknown)
    assert "H01" not in rules(CAUSE)
    assert "H02" in rules(MEASURE, unknown)
    assert "H02" not in rules(MEASURE)


def test_looking_into_it_with_a_time_is_right():
    text = "책상이 부러진 경위를 확인하고 있습니다. 내일 12시까지 결과를 말씀드리겠습니다."
    reading = read(text, language="ko", setting=replace(TICKET, own_fault=None))
    assert [f.rule for f in reading.findings] == ["H08"]


def test_a_limited_apology_before_the_facts_is_right():
    text = "책상 다리가 부러진 채 도착하여 불편을 드린 점 사과드립니다."
    assert rules(text, replace(TICKET, own_fault=None)) == set()


def test_an_amount_nobody_authorised_is_an_error():
    assert "H03" in rules("책상값 100,000원을 환불해 드리겠습니다.")
    assert "H03" in rules("보상으로 10만 원을 드리겠습니다.")
    assert "H03" not in rules("책상값 45,000원을 환불해 드리겠습니다.")
    assert "H03" not in rules("책상값 100,000원을 환불해 드리겠습니다.", replace(TICKET, amounts=()))


def test_another_customers_name_is_an_error():
    assert "H05" in rules("박지훈 고객님, 책상 건으로 연락드립니다.")
    assert "H05" not in rules("이서윤 고객님, 책상 건으로 연락드립니다.")
    assert "H05" not in rules("안녕하십니까, 고객님. 소중한 고객님께 연락드립니다.")


def test_a_day_that_is_over_is_no_deadline():
    assert "H06" in rules("6월 28일까지 책상을 보내 드리겠습니다.")
    assert "H06" not in rules("7월 3일까지 책상을 보내 드리겠습니다.")


def test_a_blank_left_in_is_an_error():
    assert "K58" in rules("○○○ 고객님, 책상 건으로 연락드립니다.")
    assert "K58" in rules("#{이름} 고객님, 책상 건으로 연락드립니다.")
    assert "K58" not in rules("#{이름} 고객님, 책상 배송이 7월 3일 시작됩니다.", kind="alimtalk")


# --- 알림톡 ---

INFORMATION = "[하늘가구] 이서윤 고객님, 주문하신 원목 책상의 교환 상품이 7월 3일 출고됩니다. 문의: 고객센터"


def test_information_about_an_order_may_go_out():
    assert rules(INFORMATION, kind="alimtalk") == set()


@pytest.mark.parametrize(
    "text",
    [
        "불편을 드려 죄송한 마음을 담아 할인 쿠폰을 보내 드립니다.",
        "7월 3일까지 전 상품 20% 할인 이벤트를 진행합니다.",
        "감사의 마음으로 적립금 3,000원을 드립니다.",
        "지금 바로 구매하시면 사은품을 드립니다.",
        "놓치지 마세요. 신제품 출시 소식입니다.",
    ],
)
def test_promotion_may_not(text: str):
    severities = {f.rule: f.severity for f in read(text, language="ko", kind="alimtalk").findings}
    assert "error" in {severity for rule, severity in severities.items() if rule.startswith("T")}


@pytest.mark.parametrize(
    "text",
    [
        "보유하신 적립금 3,000원이 7월 31일 소멸될 예정입니다.",
        "구매하신 주문 건의 포인트 500점이 적립되었습니다.",
        "보유하신 쿠폰의 유효 기간이 7월 31일 만료될 예정임을 안내드립니다.",
    ],
)
def test_points_with_a_basis_may(text: str):
    assert not any(rule.startswith(("T01", "T02", "T03")) for rule in rules(text, Setting(), kind="alimtalk"))


def test_an_alimtalk_ends_after_a_thousand_characters():
    assert "T04" not in rules(INFORMATION + "가" * (1_000 - len(INFORMATION)), kind="alimtalk")
    assert "T04" in rules(INFORMATION + "가" * (1_001 - len(INFORMATION)), kind="alimtalk")


def test_a_message_without_a_transaction_is_no_alimtalk():
    assert "T05" in rules("안녕하세요. 좋은 하루 보내시기 바랍니다.", kind="alimtalk")
    assert rules("보내 드린 책상은 마음에 드시는지 여쭙습니다. 할인 쿠폰도 드립니다.") == set()
