"""What a trainee sees and presses, in a real browser on a real desk: its web server, worker and beat all run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desks
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)


@pytest.fixture
def link(story_desk: Desk) -> str:
    return desks.link_of(story_desk, "trainee")


@pytest.fixture
def page(story_browser: Browser, link: str) -> Iterator[Page]:
    """A signed-in trainee at the page where a shift begins. Complaints of the browser itself fail the test."""
    with desks.signed_in(story_browser, link, "en") as opened:
        yield opened


def speak(page: Page, language: str) -> None:
    page.locator(f".languages button[lang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def start_shift(
    page: Page, *, language: str = "ja", playbook: str = "apology-letter-gift", speed: str = "10", customers: str = "1"
) -> None:
    page.locator("#language").select_option(language)
    page.locator("#playbook").select_option(playbook)
    page.locator("#customers").fill(customers)
    page.locator("select[name=speed]").select_option(speed)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".queue a").first).to_be_visible()


def open_first(page: Page) -> None:
    desks.press(page, "j")
    page.keyboard.press("Enter")
    expect(page.locator("#lines li").first).to_be_visible()


def test_a_complaint_is_handled_by_keyboard_alone(page: Page):
    start_shift(page)
    open_first(page)
    desks.press(page, "w")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#body")).to_be_focused()
    expect(page.locator("#body")).not_to_have_value("")
    page.keyboard.press("Control+a")  # a text with blanks to fill in: here all of it in one's own words
    page.keyboard.insert_text("ご不便をおかけし、誠に申し訳ございません。ただいま確認しております。")
    expect(page.locator("#body-review .review-sum")).not_to_be_empty()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said.by-agent")).to_have_count(1)
    desks.press(page, "i")
    page.keyboard.press("Enter")
    expect(page.locator("#known .verdict")).to_contain_text("Our own fault")
    desks.press(page, "m")
    page.keyboard.press("Space")
    page.locator("#remedy-amount").press("Tab")
    page.locator("#remedy-amount").fill("100")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".happened", has_text="Refund")).to_be_visible()
    desks.press(page, "s")
    expect(page.locator("#solve-body")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#about strong")).to_have_text("Solved")


def test_the_keys_are_shown_on_demand_and_nowhere_else(page: Page):
    start_shift(page)
    desks.press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    assert page.locator("#keys dt").count() > 4
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_key_in_a_text_is_a_letter(page: Page):
    start_shift(page)
    open_first(page)
    desks.press(page, "r")
    page.keyboard.type("is?")
    expect(page.locator("#body")).to_have_value("is?")
    expect(page.locator("#keys")).to_be_hidden()


def test_what_arrives_is_shown_without_reload_and_moves_nothing(page: Page):
    start_shift(page, speed="60")
    open_first(page)
    page.evaluate(
        """() => { window.here = true; window.shift = 0;
        new PerformanceObserver((list) => { for (const e of list.getEntries()) window.shift += e.value; })
          .observe({ type: "layout-shift" }); }"""
    )
    expect(page.locator(".said.by-bot")).to_have_count(1)
    assert page.evaluate("window.here") is True
    assert page.evaluate("window.shift") < 0.01
    assert page.locator("#lines").get_attribute("role") == "log"


def test_the_clock_ticks_at_its_speed_and_stands_while_paused(page: Page):
    start_shift(page, speed="300")
    clock = page.locator("[data-clock-at]")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)
    desks.press(page, "p")
    expect(page.locator(".clock.paused")).to_be_visible()
    paused = clock.inner_text()
    page.wait_for_timeout(1500)
    assert clock.inner_text() == paused


def test_a_draft_outlives_a_sign_out(page: Page, link: str):
    start_shift(page)
    open_first(page)
    here = page.url
    page.locator("#body").fill("half a sentence")
    page.get_by_role("button", name="Sign out").click()
    page.goto(link)
    page.goto(here)
    expect(page.locator("#body")).to_have_value("half a sentence")
    desks.press(page, "r")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said.by-agent")).to_have_count(1)
    expect(page.locator("#body")).to_have_value("")


def test_a_draft_keeps_what_was_promised_while_the_clock_goes_on(page: Page):
    start_shift(page)
    open_first(page)
    page.locator("#within").select_option("86400")
    page.locator("#words").select_option("apologise")
    expect(page.locator("#body")).not_to_have_value("")
    promised = page.locator(".reply input[name=promise_at]").input_value()
    with page.expect_navigation():
        page.locator("button[name=verb][value=next]").click()
    expect(page.locator("#body")).not_to_have_value("")
    expect(page.locator("#within")).to_have_value("86400")
    expect(page.locator(".reply input[name=promise_at]")).to_have_value(promised)


def test_the_clock_and_the_language_work_on_a_refused_form(page: Page):
    start_shift(page)
    open_first(page)
    here = page.url
    desks.press(page, "h")
    page.locator("#hand-over-reason").evaluate("field => field.form.noValidate = true")
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("#hand-over-to-refused")).to_be_visible()
    speak(page, "ja")
    assert page.url == here


def test_a_refusal_takes_the_eye_to_its_field(page: Page):
    start_shift(page)
    open_first(page)
    desks.press(page, "m")
    page.locator("input[name=kind][value=refund]").check()
    page.locator("#remedy-amount").fill("99999999")
    page.get_by_role("button", name="Give the remedy").click()
    expect(page.locator("#remedy-amount")).to_be_focused()
    expect(page.locator("#remedy-amount")).to_have_value("99999999")
    expect(page.locator("#remedy-amount-refused")).to_be_visible()


def test_the_queue_keeps_its_order_under_the_pointer(page: Page):
    start_shift(page, speed="60", customers="3")
    expect(page.locator(".queue a")).to_have_count(1)
    first = page.locator(".queue li").first
    first.hover()
    name = first.get_attribute("id")
    expect(page.locator(".queue a")).to_have_count(3, timeout=30_000)
    assert page.locator(".queue li").first.get_attribute("id") == name


def test_the_letter_follows_the_writing_in_vertical_lines(page: Page):
    start_shift(page)
    open_first(page)
    desks.press(page, "i")
    page.keyboard.press("Enter")
    expect(page.locator("#known .verdict")).to_contain_text("Our own fault")
    desks.press(page, "l")
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("謹啓")
    assert sheet.evaluate("el => getComputedStyle(el).writingMode") == "vertical-rl"
    page.locator("#letter-body").fill("拝啓\n一行だけの手紙")
    expect(sheet).to_contain_text("一行だけの手紙")
    expect(sheet).not_to_contain_text("謹啓")


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_no_page_is_wider_than_its_window(page: Page, language: str):
    start_shift(page, language=language)
    open_first(page)
    ticket = page.url
    page.goto(page.url.split("/tickets/")[0] + "/desk/")
    speak(page, language)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/desk/", ticket, f"{ticket}#queue", f"{ticket}#case", f"{ticket}letter/"):
            page.goto(address if address.startswith("http") else ticket.split("/tickets/")[0] + address)
            assert overflow(page) <= 0, (address, width)


def overflow(page: Page) -> Any:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
