"""Where a ticket stands on its playbook, told as what happened and when."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.core.case import Case
from playbooks.core.playbook import Playbook, load
from playbooks.core.rail import Opening, missing_deadlines, next_deadline, rail
from tests.core.playbook_cases import (
    DAY,
    FAST,
    GRAVE,
    HOUR,
    LETTER,
    LIGHT,
    MINUTE,
    SORRY,
    T0,
    a_case,
    accepted,
    closed,
    confirmed,
    did,
    logs,
    missed,
    pressed,
    rail_of,
    remedied,
    reopened,
    said,
    solved,
)  # fmt: skip
from tickets.calendars import ALWAYS, calendar
from tickets.log import Event

# --- one step over time ---


@pytest.mark.parametrize(
    ("events", "state", "met"),
    [
        ([], "open", None),
        ([said(10, "bot")], "open", None),
        ([said(10, "customer")], "open", None),
        ([said(10, public=False)], "open", None),
        ([said(30 * MINUTE)], "done", True),
        ([said(5 * HOUR)], "done", True),  # past the target, within the hard limit
        ([missed(24 * HOUR + 1, "answer")], "missed", False),
        ([missed(24 * HOUR + 1, "answer"), said(30 * HOUR)], "done", False),
    ],
)
def test_an_answer_is_due_until_a_person_gives_it(events: list[Event], state: str, met: bool | None) -> None:
    view = rail_of(FAST, GRAVE, *events)["answer"]
    assert (view.state, view.met) == (state, met)


def test_targets_and_limits_count_from_the_moment_the_step_opens() -> None:
    view = rail_of(FAST, a_case(channel="kakaotalk"), said(HOUR))["answer"]
    assert (view.anchor_at, view.due_at, view.latest_at, view.done_at) == (T0, T0 + 300, T0 + DAY, T0 + HOUR)
    remedy = rail_of(FAST, GRAVE, said(HOUR))["remedy"]
    assert (remedy.state, remedy.anchor_at, remedy.due_at) == ("open", T0 + HOUR, T0 + HOUR + DAY)


def test_business_steps_count_business_hours() -> None:
    opened_at = T0 + 8 * HOUR + 30 * MINUTE  # 17:30 in Tokyo; the desk closes at 18:00
    log = [Event(opened_at, "ticket.created", "customer", {"status": "new"})]
    steps = rail(LETTER, GRAVE, log, now=opened_at, calendar=calendar("jp"))
    apologise = next(view for view in steps if view.step.key == "apologise")
    assert apologise.due_at == T0 + DAY + 30 * MINUTE  # 09:30 the next morning


def test_a_missed_step_holds_nobody_up() -> None:
    view = rail_of(FAST, GRAVE, missed(24 * HOUR + 1, "answer"))["remedy"]
    assert (view.state, view.anchor_at) == ("open", T0 + 24 * HOUR + 1)


def test_what_happens_later_than_now_does_not_count() -> None:
    assert rail_of(FAST, GRAVE, said(HOUR), after=HOUR - 1)["answer"].state == "open"


# --- conditions ---


@pytest.mark.parametrize(
    ("case", "events", "state", "reason"),
    [
        (GRAVE, [], "waiting", None),
        (GRAVE, [confirmed(HOUR)], "open", None),
        (GRAVE, [confirmed(HOUR), said(2 * HOUR, deeds=["letter"])], "done", None),
        (GRAVE, [said(HOUR, deeds=["letter"])], "waiting", None),  # fault is confessed once it is known
        (GRAVE, [confirmed(HOUR, own_fault=False)], "left_out", "no_own_fault"),
        (GRAVE, [confirmed(HOUR, own_fault=False), confirmed(2 * HOUR)], "open", None),  # the facts corrected
        (LIGHT, [], "left_out", "light_case"),
        (LIGHT, [confirmed(HOUR)], "left_out", "light_case"),
        (GRAVE, [solved(HOUR), closed(8 * DAY)], "left_out", "facts_not_confirmed"),
    ],
)
def test_a_letter_needs_own_fault_and_a_severe_case(
    case: Case, events: list[Event], state: str, reason: str | None
) -> None:
    view = rail_of(LETTER, case, *events)["letter"]
    assert (view.state, view.reason) == (state, reason)


@pytest.mark.parametrize(
    ("case", "events", "state", "reason"),
    [
        (GRAVE, [confirmed(HOUR)], "waiting", None),
        (
            GRAVE,
            [confirmed(HOUR), did(2 * HOUR, "gift.given")],
            "waiting",
            None,
        ),  # before acceptance: it does not count
        (GRAVE, [confirmed(HOUR), did(2 * HOUR, "customer.declined", "customer")], "waiting", None),
        (GRAVE, [accepted(HOUR)], "waiting", None),
        (GRAVE, [confirmed(HOUR), accepted(2 * HOUR)], "open", None),
        (GRAVE, [accepted(HOUR), confirmed(2 * HOUR)], "open", None),
        (GRAVE, [confirmed(HOUR), accepted(2 * HOUR), did(3 * HOUR, "gift.given")], "done", None),
        (GRAVE, [pressed(HOUR)], "left_out", "under_pressure"),
        (GRAVE, [pressed(HOUR), confirmed(2 * HOUR), accepted(3 * HOUR)], "left_out", "under_pressure"),
        (GRAVE, [confirmed(HOUR), accepted(2 * HOUR), pressed(3 * HOUR)], "left_out", "under_pressure"),
        (GRAVE, [confirmed(HOUR, own_fault=False), accepted(2 * HOUR)], "left_out", "no_own_fault"),
        (LIGHT, [confirmed(HOUR), accepted(2 * HOUR)], "left_out", "light_case"),
        (a_case(price=2_000), [confirmed(HOUR), accepted(2 * HOUR)], "left_out", "no_gift_budget"),
        (GRAVE, [confirmed(HOUR), solved(2 * HOUR), closed(8 * DAY)], "left_out", "apology_not_accepted"),
    ],
)
def test_a_gift_comes_after_acceptance_and_never_under_pressure(
    case: Case, events: list[Event], state: str, reason: str | None
) -> None:
    view = rail_of(LETTER, case, *events)["gift"]
    assert (view.state, view.reason) == (state, reason)


def test_a_light_case_gets_a_careful_mail_and_one_check_in() -> None:
    log = [said(HOUR, apology=SORRY), confirmed(2 * HOUR), remedied(3 * HOUR), solved(DAY)]
    steps = rail_of(LETTER, LIGHT, *log)
    assert steps["careful_mail"].state == "open"
    assert steps["check_in_3"].state == "open"
    assert steps["check_in_7"].reason == "light_case"


def test_a_grave_case_gets_the_letter_in_place_of_the_mail() -> None:
    steps = rail_of(LETTER, GRAVE, confirmed(2 * HOUR))
    assert (steps["letter"].state, steps["careful_mail"].reason) == ("open", "serious_case")


def test_without_own_fault_nothing_is_owed_but_to_solve() -> None:
    steps = rail_of(LETTER, GRAVE, said(HOUR, apology=SORRY), confirmed(2 * HOUR, own_fault=False))
    owed = {key for key, view in steps.items() if view.state == "open" and view.step.by == "agent"}
    assert owed == {"solve"}
    assert steps["remedy"].reason == "no_own_fault"


@pytest.mark.parametrize(
    ("events", "state", "reason"),
    [
        ([], "open", None),
        ([remedied(HOUR)], "left_out", "remedy_given"),
        ([solved(HOUR)], "left_out", "already_solved"),
        ([said(20 * HOUR, "system", deeds=["interim_report"]), remedied(30 * HOUR)], "done", None),
        ([said(10 * HOUR, deeds=["interim_report"])], "done", None),
    ],
)
def test_an_interim_report_is_for_those_who_still_wait(events: list[Event], state: str, reason: str | None) -> None:
    view = rail_of(LETTER, GRAVE, *events)["interim_report"]
    assert (view.state, view.reason) == (state, reason)


def test_one_apology_fulfils_one_step() -> None:
    both = [confirmed(HOUR), said(2 * HOUR, apology=SORRY)]
    assert rail_of(LETTER, LIGHT, *both)["careful_mail"].state == "open"
    assert rail_of(LETTER, LIGHT, *both, said(3 * HOUR, apology=SORRY))["careful_mail"].state == "done"


def test_the_first_check_in_is_not_the_second_as_well() -> None:
    log = [remedied(HOUR), solved(2 * HOUR), said(2 * HOUR + 3 * DAY, "system", deeds=["check_in"], keeps_closed=True)]
    steps = rail_of(LETTER, GRAVE, *log)
    assert (steps["check_in_3"].state, steps["check_in_7"].state) == ("done", "open")


# --- solving, reopening, closing ---


def test_solved_is_solved_even_before_its_turn() -> None:
    view = rail_of(FAST, GRAVE, solved(HOUR))["solve"]
    assert (view.state, view.met, view.anchor_at) == ("done", True, None)


def test_a_reopened_ticket_is_to_be_solved_again() -> None:
    log = [said(HOUR), remedied(2 * HOUR), solved(3 * HOUR), reopened(2 * DAY)]
    view = rail_of(FAST, GRAVE, *log)["solve"]
    assert (view.state, view.anchor_at, view.due_at, view.done_at) == ("open", T0 + 2 * DAY, T0 + 3 * DAY, None)
    assert len(view.openings) == 2
    assert rail_of(FAST, GRAVE, *log, solved(2 * DAY + HOUR))["solve"].met is True


def test_after_a_reopening_the_check_ins_count_from_the_new_end() -> None:
    log = [remedied(HOUR), solved(2 * HOUR), reopened(DAY)]
    assert rail_of(LETTER, GRAVE, *log)["check_in_3"].state == "waiting"
    view = rail_of(LETTER, GRAVE, *log, solved(2 * DAY))["check_in_3"]
    assert (view.state, view.due_at) == ("open", T0 + 5 * DAY)


def test_a_check_in_that_was_made_is_not_made_again() -> None:
    check_in = said(2 * HOUR + 3 * DAY, "system", deeds=["check_in"], keeps_closed=True)
    log = [remedied(HOUR), solved(2 * HOUR), check_in, reopened(4 * DAY), solved(5 * DAY)]
    steps = rail_of(LETTER, GRAVE, *log)
    assert (steps["check_in_3"].state, steps["check_in_7"].due_at) == ("done", T0 + 12 * DAY)


def test_the_rest_of_the_run_goes_on_after_a_reopening() -> None:
    log = [confirmed(HOUR), remedied(2 * HOUR), solved(3 * HOUR), reopened(DAY), said(DAY + HOUR, deeds=["letter"])]
    steps = rail_of(LETTER, GRAVE, *log)
    assert (steps["letter"].state, steps["prevention"].state) == ("done", "open")


def test_closing_leaves_out_what_an_agent_has_not_done() -> None:
    log = [said(HOUR), solved(2 * HOUR), closed(7 * DAY + 2 * HOUR + 1)]
    steps = rail_of(FAST, GRAVE, *log)
    assert (steps["remedy"].state, steps["remedy"].reason) == ("left_out", "ticket_closed")


def test_no_step_is_ever_waiting_or_awaited_of_an_agent_once_the_ticket_is_closed() -> None:
    for playbook in (FAST, LETTER):
        for case in (LIGHT, GRAVE):
            steps = rail_of(playbook, case, solved(HOUR), closed(8 * DAY)).values()
            assert {view.state for view in steps if view.step.by == "agent"} <= {"done", "left_out"}
            assert all(view.state != "waiting" for view in steps)


def test_a_follow_up_that_was_skipped_leaves_its_step_out() -> None:
    skipped = did(HOUR, "follow_up.skipped", "system", step="check_in_3.1", kind="check_in", reason="reopened")
    assert rail_of(LETTER, GRAVE, solved(0), skipped)["check_in_3"].reason == "reopened"


def test_a_skip_of_an_earlier_round_does_not_touch_the_present_one() -> None:
    skipped = did(3 * DAY, "follow_up.skipped", "system", step="check_in_3.1", kind="check_in", reason="reopened")
    steps = rail_of(LETTER, GRAVE, solved(0), reopened(DAY), solved(2 * DAY), skipped)
    assert steps["check_in_3"].state == "open"


# --- deadlines ---


def test_the_next_deadline_is_the_earliest_open_target_of_an_agent() -> None:
    assert next_deadline(rail_of(LETTER, GRAVE).values()) == T0 + HOUR
    assert next_deadline(rail_of(LETTER, GRAVE, said(HOUR, apology=SORRY)).values()) == T0 + DAY
    assert next_deadline(rail_of(FAST, GRAVE, said(HOUR), remedied(HOUR), solved(HOUR)).values()) is None


def test_an_open_step_is_missed_in_the_second_after_its_limit() -> None:
    assert dict(missing_deadlines(rail_of(FAST, GRAVE).values())) == {"acknowledge": T0 + 61, "answer": T0 + DAY + 1}
    late = rail_of(FAST, GRAVE, missed(61, "acknowledge"), missed(DAY + 1, "answer")).values()
    assert dict(missing_deadlines(late)) == {"remedy": T0 + 4 * DAY + 2}


def test_reminders_come_at_three_quarters_of_the_way() -> None:
    view = rail_of(FAST, GRAVE)["answer"]
    assert view.openings == (Opening(T0, T0 + HOUR, T0 + DAY, T0 + 45 * MINUTE),)


def test_steps_in_any_order_of_the_file_move_alike() -> None:
    text = (Path(__file__).parents[2] / "playbooks/core/library/apology_letter_gift.toml").read_text("utf-8")
    head, *rest = re.split(r"(?=^\[\[step\]\]$)", text, flags=re.MULTILINE)
    *steps, last = rest
    last, gift = last.split("# --- what a gift")
    shuffled = load(head + "".join([last, *reversed(steps)]) + "#" + gift)
    log = (confirmed(HOUR), remedied(HOUR), said(2 * HOUR, apology=SORRY, deeds=["letter", "prevention"]), solved(DAY))
    there, back = rail_of(LETTER, GRAVE, *log), rail_of(shuffled, GRAVE, *log)
    assert {key: (view.state, view.due_at) for key, view in there.items()} == {
        key: (view.state, view.due_at) for key, view in back.items()
    }


# --- over all logs ---


@settings(max_examples=150, deadline=None)
@given(log=logs(), playbook=st.sampled_from([FAST, LETTER]), case=st.sampled_from([LIGHT, GRAVE]))
def test_what_was_opened_stays_opened_and_what_was_done_stays_done(
    log: list[Event], playbook: Playbook, case: Case
) -> None:
    before = rail(playbook, case, log[:1], now=log[-1].at, calendar=ALWAYS)
    for n in range(2, len(log) + 1):
        after = rail(playbook, case, log[:n], now=log[-1].at, calendar=ALWAYS)
        for old, new in zip(before, after, strict=True):
            assert new.openings[: len(old.openings)] == old.openings
            if old.state == "done" and old.step.deed != "solve":
                assert (new.state, new.done_at) == ("done", old.done_at)
        before = after


@settings(max_examples=150, deadline=None)
@given(log=logs(), case=st.sampled_from([LIGHT, GRAVE]))
def test_no_gift_is_ever_open_before_acceptance_under_pressure_or_without_fault(log: list[Event], case: Case) -> None:
    for n in range(1, len(log) + 1):
        seen = log[:n]
        steps = rail(LETTER, case, seen, now=seen[-1].at, calendar=ALWAYS)
        gift = next(view for view in steps if view.step.key == "gift")
        if gift.state == "open":
            assert any(event.name == "customer.accepted" for event in seen)
            assert [e.data["own_fault"] for e in seen if e.name == "case.facts_confirmed"][-1] is True
            assert not any(e.name == "comment.created" and e.data["facts"].get("pressure") for e in seen)
            assert case is GRAVE
