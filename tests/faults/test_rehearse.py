"""One digest, wherever and however a rehearsal runs: either database, one process or workers, one of them killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import wait_until
from tests.faults.rehearsing import House, rehearse, rehearse_with_a_worker_killed, words

pytestmark = pytest.mark.slow

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], House]:
    """An empty desk on the database named."""

    def make(database: str) -> House:
        url = request.getfixturevalue("postgres").database() if database == "postgresql" else None
        return House(tmp_path / "desk", url)

    return make


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the rehearsal brings in one process on SQLite: all others are held against it."""
    return rehearse(House(tmp_path_factory.mktemp("undisturbed") / "desk", None))


def check_follow_ups(report: dict[str, Any]) -> None:
    """Every follow-up was sent, or skipped with a reason; none twice; what is left is due later."""
    for arm in report["playbooks"].values():
        states = dict(arm["follow_ups"])
        assert states.pop("doubled") == 0
        assert set(states) <= {"sent", "skipped", "pending"}
        assert states["skipped"]["n"] == sum(states["skipped"]["reasons"].values())
        assert arm["unfinished"]["arrivals_failed"] == arm["unfinished"]["tickets_without_run"] == 0
        assert arm["unfinished"]["agent_turns_failed"] == arm["unfinished"]["reactions_failed"] == 0


def same(report: dict[str, Any], other: dict[str, Any]) -> bool:
    """Everything but the name of the run."""
    return {**report, "rehearsal": None} == {**other, "rehearsal": None}


def test_an_undisturbed_rehearsal_leaves_nothing_undone(undisturbed: dict[str, Any]) -> None:
    check_follow_ups(undisturbed)
    assert undisturbed["rows_refused"] == []
    assert [arm["outcomes"]["n"] for arm in undisturbed["playbooks"].values()] == [16, 16]


@pytest.mark.postgres
def test_postgresql_gives_what_sqlite_gives(house: Callable[[str], House], undisturbed: dict[str, Any]) -> None:
    assert same(rehearse(house("postgresql")), undisturbed)


@pytest.mark.parametrize("database", DATABASES)
def test_two_workers_give_what_one_process_gives(
    house: Callable[[str], House], undisturbed: dict[str, Any], database: str
) -> None:
    assert same(rehearse(house(database), "--workers", "2"), undisturbed)


@pytest.mark.parametrize("database", DATABASES)
def test_a_worker_killed_in_the_middle_changes_nothing(
    house: Callable[[str], House], undisturbed: dict[str, Any], database: str
) -> None:
    report = rehearse_with_a_worker_killed(house(database), after_events=200)
    check_follow_ups(report)
    assert same(report, undisturbed)


def test_a_worker_that_is_told_to_end_gives_its_clock_back_at_once(
    house: Callable[[str], House], undisturbed: dict[str, Any]
) -> None:
    on_sqlite = house("sqlite")
    running = on_sqlite.start(*words("--workers", "2"))
    wait_until(lambda: on_sqlite.events() >= 200, within=120)
    pid = wait_until(on_sqlite.holders, within=60)[0]
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: pid not in on_sqlite.holders(), within=5)
    assert same(running.answer(within=240), undisturbed)


@pytest.mark.postgres
def test_connections_cut_in_the_middle_change_nothing(
    house: Callable[[str], House], undisturbed: dict[str, Any]
) -> None:
    on_postgres = house("postgresql")
    running = on_postgres.start(*words("--workers", "2"))
    for events in (150, 300, 450):
        wait_until(lambda least=events: on_postgres.events() >= least, within=120)
        on_postgres.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
        )
    assert same(running.answer(within=240), undisturbed)
