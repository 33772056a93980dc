"""Feedback on every sentence, in a browser: the bad letter shows its findings, mending clears them one by one, and what
is sent is what the customer answers to. By keyboard alone.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from helpdesk.folder import DATABASE
from tests.browser import desks, storyteller
from tests.faults.conftest import Desk, patience, wait_until

pytestmark = pytest.mark.browser

BAD_LETTER = "田中さん\nすみませんでした。忙しかったので商品の発送が遅れました。\nたぶん来週には届くと思います。\nご了承ください。"
BAD_RULES = {"J53", "J02", "J30", "J41", "J06"}
COLD = "了解しました。忙しかったので確認が遅れました。規定ですので、できません。"
GOOD = (
    "{customer}様\nこの度はお届けした{item}に不良があり、ご不便とご不快な思いをおかけし、誠に申し訳ございません。"
    "怖い思いをされたことと存じます。すべて弊社の責任でございます。\n"
    "すぐに新しい{item}と交換いたします。本日中に発送し、明日までにお届けいたします。"
)
AT_MOST = 300  # milliseconds after the pause
PAUSE = 250
SEED = 5


def begin(desk: Desk, browser: Browser, name: str, language: str = "ja", **settings: object) -> desks.Begun:
    return desks.begin_shift(
        desk, name, scenario_keys=["defective_item"], language=language, playbook="apology-letter-gift", seed=SEED,
        **settings,
    )  # fmt: skip


def notes(page: Page, place: str) -> list[str]:
    return page.locator(f"#{place}-review .note.error, #{place}-review .note.advice").evaluate_all(
        "all => all.map((el) => el.dataset.finding)"
    )


def write(page: Page, place: str, text: str) -> None:
    """Typed anew from the keyboard; returns when the feedback on it is there."""
    page.locator(f"#{place}").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator(f"#{place}-review .note")).to_have_count(0)
    with page.expect_response(lambda answer: answer.url.endswith("/review/")):
        page.keyboard.insert_text(text)
    expect(page.locator(f"#{place}-review .review-sum")).not_to_be_empty()


def underlined(page: Page, place: str) -> list[str]:
    return page.locator(f".written:has(#{place}) .marks mark").all_inner_texts()


def test_a_bad_letter_shows_its_findings_and_mending_clears_them_one_by_one(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, story_browser, "haru")
    with desks.signed_in(story_browser, shift.link, "ja") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "l")
        expect(page.locator(".letter-parts li")).to_have_count(15)
        desks.press(page, "r")
        expect(page.locator("#letter-body")).to_be_focused()
        write(page, "letter-body", BAD_LETTER)
        expect(page.locator(".note[data-finding=J53]")).to_be_visible()
        assert BAD_RULES <= set(notes(page, "letter-body"))
        assert {"田中さん", "忙しかったので"} <= set(underlined(page, "letter-body"))
        mend(page)
        text = page.locator("#letter-body").input_value()
        assert "すみません" not in text
        assert "忙しかった" not in text
        assert "○" in text  # the day only the writer knows
        page.keyboard.press("Control+z")  # what was taken over can be undone
        expect(page.locator("#letter-body")).not_to_have_value(text)
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        expect(page.locator("#letter-body-review .note")).to_have_count(0)
        expect(page.locator(".letter-parts .absent")).to_have_count(15)


def mend(page: Page) -> None:
    """The suggestions taken over by key, until nothing of what was wrong is left; each clears a finding or more."""

    def still() -> set[str]:
        return BAD_RULES & set(notes(page, "letter-body"))

    left = BAD_RULES
    while left:
        page.keyboard.press("Alt+Enter")
        wait_until(lambda before=left: still() < before, within=10)
        left = still()


def test_the_customer_answers_to_the_letter_as_it_was_sent(story_desk: Desk, story_browser: Browser):
    """The same letter, sent as it was typed and sent once it was mended; all else is the same."""
    bad, mended = (by_letter(story_desk, story_browser, name, mends=name == "mei") for name in ("kei", "mei"))
    assert mended > bad + 0.1, (bad, mended)


def by_letter(desk: Desk, browser: Browser, name: str, *, mends: bool) -> float:
    shift = begin(desk, browser, name)
    with desks.signed_in(browser, shift.link, "ja") as page:
        trainee = storyteller.Desk(page, shift.number)
        trainee.say("apologise")
        trainee.investigate()
        trainee.make_good("exchange")
        desks.press(page, "l")
        expect(page.locator(".letter-parts li")).to_have_count(15)
        desks.press(page, "r")
        write(page, "letter-body", BAD_LETTER)
        if mends:
            mend(page)
            text = page.locator("#letter-body").input_value()
            write(page, "letter-body", text.replace("○", "8"))  # the day only the writer knows
            assert page.locator("#letter-body-review .note.error").count() == 0
        page.locator(".letter-desk button.chief").click()
        expect(page.locator("#lines .look-letter")).to_have_count(1)
        trainee.solve("")
        trainee.live_on()
        return satisfaction(desk, trainee.ticket)


def test_the_findings_come_soon_after_a_pause_and_move_nothing(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, story_browser, "sora")
    with desks.signed_in(story_browser, shift.link, "en") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "r")
        write(page, "body", COLD)
        page.evaluate(
            """() => { window.moved = 0; window.waits = [];
            new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; })
              .observe({ type: "layout-shift" });
            let at = 0;
            document.querySelector("#body").addEventListener("input", () => { at = performance.now(); });
            new MutationObserver(() => window.waits.push(performance.now() - at))
              .observe(document.querySelector("#body-review [data-review-body]"), { childList: true }); }"""
        )
        words = ("お待ちください。", "了解です。", "ご了承ください。", "たぶん来週です。", "なるほど。")
        for count, more in enumerate(words, start=1):
            page.keyboard.insert_text(more)
            page.wait_for_function("count => window.waits.length >= count", arg=count)
        page.wait_for_timeout(200)  # a movement would be told by now
        waits = sorted(page.evaluate("window.waits"))
        print("after the pause, ms:", [round(wait - PAUSE) for wait in waits])
        assert len(waits) == 5
        assert waits[2] - PAUSE < patience(AT_MOST)
        assert page.evaluate("window.moved") < 0.01


def test_nothing_is_asked_while_a_word_is_being_composed(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, story_browser, "nagi")
    with desks.signed_in(story_browser, shift.link, "ja") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "r")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/review/") else None)
        session = page.context.new_cdp_session(page)
        for part in ("り", "りょ", "りょうかい", "りょうかいしました"):
            session.send(
                "Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)}
            )
            page.wait_for_timeout(350)
        assert asked == []
        session.send("Input.insertText", {"text": "了解しました。"})
        expect(page.locator(".note[data-finding=J01]")).to_be_visible()
        expect(page.locator("#body")).to_have_value("了解しました。")


def test_one_goes_along_the_findings_by_key_and_disagrees(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, story_browser, "ren")
    with desks.signed_in(story_browser, shift.link, "ko") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "r")
        write(page, "body", "はい、了解しました。ご了承ください。")
        page.keyboard.press("Alt+ArrowDown")
        assert page.evaluate("getSelection().toString()") == "了解し"
        expect(page.locator(".note.current")).to_have_attribute("data-finding", "J01")
        page.locator(".note.current summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("사내에서는 씁니다")
        page.keyboard.press("Enter")
        expect(page.locator(".note.current .objects [role=status]")).to_be_visible()
        address = story_desk.address
    with desks.signed_in(story_browser, desks.link_of(story_desk, "manager"), "ko") as page:
        page.goto(f"{address}/disagreements/")
        expect(page.locator(".objections li").first).to_contain_text("사내에서는 씁니다")
        expect(page.locator(".objections li").first).to_contain_text("了解し")


def test_a_note_for_colleagues_is_not_reviewed(story_desk: Desk, story_browser: Browser):
    shift = begin(story_desk, story_browser, "yui")
    with desks.signed_in(story_browser, shift.link, "ja") as page:
        storyteller.Desk(page, shift.number)
        desks.press(page, "r")
        write(page, "body", "了解しました。")
        page.keyboard.press("Escape")
        desks.press(page, "n")
        expect(page.locator("#body-review .note")).to_have_count(0)
        page.keyboard.press("Escape")
        desks.press(page, "r")
        page.keyboard.press("End")
        page.keyboard.insert_text("はい。")
        expect(page.locator(".note[data-finding=J01]")).to_be_visible()


def test_the_customer_answers_to_what_was_written(story_desk: Desk, story_browser: Browser):
    """The same customer, answered coldly and well by keyboard; all else is the same."""
    cold, good = (handled(story_desk, story_browser, name, words) for name, words in (("aoi", COLD), ("rin", GOOD)))
    assert good > cold + 0.3, (cold, good)


def handled(desk: Desk, browser: Browser, name: str, words: str) -> float:
    shift = begin(desk, browser, name)
    with desks.signed_in(browser, shift.link, "ja") as page:
        trainee = storyteller.Desk(page, shift.number)
        known = page.locator("#known dd")
        customer = re.split(r"\s", known.nth(0).inner_text())[0]
        item = known.nth(4).inner_text()
        desks.press(page, "r")
        write(page, "body", words.format(customer=customer, item=item))
        page.keyboard.press("Control+Enter")
        expect(page.locator(".said.by-agent")).to_have_count(1)
        trainee.investigate()
        trainee.make_good("exchange")
        trainee.solve("")
        trainee.live_on()
        return satisfaction(desk, trainee.ticket)


def satisfaction(desk: Desk, ticket: int) -> float:
    with closing(sqlite3.connect(f"file:{desk.folder / DATABASE}?mode=ro", uri=True)) as connection:
        (data,) = connection.execute("SELECT data FROM playbooks_outcome WHERE ticket_id = ?", [ticket]).fetchone()
    return float(json.loads(data)["satisfaction"])
