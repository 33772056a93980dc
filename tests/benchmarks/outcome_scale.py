"""The managers' page over a million tickets and over ten: sums by day beside the plain query, both in one run.

By hand, on a quiet machine: uv run --extra fast python -m tests.benchmarks.outcome_scale [--tickets N] [--data FOLDER]

Per playbook and day (720 cells): n, mean, median and p90 of first human reply and resolution, CSAT and NPS. The plain
query reads what these need from every outcome row through the ORM (six values a ticket, in the database's own JSON) and
groups in NumPy. The desk is filled once, in a folder of the run's own or in FOLDER, which is kept and used again.
DATABASE_URL names a server instead.

The whole page that managers open is measured too, warm, at both sizes.

Ten times as many tickets are drawn from the simulated desk too, but only their sums by day are written (no ticket and
no outcome rows: reading sums never touches those); the other segments' rows stay as they are, so the table is as long.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DAYS, SEED, TIMES = 360, 7, 151
WANTED = {
    "times the plain query": 200.0, "ten times the tickets": 1.2, "the page at ten times": 1.2, "quantile error": 0.01,
}  # fmt: skip


def seconds_of(work: Callable[[], Any], times: int) -> tuple[Any, float]:
    """What it gives, and the least time of so many rounds.

    On SQLite all of it happens in this process, so its own processor time is told, which others on the machine do not
    lengthen; a server's part is only seen in wall time.
    """
    from django.db import connection

    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    took = []
    for _ in range(times):
        began = clock()
        found = work()
        took.append(clock() - began)
    return found, min(took)


def plain() -> dict[str, dict[str, list[Any]]]:
    """The same figures from every outcome row."""
    import numpy as np

    from playbooks import rollups
    from playbooks.models import Outcome

    names = ("human_reply__calendar", "resolution__calendar", "csat", "nps")
    rows = Outcome.objects.filter(clock__main=True).values_list(
        "playbook", "opened_at", *(f"data__{name}" for name in names)
    )
    columns = list(zip(*rows.iterator(chunk_size=10_000), strict=True))
    playbook, day = np.array(columns[0]), rollups.day_of(np.array(columns[1], dtype=np.int64))
    times = [np.array([np.inf if value is None else value for value in column], dtype=float) for column in columns[2:4]]
    scores = [np.array([np.nan if value is None else value for value in column], dtype=float) for column in columns[4:]]
    found: dict[str, dict[str, list[Any]]] = {}
    for key in np.unique(playbook).tolist():
        page = found.setdefault(key, {})
        own = playbook == key
        for number in np.unique(day[own]).tolist():
            here = np.flatnonzero(own & (day == number))
            for name, value in _cell(number, [of[here] for of in times], [of[here] for of in scores]):
                page.setdefault(name, []).append(value)
    return found


def _cell(number: int, times: list[Any], scores: list[Any]) -> Iterator[tuple[str, Any]]:
    import numpy as np

    n = len(times[0])
    yield from (("day", number), ("n", n))
    for name, of in zip(("human_reply", "resolution"), times, strict=True):
        ended = np.sort(of)
        known = ended[np.isfinite(ended)]
        yield f"{name}_mean", float(known.mean()) if len(known) else math.nan
        for what, q in (("median", 0.5), ("p90", 0.9)):
            yield f"{name}_{what}", float(ended[max(1, math.ceil(q * n - 1e-9)) - 1])
    csat, nps = (of[~np.isnan(of)] for of in scores)
    yield "csat", float(csat.mean()) if len(csat) else math.nan
    yield "nps", 100 * float(np.mean(nps >= 9) - np.mean(nps <= 6)) if len(nps) else math.nan


def by_rollups() -> dict[str, dict[str, list[Any]]]:
    from playbooks import rollup_days

    return rollup_days.series(rollup_days.read(source="main"))


def page_of() -> Callable[[], Any]:
    """The comparison of the main desk as a manager gets it."""
    from django.test import Client

    from tickets.models import Agent

    client = Client(SERVER_NAME="localhost")
    client.force_login(Agent.objects.get_or_create(username="scale-manager", defaults={"role": Agent.MANAGER})[0])

    def page() -> Any:
        answer = client.get("/compare/", {"source": "main"})
        assert answer.status_code == 200
        return answer.content.decode()

    return page


def errors(found: dict[str, dict[str, list[Any]]], exact: dict[str, dict[str, list[Any]]]) -> dict[str, float]:
    """The largest relative error of each figure over all cells; infinite where only one side knows it."""
    worst: dict[str, float] = {}
    assert found.keys() == exact.keys()
    for key, page in exact.items():
        for name, values in page.items():
            for here, there in zip(found[key][name], values, strict=True):
                if here == there or (isinstance(here, float) and math.isnan(here) and math.isnan(there)):
                    off = 0.0
                else:
                    off = abs(here - there) / max(abs(there), 1e-9)
                worst[name] = max(worst.get(name, 0.0), off)
    return worst


def past_of(tickets: int, seed: int) -> Any:
    from playbooks.core.experiments.history import Wish, history
    from playbooks.core.playbook import built_in
    from playbooks.definitions import FAST, LETTER

    return history(Wish(tickets, DAYS, seed, (built_in()[FAST], built_in()[LETTER])))


def ten_times(tickets: int, begins: int) -> dict[Any, dict[int, int]]:
    """Sums by day of nine further pasts: with those that are there, ten times the tickets. Kept beside the desk."""
    from playbooks import filling_sums, rollups

    kept = Path(os.environ["HELPDESK_DATA"]) / f"nine-pasts-{tickets}-{begins}.pickle"
    if kept.exists():
        found: dict[Any, dict[int, int]] = pickle.loads(kept.read_bytes())
        return found
    cells: dict[Any, dict[int, int]] = {}
    for seed in range(SEED + 1, SEED + 10):
        past = past_of(tickets, seed)
        for first in range(0, len(past), 100_000):
            last = min(first + 100_000, len(past))
            for cell, more in filling_sums.cells_of(past, begins, (), first, last, dimensions=(rollups.EVERY,)).items():
                share = cells.setdefault(cell, {})
                for place, value in more.items():
                    share[place] = share.get(place, 0) + value
        print(f"  seed {seed}: {len(past):,} more", flush=True)
    kept.write_bytes(pickle.dumps(cells))
    return cells


def main(tickets: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from playbooks import filling, rollups
    from playbooks.models import Outcome, Rollup

    call_command("migrate", verbosity=0)
    if not Outcome.objects.exists():
        call_command("fill", tickets=tickets, days=DAYS, seed=SEED)
    of = Outcome.objects.count()
    print(f"{of:,} tickets on {connection.vendor}, {Rollup.objects.count():,} rows of sums", flush=True)

    exact, plain_seconds = seconds_of(plain, 1)
    found, read_seconds = seconds_of(by_rollups, TIMES)
    page = page_of()
    page()
    html, page_seconds = seconds_of(page, 5)
    assert f"{of:,}" in html
    cells = sum(len(page["n"]) for page in found.values())
    off = errors(found, exact)
    print(f"{cells} cells: plain {plain_seconds:.2f} s, sums {1000 * read_seconds:.2f} ms", flush=True)

    first = Outcome.objects.order_by("opened_at").values_list("opened_at", flat=True).first() or 0
    more = ten_times(tickets, first - (first - filling.MONDAY) % filling.WEEK)
    last = max(day for page in found.values() for day in page["day"])  # the same days, where a filling was cut short
    more = {cell: share for cell, share in more.items() if cell.day <= last}
    with transaction.atomic():
        rollups.add_to_rows(more)
        many, ten_seconds = seconds_of(by_rollups, TIMES)
        again = sum(sum(days["n"]) for days in many.values())
        ten_html, ten_page_seconds = seconds_of(page, 5)
        assert f"{again:,}" in ten_html
        transaction.set_rollback(True)
    _found, read_again = seconds_of(by_rollups, TIMES)  # on either side of the tenfold: machines have moods
    one = min(read_seconds, read_again)
    figures = {
        "times the plain query": plain_seconds / one,
        "ten times the tickets": ten_seconds / one,
        "the page at ten times": ten_page_seconds / page_seconds,
        "quantile error": max(value for name, value in off.items() if name.endswith(("median", "p90"))),
    }
    print(f"{again:,} tickets: sums {1000 * ten_seconds:.2f} ms, at {of:,} {1000 * read_again:.2f} ms once more")
    print(f"the page: {page_seconds:.2f} s, at ten times the tickets {ten_page_seconds:.2f} s")
    print(f"largest error of anything else: {max(v for n, v in off.items() if not n.endswith(('median', 'p90'))):.2e}")
    for name, value in figures.items():
        print(f"{name:24} {value:10.4f}   wanted {'at least' if 'plain' in name else 'at most'} {WANTED[name]:g}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--data", help="a folder that is kept, instead of one that goes with the run")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    with tempfile.TemporaryDirectory(prefix="scale-", dir="/tmp") as folder:
        os.environ["HELPDESK_DATA"] = options.data or folder
        print(json.dumps(main(options.tickets)))
