"""A trial on the main desk: intake draws, the choice of a person stays a choice, and nothing is told before its time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from playbooks import allocation, editing
from playbooks.intake import Complaint, take_in
from playbooks.models import Outcome, PlaybookRun, Trial, TrialTicket
from tests.rest import START, Desk, refusal
from tickets.clock import main_clock
from tickets.errors import Conflict, Invalid
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

FAST, LETTER, CARING = "fast-resolution", "apology-letter-gift", "fast-and-caring"
HOUR, DAY = 3_600, 86_400


def trial(**given: Any) -> Trial:
    settings = {"planned": 20, "seed": 7, "strata": [], **given}
    return allocation.begin(settings, clock=main_clock(), by=None, now=START)


def come_in(ordinal: int, *, at: int = START + 60, **fields: Any) -> Ticket:
    complaint = Complaint(
        **{
            "description": f"Order {ordinal} has not come.", "external_id": f"t{ordinal}", "language": "ja",
            "channel": ("email", "chat")[ordinal % 2], "category": "delivery_delay", **fields,
        }
    )  # fmt: skip
    return take_in(complaint, clock=main_clock(), now=at).ticket


def run_of(ticket: Ticket) -> PlaybookRun:
    return PlaybookRun.objects.select_related("version").get(ticket=ticket)


def test_tickets_without_a_chosen_playbook_are_drawn_and_the_draw_is_stored():
    begun = trial()
    runs = [run_of(come_in(n)) for n in range(12)]

    assert {run.assigned_by for run in runs} == {"random"}
    assert set(Counter(run.version.key for run in runs)) == {FAST, LETTER}
    assert set(runs[0].assignment) == {"trial", "stream", "key", "arm", "stratum", "block", "position", "draw"}
    assert runs[0].assignment["trial"] == begun.pk
    for run in runs:
        assert run.version.key == begun.arms[run.assignment["arm"]]["playbook"]
    begun.refresh_from_db()
    assert begun.placed == 12


def test_what_is_stored_with_a_ticket_does_not_give_the_next_one_away():
    trial()
    assert "seed" not in run_of(come_in(1)).assignment


def test_a_playbook_chosen_by_hand_stays_and_is_counted_as_left_out():
    begun = trial()
    chosen = run_of(come_in(1, playbook=LETTER))
    drawn_elsewhere = run_of(come_in(2, playbook="random"))

    assert (chosen.version.key, chosen.assigned_by) == (LETTER, "choice")
    assert "trial" not in drawn_elsewhere.assignment
    assert allocation.left_out_of(begun) == {"chosen": 1, "other_draw": 1}
    assert allocation.placed_of(begun) == []


def test_the_same_key_has_the_same_arm_again():
    begun = trial()
    first = run_of(come_in(1)).assignment
    for n in range(2, 9):
        come_in(n)
    ticket = Ticket.objects.get(external_id="t1")
    case = Complaint(description="x", external_id="t1")
    row = TrialTicket.objects.get(trial=begun, key="t1")

    version, again = allocation.place(ticket, case.playbook, _case("t1"), now=START + DAY)  # type: ignore[misc]

    assert again["arm"] == first["arm"] == row.arm
    assert version.pk == begun.arms[row.arm or 0]["version"]


def _case(key: str) -> Any:
    from playbooks.core.case import Case

    return Case(
        key=key, seed=3, language="ja", profile="JP", channel="email", category="defective_item", severity=0.8,
        monetary=True, goods_accepted=False, own_fault=True, price=14_800, currency="JPY", right_remedy="exchange",
    )  # fmt: skip


def test_a_shift_knows_nothing_of_the_trial(desk: Desk):
    begun = trial()
    ticket = desk.case(language="ja")
    assert run_of(ticket).assigned_by == "rule"
    begun.refresh_from_db()
    assert begun.placed == 0


def test_after_the_planned_number_the_rule_decides_again():
    begun = trial(planned=20)
    for n in range(21):
        last = come_in(n)
    assert run_of(last).assigned_by == "rule"
    begun.refresh_from_db()
    assert begun.placed == 20


def test_where_arms_share_a_queue_all_tickets_of_a_stretch_of_time_have_one_arm():
    trial(method="switchback", hours=4, washout=0)
    within = {run_of(come_in(n, at=START + n * 600)).version.key for n in range(10)}
    over_days = {run_of(come_in(100 + n, at=START + n * 4 * HOUR)).version.key for n in range(8)}
    assert len(within) == 1
    assert over_days == {FAST, LETTER}


def test_tickets_at_the_start_of_a_stretch_have_its_playbook_but_do_not_count():
    begun = trial(method="switchback", hours=4, washout=30)
    early = [run_of(come_in(n, at=START + n * 60)) for n in range(3)]
    late = [run_of(come_in(10 + n, at=START + 30 * 60 + n * 60)) for n in range(4)]

    assert {run.assigned_by for run in (*early, *late)} == {"random"}
    assert len({run.version_id for run in (*early, *late)}) == 1
    begun.refresh_from_db()
    assert begun.placed == 4
    assert allocation.left_out_of(begun) == {"washout": 3}
    assert [row.key for row in allocation.placed_of(begun)] == ["t10", "t11", "t12", "t13"]
    assert sum(allocation.balance_of(begun).counts) == 4


def test_a_look_waits_for_tickets_that_count():
    begun = trial(method="switchback", hours=4, washout=30, planned=20, looks=[1.0])
    for n in range(25):
        come_in(n, at=START + n * 60)
    answered(begun, 0)
    assert allocation.looks_of(begun, now=START + DAY)[0].waits_for == 20


def test_a_ticket_of_the_washout_has_the_same_arm_again_and_never_counts():
    begun = trial(method="switchback", hours=4, washout=30)
    first = run_of(come_in(1)).assignment
    _version, again = allocation.place(Ticket.objects.get(), "rule", _case("t1"), now=START + 13 * HOUR)  # type: ignore[misc]
    assert (again["arm"], again["block"]) == (first["arm"], first["block"])
    begun.refresh_from_db()
    assert begun.placed == 0


def test_the_washout_is_fixed_with_the_trial_and_stands_only_where_time_is_drawn():
    assert allocation.washout_of(trial(method="switchback", hours=8)) == 120
    Trial.objects.update(state="cancelled")
    drawn = trial(method="blocks", strata=["channel"], washout=30)
    assert (allocation.washout_of(drawn), allocation.strata_of(drawn)) == (0, ["channel"])


def test_strata_are_balanced_each_by_itself():
    begun = trial(strata=["channel"], planned=100)
    for n in range(60):
        come_in(n)
    for row in allocation.balance_of(begun).levels:
        if row.factor == "channel":
            assert abs(row.counts[0] - row.counts[1]) <= 3


def test_two_tickets_never_stand_in_one_place():
    begun = trial()
    come_in(1)
    row = TrialTicket.objects.get(trial=begun)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrialTicket.objects.create(
            trial=begun, key="other", at=START, arm=0, stratum=row.stratum, block=row.block, position=row.position
        )


def test_one_trial_runs_at_a_time():
    trial()
    with pytest.raises(Conflict, match="running"):
        trial()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"playbooks": [FAST]}, "playbooks"),
        ({"playbooks": [FAST, FAST]}, "playbooks"),
        ({"playbooks": [FAST, "nothing"]}, "playbook"),
        ({"method": "coin"}, "method"),
        ({"primary": "smiles"}, "primary"),
        ({"planned": 3}, "planned"),
        ({"planned": "many"}, "planned"),
        ({"strata": ["zodiac"]}, "strata"),
        ({"looks": [0.5]}, "looks"),
        ({"looks": [0.8, 0.5, 1.0]}, "looks"),
        ({"hours": 0}, "hours"),
        ({"method": "switchback", "hours": 2, "washout": 120}, "washout"),
        ({"method": "switchback", "washout": -1}, "washout"),
        ({"method": "switchback", "washout": "long"}, "washout"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(given: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        trial(**given)
    assert refused.value.field == field
    assert not Trial.objects.exists()


def test_a_hidden_playbook_begins_no_trial_and_one_that_runs_with_it_goes_on(desk: Desk):
    begun = trial(playbooks=[FAST, CARING])
    editing.hide(CARING, by=desk.manager.agent, wall_now=1.0)
    versions = {run_of(come_in(n)).version.key for n in range(8)}
    assert versions == {FAST, CARING}

    allocation.cancel(begun, now=START)
    with pytest.raises(Conflict, match="Show it again, or choose another one") as refused:
        trial(playbooks=[FAST, CARING])
    assert (refused.value.code, refused.value.field) == ("playbook_hidden", "playbooks")
    refusal(desk.manager.post("trials/", {"playbooks": [FAST, CARING]}), 409, "playbook_hidden")


# Looking and ending


def answered(begun: Trial, gap: int) -> None:
    """Everybody answers the survey: 3 or 4 in the first arm, more in the other."""
    for place, row in enumerate(allocation.placed_of(begun)):
        outcome = Outcome.objects.get(ticket=row.ticket_id)
        score = min(5, 2 + place % 2 + (gap if row.arm else 0))
        Outcome.objects.filter(pk=outcome.pk).update(data={**outcome.data, "csat": score})


def test_before_a_planned_look_nothing_is_told():
    begun = trial()
    for n in range(9):
        come_in(n)
    answered(begun, 2)
    first = allocation.looks_of(begun, now=START + HOUR)[0]
    assert not first.open
    assert first.levels == () and first.findings == ()


def test_it_ends_early_only_where_a_planned_look_shows_a_difference():
    begun = trial()
    for n in range(10):
        come_in(n)
    answered(begun, 0)
    with pytest.raises(Conflict) as refused:
        allocation.end(begun, now=START + HOUR)
    assert refused.value.code == "too_early"

    answered(begun, 2)
    allocation.end(begun, now=START + HOUR)
    assert begun.state == "ended"


def test_a_cancelled_trial_draws_no_more_and_has_no_result():
    begun = trial()
    come_in(1)
    allocation.cancel(begun, now=START + HOUR, reason="the shop is closed")
    assert run_of(come_in(2)).assigned_by == "rule"
    assert allocation.looks_of(begun, now=START + DAY) == []
    with pytest.raises(Conflict):
        allocation.cancel(begun, now=START + HOUR)


def test_a_change_of_the_playbook_leaves_a_running_trial_as_it_began():
    begun = trial()
    assert all(isinstance(arm["version"], int) for arm in begun.arms)


# REST


def test_a_manager_begins_reads_and_cancels_a_trial(desk: Desk):
    answer = desk.manager.post("trials/", {"planned": 40, "primary": "csat", "title": "Autumn"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["state"] == "running"
    assert made["seed"] is None

    desk.ticket(language="ja")
    read = desk.manager.get(f"trials/{made['id']}/").json()
    assert read["placed"] == 1
    assert read["balance"]["counts"] in ([1, 0], [0, 1])
    assert [look["open"] for look in read["looks"]] == [False, False]

    refusal(desk.manager.post(f"trials/{made['id']}/end/"), 409, "too_early")
    gone = desk.manager.post(f"trials/{made['id']}/cancel/", {"reason": "enough"}).json()
    assert gone["state"] == "cancelled"
    assert isinstance(gone["seed"], int)
    assert [one["id"] for one in desk.manager.all("trials/")] == [made["id"]]


def test_stretches_of_time_tell_their_washout_and_what_they_left_out(desk: Desk):
    made = desk.manager.post("trials/", {"method": "switchback", "hours": 2}).json()
    assert (made["washout"], made["strata"]) == (30, [])
    desk.ticket(language="ja")
    read = desk.manager.get(f"trials/{made['id']}/").json()
    assert (read["placed"], read["left_out"]) == (0, {"washout": 1})
    desk.manager.post(f"trials/{made['id']}/cancel/")
    assert desk.manager.post("trials/", {}).json()["washout"] is None


def test_a_trainee_has_no_trials(desk: Desk):
    assert desk.owner.get("trials/").status_code == 403
    assert desk.owner.post("trials/", {}).status_code == 403


def test_a_wrong_field_is_named_at_the_api(desk: Desk):
    refusal(desk.manager.post("trials/", {"planned": 1}), 400, None, planned="invalid_trial")
    refusal(desk.manager.post("trials/", {"colour": "red"}), 400, None, colour="unknown_field")
    assert desk.manager.get("trials/999/").status_code == 404
