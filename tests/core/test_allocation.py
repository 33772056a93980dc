"""A fair live comparison: blocks that balance, an order nobody can foresee, honest looks, and a plain word on fairness."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from playbooks.core.allocation import (
    MULTIPLES,
    PRIMARIES,
    SETTLED,
    Unit,
    balance,
    fairness,
    in_blocks,
    in_time,
    in_washout,
    look_sizes,
    looked,
    smallest_effect,
    stratum_of,
    value_of,
    washout_for,
)
from playbooks.core.case import Case
from playbooks.core.outcome import Outcome
from playbooks.core.streams import uniforms

HOUR, DAY = 3_600, 86_400
START = 1_788_739_200
CASE = Case(
    key="1", seed=3, language="ja", profile="JP", channel="email", category="defective_item", severity=0.8,
    monetary=True, goods_accepted=False, own_fault=True, price=14_800, currency="JPY", right_remedy="exchange",
)  # fmt: skip


@pytest.mark.parametrize("arms", [2, 3, 4])
def test_every_block_holds_each_arm_equally_often(arms: int):
    placed = [in_blocks(7, "trial/1", "grave/email/JP", nth, arms) for nth in range(200)]
    for number in range(placed[-1].block):
        block = [one.arm for one in placed if one.block == number]
        assert len(block) in [arms * times for times in MULTIPLES]
        assert set(Counter(block).values()) == {len(block) // arms}


def test_arms_never_part_by_more_than_half_of_the_largest_block():
    for stratum in ("a", "b", "c"):
        lead = 0
        for nth in range(300):
            lead += 1 if in_blocks(7, "trial/1", stratum, nth, 2).arm else -1
            assert abs(lead) <= MULTIPLES[-1]


def test_the_same_place_has_the_same_arm_whoever_asks_and_when():
    once = [in_blocks(7, "trial/1", "all", nth, 2) for nth in range(40)]
    assert [in_blocks(7, "trial/1", "all", nth, 2) for nth in reversed(range(40))] == once[::-1]


def test_another_trial_or_seed_or_stratum_has_another_order():
    def order(seed: int, stream: str, stratum: str) -> list[int]:
        return [in_blocks(seed, stream, stratum, nth, 2).arm for nth in range(64)]

    found = [order(7, "trial/1", "a"), order(8, "trial/1", "a"), order(7, "trial/2", "a"), order(7, "trial/1", "b")]
    assert len({tuple(one) for one in found}) == 4


def test_who_has_seen_all_tickets_so_far_guesses_the_next_one_seldom_better_than_by_the_balance():
    """The best guess without the seed is the arm that lags; with blocks of one size it would be right far more often."""
    right = seen = 0
    for seed in range(40):
        lead = 0
        for nth in range(100):
            arm = in_blocks(seed, "trial/1", "all", nth, 2).arm
            if lead:
                right, seen = right + (arm == (lead < 0)), seen + 1
            lead += 1 if arm else -1
    assert right / seen < 0.85  # in blocks of two it would be always right


@pytest.mark.parametrize("arms", [2, 3])
def test_stretches_of_time_are_drawn_in_pairs_or_as_many_as_there_are_arms(arms: int):
    drawn = [in_time(7, "trial/1", START, 4, START + n * 4 * HOUR + 60, arms) for n in range(30 * arms)]
    assert [one.block for one in drawn] == list(range(30 * arms))
    for group in range(30):
        assert sorted(one.arm for one in drawn[group * arms : (group + 1) * arms]) == list(range(arms))
    assert len({tuple(one.arm for one in drawn[g * arms : (g + 1) * arms]) for g in range(30)}) > 1


def test_all_tickets_of_one_stretch_have_one_arm():
    assert len({in_time(7, "trial/1", START, 4, START + minute * 60, 2).arm for minute in range(240)}) == 1


def test_a_stratum_is_named_by_the_levels_of_the_chosen_factors():
    assert stratum_of(CASE, ("severity", "channel", "segment")) == "grave/email/JP"
    assert stratum_of(replace(CASE, severity=0.1), ("severity",)) == "light"
    assert stratum_of(CASE, ()) == "all"


def test_the_start_of_every_stretch_is_washed_out_whichever_arm_it_has():
    minutes = [m for m in range(16 * 60) if in_washout(START, 4, 30, START + m * 60)]
    assert minutes == [stretch * 240 + m for stretch in range(4) for m in range(30)]
    assert not in_washout(START, 4, 0, START)


def test_a_washout_nobody_asked_for_is_a_quarter_of_the_stretch_and_two_hours_at_most():
    assert [washout_for(hours) for hours in (1, 4, 8, 24, 168)] == [15, 60, 120, 120, 120]


# Balance


def test_balance_counts_every_level_and_holds_the_arms_against_chance():
    tickets = [(0, {"channel": "email"})] * 30 + [(0, {"channel": "chat"})] * 70
    tickets += [(1, {"channel": "email"})] * 50 + [(1, {"channel": "chat"})] * 50
    found = balance(tickets, 2)

    assert found.counts == (100, 100)
    email = next(one for one in found.levels if one.level == "email")
    assert email.shares == (0.3, 0.5)
    assert email.differences[0] == pytest.approx(0.2 / ((0.21 + 0.25) / 2) ** 0.5)
    assert found.chance[0] == pytest.approx(1.96 * (2 / 100) ** 0.5, rel=1e-3)
    assert found.beyond == 2


def test_drawn_in_blocks_the_strata_lie_nearer_than_chance_would_bring_them():
    tickets = []
    for stratum in ("a", "b", "c"):
        tickets += [(in_blocks(7, "trial/1", stratum, nth, 2).arm, {"stratum": stratum}) for nth in range(101)]
    found = balance(tickets, 2)
    assert all(abs(one.differences[0] or 0.0) < (found.chance[0] or 0.0) / 3 for one in found.levels)


def test_an_arm_without_tickets_has_no_difference():
    found = balance([(0, {"channel": "email"})], 2)
    assert found.levels[0].differences == (None,)
    assert found.chance == (None,)
    assert found.beyond == 0


# Looks


def units(n: int, effect: float, *, seed: int = 1, settled: int | None = None) -> list[Unit]:
    noise = uniforms(seed, "test/allocation", 0, n).tolist()
    return [Unit(i % 2, effect * (i % 2) + noise[i], settled is None or i < settled, i) for i in range(n)]


def test_a_look_is_closed_until_its_tickets_have_come_in_and_settled():
    one, two = looked(units(80, 0.0), arms=2, planned=100, shares=(0.5, 1.0), in_time=False)
    assert one.open and one.levels
    assert not two.open and two.waits_for == 20 and two.levels == () and two.findings == ()


def test_tickets_that_have_not_settled_keep_a_look_closed():
    waiting = [replace(unit, value=None) for unit in units(50, 0.0, settled=30)]
    (one,) = looked(waiting, arms=2, planned=50, shares=(1.0,), in_time=False)
    assert not one.open
    assert one.waits_for == 20


def test_an_early_look_asks_for_far_more_than_the_last_one():
    one, two = looked(units(100, 0.0), arms=2, planned=100, shares=(0.5, 1.0), in_time=False)
    assert one.findings[0].limit == pytest.approx(0.00305, abs=2e-5)
    assert two.findings[0].limit == pytest.approx(0.049, abs=5e-4)


def test_a_great_difference_is_shown_early_and_none_is_not():
    assert looked(units(100, 1.0), arms=2, planned=100, shares=(0.5, 1.0), in_time=False)[0].shown
    assert not looked(units(100, 0.0), arms=2, planned=100, shares=(0.5, 1.0), in_time=False)[1].shown


def test_with_no_difference_looking_three_times_finds_one_in_twenty():
    found = 0
    for seed in range(400):
        looks = looked(units(120, 0.0, seed=seed), arms=2, planned=120, shares=(0.4, 0.7, 1.0), in_time=False)
        found += any(one.shown for one in looks)
    assert 0.025 <= found / 400 <= 0.08


def test_later_tickets_do_not_change_an_earlier_look():
    early = looked(units(60, 0.3), arms=2, planned=100, shares=(0.5, 1.0), in_time=False)[0]
    late = looked(units(100, 0.3)[:60] + units(100, 9.0)[60:], arms=2, planned=100, shares=(0.5, 1.0), in_time=False)[0]
    assert early.findings == late.findings


def test_where_time_was_drawn_the_stretches_are_counted_and_not_the_tickets():
    """A hundred tickets in four stretches are four observations."""
    drawn = [
        Unit(n // 25 % 2, float(n // 25 % 2) + 1.2 * (n // 50) + 0.001 * (n % 7), True, n // 25) for n in range(100)
    ]
    (by_time,) = looked(drawn, arms=2, planned=100, shares=(1.0,), in_time=True)
    (by_ticket,) = looked(drawn, arms=2, planned=100, shares=(1.0,), in_time=False)
    assert by_time.findings[0].clusters == 4
    assert (by_time.findings[0].p or 0) > (by_ticket.findings[0].p or 0)
    assert by_ticket.shown and not by_time.shown


def test_three_arms_share_the_level():
    drawn = [Unit(n % 3, u, True, n) for n, u in enumerate(uniforms(3, "test/three", 0, 90).tolist())]
    (found,) = looked(drawn, arms=3, planned=90, shares=(1.0,), in_time=False)
    assert [one.arm for one in found.findings] == [1, 2]
    assert found.findings[0].limit == pytest.approx(0.025, abs=1e-6)


def test_sizes_of_looks_are_rounded_up():
    assert look_sizes(101, (0.5, 1.0)) == [51, 101]
    assert look_sizes(1000, (0.7, 1.0)) == [700, 1000]


def test_four_times_the_tickets_find_half_the_difference():
    assert smallest_effect(400, 2) == pytest.approx(0.28, abs=0.005)
    assert smallest_effect(1600, 2) == pytest.approx(smallest_effect(400, 2) / 2)


# The outcome that decides


def outcome(**fields: object) -> Outcome:
    blank = dict.fromkeys(Outcome.__dataclass_fields__)
    return Outcome(
        **{**blank, "opened_at": START, "resolved": False, "abandoned": False, "agent_seconds": 600, **fields}
    )  # type: ignore[arg-type]


class Ended:
    def __init__(self, calendar: int | None) -> None:
        self.calendar = calendar


def test_an_answer_in_a_day_is_unknown_while_the_day_lasts():
    asked = outcome(human_reply=Ended(None))
    assert value_of(asked, "answered_in_a_day", now=START + HOUR) is None
    assert value_of(asked, "answered_in_a_day", now=START + 2 * DAY) == 0.0
    assert value_of(outcome(human_reply=Ended(HOUR)), "answered_in_a_day", now=START + 2 * HOUR) == 1.0
    assert value_of(outcome(human_reply=Ended(2 * DAY)), "answered_in_a_day", now=START + 3 * DAY) == 0.0


def test_leaving_is_unknown_while_a_ticket_is_open():
    assert value_of(outcome(), "abandoned", now=START) is None
    assert value_of(outcome(resolved=True), "abandoned", now=START) == 0.0
    assert value_of(outcome(abandoned=True), "abandoned", now=START) == 1.0


def test_who_has_not_answered_a_survey_is_no_zero():
    assert value_of(outcome(csat=None), "csat", now=START) is None
    assert value_of(outcome(csat=4), "csat", now=START) == 4.0


def test_every_primary_outcome_settles_some_day():
    assert set(PRIMARIES) == set(SETTLED)


# Fairness


@pytest.mark.parametrize(
    ("assigned", "same", "said"),
    [
        ({"random": 10, "rule": 0, "choice": 0}, False, "randomised"),
        ({"random": 10, "rule": 2, "choice": 0}, False, "mixed"),
        ({"random": 0, "rule": 5, "choice": 1}, False, "not"),
        ({"random": 0, "rule": 0, "choice": 0}, False, "nothing"),
        ({"random": 0, "rule": 5, "choice": 1}, True, "same_customers"),
    ],
)
def test_how_fair_a_comparison_is_depends_on_how_tickets_came_to_their_playbook(assigned, same, said):
    assert fairness(assigned, same_customers=same) == said
