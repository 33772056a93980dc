"""How a playbook handles a case where nobody has to queue: played by an automatic agent, then read as numbers.

The simulated desk does not know texts, rails or promises. It knows visits (an agent works on the ticket for so long,
so long after the visit before) and what the customer lives through besides waiting. Both are read from the log that
`replay.play` leaves, with the functions that read a live ticket, so a changed playbook changes them by itself.

Waiting for an agent shifts what comes after: whatever happened in the visit v of the log happens later by all the
waiting up to and including v. Nothing else depends on the queue; who has to wait too long leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from playbooks.core.case import PROFILES, Case
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import Experience, experience_of, is_letter
from playbooks.core.outcome import outcome_of
from playbooks.core.playbook import Playbook
from playbooks.core.profiles import Profile, profile_for
from playbooks.core.replay import play
from playbooks.core.scenarios import scenarios
from playbooks.core.scenarios.draw import case_of_scenario, opening
from tickets.calendars import ALWAYS
from tickets.durations import solved_at
from tickets.lifecycle import is_human_reply
from tickets.log import AGENT, Log, first_at

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOUR, DAY = 3_600, 86_400
OPENED_AT = 1_767_571_200  # a Monday, 00:00 UTC: the calendar is open round the clock, so it only names the instants
DAYS = 45  # until the last follow-up and survey of any playbook is over
PAUSE = 120  # seconds between two pieces of work that still belong to one visit
NONE = -1
LANGUAGE_OF = {"US": "en", "JP": "ja", "JPyoung": "ja", "KR": "ko"}
COUNTRY = {"JPyoung": "JP"}  # profiles whose complaints are those of another
COSTS = ("remedy", "gift", "letter")


@dataclass(frozen=True, slots=True)
class Visit:
    """An agent's work on a ticket without a break: seconds since the visit before ended, and seconds of work."""

    after: int
    work: int


@dataclass(frozen=True, slots=True)
class Played:
    """One case, handled without queueing. `first`, `solved`, `letter`, `remedied`: in which visit, -1 for never."""

    case: Case
    lived: Experience
    visits: tuple[Visit, ...]
    first: int
    solved: int
    letter: int
    remedied: int
    accepted: bool
    cost: Mapping[str, float]  # minor units of the case's currency, labour left out: the desk counts it


def read_off(case: Case, playbook: Playbook, log: Log, *, until: int) -> Played:
    """Read one log. The number of a visit is that of the last one begun by then."""
    worked = [(e.at - seconds, e.at) for e in log if e.actor == AGENT and (seconds := int(e.data.get("seconds", 0)))]
    spans = _joined(worked)
    created = log[0].at
    befores = [created, *(end for _, end in spans[:-1])][: len(spans)]
    outcome = outcome_of(case, log, playbook=playbook.key, steps=(), calendar=ALWAYS, now=until)
    remedies = [e for e in log if e.name == "remedy.given"]

    def visit_at(at: int | None) -> int:
        return NONE if at is None else sum(start <= at for start, _ in spans) - 1

    return Played(
        case=case,
        lived=experience_of(case, log, until=until),
        visits=tuple(
            Visit(max(0, start - before), end - start) for (start, end), before in zip(spans, befores, strict=True)
        ),
        first=visit_at(next((e.at for e in log if is_human_reply(e)), None)),
        solved=visit_at(solved_at(log)),
        letter=visit_at(next((e.at for e in log if e.name == "comment.created" and is_letter(e)), None)),
        remedied=visit_at(remedies[0].at if remedies else None),
        accepted=first_at(log, "customer.accepted") is not None,
        cost={part: float(outcome.cost[part]) for part in COSTS},
    )


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces of work as visits: what follows within the pause belongs to the same one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + PAUSE:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def handle(
    case: Case, playbook: Playbook, text: str, *, agent: Profile | None = None, switches: Switches = DEFAULT
) -> Played:
    """Have an automatic agent handle this case, round the clock, with nobody else in the queue."""
    replayed = play(
        case,
        playbook,
        opened_at=OPENED_AT,
        text=text,
        calendar=ALWAYS,
        days=DAYS,
        agent=agent or profile_for(playbook),
        switches=switches,
    )
    return read_off(case, playbook, replayed.log, until=OPENED_AT + DAYS * DAY)


def cases(profiles: Sequence[str], *, count: int, seed: int) -> list[tuple[Case, str]]:
    """The complaints of a simulated desk with their first words: the authored ones in turn, `count` a profile.

    Young customers bring the same complaints as the others of their country, so that a difference is that of age.
    """
    authored = sorted(scenarios().values(), key=lambda scenario: scenario.key)
    drawn = []
    for profile in profiles:
        for number in range(count):
            scenario, key = authored[number % len(authored)], f"desk/{COUNTRY.get(profile, profile)}/{number}"
            case = replace(case_of_scenario(scenario, LANGUAGE_OF[profile], key=key, seed=seed), profile=profile)
            drawn.append((case, opening(scenario, case)[1]))
    return drawn


# ---------------------------------------------------------------- many, as arrays


