"""Sums that follow the log: whatever happens, in whatever batches, they are what the outcome rows come to."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from helpdesk.access import ensure_agent
from playbooks import driver, held, outcomes, rehearsal, rollup_days, rollups, shifts, tasks
from playbooks.core.outcome import Outcome as OutcomeValue
from playbooks.core.outcome import summary
from playbooks.core.scenarios import scenarios
from playbooks.core.streams import uniforms
from playbooks.core.tally import HISTOGRAMS, PLACE, packed, share_of, tally_of, unpacked
from playbooks.models import Outcome, Rollup, RollupMark, RollupShare
from tests.playbooks.cases import DAY, HOUR, START, case_on, complaint, led_clock
from tickets import clock as clocks
from tickets.actions import find_customer, open_ticket
from tickets.log import Event
from tickets.models import Agent, Clock

pytestmark = pytest.mark.django_db


def values() -> list[OutcomeValue]:
    return outcomes.values(Outcome.objects.order_by("pk"))


def rounded(found: Any, *, quantiles: bool = False) -> Any:
    """JSON values to twelve digits, a time within one percent."""
    if isinstance(found, dict):
        return {
            key: rounded(value, quantiles=quantiles or key in ("calendar", "business")) for key, value in found.items()
        }
    if isinstance(found, float) or quantiles and found is not None:
        return pytest.approx(found, rel=0.01 if quantiles else 1e-4, abs=1e-6)
    return found


@pytest.fixture
def lived() -> rehearsal.Rehearsal:
    """Eight tickets, half of them under each playbook, handled to their end."""
    laid_out = rehearsal.prepare([complaint(n) for n in range(4)], key="lived", seed=5, days=40, staff=1)
    list(rehearsal.run(laid_out))
    return laid_out


def test_rollups_say_what_the_outcomes_say(lived: rehearsal.Rehearsal) -> None:
    rollups.fold_all()
    exact = summary(values())
    found = rollup_days.read(histograms=HISTOGRAMS)
    assert set(found) == set(exact)
    for playbook, of in found.items():
        assert of.total().summary() == rounded(exact[playbook])


def test_any_batches_at_any_moments_end_in_what_a_recomputation_gives() -> None:
    """Handlings that change while they are folded, in batches of random size."""
    drawn = iter(uniforms(11, "rollups/batches", 0, 200))
    armed = [led_clock(3, arm=arm, key=arm) for arm in rehearsal.ARMS]
    for at in range(START, START + 40 * DAY, 2 * DAY):
        for clock in armed:
            driver.advance(clock, until=at)
        for _ in range(int(3 * next(drawn))):
            rollups.fold(batch=1 + int(12 * next(drawn)))
    assert rollups.behind()
    rollups.fold_all(batch=7)
    before = list(Rollup.objects.order_by("key").values())
    assert rollups.recompute(check=True) == []
    Rollup.objects.all().delete()
    RollupShare.objects.all().delete()
    RollupMark.objects.all().delete()
    rollups.fold_all()
    again = list(Rollup.objects.order_by("key").values())
    assert [{**row, "id": 0} for row in before] == [{**row, "id": 0} for row in again]
    assert len(before) > 20


def test_folding_twice_adds_nothing(lived: rehearsal.Rehearsal) -> None:
    assert rollups.fold_all() > 0
    before = list(Rollup.objects.order_by("key").values())
    RollupMark.objects.all().delete()
    assert rollups.fold_all() > 0
    assert list(Rollup.objects.order_by("key").values()) == before
    assert rollups.fold() == 0


def test_a_batch_that_dies_leaves_nothing_behind(lived: rehearsal.Rehearsal) -> None:
    rollups.fold(batch=20)
    before = [list(model.objects.order_by("pk").values()) for model in (Rollup, RollupShare, RollupMark)]
    with suppress(KeyboardInterrupt), transaction.atomic():
        assert rollups.fold(batch=20)
        raise KeyboardInterrupt
    assert [list(model.objects.order_by("pk").values()) for model in (Rollup, RollupShare, RollupMark)] == before
    rollups.fold_all()
    assert rollups.recompute(check=True) == []


def test_a_ticket_that_changes_hands_and_category_counts_where_it_is_now() -> None:
    clock = Clock.objects.create(key="desk", main=True, sim_at=START)
    mina, haru = (ensure_agent(name, role=Agent.TRAINEE) for name in ("mina", "haru"))
    ticket = case_on(clock, category="delivery_delay")
    case = held.hold(ticket.pk)
    case = held.assign(case, mina, by=None, now=START)
    rollups.fold_all()
    assert total("trainee", "mina") == 1
    held.assign(held.hold(ticket.pk), haru, by=mina, now=START + HOUR)
    rollups.fold_all()
    assert (total("trainee", "mina"), total("trainee", "haru"), total("category", "delivery_delay")) == (0, 1, 1)
    assert not Rollup.objects.filter(value="mina").exists()
    assert rollups.recompute(check=True) == []


def total(dimension: str = "all", value: str = "", **choice: Any) -> int:
    return sum(of.total().n for of in rollup_days.read(dimension=dimension, value=value, **choice).values())


def test_an_outcome_that_comes_without_an_event_counts_too() -> None:
    clock = Clock.objects.create(key="other", sim_at=START)
    open_ticket(
        clock=clock, requester=find_customer(name="A. Reader"), description="It leaks.", now=START,
        opening=[Event(START, "ticket.created", "customer", {"channel": "api", "priority": "normal"})],
    )  # fmt: skip
    rollups.fold_all()
    assert total() == 0
    tasks.give_runs()
    rollups.fold_all()
    assert total() == 1


def test_sources_are_kept_apart_and_read_together(lived: rehearsal.Rehearsal) -> None:
    case_on(Clock.objects.create(key="desk", main=True, sim_at=START))
    trainee = ensure_agent("mina", role=Agent.TRAINEE)
    shift = shifts.start_shift(
        trainee, now=START, wall_now=clocks.wall(), scenario_keys=sorted(scenarios())[:2], language="ja",
        playbook="rule", speed=60, customers=2, seed=3,
    )  # fmt: skip
    driver.advance(shift.clock, until=shift.clock.sim_at + 6 * HOUR)
    rollups.fold_all()
    in_shift = Outcome.objects.filter(clock=shift.clock).count()
    assert in_shift
    assert total(source="main") == 1
    assert total(source="shifts") == total("trainee", "mina") == in_shift
    assert total(source="rehearsal:lived") == 8
    assert total() == 9 + in_shift
    assert total(left_out={"lived"}) == 1 + in_shift
    assert rollups.recompute(check=True) == []


def test_each_dimension_counts_every_ticket_once(lived: rehearsal.Rehearsal) -> None:
    rollups.fold_all()
    for dimension in ("category", "severity", "profile", "channel", "language"):
        found = Rollup.objects.filter(dimension=dimension).values_list("value", flat=True).distinct()
        assert sum(total(dimension, value) for value in found) == 8


def test_days_are_the_desks_and_both_ends_belong_to_the_period(lived: rehearsal.Rehearsal) -> None:
    rollups.fold_all()
    of = next(iter(rollup_days.read().values()))
    assert rollups.date_of(rollups.day_of(START)) == date(2026, 9, 7)
    assert rollups.day_of(START - 9 * HOUR) == rollups.day_of(START)
    assert rollups.day_of(START - 9 * HOUR - 1) == rollups.day_of(START) - 1
    assert total(since=of.dates[0], until=of.dates[-1]) == 8
    assert total(until=of.dates[0] - timedelta(days=1)) == 0
    assert total(since=of.dates[-1] + timedelta(days=1)) == 0


def test_every_day_reads_like_its_own_outcomes(lived: rehearsal.Rehearsal) -> None:
    rollups.fold_all()
    records = values()
    for playbook, page in rollup_days.series(rollup_days.read()).items():
        for place, day in enumerate(page["day"]):
            that = [one for one in records if one.playbook == playbook and rollups.day_of(one.opened_at) == day]
            exact = summary(that)[playbook]
            assert page["n"][place] == len(that)
            for name in ("human_reply", "resolution"):
                for what in ("median", "p90"):
                    wanted = exact[name]["calendar"][what]
                    assert page[f"{name}_{what}"][place] == pytest.approx(
                        np.inf if wanted is None else wanted, rel=0.01
                    )
            for name, wanted in (
                ("csat", exact["csat"]["mean"]["estimate"]), ("nps", exact["nps"]["score"]["estimate"]),
            ):  # fmt: skip
                assert page[name][place] == pytest.approx(np.nan if wanted is None else wanted, nan_ok=True)


def test_a_cell_that_was_spoiled_is_found_and_mended(lived: rehearsal.Rehearsal) -> None:
    rollups.fold_all()
    spoiled = Rollup.objects.filter(dimension="all").first()
    assert spoiled
    share = unpacked({name: getattr(spoiled, name) for name in rollups.COLUMNS})
    share[PLACE["abandoned"]] = share.get(PLACE["abandoned"], 0) + 1
    Rollup.objects.filter(pk=spoiled.pk).update(**packed(share))
    with pytest.raises(CommandError, match="1 cell"):
        call_command("recompute_rollups", "--check", stdout=StringIO(), stderr=StringIO())
    call_command("recompute_rollups", stdout=StringIO(), stderr=StringIO())
    call_command("recompute_rollups", "--check", stdout=StringIO(), stderr=StringIO())


def test_the_sweep_folds(lived: rehearsal.Rehearsal) -> None:
    assert tasks.fold_rollups() > 0
    assert total() == 8
    assert tasks.fold_rollups() == 0


def test_shares_are_added_and_taken_away_exactly(lived: rehearsal.Rehearsal) -> None:
    shares = [share_of(one, assigned_by="random") for one in values()]
    whole, part = tally_of(shares), tally_of(shares[3:])
    cell = unpacked(packed(dict(enumerate(whole.figures.tolist()))))
    for share in shares[:3]:
        for place, value in share.items():
            if place in cell:
                cell[place] -= value
    assert {place: value for place, value in cell.items() if value} == {
        place: value for place, value in enumerate(part.figures.tolist()) if value
    }
    assert part.assigned()["random"] == len(shares) - 3
