"""How the steps of each playbook were kept, and in which stage of JIS Q 10002 the time of its tickets goes.

One query for both: the ended steps of the tickets that the page compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from playbooks.core.adherence import HOWS, Ended, Kept, adherence
from playbooks.core.conditions import reason_text, reasons, stage_text
from playbooks.core.handled import Handled
from playbooks.core.playbook import STAGES, Playbook
from playbooks.core.plot import Scale
from playbooks.core.rail import DONE
from playbooks.core.stages import WAITING, by_stage, means
from playbooks.core.statistics import Interval
from playbooks.models import StepRun
from playbooks.pages import choice as choices
from playbooks.pages.choice import Choice, chosen
from playbooks.pages.figures import Cell, Column
from playbooks.pages.numbers import NOTHING, between, number, percent, time
from playbooks.pages.outcomes_words import word
from playbooks.pages.reading import in_language, language

BARS_BROAD, BARS_SLIM = 640, 340
LINE, HEAD, GAP = 16, 20, 12
AFTERWARDS = "satisfaction"  # once it is resolved: no wait of the customer's


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step: its name, and a cell for each way in which it ended."""

    key: str
    title: str
    cells: tuple[tuple[str, Cell], ...]  # met, late, missed, left_out
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepsOf:
    column: Column
    steps: tuple[StepShown, ...]


@dataclass(frozen=True, slots=True)
class StageBar:
    column: Column
    y: float
    width: float
    end: float
    words: str


@dataclass(frozen=True, slots=True)
class StageShown:
    """A stage: one bar a playbook."""

    title: str
    y: float
    bars: tuple[StageBar, ...]


@dataclass(frozen=True, slots=True)
class StagesDrawn:
    key: str
    width: int
    height: int
    stages: tuple[StageShown, ...]
    table: tuple[tuple[str, tuple[Cell, ...]], ...]


def ended_steps(choice: Choice) -> list[Ended]:
    """Of the newest tickets of the choice (one query)."""
    tickets = chosen(choice).values("ticket_id")[: choices.NEWEST]
    fields = ("run__ticket_id", "step", "state", "due_at", "done_at", "met", "reason")
    rows = StepRun.objects.filter(run__ticket_id__in=tickets).order_by("pk").values_list(*fields)
    return [Ended(*row) for row in rows.iterator(chunk_size=2_000)]


# ---------------------------------------------------------------- adherence


def steps_kept(
    shown: Sequence[Column],
    handled: Sequence[Handled],
    ended: Sequence[Ended],
    playbooks: Mapping[str, Playbook],
) -> list[StepsOf]:
    of = {one.ticket: one.outcome.playbook for one in handled}
    by_playbook: dict[str, list[Ended]] = defaultdict(list)
    for step in ended:
        if step.ticket in of:
            by_playbook[of[step.ticket]].append(step)
    return [
        StepsOf(column, tuple(_steps(adherence(by_playbook[column.key]), playbooks.get(column.key))))
        for column in shown
    ]


def _steps(found: Mapping[str, Kept], playbook: Playbook | None) -> list[StepShown]:
    order = [step.key for step in playbook.steps] if playbook else []
    keys = sorted(found, key=lambda key: (order.index(key) if key in order else len(order), key))
    return [_step(key, found[key], playbook) for key in keys]


def _step(key: str, kept: Kept, playbook: Playbook | None) -> StepShown:
    step = playbook.step(key) if playbook else None
    counts = (kept.met, kept.late, kept.missed, kept.left_out)
    ended = kept.judged + kept.left_out
    return StepShown(
        key,
        in_language(step.title) if step else key,
        tuple(
            (how, _counted(count, ended if how == "left_out" else kept.judged))
            for how, count in zip(HOWS, counts, strict=True)
        ),
        tuple(f"{_reason(reason)} ({number(n)})" for reason, n in kept.reasons.items()),
    )


