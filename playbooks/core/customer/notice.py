"""Being told what has gone wrong before one has asked. Sign and size are assumed; see [notice] in evidence.toml."""

from __future__ import annotations

from dataclasses import replace

from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import Traits
from playbooks.core.customer.satisfaction import feelings


def told_beforehand(x: Experience) -> Experience:
    """The same experience of one who was told before asking: a receipt and the reason were there from the start."""
    return replace(x, acknowledged=True, explained=True, explained_waiting=True)


def satisfaction_if_told(x: Experience, who: Traits, switches: Switches = DEFAULT, factor: float = 1.0) -> float:
    """S after an advance notice. `factor` moves what is only assumed of it."""
    felt = feelings(told_beforehand(x), who, switches)
    return float(felt.satisfaction) + factor * float(E.satisfaction.pj * E.notice.procedural)
