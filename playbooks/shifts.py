"""A trainee's practice session: its own clock, and customers who come in by it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from playbooks import definitions
from playbooks.core import streams
from playbooks.core.scenarios import case_of_scenario, opening, scenarios
from playbooks.intake import Complaint
from playbooks.models import Arrival, Shift
from tickets import clock as clocks
from tickets.errors import Invalid
from tickets.lifecycle import CHAT_CHANNELS
from tickets.models import Agent, Clock

MOST_CUSTOMERS = 30
GAP = 240  # mean simulated seconds between two customers of a shift
FIRST_AFTER = 5


def start_shift(
    trainee: Agent,
    *,
    now: int,
    wall_now: float,
    scenario_keys: Sequence[str],
    language: str,
    playbook: str,
    speed: int,
    customers: int,
    seed: int | None = None,
) -> Shift:
    """A new shift that runs at once. `now` is the simulated instant at which its clock starts."""
    known = scenarios()
    for key in scenario_keys:
        if key not in known:
            raise Invalid("unknown_scenario", f"There is no scenario '{key}'.", field="scenarios")
    if not scenario_keys:
        raise Invalid("required", "Choose at least one scenario.", field="scenarios")
    if language not in ("ko", "ja", "en"):
        raise Invalid("unknown_language", "language is one of ko, ja, en.", field="language")
    if not 1 <= customers <= MOST_CUSTOMERS:
        raise Invalid("out_of_range", f"A shift has 1 to {MOST_CUSTOMERS} customers.", field="customers")
    if speed not in clocks.SPEEDS:
        raise Invalid("unknown_speed", f"speed is one of {', '.join(map(str, clocks.SPEEDS))}.", field="speed")
    if playbook not in ("rule", "random"):
        definitions.current(playbook)
        definitions.refuse_hidden(playbook)
    with transaction.atomic():
        ordinal = Shift.objects.filter(trainee=trainee).count() + 1
        seed = seed if seed is not None else streams.index_of(f"shift/{trainee.username}/{ordinal}") % 2**31
        clock = Clock.objects.create(
            key=f"shift/{trainee.username}/{ordinal}", sim_at=now, wall_at=wall_now, speed=speed, running=True,
            seen_wall_at=wall_now,
        )  # fmt: skip
        shift = Shift.objects.create(
            clock=clock, trainee=trainee, title=f"{ordinal}", seed=seed, started_at=now,
            settings={
                "scenarios": list(scenario_keys), "language": language, "playbook": playbook, "customers": customers,
            },
        )  # fmt: skip
        Arrival.objects.bulk_create(_arrivals(shift, scenario_keys, language, playbook, customers, now))
    return shift


def _arrivals(
    shift: Shift, keys: Sequence[str], language: str, playbook: str, customers: int, now: int
) -> list[Arrival]:
    rows, at = [], now + FIRST_AFTER
    for ordinal in range(1, customers + 1):
        key = f"{shift.clock.key}/{ordinal}"
        complaint = scenario_complaint(
            keys[(ordinal - 1) % len(keys)], language, key=key, seed=shift.seed, playbook=playbook
        )
        rows.append(
            Arrival(
                clock=shift.clock,
                ordinal=ordinal,
                due_at=at,
                data={**complaint.to_dict(), "assignee": shift.trainee_id},
            )
        )
        at += int(GAP * (0.5 + streams.uniform(shift.seed, "shift/gap", ordinal)))
    return rows


def scenario_complaint(scenario_key: str, language: str, *, key: str, seed: int, playbook: str) -> Complaint:
    """One authored complaint, as it comes in."""
    scenario = scenarios()[scenario_key]
    case = case_of_scenario(scenario, language, key=key, seed=seed)
    subject, text = opening(scenario, case)
    return Complaint(
        description=text,
        subject=subject,
        channel=case.channel,
        priority="high" if case.channel in CHAT_CHANNELS else "normal",
        category=case.category,
        language=language,
        profile=case.profile,
        requester_name=(case.names or {}).get("customer", "Customer"),
        playbook=playbook,
        seed=seed,
        key=key,
        case=case.to_dict(),
    )
