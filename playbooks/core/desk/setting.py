"""A desk scenario: who writes in and how often, who is there to answer, how long a customer waits, how long it runs.

Second 0 is `begins_h` hours after Monday 00:00 on the desk's own wall. Every value is checked when it is made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks.core.case import LANGUAGES, PROFILES
from playbooks.core.customer.evidence import E
from playbooks.core.desk.checks import distinct, known, number, refuse, shares, whole
from playbooks.core.desk.handling import Timing

HOUR, DAY_H, WEEK_H = 3600.0, 24, 168
MOST_TICKETS = 5_000_000  # in one replication; more tickets take more replications
MOST_AGENTS = 100_000
MOST_DAYS = 3660.0
MOST_CLASSES = MOST_GROUPS = 100
Floats = npt.NDArray[np.float64]
NONE, LOG_LOGISTIC, EXPONENTIAL, TABLE = "none", "log_logistic", "exponential", "table"


@dataclass(frozen=True, slots=True)
class Surge:
    """More (or fewer) customers for a while: hours from second 0, and a factor on the rate."""

    from_h: float
    to_h: float
    factor: float

    def __post_init__(self) -> None:
        number("surges.from_h", self.from_h)
        number("surges.to_h", self.to_h, above=self.from_h)
        number("surges.factor", self.factor, most=1000.0)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Customers per hour: a Poisson stream whose rate follows the hour, the weekday and surges.

    rate(t) = per_hour · daily[hour of day] · weekly[weekday] · factors of the surges around t. The patterns are
    factors, not shares: with a mean of 1 they leave the mean rate as it is.
    """

    per_hour: float
    daily: tuple[float, ...] = (1.0,) * DAY_H
    weekly: tuple[float, ...] = (1.0,) * 7
    surges: tuple[Surge, ...] = ()

    def __post_init__(self) -> None:
        number("arrivals.per_hour", self.per_hour, above=0.0, most=1e6)
        for name, values, length in (("daily", self.daily, DAY_H), ("weekly", self.weekly, 7)):
            if len(values) != length:
                raise refuse(f"arrivals.{name}", f"'arrivals.{name}' has {length} factors; these are {len(values)}.")
            for value in values:
                number(f"arrivals.{name}", value, most=1000.0)
            if not any(values):
                raise refuse(f"arrivals.{name}", f"With every factor of 'arrivals.{name}' at 0 nobody writes in.")


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of the day at which a group is there, on these weekdays (0 is Monday). May run past midnight."""

    begins_h: float
    ends_h: float
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)

    def __post_init__(self) -> None:
        number("agents.shifts.begins_h", self.begins_h, most=24.0)
        number("agents.shifts.ends_h", self.ends_h, above=self.begins_h, most=self.begins_h + 24.0)
        distinct("agents.shifts.weekdays", map(str, self.weekdays))
        for day in self.weekdays:
            whole("agents.shifts.weekdays", day, least=0, most=6)
        if not self.weekdays:
            raise refuse("agents.shifts.weekdays", "A shift is on at least one weekday.")


@dataclass(frozen=True, slots=True)
class Group:
    """Agents who are alike. No languages: all of them. No shifts: always there. Asked in their order when idle."""

    count: int
    name: str = "agents"
    languages: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()

    def __post_init__(self) -> None:
        whole("agents.count", self.count, least=0, most=MOST_AGENTS)

    def speaks(self, language: str) -> bool:
        return not self.languages or language in self.languages


@dataclass(frozen=True, slots=True)
class TicketClass:
    """A kind of ticket and its share of all. The first class of a desk is served first."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a customer waits for the first answer before leaving. Hours; `none` waits for ever.

    `log_logistic`: median_h and shape, as fitted to the surveys. `exponential`: mean_h, as the closed forms want
    it. `table`: (share who have left, hours), rising, straight between the points; after the last one nobody leaves.
    `acknowledged` multiplies it where the bot confirms receipt at once; `by_profile` by culture.
    """

    curve: str = LOG_LOGISTIC
    median_h: float = E.waiting.mail.median_h
    shape: float = E.waiting.mail.shape
    mean_h: float = 1.0
    table: tuple[tuple[float, float], ...] = ()
    factor: float = 1.0
    acknowledged: float = E.patience.acknowledged
    by_profile: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.curve not in (NONE, LOG_LOGISTIC, EXPONENTIAL, TABLE):
            raise refuse("patience.curve", f"A curve of patience is none, log_logistic, exponential or table; "
                         f"'{self.curve}' is not.")  # fmt: skip
        for name in ("median_h", "shape", "mean_h", "factor", "acknowledged"):
            number(f"patience.{name}", getattr(self, name), above=0.0)
        for profile, factor in self.by_profile.items():
            number(f"patience.by_profile.{profile}", factor, above=0.0)
        if self.curve == TABLE:
            self._check_table()

    def _check_table(self) -> None:
        left, hours = [point[0] for point in self.table], [point[1] for point in self.table]
        for share, hour in self.table:
            number("patience.table", share, most=1.0)
            number("patience.table", hour)
        if len(left) < 2 or left != sorted(set(left)) or hours != sorted(hours):
            raise refuse("patience.table", "A table of patience has two or more points (share, hours), both rising.")


@dataclass(frozen=True, slots=True)
class DeskSetting:
    """One simulated desk. `days` of arrivals; `drain` goes on afterwards until nothing is left to do.

    Contacts of the first `warm_up_days` run, but do not count. `tickets` closes the doors after so many customers.
    `bot` off: nobody gets a receipt, whatever the playbook says.
    """

    arrivals: Arrivals
    agents: tuple[Group, ...]
    days: float
    classes: tuple[TicketClass, ...] = (TicketClass("ordinary", 1.0),)
    languages: Mapping[str, float] = field(default_factory=lambda: {"ja": 1.0})
    profiles: Mapping[str, float] = field(default_factory=lambda: {"JP": 1.0})
    patience: Patience = Patience()
    bot: bool = True
    warm_up_days: float = 0.0
    drain: bool = False
    tickets: int | None = None
    begins_h: float = 0.0

    def __post_init__(self) -> None:
        number("days", self.days, above=0.0, most=MOST_DAYS)
        number("warm_up_days", self.warm_up_days)
        number("begins_h", self.begins_h, most=WEEK_H - 1e-9)
        if self.warm_up_days >= self.days:
            raise refuse("warm_up_days", "The warm-up is shorter than the days; otherwise nobody would count.")
        self._check_customers()
        self._check_agents()

    def _check_customers(self) -> None:
        if len(self.classes) > MOST_CLASSES:
            raise refuse("classes", f"A desk tells at most {MOST_CLASSES} classes of tickets apart.")
        shares("classes", (one.share for one in self.classes))
        distinct("classes", (one.name for one in self.classes))
        for name, given, allowed in (
            ("languages", self.languages, LANGUAGES),
            ("profiles", self.profiles, PROFILES),
            ("patience.by_profile", self.patience.by_profile, PROFILES),
        ):
            known(name, given, allowed)
        shares("languages", self.languages.values())
        shares("profiles", self.profiles.values())
        if self.tickets is not None:
            whole("tickets", self.tickets, least=1, most=MOST_TICKETS)
        if self.tickets is None and self.expected() > MOST_TICKETS:
            raise refuse("days", f"About {self.expected():.2g} tickets in one replication are too many (at most "
                         f"{MOST_TICKETS:,}). Take fewer days and more replications, or set 'tickets'.")  # fmt: skip

    def _check_agents(self) -> None:
        if sum(group.count for group in self.agents) < 1:
            raise refuse("agents", "A desk has at least one agent; with none, nobody is ever answered.")
        whole("agents", sum(group.count for group in self.agents), least=1, most=MOST_AGENTS)
        if len(self.agents) > MOST_GROUPS:
            raise refuse("agents", f"A desk has at most {MOST_GROUPS} groups; put agents who are alike into one.")
        distinct("agents", (group.name for group in self.agents))
        for group in self.agents:
            known("agents.languages", dict.fromkeys(group.languages), LANGUAGES)
        for language, share in self.languages.items():
            if share > 0 and not any(group.count and group.speaks(language) for group in self.agents):
                raise refuse("agents", f"Nobody at the desk speaks '{language}'. Add it to the languages of a group.")

    # ---------------------------------------------------------------- what follows from it

    def rate(self) -> tuple[list[float], list[float]]:
        """Edges in seconds from the opening to the end, and the customers per second between them."""
        end = self.days * DAY_H
        edges = [0.0, end, *(edge for s in self.arrivals.surges for edge in (s.from_h, s.to_h) if edge < end)]
        if len(set(self.arrivals.daily)) > 1 or len(set(self.arrivals.weekly)) > 1:
            first = math.floor(self.begins_h) + 1
            edges += (np.arange(first, math.ceil(self.begins_h + end)) - self.begins_h).tolist()
        hours = np.unique(np.array(edges))
        return (hours * HOUR).tolist(), (self._per_hour((hours[:-1] + hours[1:]) / 2) / HOUR).tolist()

    def _per_hour(self, hours: Floats) -> Floats:
        on_the_wall = (self.begins_h + hours) % WEEK_H
        rate: Floats = self.arrivals.per_hour * np.array(self.arrivals.daily)[(on_the_wall % DAY_H).astype(np.int64)]
        rate *= np.array(self.arrivals.weekly)[(on_the_wall // DAY_H).astype(np.int64)]
        for surge in self.arrivals.surges:
            rate[(surge.from_h <= hours) & (hours < surge.to_h)] *= surge.factor
        return rate

    def expected(self) -> float:
        """Customers expected over all days."""
        edges, rates = self.rate()
        return math.fsum(rate * (two - one) for rate, one, two in zip(rates, edges, edges[1:], strict=False))

    def staffing(self) -> tuple[list[float], list[list[int]]]:
        """Seconds within a week from second 0 at which somebody comes or goes, and how many of each group are then
        there. Without shifts: no seconds, and one row that always holds."""
        if not any(group.shifts for group in self.agents):
            return [], [[group.count for group in self.agents]]
        spans = [[_from_opening(shift, day, self.begins_h) for shift in group.shifts for day in shift.weekdays]
                 for group in self.agents]  # fmt: skip
        edges = {0.0}.union(edge % WEEK_H for of_group in spans for span in of_group for edge in span)
        hours = sorted(edges)
        rows = [
            [group.count * _is_there(of_group, hour) for group, of_group in zip(self.agents, spans, strict=True)]
            for hour in hours
        ]
        return [hour * HOUR for hour in hours], rows

    def present_hours(self, days: float | None = None) -> list[float]:
        """Agent hours of each group within the first days (all of them by default)."""
        changes, rows = self.staffing()
        end = (self.days if days is None else days) * DAY_H * HOUR
        if not changes:
            return [count * end / HOUR for count in rows[0]]
        week, total = WEEK_H * HOUR, [0.0] * len(self.agents)
        for at, until, row in zip(changes, [*changes[1:], week], rows, strict=True):
            weeks, rest = divmod(end, week)
            seconds = weeks * (until - at) + min(max(rest - at, 0.0), until - at)
            total = [sum_ + count * seconds / HOUR for sum_, count in zip(total, row, strict=True)]
        return total

    def offered(self, timing: Timing) -> float:
        """Hours of work that arrive in an hour: the mean number of agents it would keep busy, if nobody left."""
        return self._work(timing) * self.expected() / (self.days * DAY_H)

    def _work(self, timing: Timing) -> float:
        return math.fsum(one.share * timing.of(one.name).total_min() for one in self.classes) / 60.0

    def never_empties(self, timing: Timing) -> bool:
        """Whether the queue would grow without end under this playbook, were it to go on."""
        return self.overloaded(self.offered(timing))

    def overloaded(self, load: float) -> bool:
        """Whether work for so many agents is too much for ever: for some set of languages, as much of it arrives as
        the agents who speak any of them can do, and nobody loses patience."""
        if self.patience.curve != NONE:
            return False
        days = self.days if self.days < 7 and sum(self.present_hours()) > 0 else 7.0
        hours = [present / (days * DAY_H) for present in self.present_hours(days)]
        spoken = [name for name, share in self.languages.items() if share > 0]
        return any(
            load * math.fsum(self.languages[name] for name in some)
            >= math.fsum(h for h, g in zip(hours, self.agents, strict=True) if any(map(g.speaks, some))) * (1 - 1e-12)
            for size in range(1, len(spoken) + 1)
            for some in combinations(spoken, size)
        )


def _from_opening(shift: Shift, day: int, begins_h: float) -> tuple[float, float]:
    begins = (day * DAY_H + shift.begins_h - begins_h) % WEEK_H
    return begins, begins + shift.ends_h - shift.begins_h


def _is_there(spans: Sequence[tuple[float, float]], hour: float) -> bool:
    """No spans: always there. A span may reach over the end of the week."""
    return not spans or any(one <= hour < two or one <= hour + WEEK_H < two for one, two in spans)


_PARTS: dict[str, Any] = {"arrivals": Arrivals, "patience": Patience}
_LISTS: dict[str, Any] = {"agents": Group, "classes": TicketClass, "surges": Surge, "shifts": Shift}


def setting_from(data: Mapping[str, Any]) -> DeskSetting:
    """A desk from plain data (JSON, TOML). Refuses an unknown or a missing parameter by its path."""
    made: DeskSetting = _made(DeskSetting, data, "")
    return made


def _made(kind: Any, data: Mapping[str, Any], path: str) -> Any:
    known(path, data, kind.__dataclass_fields__)
    values = {name: _value(name, value, f"{path}.{name}".strip(".")) for name, value in data.items()}
    try:
        return kind(**values)
    except TypeError as wrong:
        where = path or "desk"
        raise refuse(where, f"'{where}' is incomplete or of the wrong kind: {wrong}.") from wrong


def _value(name: str, value: Any, path: str) -> Any:
    if name in _PARTS:
        return _made(_PARTS[name], value, path)
    if name in _LISTS:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise refuse(path, f"'{path}' is a list.")
        return tuple(_made(_LISTS[name], entry, path) for entry in value)
    if isinstance(value, list | tuple):
        return tuple(tuple(entry) if isinstance(entry, list | tuple) else entry for entry in value)
    return value
