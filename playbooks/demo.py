"""A small demo desk: fresh complaints on the main desk, and a rehearsal of the past weeks to compare.

Made from a seed through the same intake as everything else; the rehearsal is brought to its end by
the Celery worker while the first visitor looks around.
"""

from __future__ import annotations

from playbooks import rehearsal as rehearsals
from playbooks.core.scenarios import scenarios
from playbooks.intake import Complaint, least_busy_trainee, take_in
from playbooks.models import Rehearsal
from playbooks.shifts import scenario_complaint
from tickets import clock as clocks
from tickets.models import Ticket

SEED = 1
KEY = "demo"
PAST_CUSTOMERS = 48
DAYS = 40
WEEK = 7 * 86_400
MONDAY = 4 * 86_400  # the epoch was a Thursday; the first Monday, 00:00 UTC
FRESH = (
    ("delivery_delay", "ja"),
    ("rude_service", "ko"),
    ("defective_item", "en"),
    ("double_charge", "ja"),
    ("wrong_item", "ko"),
)


def fill(*, now: int) -> None:
    """Fill an empty desk; a desk that has its demo already is left alone. `now` is the main clock's."""
    if Rehearsal.objects.filter(key=KEY).exists():
        return
    clock = clocks.main_clock()
    if not Ticket.objects.filter(clock=clock).exists():
        for ordinal, (scenario, language) in enumerate(_fresh(), start=1):
            complaint = scenario_complaint(scenario, language, key=f"demo/{ordinal}", seed=SEED, playbook="rule")
            take_in(complaint, clock=clock, now=now, assignee=least_busy_trainee())
    start = (now - MONDAY) // WEEK * WEEK + MONDAY - (DAYS // 7 + 2) * WEEK
    rehearsal = rehearsals.prepare(_past(), key=KEY, seed=SEED, days=DAYS, staff=4, start=start)
    rehearsals.set_targets(rehearsal)


def _fresh() -> list[tuple[str, str]]:
    keys = list(scenarios())
    return [(key if key in keys else keys[place % len(keys)], language) for place, (key, language) in enumerate(FRESH)]


def _past() -> list[Complaint]:
    keys = list(scenarios())
    languages = ("ja", "ja", "ko", "en")
    return [
        scenario_complaint(
            keys[ordinal % len(keys)],
            languages[ordinal % len(languages)],
            key=str(ordinal),
            seed=SEED,
            playbook="rule",
        )
        for ordinal in range(PAST_CUSTOMERS)
    ]
