"""From complaints to prevention in a real browser: causes by week, a measure taken, and whether its complaints fell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desks
from tests.faults.conftest import ROOT, Desk

pytestmark = pytest.mark.browser

SIZES = ({"width": 1280, "height": 800}, {"width": 390, "height": 844})
TRUCK = "Late delivery: a truck that broke down"
# Eight weeks: a cause that comes nearly every second day and stops half-way, and another one once a week.
HISTORY = """
from playbooks.intake import Complaint, take_in
from tickets import clock as clocks
from tickets.models import TicketEvent

DAY, clock = 86_400, clocks.main_clock()
start = clocks.instant(clock, wall_now=clocks.wall()) - 56 * DAY
LATE = dict(description="It has not come.", language="en", channel="email", category="delivery_delay")
days = [(n * 1.75, "a truck that broke down") for n in range(16)] + [(7 * n + 3, "a lost label") for n in range(8)]
for n, (day, cause) in enumerate(days):
    at = start + int(day * DAY)
    ticket = take_in(Complaint(**LATE, external_id=f"p{n}"), clock=clock, now=at).ticket
    TicketEvent.objects.create(
        ticket=ticket, seq=ticket.events.order_by("-seq").first().seq + 1, at=at + 60, name="case.facts_confirmed",
        actor="agent", data={"own_fault": True, "cause": cause},
    )
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The weeks are written before the desk opens: no worker takes up what fell due in them meanwhile."""
    folder = tmp_path_factory.mktemp("prevention")
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment["HELPDESK_DATA"] = str(folder / "data")
    for words in (("migrate", "-v0"), ("shell", "-v0", "-c", HISTORY)):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True, timeout=300)
    with desks.running_desk(folder, "--no-demo") as running:
        yield running


@pytest.fixture(scope="module")
def manager(desk: Desk) -> Iterator[Page]:
    """A manager, signed in once. What the policy or a script complains of fails the last test."""
    with desks.chromium() as browser, desks.signed_in(browser, desks.link_of(desk, "manager"), "en") as page:
        yield page


def test_causes_stand_by_week_and_as_a_table_that_the_keyboard_opens(manager: Page, desk: Desk):
    manager.goto(f"{desk.address}/prevention/")
    expect(manager.get_by_role("heading", name=TRUCK)).to_be_visible()
    expect(manager.get_by_role("img", name=f"{TRUCK}, n 16")).to_be_visible()
    manager.get_by_text("The pictures as a table").first.focus()
    manager.keyboard.press("Enter")
    expect(manager.get_by_role("row", name=re.compile(TRUCK))).to_be_visible()


def test_a_measure_is_noted_by_a_form_and_whether_its_complaints_fell_is_said(manager: Page, desk: Desk):
    manager.goto(f"{desk.address}/prevention/")
    form = manager.locator("form[action$='/measures/']")
    manager.get_by_text("Note a measure").click()
    form.locator("select").select_option(label=TRUCK)
    form.locator("input[name=text]").fill("Another carrier")
    today = form.locator("input[name=day]")
    half_way = manager.evaluate(
        "(day) => new Date(Date.parse(day) - 28 * 86400000).toISOString().slice(0, 10)", today.input_value()
    )
    today.fill(half_way)
    manager.get_by_role("button", name="Note the measure").click()

    measure = manager.locator("article.measure", has_text="Another carrier")
    expect(measure).to_contain_text("Complaints fell:")
    expect(measure.get_by_role("table")).to_be_visible()
    expect(measure.get_by_role("img")).to_be_visible()
    expect(manager.locator("line.taken")).not_to_have_count(0)


@pytest.mark.parametrize(("language", "scheme"), [("ko", "light"), ("ja", "dark"), ("en", "light")])
def test_the_page_fits_a_phone_and_a_laptop(manager: Page, desk: Desk, language: str, scheme: str):
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
        page.goto(f"{desk.address}/prevention/")
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    opened.close()
    assert complaints == []
