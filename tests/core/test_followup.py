"""What is promised on a ticket, and what becomes of it at its moment."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.core.case import Case
from playbooks.core.conditions import reasons
from playbooks.core.effects import Become, Note, Say
from playbooks.core.followup import KINDS, Promise, Sent, Skipped, decide, measurement, promises
from playbooks.core.happenings import events_of
from playbooks.core.playbook import Playbook, load
from playbooks.core.rail import rail
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
    accepted,
    closed,
    confirmed,
    created,
    did,
    logs,
    pressed,
    remedied,
    reopened,
    said,
    solved,
)  # fmt: skip
from tickets.calendars import ALWAYS, calendar
from tickets.errors import Invalid
from tickets.lifecycle import REOPEN_GRACE, status_of
from tickets.log import Event


def promised(playbook: Playbook, case: Case, *events: Event) -> dict[str, Promise]:
    log = [created(), *events]
    steps = rail(playbook, case, log, now=log[-1].at, calendar=ALWAYS)
    return {promise.step: promise for promise in promises(playbook, case, log, steps)}


def falls_due(
    promise: Promise, *events: Event, playbook: Playbook = LETTER, case: Case = GRAVE, after: int | None = None
) -> Sent | Skipped:
    now = promise.due_at if after is None else T0 + after
    kept = Promise(promise.step, promise.kind, promise.due_at, json.loads(json.dumps(dict(promise.data))))
    return decide(kept, playbook, case, [created(), *events], now=now, calendar=ALWAYS)


def sent(decision: Sent | Skipped) -> tuple[Any, ...]:
    assert isinstance(decision, Sent), decision
    return decision.effects


def the_letter(due: int = 30 * HOUR) -> Promise:
    return Promise("letter", "letter", T0 + due, {"body": "謹啓 …", "facts": {"apology": ["regret"], "register": 1.0}})


def the_gift(amount: int = 5_000) -> Promise:
    return Promise("gift", "gift", T0 + 3 * DAY, {"amount": amount})


# --- promises ---


def test_a_new_ticket_is_promised_its_acknowledgement_its_reminders_and_the_late_surveys() -> None:
    due = {step: promise.due_at - T0 for step, promise in promised(LETTER, GRAVE).items()}
    assert due == {
        "acknowledge": 20,
        "remind.apologise": 45 * MINUTE,
        "remind.confirm_facts": 18 * HOUR,
        "interim_report": 20 * HOUR,
        "remind.remedy": 54 * HOUR,
        "nps": 30 * DAY,
        "repurchase": 30 * DAY,
    }


def test_a_solved_ticket_is_promised_its_surveys_its_check_ins_and_its_closing() -> None:
    made = promised(LETTER, GRAVE, said(HOUR), remedied(HOUR), solved(DAY))
    late = {step: (promise.kind, promise.due_at - T0) for step, promise in made.items() if step.endswith(".1")}
    assert late == {
        "csat.1": ("survey", 2 * DAY),
        "ces.1": ("survey", 2 * DAY),
        "check_in_3.1": ("check_in", 4 * DAY),
        "check_in_7.1": ("check_in", 8 * DAY),
        "close.1": ("close", DAY + REOPEN_GRACE + 1),
    }


def test_a_second_end_makes_promises_of_its_own() -> None:
    made = promised(LETTER, GRAVE, solved(0), reopened(DAY), solved(2 * DAY))
    assert made["csat.1"].due_at == T0 + DAY
    assert made["csat.2"].due_at == T0 + 3 * DAY
    assert (made["check_in_3.1"].due_at, made["check_in_3.2"].due_at) == (T0 + 3 * DAY, T0 + 5 * DAY)
    assert made["remind.solve.1"].due_at == T0 + DAY + 18 * HOUR


def test_what_an_agent_promised_stands_with_what_it_carries() -> None:
    event = did(HOUR, "follow_up.promised", step="letter", kind="letter", due_at=T0 + DAY, body="謹啓", facts={})
    made = promised(LETTER, GRAVE, confirmed(0), event)
    assert made["letter"] == Promise("letter", "letter", T0 + DAY, {"body": "謹啓", "facts": {}})


def test_a_second_promise_of_the_same_name_changes_nothing() -> None:
    first = did(HOUR, "follow_up.promised", step="letter", kind="letter", due_at=T0 + DAY, body="first")
    again = did(HOUR, "follow_up.promised", step="letter", kind="letter", due_at=T0 + 2 * DAY, body="second")
    assert promised(LETTER, GRAVE, first, again)["letter"].data["body"] == "first"


def test_every_ticket_is_measured_alike_whatever_its_playbook() -> None:
    surveys = [
        {(p.step, p.due_at) for p in promised(playbook, GRAVE, solved(HOUR)).values() if p.kind == "survey"}
        for playbook in (FAST, LETTER)
    ]
    assert surveys[0] == surveys[1]
    assert {question.metric for question in measurement()} == {"csat", "ces", "nps", "repurchase"}


def test_a_playbook_may_ask_a_question_of_its_own() -> None:
    text = '{ en = "A", ko = "가", ja = "あ" }'
    playbook = load(
        f'key = "own"\nversion = 1\nhue = "ochre"\ntitle = {text}\nsummary = {text}\n'
        f'[[question]]\nkey = "tone"\nanchor = "solved"\nafter = "2d"\ntext = {text}\n'
        f'[[step]]\nkey = "end"\ntitle = {text}\nwhy = {text}\nstage = "closing"\nby = "agent"\n'
        'deed = "solve"\nwithin = "1d"\n'
    )
    made = promised(playbook, GRAVE, solved(HOUR))["question.tone.1"]
    (note,) = sent(falls_due(made, solved(HOUR), playbook=playbook))
    assert note.data["metric"] == "question.tone"


@settings(max_examples=200, deadline=None)
@given(log=logs(), playbook=st.sampled_from([FAST, LETTER]), case=st.sampled_from([LIGHT, GRAVE]))
def test_a_promise_never_changes_when_the_log_grows(log: list[Event], playbook: Playbook, case: Case) -> None:
    before: dict[str, Promise] = {}
    for n in range(1, len(log) + 1):
        after = promised(playbook, case, *log[1:n])
        assert {step: after.get(step) for step in before} == before
        assert all(promise.due_at >= log[n - 1].at for step, promise in after.items() if step not in before)
        before = after


# --- what the desk itself sends ---


def test_a_ticket_that_nobody_answered_is_acknowledged_by_the_bot() -> None:
    (say,) = sent(falls_due(promised(LETTER, GRAVE)["acknowledge"]))
    assert (say.author, say.public, say.facts.deeds) == ("bot", True, ("acknowledge",))


def test_a_person_who_was_quicker_makes_the_acknowledgement_needless() -> None:
    assert falls_due(promised(LETTER, GRAVE)["acknowledge"], said(10)) == Skipped("human_answered")


def test_an_interim_report_names_the_next_moment() -> None:
    (say,) = sent(falls_due(promised(LETTER, GRAVE)["interim_report"], said(HOUR)))
    assert (say.author, say.facts.promise_at) == ("system", T0 + 20 * HOUR + DAY)
    assert "interim_report" in say.facts.deeds


def test_an_interim_report_leaves_the_desk_a_working_day_for_what_it_promises() -> None:
    friday_night = T0 + 4 * DAY + 14 * HOUR
    promise = Promise("interim_report", "interim_report", friday_night, {"step": "interim_report", "opening": 1})
    decision = decide(promise, LETTER, GRAVE, [created()], now=friday_night, calendar=calendar("jp"))
    (say,) = sent(decision)
    assert calendar("jp").seconds_between(friday_night, say.facts.promise_at) == 8 * HOUR


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([remedied(HOUR)], "remedy_given"),
        ([solved(HOUR)], "already_solved"),
        ([said(HOUR, deeds=["interim_report"])], "already_done"),
    ],
)
def test_an_interim_report_is_skipped_when_nobody_waits_any_more(events: list[Event], reason: str) -> None:
    assert falls_due(promised(LETTER, GRAVE)["interim_report"], *events) == Skipped(reason)


def test_a_check_in_does_not_reopen_the_ticket() -> None:
    log = [solved(HOUR)]
    (say,) = sent(falls_due(promised(LETTER, GRAVE, *log)["check_in_3.1"], *log))
    status, events = events_of([say], status="solved", channel="email", at=T0 + 4 * DAY)
    assert (status, len(events), events[0].data["facts"]["deeds"]) == ("solved", 1, ["check_in"])


def test_a_check_in_is_skipped_while_the_ticket_is_open_again() -> None:
    promise = promised(LETTER, GRAVE, solved(HOUR))["check_in_3.1"]
    assert falls_due(promise, solved(HOUR), reopened(DAY)) == Skipped("reopened")
    assert falls_due(promise, solved(HOUR), reopened(DAY), solved(2 * DAY)) == Skipped("reopened")


def test_a_reminder_is_for_the_agent_alone_and_names_the_step() -> None:
    (say,) = sent(falls_due(promised(LETTER, GRAVE)["remind.apologise"]))
    assert (say.author, say.public, say.facts.promise_at) == ("system", False, None)
    assert "担当者によるお詫び" in say.text


def test_a_reminder_of_something_done_is_not_sent() -> None:
    promise = promised(LETTER, GRAVE)["remind.apologise"]
    assert falls_due(promise, said(HOUR // 2, apology=SORRY)) == Skipped("already_done")


def test_a_reminder_of_something_left_out_says_why_it_was() -> None:
    promise = promised(LETTER, GRAVE)["remind.remedy"]
    assert falls_due(promise, confirmed(HOUR, own_fault=False)) == Skipped("no_own_fault")


# --- letter, gift, message ---


def test_a_letter_goes_out_by_post_in_the_agent_s_name() -> None:
    (say,) = sent(falls_due(the_letter(), confirmed(HOUR)))
    assert (say.author, say.channel, say.text, say.public) == ("agent", "letter", "謹啓 …", True)
    assert (say.facts.deeds, say.facts.apology) == (("letter",), ("regret",))


def test_a_letter_goes_out_after_the_ticket_was_solved() -> None:
    assert isinstance(falls_due(the_letter(), confirmed(HOUR), solved(2 * HOUR)), Sent)


@pytest.mark.parametrize(
    ("case", "playbook", "events", "reason"),
    [
        (GRAVE, LETTER, [], "facts_not_confirmed"),
        (GRAVE, LETTER, [confirmed(HOUR), confirmed(2 * HOUR, own_fault=False)], "no_own_fault"),
        (LIGHT, LETTER, [confirmed(HOUR)], "light_case"),
        (GRAVE, FAST, [confirmed(HOUR)], "not_in_playbook"),
        (GRAVE, LETTER, [confirmed(HOUR), said(2 * HOUR, deeds=["letter"])], "already_done"),
        (GRAVE, LETTER, [confirmed(HOUR), solved(2 * HOUR), closed(8 * DAY)], "ticket_closed"),
    ],
)
def test_a_letter_looks_again_at_the_case(case: Case, playbook: Playbook, events: list[Event], reason: str) -> None:
    assert falls_due(the_letter(due=9 * DAY), *events, case=case, playbook=playbook) == Skipped(reason)


def test_a_gift_is_noted_with_its_cap_and_comes_with_a_word() -> None:
    note, say = sent(falls_due(the_gift(), confirmed(HOUR), accepted(DAY)))
    assert note == Note("gift.given", "agent", {"amount": 5_000, "currency": "JPY", "cap": 5_000})
    assert isinstance(say, Say)
    assert (say.author, "gift" in say.facts.deeds) == ("agent", True)


def test_a_gift_carries_the_agent_s_own_words_if_there_are_any() -> None:
    gift = Promise(
        "gift", "gift", T0 + 3 * DAY, {"amount": 3_000, "body": "心ばかりの品です", "facts": {"empathy": 0.5}}
    )
    _, say = sent(falls_due(gift, confirmed(HOUR), accepted(DAY)))
    assert (say.text, say.facts.empathy) == ("心ばかりの品です", 0.5)


@pytest.mark.parametrize(
    ("case", "playbook", "amount", "events", "reason"),
    [
        (GRAVE, LETTER, 5_000, [confirmed(HOUR)], "apology_not_accepted"),
        (GRAVE, LETTER, 5_000, [confirmed(HOUR), did(DAY, "customer.declined", "customer")], "apology_not_accepted"),
        (GRAVE, LETTER, 5_000, [accepted(HOUR)], "facts_not_confirmed"),
        (GRAVE, LETTER, 5_000, [confirmed(HOUR, own_fault=False), accepted(DAY)], "no_own_fault"),
        (GRAVE, LETTER, 5_000, [confirmed(HOUR), accepted(DAY), pressed(2 * DAY)], "under_pressure"),
        (GRAVE, LETTER, 5_001, [confirmed(HOUR), accepted(DAY)], "above_cap"),
        (GRAVE, LETTER, 0, [confirmed(HOUR), accepted(DAY)], "above_cap"),
        (LIGHT, LETTER, 3_000, [confirmed(HOUR), accepted(DAY)], "light_case"),
        (GRAVE, FAST, 3_000, [confirmed(HOUR), accepted(DAY)], "not_in_playbook"),
        (GRAVE, LETTER, 3_000, [confirmed(HOUR), accepted(DAY), did(2 * DAY, "gift.given")], "already_done"),
        (GRAVE, LETTER, 3_000, [confirmed(HOUR), accepted(DAY), solved(DAY), closed(9 * DAY)], "ticket_closed"),
    ],
)
def test_a_gift_looks_again_at_the_case(
    case: Case, playbook: Playbook, amount: int, events: list[Event], reason: str
) -> None:
    assert falls_due(the_gift(amount), *events, case=case, playbook=playbook, after=10 * DAY) == Skipped(reason)


def test_a_message_is_said_by_the_agent_unless_the_ticket_is_closed() -> None:
    message = Promise("message.1", "message", T0 + DAY, {"body": "How is it going?", "facts": {"listening": 0.5}})
    (say,) = sent(falls_due(message))
    assert (say.author, say.text, say.facts.listening) == ("agent", "How is it going?", 0.5)
    assert falls_due(message, solved(0), closed(8 * DAY), after=9 * DAY) == Skipped("ticket_closed")


# --- surveys and closing ---


def test_a_survey_is_one_invitation() -> None:
    invited = sent(falls_due(promised(FAST, GRAVE, solved(HOUR))["csat.1"], solved(HOUR), playbook=FAST))
    assert invited == (Note("survey.invited", "system", {"metric": "csat", "round": 1}),)


@pytest.mark.parametrize("metric", ["csat.1", "ces.1"])
def test_an_end_that_was_no_end_is_not_asked_about(metric: str) -> None:
    promise = promised(FAST, GRAVE, solved(HOUR))[metric]
    assert falls_due(promise, solved(HOUR), reopened(2 * HOUR), playbook=FAST) == Skipped("reopened")
    log = [solved(HOUR), reopened(2 * HOUR), solved(3 * HOUR)]
    assert falls_due(promise, *log, playbook=FAST) == Skipped("reopened")


@pytest.mark.parametrize("metric", ["nps", "repurchase"])
def test_loyalty_is_asked_of_everybody_even_while_the_ticket_is_open(metric: str) -> None:
    assert isinstance(falls_due(promised(FAST, GRAVE)[metric], playbook=FAST), Sent)


def test_a_solved_ticket_closes_when_no_word_reopens_it_any_more() -> None:
    promise = promised(FAST, GRAVE, solved(HOUR))["close.1"]
    assert sent(falls_due(promise, solved(HOUR), playbook=FAST)) == (Become("closed", "system"),)


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([solved(HOUR), reopened(DAY)], "reopened"),
        ([solved(HOUR), reopened(DAY), solved(2 * DAY)], "reopened"),
        ([solved(HOUR), closed(2 * DAY)], "already_done"),
    ],
)
def test_a_ticket_closes_once_and_only_from_its_last_end(events: list[Event], reason: str) -> None:
    promise = promised(FAST, GRAVE, solved(HOUR))["close.1"]
    assert falls_due(promise, *events, playbook=FAST) == Skipped(reason)


# --- over all logs ---


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid):
        falls_due(Promise("x", "carrier_pigeon", T0))


@settings(max_examples=150, deadline=None)
@given(
    log=logs(),
    playbook=st.sampled_from([FAST, LETTER]),
    case=st.sampled_from([LIGHT, GRAVE]),
    days=st.sampled_from([0, 400]),
)
def test_every_promise_can_be_decided_and_carried_out_even_after_400_days(
    log: list[Event], playbook: Playbook, case: Case, days: int
) -> None:
    made = list(promised(playbook, case, *log[1:]).values())
    carried = [the_letter(), the_gift(), Promise("message.1", "message", T0, {"body": "…"})]
    for promise in [*made, *carried]:
        now = max(promise.due_at, log[-1].at) + days * DAY
        decision = falls_due(promise, *log[1:], playbook=playbook, case=case, after=now - T0)
        if isinstance(decision, Skipped):
            assert decision.reason in reasons()
        else:
            events_of(decision.effects, status=status_of(log), channel="email", at=now)
        assert promise.kind in KINDS
