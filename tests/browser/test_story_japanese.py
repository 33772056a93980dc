"""A Japanese complaint in the browser, from the sign-in to the survey a month later, under apology letter and gift."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import desks, storyteller
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).with_name("golden") / "japanese.txt"
SEED = 5  # this customer accepts an apology that is meant, and answers CSAT and NPS
CLOSING = "またお困りのことがございましたら、いつでもお知らせください。"
WITH_IT = "ささやかではございますが、お詫びのしるしです。"


def test_a_japanese_complaint_is_forgiven_and_followed_for_a_month(story_desk: Desk, story_browser: Browser):
    shift = desks.begin_shift(
        story_desk, "mina", scenario_keys=["defective_item"], language="ja", playbook="apology-letter-gift", seed=SEED
    )
    with desks.signed_in(story_browser, shift.link, "ja") as page:
        desk = storyteller.Desk(page, shift.number)
        desk.say("apologise")
        desk.investigate()
        desk.make_good("exchange")
        write_the_letter(desk)
        give_the_gift(desk)
        desk.say("prevention")
        desk.solve(CLOSING)
        desk.live_on()
        expect(page.locator(".happened", has_text="CSAT")).to_have_count(1)
        expect(page.locator(".happened", has_text="NPS")).to_have_count(1)
        expect(page.locator(".scores dd")).to_have_count(4)
        expect(page.locator("#lines .by-system:not(.happened)")).to_have_count(2)  # three and seven days later
        ticket, address = desk.ticket, page.url
    the_manager_finds_it(story_desk, story_browser, address)
    desks.check(desks.trace(story_desk, ticket), GOLDEN)


def write_the_letter(desk: storyteller.Desk) -> None:
    page = desk.page
    desks.press(page, "l")
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("謹白")
    assert sheet.evaluate("el => getComputedStyle(el).writingMode") == "vertical-rl"
    page.locator(".letter-desk button.chief").click()
    expect(page.locator("#lines .look-letter")).to_have_count(1)


def give_the_gift(desk: storyteller.Desk) -> None:
    """Only after the apology was accepted, and within the budget; what was typed outlives the refusal."""
    page = desk.page
    not_yet = page.locator("#deed-gift .verdict.unknown")
    for _ in range(12):
        if not_yet.count() == 0:
            break
        desk.next_thing()
    expect(not_yet).to_have_count(0)
    desk.open("g")
    page.locator("#gift-amount").fill("9000")
    page.locator("#gift-body").fill(WITH_IT)
    desk.press("gift")
    expect(page.locator("#gift-amount-refused")).to_be_visible()
    expect(page.locator("#gift-amount")).to_be_focused()
    expect(page.locator("#gift-amount")).to_have_value("9000")
    expect(page.locator("#gift-body")).to_have_value(WITH_IT)
    page.locator("#gift-amount").fill("2500")
    desk.press("gift")
    expect(page.locator(".said .body", has_text=WITH_IT)).to_be_visible()


def the_manager_finds_it(desk: Desk, browser: Browser, ticket: str) -> None:
    with desks.signed_in(browser, desks.link_of(desk, "manager"), "ja") as page:
        page.goto(f"{desk.address}/compare/?source=shifts&language=ja")
        expect(page.locator("[aria-labelledby=table-title] thead .hue-vermilion")).to_be_visible()
        page.goto(ticket)
        expect(page.locator(".scores dd")).to_have_count(4)
