"""Being told what has gone wrong before one has asked: who was told, who then stays silent, and what it is worth.

That it helps has a sign and no size; see [notice] in evidence.toml. Draws: one number a customer and purpose, of
streams that nothing else reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import Traits
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.streams import uniform

DAY = 86_400
SEPARATOR = "/"
NOT_OURS, NOT_FOUND = "not_ours", "not_found"  # causes without one: investigated, and not yet


@dataclass(frozen=True, slots=True)
class Notice:
    """Customers told of a trouble. `told` of `told + not_told` whom it touches; `emails` names those told."""

    cause: str
    told_at: int
    told: int
    not_told: int | None = None
    emails: frozenset[str] = frozenset()


def cause_key(category: str, *, own_fault: bool, scenario: str = "", said: str = "") -> str:
    """One authored case has one cause in three languages, so its scenario names it; else the confirmed words do."""
    if not own_fault:
        return f"{category}{SEPARATOR}{NOT_OURS}"
    return f"{category}{SEPARATOR}{scenario or '=' + said[:120]}"


def cause_of(case: Case) -> str:
    """What an investigation of this case will find."""
    said = str((case.names or {}).get("cause") or "")
    return cause_key(case.category, own_fault=case.own_fault, scenario=case.scenario or "", said=said)


def reaching(notices: Iterable[Notice], case: Case, *, email: str, at: int) -> Notice | None:
    """The first of these notices that has reached this customer, who would complain at `at`."""
    cause = cause_of(case)
    fitting = [one for one in notices if one.cause == cause and one.told_at < at <= one.told_at + E.notice.days * DAY]
    return next((one for one in sorted(fitting, key=lambda one: one.told_at) if _reached(one, case, email)), None)


def _reached(notice: Notice, case: Case, email: str) -> bool:
    """By name where all are named; else, one of those named, or drawn with the share that was told."""
    if email and email.lower() in notice.emails:
        return True
    if len(notice.emails) >= notice.told:
        return False
    return uniform(case.seed, "notice/told", case.key) < share_told(notice)


def share_told(notice: Notice) -> float:
    """The share of those touched whom a notice reached: assumed where the number of the others is not known."""
    if notice.not_told is None:
        return float(E.notice.reach)
    return notice.told / (notice.told + notice.not_told)


def spares(case: Case) -> bool:
    """Whether this customer, having been told, does not complain at all."""
    return bool(uniform(case.seed, "notice/spared", case.key) < E.notice.spared)


def told_beforehand(x: Experience) -> Experience:
    """The same experience of one who was told before asking: a receipt and the reason were there from the start."""
    return replace(x, told=True, acknowledged=True, explained=True, explained_waiting=True)


def satisfaction_if_told(x: Experience, who: Traits, switches: Switches = DEFAULT, factor: float = 1.0) -> float:
    """S after an advance notice. `factor` moves what is only assumed of it."""
    felt = feelings(told_beforehand(x), who, switches)
    return float(felt.satisfaction) + (factor - 1.0) * float(E.satisfaction.pj * E.notice.procedural)
