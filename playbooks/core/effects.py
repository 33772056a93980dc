"""What somebody does to a case, as plain values.

Decisions (customer, automatic agent, follow-up) return effects. `playbooks/driver.py` applies them
to rows, `playbooks/core/replay.py` to values; the events they leave are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playbooks.core.facts import NOTHING, Facts


@dataclass(frozen=True, slots=True)
class Say:
    """A comment. `author` is customer, agent, bot or system."""

    author: str
    text: str
    facts: Facts = NOTHING
    public: bool = True
    channel: str | None = None  # None: the ticket's own channel
    seconds: int = 0  # working time it took an agent


@dataclass(frozen=True, slots=True)
class Become:
    """A change of status by `actor`."""

    status: str
    actor: str


@dataclass(frozen=True, slots=True)
class Note:
    """An event that is neither a comment nor a status: `name` is in tickets.log.EVENT_NAMES."""

    name: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


Effect = Say | Become | Note
