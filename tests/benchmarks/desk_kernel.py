"""The kernel of the simulated desk against SimPy and against a loop in C. Run from the checkout:

    python tests/benchmarks/desk_kernel.py [--repeats 5]

All customers are drawn before either side starts its watch, so drawing counts for nobody; turning the drawn columns
into the lists of the plain kernel counts. Both sides run in turn, in seconds of the processor; each line is the
median of the ratios of one round, with the lowest and the highest.

    model 1   Erlang-A: 21 customers an hour, 20 agents, an hour of work, two hours of patience, all exponential
    model 2   two priority classes, patience on the first contact, 25 % come back once or twice after 1-14 days
"""

from __future__ import annotations

import argparse
import ctypes
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playbooks.core.desk.draws import Customers, customers  # noqa: E402
from playbooks.core.desk.handling import FollowUpStep, Handling, Timing  # noqa: E402
from playbooks.core.desk.kernel import PLAIN, Kernel, compiled  # noqa: E402
from playbooks.core.desk.run import _at_the_desk, _handled, _in_line  # noqa: E402
from playbooks.core.desk.setting import EXPONENTIAL, Arrivals, DeskSetting, Group, Patience, TicketClass  # noqa: E402
from tests.core.desk_in_simpy import one_desk, visitors  # noqa: E402

SEED = 7
IN_C = """
void line(long n, const double *arrival, const double *deadline, const double *work,
          long agents, double *heap, double *start) {
    for (long i = 0; i < n; i++) {
        double begin = heap[0] > arrival[i] ? heap[0] : arrival[i];
        if (deadline[i] < begin) continue;
        start[i] = begin;
        double done = begin + work[i];
        long hole = 0, below = 1;
        while (below < agents) {
            if (below + 1 < agents && heap[below + 1] < heap[below]) below++;
            if (heap[below] >= done) break;
            heap[hole] = heap[below];
            hole = below;
            below = 2 * hole + 1;
        }
        heap[hole] = done;
    }
}
"""


def model_1(tickets: int) -> tuple[DeskSetting, Timing]:
    patience = Patience(EXPONENTIAL, mean_h=2.0, acknowledged=1.0)
    setting = DeskSetting(Arrivals(21.0), (Group(20),), 3000.0, patience=patience, drain=True, tickets=tickets)
    return setting, Timing("model 1", Handling(60.0, shape=1.0))


def model_2(tickets: int) -> tuple[DeskSetting, Timing]:
    steps = (FollowUpStep("again", 20.0, 24, 168, 0.2, 1.0), FollowUpStep("once more", 20.0, 168, 336, 0.0625, 1.0))
    setting = DeskSetting(
        Arrivals(21.0), (Group(20),), 3000.0, classes=(TicketClass("urgent", 0.2), TicketClass("ordinary", 0.8)),
        patience=Patience(EXPONENTIAL, mean_h=2.0, acknowledged=1.0), drain=True, tickets=tickets,
    )  # fmt: skip
    return setting, Timing("model 2", Handling(50.0, shape=1.0, follow_ups=steps))


def ready(model: tuple[DeskSetting, Timing]) -> tuple[Customers, np.ndarray, np.ndarray, object]:
    setting, timing = model
    met = customers(setting, SEED, 0)
    _, work, returns = _handled(setting, timing, met)
    return met, met.arrival + met.patience, work, returns


def ours(plays: Callable, model: tuple[DeskSetting, Timing], kernel: Kernel) -> Callable[[], object]:
    met, deadline, work, returns = ready(model)
    return lambda: plays(model[0], met, returns, deadline, work, kernel)


def in_simpy(model: tuple[DeskSetting, Timing]) -> Callable[[], object]:
    setting, timing = model
    people = visitors(setting, timing, SEED)
    return lambda: one_desk(people, setting.agents[0].count)


def in_c(model: tuple[DeskSetting, Timing], folder: Path) -> Callable[[], object]:
    """A few lines of C on the same columns."""
    source, library = folder / "line.c", folder / "line.so"
    source.write_text(IN_C)
    subprocess.run(["cc", "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
    call = ctypes.CDLL(str(library)).line
    met, deadline, work, _ = ready(model)

    def run() -> np.ndarray:
        start, heap = np.full(len(met), -1.0), np.zeros(model[0].agents[0].count)
        pointers = [column.ctypes.data_as(ctypes.c_void_p) for column in (met.arrival, deadline, work)]
        call(ctypes.c_long(len(met)), *pointers, ctypes.c_long(len(heap)),
             heap.ctypes.data_as(ctypes.c_void_p), start.ctypes.data_as(ctypes.c_void_p))  # fmt: skip
        return start

    return run


def compiled_line(model: tuple[DeskSetting, Timing], kernel: Kernel) -> Callable[[], object]:
    met, deadline, work, _ = ready(model)

    def run() -> np.ndarray:
        start, heap = np.full(len(met), -1.0), np.zeros(model[0].agents[0].count)
        kernel.line(met.arrival, deadline, work, heap, start)
        return start

    return run


def rate(tickets: int, run: Callable[[], object]) -> float:
    """Tickets per second of processor time: both sides use one thread, and the machine may be shared."""
    began = time.process_time()
    run()
    return tickets / (time.process_time() - began)


def report(name: str, wanted: float, sides: tuple[tuple[int, Callable], tuple[int, Callable]], repeats: int) -> None:
    """`sides` are (tickets, run): ours and the other one."""
    for _, run in sides[:1]:
        run()  # compiled, and in the cache of the processor
    rounds = [(rate(*sides[0]), rate(*sides[1])) for _ in range(repeats)]
    ratios = sorted(one / two for one, two in rounds)
    middle = [statistics.median(column) for column in zip(*rounds, strict=True)]
    print(f"{name}: {statistics.median(ratios):.3g} ({ratios[0]:.3g}-{ratios[-1]:.3g}), wanted {wanted:g}; "
          f"{middle[0] / 1e6:.3f} M and {middle[1] / 1e6:.3f} M tickets/s")  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=5)
    repeats, fast = arguments.parse_args().repeats, compiled()
    few, many = 20_000, 1_000_000
    simpy_1, simpy_2 = in_simpy(model_1(few)), in_simpy(model_2(few))
    plain_1, plain_2 = ours(_in_line, model_1(100_000), PLAIN), ours(_at_the_desk, model_2(100_000), PLAIN)
    report("model 1, plain / SimPy", 4, ((100_000, plain_1), (few, simpy_1)), repeats)
    report("model 2, plain / SimPy", 4, ((100_000, plain_2), (few, simpy_2)), repeats)
    if fast is None:
        print("The extra `fast` is not installed: no compiled side.")
        return
    report("model 1, compiled / SimPy", 150, ((many, ours(_in_line, model_1(many), fast)), (few, simpy_1)), repeats)
    report("model 2, compiled / SimPy", 150, ((many, ours(_at_the_desk, model_2(many), fast)), (few, simpy_2)), repeats)
    if shutil.which("cc") is None:
        print("No C compiler: no C side.")
        return
    with tempfile.TemporaryDirectory() as folder:
        c_side, numba_side = in_c(model_1(many), Path(folder)), compiled_line(model_1(many), fast)
        assert np.array_equal(c_side(), numba_side()), "C and the kernel disagree"
        report("model 1, compiled / C", 0.8, ((many, numba_side), (many, c_side)), repeats * 3)


if __name__ == "__main__":
    main()
