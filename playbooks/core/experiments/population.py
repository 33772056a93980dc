"""The customers of an experiment, by number: who they are, which case is theirs, and what each will decide.

Drawn from named streams by replication and number alone, so every playbook and every desk meets the same people, and
each replication can be computed by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from playbooks.core.customer.persona import METRICS, TRAITS_WIDTH, Traits, traits_of
from playbooks.core.desk.draws import Codes
from playbooks.core.streams import Uniforms, block

Ints = npt.NDArray[np.int64]
AT_ONCE = 4_096
TRAITS_READ = 6  # of the TRAITS_WIDTH uniforms of a customer; temper and manner only matter where people talk


@dataclass(frozen=True, slots=True)
class Population:
    """Customers start … start + n - 1. Uniforms are columns by metric where they belong to a survey."""

    profile: Ints  # index into the profiles of the plan
    row: Ints  # of the library: the case, and how it is handled
    traits: Traits  # of arrays
    spread: Uniforms  # of the work on the ticket, where the library has none of its own
    responds: Uniforms  # (n, metrics): answers the survey?
    scale: Uniforms  # (n, metrics): ticks the middle?
    buys: Uniforms
    tells: Uniforms
    rows: int  # of the library

    def __len__(self) -> int:
        return len(self.row)


def population(
    seed: int, replications: Sequence[int], profiles_of: Sequence[Codes], *, profiles: Sequence[str], cases: int
) -> Population:
    """The people of these replications of a desk on end; `profiles_of`: their codes into `profiles`, as it drew them.

    `cases`: rows of a library for each profile.
    """

    def drawn(purpose: str, width: int) -> Uniforms:
        parts = [
            block(seed, f"experiment/{replication}/{purpose}", len(of), width)
            for replication, of in zip(replications, profiles_of, strict=True)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    profile = np.concatenate(profiles_of).astype(np.int64)
    case = np.minimum((drawn("case", 1)[:, 0] * cases).astype(np.int64), cases - 1)
    later = drawn("later", 3)
    return Population(
        profile=profile,
        row=profile * cases + case,
        traits=traits_at(profiles, profile, drawn("traits", TRAITS_WIDTH)),
        spread=later[:, 2],
        responds=drawn("responds", len(METRICS)),
        scale=drawn("scale", len(METRICS)),
        buys=later[:, 0],
        tells=later[:, 1],
        rows=cases * len(profiles),
    )


def traits_at(profiles: Sequence[str], profile: Ints, u: Uniforms) -> Traits:
    """Traits of people of mixed profiles, by index; some thousands at a time, which a processor keeps near by."""
    columns = {field.name: np.empty(len(profile)) for field in fields(Traits)}
    for index, name in enumerate(profiles):
        of = np.flatnonzero(profile == index)
        for place in range(0, len(of), AT_ONCE):
            rows = of[place : place + AT_ONCE]
            some = traits_of(name, u[rows, :TRAITS_READ])
            for key, column in columns.items():
                column[rows] = getattr(some, key)
    return Traits(**columns)
