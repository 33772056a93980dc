"""Korean wording: every rule catches its wrong samples and spares its right ones, in its own data."""

from __future__ import annotations

import pytest

from playbooks.core.alimtalk import refusal_of
from playbooks.core.language.finding import ERROR, GOOD
from playbooks.core.language.korean.reading import rules
from playbooks.core.language.reading import read
from playbooks.core.language.rules import Rule

RULES = list(rules().rules.values())
WRONG = [(rule, text) for rule in RULES for text in rule.wrong]
RIGHT = [(rule, text) for rule in RULES for text in rule.right]


def kind_of(rule: Rule) -> str:
    return "alimtalk" if rule.kinds == ("alimtalk",) else "reply"


def found(text: str, kind: str = "reply") -> set[str]:
    return {finding.rule for finding in read(text, language="ko", kind=kind).findings}


def complaints(text: str) -> set[str]:
    return {f.rule for f in read(text, language="ko").findings if f.severity != GOOD}


@pytest.mark.parametrize(("rule", "text"), WRONG, ids=[f"{rule.id}-{n}" for n, (rule, _) in enumerate(WRONG)])
def test_a_rule_catches_its_wrong_samples(rule: Rule, text: str):
    assert rule.id in found(text, kind_of(rule))


@pytest.mark.parametrize(("rule", "text"), RIGHT, ids=[f"{rule.id}-{n}" for n, (rule, _) in enumerate(RIGHT)])
def test_a_rule_spares_its_right_samples(rule: Rule, text: str):
    assert rule.id not in found(text, kind_of(rule))


def test_every_rule_of_wording_brings_samples_of_both_kinds():
    assert [rule.id for rule in RULES if rule.pattern is not None and not (rule.wrong and rule.right)] == []


def test_the_known_ids_are_all_there():
    assert {f"K{number:02}" for number in range(1, 57)} - {"K55"} <= set(rules().rules)


def test_every_error_rests_on_an_authority():
    assert [rule.id for rule in RULES if rule.severity == ERROR and rule.authority is None] == []


def test_every_reason_is_in_three_languages_and_no_two_are_one():
    for rule in RULES:
        assert set(rule.why) == {"ko", "ja", "en"}
        assert len(set(rule.why.values())) == 3


def test_no_suggestion_fires_an_error_itself():
    for rule in RULES:
        if rule.suggestion and not rule.suggestion.startswith("(") and "○" not in rule.suggestion:
            for text in rule.suggestion.split(" / "):
                assert [f.rule for f in read(text, language="ko").findings if f.severity == ERROR] == [], rule.id


@pytest.mark.parametrize(
    "text",
    [
        "문의하신 사이즈 있으세요?",
        "우수 회원이십니다.",
        "주말은 토~일 10시~17시입니다.",
        "주문이 많아도 제때 보내 드릴 수 있도록 직원을 더 뽑았습니다.",
        "배송 업체와 함께 경로를 확인하고 저희가 책임지고 배상하겠습니다.",
        "고객님의 실수가 아닙니다.",
        "저희가 포장 전에 살피지 못한 것이 원인입니다.",
        "무어라 변명할 수 없습니다.",
        "무엇이라 사과드려야 할지 모르겠습니다.",
        "추후 같은 문제가 없도록 점검 순서를 바꾸었습니다.",
        "아마존 주문 건도 확인해 드립니다.",
        "내용을 모두 검토하였고 오늘 환불해 드리겠습니다.",
        "다른 고객님께도 같은 불편을 드리지 않도록 재고를 다시 세었습니다.",
        "편안한 저녁 보내세요.",
        "필요하실 때 언제든 말씀하세요.",
        "고객의 소리에 남겨 주신 글을 읽었습니다.",
        "저희가 고객님께서 말씀하신 대로 바꾸었습니다.",
        "사진을 한 번 더 봐 주시겠습니까?",
        "안녕하세요.",
        "동네 매장에서도 받으실 수 있습니다.",
        "필요한 서류와 중요한 사항을 함께 보내 드립니다.",
        "이 서비스의 이용 내용과 비용을 알려 드립니다.",
        "옷걸이에서 소리가 나는 문제를 고쳤습니다.",
        "진상을 조사하여 내일 12시까지 보고드리겠습니다.",
        "화가 나시는 것이 당연합니다.",
        "걱정되셨을 마음을 헤아립니다.",
    ],
)
def test_what_is_right_stays_unflagged(text: str):
    assert complaints(text) == set()


