"""Handled tickets judged: who left competes, pairs and trainees are counted as such, stages and steps add up."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks.core.adherence import Ended, adherence
from playbooks.core.answering_style import nps_adjusted, unstyled
from playbooks.core.handled import LEFT, REPLIED, Handled, differences, until, within
from playbooks.core.incidence_plot import incidence
from playbooks.core.outcome import Outcome
from playbooks.core.stages import WAITING, by_stage, means
from playbooks.core.statistics import nps_with_interval
from playbooks.core.survival import cumulative_incidence
from tickets.durations import Span

HOUR, DAY = 3_600, 86_400
NEVER = Span(None, None)


def outcome(**changes: Any) -> Outcome:
    plain = dict.fromkeys(Outcome.__dataclass_fields__, 0)
    known: dict[str, Any] = {
        "playbook": "fast-resolution", "case": "1", "profile": "KR", "currency": "KRW", "opened_at": 1_000,
        "resolved": True, "human_reply": Span(HOUR, HOUR), "bot_reply": NEVER, "resolution": Span(DAY, DAY),
        "within_target": True, "invited": frozenset(), "csat": None, "ces": None, "nps": None, "repurchased": None,
        "stars": None, "abandoned": False, "accepted": False, "cost": {"labour": 0}, "left_at": None,
        "left_silently": False,
    }  # fmt: skip
    return Outcome(**{**plain, **known, **changes})


def handled(ticket: int = 1, *, now: int = 1_000 + 30 * DAY, trainee: str = "", **changes: Any) -> Handled:
    return Handled(ticket, outcome(**changes), now, trainee)


def test_a_customer_who_left_before_the_answer_was_never_answered():
    left = handled(left_at=1_000 + HOUR // 2, human_reply=Span(HOUR, HOUR))
    assert until(left, REPLIED) == (HOUR // 2, LEFT)
    assert within(left, REPLIED) == 72.0


def test_a_customer_who_left_after_the_answer_was_answered():
    assert until(handled(left_at=1_000 + 2 * HOUR), REPLIED) == (HOUR, REPLIED)


def test_an_open_ticket_has_waited_until_now_and_says_nothing_about_the_horizon_before_it():
    waits = handled(human_reply=NEVER, now=1_000 + 5 * HOUR)
    assert until(waits, REPLIED) == (5 * HOUR, None)
    assert within(waits, REPLIED) is None
    assert within(handled(human_reply=NEVER, now=1_000 + 80 * HOUR), REPLIED) == 72.0


def scores(values: list[int], **changes: Any) -> list[Handled]:
    return [handled(n, case=str(n), csat=value, **changes) for n, value in enumerate(values)]


def test_the_same_customers_are_compared_pair_by_pair():
    found = differences(scores([3, 4, 5, 2]), scores([2, 3, 4, 2]), same_customers=True)
    assert found["csat"].how == "paired"
    assert found["csat"].found.n == 4
    assert found["csat"].found.estimate == pytest.approx(0.75)


def test_the_same_tickets_twice_differ_in_nothing():
    found = differences(scores([3, 4, 5, 2]), scores([3, 4, 5, 2]), same_customers=True)
    assert not any(one.shown for one in found.values())
    assert found["csat"].found.p == 1.0


def test_tickets_of_several_trainees_count_by_trainees():
    these = [handled(n, csat=5 - n % 2, trainee="ab"[n % 2]) for n in range(20)]
    those = [handled(n + 20, csat=4 - n % 2, trainee="cd"[n % 2]) for n in range(20)]
    found = differences(these, those, same_customers=False)["csat"]
    alone = differences(
        [handled(n, csat=5 - n % 2) for n in range(20)], [handled(n, csat=4 - n % 2) for n in range(20)],
        same_customers=False,
    )["csat"]  # fmt: skip
    assert (found.how, alone.how) == ("clustered", "independent")
    assert found.found.high - found.found.low > alone.found.high - alone.found.low


def test_csat_is_judged_by_itself_and_the_others_together():
    found = differences(scores([5] * 9 + [4]), scores([2] * 9 + [1]), same_customers=False)
    assert found["csat"].corrected is None
    assert found["work_min"].corrected is not None


def test_costs_in_two_currencies_are_not_compared():
    these = [handled(1, currency="KRW"), handled(2, currency="JPY")]
    assert "cost" not in differences(these, scores([3, 4]), same_customers=False)


def test_waits_that_nobody_has_seen_to_the_end_are_compared_by_their_curves():
    short = [handled(n, human_reply=NEVER, now=1_000 + 80 * HOUR) for n in range(3)]
    open_still = handled(9, human_reply=NEVER, now=1_000 + HOUR)
    answered = [handled(n, human_reply=Span(n * HOUR, n * HOUR)) for n in range(1, 6)]
    found = differences([*short, *answered, open_still], answered, same_customers=False)["reply_restricted_h"]
    assert found.how == "restricted"
    assert found.found.estimate > 0


# Steps and stages


def step(key: str, state: str, *, due: int | None = 10, done: int | None = None, met: bool | None = None) -> Ended:
    return Ended(1, key, state, due, done, met, "too_light" if state == "left_out" else "")


def test_a_step_is_met_late_missed_or_left_out():
    found = adherence(
        [
            step("a", "done", done=10, met=True), step("a", "done", done=11, met=True),
            step("a", "done", done=99, met=False), step("a", "missed", met=False), step("a", "left_out"),
        ]
    )["a"]  # fmt: skip
    assert (found.met, found.late, found.missed, found.left_out) == (1, 1, 2, 1)
    assert (found.judged, found.reasons) == (4, {"too_light": 1})


def test_time_belongs_to_the_stage_it_led_to_and_adds_up():
    spent = by_stage(0, [(20, "acknowledgement"), (300, "response"), (900, "response")], open_until=1_000)
    assert spent == {"acknowledgement": 20, "response": 880, WAITING: 100}
    assert sum(spent.values()) == 1_000


def test_a_ticket_that_never_came_to_a_stage_counts_with_nothing():
    assert means([{"response": 10}, {}], ["response"])["response"].estimate == 5


# NPS without style


def test_where_the_whole_scale_is_used_nothing_is_adjusted():
    answers = [10, 9, 8, 6, 5, 3]
    assert nps_adjusted(answers, ["US"] * 6).estimate == pytest.approx(nps_with_interval(answers).estimate)


def test_a_habitual_middle_counts_less_and_a_careful_eight_counts_for_more():
    assert 0 < unstyled(8, "JP") < 100
    answers = [5, 5, 8, 8, 9, 7]
    assert nps_adjusted(answers, ["JP"] * 6).estimate > nps_with_interval(answers).estimate
    assert nps_adjusted([], []).estimate is None


# The picture


def test_labels_of_curves_that_end_together_keep_apart():
    curves = cumulative_incidence([60, 120, 240, 500], ["a", "b", "a", None])
    drawn = incidence(
        [("x", "a", curves["a"], "one"), ("y", "b", curves["b"], "two")], longest=500, width=400, height=200
    )
    low, high = sorted(one.label[1] for one in drawn.curves)
    assert high - low >= 17
    assert all(drawn.left <= one.mark[0] <= drawn.right for one in drawn.curves)
