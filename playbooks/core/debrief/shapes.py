"""What a debrief holds: plain records, all of them numbers and names. How they are worded is the pages'."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

from playbooks.core.customer.evidence import Switches
from playbooks.core.language.finding import Finding

NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """What something added to each feeling; negative where it took away."""

    distributive: float
    procedural: float
    interactional: float
    satisfaction: float
    cumulative: float

    @property
    def none(self) -> bool:
        return all(abs(value) < NOTHING for value in asdict(self).values())


@dataclass(frozen=True, slots=True)
class Number:
    """A coefficient as it applies to this customer, with where it comes from."""

    name: str
    value: Any
    unit: str
    source: str
    mark: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and what it did. `value`: how much of it there was; `at_best`: what it could have added."""

    what: str
    value: float
    effect: Effect
    why: tuple[Number, ...]
    sentences: tuple[int, ...] = ()  # those that it rests on; none: the message as a whole
    at_best: Effect | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence by its offsets, the lines that rest on it first of all, and the findings that begin in it."""

    start: int
    end: int
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One public word. The customer's own stand there for the context, without lines."""

    seq: int  # place in the log, from 0
    at: int
    author: str
    text: str
    letter: bool
    sentences: tuple[Sentence, ...] = ()
    lines: tuple[Line, ...] = ()  # of the message as a whole
    effect: Effect | None = None  # of all it says together
    read_alike: bool | None = None  # whether reading an agent's own text now gives what reached the customer
    rules_changed: bool = False  # whether it was read by another list of rules than today's


@dataclass(frozen=True, slots=True)
class Point:
    """How content the customer was at one moment, and what of the log they saw then."""

    at: int
    satisfaction: float
    names: tuple[str, ...]
    events: tuple[int, ...]  # places in the log


@dataclass(frozen=True, slots=True)
class Switched:
    """The end under one setting of the model's switches."""

    name: str
    satisfaction: float
    repurchase: float


@dataclass(frozen=True, slots=True)
class Felt:
    """The equations' answer at one moment."""

    distributive: float
    procedural: float
    interactional: float
    satisfaction: float
    cumulative: float
    repurchase: float


@dataclass(frozen=True, slots=True)
class Debrief:
    """One ticket looked back on, as it stands at `until`."""

    until: int
    switches: Switches
    untouched: Felt  # had nobody done anything at all
    felt: Felt
    words: tuple[Word, ...]
    deeds: tuple[Line, ...]  # time, remedy, gift and what went wrong
    given: tuple[Line, ...]  # what nobody at the desk could change
    parts: Mapping[str, Effect]  # speed, words, remedy, letter, gift: each switched off by itself
    points: tuple[Point, ...]
    curve: tuple[tuple[int, float], ...]  # between the points: what waiting does
    weights: tuple[Number, ...]  # of the three justices in satisfaction
    switched: tuple[Switched, ...]

    def to_dict(self) -> dict[str, Any]:
        return dict(plain(self))


def plain(value: Any) -> Any:
    """Records as JSON values. JSON knows no infinity: what never came is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):  # also those that cannot be copied
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
