"""A manager copies a playbook, is stopped at a deadline that does not fit, mends it, saves it and asks what it would bring."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desks import link_of, signed_in
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser


def test_a_playbook_is_copied_changed_refused_mended_saved_and_tried(story_desk: Desk, story_browser: Browser):
    with signed_in(story_browser, link_of(story_desk, "manager"), "en") as page:
        page.get_by_role("link", name="Playbooks", exact=True).click()
        page.locator("a[href='/playbooks/fast-and-caring/copy/']").click()
        page.locator("#title-en").fill("Faster and caring")
        page.locator("ol.steps summary").nth(1).click()
        target = page.locator("#step-1-within")
        target.fill("soon")
        target.press("Tab")

        # Said while one writes, at its field and beside the buttons; the field keeps what was typed.
        expect(page.locator("#at-step-1-within")).to_contain_text("Write a duration such as")
        expect(page.locator("#verdict")).to_contain_text("Not yet: Apologise in person, in full words")
        page.get_by_role("button", name="Save as a playbook of your own").click()
        expect(target).to_have_value("soon")
        expect(target).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#title-en")).to_have_value("Faster and caring")

        target.fill("10m")
        target.press("Tab")
        expect(page.locator("#verdict")).to_have_text("Everything fits.")
        expect(page.locator("#at-step-1-within")).to_be_empty()
        page.get_by_role("button", name="Move down: Confirm the facts").click()
        expect(page.locator("ol.steps .title").nth(3)).to_have_text("Confirm the facts the same day")

        page.get_by_role("button", name="Save as a playbook of your own").click()
        expect(page).to_have_url(re.compile(r"/playbooks/fast-and-caring-2/$"))
        expect(page.locator("h1")).to_have_text("Faster and caring")
        page.get_by_role("link", name="What changed").click()
        expect(page.locator(".changes")).to_contain_text("Target, within was 15 min, is now 10 min.")

        page.get_by_role("button", name="Try it on 10,000 customers").click()
        expect(page).to_have_url(re.compile(r"/experiments/\d+/$"))
        expect(page.locator("main")).to_contain_text("10,000")
