"""What the comparison says beyond its table, put together once for the page and for the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from playbooks.core.adherence import HOWS
from playbooks.core.handled import handlers, several_trainees
from playbooks.core.playbook import Playbook
from playbooks.pages import wording
from playbooks.pages.choice import Choice
from playbooks.pages.compared import Read
from playbooks.pages.figures import Column, linked_row
from playbooks.pages.numbers import number
from playbooks.pages.outcomes_curves import CurvePicture, curve_pictures, settled_sides
from playbooks.pages.outcomes_judged import JudgedPair, by_sums, judged_pairs
from playbooks.pages.outcomes_steps import (
    StagesDrawn,
    StepShown,
    StepsOf,
    ended_steps,
    stage_times,
    stages_drawn,
    steps_kept,
)
from playbooks.pages.outcomes_tickets import STEP, address
from playbooks.pages.outcomes_words import word, words


@dataclass(frozen=True, slots=True)
class Parts:
    judged: list[JudgedPair]
    curves: list[CurvePicture]
    steps: list[StepsOf]
    stages: list[StagesDrawn]
    hows: tuple[str, ...]  # heads of the table of steps
    notes: tuple[str, ...]
    basis: Mapping[str, str]  # of a section: of which tickets it is, where not of all


def parts(choice: Choice, found: Read, shown: Sequence[Column], playbooks: Mapping[str, Playbook]) -> Parts:
    """One query: the steps."""
    ended = ended_steps(choice)
    here = address(choice)
    steps = [
        replace(of, steps=tuple(_linked(step, of.column, here) for step in of.steps))
        for of in steps_kept(shown, found.handled, ended, playbooks)
    ]
    pairs = judged_pairs(shown, found.handled, same_customers=choice.rehearsal is not None)
    curves = curve_pictures(shown, found.handled)
    return Parts(
        judged=[
            replace(pair, lines=tuple(replace(line, href=here("", line.about)) for line in pair.lines))
            for pair in pairs
        ],
        curves=[replace(one, rows=tuple(linked_row(row, shown, here) for row in one.rows)) for one in curves],
        steps=steps,
        stages=stages_drawn(shown, stage_times(shown, found.handled, ended, playbooks)),
        hows=tuple(word("steps", how) for how in HOWS),
        basis=_basis(found, shown, same_customers=choice.rehearsal is not None),
        notes=(word("rows", f"by_{handlers(found.handled)}"),) if several_trainees(found.handled) else (),
    )


def _basis(found: Read, shown: Sequence[Column], *, same_customers: bool) -> dict[str, str]:
    if not found.partly:
        return {}
    newest = word("basis", "of_newest", shown=number(len(found.handled)), of=number(found.of))
    judged = newest
    if all(by_sums(column, shown[0], same_customers=same_customers) for column in shown):
        judged = ""
    curves = word("basis", "of_settled") if settled_sides(shown) else newest
    return {"judged": judged, "curves": curves, "tickets": newest}


def _linked(step: StepShown, column: Column, here: Callable[[str, str], str]) -> StepShown:
    """Each count leads to the tickets on which the step ended so."""
    cells = tuple((how, replace(cell, href=here(column.key, f"{STEP}{step.key}:{how}"))) for how, cell in step.cells)
    return replace(step, cells=cells)


def described(choice: Choice, source: str, playbooks: Mapping[str, str], people: Mapping[str, str]) -> list[str]:
    """The choice in words, for a sheet of paper."""
    said = [source]
    if choice.since or choice.until:
        said.append(f"{choice.since or '…'} – {choice.until or '…'}")
    said += [playbooks[key] for key in choice.playbook]
    said += [
        str(names.get(value, value))
        for names, value in (
            (wording.LANGUAGE, choice.language),
            (wording.COMPLAINT, choice.category),
            (words("severity"), choice.severity),
            (words("culture"), choice.culture),
            (wording.CHANNEL, choice.channel),
            (people, choice.trainee),
        )
        if value
    ]
    return said
