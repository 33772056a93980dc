"""Two complaints all the way through, on SQLite and on PostgreSQL: one from a file in English, one by chat in Japanese.

From their way in to the survey thirty days later; on the way the worker is killed by signal 9 and the
desk is stopped and started again. The month passes at once: the main clock is led to its end by the
desk's own worker.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Desk, wait_until
from tests.faults.rehearsing import House

pytestmark = pytest.mark.slow

DAY = 86_400
ENGLISH = {"external_id": "en-1", "description": "The lamp I ordered two weeks ago has not come.", "channel": "email"}
JAPANESE = {
    "external_id": "ja-1", "language": "ja", "channel": "chat", "category": "defective_item",
    "description": "届いたケトルの電源が入りません。", "requester": {"name": "佐藤 美咲"},
}  # fmt: skip
APOLOGY = {"apology": ["regret", "responsibility", "explanation"], "empathy": 0.8, "concrete": 0.8}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("postgres").database() if request.param == "postgresql" else None


def call(desk: Desk, method: str, path: str, data: Any = None) -> Any:
    """One call by REST, with the token that the desk has left."""
    token = (desk.folder / "api-token").read_text(encoding="utf-8").strip()
    request = urllib.request.Request(
        f"{desk.address}/api/v1/{path}",
        method=method,
        data=None if data is None else json.dumps(data).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def handle(desk: Desk, number: int, *, own_fault_first: bool) -> None:
    """What an agent does: answers, finds out, makes good, solves."""
    ticket = f"tickets/{number}/"
    call(desk, "POST", f"{ticket}comments/", {"body": "大変申し訳ございません。/ We are very sorry.", "facts": APOLOGY})
    if own_fault_first:
        call(desk, "POST", f"{ticket}investigation/", {})
    call(desk, "POST", f"{ticket}remedies/", {"kind": "exchange"})
    call(desk, "PATCH", ticket, {"status": "solved"})


def lead(house: House, *, days: int, opened_at: int) -> int:
    """Let the worker bring the main clock so far; it is no longer bound to real time."""
    target = opened_at + days * DAY
    house.rows(
        "UPDATE tickets_clock SET main = FALSE, running = FALSE, target_at = ?,"
        " sim_at = CASE WHEN sim_at > ? THEN sim_at ELSE ? END WHERE key = 'main'",
        target, opened_at, opened_at,
    )  # fmt: skip
    return target


def reached(house: House, target: int) -> Callable[[], bool]:
    return lambda: house.rows("SELECT sim_at FROM tickets_clock WHERE key = 'main'") == [(target,)]


def test_two_complaints_go_through_to_the_survey_thirty_days_later(
    desk: Callable[..., Desk], tmp_path: Path, database: str | None
) -> None:
    environment = {"DATABASE_URL": database} if database else {}
    running = desk(**environment).opened()
    house = House(running.folder, database, empty=False)
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(ENGLISH), encoding="utf-8")
    assert house.manage("import_tickets", str(file)).startswith("1 new")
    call(running, "POST", "tickets/", JAPANESE)
    numbers = {language: number for number, language in house.rows("SELECT id, language FROM tickets_ticket")}
    handle(running, numbers["en"], own_fault_first=False)
    handle(running, numbers["ja"], own_fault_first=True)
    opened_at = int(house.rows("SELECT MAX(updated_at) FROM tickets_ticket")[0][0])

    before = house.events()
    target = lead(house, days=10, opened_at=opened_at)
    wait_until(lambda: house.events() > before, within=30)
    running.kill_part("worker")
    wait_until(reached(house, target), within=60)

    running.stop()
    target = lead(house, days=31, opened_at=opened_at)
    desk(**environment).opened()
    wait_until(reached(house, target), within=60)
    check(house, target)


def check(house: House, target: int) -> None:
    """Everything due has happened once, and both customers were asked on day thirty."""
    follow_ups = house.rows("SELECT ticket_id, step, state, reason, due_at, attempts FROM playbooks_followup")
    lines = house.rows(
        "SELECT ticket_id, data, name FROM tickets_ticketevent WHERE name IN ('follow_up.sent', 'follow_up.skipped')"
    )
    said = sorted((ticket, as_json(data)["step"], name.split(".")[1]) for ticket, data, name in lines)
    ended = sorted((ticket, step, state) for ticket, step, state, *_ in follow_ups if state != "pending")
    assert said == ended
    for _, step, state, reason, due_at, attempts in follow_ups:
        assert (state == "pending") == (due_at > target), step
        assert bool(reason) == (state == "skipped"), step
        assert attempts == 0
    opened = dict(house.rows("SELECT id, created_at FROM tickets_ticket"))
    asked = house.rows("SELECT ticket_id, invited_at FROM playbooks_survey WHERE metric = 'nps'")
    assert sorted(asked) == sorted((ticket, at + 30 * DAY) for ticket, at in opened.items())


def as_json(data: Any) -> Any:
    return json.loads(data) if isinstance(data, str) else data
