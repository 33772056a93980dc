"""What is to be tried: which playbooks, on which desks, with how many customers, and how sure it can get.

A plan is plain data with everything that decides the result; two equal plans give equal digits. It is checked when
it is made, and every refusal names the field and says what would do.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from playbooks.core.case import PROFILES
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.desk.checks import known
from playbooks.core.desk.setting import DeskSetting, setting_from
from playbooks.core.experiments.measure import measures
from playbooks.core.experiments.played import LANGUAGE_OF
from playbooks.core.playbook import Playbook
from tickets.errors import Invalid

MOST_TICKETS = 100_000_000
MOST_REPLICATIONS = 1_000
MOST_EACH = 250_000  # customers of one replication: 2.5 kB of memory each while it runs
MOST_ARMS = 6
MOST_DAYS = 3_660.0
PLAYED, PUBLISHED = "played", "published"
CASES = 30  # of the library, for each profile: every authored case once
CURRENCY = "JPY"
# Minor units of each currency for one yen: assumed, and shown beside every cost.
RATES = {"JPY": 1.0, "KRW": 9.4, "USD": 0.66}


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk scenario: the setting of the queue, and how the experiment runs it."""

    key: str
    title: Mapping[str, str]
    setting: DeskSetting
    conduct: str = PLAYED
    whole: bool = False  # every day begins empty and is drained; otherwise one long run
    abandoned_repurchase: float | None = None  # stated in place of the model's


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of the comparison."""

    key: str
    playbook: Playbook
    desk: Desk
    letter_s: int | None = None  # a sweep's: the letter is with the customer this long after its step began


@dataclass(frozen=True)
class Plan:
    """An experiment. The first arm is the baseline. `tickets` customers an arm, spread over the replications."""

    arms: tuple[Arm, ...]
    tickets: int
    replications: int
    seed: int
    cases: int = CASES
    switches: Switches = DEFAULT
    primary: str = "repurchase"
    disjoint: bool = False  # every arm meets customers of its own, as in the field

    def __post_init__(self) -> None:
        _whole("tickets", self.tickets, 1, MOST_TICKETS)
        _whole("replications", self.replications, 1, MOST_REPLICATIONS)
        _whole("seed", self.seed, 0, 2**63 - 1)
        _whole("cases", self.cases, 1, 600)
        if self.tickets < self.replications:
            raise _refuse("tickets", f"{self.tickets} tickets do not fill {self.replications} replications.")
        if self.each > MOST_EACH:
            raise _refuse(
                "replications",
                f"{self.each:,} tickets in one replication take too much memory; take at least "
                f"{math.ceil(self.tickets / MOST_EACH):,} replications.",
            )
        if not 1 <= len(self.arms) <= MOST_ARMS:
            raise _refuse("playbooks", f"An experiment compares up to {MOST_ARMS} arms; these are {len(self.arms)}.")
        keys = [arm.key for arm in self.arms]
        if len(set(keys)) < len(keys):
            raise _refuse("playbooks", "Each arm has a name of its own: compare a playbook with itself by --aa.")
        if self.primary not in measures():
            raise _refuse("primary", f"There is no outcome '{self.primary}'. Known are: {', '.join(measures())}.")
        assert self._settings  # refused here, not half-way through

    @property
    def each(self) -> int:
        """Customers of one replication."""
        return self.tickets // self.replications

    @cached_property
    def _settings(self) -> list[DeskSetting]:
        return [self._sized(arm.desk) for arm in self.arms]

    def sized(self, desk: Desk) -> DeskSetting:
        """The setting of an arm's desk with as many days as the customers of one replication need."""
        return next(setting for arm, setting in zip(self.arms, self._settings, strict=True) if arm.desk is desk)

    def _sized(self, desk: Desk) -> DeskSetting:
        if desk.whole:
            return desk.setting
        weeks = self.each / _a_week(desk)
        days = desk.setting.warm_up_days + 7.0 * weeks
        if days <= MOST_DAYS:
            days = min(MOST_DAYS, desk.setting.warm_up_days + 7.0 * whole_weeks(desk, weeks))
        if days > MOST_DAYS:
            raise _refuse(
                "tickets",
                f"{self.each:,} tickets a replication would take {days:,.0f} simulated days at this rate (at most "
                f"{MOST_DAYS:,.0f}). Take more replications, or a higher arrival rate.",
            )
        return replace(desk.setting, days=days, tickets=None)

    def of_one(self, most: int) -> Plan:
        """The same plan with one replication of up to so many customers, as many as fit the longest time."""
        fit = [
            int((MOST_DAYS - arm.desk.setting.warm_up_days) / 7.0 * _a_week(arm.desk))
            for arm in self.arms
            if not arm.desk.whole
        ]
        return replace(self, tickets=max(1, min([most, *fit])), replications=1, disjoint=False)

    def episodes(self, desk: Desk) -> int:
        """How many days make a replication, where every day is a whole."""
        return max(1, math.ceil(self.each / desk.setting.expected())) if desk.whole else 1


