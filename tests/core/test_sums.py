"""Sums over many tickets say what the tickets say one by one: figures, intervals by trainee, differences and curves."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from playbooks.core import sums
from playbooks.core.handled import LEFT, REPLIED, RESOLVED, Handled, differences, waits
from playbooks.core.outcome import Outcome, summary
from playbooks.core.sides import MEASURES, OfSums, OfTickets, Side
from playbooks.core.streams import uniforms
from playbooks.core.survival import cumulative_incidence, restricted_mean
from playbooks.core.tally import CAPPED, Tally, share_of, tally_of
from tickets.durations import Span

HOUR, DAY = 3_600, 86_400
NEVER = Span(None, None)
LATER = 1_000 + 60 * DAY  # when all of it is looked at: every wait is known


def ticket(number: int, playbook: str, trainees: int, **changes: Any) -> Handled:
    """One made up from its own stream: some leave before an answer or after it, some are never asked."""
    u = iter(uniforms(7, f"sums/{playbook}", str(number), 24).tolist())
    late = 3.0 if playbook == "letter" else 1.0
    reply = round(late * 40 * HOUR * next(u) ** 2)
    solved = reply + round(late * 90 * HOUR * next(u))
    leaves = round(60 * HOUR * next(u)) if next(u) < 0.4 else None
    known: dict[str, Any] = {
        "playbook": playbook, "case": str(number), "profile": ("KR", "JP", "JPyoung", "US")[int(4 * next(u))],
        "currency": "JPY", "opened_at": 1_000, "resolved": next(u) < 0.9, "human_reply": Span(reply, reply // 3),
        "bot_reply": Span(20, 0), "resolution": Span(solved, solved // 3), "within_target": next(u) < 0.6,
        "invited": frozenset({"csat", "nps"}), "csat": 1 + int(5 * next(u)) if next(u) < 0.5 else None,
        "ces": 1 + int(7 * next(u)) if next(u) < 0.5 else None, "nps": int(11 * next(u)) if next(u) < 0.6 else None,
        "repurchased": next(u) < 0.4 if next(u) < 0.8 else None, "told_good": int(4 * next(u)),
        "told_bad": int(3 * next(u)), "stars": None, "abandoned": leaves is not None and leaves < solved,
        "accepted": next(u) < 0.3, "reopens": int(next(u) < 0.1), "replies": 1, "hand_overs": 0,
        "agent_seconds": round(2_000 * late * next(u)), "cost": {"labour": 500, "remedy": 0, "gift": 0, "letter": 90},
        "satisfaction": 0.5, "cumulative": 0.1, "steps_met": 1, "steps_late": 0, "steps_missed": 0,
        "steps_left_out": 0, "left_at": None if leaves is None else 1_000 + leaves, "left_silently": next(u) < 0.2,
    }  # fmt: skip
    who = f"trainee-{int(trainees * next(u))}" if trainees else ""
    return Handled(number, Outcome(**{**known, **changes}), LATER, who)


@cache
def side(playbook: str, *, n: int = 200, trainees: int = 0, **changes: Any) -> list[Handled]:
    return [ticket(number, playbook, trainees, **changes) for number in range(n)]


def of_tickets(handled: list[Handled]) -> OfTickets:
    outcomes = tuple(one.outcome for one in handled)
    (found,) = summary(outcomes).values()
    return OfTickets(outcomes, tuple(one.cluster for one in handled), found)


def of_sums(handled: list[Handled]) -> OfSums:
    def tally(some: list[Handled]) -> Tally:
        return tally_of(share_of(one.outcome) for one in some)

    people = {one.trainee: tally([o for o in handled if o.trainee == one.trainee]) for one in handled if one.trainee}
    return OfSums(tally(handled), people, tally(handled), people, of_tickets(handled))


def near(found: Any, relative: float = 1e-9) -> Any:
    if isinstance(found, dict):
        return {key: near(value, relative) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(near(value, relative) for value in found)
    return pytest.approx(found, rel=relative, abs=1e-9) if isinstance(found, float | int) else found


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_of_sums_is_counted_by_trainees_as_that_of_tickets(measure: str):
    handled = side("letter", trainees=5)
    there, here = of_tickets(handled).by_trainee(measure), of_sums(handled).by_trainee(measure)
    assert there is not None
    assert here is not None
    assert here.to_dict() == near(there.to_dict())
    assert there.high > there.estimate  # type: ignore[operator]


def test_tickets_of_nobody_stand_each_for_itself():
    handled = [*side("letter", n=60, trainees=3), *side("letter", n=50)]
    assert of_sums(handled).by_trainee("csat").to_dict() == near(of_tickets(handled).by_trainee("csat").to_dict())  # type: ignore[union-attr]


@pytest.mark.parametrize("trainees", [0, 1])
def test_fewer_than_two_trainees_are_no_reason_to_count_by_them(trainees: int):
    handled = side("letter", n=40, trainees=trainees)
    assert of_sums(handled).by_trainee("csat") is None
    assert of_tickets(handled).by_trainee("csat") is None


def figures(of: Side) -> dict[str, Any]:
    return {
        "adjusted": of.adjusted_nps().to_dict(), "silent": of.left_silently().to_dict(), "open": of.still_open(),
        "cost and csat": of.cost_and_csat("JPY"), "dollars": of.cost_and_csat("USD"), "points": of.points(),
    }  # fmt: skip


def test_every_other_figure_is_the_same_too():
    handled = side("letter")
    for key, value in figures(of_tickets(handled)).items():
        assert figures(of_sums(handled))[key] == near(value), key


def test_medians_are_told_within_one_percent():
    handled = side("letter")
    for span in ("human_reply", "resolution"):
        exact, found = of_tickets(handled).median(span), of_sums(handled).median(span)
        assert (found.n, found.estimate, found.low, found.high) == near(
            (exact.n, exact.estimate, exact.low, exact.high), 0.01
        )


@pytest.mark.parametrize("trainees", [0, 6])
def test_differences_of_sums_are_those_of_the_tickets(trainees: int):
    these, those = side("letter", trainees=trainees), side("fast", n=150, trainees=trainees)
    exact = differences(these, those, same_customers=False)
    found = sums.differences(of_sums(these), of_sums(those))
    assert found.keys() == exact.keys()
    for key, one in exact.items():
        assert found[key].how == one.how
        assert found[key].shown == one.shown
        assert found[key].corrected == near(one.corrected, 1e-6)
        assert found[key].found.to_dict() == near(one.found.to_dict(), 1e-6), key


def test_money_of_two_currencies_is_not_compared():
    these, those = side("letter", n=20), side("fast", n=20, currency="KRW")
    assert "cost" not in sums.differences(of_sums(these), of_sums(those))


def test_where_nobody_differs_sums_show_no_difference():
    alike: dict[str, Any] = {"agent_seconds": 60}
    found = sums.differences(of_sums(side("letter", n=30, **alike)), of_sums(side("fast", n=30, **alike)))
    assert (found["work_min"].found.estimate, found["work_min"].found.p) == (0.0, 1.0)
    assert not found["work_min"].shown


def test_without_settled_days_or_trainees_sums_judge_nothing():
    whole = of_sums(side("letter", n=10))
    assert sums.can_judge(whole, whole)
    assert not sums.can_judge(whole, OfSums(whole.whole, {}, None, None, whole.newest))
    assert not sums.can_judge(OfSums(whole.whole, None, whole.whole, None, whole.newest), whole)


@pytest.mark.parametrize("what", [REPLIED, RESOLVED])
def test_curves_of_sums_run_within_those_of_the_tickets_one_percent_sooner_and_later(what: str):
    handled = side("letter")
    exact, found = cumulative_incidence(*waits(handled, what)), sums.curves(of_sums(handled), what)
    assert found.keys() == exact.keys() == {what, LEFT}
    for cause, curve in found.items():
        for hours in (0.5, 3, 12, 24, 50, 100, 300):
            at = hours * HOUR
            low, high = (exact[cause].at(at * factor).estimate for factor in (0.98, 1.02))
            assert low - 1e-9 <= curve.at(at).estimate <= high + 1e-9  # type: ignore[operator]
            gone = 200 - curve.remaining(at)
            assert gone == pytest.approx(200 - exact[cause].remaining(at), abs=6)


def test_a_curve_of_sums_ends_where_not_every_wait_is_known():
    curve = sums.curves(of_sums(side("letter", n=20)), REPLIED)[REPLIED]
    assert curve.at(float(sums.SETTLED_AFTER)).estimate is not None
    assert curve.at(sums.SETTLED_AFTER + 1.0).estimate is None
    assert curve.at(0.5).estimate == 0.0


@pytest.mark.parametrize("what", [REPLIED, RESOLVED])
@pytest.mark.parametrize("trainees", [0, 6])
def test_a_mean_wait_within_the_horizon_is_exact(what: str, trainees: int):
    handled = side("letter", trainees=trainees)
    clusters = [one.cluster for one in handled] if trainees else None
    horizon = CAPPED[sums.SPAN[what]]
    exact = restricted_mean(*waits(handled, what), what, horizon=horizon, clusters=clusters)
    found = sums.restricted(of_sums(handled), what)
    assert (found.n, found.horizon, found.estimate) == near((exact.n, exact.horizon, exact.estimate))
    # Without clusters the variance of the curve's method and that of a plain mean differ by 1/n.
    assert (found.low, found.high) == near((exact.low, exact.high), 0.005)
