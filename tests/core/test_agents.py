"""What an automatic agent sees, when it looks, what it does next, and that it never gets stuck."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from playbooks.core import agents
from playbooks.core.agents import Profile, action_from, next_action, perform, profile_for, profiles, work_at
from playbooks.core.case import Case
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.happenings import events_of
from playbooks.core.opening import opening_events
from playbooks.core.playbook import built_in, gift_cap
from playbooks.core.rail import rail
from playbooks.core.replay import play
from playbooks.core.scenarios import case_of_scenario, scenarios
from playbooks.core.turns import Action
from tickets.calendars import ALWAYS, calendar
from tickets.lifecycle import status_of
from tickets.log import AGENT, CUSTOMER, SYSTEM, Event

T0 = 1_767_592_800  # Monday 2026-01-05 06:00 UTC, 15:00 in Tokyo
HOUR, DAY = 3_600, 86_400
FAST, LETTER = built_in()["fast-resolution"], built_in()["apology-letter-gift"]
CASE = Case(
    key="T-1", seed=7, language="ja", profile="JP", channel="email", category="wrong_item", severity=0.8,
    monetary=True, goods_accepted=True, own_fault=True, price=30_000, currency="JPY", right_remedy="exchange",
)  # fmt: skip


def steady(playbook: Any = FAST, **changes: Any) -> Profile:
    """An agent without whims, so that a test sees the rule alone."""
    calm = dict.fromkeys(("p_late", "p_hand_over", "p_ask", "p_wrong_remedy", "p_ng", "p_forget"), 0.0)
    return replace(profile_for(playbook), **{**calm, **changes})


def view(log: Sequence[Event], *, playbook: Any = FAST, case: Case = CASE) -> agents.View:
    now = log[-1].at
    return agents.view(playbook, case, log, rail(playbook, case, log, now=now, calendar=ALWAYS), now=now)


def opened() -> list[Event]:
    return opening_events(CASE, at=T0)


def said(at: int, *, actor: str = CUSTOMER, **facts: Any) -> Event:
    return Event(at, "comment.created", actor, {"public": True, "author": actor, "channel": "email", "facts": facts})


def solved(at: int) -> Event:
    return Event(at, "ticket.solved", AGENT, {"from": "open", "to": "solved"})


def act(
    log: Sequence[Event], kind: str, *, at: int, playbook: Any = FAST, case: Case = CASE, **changes: Any
) -> list[Effect]:
    steps = rail(playbook, case, log, now=at, calendar=ALWAYS)
    step = next((s.step.key for s in steps if s.state == "open" and agents.ACTION_FOR[s.step.deed] == kind), None)
    action = Action(kind, 60, sum(event.actor == AGENT for event in log), step)
    return perform(action, playbook, case, log, steps, steady(playbook, **changes), now=at, hours=ALWAYS)


def after(log: Sequence[Event], effects: Sequence[Effect], *, at: int) -> list[Event]:
    _, events = events_of(effects, status=status_of(log), channel="email", at=at)
    return [*log, *events]


def worked(*kinds: str, playbook: Any = FAST, case: Case = CASE) -> list[Event]:
    """A log in which these things were done, ten minutes apart."""
    log = opened()
    for n, kind in enumerate(kinds, 1):
        log = after(log, act(log, kind, at=T0 + 600 * n, playbook=playbook, case=case), at=T0 + 600 * n)
    return log


# What an agent sees


def test_an_agent_sees_nothing_of_the_customers_mind_or_the_surveys() -> None:
    log = [
        *worked("answer"),
        Event(T0 + HOUR, "customer.declined", CUSTOMER, {}),
        Event(T0 + HOUR, "customer.left", CUSTOMER, {"silent": True}),
        Event(T0 + HOUR, "survey.answered", CUSTOMER, {"metric": "csat", "score": 1}),
    ]
    seen = view(log)
    assert not [event.name for event in seen.log if event.name.startswith(("customer.", "survey."))]
    assert not {"right_remedy", "severity", "case"} & {field.name for field in fields(seen)}


def test_own_fault_is_unknown_until_the_facts_are_confirmed() -> None:
    assert view(opened(), playbook=LETTER).own_fault is None
    assert view(worked("apologise", "confirm_facts", playbook=LETTER), playbook=LETTER).own_fault is True


def test_hidden_happenings_do_not_move_the_agent() -> None:
    log = worked("answer")
    hidden = [*log, Event(log[-1].at, "customer.left", CUSTOMER, {"silent": True})]
    assert work_at(view(hidden), steady()) == work_at(view(log), steady())


# When it looks, and what it does


def test_the_first_thing_is_the_playbooks_first_human_word() -> None:
    for playbook, first in ((FAST, "answer"), (LETTER, "apologise")):
        seen = view(opened(), playbook=playbook)
        at = work_at(seen, steady(playbook))
        assert at is not None
        assert T0 < at < T0 + HOUR
        action = next_action(seen, steady(playbook), now=at)
        assert action is not None
        assert (action.kind, action.nth) == (first, 0)


def test_before_its_instant_there_is_no_action() -> None:
    seen = view(opened())
    assert next_action(seen, steady(), now=T0) is None


def test_facts_come_before_the_remedy_where_the_playbook_investigates() -> None:
    log = worked("apologise", playbook=LETTER)
    action = next_action(view(log, playbook=LETTER), steady(LETTER), now=T0 + 20 * HOUR)
    assert action is not None
    assert action.kind == "confirm_facts"


def test_a_customers_word_is_answered_before_the_next_step() -> None:
    log = [*worked("answer"), said(T0 + 2 * HOUR, word="complaint")]
    action = next_action(view(log), steady(), now=T0 + 5 * HOUR)
    assert action is not None
    assert action.kind == "reply"


@pytest.mark.parametrize("word", ["thanks", "acceptance", "polite_refusal"])
def test_words_that_ask_for_nothing_are_not_answered(word: str) -> None:
    log = [*worked("answer", "remedy", "solve"), said(T0 + DAY, word=word, keeps_closed=True)]
    assert work_at(view(log), steady()) is None


def test_a_reopened_ticket_is_answered_and_solved_again() -> None:
    log = [*worked("answer", "remedy", "solve"), said(T0 + DAY, word="still_unhappy")]
    log.append(Event(T0 + DAY, "ticket.reopened", CUSTOMER, {"from": "solved", "to": "open"}))
    action = next_action(view(log), steady(), now=T0 + 2 * DAY)
    assert action is not None
    assert action.kind == "reply"
    log = after(log, act(log, "reply", at=T0 + 2 * DAY), at=T0 + 2 * DAY)
    action = next_action(view(log), steady(), now=T0 + 2 * DAY)
    assert action is not None
    assert action.kind == "solve"


def test_a_silent_customer_is_waited_for_and_then_given_up() -> None:
    log = after(worked("answer"), act(worked("answer"), "ask", at=T0 + HOUR), at=T0 + HOUR)
    assert status_of(log) == "pending"
    at = work_at(view(log), steady())
    assert at == T0 + HOUR + steady().silence
    action = next_action(view(log), steady(), now=at)
    assert action is not None
    assert action.kind == "give_up"
    assert Become("solved", AGENT) in act(log, "give_up", at=at)


def test_a_customer_who_asks_for_a_superior_is_handed_over_once() -> None:
    log = [*worked("answer"), said(T0 + HOUR, word="demand_superior")]
    action = next_action(view(log), steady(), now=T0 + 3 * HOUR)
    assert action is not None
    assert action.kind == "hand_over"
    log = after(log, act(log, "hand_over", at=T0 + 3 * HOUR), at=T0 + 3 * HOUR)
    log.append(said(T0 + 4 * HOUR, word="demand_superior"))
    action = next_action(view(log), steady(), now=T0 + 6 * HOUR)
    assert action is not None
    assert action.kind == "reply"


def test_a_dawdle_delays_the_look_and_a_chasing_customer_ends_it() -> None:
    late = steady(p_late=1.0, late=DAY)
    begin, prompt = work_at(view(opened()), late), work_at(view(opened()), steady())
    assert begin is not None
    assert prompt is not None
    assert begin > prompt
    nudged = work_at(view([*opened(), said(prompt + 60, word="chasing")]), late)
    assert nudged is not None
    assert nudged < begin


def test_forgotten_work_is_remembered_when_a_reminder_comes() -> None:
    forgetful = steady(LETTER, p_forget=1.0)
    log = worked("apologise", "confirm_facts", "remedy", playbook=LETTER)
    mindful = next_action(view(log, playbook=LETTER), steady(LETTER), now=T0 + 5 * HOUR)
    assert mindful is not None
    assert mindful.kind == "write_letter"
    assert next_action(view(log, playbook=LETTER), forgetful, now=T0 + 5 * HOUR) is None
    log.append(Event(T0 + 18 * HOUR, "follow_up.sent", SYSTEM, {"step": "remind.letter", "kind": "reminder"}))
    action = next_action(view(log, playbook=LETTER), forgetful, now=T0 + 19 * HOUR)
    assert action is not None
    assert action.kind == "write_letter"


def test_a_closed_ticket_wants_nobody() -> None:
    log = [
        *worked("answer", "remedy", "solve"),
        Event(T0 + 8 * DAY, "ticket.closed", SYSTEM, {"from": "solved", "to": "closed"}),
    ]
    assert work_at(view(log), steady()) is None


def test_even_with_nothing_due_a_ticket_in_work_gets_an_instant_to_be_solved() -> None:
    log = worked("apologise", "confirm_facts", "remedy", "write_letter", playbook=LETTER)
    forgetful = steady(LETTER, p_forget=1.0)
    at = work_at(view(log, playbook=LETTER), forgetful)
    assert at is not None
    action = next_action(view(log, playbook=LETTER), forgetful, now=at)
    assert action is not None
    assert action.kind == "solve"


def test_when_it_is_asked_makes_no_difference_to_the_instant() -> None:
    log = worked("answer")
    steps = rail(FAST, CASE, log, now=log[-1].at, calendar=ALWAYS)
    early = work_at(agents.view(FAST, CASE, log, steps, now=log[-1].at), profile_for(FAST))
    later = work_at(agents.view(FAST, CASE, log, steps, now=log[-1].at + DAY), profile_for(FAST))
    assert early == later


# What an action leaves


def test_an_action_survives_json() -> None:
    action = Action("remedy", 210, 3, "remedy")
    assert action_from(json.loads(json.dumps(action.to_dict()))) == action


def test_every_action_leaves_an_event_of_the_agent_and_its_seconds_once() -> None:
    log = worked("apologise", "confirm_facts", "remedy", "write_letter", "prevention", playbook=LETTER)
    for kind in (
        "apologise",
        "confirm_facts",
        "ask",
        "remedy",
        "write_letter",
        "prevention",
        "solve",
        "reply",
        "hand_over",
    ):
        made = after(log, act(log, kind, at=T0 + DAY, playbook=LETTER), at=T0 + DAY)[len(log) :]
        assert any(event.actor == AGENT for event in made), kind
        assert [event.data["seconds"] for event in made if event.data.get("seconds")] == [60], kind


def test_the_remedy_is_what_policy_gives_or_by_mistake_another() -> None:
    def kind(**changes: Any) -> str:
        effects = act(worked("answer"), "remedy", at=T0 + HOUR, **changes)
        return next(str(e.data["kind"]) for e in effects if isinstance(e, Note))

    assert kind() == "exchange"
    assert kind(p_wrong_remedy=1.0) != "exchange"


def test_a_slip_of_the_tongue_is_in_the_text_and_in_the_facts() -> None:
    (rude,) = act(opened(), "answer", at=T0 + 60, p_ng=1.0)
    (polite,) = act(opened(), "answer", at=T0 + 60)
    assert isinstance(rude, Say)
    assert isinstance(polite, Say)
    assert (rude.facts.ng, polite.facts.ng) == (1, 0)
    assert "規則ですので" in rude.text
    assert "規則ですので" not in polite.text


def test_a_letter_is_promised_with_its_words_and_delivered_later() -> None:
    log = worked("apologise", "confirm_facts", "remedy", playbook=LETTER)
    (note,) = act(log, "write_letter", at=T0 + DAY, playbook=LETTER)
    assert isinstance(note, Note)
    assert (note.name, note.data["step"], note.data["kind"]) == ("follow_up.promised", "letter", "letter")
    assert note.data["due_at"] > T0 + DAY
    assert "letter" in note.data["facts"]["deeds"]
    assert note.data["body"]


def test_a_gift_stays_within_its_cap() -> None:
    log = [
        *worked("apologise", "confirm_facts", "remedy", playbook=LETTER),
        Event(T0 + DAY, "customer.accepted", CUSTOMER, {}),
    ]
    cap = gift_cap(LETTER, CASE)
    for share in (0.0, 0.6, 1.0):
        (note,) = act(log, "offer_gift", at=T0 + DAY, playbook=LETTER, gift_share=(share, share))
        assert isinstance(note, Note)
        assert note.data["step"] == "gift"
        assert 0 <= note.data["amount"] <= cap


def test_words_after_the_end_do_not_open_the_ticket_again() -> None:
    log = worked("apologise", "confirm_facts", "remedy", playbook=LETTER)
    log.append(solved(T0 + HOUR))
    (said_late,) = act(log, "prevention", at=T0 + DAY, playbook=LETTER)
    assert isinstance(said_late, Say)
    assert said_late.facts.keeps_closed
    assert status_of(after(log, [said_late], at=T0 + DAY)) == "solved"


def test_a_ticket_that_closed_meanwhile_is_left_alone() -> None:
    log = worked("answer", "remedy")
    log.append(solved(T0 + HOUR))
    log.append(Event(T0 + HOUR, "ticket.closed", SYSTEM, {"from": "solved", "to": "closed"}))
    assert act(log, "reply", at=T0 + 2 * HOUR) == []


def test_a_new_word_stands_between_the_agent_and_solved() -> None:
    log = [*worked("answer", "remedy"), said(T0 + HOUR, word="complaint")]
    assert act(log, "solve", at=T0 + HOUR) == []
    assert act(worked("answer", "remedy"), "solve", at=T0 + HOUR) != []


def test_what_somebody_else_has_done_meanwhile_is_not_done_twice() -> None:
    log = worked("answer", "remedy")
    steps = rail(FAST, CASE, log, now=T0 + HOUR, calendar=ALWAYS)
    twice = perform(Action("remedy", 60, 1, "remedy"), FAST, CASE, log, steps, steady(), now=T0 + HOUR, hours=ALWAYS)
    assert twice == []


def test_a_promise_falls_into_the_agents_hours() -> None:
    hours = calendar("jp")
    steps = rail(FAST, CASE, opened(), now=T0, calendar=ALWAYS)
    (word,) = perform(Action("answer", 60, 0, "answer"), FAST, CASE, opened(), steps, steady(), now=T0, hours=hours)
    assert isinstance(word, Say)
    assert word.facts.promise_at is not None
    assert hours.is_open(word.facts.promise_at)


def test_a_light_case_gets_by_mail_what_a_letter_says() -> None:
    light = replace(CASE, severity=0.3)
    log = worked("apologise", "confirm_facts", playbook=LETTER, case=light)
    (mail,) = act(log, "apologise", at=T0 + DAY, playbook=LETTER, case=light)
    assert isinstance(mail, Say)
    assert {"responsibility", "explanation"} <= set(mail.facts.apology)
    assert "letter" not in mail.facts.deeds
    assert mail.channel is None


# Profiles


def test_every_profile_knows_how_long_each_action_takes() -> None:
    for profile in profiles().values():
        assert set(profile.seconds) == set(agents.KINDS)
        assert set(profile.delivery) == {"letter", "gift"}


def test_a_playbook_is_worked_by_the_profile_it_names_and_a_managers_own_by_the_default() -> None:
    assert profile_for(FAST).key == "fast-resolution"
    assert profile_for(replace(FAST, key="our-copy")).key == "fast-resolution"
    assert profile_for(replace(FAST, key="our-own", agents="our-own")).key == "default"


# Where the fault is nobody's here


@pytest.mark.parametrize("key", ["permit_threats", "changed_mind", "review_for_meals"])
def test_a_cleared_firm_still_gives_what_law_and_policy_give_before_the_end(key: str) -> None:
    case = case_of_scenario(scenarios()[key], "ko", key="2", seed=4)
    assert not case.own_fault
    replay = play(case, LETTER, opened_at=T0, text="…", calendar=ALWAYS, days=20, agent=steady(LETTER))
    names = [event.name for event in replay.log]
    given = next(event for event in replay.log if event.name == "remedy.given")
    assert given.data["kind"] == case.right_remedy
    assert names.index("case.facts_confirmed") < names.index("remedy.given") < names.index("ticket.solved")


def test_where_nothing_is_owed_the_facts_and_a_way_to_go_on_are_explained_once() -> None:
    case = replace(CASE, own_fault=False)
    log = worked("apologise", "confirm_facts", playbook=LETTER, case=case)
    at = T0 + 5 * DAY
    seen = agents.view(LETTER, case, log, rail(LETTER, case, log, now=at, calendar=ALWAYS), now=at)
    action = next_action(seen, steady(LETTER), now=at)
    assert action is not None
    assert action.kind == "help"
    log = after(log, act(log, "help", at=at, playbook=LETTER, case=case), at=at)
    assert log[-1].data["facts"]["apology"] == ["regret", "explanation"]
    seen = agents.view(LETTER, case, log, rail(LETTER, case, log, now=at, calendar=ALWAYS), now=at)
    action = next_action(seen, steady(LETTER), now=at + 5 * DAY)
    assert action is not None
    assert action.kind == "solve"


def test_a_public_office_gives_what_offices_give_and_no_gift() -> None:
    scenario = scenarios()["wrong_certificate"]
    for n in range(6):
        case = case_of_scenario(scenario, "ja", key=str(n), seed=4)
        profile = steady(LETTER, p_wrong_remedy=1.0)
        replay = play(case, LETTER, opened_at=T0, text="…", calendar=ALWAYS, days=30, agent=profile)
        given = [event.data["kind"] for event in replay.log if event.name == "remedy.given"]
        assert set(given) <= {"re_examination", "correction", "refund"}
        assert "gift.given" not in {event.name for event in replay.log}
        gift = next(state for state in replay.steps if state.step.key == "gift")
        assert (gift.state, gift.reason) in {("left_out", "public_office"), ("waiting", None)}