@dataclass(frozen=True)
class Library:
    """Handlings of one playbook as arrays; row `profile · count + number` is the same case for every playbook.

    `after`, `work` (seconds) hold the visits of all rows on end, those of row i from `start[i]` to `start[i + 1]`.
    """

    profiles: tuple[str, ...]
    count: int
    lived: Experience  # of arrays
    start: Ints
    after: Floats
    work: Floats
    first: Ints
    solved: Ints
    letter: Ints
    remedied: Ints
    accepted: npt.NDArray[np.bool_]
    cost: Mapping[str, Floats]  # in `currency`
    wage: Floats  # of an hour of work, in `currency`
    spread: float | None = None  # shape of a gamma factor on each ticket's work; None: the log holds the spread

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def visits(self) -> Ints:
        """How many each row takes."""
        return np.diff(self.start)

    @cached_property
    def case(self) -> list[int]:
        """Which authored complaint each row is, whatever the culture."""
        authored = len(scenarios())
        return [row % self.count % authored for row in range(len(self))]

    @cached_property
    def since(self) -> Floats:
        """Seconds from the end of a row's first visit to the beginning of each visit, nobody waiting in between."""
        length = self.after + self.work
        ends = np.concatenate(([0.0], np.cumsum(length)))
        row = np.repeat(np.arange(len(self)), self.visits)
        first_end = ends[np.minimum(self.start[:-1] + 1, len(length))]
        since: Floats = np.maximum(ends[:-1] + self.after - first_end[row], 0.0)
        return since

    @cached_property
    def spent(self) -> Floats:
        """On remedy, gift and letter of each row."""
        return np.asarray(sum(self.cost[part] for part in COSTS))


def library(handlings: Sequence[Played], *, profiles: Sequence[str], count: int, rates: Mapping[str, float]) -> Library:
    """Stack handlings, profile by profile. `rates`: minor units of each currency for one of the report's."""
    visits = [visit for one in handlings for visit in one.visits]
    rate = np.array([rates[one.case.currency] for one in handlings])
    return Library(
        profiles=tuple(profiles),
        count=count,
        lived=columns([one.lived for one in handlings]),
        start=np.cumsum([0, *(len(one.visits) for one in handlings)]),
        after=np.array([visit.after for visit in visits], dtype=float),
        work=np.array([visit.work for visit in visits], dtype=float),
        first=np.array([one.first for one in handlings]),
        solved=np.array([one.solved for one in handlings]),
        letter=np.array([one.letter for one in handlings]),
        remedied=np.array([one.remedied for one in handlings]),
        accepted=np.array([one.accepted for one in handlings]),
        cost={part: np.array([one.cost[part] for one in handlings]) / rate for part in COSTS},
        wage=np.array([float(E.cost.agent_hour[one.case.currency]) for one in handlings]) / rate,
    )


def played(
    playbook: Playbook,
    profile: str,
    *,
    count: int,
    seed: int,
    switches: Switches = DEFAULT,
    agent: Profile | None = None,
    told: Callable[[int], None] = lambda done: None,
) -> list[Played]:
    """What automatic agents make of `count` cases of this profile under this playbook. `told` hears of each."""
    assert profile in PROFILES
    found = []
    for case, text in cases([profile], count=count, seed=seed):
        found.append(handle(case, playbook, text, agent=agent, switches=switches))
        told(len(found))
    return found


def columns(rows: Sequence[Experience]) -> Experience:
    """One experience of arrays from many of floats."""
    return Experience(
        **{field.name: _column([getattr(row, field.name) for row in rows]) for field in fields(Experience)}
    )


def _column(values: Sequence[Any]) -> Any:
    return np.array(values, dtype=bool if isinstance(values[0], bool | np.bool_) else float)


def taken(lived: Experience, rows: Ints) -> Experience:
    """The experiences of these rows."""
    return Experience(**{field.name: getattr(lived, field.name)[rows] for field in fields(Experience)})


def delayed(lived: Experience, waited: Mapping[str, Floats]) -> Experience:
    """The same handlings, each part later by the seconds waited for it: `first`, `solved`, `letter`, `remedied`."""
    return replace(
        lived,
        first_h=lived.first_h + waited["first"] / HOUR,
        resolution_h=lived.resolution_h + waited["solved"] / HOUR,
        letter_h=lived.letter_h + waited["letter"] / HOUR,
        delay_days=lived.delay_days + waited["remedied"] / DAY,
    )


# What who leaves unanswered keeps of the handling of the case: what was so before anybody answered.
BEFORE = frozenset(
    {"severity", "monetary", "accepted", "prior", "failure_number", "wait_median_h", "wait_shape", "acknowledged"}
)


def abandon(lived: Experience, rows: Ints, waited: Floats) -> None:
    """Write into these rows what is lived through by who leaves the queue after so many seconds: the bot's receipt
    at most."""
    nothing = Experience()
    for field in fields(Experience):
        if field.name not in BEFORE:
            getattr(lived, field.name)[rows] = getattr(nothing, field.name)
    lived.first_h[rows] = waited / HOUR
    lived.bot_only[rows] = lived.acknowledged[rows]
    lived.left[rows] = True
