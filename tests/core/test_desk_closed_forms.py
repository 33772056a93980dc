"""The simulated desk against queueing theory: the formula lies inside the simulation's own 99 % interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from playbooks.core.desk.closed_forms import cobham, erlang_a, erlang_c, pollaczek_khinchine
from playbooks.core.desk.handling import Handling, Timing
from playbooks.core.desk.kernel import fastest
from playbooks.core.desk.run import ABANDONED, Contacts, DeskRun, replications, simulate
from playbooks.core.desk.setting import (
    EXPONENTIAL,
    NONE,
    Arrivals,
    DeskSetting,
    Group,
    Patience,
    TicketClass,
)
from playbooks.core.statistics import Interval, t_interval
from tickets.errors import Invalid

HOUR_OF_WORK = Timing("an hour of work", Handling(60.0, shape=1.0))
FOREVER = Patience(NONE)
TWO_HOURS = Patience(EXPONENTIAL, mean_h=2.0, acknowledged=1.0)  # θ = 0.5 an hour
REPLICATIONS = 40


def steady(per_hour: float, patience: Patience, **given: object) -> DeskSetting:
    """Twenty agents; what happens in the first ten days does not count."""
    given = {"agents": (Group(20),), "days": 60.0, "warm_up_days": 10.0, "drain": True, **given}
    return DeskSetting(Arrivals(per_hour), patience=patience, **given)  # type: ignore[arg-type]


def runs(setting: DeskSetting, timing: Timing = HOUR_OF_WORK) -> Iterator[DeskRun]:
    return (run for (run,) in replications(setting, 11, range(REPLICATIONS), timings=[timing]))


def interval(found: list[float]) -> Interval:
    return t_interval(found, 0.99)


def holds(of: Interval, truth: float) -> bool:
    assert of.low is not None
    assert of.high is not None
    assert of.high - of.low < 0.25 * truth, "an interval so wide proves nothing"
    return of.low <= truth <= of.high


def mean_wait(contacts: Contacts, which: Callable[[Contacts], object] = lambda c: c.counted) -> float:
    """Hours."""
    return float(contacts.wait[which(contacts)].mean()) / 3600


def test_the_formulas_give_the_published_numbers():
    assert erlang_c(18, 20).waits == pytest.approx(0.5508, abs=5e-5)
    assert erlang_c(18, 20).mean == pytest.approx(0.2754, abs=5e-5)
    assert erlang_a(21, 20, 1.0, 0.5) == pytest.approx((0.7072, 0.0966, 0.1932), abs=5e-5)
    assert cobham([5.4, 12.6], 20) == pytest.approx((0.03772, 0.37724), abs=2e-5)


def test_erlang_a_with_endless_patience_is_erlang_c():
    patient, endless = erlang_a(18, 20, 1.0, 1e-9), erlang_c(18, 20)
    assert patient.waits == pytest.approx(endless.waits, rel=1e-6)
    assert patient.mean == pytest.approx(endless.mean, rel=1e-6)


def test_erlang_a_holds_for_a_thousand_agents_without_overflow():
    assert 0 < erlang_a(1050, 1000, 1.0, 0.5).abandons < 0.06


def test_one_agent_with_exponential_work_is_the_same_in_every_formula():
    assert pollaczek_khinchine(0.8) == pytest.approx(erlang_c(0.8, 1).mean)
    assert cobham([0.8], 1) == pytest.approx((erlang_c(0.8, 1).mean,))


def test_a_formula_refuses_a_queue_that_never_empties():
    for formula in (lambda: erlang_c(20, 20), lambda: pollaczek_khinchine(1.0)):
        with pytest.raises(Invalid, match="never empt"):
            formula()


def test_without_patience_to_lose_the_desk_meets_erlang_c():
    waits, means = [], []
    for run in runs(steady(18, FOREVER)):
        waited = run.contacts.wait[run.contacts.counted] > 0
        waits.append(float(waited.mean()))
        means.append(mean_wait(run.contacts))
    assert holds(interval(waits), erlang_c(18, 20).waits)
    assert holds(interval(means), erlang_c(18, 20).mean)


def test_with_patience_to_lose_the_desk_meets_erlang_a():
    truth, waits, leaves, means = erlang_a(21, 20, 1.0, 0.5), [], [], []
    for run in runs(steady(21, TWO_HOURS)):
        counted = run.contacts.counted
        waits.append(float((run.contacts.wait[counted] > 0).mean()))
        leaves.append(float((run.contacts.fate[counted] == ABANDONED).mean()))
        means.append(mean_wait(run.contacts))
    assert holds(interval(waits), truth.waits)
    assert holds(interval(leaves), truth.abandons)
    assert holds(interval(means), truth.mean)


def test_with_priorities_the_desk_meets_cobham():
    classes = (TicketClass("urgent", 0.3), TicketClass("ordinary", 0.7))
    last_days = 5 * 86_400.0  # with the doors closed nobody overtakes any more

    def of_class(rank: int) -> Callable[[Contacts], object]:
        return lambda c: c.counted & (c.ticket_class == rank) & (c.arrival < 60 * 86_400 - last_days)

    found = [[mean_wait(run.contacts, of_class(rank)) for rank in (0, 1)]
             for run in runs(steady(18, FOREVER, classes=classes))]  # fmt: skip
    for rank, truth in enumerate(cobham([5.4, 12.6], 20)):
        assert holds(interval([of_run[rank] for of_run in found]), truth)


@pytest.mark.parametrize("shape", [1.0, 2.5, 4.0])
def test_one_agent_with_gamma_work_meets_pollaczek_and_khinchine(shape: float):
    """The rate of .8 an hour, an hour of work; 2.5 is drawn by inversion, the whole shapes as sums."""
    setting = steady(0.8, FOREVER, agents=(Group(1),), days=600.0, warm_up_days=30.0)
    means = [mean_wait(run.contacts) for run in runs(setting, Timing("one", Handling(60.0, shape=shape)))]
    assert holds(interval(means), pollaczek_khinchine(0.8, 1.0, shape))


def test_many_short_days_that_begin_empty_wait_too_little():
    short = DeskSetting(Arrivals(21), (Group(20),), days=0.5, patience=TWO_HOURS, drain=True)
    means = [mean_wait(run.contacts) for (run,) in replications(short, 11, range(400), timings=[HOUR_OF_WORK])]
    of = interval(means)
    assert of.high is not None
    assert of.high < erlang_a(21, 20, 1.0, 0.5).mean


def test_the_queue_holds_what_little_says():
    run = simulate(steady(21, TWO_HOURS, days=400.0), 11, timing=HOUR_OF_WORK, kernel=fastest())
    assert run.queue.mean == pytest.approx(21 * erlang_a(21, 20, 1.0, 0.5).mean, rel=0.05)
    assert run.queue.most > run.queue.mean
    assert run.queue.at_end == 0
