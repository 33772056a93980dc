"""A customer is the same person everywhere: in another process, under another playbook, alone or among thousands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from playbooks.core.customer.hours import after_awake, when_awake
from playbooks.core.customer.persona import TRAITS_WIDTH, persona_of, traits_of
from playbooks.core.streams import block, uniforms
from tests.core.customer_cases import DAY, HOUR, T0, a_case

ROOT = Path(__file__).resolve().parents[2]
TOKYO = 9 * HOUR


def test_the_same_seed_makes_the_same_person_in_another_process():
    script = "from tests.core.customer_cases import a_case, persona_of; print(repr(persona_of(a_case('C-9'))))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == repr(persona_of(a_case("C-9")))


def test_another_key_or_seed_is_another_person():
    assert len({persona_of(a_case(key, seed=seed)) for key in ("C-1", "C-2") for seed in (7, 8)}) == 4


def test_what_happens_to_a_case_does_not_change_who_complains():
    assert persona_of(a_case(severity=0.1, channel="chat")) == persona_of(a_case(severity=0.9))


def test_one_among_many_is_the_same_as_alone():
    many = traits_of("KR", block(7, "customer/traits", 50, TRAITS_WIDTH))
    for i in (0, 17, 49):
        alone = traits_of("KR", uniforms(7, "customer/traits", i, TRAITS_WIDTH))
        for name in ("gift", "noise", "cumulative_noise", "nps_noise", "ces_noise"):
            assert float(getattr(alone, name)) == float(getattr(many, name)[i])


def test_many_profiles_at_once_are_each_their_own():
    u = block(7, "customer/traits", 3, TRAITS_WIDTH)
    mixed = traits_of(["US", "JP", "KR"], u)
    assert mixed.apology.tolist() == [0.60, 1.15, 1.1]
    assert mixed.gift[1] == traits_of("JP", u[1]).gift


def test_some_customers_press_and_most_do_not():
    pressing = np.mean([persona_of(a_case(f"C-{i}")).pressing for i in range(600)])
    assert 0.04 < pressing < 0.13


def test_patience_sleeps_at_night():
    morning = T0  # 09:00 in Tokyo
    assert after_awake(morning, 3 * HOUR, utc_offset=TOKYO) == morning + 3 * HOUR
    evening = T0 + 13 * HOUR  # 22:00
    assert after_awake(evening, 2 * HOUR, utc_offset=TOKYO) == evening + 10 * HOUR
    night = T0 + 16 * HOUR  # 01:00
    assert after_awake(night, HOUR, utc_offset=TOKYO) == T0 + 23 * HOUR
    assert after_awake(morning, 16 * HOUR, utc_offset=TOKYO) == morning + DAY


def test_what_comes_at_night_is_answered_in_the_morning():
    assert when_awake(T0, utc_offset=TOKYO, u=0.5) == T0
    for night in (T0 + 14 * HOUR, T0 + 17 * HOUR):
        assert when_awake(night, utc_offset=TOKYO, u=0.5) == T0 + 23 * HOUR
