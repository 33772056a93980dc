"""Answers, 알림톡 and gifts in a browser: a step leads to its box, a template waits to be completed, promotion is named
while it is typed, and a gift's form says what speaks against it.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desks, storyteller
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

COUPON = "안녕하세요, 바다몰입니다. 불편을 드려 죄송한 마음으로 5,000원 할인 쿠폰을 드립니다."
PLAIN = "안녕하세요, 바다몰입니다. 주문하신 상품의 교환품이 오늘 발송되었습니다."


def begin(desk: Desk, name: str, language: str) -> desks.Begun:
    return desks.begin_shift(
        desk, name, scenario_keys=["defective_item"], language=language, playbook="apology-letter-gift", seed=5
    )


def chosen(page: Page) -> str:
    """What is selected in the reply."""
    return str(
        page.evaluate("(() => { const a = document.querySelector('#body'); "
                      "return a.value.slice(a.selectionStart, a.selectionEnd); })()")
    )  # fmt: skip


def test_an_open_step_leads_to_its_box_and_on_a_phone_to_its_pane(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, "yuna", "ja")
    with desks.signed_in(story_browser, shift.link, "en") as page:
        desk = storyteller.Desk(page, shift.number)
        page.locator("#rail .does a[href='#deed-investigate']").click()
        expect(page.locator("#deed-investigate")).to_have_attribute("open", "")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{story_desk.address}/tickets/{desk.ticket}/#case")
        page.locator("#rail .does a[href='#body']").click()
        expect(page.locator("#body")).to_be_visible()
        expect(page.locator("#body")).to_be_focused()


def test_a_template_waits_to_be_completed(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, "sena", "ko")
    with desks.signed_in(story_browser, shift.link, "ko") as page:
        storyteller.Desk(page, shift.number)
        page.locator("#words").select_option("under_investigation")
        expect(page.locator("#body")).not_to_have_value("")
        assert chosen(page) == "〔겪으신 일〕"
        page.keyboard.insert_text("커피 메이커 누수")  # typed over the blank
        expect(page.locator("#body-review .blanks button")).to_have_count(2)
        page.locator("#body-review .blanks button").first.click()
        assert chosen(page) == "〔확인하는 곳〕"
        page.keyboard.press("Control+Enter")
        expect(page.locator("#say-body-refused")).to_contain_text("〔확인하는 곳〕 〔답변 시각〕")
        expect(page.locator("#lines .by-agent")).to_have_count(0)


def test_promotion_is_named_while_it_is_typed_and_refused_when_it_is_sent(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, "bora", "ko")
    with desks.signed_in(story_browser, shift.link, "ja") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "r")
        page.keyboard.insert_text(COUPON)
        expect(page.locator("#body-review .review-sum")).not_to_be_empty()
        expect(page.locator("#body-review [data-finding=T01]")).to_have_count(0)  # as a reply it may go
        page.keyboard.press("Escape")
        desks.press(page, "t")
        expect(page.locator("#body-review .note").first).to_have_attribute("data-finding", "T01")
        page.locator("#body").press("Control+Enter")
        expect(page.locator("#say-body-refused")).to_contain_text("5,000원 할인 쿠폰을 드립니다.")
        expect(page.locator("#body")).to_have_value(COUPON)
        expect(page.locator("[value=alimtalk]")).to_be_checked()
        page.locator("#body").fill(PLAIN)
        page.locator("#body").press("Control+Enter")
        expect(page.locator("#lines .by-agent")).to_have_count(1)


def test_the_gift_s_form_says_what_speaks_against_it(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, "emi", "ja")
    with desks.signed_in(story_browser, shift.link, "en") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "g")
        flags = page.locator("#deed-gift .flags")
        expect(flags.locator(".flag.red")).to_contain_text("has not been accepted yet")
        page.locator("#gift-knot").select_option("bow")
        expect(flags).to_contain_text("蝶結び")
        page.locator("#gift-amount").fill("99999")
        expect(flags).to_contain_text("Dearer than")
        page.locator("#gift-amount").fill("abc")
        page.locator("#deed-gift button.chief").click()
        expect(page.locator("#gift-amount-refused")).to_be_visible()
        expect(page.locator("#gift-knot")).to_have_value("bow")


def test_that_nothing_more_will_happen_is_no_error(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, "rin", "ja")
    with desks.signed_in(story_browser, shift.link, "en") as page:
        desk = storyteller.Desk(page, shift.number)
        desk.solve("")
        desk.live_on()
        expect(page.locator(".messages .info")).to_contain_text("Nothing more will happen")
        expect(page.locator(".messages .error")).to_have_count(0)
