"""What the literature does not settle can be switched, and the live desk keeps to the switch."""

from __future__ import annotations

import pytest

from playbooks import rehearsal
from playbooks.core.customer.evidence import Switches
from playbooks.models import Outcome
from playbooks.shifts import scenario_complaint

pytestmark = pytest.mark.django_db


def letter_satisfaction(key: str, switches: Switches) -> list[float]:
    complaints = [scenario_complaint("delivery_delay", "ja", key=str(n), seed=4, playbook="rule") for n in range(3)]
    laid_out = rehearsal.prepare(complaints, key=key, seed=4, days=12, switches=switches)
    for _ in rehearsal.run(laid_out):
        pass
    arm = Outcome.objects.filter(clock__key=f"{key}/apology-letter-gift").order_by("ticket__number")
    return [outcome.data["satisfaction"] for outcome in arm]


def test_without_the_assumed_bonus_of_letter_and_gift_nobody_is_more_satisfied() -> None:
    with_bonus = letter_satisfaction("with", Switches())
    without = letter_satisfaction("without", Switches(letter=False, gift=False))
    assert sum(without) < sum(with_bonus)
