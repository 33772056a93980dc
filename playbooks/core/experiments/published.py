"""The handling of the published load study as a library: one row a profile, no automatic agents."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from playbooks.core.customer.evidence import E
from playbooks.core.customer.experience import Experience
from playbooks.core.experiments.played import COSTS, Library, columns
from tickets.errors import Invalid

AS_THEY_ARE = (
    "first_h", "resolution_h", "empathy", "listening", "concrete", "ownership", "register", "voice", "updates",
    "letter_h", "gift", "follow_up_day",
)  # fmt: skip


def knows(playbook: str) -> bool:
    """Whether the study has a playbook of this key."""
    return isinstance(_conduct().get(playbook), dict)


def published(playbook: str, profiles: Sequence[str], *, letter_s: int | None = None) -> Library:
    """Invalid where the study has no such playbook. `letter_s`: a letter comes so long after the opening instead."""
    table = _conduct()
    if playbook not in table:
        known = ", ".join(sorted(key for key, value in table.items() if isinstance(value, dict)))
        raise Invalid(
            "no_published_conduct",
            f"The published load study has no playbook '{playbook}' (it has {known}). Choose another desk scenario.",
            field="playbooks",
        )
    of = table[playbook]
    curve = E.waiting[of["channel"]]
    moved = {name: of[name] for name in AS_THEY_ARE if name in of}
    if letter_s is not None and "letter_h" in moved:
        moved["letter_h"] = letter_s / 3_600
    lived = Experience(
        severity=table["severity"],
        monetary=True,
        accepted=True,
        wait_median_h=curve.median_h,
        wait_shape=curve.shape,
        heard=1.0,
        resolved=1.0,
        ratio=1.0,
        acknowledged=True,
        apology=math.fsum(E.apology[part] for part in of["apology"]),
        **moved,
    )
    rows = len(profiles)
    zeros = np.zeros(rows, dtype=np.int64)
    never = np.full(rows, -1)
    return Library(
        profiles=tuple(profiles),
        count=1,
        lived=columns([lived] * rows),
        start=np.arange(rows + 1),
        after=np.zeros(rows),
        work=np.full(rows, 60.0 * of["work_min"]),
        first=zeros,
        solved=zeros,
        letter=zeros if "letter_h" in of else never,
        remedied=zeros,
        accepted=np.full(rows, bool(of.get("gift"))),
        cost={part: np.zeros(rows) for part in COSTS},
        wage=np.full(rows, float(E.cost.agent_hour["JPY"])),
        spread=float(table["shape"]),
    )


@cache
def _conduct() -> dict[str, Any]:
    return tomllib.loads(files("playbooks.core.experiments").joinpath("conduct.toml").read_text("utf-8"))
