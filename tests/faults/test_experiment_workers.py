"""One digest, whoever computes an experiment: this process, one, two or four workers, one of them killed."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import wait_until
from tests.faults.rehearsing import House, Running

pytestmark = pytest.mark.slow

WORDS = ("experiment", "--desk", "office-hours", "--tickets", "24000", "--replications", "24", "--cases", "6", "--json")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """In one process, without rows: all others are held against it."""
    found: dict[str, Any] = json.loads(House(tmp_path_factory.mktemp("alone") / "desk", None).manage(*WORDS))
    return found


def told(found: dict[str, Any]) -> dict[str, Any]:
    """Everything but how long it took."""
    return {name: part for name, part in found.items() if name != "speed"}


def done(house: House) -> int:
    with suppress(Exception):  # the database may be locked for a moment
        return int(house.rows("SELECT COUNT(*) FROM playbooks_experimentpart WHERE done")[0][0])
    return 0


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_workers_give_what_one_process_gives(tmp_path: Path, alone: dict[str, Any], workers: int):
    house = House(tmp_path / "desk", None)

    found = json.loads(house.manage(*WORDS, "--workers", str(workers)))

    assert found["digest"] == alone["digest"]
    assert told(found) == told(alone)


def test_a_worker_killed_in_the_middle_changes_no_digit(tmp_path: Path, alone: dict[str, Any]):
    house = House(tmp_path / "desk", None)
    running: Running = house.start(*WORDS, "--workers", "2")
    try:
        wait_until(lambda: 2 <= done(house) <= 22, within=120)
        os.kill(running.workers()[0], signal.SIGKILL)
        found = running.answer(within=240)
        assert len(running.workers()) == 3, "one worker was started again"
        assert told(found) == told(alone)
    finally:
        with suppress(ProcessLookupError):
            running.process.kill()
