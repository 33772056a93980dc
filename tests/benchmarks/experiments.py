"""How many tickets an experiment of two playbooks computes in a second, and how much memory it takes. Run from the
checkout:

    python tests/benchmarks/experiments.py [--tickets 100000 1000000] [--plain]

Each size runs in a process of its own, whose peak of memory is its own; the compiler is loaded before the watch
starts. Four watches, seconds of the wall and of the processor:

    cases        automatic agents handle the cases beforehand (the same work whatever the number of tickets)
    model        who writes in, the queue, and what everybody goes through
    outcomes     every outcome of every replication, satisfaction and surveys included
    statistics   intervals, differences, draws of the assumptions, parts of the difference
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playbooks.core.desk import run as desk_run  # noqa: E402
from playbooks.core.desk.kernel import PLAIN, compiled  # noqa: E402
from playbooks.core.experiments.measure import Result  # noqa: E402
from playbooks.core.experiments.plan import Plan, arms_of, desk_named  # noqa: E402
from playbooks.core.experiments.run import Libraries, crowd, libraries, measured, ran  # noqa: E402
from playbooks.core.experiments.study import study  # noqa: E402
from playbooks.core.playbook import built_in  # noqa: E402

PARTS = ("cases", "model", "outcomes", "statistics")
MEGABYTE = 1_024  # ru_maxrss counts kilobytes


class Watch:
    """Seconds of the wall and of the processor, by part."""

    def __init__(self) -> None:
        self.seconds = {part: [0.0, 0.0] for part in PARTS}

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[part][0] += time.perf_counter() - wall
        self.seconds[part][1] += time.process_time() - cpu


def one_size(tickets: int, *, plain: bool) -> dict[str, Any]:
    if plain:
        desk_run.fastest = lambda: PLAIN
    else:
        compiled()
    books = [built_in()[key] for key in ("fast-resolution", "apology-letter-gift")]
    plan = Plan(arms=arms_of(books, desk_named("office-hours")), tickets=tickets, replications=20, seed=7)
    watch = Watch()
    with watch.on("cases"):
        of = libraries(plan)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = _results(plan, of, watch)
    with watch.on("statistics"):
        digest = study(plan, results, of)["digest"]
    return {
        "tickets": tickets * len(plan.arms),
        "seconds": watch.seconds,
        "before_mb": before / MEGABYTE,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE,
        "digest": digest,
        "compiled": not plain and compiled() is not None,
    }


def _results(plan: Plan, of: Libraries, watch: Watch) -> dict[str, list[Result]]:
    """As `replicate` does it, with the watch in between."""
    found: dict[str, list[Result]] = {arm.key: [] for arm in plan.arms}
    for number in range(plan.replications):
        with watch.on("model"):
            who = crowd(plan, plan.arms[0].desk, of[plan.arms[0].key], number)
        for arm in plan.arms:
            with watch.on("model"):
                went = ran(arm, of[arm.key], who)
            with watch.on("outcomes"):
                found[arm.key].append(measured(plan, arm, went))
    return found


def _apart(arguments: list[str]) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _told(found: dict[str, Any], say: Callable[[str], None] = print) -> None:
    kernel = "compiled" if found["compiled"] else "plain"
    say(f"{found['tickets']:,} tickets, both playbooks counted, kernel {kernel}, digest {found['digest'][:12]}")
    for part, (wall, cpu) in found["seconds"].items():
        say(f"    {part:<11} {wall:6.2f} s   {cpu:6.2f} s of the processor")
    for name, parts in (("model alone", PARTS[1:2]), ("model and outcomes", PARTS[1:3]), ("all of it", PARTS)):
        wall, cpu = (sum(found["seconds"][part][clock] for part in parts) for clock in (0, 1))
        say(f"    {name:<19} {wall:6.2f} s, {found['tickets'] / wall:>9,.0f} tickets/s"
            f"   {cpu:6.2f} s of the processor, {found['tickets'] / cpu:>9,.0f} tickets/s")  # fmt: skip
    say(f"    memory: {found['peak_mb']:.0f} MB at most, {found['before_mb']:.0f} MB before the first ticket")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--plain", action="store_true", help="the kernel without the compiler")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one_size(given.one, plain=given.plain)))
        return
    for tickets in given.tickets:
        _told(_apart(["--one", str(tickets), *(["--plain"] if given.plain else [])]))


if __name__ == "__main__":
    main()
