"""A desk that runs for a browser: its processes, Chromium, a shift at a fixed instant, a ticket's log in lines."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from helpdesk.folder import DATABASE
from tests.faults.conftest import ROOT, Desk

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
LOCALES = {"ko": "ko-KR", "ja": "ja-JP", "en": "en-GB"}
DAY = 86_400
PATIENT = 30_000  # milliseconds until what is expected must be there: how soon it comes is asked elsewhere
TUESDAY = 1_764_637_200  # 2025-12-02 10:00 in Seoul and Tokyo: both desks are open

expect.set_options(timeout=PATIENT)

# What of an event a reader of the trace wants to know, in this order.
TOLD = ("step", "kind", "metric", "round", "amount", "currency", "reason", "score", "own_fault", "stars", "tone")


@dataclass(frozen=True, slots=True)
class Begun:
    """A shift of somebody's own, and the link that signs this trainee in."""

    number: int
    link: str


@contextmanager
def running_desk(folder: Path, *options: str) -> Iterator[Desk]:
    """`manage.py desk` in a folder of its own; nothing of it stays behind."""
    desk = Desk(folder / "data", folder / "console.txt", *options, port=None)
    try:
        yield desk.opened()
        desk.stop(signal.SIGINT, within=20)
    finally:
        desk.clear_away()


def link_of(desk: Desk, role: str) -> str:
    """The sign-in link that the console shows for a trainee or a manager."""
    links = re.findall(r"http://\S+/enter/\S+", desk.console)
    return str(links[("trainee", "manager").index(role)])


def begin_shift(desk: Desk, trainee: str, *, now: int = TUESDAY, **settings: Any) -> Begun:
    """A shift at a fixed instant with a fixed seed, where the form would take today and a seed of its own."""
    beginner = _beginner(desk.folder)
    assert beginner.stdin is not None and beginner.stdout is not None
    beginner.stdin.write(json.dumps([trainee, {"now": now, "speed": 1, "customers": 1, **settings}]) + "\n")
    beginner.stdin.flush()
    number, key = beginner.stdout.readline().split()
    return Begun(int(number), f"{desk.address}/enter/{key}/")


@cache
def _beginner(folder: Path) -> subprocess.Popen[str]:
    """One process for all shifts of a desk; it ends with this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.browser.beginner"], cwd=ROOT, env={**os.environ, "HELPDESK_DATA": str(folder)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=2 * PATIENT)
        yield browser
        browser.close()


def press(page: Page, *keys: str) -> None:
    """The desk's own keys, once the page's scripts have come: a key pressed before is nobody's."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


@contextmanager
def signed_in(browser: Browser, link: str, language: str, **context: Any) -> Iterator[Page]:
    """Somebody's page in this language. Complaints of the browser itself fail whoever uses it."""
    context = {"viewport": {"width": 1280, "height": 800}, "locale": LOCALES[language], **context}
    opened = browser.new_context(**context)
    page = opened.new_page()
    page.set_default_timeout(PATIENT)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(link)
    page.locator(f".languages button[lang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    try:
        yield page
    finally:
        opened.close()
    # A refused form answers 400 or 409, which the browser notes as an error of its own.
    assert [text for text in complaints if "400" not in text and "409" not in text] == []


def trace(desk: Desk, ticket: int) -> str:
    """A ticket's log, a line an event: day, who, what. Hours are left out, because a browser is not punctual."""
    query = """
        SELECT e.at, e.actor, e.name, e.data, c.channel, c.public FROM tickets_ticketevent e
        LEFT JOIN tickets_comment c ON c.ticket_id = e.ticket_id AND c.seq = e.seq
        WHERE e.ticket_id = ? ORDER BY e.seq
    """
    with closing(sqlite3.connect(f"file:{desk.folder / DATABASE}?mode=ro", uri=True)) as connection:
        rows = connection.execute(query, [ticket]).fetchall()
    opened = rows[0][0]
    lines = [f"D+{(at - opened) // DAY:<2}  {actor:<8}  {name:<20}  {_what(*rest)}" for at, actor, name, *rest in rows]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _what(data: str, channel: str | None, public: int | None) -> str:
    """Of a comment what it contains; the words themselves stand in the tests of texts."""
    told = json.loads(data)
    if channel is not None:
        facts = told.get("facts", {})
        parts = sorted({*facts.get("apology", []), *facts.get("deeds", []), *filter(None, [facts.get("word")])})
        return f"{channel if public else 'internal'}: {', '.join(parts)}".rstrip(" :")
    return ", ".join(f"{name} {told[name]}" for name in TOLD if told.get(name) is not None)


def check(told: str, golden: Path) -> None:
    """Compared as a whole. To write it anew: REWRITE_GOLDEN=1, and read the difference."""
    if os.environ.get("REWRITE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told, encoding="utf-8")
        return
    assert told == golden.read_text(encoding="utf-8")
