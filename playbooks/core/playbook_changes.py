"""What differs between two versions of a playbook, and when its steps are planned. Pure.

A difference is named by where it stands and what it was and is; how that is said is the page's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playbooks.core.playbook import GiftPolicy, Playbook, Step

HEAD = ("title", "summary", "hue", "manner", "agents", "letter_severity")
OF_STEP = (
    "title", "why", "stage", "by", "deed", "after", "within", "within_by_channel", "latest", "send_after", "clock",
    "when", "remind",
)  # fmt: skip
OF_QUESTION = ("metric", "anchor", "after", "text")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind`: changed, added, removed, moved; `part`: playbook, step, gift, question.

    `name` is the step or question it concerns; `before` and `after` are the values, or places counted from 0.
    """

    kind: str
    part: str
    name: str
    field: str = ""
    before: Any = None
    after: Any = None


def changes(before: Playbook, after: Playbook) -> tuple[Change, ...]:
    """All that differs, in the order in which a reader meets it."""
    found = [
        Change("changed", "playbook", "", field, getattr(before, field), getattr(after, field))
        for field in HEAD
        if getattr(before, field) != getattr(after, field) and not _follows_key(field, before, after)
    ]
    return (*found, *_of_steps(before, after), *_of_gift(before.gift, after.gift), *_of_questions(before, after))


def _follows_key(field: str, before: Playbook, after: Playbook) -> bool:
    """A profile that nobody named goes with the key of the playbook."""
    return field == "agents" and (before.agents, after.agents) == (before.key, after.key)


def _of_steps(before: Playbook, after: Playbook) -> list[Change]:
    old, new = {step.key: step for step in before.steps}, {step.key: step for step in after.steps}
    found = [Change("removed", "step", key, before=step) for key, step in old.items() if key not in new]
    found += [Change("added", "step", key, after=step) for key, step in new.items() if key not in old]
    kept_before, kept_after = [key for key in old if key in new], [key for key in new if key in old]
    for key in kept_after:
        found += _fields("step", key, old[key], new[key], OF_STEP)
    found += [
        Change("moved", "step", key, before=kept_before.index(key), after=kept_after.index(key))
        for key in _moved(kept_before, kept_after)
    ]
    return found


def _moved(before: list[str], after: list[str]) -> list[str]:
    """The fewest steps that explain the new order: all but a longest run that kept its order."""
    rank = {key: n for n, key in enumerate(before)}
    runs: list[list[str]] = []
    for key in after:
        runs.append([*_longest([run for run in runs if rank[run[-1]] < rank[key]]), key])
    kept = set(_longest(runs))
    return [key for key in after if key not in kept]


def _longest(runs: list[list[str]]) -> list[str]:
    return max(runs, key=len) if runs else []


def _fields(part: str, name: str, old: Any, new: Any, fields: tuple[str, ...]) -> list[Change]:
    return [
        Change("changed", part, name, field, getattr(old, field), getattr(new, field))
        for field in fields
        if getattr(old, field) != getattr(new, field)
    ]


def _of_gift(old: GiftPolicy | None, new: GiftPolicy | None) -> list[Change]:
    if old is None or new is None:
        kind = "removed" if old else "added"
        return [] if old is new else [Change(kind, "gift", "", before=old, after=new)]
    return _fields("gift", "", old, new, ("price_percent", "smallest", "bands"))


def _of_questions(before: Playbook, after: Playbook) -> list[Change]:
    old = {question.metric: question for question in before.questions}
    new = {question.metric: question for question in after.questions}
    found = [Change("removed", "question", key, before=one) for key, one in old.items() if key not in new]
    found += [Change("added", "question", key, after=one) for key, one in new.items() if key not in old]
    for key in new:
        if key in old:
            found += _fields("question", key, old[key], new[key], OF_QUESTION)
    return found


# ---------------------------------------------------------------- when its steps are planned


@dataclass(frozen=True, slots=True)
class Planned:
    """A step where every step before it is done exactly at its target: seconds from the complaint."""

    step: Step
    start: int
    due: int
    latest: int


def planned(playbook: Playbook) -> tuple[Planned, ...]:
    """When each step falls due at best practice, as if the desk were always open and every condition held."""
    done: dict[str, int] = {}
    found = []
    for step in playbook.in_order:
        start = max(_anchor(playbook, anchor, done) for anchor in step.after)
        due = start + step.within
        done[step.key] = due
        found.append(Planned(step, start, due, start + step.latest))
    return tuple(found)


_ANCHOR_DEED = {
    "facts_confirmed": "confirm_facts",
    "apology_accepted": "apologise",
    "remedy": "remedy",
    "solved": "solve",
}


def _anchor(playbook: Playbook, anchor: str, done: dict[str, int]) -> int:
    """When an anchor is reached: a step's target, or the first target of a step that reaches it."""
    if anchor in done:
        return done[anchor]
    reaching = [done[s.key] for s in playbook.steps if s.key in done and s.deed == _ANCHOR_DEED.get(anchor)]
    return min(reaching, default=0)
