"""A Korean complaint in the browser, from the sign-in to the survey a month later, under fast resolution."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import desks, storyteller
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).with_name("golden") / "korean.txt"
SEED = 16  # this customer answers every survey
CLOSING = "추가로 불편하신 점이 있으시면 언제든지 말씀해 주십시오."


def test_a_korean_complaint_is_solved_fast_and_followed_for_a_month(story_desk: Desk, story_browser: Browser):
    shift = desks.begin_shift(
        story_desk, "jun", scenario_keys=["defective_item"], language="ko", playbook="fast-resolution", seed=SEED
    )
    with desks.signed_in(story_browser, shift.link, "ko") as page:
        desk = storyteller.Desk(page, shift.number)
        expect(page.locator("#known dd").nth(1)).to_contain_text("카카오톡")
        desk.say("answer")
        desk.investigate()
        desk.make_good("exchange")
        desk.say("remedy")
        desk.open("g")
        expect(page.locator("form[action$='/do/gift/'] button.chief")).to_have_count(0)  # no gift under this playbook
        desk.solve(CLOSING)
        expect(page.locator("#about strong")).to_have_text("해결")
        desk.live_on()
        expect(page.locator("[data-event='survey.answered']")).to_have_count(3)
        expect(page.locator(".scores dd")).to_have_count(4)
        ticket, address = desk.ticket, page.url
    with desks.signed_in(story_browser, desks.link_of(story_desk, "manager"), "ko") as page:
        page.goto(f"{story_desk.address}/compare/?source=shifts&language=ko")
        expect(page.locator("[aria-labelledby=table-title] thead .hue-blue")).to_be_visible()
        page.goto(address)
        expect(page.locator(".scores dd")).to_have_count(4)
    desks.check(desks.trace(story_desk, ticket), GOLDEN)
