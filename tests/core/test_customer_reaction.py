"""What a customer does next, and when: patience, answers, forgiveness, protest, leaving, surveys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import visible
from playbooks.core.customer.persona import TALKS, persona_of
from playbooks.core.customer.reaction import intentions, react
from playbooks.core.customer.view import View
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.happenings import events_of
from playbooks.core.streams import block
from tests.core.customer_cases import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    a_case,
    accepts,
    after,
    agent_says,
    apologises,
    fired,
    gift,
    invites,
    opened,
    receipt,
    refund,
    settled,
    solve,
    talk,
    what_next,
    with_draws,
)
from tickets.errors import Conflict
from tickets.lifecycle import REOPEN_GRACE, status_of
from tickets.log import AGENT, CUSTOMER, SYSTEM, Event

CASE = a_case()
EAGER = {"apology": 0.0, "thanks": 0.0, "answer": 0.0, "protest": 0.999}


def history(case: Case, *happened: tuple[int, Effect | list[Effect]]) -> list[Event]:
    log = opened(case)
    for seconds, effects in happened:
        log = after(log, case, seconds, *(effects if isinstance(effects, list) else [effects]))
    return log


# --- waiting ---


def test_nobody_waits_for_ever_for_a_first_word():
    assert talk(CASE, opened(CASE)).key == "talk.1"


def test_an_acknowledged_customer_waits_half_as_long_again():
    who = with_draws(CASE, patience=0.3)
    bare, told = talk(CASE, opened(CASE), who), talk(CASE, history(CASE, (20, receipt())), who)
    assert told.due_at - T0 == pytest.approx(1.5 * (bare.due_at - T0), abs=2)


def test_most_leave_without_a_sign_and_the_others_chase():
    assert what_next(CASE, opened(CASE), with_draws(CASE, silence=0.1)) == "leaves"
    assert what_next(CASE, opened(CASE), with_draws(CASE, silence=0.9)) in ("chasing", "complaint", "demand_superior")


def test_of_ten_thousand_who_lose_patience_about_seventy_percent_leave_silently():
    left = (block(7, "customer/silence", 10_000, TALKS)[:, 0] < E.patience.silent).mean()
    assert 100 * left == pytest.approx(69.5, abs=3)


def test_who_chased_in_vain_reviews_in_public_and_leaves():
    who = with_draws(CASE, silence=0.9)
    log = opened(CASE)
    log = [*log, *fired(CASE, log, talk(CASE, log, who), who)]
    review = fired(CASE, log, talk(CASE, log, who), who)
    assert [e.name for e in review] == ["customer.reviewed", "customer.left"]
    assert 1 <= review[0].data["stars"] <= 2
    assert review[1].data["silent"] is False


def test_the_angrier_the_harsher():
    words = [
        what_next(CASE, opened(CASE), replace(settled(CASE), silence=(0.9,) * 12, temper=temper))
        for temper in (-0.4, 0.1, 0.5)
    ]
    assert words == ["chasing", "complaint", "demand_superior"]


def test_who_has_left_says_nothing_more():
    log = history(CASE, (HOUR, Note("customer.left", CUSTOMER, {"silent": True})), (2 * HOUR, [apologises(), refund()]))
    assert talk(CASE, log) is None


def test_an_answer_stops_the_wait_for_one():
    who = with_draws(CASE, patience=0.3, apology=0.999)
    log = history(CASE, (10 * MINUTE, apologises()))
    assert talk(CASE, log, who).due_at > talk(CASE, opened(CASE), who).due_at


def test_a_wait_for_the_end_ends_in_a_reminder_first_and_never_at_night():
    log = history(CASE, (10 * MINUTE, agent_says()))
    for key in range(30):
        intention = talk(CASE, log, persona_of(a_case(f"C-{key}")))
        assert 7 <= (intention.due_at + 9 * HOUR) % DAY / HOUR < 23
    assert what_next(CASE, log) in ("chasing", "complaint", "demand_superior")


def test_who_has_the_remedy_and_an_answer_does_not_chase():
    log = history(CASE, (10 * MINUTE, [agent_says(), refund()]))
    assert what_next(CASE, log, with_draws(CASE, thanks=0.999)) is None


# --- words ---


def test_a_question_is_answered():
    log = history(CASE, (HOUR, [agent_says(asks=True), Become("pending", AGENT)]))
    who = with_draws(CASE, answer=0.5)
    assert what_next(CASE, log, who) == "more_facts"
    assert [e.name for e in fired(CASE, log, talk(CASE, log, who), who)] == ["comment.created", "ticket.opened"]


def test_a_whole_apology_is_accepted_and_the_log_says_so():
    log = history(CASE, (HOUR, apologises()))
    who = with_draws(CASE, apology=0.2)
    assert [e.name for e in fired(CASE, log, talk(CASE, log, who), who)][:2] == ["customer.accepted", "comment.created"]


def test_a_better_apology_is_accepted_by_more():
    def accepted(**facts: Any) -> int:
        people = [a_case(f"C-{i}") for i in range(120)]
        return sum(what_next(p, history(p, (HOUR, apologises(**facts)))) == "acceptance" for p in people)

    assert accepted() > 1.5 * accepted(apology=("regret",), empathy=0.0, listening=0.0, ownership=0.0)


def test_polite_words_are_no_acceptance():
    log = history(CASE, (HOUR, apologises()))
    refuses = next(
        who for u in range(1, 100) if what_next(CASE, log, who := with_draws(CASE, apology=u / 100)) == "polite_refusal"
    )
    events = fired(CASE, log, talk(CASE, log, refuses), refuses)
    assert [e.name for e in events][:2] == ["customer.declined", "comment.created"]
    assert events[1].data["facts"]["word"] == "polite_refusal"
    assert not any(e.name == "customer.accepted" for e in events)


def test_the_same_apology_is_not_weighed_again_after_a_polite_refusal():
    refused = [Note("customer.declined", CUSTOMER), Say(CUSTOMER, "…", Facts(word="polite_refusal"))]
    log = history(CASE, (HOUR, apologises()), (2 * HOUR, refused), (3 * HOUR, agent_says()))
    who = with_draws(CASE, **EAGER)
    assert what_next(CASE, log, who) == "leaves"
    assert what_next(CASE, after(log, CASE, 4 * HOUR, apologises()), who) == "acceptance"


def test_a_bots_regret_is_not_an_apology_to_accept():
    bot = Say("bot", "…", Facts(apology=("regret",), deeds=("acknowledge",)))
    log = history(CASE, (30, bot), (HOUR, agent_says()))
    assert what_next(CASE, log, with_draws(CASE, **EAGER)) != "acceptance"


def test_thanks_do_not_reopen_a_solved_ticket():
    log = history(CASE, (HOUR, apologises()), (2 * HOUR, accepts()), (3 * HOUR, [refund(), agent_says(), solve()]))
    who = with_draws(CASE, **EAGER)
    assert what_next(CASE, log, who) == "thanks"
    said = fired(CASE, log, talk(CASE, log, who), who)
    assert [e.name for e in said] == ["comment.created"]
    assert said[0].data["facts"]["keeps_closed"] is True


def test_an_acceptance_does_not_reopen_either():
    log = history(CASE, (HOUR, [apologises(), refund(), solve()]))
    who = with_draws(CASE, **EAGER)
    assert [e.name for e in fired(CASE, log, talk(CASE, log, who), who)] == ["customer.accepted", "comment.created"]


def test_the_anger_of_a_young_japanese_customer_does_not_listen_to_warm_words():
    def mood(profile: str, *effects: Effect) -> float:
        case = a_case(profile=profile)
        log = history(case, (HOUR, list(effects))) if effects else opened(case)
        return View(case, settled(case), log, DEFAULT).mood(T0 + HOUR)

    warm = apologises(apology=("regret",))
    assert mood("JP", warm) < mood("JP", agent_says()) - 0.1
    assert mood("JPyoung", warm) == pytest.approx(mood("JPyoung", agent_says()), abs=0.02)
    assert mood("JPyoung", agent_says(), refund()) < mood("JPyoung", agent_says()) - 0.1


def test_without_the_gift_prior_tastes_for_gifts_make_no_difference():
    case = a_case()
    who = with_draws(case, **EAGER)
    hates = replace(who, traits=replace(who.traits, gift=-1.0))
    log = history(case, (HOUR, [apologises(), refund()]), (2 * HOUR, accepts()), (3 * HOUR, [gift(), solve()]))
    assert not intentions(case, hates, log)
    assert intentions(case, hates, log, switches=Switches(gift=False))


def test_who_does_not_like_gifts_does_not_thank_for_one():
    log = history(CASE, (HOUR, [apologises(), refund()]), (2 * HOUR, accepts()), (3 * HOUR, [agent_says(), gift()]))
    who = with_draws(CASE, **EAGER)
    assert what_next(CASE, log, replace(who, traits=replace(who.traits, gift=0.3))) == "thanks"
    assert what_next(CASE, log, replace(who, traits=replace(who.traits, gift=-0.3))) is None


def test_rude_words_bring_a_complaint():
    assert what_next(CASE, history(CASE, (HOUR, agent_says(ng=2))), with_draws(CASE, answer=0.1)) == "complaint"


def test_only_some_press_and_only_when_angry():
    def pressed(temper: float, pressing: bool) -> bool:
        who = replace(settled(CASE), silence=(0.9,) * 12, temper=temper, pressing=pressing)
        return bool(fired(CASE, opened(CASE), talk(CASE, opened(CASE), who), who)[0].data["facts"].get("pressure"))

    assert pressed(0.3, True)
    assert not pressed(0.3, False)
    assert not pressed(-0.4, True)


def test_on_chat_a_reply_comes_in_minutes_and_by_mail_in_hours():
    def delay(channel: str) -> int:
        case = a_case(channel=channel)
        log = history(case, (HOUR, agent_says(asks=True)))
        return talk(case, log, with_draws(case, tempo=0.5, answer=0.1)).due_at - T0 - HOUR

    assert delay("kakaotalk") < 10 * MINUTE < HOUR < delay("email") < DAY < delay("letter")


def test_a_question_at_night_is_answered_after_seven():
    log = history(CASE, (15 * HOUR, agent_says(asks=True)))  # midnight in Tokyo
    assert talk(CASE, log, with_draws(CASE, answer=0.1)).due_at >= T0 + 22 * HOUR


# --- promises and the end ---


def test_a_promise_holds_patience_and_its_breach_ends_it():
    who = with_draws(CASE, patience=0.1, answer=0.999, apology=0.999)
    log = history(CASE, (10 * MINUTE, agent_says(promise_at=T0 + 4 * HOUR)))
    chase = talk(CASE, log, who)
    assert T0 + 4 * HOUR < chase.due_at < T0 + 2 * DAY
    assert what_next(CASE, log, who) in ("chasing", "complaint", "demand_superior")
    kept = after(log, CASE, 3 * HOUR, agent_says())
    assert talk(CASE, kept, who).due_at != chase.due_at


def bad_end() -> list[Event]:
    return history(CASE, (10 * HOUR, [agent_says(register=0.2), solve()]))


def test_a_bad_end_is_protested_and_reopens_the_ticket():
    who = with_draws(CASE, protest=0.1)
    assert what_next(CASE, bad_end(), who) == "still_unhappy"
    assert [e.name for e in fired(CASE, bad_end(), talk(CASE, bad_end(), who), who)] == [
        "comment.created",
        "ticket.reopened",
    ]


def test_a_good_end_is_hardly_ever_protested():
    good = [(HOUR, apologises()), (3 * HOUR, [refund(), solve()])]
    protests = sum(what_next(c, history(c, *good)) == "still_unhappy" for i in range(150) if (c := a_case(f"C-{i}")))
    assert protests < 15


def test_after_the_grace_a_disappointed_customer_reviews_or_stays_away():
    late = Say(SYSTEM, "…", Facts(deeds=("check_in",), ng=2, keeps_closed=True))
    log = after(bad_end(), CASE, 10 * HOUR + REOPEN_GRACE, late)
    assert what_next(CASE, log, with_draws(CASE, protest=0.1, review=0.1)) == "reviews"
    assert what_next(CASE, log, with_draws(CASE, protest=0.1, review=0.9)) == "leaves"


def test_a_word_that_comes_too_late_to_reopen_is_not_said():
    who = with_draws(CASE, protest=0.1)
    effects = react(CASE, who, bad_end(), "talk.1", now=T0 + 10 * HOUR + REOPEN_GRACE + 1)
    assert [e.name for e in effects if isinstance(e, Note)] == ["customer.left"]


def test_a_promise_broken_after_the_end_reopens_it():
    log = history(CASE, (HOUR, [refund(), agent_says()]), (2 * HOUR, [agent_says(promise_at=T0 + DAY), solve()]))
    who = with_draws(CASE, thanks=0.999, protest=0.999)
    assert what_next(CASE, log, who) == "still_unhappy"
    assert talk(CASE, log, who).due_at > T0 + DAY


def test_who_has_reopened_twice_expects_nothing_any_more():
    log = bad_end()
    who = with_draws(CASE, protest=0.1)
    said = []
    for hour in range(3):
        step = talk(CASE, log, who)
        said.append(what_next(CASE, log, who))
        log = [*log, *fired(CASE, log, step, who)]
        if hour < 2:
            log = after(log, CASE, step.due_at - T0 + HOUR, agent_says(), solve())
    assert said[:2] == ["still_unhappy"] * 2
    assert said[2] in ("reviews", "leaves")


# --- surveys ---


def served(*metrics: str, left: bool = False) -> list[Event]:
    gone = [(4 * HOUR, Note("customer.left", CUSTOMER, {"silent": True}))] if left else []
    handled = history(CASE, (HOUR, apologises()), (2 * HOUR, accepts()), (3 * HOUR, [refund(), solve()]), *gone)
    return after(handled, CASE, 2 * DAY, *(invites(metric) for metric in metrics))


def keys(log: list[Event], who: Any) -> set[str]:
    return {i.key for i in intentions(CASE, who, log) if not i.key.startswith("talk.")}


def test_who_answers_answers_each_question_once_and_who_does_not_intends_nothing():
    yes, no = (with_draws(CASE, responds=u, survey_tempo=0.5) for u in (0.0, 0.999))
    log = served("csat", "ces", "nps")
    assert keys(log, yes) == {"csat.1", "ces.1", "nps"}
    assert keys(log, no) == set()
    effects = react(CASE, yes, log, "csat.1", now=T0 + 3 * DAY)
    assert effects[0].data["metric"] == "csat"
    assert effects[0].data["score"] in range(1, 6)
    assert keys(after(log, CASE, 3 * DAY, *effects), yes) == {"ces.1", "nps"}


def test_an_expired_survey_is_not_answered():
    expired = Note("survey.expired", SYSTEM, {"metric": "csat", "round": 1})
    assert keys(after(served("csat"), CASE, 3 * DAY, expired), with_draws(CASE, responds=0.0)) == set()


def test_who_has_left_may_still_answer_but_seldom():
    def answers(left: bool) -> int:
        people = [persona_of(a_case(f"C-{i}")) for i in range(300)]
        return sum(bool(keys(served("csat", left=left), who)) for who in people)

    assert 0 < answers(True) < 0.6 * answers(False)


def test_everybody_buys_again_or_not_and_tells_others_at_the_same_moment():
    log = served("repurchase")
    who = with_draws(CASE)
    assert keys(log, who) == {"repurchase"}
    effects = react(CASE, replace(who, buys=0.0, tells=0.99), log, "repurchase", now=T0 + 30 * DAY)
    assert [e.name for e in effects] == ["customer.repurchased", "customer.told"]
    assert effects[0].data == {"bought": True}
    assert effects[1].data["people"] >= 1
    assert keys(after(log, CASE, 30 * DAY, *effects), who) == set()


def test_a_question_nobody_knows_is_left_alone():
    assert keys(served("colour"), with_draws(CASE, responds=0.0)) == set()


# --- properties ---

HIDDEN = [
    Say(AGENT, "…", Facts(apology=COMPONENTS, asks=True, promise_at=T0 + HOUR, empathy=1.0), public=False),
    Note("case.facts_confirmed", AGENT, {"own_fault": False, "cause": "…"}),
    Note("follow_up.promised", AGENT, {"step": "gift", "kind": "gift", "due_at": T0 + DAY}),
    Note("follow_up.skipped", SYSTEM, {"step": "gift", "kind": "gift", "reason": "above_cap"}),
    Note("ticket.assigned", AGENT, {"to": "a", "by": "b"}),
    Note("step.missed", SYSTEM, {"step": "letter", "due_at": T0}),
]
MOVES: list[list[Effect]] = [
    [receipt()], [agent_says()], [agent_says(asks=True)], [agent_says(ng=2)], [apologises()],
    [apologises(apology=("regret",))], [refund(), agent_says()], [refund(0.1, kind="coupon", conditional=True)],
    [gift()], [agent_says(deeds=("letter",), keeps_closed=True)], [agent_says(deeds=("check_in",), keeps_closed=True)],
    [solve()], [agent_says(), solve()], [agent_says(promise_at=T0 + 5 * HOUR)], [Become("pending", AGENT)],
    [Become("closed", SYSTEM)], [invites("csat")], [invites("nps")], [invites("repurchase")], [Say(CUSTOMER, "…")],
]  # fmt: skip
handlings = st.lists(st.tuples(st.integers(1, 3 * DAY), st.integers(0, len(MOVES) - 1)), max_size=12)
channels = st.sampled_from(["email", "kakaotalk", "phone", "letter", "api"])


def live(case: Case, moves: list[tuple[int, int]], *, hidden: bool = False, most: int = 60) -> list[Event]:
    """A handling and what the customer makes of it, to the end; every rule of an intention is checked on the way."""
    who, log, now = persona_of(case), opened(case), T0
    for wait, move in [*moves, (60 * DAY, -1)]:
        log, now = let_react(case, who, log, until=now + wait, most=most), now + wait
        if move >= 0:
            log = attempt(case, log, [*(HIDDEN if hidden else []), *MOVES[move]], at=now)
    assert not intentions(case, who, log)
    return log


def attempt(case: Case, log: list[Event], effects: list[Effect], *, at: int) -> list[Event]:
    """The effects, as far as the ticket allows them."""
    for effect in effects:
        try:
            log = [*log, *events_of([effect], status=status_of(log), channel=case.channel, at=at)[1]]
        except Conflict:
            continue
    return log


def let_react(case: Case, who: Any, log: list[Event], *, until: int, most: int) -> list[Event]:
    for _ in range(most):
        due = [i for i in intentions(case, who, log) if i.due_at <= until]
        if not due:
            return log
        first = min(due, key=lambda i: (i.due_at, i.key))
        assert first.due_at > T0
        at = max(first.due_at, log[-1].at)
        effects = react(case, who, log, first.key, now=at)
        events = events_of(effects, status=status_of(log), channel=case.channel, at=at)[1]
        assert events, "what fires leaves an event"
        log = [*log, *events]
        assert first.key not in {i.key for i in intentions(case, who, log)}
    raise AssertionError("a customer does not go on for ever")


@settings(max_examples=150, deadline=None)
@given(handlings, channels, st.integers(0, 40))
def test_every_intention_fires_once_and_every_story_ends(moves, channel, key):
    log = live(a_case(f"H-{key}", channel=channel), moves)
    words = [e for e in log if e.name == "comment.created" and e.actor == CUSTOMER and e.data["facts"]]
    assert len(words) <= 1 + 8
    assert sum(e.name == "customer.left" for e in log) <= 1


@settings(max_examples=80, deadline=None)
@given(handlings, channels, st.integers(0, 40))
def test_the_customer_lives_the_same_whatever_is_hidden(moves, channel, key):
    def seen(log: list[Event]) -> list[tuple[int, str]]:
        return [(e.at, e.name) for e in log if e.actor == CUSTOMER and not e.name.startswith("ticket.")]

    case = a_case(f"H-{key}", channel=channel)
    assert seen(live(case, moves)) == seen(live(case, moves, hidden=True))


@settings(max_examples=60, deadline=None)
@given(handlings, channels, st.integers(0, 40))
def test_a_word_is_due_in_whole_seconds_after_all_that_was_seen(moves, channel, key):
    case = a_case(f"H-{key}", channel=channel)
    log = live(case, moves)
    for n in range(2, len(log) + 1):
        intention = talk(case, log[:n])
        if intention is not None:
            assert type(intention.due_at) is int
            assert intention.due_at > visible(log[:n])[-1].at
