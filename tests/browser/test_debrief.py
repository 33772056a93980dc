"""From a handled ticket to its debrief in a browser: each sentence with what it did and the source, by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desks, storyteller
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

SEED = 5
WORDS = {
    "ja": "この度はご不便をおかけし、誠に申し訳ございません。\n返品不可の規定ですので、返金はできません。\n弊社の責任で、明日17時までに新しい品をお送りいたします。",
    "ko": "불편을 드려 대단히 죄송합니다.\n규정상 환불은 어렵습니다.\n저희 책임이니 내일 17시까지 새 상품을 보내 드리겠습니다.",
    "en": "I am very sorry that the coffee maker leaks.\nOur policy says that we cannot refund it.\nThis was our fault: a new one leaves tomorrow by 17:00.",
}
FALLEN = {
    "ja": "不具合に返品特約を持ち出すこと",
    "ko": "하자에 내세운 반품 규정",
    "en": "Return terms held against a defect",
}


def handled(page: Page, shift: int, words: str) -> storyteller.Desk:
    desk = storyteller.Desk(page, shift)
    page.locator("#body").fill(words)
    page.locator(".reply .send button.chief").click()
    expect(page.locator("#lines .by-agent")).to_have_count(1)
    desk.make_good("exchange")
    desk.open("s")
    desk.press("solve")
    expect(page.locator("summary[data-key=s]")).to_have_count(0)
    return desk


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_every_sentence_stands_with_what_it_did_and_where_the_number_comes_from(
    story_desk: Desk, story_browser: Browser, language: str
):
    shift = desks.begin_shift(
        story_desk, f"looker-{language}", scenario_keys=["defective_item"], language=language,
        playbook="fast-resolution", seed=SEED,
    )  # fmt: skip
    with desks.signed_in(story_browser, shift.link, language) as page:
        handled(page, shift.number, WORDS[language])
        desks.press(page, "d")
        page.wait_for_url(re.compile("/debrief/$"))
        mine = page.locator(".word.by-agent").first
        rows = mine.locator(".sentences > li[id^='s-']")
        expect(rows).to_have_count(3)
        did = rows.first.locator("details.did").first
        expect(did.locator("summary strong")).to_have_text(re.compile(r"^[+−]\d\.\d\d$"))

        did.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(did.locator(".why code").first).to_be_visible()
        expect(did.locator(".why code", has_text="apology.regret")).to_be_visible()
        expect(did.locator(".why cite", has_text="Lewicki").first).to_be_visible()

        did.locator(".why a", has_text="apology.regret").focus()
        page.keyboard.press("Enter")  # to the coefficient in the folded list at the end
        expect(page.locator("[id='apology.regret']")).to_be_visible()

        trap = page.locator(".trap.fallen", has_text=FALLEN[language])
        expect(trap).to_be_visible()
        trap.locator("a").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("li:target")).to_contain_text(WORDS[language].splitlines()[1])
        it_fits_a_phone_and_prints_whole(page)


def it_fits_a_phone_and_prints_whole(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    numbers = page.locator(".word .nth").all_inner_texts()
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    expect(page.locator("svg.felt.slim .moment")).not_to_have_count(0)
    page.reload()  # folded again
    page.emulate_media(media="print")
    for part in page.locator("details.part section").all():
        assert part.evaluate("el => el.getBoundingClientRect().height") > 50
    page.emulate_media(media="screen")


def test_what_helped_most_leads_to_its_sentence(story_desk: Desk, story_browser: Browser):
    shift = desks.begin_shift(
        story_desk, "leader", scenario_keys=["defective_item"], language="ja", playbook="fast-resolution", seed=SEED
    )
    with desks.signed_in(story_browser, shift.link, "en", color_scheme="dark") as page:
        desk = handled(page, shift.number, WORDS["ja"])
        page.goto(f"{story_desk.address}/tickets/{desk.ticket}/debrief/")
        for heading in ("What helped most", "What cost most"):
            items = page.locator(".first section", has_text=heading).locator("li")
            assert 1 <= items.count() <= 3
        page.locator(".first a[href^='#s-']").first.click()
        expect(page.locator("li:target")).to_be_in_viewport()
        page.locator(".first a[href='#deed-remedy']").click()
        expect(page.locator("#deed-remedy")).to_be_visible()