@pytest.mark.parametrize("quotes", ["“{}”", "‘{}’", "「{}」", "『{}』", '"{}"'])
def test_what_the_customer_said_is_no_fault_of_the_writer(quotes: str):
    quoted = quotes.format("당신들 진짜 어쩌라고 이래?? 미안해 한마디면 끝이야?")
    assert complaints(f"{quoted}라고 말씀하신 내용을 확인하였습니다.") == set()


def test_a_mail_quoted_line_by_line_is_skipped():
    assert complaints("> 미안해요ㅠㅠ 금방 보낼게요~\n고객님께 다시 안내드립니다.") == set()


def test_the_same_words_unquoted_are_found():
    assert {"K10", "K44"} <= complaints("당신이 진상이라는 말씀은 아닙니다ㅋㅋ")


def test_a_refusal_with_an_alternative_is_none():
    assert "K27" in complaints("개봉하신 상품의 환불은 불가합니다.")
    assert "K27" not in complaints("개봉하신 상품의 환불은 불가합니다. 대신 오늘 새 상품으로 교환해 드리겠습니다.")
    assert "K27" not in complaints("환불은 불가하지만 새 상품으로 교환해 드리겠습니다.")


def test_vague_words_beside_a_time_are_fine():
    assert "K29" in complaints("최대한 빨리 처리하겠습니다.")
    assert "K29" not in complaints("최대한 빨리, 오늘 18시까지 처리하겠습니다.")


def test_a_good_intention_needs_a_measure():
    assert "K32" in complaints("앞으로 더욱 주의하겠습니다.")
    assert "K32" not in complaints("출고 전에 두 번 검수하도록 절차를 바꾸었습니다. 앞으로 더욱 주의하겠습니다.")


def test_a_finding_points_at_its_words_whatever_stands_before_them():
    for before in ("", "감사합니다. ", "\u200b감사합니다.\n", "감사합니다 😀 "):
        text = f"{before}정말 미안합니다."
        finding = next(f for f in read(text, language="ko").findings if f.rule == "K08")
        assert text[finding.start : finding.end].startswith("미안")


def test_hidden_characters_do_not_hide_a_word():
    text = "정말 미\u200b안합\u00ad니다."
    finding = next(f for f in read(text, language="ko").findings if f.rule == "K08")
    assert text[finding.start : finding.end] == "미\u200b안합"


def test_decomposed_hangul_is_read_like_composed():
    import unicodedata

    text = unicodedata.normalize("NFD", "정말 미안합니다.")
    finding = next(f for f in read(text, language="ko").findings if f.rule == "K08")
    assert unicodedata.normalize("NFC", text[finding.start : finding.end]) == "미안합"


def test_a_rule_that_repeats_itself_is_told_at_most_twenty_times():
    findings = read("정말 미안합니다. " * 200, language="ko").findings
    assert sum(f.rule == "K08" for f in findings) == 20


def test_an_internal_note_may_be_a_note():
    reading = read("환불 처리 완료. 고객 연락 예정임", language="ko", kind="note")
    assert reading.findings == ()
    assert reading.elements == ()
    assert "K39" in {f.rule for f in read("진상 고객임", language="ko", kind="note").findings}


@pytest.mark.parametrize(
    "text",
    [
        "주문하신 상품이 오늘 발송되었습니다. 송장번호 1234567890",
        "결제 금액 30,000원(할인 3,000원 적용)이 승인되었습니다.",
        "이벤트 당첨 상품이 오늘 발송되었습니다. 송장번호 123456",
        "적립하신 포인트 3,000점이 12월 31일에 소멸될 예정입니다.",
        "예약이 확정되었습니다. 변경: https://desk.example/r/1",
    ],
)
def test_an_alimtalk_that_informs_passes(text: str):
    assert refusal_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "주문하신 상품이 배송되었습니다. 감사의 뜻으로 5,000원 적립금을 드립니다.",
        "할인 쿠폰을 드리고 환불도 완료되었습니다.",
        "불편을 드려 할인 쿠폰이 발급되었습니다.",
        "배송이 완료되었습니다. 더 많은 상품 보러가기: https://shop.example",
        "환불이 완료되었습니다. 자세히 보기 https://shop.example/event/7",
        "추첨을 통해 경품을 드립니다.",
        "설문에 참여하시면 커피 기프티콘을 드립니다.",
    ],
)
def test_an_alimtalk_that_promotes_is_refused_with_an_error(text: str):
    assert refusal_of(text) is not None
    assert any(f.severity == ERROR and f.rule[0] == "T" for f in read(text, language="ko", kind="alimtalk").findings)
