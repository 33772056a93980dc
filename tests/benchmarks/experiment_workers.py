"""How much faster two Celery workers compute an experiment than one: a ratio of one run, both sides in turn.

By hand, on a quiet machine: uv run python -m tests.benchmarks.experiment_workers [TICKETS] [ROUNDS]

Each round lays the experiment out in a SQLite file of its own. What is timed lies between the first replication that
is done and the last one: starting the workers and handling the cases beforehand count on neither side.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

REPLICATIONS = 40


def seconds(workers: int, tickets: int) -> float:
    """From the first replication to the last, by so many workers."""
    from tests.faults.conftest import ROOT
    from tests.faults.rehearsing import House

    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "desk", None)
        command = [
            sys.executable, "manage.py", "experiment", "--tickets", str(tickets), "--replications", str(REPLICATIONS),
            "--cases", "10", "--workers", str(workers), "--json",
        ]  # fmt: skip
        running = subprocess.Popen(
            command, cwd=ROOT, env=house.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        first = last = 0.0
        counted = begun = 0
        while counted < REPLICATIONS:
            done = counted
            with suppress(Exception):  # the file may be locked for a moment
                done = int(house.rows("SELECT COUNT(*) FROM playbooks_experimentpart WHERE done")[0][0])
            if done > counted:
                last = time.perf_counter()
                first, begun = (last, done) if not first else (first, begun)
                counted = done
            time.sleep(0.1)
        output, _ = running.communicate(timeout=300)
        assert json.loads(output)["digest"]
        return (last - first) / (REPLICATIONS - begun)


def main(tickets: int = 2_000_000, rounds: int = 3) -> None:
    ratios = []
    for number in range(rounds):
        one, two = seconds(1, tickets), seconds(2, tickets)
        ratios.append(one / two)
        print(
            f"round {number + 1}: a replication every {one:.3f} s by one worker, {two:.3f} s by two: {one / two:.2f} ×"
        )
    ratios.sort()
    print(
        f"two workers: {ratios[len(ratios) // 2]:.2f} × one ({ratios[0]:.2f}–{ratios[-1]:.2f}), {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
