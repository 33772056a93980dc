"""The manager's page in a real browser: nothing refused by the policy, fits a phone, goes on by itself."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from helpdesk.folder import DATABASE
from tests.browser import desks
from tests.faults.conftest import ROOT, free_port, wait_until

pytestmark = pytest.mark.browser

COMPLAINTS = (
    {"description": "注文した品がまだ届きません。", "language": "ja", "channel": "email", "category": "delivery_delay"},
    {"description": "다른 상품이 왔습니다.", "language": "ko", "channel": "chat", "category": "wrong_item"},
)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Desk:
    """A web server without workers, so that clocks stand where a test puts them."""

    address: str
    link: str
    database: Path

    def put_clocks(self, *, day: int) -> None:
        """As if workers had brought the rehearsal to this day, of forty."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            (start,) = connection.execute(
                "SELECT json_extract(settings, '$.start') FROM playbooks_rehearsal"
            ).fetchone()
            connection.execute(
                "UPDATE tickets_clock SET target_at = ?, sim_at = ? WHERE NOT main",
                (start + 40 * DAY, start + day * DAY),
            )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two customers under both playbooks, rehearsed by the command."""
    data = tmp_path_factory.mktemp("desk")
    file = data / "complaints.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in COMPLAINTS), "utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"HELPDESK_DATA": str(data), "DJANGO_SETTINGS_MODULE": "helpdesk.settings"}
    host, port = "127.0.0.1", str(free_port())
    address = f"http://{host}:{port}"

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=600
        )
        return done.stdout

    manage("migrate", "--verbosity", "0")
    manage("rehearse", "--file", str(file), "--agents", "1", "--json")
    link = manage("sign_in_link", "boss", "--role", "manager", "--address", address).split()[-1]
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        port,
        "helpdesk.wsgi:application",
    ]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as server:
        try:
            wait_until(lambda: listens(host, int(port)), within=60)
            yield Desk(address, link, data / DATABASE)
        finally:
            server.terminate()


def listens(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


@pytest.fixture
def page(story_browser: Browser, desk: Desk) -> Iterator[Page]:
    """A manager at the comparison. What the policy or a script complains of fails the test."""
    context = story_browser.new_context(viewport={"width": 1280, "height": 900}, base_url=desk.address)
    opened = context.new_page()
    opened.set_default_timeout(desks.PATIENT)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(desk.link)
    desk.put_clocks(day=40)
    opened.goto("/compare/")
    yield opened
    context.close()
    assert complaints == []


def test_a_choice_stands_in_the_address(page: Page):
    source = page.get_by_label("Tickets of")
    source.select_option(index=2)
    page.locator("#language").select_option("ja")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(source).to_have_value(re.compile("^rehearsal:"))
    assert "source=rehearsal" in page.url
    assert "language=ja" in page.url
    expect(page.get_by_role("row", name="Tickets 1 all resolved")).to_be_visible()


def test_the_picture_is_drawn_once_and_named_for_those_who_cannot_see_it(page: Page):
    expect(page.get_by_role("img", name="Response time against satisfaction")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.get_by_role("img", name="Response time against satisfaction")).to_have_count(1)


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_the_page_fits_a_phone_in_every_language(page: Page, desk: Desk, language: str):
    page.context.add_cookies([{"name": "django_language", "value": language, "url": desk.address}])
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/compare/")
    slim = page.locator("svg.plot.slim").first
    expect(slim).to_be_visible()
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate("document.documentElement.scrollHeight") < 6_000
    assert page.evaluate(fits)
    for fold in page.locator("details.fold").all():
        expect(fold).not_to_have_attribute("open", "")
        fold.locator("summary").first.press("Enter")
    expect(page.locator("svg.bars.slim")).to_be_visible()
    assert page.evaluate(fits)
    drawn, text = slim.bounding_box(), slim.locator("text").first
    assert drawn["height"] < 1.2 * drawn["width"]
    assert text.bounding_box()["height"] > 10  # readable


def test_the_page_of_a_running_rehearsal_comes_anew_when_it_is_done(page: Page, desk: Desk):
    desk.put_clocks(day=10)
    page.reload()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("25%")
    desk.put_clocks(day=20)
    expect(page.locator("#progress")).to_contain_text("50%")
    desk.put_clocks(day=40)
    expect(page.locator("#progress")).to_have_count(0)
    expect(page.get_by_role("heading", name="Every measure")).to_be_visible()


def test_the_table_behind_the_picture_opens_by_keyboard(page: Page):
    page.get_by_text("The picture as a table").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="The picture as a table").first).to_be_visible()


def test_the_rows_are_one_click_away(page: Page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows as CSV").click()
    assert download.value.suggested_filename == "tickets.csv"
