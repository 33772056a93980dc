"""What a customer has lived through, read from a log: only what was said to them and done for them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from playbooks.core.customer.evidence import E
from playbooks.core.customer.experience import Experience, experience_of
from playbooks.core.customer.persona import persona_of
from playbooks.core.customer.satisfaction import distributive
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.facts import COMPONENTS, Facts
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
    gift,
    opened,
    receipt,
    refund,
    solve,
)
from tickets.log import AGENT, BOT, CUSTOMER, SYSTEM

CASE = a_case()


def lived(*happened: tuple[int, Effect | list[Effect]], until: int = 30 * DAY, **changes: Any) -> Experience:
    """Experience after these things happened, each so many seconds after the opening."""
    case = a_case(**changes)
    log = opened(case)
    for seconds, effects in happened:
        log = after(log, case, seconds, *(effects if isinstance(effects, list) else [effects]))
    return experience_of(case, log, until=T0 + until)


def brought(deed: str, *, author: str = AGENT, **facts: Any) -> Say:
    return Say(author, "…", Facts(deeds=(deed,), keeps_closed=True, **facts))


def test_the_first_reply_is_a_humans_and_a_receipt_only_acknowledges():
    x = lived((30, receipt()), (HOUR, agent_says()))
    assert x.first_h == 1.0
    assert x.acknowledged
    assert x.heard == 1.0


def test_who_has_no_answer_yet_has_waited_so_far():
    x = lived((30, receipt()), until=5 * HOUR)
    assert (x.first_h, x.resolution_h, x.heard, x.resolved) == (5.0, 5.0, 0.0, 0.0)
    assert x.bot_only


def test_nothing_counts_that_happens_later():
    happened = ((HOUR, apologises()), (2 * HOUR, refund()), (3 * HOUR, solve()))
    assert lived(*happened, until=90 * MINUTE) == lived(happened[0], until=90 * MINUTE)


def test_the_best_message_counts_for_warmth_and_the_mean_for_register():
    x = lived(
        (HOUR, agent_says(empathy=0.9, register=0.8)), (2 * HOUR, agent_says(empathy=0.2, register=0.4, voice=0.2))
    )
    assert x.empathy == 0.9
    assert x.register == pytest.approx(0.6)
    assert x.voice == 0.2


def test_mistakes_add_up():
    assert lived((HOUR, agent_says(ng=1)), (2 * HOUR, agent_says(ng=2))).ng == 3


def test_what_a_bot_says_has_no_tone_and_is_no_apology():
    x = lived((30, Say(BOT, "…", Facts(apology=("regret",), empathy=1.0))), (HOUR, agent_says()))
    assert (x.apology, x.empathy) == (0.0, 0.0)


def test_apology_components_add_up_over_the_messages():
    limited = apologises(apology=("regret",))
    x = lived((HOUR, limited), (DAY, apologises(apology=("responsibility", "repair"))))
    assert x.apology == pytest.approx(E.apology.regret + E.apology.responsibility + E.apology.repair)
    assert x.apology_nth == 1


def test_saying_sorry_again_and_again_wears_out_unless_it_comes_with_a_deed():
    bare = [(HOUR * i, agent_says(apology=("regret",))) for i in range(1, 7)]
    assert lived(*bare[:2]).apology_nth == 1
    assert lived(*bare).apology_nth > 2
    with_deeds = [(HOUR * i, agent_says(apology=("regret",), deeds=("interim_report",))) for i in range(1, 7)]
    assert lived(*with_deeds).apology_nth == 1


def test_after_an_earlier_failure_the_apology_is_the_second():
    assert lived((HOUR, apologises()), failure_number=2).apology_nth == 2


def test_an_explanation_counts_as_waited_with_only_before_the_remedy_or_the_end():
    explains = agent_says(apology=("explanation",))
    early = lived((HOUR, explains), (2 * HOUR, refund()))
    with_it = lived((2 * HOUR, [explains, refund()]))
    later = lived((HOUR, solve()), (DAY, explains))
    assert all(x.explained for x in (early, with_it, later))
    assert [x.explained_waiting for x in (early, with_it, later)] == [True, False, False]
    assert not lived((HOUR, apologises(apology=("regret",)))).explained


def test_days_count_from_the_first_report_of_an_improvement():
    x = lived((DAY, brought("prevention")), (5 * DAY, brought("prevention")), until=11 * DAY)
    assert x.prevented_days == 10.0
    assert lived((HOUR, agent_says())).prevented_days == math.inf


def promise(at: int, **facts: Any) -> Say:
    return agent_says(promise_at=T0 + at, **facts)


def test_a_promise_is_broken_when_its_time_passes_without_a_word():
    assert lived((HOUR, promise(5 * HOUR)), until=6 * HOUR).broken_promise
    assert not lived((HOUR, promise(5 * HOUR)), until=4 * HOUR).broken_promise


def test_a_word_a_remedy_or_the_end_in_time_keeps_a_promise():
    for kept in (agent_says(), refund(), solve(), brought("interim_report", author=SYSTEM)):
        assert not lived((HOUR, promise(5 * HOUR)), (4 * HOUR, kept), until=DAY).broken_promise
    assert lived((HOUR, promise(5 * HOUR)), (9 * HOUR, agent_says()), until=DAY).broken_promise


def test_the_day_on_which_money_arrives_is_not_a_promised_word():
    x = lived((HOUR, [refund(promise_at=T0 + 3 * DAY), promise(3 * DAY)]), (HOUR, solve()))
    assert not x.broken_promise
    assert x.delay_days == 3.0


def test_remedies_add_up_and_fit_by_their_size():
    coupon = refund(0.25, kind="coupon")
    x = lived((HOUR, refund(0.75)), (2 * HOUR, coupon))
    assert x.ratio == pytest.approx(1.0)
    assert x.match == pytest.approx(0.75 + 0.25 * E.compensation.match_credit)
    assert lived((HOUR, refund(kind="repair"))).match == E.compensation.match_other
    assert lived((HOUR, refund(kind="partial_refund"))).match == 1.0


def test_a_remedy_without_a_ratio_is_weighed_by_the_price_or_replaces_the_goods():
    assert lived((HOUR, refund(ratio=None, amount=15_000))).ratio == 0.25
    assert lived((HOUR, refund(kind="exchange", ratio=None, amount=0))).ratio == 1.0


def test_money_for_a_favour_is_conditional():
    assert lived((HOUR, refund(0.2, conditional=True))).conditional


def test_a_gift_is_early_unless_the_apology_was_accepted_before():
    assert lived((HOUR, apologises()), (2 * HOUR, gift())).gift == -1
    assert lived((HOUR, apologises()), (2 * HOUR, accepts()), (3 * HOUR, gift())).gift == 1
    assert lived((HOUR, apologises()), (2 * HOUR, gift()), (3 * HOUR, accepts()), (4 * HOUR, gift())).gift == -1


def test_a_gift_with_a_condition_costs_as_a_remedy_with_one_does():
    tied = lived((HOUR, apologises()), (2 * HOUR, accepts()), (3 * HOUR, gift(condition="review")))
    assert tied.gift_tied and not lived((HOUR, apologises()), (2 * HOUR, accepts()), (3 * HOUR, gift())).gift_tied
    who = persona_of(CASE).traits
    of_gift = distributive(tied, who) - distributive(replace(tied, gift_tied=False), who)
    of_remedy = distributive(replace(tied, gift_tied=False, conditional=True), who) - distributive(
        replace(tied, gift_tied=False), who
    )
    assert of_gift == of_remedy < 0
    assert distributive(replace(tied, conditional=True), who) == distributive(tied, who)  # one favour asked for


def test_the_letter_counts_from_the_opening():
    assert lived((30 * HOUR, brought("letter"))).letter_h == 30.0
    assert lived().letter_h == math.inf


def test_of_several_later_contacts_the_best_day_counts():
    x = lived((HOUR, solve()), (DAY + 2 * HOUR, brought("check_in")), (4 * DAY, brought("check_in", author=SYSTEM)))
    assert x.follow_up_day == 3.0
    assert lived((HOUR, solve()), (DAY + 2 * HOUR, brought("check_in"))).follow_up_day == 1.0


def test_updates_hand_overs_and_having_to_write_again_are_counted():
    handed = Note("ticket.handed_over", AGENT, {"to": "second_line", "reason": "needs_second_line"})
    chased = Say(CUSTOMER, "…", Facts(word="chasing"))
    x = lived(
        (HOUR, brought("interim_report")), (2 * HOUR, brought("interim_report")), (3 * HOUR, handed), (4 * HOUR, chased)
    )
    assert (x.updates, x.hand_offs, x.re_contacts) == (2, 1, 1)


def test_solved_in_words_alone_is_half_solved_where_money_was_lost():
    assert lived((HOUR, apologises()), (2 * HOUR, solve())).resolved == E.repurchase.partly_resolved
    assert lived((HOUR, apologises()), (2 * HOUR, solve()), monetary=False).resolved == 1.0
    assert lived((HOUR, [refund(), solve()])).resolved == 1.0


def test_a_reopened_ticket_is_not_resolved():
    again = Say(CUSTOMER, "…", Facts(word="still_unhappy"))
    x = lived((HOUR, [refund(), solve()]), (2 * HOUR, again), until=3 * HOUR)
    assert (x.resolved, x.resolution_h) == (0.0, 3.0)


def test_who_left_before_the_answer_was_never_heard():
    x = lived((HOUR, Note("customer.left", CUSTOMER, {"silent": True})), (2 * HOUR, [agent_says(), refund(), solve()]))
    assert (x.heard, x.resolved) == (0.0, 0.0)
    assert x.left


def test_internal_notes_and_findings_do_not_reach_the_customer():
    internal = Say(AGENT, "…", Facts(apology=COMPONENTS, empathy=1.0, promise_at=T0 + 2 * HOUR), public=False)
    found = Note("case.facts_confirmed", AGENT, {"own_fault": True, "cause": "packing"})
    planned = Note("follow_up.promised", AGENT, {"step": "letter", "kind": "letter", "due_at": T0 + DAY, "facts": {}})
    hidden = (HOUR, [internal, found, planned, Become("on_hold", AGENT)])
    assert lived(hidden, (DAY, agent_says())) == lived((DAY, agent_says()))
