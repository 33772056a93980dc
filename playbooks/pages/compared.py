"""The tickets of a choice: the newest one by one, and of more what all of them come to, from the sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks import outcomes, rollup_days, rollups
from playbooks.core.handled import Handled
from playbooks.core.outcome import Outcome
from playbooks.core.sides import OfSums, OfTickets
from playbooks.core.sums import SETTLED_AFTER
from playbooks.core.tally import HISTOGRAMS, Tally
from playbooks.pages import choice as choices
from playbooks.pages.choice import Choice
from tickets import clock as clocks
from tickets.models import Clock

MOST_COUNTED = 20_000  # where no sum knows how many there are


@dataclass(frozen=True, slots=True)
class Read:
    """The newest outcomes of a choice as values, and how many there are in all.

    `assigned` counts how playbooks came to tickets, rehearsals apart: there every customer meets both.
    `sums`: by playbook, what all of them come to, where there are more than those and sums know it.
    """

    handled: tuple[Handled, ...]
    assigned: Mapping[str, int]
    desks: frozenset[str]  # kinds of source among them
    of: int
    sums: Mapping[str, OfSums] | None = None
    counted: bool = True  # or there are more than `of`
    folding: bool = False  # the sums would know it, but are still being made

    @property
    def partly(self) -> bool:
        """Whether there are more than were read one by one."""
        return self.of > len(self.handled)

    @property
    def playbooks(self) -> frozenset[str]:
        return frozenset(self.sums) if self.sums else frozenset(one.playbook for one in self.outcomes)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(one.outcome for one in self.handled)


_CLOCK = ("pk", "main", "sim_at", "wall_at", "speed", "running", "typing_until")


def read(choice: Choice, *, newest: int | None = None) -> Read:
    """The newest outcomes of a choice as values, and of more what all of them come to.

    All figures of the pages are made of what this gives: a query for the tickets, and for many tickets four of sums.
    """
    newest = choices.NEWEST if newest is None else newest
    rows = choices.chosen(choice)
    handled: list[Handled] = []
    desks: set[str] = set()
    assigned = dict.fromkeys(("random", "rule", "choice"), 0)
    instants: dict[int, int] = {}
    wall = clocks.wall()
    fields = ("ticket_id", "data", "assigned_by", "clock__shift", "clock__shift__trainee__username")
    more = ("ticket__assignee__username", *(f"clock__{name}" for name in _CLOCK))
    for ticket, data, assigned_by, shift, in_shift, assignee, *clock in rows.values_list(*fields, *more)[: newest + 1]:
        if len(handled) == newest:
            return _many(choice, tuple(handled), assigned, desks)
        asked = Clock(**dict(zip(_CLOCK, clock, strict=True)))
        now = instants.setdefault(asked.pk, clocks.instant(asked, wall_now=wall))
        handled.append(Handled(ticket, outcomes.from_data(data), now, in_shift or assignee or ""))
        desk = choices.MAIN if asked.main else choices.SHIFTS if shift else choices.REHEARSALS
        desks.add(desk)
        if desk != choices.REHEARSALS and assigned_by in assigned:
            assigned[assigned_by] += 1
    return Read(tuple(handled), assigned, frozenset(desks), len(handled))


def _many(choice: Choice, handled: tuple[Handled, ...], assigned: Mapping[str, int], desks: set[str]) -> Read:
    """There are more than were read."""
    found = summed(choice, handled)
    if found is None:
        of = choices.chosen(choice).order_by().values("pk")[: MOST_COUNTED + 1].count()
        folding = len(choice.segments) <= 1
        counted = of <= MOST_COUNTED
        return Read(handled, assigned, frozenset(desks), min(of, MOST_COUNTED), counted=counted, folding=folding)
    sums, by_source = found
    kinds = {source: source if source in (choices.MAIN, choices.SHIFTS) else choices.REHEARSALS for source in by_source}
    drawn = dict.fromkeys(assigned, 0)
    for source, tally in by_source.items():
        if kinds[source] != choices.REHEARSALS:
            drawn = {how: n + tally.assigned()[how] for how, n in drawn.items()}
    return Read(handled, drawn, frozenset(kinds.values()), sum(side.whole.n for side in sums.values()), sums)


def summed(choice: Choice, newest: Sequence[Handled] = ()) -> tuple[dict[str, OfSums], dict[str, Tally]] | None:
    """By playbook and by source what all tickets of a choice come to; None where sums do not know it.

    Two segments at once are kept in no sum, and sums that are still being made say nothing.
    """
    if len(choice.segments) > 1 or rollups.unread(choices.NEWEST) >= choices.NEWEST:
        return None
    dimension, value = next(iter(choice.segments.items()), (rollups.EVERY, ""))
    asked: dict[str, Any] = {
        "source": choice.source, "since": choice.since, "until": choice.until, "left_out": choice.left_out,
    }  # fmt: skip
    days = rollup_days.read(dimension=dimension, value=value, histograms=HISTOGRAMS, **asked)
    people = rollup_days.read_values("trainee", **asked) if dimension in (rollups.EVERY, "trainee") else None
    by_source = rollup_days.read_sources(dimension=dimension, value=value, playbooks=choice.playbook, **asked)
    settled = _settled_day(choice)
    sums = {}
    for key, of in days.items():
        if choice.playbook and key not in choice.playbook:
            continue
        own = None if people is None else people.get(key, {})
        if own is not None and value:
            own = {name: one for name, one in own.items() if name == value}
        sums[key] = OfSums(
            whole=of.total(),
            trainees=None if own is None else {name: one.total() for name, one in own.items()},
            settled=None if settled is None else of.total(until=settled),
            settled_trainees=None
            if own is None or settled is None
            else {name: one.total(until=settled) for name, one in own.items()},
            newest=_tickets_of(key, newest),
        )
    return (sums, by_source) if sums else None


def _tickets_of(playbook: str, handled: Sequence[Handled]) -> OfTickets:
    own = [one for one in handled if one.outcome.playbook == playbook]
    return OfTickets(tuple(one.outcome for one in own), tuple(one.cluster for one in own), {})


def _settled_day(choice: Choice) -> int | None:
    """The last day on which every wait within the horizons is known; None where clocks stand at different instants."""
    if choice.source != choices.MAIN and choice.rehearsal is None:
        return None
    of = {"main": True} if choice.rehearsal is None else {"rehearsals__key": choice.rehearsal}
    wall = clocks.wall()
    now = min((clocks.instant(clock, wall_now=wall) for clock in Clock.objects.filter(**of)), default=None)
    return None if now is None else rollups.day_of(now - SETTLED_AFTER) - 1
