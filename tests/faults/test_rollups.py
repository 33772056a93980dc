"""Sums by day after a kill in the middle of folding, and after a commit that came late."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import ROOT, wait_until
from tests.faults.postgres import Server
from tests.faults.rehearsing import House

pytestmark = pytest.mark.slow
TICKETS = 1_200


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    return House(tmp_path / "desk", url)


def shares(house: House) -> int:
    return int(house.rows("SELECT COUNT(*) FROM playbooks_rollupshare")[0][0])


def test_a_worker_killed_while_it_folds_leaves_sums_that_go_on_and_agree(house: House) -> None:
    house.manage("fill", "--tickets", str(TICKETS), "--days", "30")
    assert shares(house) == TICKETS
    house.manage("recompute_rollups", "--check")
    for table in ("rollup", "rollupshare", "rollupmark"):
        house.rows(f"DELETE FROM playbooks_{table} RETURNING 1")
    for part in (0.2, 0.6):
        folding = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.folding", "batches"], cwd=ROOT, env=house.environment
        )
        wait_until(lambda part=part: shares(house) > part * TICKETS, within=60)
        folding.send_signal(signal.SIGKILL)
        folding.wait()
        assert shares(house) < TICKETS
    house.manage("recompute_rollups", "--check")
    assert shares(house) == TICKETS


@pytest.mark.postgres
def test_a_ticket_committed_after_a_later_one_was_folded_is_not_passed_over(postgres: Server, tmp_path: Path) -> None:
    house = House(tmp_path / "desk", postgres.database())
    assert house.script("tests.faults.folding", "late") == {"before": 1, "after": 2, "wrong": 0}
