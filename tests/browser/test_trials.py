"""A manager's fair live comparison in a real browser, on a desk that runs: begun, filled by a program, looked at, ended."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desks
from tests.faults.conftest import Desk

pytestmark = pytest.mark.browser

SIZES = ({"width": 1280, "height": 800}, {"width": 390, "height": 844})
# Fields that reach over the right side of what holds them, though the page itself does not scroll.
BEYOND = """[...document.querySelectorAll("main input, main select, main button")]
  .filter((one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1)
  .map((one) => one.name || one.textContent)"""
COMPLAINTS = (
    {"description": "注文した品がまだ届きません。", "language": "ja", "channel": "email"},
    {"description": "다른 상품이 왔습니다.", "language": "ko", "channel": "chat"},
    {"description": "My parcel has not come.", "language": "en", "channel": "phone"},
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desks.running_desk(tmp_path_factory.mktemp("trials"), "--no-demo") as running:
        yield running


@pytest.fixture(scope="module")
def manager(desk: Desk) -> Iterator[Page]:
    """A manager, signed in once. What the policy or a script complains of fails the last test."""
    with desks.chromium() as browser, desks.signed_in(browser, desks.link_of(desk, "manager"), "en") as page:
        yield page


def sent(desk: Desk, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a program with the desk's first token sends, and the answer."""
    token = (desk.folder / "api-token").read_text().strip()
    request = urllib.request.Request(
        f"{desk.address}/api/v1/{path}", json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def come_in(desk: Desk, numbers: range) -> None:
    """Tickets without a chosen playbook, each answered by a person at once."""
    for n in numbers:
        ticket = sent(desk, "tickets/", {**COMPLAINTS[n % 3], "category": "delivery_delay", "external_id": f"t{n}"})
        sent(desk, f"tickets/{ticket['id']}/comments/", {"body": "We are looking for it now.", "kind": "reply"})


def begin(page: Page, desk: Desk, name: str) -> None:
    page.goto(f"{desk.address}/trials/")
    page.get_by_label("Name of the trial").fill(name)
    page.get_by_label("What decides").select_option("answered_in_a_day")
    page.get_by_label("Number of tickets").fill("20")
    for factor in page.locator("input[name=strata]").all():
        factor.uncheck()  # one row of blocks: ten tickets have both playbooks, whatever the seed that nobody knows


def test_a_trial_is_begun_filled_looked_at_and_ended(manager: Page, desk: Desk):
    begin(manager, desk, "Autumn")
    manager.get_by_label("Number of tickets").fill("many")
    manager.get_by_role("button", name="Begin the trial").click()
    expect(manager.get_by_label("Number of tickets")).to_have_attribute("aria-invalid", "true")
    expect(manager.get_by_label("Name of the trial")).to_have_value("Autumn")

    manager.get_by_label("Number of tickets").fill("20")
    manager.get_by_role("button", name="Begin the trial").click()
    expect(manager).to_have_url(re.compile(r"/trials/\d+/$"))
    expect(manager.get_by_text("No ticket counts yet.")).to_be_visible()
    expect(manager.get_by_role("button", name="End the trial")).to_have_count(0)

    come_in(desk, range(7))
    manager.reload()
    expect(manager.get_by_role("progressbar")).to_have_attribute("value", "7")
    expect(manager.get_by_text("Closed: 3 tickets are still to come in or to settle.")).to_be_visible()
    expect(manager.get_by_role("img", name=re.compile("Standardised differences"))).to_have_count(1)

    come_in(desk, range(7, 20))
    manager.reload()
    expect(manager.get_by_text("No difference is shown")).to_have_count(2)  # everybody was answered in time
    manager.get_by_role("button", name="End the trial").click()
    expect(manager.get_by_text("The trial has ended.")).to_be_visible()
    expect(manager.get_by_text(re.compile(r"Seed \d+"))).to_be_visible()


def test_stretches_of_time_leave_out_what_comes_just_after_a_switch(manager: Page, desk: Desk):
    begin(manager, desk, "Winter")
    manager.get_by_label("Stretches of time").check()
    manager.get_by_label("Hours of a stretch").fill("2")
    manager.get_by_label("Washout").fill("120")
    manager.get_by_role("button", name="Begin the trial").click()
    expect(manager.get_by_label("Washout")).to_have_attribute("aria-invalid", "true")

    manager.get_by_label("Washout").fill("30")
    manager.get_by_role("button", name="Begin the trial").click()
    come_in(desk, range(100, 102))
    manager.reload()
    expect(manager.get_by_text("2 left out: they came in the first 30 minutes of a stretch")).to_be_visible()
    expect(manager.get_by_role("progressbar")).to_have_attribute("value", "0")
    manager.get_by_label("Reason").fill("The shop is closed")
    manager.get_by_role("button", name="Cancel the trial").click()
    expect(manager.get_by_text("This trial was cancelled: it has no result.")).to_be_visible()


def test_the_table_behind_the_balance_opens_by_keyboard(manager: Page, desk: Desk):
    manager.goto(f"{desk.address}/trials/1/")
    manager.get_by_text("The picture as a table").focus()
    manager.keyboard.press("Enter")
    expect(manager.get_by_role("region", name="The picture as a table")).to_be_visible()


@pytest.mark.parametrize(("language", "scheme"), [("ko", "light"), ("ja", "dark"), ("en", "light")])
def test_every_page_fits_a_phone_and_a_laptop(manager: Page, desk: Desk, language: str, scheme: str):
    browser: Browser | None = manager.context.browser
    assert browser is not None
    opened = browser.new_context(color_scheme=scheme, storage_state=manager.context.storage_state())  # type: ignore[arg-type]
    opened.add_cookies([{"name": "django_language", "value": language, "url": desk.address}])
    page = opened.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for path in ("/trials/", "/trials/1/", "/trials/2/"):
            page.goto(f"{desk.address}{path}")
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
            assert page.evaluate(BEYOND) == [], path
    opened.close()
    assert complaints == []
