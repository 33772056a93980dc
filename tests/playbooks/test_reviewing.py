"""What an agent writes is read against the case, and the customer gets exactly what was read."""

from __future__ import annotations

import pytest

from playbooks import actions, driver
from playbooks.core.effects import Note
from playbooks.held import Held, do, hold
from playbooks.intake import take_in
from playbooks.reviewing import setting_of
from playbooks.shifts import scenario_complaint
from tickets.actions import log_of
from tickets.log import named
from tickets.models import Clock

pytestmark = pytest.mark.django_db

START = 1_788_739_200
WARM = (
    "このたびはご連絡をいただき、誠にありがとうございます。\n"
    "ご旅行を前にご心配をおかけし、誠に申し訳ございません。\n"
    "ただいま配送の状況をお調べしており、本日17時までに必ずご報告いたします。"
)
COLD = "確認します。お待ちください。"


def a_case(language: str = "ja") -> Held:
    clock = Clock.objects.create(key=f"review-{language}", sim_at=START)
    complaint = scenario_complaint("delivery_delay", language, key="1", seed=3, playbook="rule")
    return take_in(complaint, clock=clock, now=START)


def facts_sent(body: str, **declared: object) -> dict[str, object]:
    held = driver.perform_at(a_case().ticket.pk, actions.reply, agent=None, now=START + 60, body=body, **declared)
    return dict(named(log_of(held.ticket), "comment.created")[-1].data["facts"])


def test_a_warm_reply_reaches_the_customer_as_apology_and_empathy() -> None:
    facts = facts_sent(WARM)
    assert "regret" in facts["apology"]
    assert facts["register"] >= 0.8
    assert facts["concrete"] > 0


def test_a_cold_reply_reaches_the_customer_as_next_to_nothing() -> None:
    facts = facts_sent(COLD)
    assert "apology" not in facts
    assert "empathy" not in facts


def test_words_in_a_language_the_customer_does_not_write_say_nothing_to_them() -> None:
    assert facts_sent("불편을 드려 진심으로 사과드립니다. 바로 확인하겠습니다.") == {}


def test_a_client_may_declare_the_facts_itself() -> None:
    assert facts_sent(COLD, facts={"empathy": 1.0}) == {"empathy": 1.0}


def test_a_text_is_read_without_the_facts_that_nobody_has_found_out_yet() -> None:
    held = a_case()
    before = setting_of(held, now=START)
    found = do(held, [Note("case.facts_confirmed", "agent", {"own_fault": True, "cause": "x"})], now=START + 60)
    after = setting_of(hold(found.ticket.pk), now=START + 60)

    assert before.own_fault is None and "cause" not in before.names
    assert after.own_fault is True and "cause" in after.names
    assert before.customer_words and before.today == "2026-09-07"
