"""A reply as 알림톡: information goes through, promotion and length are refused by name, and blanks are never sent."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from playbooks import actions, driver
from playbooks.core.draft import Unsendable, blanks_in
from tests.rest import START, Desk, refusal
from tickets.models import Comment, Ticket, TicketEvent

PLAIN = "안녕하세요, 바다몰입니다. 주문하신 상품의 교환품이 9월 8일 발송되었습니다."
COUPON = "안녕하세요, 바다몰입니다. 불편을 드려 죄송한 마음으로 5,000원 할인 쿠폰을 드립니다."


@pytest.fixture
def korean(desk: Desk) -> Ticket:
    return desk.case(
        description="커피 메이커가 켜지지 않습니다.", language="ko", channel="web", category="defective_item"
    )


def written(ticket: Ticket) -> int:
    return TicketEvent.objects.filter(ticket=ticket).count()


def browser(desk: Desk, language: str) -> Client:
    client = Client()
    client.force_login(desk.owner.agent)
    client.cookies["django_language"] = language
    return client


def test_information_goes_out_by_kakaotalk_whatever_the_channel_of_the_ticket(desk: Desk, korean: Ticket):
    said = desk.owner.post(f"tickets/{korean.pk}/comments/", {"body": PLAIN, "kind": "alimtalk"})
    assert (said.status_code, said.json()["channel"]) == (201, "kakaotalk")


def test_by_rest_promotion_is_refused_with_the_words_and_nothing_is_written(desk: Desk, korean: Ticket):
    before = written(korean)
    answer = desk.owner.post(f"tickets/{korean.pk}/comments/", {"body": COUPON, "kind": "alimtalk"})
    told = refusal(answer, 400, "promotional_alimtalk", body="promotional_alimtalk")
    assert "할인" in told["description"]
    assert "send this as a reply" in told["description"]
    assert written(korean) == before


def test_the_same_words_may_go_as_a_reply(desk: Desk, korean: Ticket):
    assert desk.owner.post(f"tickets/{korean.pk}/comments/", {"body": COUPON, "kind": "reply"}).status_code == 201


def test_more_than_a_thousand_characters_are_refused(desk: Desk, korean: Ticket):
    answer = desk.owner.post(f"tickets/{korean.pk}/comments/", {"body": PLAIN * 40, "kind": "alimtalk"})
    refusal(answer, 400, "alimtalk_too_long", body="alimtalk_too_long")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"kind": "telegram"}, "invalid_choice"),
        ({"kind": "alimtalk", "channel": "email"}, "alimtalk_channel"),
        ({"kind": "alimtalk", "public": False}, "does_not_apply"),
        ({"kind": "alimtalk", "author_type": "customer"}, "does_not_apply"),
    ],
)
def test_a_kind_that_does_not_fit_is_refused_at_its_field(
    desk: Desk, korean: Ticket, what: dict[str, object], code: str
):
    caller = desk.client if "author_type" in what else desk.owner
    answer = caller.post(f"tickets/{korean.pk}/comments/", {"body": PLAIN, **what})
    assert answer.status_code == 400
    assert code in answer.content.decode()


def test_no_alimtalk_reaches_a_japanese_customer(desk: Desk):
    answer = desk.owner.post(f"tickets/{desk.grave().pk}/comments/", {"body": PLAIN, "kind": "alimtalk"})
    refusal(answer, 400, "alimtalk_korean_only", kind="alimtalk_korean_only")


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "일반 답변으로 보내십시오"), ("ja", "通常の返信で送ってください"), ("en", "as a reply")],
)
def test_on_the_page_the_refusal_names_the_stretch_in_the_reader_s_language(
    desk: Desk, korean: Ticket, language: str, words: str
):
    before = written(korean)
    answer = browser(desk, language).post(reverse("say", args=[korean.pk]), {"kind": "alimtalk", "body": COUPON})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert "5,000원 할인 쿠폰을 드립니다.”" in page or "5,000원 할인 쿠폰을 드립니다.」" in page
    assert COUPON in page  # what was typed comes back
    assert written(korean) == before


def test_the_choice_stands_on_korean_tickets_alone(desk: Desk, korean: Ticket):
    client = browser(desk, "en")
    assert 'value="alimtalk"' in client.get(reverse("ticket", args=[korean.pk])).content.decode()
    assert 'value="alimtalk"' not in client.get(reverse("ticket", args=[desk.grave().pk])).content.decode()


def test_while_typing_the_finding_stands_under_the_box(desk: Desk, korean: Ticket):
    answer = browser(desk, "en").post(reverse("review", args=[korean.pk]), {"text": COUPON, "kind": "alimtalk"})
    assert 'data-finding="T01"' in answer.content.decode()


# --- blanks ---


def test_a_blank_is_what_the_desk_leaves_open_and_no_bullet_or_bracket():
    text = "○ 원인: [안내] 〔원인〕 때문에 ○월 ○일까지 [amount]"
    assert [text[start:end] for start, end in blanks_in(text)] == ["〔원인〕", "○", "○", "[amount]"]


@pytest.mark.parametrize(
    ("action", "what"),
    [
        (actions.reply, {}),
        (actions.write_letter, {}),
        (actions.solve, {}),
        (actions.schedule_message, {"due_at": START + 3600}),
    ],
)
def test_nothing_with_a_blank_goes_to_a_customer(
    desk: Desk, korean: Ticket, action: driver.Action, what: dict[str, int]
):
    before = Comment.objects.count()
    with pytest.raises(Unsendable, match="〔처리 기한〕") as caught:
        driver.perform(korean, action, agent=desk.owner.agent, body="〔처리 기한〕까지 처리해 드리겠습니다.", **what)
    assert (caught.value.code, caught.value.field) == ("blank_left", "body")
    assert set(caught.value.texts) == {"ko", "ja", "en"}
    assert Comment.objects.count() == before


def test_a_note_inside_the_desk_may_hold_blanks(desk: Desk, korean: Ticket):
    driver.perform(korean, actions.note_internally, agent=desk.owner.agent, body="〔원인〕 확인 중")
