"""A manager's experiments in a real browser, on a desk that runs: begun by a click, watched, stopped, read, printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desks
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SHIFTS = """
window.moved = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desks.running_desk(tmp_path_factory.mktemp("experiments"), "--no-demo") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with desks.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def manager(desk: Desk, browser: Browser) -> Iterator[Page]:
    """A manager, signed in once. What the policy or a script complains of fails the last test."""
    with desks.signed_in(browser, desks.link_of(desk, "manager"), "en") as page:
        page.goto(f"{desk.address}/experiments/")
        begin(page, "1200")
        yield page


def begin(page: Page, tickets: str, *, desk: str = "eight-hour-day") -> None:
    page.locator(f"input[name=desk][value={desk}]").check()
    page.get_by_label("Customers under each playbook").fill(tickets)
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page).to_have_url(re.compile(r"/experiments/\d+/$"))
    expect(page.get_by_role("heading", name="The answers").first).to_be_visible(timeout=60_000)


def first(desk: Desk) -> str:
    return f"{desk.address}/experiments/1/"


def test_one_click_begins_an_experiment_and_its_answers_come_by_themselves(manager: Page, desk: Desk):
    manager.goto(first(desk))
    expect(manager.get_by_text("Which is faster?")).to_be_visible()
    expect(manager.get_by_role("img", name="Response time against satisfaction")).to_have_count(1)


def test_the_bar_moves_nothing_and_a_long_one_can_be_stopped_and_gone_on_with(manager: Page, desk: Desk):
    manager.goto(f"{desk.address}/experiments/")
    manager.locator("input[name=desk][value=eight-hour-day]").check()
    manager.get_by_label("Customers under each playbook").fill("4000000")
    manager.get_by_role("button", name="Begin", exact=True).click()
    expect(manager.get_by_role("progressbar")).to_be_visible()
    manager.evaluate(SHIFTS)
    expect(manager.locator("#progress .figure")).not_to_have_text(re.compile(" 0 of 20 replications"), timeout=60_000)
    assert manager.evaluate("window.moved") < 0.01

    manager.get_by_role("button", name="Cancel").click()
    expect(manager.locator("#progress")).to_contain_text("Cancelled.")
    manager.get_by_role("button", name="Go on").click()
    expect(manager.locator("#progress")).to_contain_text("Under way.")
    manager.get_by_role("button", name="Cancel").click()


def test_a_refused_form_keeps_what_was_typed_and_opens_where_it_does_not_fit(manager: Page, desk: Desk):
    manager.goto(f"{desk.address}/experiments/")
    manager.get_by_text("Arrivals, people, customers, assumptions").click()
    manager.get_by_label("People at the desk").fill("none")
    manager.get_by_label("Seed").fill("4711")
    manager.get_by_role("button", name="Begin", exact=True).click()
    expect(manager.get_by_label("People at the desk")).to_have_value("none")
    expect(manager.get_by_label("People at the desk")).to_have_attribute("aria-invalid", "true")
    expect(manager.get_by_label("Seed")).to_have_value("4711")
    expect(manager.get_by_text("“none” is not a number.")).to_be_visible()


def test_the_load_crossover_is_ready_to_begin_and_draws_both_settings(manager: Page, desk: Desk):
    manager.goto(f"{desk.address}/experiments/?load=1")
    manager.get_by_label("Customers under each playbook").fill("1920")
    manager.get_by_label("Values").fill("3, 6, 12")
    manager.get_by_role("button", name="Begin", exact=True).click()
    expect(manager.get_by_role("heading", name="Why the two differ")).to_be_visible(timeout=60_000)
    expect(manager.get_by_role("img", name=re.compile("Left the queue unanswered"))).to_have_count(2)


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_a_laptop(manager: Page, browser: Browser, desk: Desk, language: str, scheme: str):
    opened = browser.new_context(color_scheme=scheme, storage_state=manager.context.storage_state())
    opened.add_cookies([{"name": "django_language", "value": language, "url": desk.address}])
    page = opened.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for size in (PHONE, {"width": 1280, "height": 800}):
        page.set_viewport_size(size)
        for path in ("/experiments/", "/experiments/1/", "/experiments/1/?report=1"):
            page.goto(f"{desk.address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator(".bar-top").bounding_box()["height"] < 60  # one row
    opened.close()
    assert complaints == []


def test_the_table_behind_a_picture_opens_by_keyboard(manager: Page, desk: Desk):
    manager.goto(first(desk))
    manager.get_by_text("The picture as a table").first.focus()
    manager.keyboard.press("Enter")
    expect(manager.get_by_role("region", name="The picture as a table: Response time")).to_be_visible()


def test_the_report_is_one_page_of_paper(manager: Page, desk: Desk):
    manager.goto(f"{first(desk)}?report=1")
    assert sheets(manager) == 1


def sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


@pytest.fixture(scope="module")
def three_sides(manager: Page, desk: Desk) -> str:
    """An experiment of all three playbooks of the house."""
    manager.goto(f"{desk.address}/experiments/")
    manager.get_by_label("Fast and caring").check()
    manager.get_by_text("Arrivals, people, customers, assumptions").click()
    manager.get_by_label("Complaints handled beforehand").fill("3")
    begin(manager, "600", desk="office-hours")
    return manager.url


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_three_sides_are_one_page_of_paper_too_and_say_what_the_load_does(
    manager: Page, browser: Browser, desk: Desk, three_sides: str, language: str
):
    with in_language(manager, browser, desk, language) as page:
        page.goto(f"{three_sides}?report=1")
        assert sheets(page) == 1
        assert page.locator(".ask-load").count() == 2


@contextmanager
def in_language(manager: Page, browser: Browser, desk: Desk, language: str, **options: Any) -> Iterator[Page]:
    opened = browser.new_context(storage_state=manager.context.storage_state(), **options)
    opened.add_cookies([{"name": "django_language", "value": language, "url": desk.address}])
    yield opened.new_page()
    opened.close()


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_a_phone_answers_on_its_first_screen_and_folds_the_rest(
    manager: Page, browser: Browser, desk: Desk, three_sides: str, language: str
):
    with in_language(manager, browser, desk, language, viewport=PHONE) as page:
        for address in (first(desk), three_sides):
            page.goto(address)
            box = page.locator(".said .answer").first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 2 * PHONE["height"]
            assert box["y"] < PHONE["height"] - 100
            assert page.evaluate("document.documentElement.scrollHeight") <= 6_500
            for fold in page.locator("details.fold").all():
                fold.evaluate("one => one.open = true")
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_fold_opens_by_keyboard_and_paper_has_all_of_it(manager: Page, browser: Browser, desk: Desk):
    with in_language(manager, browser, desk, "en", viewport=PHONE) as page:
        page.goto(first(desk))
        table = page.get_by_role("heading", name="All outcomes")
        row = page.get_by_role("rowheader", name="Wait in the queue, mean of those served").last
        expect(row).to_be_hidden()
        page.locator("summary", has=table).focus()
        page.keyboard.press("Enter")
        expect(row).to_be_visible()
        page.keyboard.press("Enter")
        expect(row).to_be_hidden()

        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details.fold:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(row).to_be_hidden()


def test_on_a_wide_screen_everything_stands_open(manager: Page, desk: Desk):
    manager.set_viewport_size({"width": 1280, "height": 800})
    manager.goto(first(desk))
    assert manager.locator("details.fold:not([open])").count() == 0