def _a_week(desk: Desk) -> float:
    """Customers expected in a week."""
    found = replace(desk.setting, days=7.0, warm_up_days=0.0, tickets=None).expected()
    if not found:
        raise _refuse("arrivals.per_hour", "Nobody writes in within a week: raise the rate.")
    return found


def whole_weeks(desk: Desk, weeks: float) -> float:
    """Weeks as they are run: whole ones where weekdays differ, or a quiet weekend would count at one rate only.

    Less than a quarter of a week stays as it is (and the study warns of it): a trial run of a few customers.
    """
    setting = desk.setting
    alike = len(set(setting.arrivals.weekly)) == 1 and not any(group.shifts for group in setting.agents)
    return weeks if alike or weeks < 0.25 else max(1.0, float(round(weeks)))


def _refuse(field: str, message: str) -> Invalid:
    return Invalid("invalid_experiment", message, field=field)


def _whole(field: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse(field, f"'{field}' is a whole number; {value!r} is not.")
    if not least <= value <= most:
        raise _refuse(field, f"'{field}' is from {least:,} to {most:,}; {value:,} is not.")


# ---------------------------------------------------------------- desks


@cache
def desks() -> dict[str, Desk]:
    """The desk scenarios that come with the desk, by key."""
    table = tomllib.loads(files("playbooks.core.experiments").joinpath("desks.toml").read_text("utf-8"))
    return {key: desk_from(key, entry) for key, entry in table.items()}


def desk_from(key: str, entry: Mapping[str, Any]) -> Desk:
    """A desk from plain data; the language of a customer goes with the profile."""
    unknown = sorted(entry.keys() - {"title", "conduct", "whole", "abandoned_repurchase", "desk"})
    if unknown:
        raise _refuse(unknown[0], f"A desk scenario has no part '{unknown[0]}'.")
    if entry.get("conduct", PLAYED) not in (PLAYED, PUBLISHED):
        raise _refuse("conduct", f"'conduct' is '{PLAYED}' or '{PUBLISHED}'.")
    if not isinstance(entry.get("desk"), Mapping):
        raise _refuse("desk", "A desk scenario has a table 'desk': arrivals, agents, days.")
    title = entry.get("title", {"en": key, "ko": key, "ja": key})
    if not isinstance(title, Mapping) or not all(isinstance(title.get(code), str) for code in ("en", "ko", "ja")):
        raise _refuse("title", "The title of a desk scenario is a table of texts: en, ko, ja.")
    profiles = entry["desk"].get("profiles", {"JP": 1.0})
    known("profiles", profiles, PROFILES)
    data = {"days": 28, **entry["desk"], "languages": languages_of(profiles)}
    return Desk(
        key=key,
        title=title,
        setting=setting_from(data),
        conduct=entry.get("conduct", PLAYED),
        whole=entry.get("whole", False),
        abandoned_repurchase=entry.get("abandoned_repurchase"),
    )


def languages_of(profiles: Mapping[str, float]) -> dict[str, float]:
    """Shares of the languages that customers of these profiles write."""
    shares: dict[str, float] = {}
    for profile, share in profiles.items():
        language = LANGUAGE_OF.get(profile, "en")
        shares[language] = shares.get(language, 0.0) + share
    return shares


def desk_named(key: str) -> Desk:
    if key not in desks():
        raise _refuse("desk", f"There is no desk scenario '{key}'. Known are: {', '.join(desks())}.")
    return desks()[key]


# ---------------------------------------------------------------- one parameter moved


def with_rate(desk: Desk, per_hour: float) -> Desk:
    return replace(desk, setting=replace(desk.setting, arrivals=replace(desk.setting.arrivals, per_hour=per_hour)))


def with_agents(desk: Desk, count: int) -> Desk:
    """So many agents in the first group; a desk of one group has no other."""
    first, *others = desk.setting.agents
    return replace(desk, setting=replace(desk.setting, agents=(replace(first, count=count), *others)))


def with_profiles(desk: Desk, shares: Mapping[str, float]) -> Desk:
    return replace(desk, setting=replace(desk.setting, profiles=dict(shares), languages=languages_of(shares)))


def with_young(desk: Desk, share: float) -> Desk:
    """The Japanese customers of this desk, this share of them young."""
    given = desk.setting.profiles
    japanese = given.get("JP", 0.0) + given.get("JPyoung", 0.0)
    others = {name: value for name, value in given.items() if name not in ("JP", "JPyoung")}
    mixed = {**others, "JP": japanese * (1 - share), "JPyoung": japanese * share}
    return with_profiles(desk, {name: value for name, value in mixed.items() if value > 0})


def arms_of(playbooks: Sequence[Playbook], desk: Desk) -> tuple[Arm, ...]:
    """Each playbook on the same desk."""
    return tuple(Arm(playbook.key, playbook, desk) for playbook in playbooks)