def _counted(count: int, of: int) -> Cell:
    if not of:
        return Cell(NOTHING)
    return Cell(percent(count / of), "", f"{number(count)} / {number(of)}")


def _reason(key: str) -> str:
    if not key:
        return word("steps", "unknown")
    return reason_text(key, language()) if key in reasons() else key


# ---------------------------------------------------------------- stages


def stage_times(
    shown: Sequence[Column], handled: Sequence[Handled], ended: Sequence[Ended], playbooks: Mapping[str, Playbook]
) -> dict[str, dict[str, Interval]]:
    """Playbook -> stage -> mean seconds of a ticket."""
    done: dict[int, list[tuple[int, str]]] = defaultdict(list)
    of = {one.ticket: one.outcome.playbook for one in handled}
    stage = {(key, step.key): step.stage for key, playbook in playbooks.items() for step in playbook.steps}
    for one in ended:
        where = stage.get((of.get(one.ticket, ""), one.step))
        if one.state == DONE and one.done_at is not None and where is not None:
            done[one.ticket].append((one.done_at, where))
    spent: dict[str, list[dict[str, int]]] = defaultdict(list)
    for ticket in handled:
        until = None if ticket.outcome.resolved else ticket.now
        spent[ticket.outcome.playbook].append(by_stage(ticket.outcome.opened_at, done[ticket.ticket], open_until=until))
    return {column.key: means(spent[column.key], (*STAGES, WAITING)) for column in shown}


def stages_drawn(shown: Sequence[Column], found: Mapping[str, Mapping[str, Interval]]) -> list[StagesDrawn]:
    """Bars by stage, a line a playbook, in two widths; stages in which nobody spends time are left out."""
    known = [stage for stage in (*STAGES, WAITING) if any((found[c.key][stage].estimate or 0) > 0 for c in shown)]
    if not set(known) - {WAITING}:  # no step has been done: there is nothing to give time to
        return []
    waited = [stage for stage in known if stage != AFTERWARDS]
    most = max((found[c.key][stage].estimate or 0 for stage in waited for c in shown), default=0)
    if not most:
        return []
    table = tuple((_title(stage), tuple(_stage_cell(found[c.key][stage]) for c in shown)) for stage in known)
    return [
        replace(_drawn(name, width, waited, most, shown, found), table=table)
        for name, width in (("broad", BARS_BROAD), ("slim", BARS_SLIM))
    ]


def _drawn(
    name: str,
    width: int,
    stages: Sequence[str],
    most: float,
    shown: Sequence[Column],
    found: Mapping[str, Mapping[str, Interval]],
) -> StagesDrawn:
    scale = Scale(0.0, most, 0.0, width - 150.0)
    block = HEAD + LINE * len(shown) + GAP
    drawn = tuple(
        StageShown(
            _title(stage),
            row * block + HEAD - 6.0,
            tuple(
                _bar(column, found[column.key][stage], row * block + HEAD + LINE * place, scale)
                for place, column in enumerate(shown)
            ),
        )
        for row, stage in enumerate(stages)
    )
    return StagesDrawn(name, width, block * len(stages), drawn, ())


def _title(stage: str) -> str:
    return word("stages", WAITING) if stage == WAITING else stage_text(stage, language())


def _bar(column: Column, found: Interval, y: float, scale: Scale) -> StageBar:
    seconds = found.estimate or 0.0
    width = max(1.0, scale.at(seconds))
    return StageBar(column, y, width, width + 6, time(seconds) if seconds else NOTHING)


def _stage_cell(found: Interval) -> Cell:
    if not found.estimate:  # nobody came to it
        return Cell(NOTHING)
    low = None if found.low is None else max(0.0, found.low)
    wide = low is not None and found.high is not None and found.high - low >= 1
    interval = between(low, found.high, time) if wide else ""
    return Cell(time(found.estimate), interval, word("judged", "of_n", n=number(found.n)))
