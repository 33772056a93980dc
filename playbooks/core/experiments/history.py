"""The past of a large desk, as arrays: teams of the office-hours desk, each ticket under one playbook by lot.

Pure. The same queue, customers and surveys as in an experiment, kept ticket by ticket instead of summed up. A team is a
replication; every playbook meets customers of its own, as in the field. What would come after the last instant has not
happened yet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks.core.case import Case
from playbooks.core.customer.persona import METRICS
from playbooks.core.customer.survey import response_share, score, word_of_mouth
from playbooks.core.experiments.measure import felt_by
from playbooks.core.experiments.plan import RATES, Arm, Plan, arms_of, desk_named, with_rate
from playbooks.core.experiments.played import COSTS, Library, cases
from playbooks.core.experiments.run import Ran, crowd, libraries, ran
from playbooks.core.playbook import Playbook
from playbooks.core.streams import block
from tickets.errors import Invalid

Ints = npt.NDArray[np.int64]
HOUR, DAY = 3_600, 86_400
NEVER = -1  # of an instant, a score or a yes and no that is not known
RECEIPT = 20  # seconds until the bot has acknowledged
TEAM_AN_HOUR = 1.0  # tickets of one team and playbook at most: what its four people can bear
SPARE, SPARE_ROOTS = 1.02, 6.0  # so many more are expected, in all and in roots: chance rarely leaves too few
SURVEY_AFTER = {"csat": DAY, "ces": DAY, "nps": 30 * DAY}  # since the resolution; NPS without one: since the opening
BUYS_AFTER = 30 * DAY
MOST_TICKETS, MOST_DAYS = 20_000_000, 3_650
COLUMNS = (
    "opened", "playbook", "row", "answered", "resolved", "left", "receipt", "csat", "ces", "nps", "csat_asked",
    "ces_asked", "nps_asked", "bought", "told", "accepted", "work", "satisfaction", "cumulative", "trainee", *COSTS,
)  # fmt: skip
FINE = 10_000  # digits of satisfaction that are kept


@dataclass(frozen=True, slots=True)
class Wish:
    """What past is asked for."""

    tickets: int
    days: int
    seed: int
    playbooks: tuple[Playbook, ...]
    trainees: int = 12

    def __post_init__(self) -> None:
        for name, most in (("tickets", MOST_TICKETS), ("days", MOST_DAYS)):
            if not 1 <= getattr(self, name) <= most:
                raise Invalid("invalid_fill", f"'{name}' is from 1 to {most:,}.", field=name)
        if not 0 <= self.seed < 2**63:
            raise Invalid("invalid_fill", "'seed' is a whole number from 0.", field="seed")


@dataclass(frozen=True)
class History:
    """Tickets in order of opening. Instants are seconds since the beginning, NEVER where something has not happened."""

    wish: Wish
    cases: list[tuple[Case, str]]  # by `row`, with the customer's first words
    columns: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.columns["opened"])

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]


def history(wish: Wish, *, tell: Any = None) -> History:
    """The past of as many teams as these tickets take. `tell` hears how many teams are done, and of how many."""
    each = wish.tickets / len(wish.playbooks) / (wish.days * 24)
    teams = max(1, math.ceil(each / TEAM_AN_HOUR))
    plan = _plan(wish, teams)
    played = libraries(plan)
    library = played[plan.arms[0].key]
    drawn = cases(library.profiles, count=library.count, seed=wish.seed)
    rate = np.array([RATES[case.currency] for case, _words in drawn])
    parts = []
    for number in range(teams):
        parts += list(_team(wish, plan, played, number, rate))
        if tell:
            tell(number + 1, teams)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
    kept = _as_many(joined["opened"], wish.tickets)
    columns = {name: column[kept] for name, column in joined.items()}
    return History(wish, drawn, columns)


def _plan(wish: Wish, teams: int) -> Plan:
    """As many teams as replications, at the rate that gives the tickets within the days."""
    desk = desk_named("office-hours")
    # The week's pattern scales the rate; `expected` knows it.
    weekly = _in_a_week(desk)
    expected = wish.tickets * SPARE + SPARE_ROOTS * math.sqrt(wish.tickets)
    tickets = max(teams, math.ceil(expected / len(wish.playbooks)))
    rate = tickets / teams / (wish.days / 7) / weekly
    return Plan(
        arms=arms_of(wish.playbooks, with_rate(desk, rate)),
        tickets=tickets,
        replications=min(teams, tickets),
        seed=wish.seed,
        disjoint=True,
    )


def _in_a_week(desk: Any) -> float:
    """Tickets of a week at a rate of one an hour."""
    setting = with_rate(desk, 1.0).setting
    return float(replace(setting, days=7.0, warm_up_days=0.0, tickets=None).expected())


def _team(wish: Wish, plan: Plan, played: Any, number: int, rate: Any) -> Iterator[dict[str, Ints]]:
    for place, arm in enumerate(plan.arms):
        who = crowd(plan, arm.desk, played[arm.key], number, place)
        went = ran(arm, played[arm.key], who)
        warm_up = who.setting.warm_up_days * DAY
        arrival = np.concatenate([met.arrival for met in who.met])[who.counted] - warm_up
        yield _columns(wish, plan, arm, place, number, went, arrival, played[arm.key], rate)


def _columns(
    wish: Wish,
    plan: Plan,
    arm: Arm,
    place: int,
    number: int,
    went: Ran,
    arrival: Any,
    library: Library,
    rate: Any,
) -> dict[str, Ints]:
    people, handled = went.people, went.handled
    end = wish.days * DAY
    felt = felt_by(people, handled, plan.switches, arm.desk.abandoned_repurchase)
    opened = np.minimum(arrival, end - 1).astype(np.int64)

    def happened(hours: Any) -> Ints:
        """The instant so many hours after the opening, if it has come."""
        known = np.isfinite(hours) & (opened + np.where(np.isfinite(hours), hours, 0.0) * HOUR < end)
        at: Ints = np.where(known, opened + np.rint(np.where(known, hours, 0.0) * HOUR), NEVER).astype(np.int64)
        return at

    answered, resolved = happened(handled.answered_h), happened(handled.resolved_h)
    left = happened(np.where(handled.left, handled.waited / HOUR, np.inf))
    done, seen = resolved >= 0, answered >= 0
    asked, scores = {}, {}
    for column, metric in enumerate(METRICS):
        since = np.where(done, resolved, opened if metric == "nps" else end)
        asked[metric] = since + SURVEY_AFTER[metric] < end
        answers = people.responds[:, column] < response_share(metric, felt.satisfaction, handled.left)
        ticks = score(metric, felt, people.traits, people.scale[:, column])
        scores[metric] = np.where(asked[metric] & answers, ticks, NEVER)
    known = np.where(done, resolved, opened) + BUYS_AFTER < end
    told = word_of_mouth(felt.satisfaction, people.tells, people.traits.gain)
    helped = block(wish.seed, f"history/{number}/{arm.key}/trainee", len(people), 1)[:, 0]
    return {
        "opened": opened,
        "playbook": np.full(len(people), place),
        "row": people.row,
        "answered": answered,
        "resolved": resolved,
        "left": left,
        "receipt": np.where(library.lived.acknowledged[people.row], RECEIPT, NEVER),
        **scores,
        **{f"{metric}_asked": asked[metric].astype(np.int64) for metric in METRICS},
        "bought": np.where(known, people.buys < felt.repurchase, NEVER).astype(np.int64),
        "told": np.where(done | (left >= 0), told, 0.0).astype(np.int64),
        "accepted": (library.accepted[people.row] & done).astype(np.int64),
        "work": np.where(seen, np.rint(handled.work), 0.0).astype(np.int64),
        "satisfaction": np.rint(felt.satisfaction * FINE).astype(np.int64),
        "cumulative": np.rint(felt.cumulative * FINE).astype(np.int64),
        "trainee": (helped * wish.trainees).astype(np.int64),
        **{
            part: np.where(done, np.rint(library.cost[part][people.row] * rate[people.row]), 0.0).astype(np.int64)
            for part in COSTS
        },
    }


def _as_many(opened: Ints, wanted: int) -> Ints:
    """Rows in order of opening, thinned evenly to the number that is wanted."""
    order = np.argsort(opened, kind="stable")
    if len(order) <= wanted:
        return order
    return order[(np.arange(wanted) * len(order)) // wanted]
