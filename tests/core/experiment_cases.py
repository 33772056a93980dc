"""Small experiments for the tests: few cases, few tickets, a desk of one's own."""

from __future__ import annotations

from typing import Any

from playbooks.core.experiments.plan import Desk, Plan, arms_of, desk_from
from playbooks.core.playbook import built_in

FAST, LETTER = "fast-resolution", "apology-letter-gift"


def a_desk(**changes: Any) -> Desk:
    """A desk that never closes, with two people and customers from both countries."""
    parts = {
        "begins_h": 9,
        "drain": True,
        "profiles": {"JP": 0.5, "KR": 0.5},
        "arrivals": {"per_hour": 6.0},
        "agents": [{"name": "desk", "count": 2}],
    }
    return desk_from("small", {"desk": {**parts, **changes}})


def a_plan(*keys: str, desk: Desk | None = None, **changes: Any) -> Plan:
    playbooks = [built_in()[key] for key in keys or (FAST, LETTER)]
    parts = {"tickets": 240, "replications": 4, "seed": 7, "cases": 3}
    return Plan(arms=arms_of(playbooks, desk or a_desk()), **{**parts, **changes})
