"""How a story presses the desk's buttons: names of ours, whatever the language of the page."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


class Desk:
    """The trainee at one ticket."""

    def __init__(self, page: Page, shift: int) -> None:
        self.page = page
        page.locator(f".shifts a[href='/desk/{shift}/']").click()
        assert self.next_thing()  # the customer comes in
        page.locator(".queue a").first.click()
        expect(page.locator("#lines .by-customer")).to_have_count(1)
        assert self.next_thing()  # receipt is confirmed
        expect(page.locator("#lines .by-bot")).to_have_count(1)

    @property
    def ticket(self) -> int:
        found = re.search(r"/tickets/(\d+)/", self.page.url)
        assert found is not None, self.page.url
        return int(found[1])

    def next_thing(self) -> bool:
        """To the next thing that happens; False when nothing more will."""
        said = self.page.locator(".messages")
        for _ in range(20):
            with self.page.expect_navigation():
                self.page.locator("button[name=verb][value=next]").click()
            if said.locator(".error").count() == 0:
                return said.locator(".info").count() == 0
        # On a busy machine a worker may hold the clock longer than the page waits for it: one presses again.
        raise AssertionError(said.inner_text())

    def wait_for_answer(self) -> None:
        """On to the customer's next word."""
        said = self.page.locator("#lines .by-customer")
        before = said.count()
        while said.count() == before:
            assert self.next_thing()

    def say(self, template: str) -> None:
        """Send one of the desk's own texts."""
        page, said = self.page, self.page.locator("#lines .by-agent:not(.internal)")
        before = said.count()
        page.wait_for_load_state()  # the text is put in by a script
        page.locator("#words").select_option(template)
        expect(page.locator("#body")).not_to_have_value("")
        page.locator(".reply .send button.chief").click()
        expect(said).to_have_count(before + 1)

    def open(self, deed: str) -> None:
        self.page.locator(f"summary[data-key={deed}]").click()

    def press(self, deed: str) -> None:
        self.page.locator(f"form[action$='/do/{deed}/'] button.chief").click()

    def investigate(self) -> None:
        self.open("i")
        self.press("investigate")
        expect(self.page.locator("#known .verdict strong")).to_be_visible()

    def make_good(self, kind: str, amount: str = "") -> None:
        self.open("m")
        self.page.locator(f"input[name=kind][value={kind}]").check()
        self.page.locator("#remedy-amount").fill(amount)
        self.page.locator("#remedy-within").select_option("86400")
        self.press("remedy")
        expect(self.page.locator("[data-event='remedy.given']")).to_be_visible()

    def solve(self, words: str) -> None:
        self.open("s")
        self.page.locator("#solve-body").fill(words)
        self.press("solve")
        expect(self.page.locator("summary[data-key=s]")).to_have_count(0)

    def live_on(self, *, jumps: int = 60) -> None:
        """From one thing to the next until nothing more happens."""
        assert any(not self.next_thing() for _ in range(jumps))
