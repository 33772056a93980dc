"""Runs of `manage.py` in processes of their own, on SQLite or PostgreSQL, and a look at their rows from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.conftest import ROOT, patience, wait_until

COMPLAINTS = ROOT / "tests" / "data" / "complaints.jsonl"


class House:
    """A data folder or a database, and the commands that are run on it."""

    def __init__(self, folder: Path, database_url: str | None, *, empty: bool = True) -> None:
        self.folder = folder
        self.database_url = database_url
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self.environment = {**inherited, "HELPDESK_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "helpdesk.settings"}
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        folder.mkdir(exist_ok=True)
        if empty:
            self.manage("migrate", "-v0")

    def manage(self, *words: str) -> str:
        return self._run(sys.executable, "manage.py", *words)

    def script(self, module: str, *words: str) -> Any:
        """What a module of the tests prints as JSON."""
        return json.loads(self._run(sys.executable, "-m", module, *words))

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, check=False, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def start(self, *words: str) -> Running:
        return Running([sys.executable, "manage.py", *words], self.environment, self.folder / "answer.json")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """A look from outside; values stand as `?`."""
        if self.database_url:
            with psycopg.connect(self.database_url, autocommit=True) as connection:
                found = connection.execute(query.replace("?", "%s"), values)
                return found.fetchall() if found.description else []
        connection = sqlite3.connect(self.folder / "desk.sqlite3", timeout=20)
        try:
            with connection:
                return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def events(self) -> int:
        """How many events there are by now."""
        return int(self.rows("SELECT COUNT(*) FROM tickets_ticketevent")[0][0])

    def holders(self) -> list[int]:
        """The processes that bring a clock forward right now."""
        return [int(holder.split("/")[1]) for (holder,) in self.rows("SELECT holder FROM tickets_clock") if holder]


class Running:
    """A command that is under way; what it says on its error stream is read as it comes."""

    def __init__(self, command: list[str], environment: dict[str, str], answer: Path) -> None:
        self.said: list[str] = []
        self._answer = answer
        with open(answer, "wb") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.PIPE, text=True
            )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)

    def workers(self) -> list[int]:
        """The processes of the workers that it has started so far."""
        return [int(found[1]) for line in list(self.said) if (found := re.search(r"^worker \d+: process (\d+)", line))]

    def answer(self, *, within: float) -> dict[str, Any]:
        assert self.process.wait(patience(within)) == 0, "".join(self.said)[-4000:]
        answer: dict[str, Any] = json.loads(self._answer.read_text(encoding="utf-8"))
        return answer


def rehearse(house: House, *options: str) -> dict[str, Any]:
    """The report of a rehearsal of the tests' own complaints."""
    report: dict[str, Any] = json.loads(house.manage(*words(*options)))
    return report


def words(*options: str) -> tuple[str, ...]:
    return ("rehearse", "--file", str(COMPLAINTS), "--seed", "7", "--json", *options)


def rehearse_with_a_worker_killed(house: House, *, after_events: int) -> dict[str, Any]:
    """The same by two workers, of which one is killed by signal 9 while it holds a clock, after so many events."""
    running = house.start(*words("--workers", "2"))
    try:
        wait_until(lambda: house.events() >= after_events, within=120)
        os.kill(wait_until(house.holders, within=60)[0], signal.SIGKILL)
        report = running.answer(within=240)
        assert len(running.workers()) == 3, "one worker was started again"
        return report
    finally:
        with suppress(ProcessLookupError):
            running.process.kill()
