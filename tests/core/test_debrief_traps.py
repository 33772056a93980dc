"""What a case asked for: traps met, avoided or fallen into, the remedy that was right, whom to bring in."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from playbooks.core.case import LANGUAGES, Case
from playbooks.core.debrief import Asked, asked_of, plain
from playbooks.core.debrief.traps import Trap, _table
from playbooks.core.effects import Effect, Note
from playbooks.core.language.finding import Reading
from playbooks.core.language.reading import read
from playbooks.core.scenarios import case_of_scenario, scenarios
from playbooks.core.scenarios.checks import TRAPS
from tests.core.customer_cases import HOUR, a_case, accepts, after, agent_says, apologises, gift, opened, refund, solve
from tickets.log import AGENT, Event

REFUSED = {
    "ja": "返品不可の規定ですので、返金はできません。", "ko": "규정상 환불은 어렵습니다.",
    "en": "Our policy says that we cannot refund it.",
}  # fmt: skip
HANDED_OVER = Note("ticket.handed_over", AGENT, {"to": "supervisor", "reason": "harassment"})


def coupon(case: Case) -> Note:
    data = {"kind": "coupon", "amount": case.price // 10, "currency": case.currency, "ratio": 0.1}
    return Note("remedy.given", AGENT, {**data, "promise_at": None, "conditional": False})


def of_scenario(key: str, language: str = "ja") -> Case:
    return case_of_scenario(scenarios()[key], language, key="1", seed=3)


def handled(case: Case, *effects: Effect | list[Effect]) -> list[Event]:
    log = opened(case)
    for hours, effect in enumerate((*effects, solve()), 1):
        log = after(log, case, hours * HOUR, *(effect if isinstance(effect, list) else [effect]))
    return log


def asked(
    case: Case, *effects: Effect | list[Effect], said: str = "承知いたしました。", readings: bool = True
) -> Asked:
    log = handled(case, *effects)
    places = [place for place, event in enumerate(log) if event.name == "comment.created"]
    texts = ["困っています。" if log[place].actor == "customer" else said for place in places]
    read_again: dict[int, Reading] = {}
    if readings:
        own = [place for place in places if log[place].actor == AGENT]
        read_again = {place: read(said, language=case.language) for place in own}
    return asked_of(case, log, texts, read_again)


def trap(found: Asked, kind: str) -> Trap:
    return next(one for one in found.traps if one.kind == kind)


def test_every_kind_of_trap_has_a_name_in_three_languages():
    known = _table()["trap"]
    assert set(known) == set(TRAPS)
    assert all(set(one["name"]) == set(LANGUAGES) for one in known.values())
    assert all(set(one["text"]) == set(LANGUAGES) for one in known.values() if one.get("always"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_return_terms_held_against_a_defect_are_shown_at_their_sentence(language: str):
    case = replace(a_case(), language=language, category="defective_item", own_fault=True, scenario=None)
    found = asked(case, agent_says(), said=REFUSED[language])
    assert trap(found, "policy_against_defect").state == "fallen"
    assert [n for _, n in trap(found, "policy_against_defect").places] == [0]
    assert trap(found, "refusal_without_alternative").state == "fallen"


def test_return_terms_may_be_named_where_nothing_is_wrong_with_the_goods():
    case = replace(a_case(), category="defective_item", own_fault=False, scenario=None)
    assert trap(asked(case, agent_says(), said=REFUSED["ja"]), "policy_against_defect").state == "not_met"


def test_a_gift_is_a_trap_only_before_the_apology_is_accepted():
    case = a_case()
    assert trap(asked(case, apologises()), "gift_before_acceptance").state == "not_met"
    assert trap(asked(case, apologises(), gift()), "gift_before_acceptance").state == "fallen"
    assert trap(asked(case, apologises(), accepts(), gift()), "gift_before_acceptance").state == "avoided"


def test_a_voucher_is_a_trap_before_any_apology():
    case = of_scenario("lost_tier")
    assert trap(asked(case, coupon(case)), "voucher_before_apology").state == "fallen"
    assert trap(asked(case, apologises(), coupon(case)), "voucher_before_apology").state == "avoided"


def test_what_no_rule_sees_is_left_to_a_person():
    found = asked(of_scenario("defective_item"), apologises())
    assert {one.state for one in found.traps if one.kind == "other"} == {"unseen"}


def test_a_threat_is_not_handled_alone():
    case = of_scenario("kneel_demand")
    alone, together = asked(case, apologises()), asked(case, apologises(), HANDED_OVER)
    assert (alone.escalation.done, together.escalation.done) == (False, True)
    assert trap(alone, "handling_alone").state == "fallen"
    assert trap(together, "handling_alone").state == "avoided"


def test_the_right_remedy_stands_with_its_law_whether_it_was_given_or_not():
    case = replace(a_case(), right_remedy="refund", scenario=None)
    assert asked(case, apologises()).remedy == "none"
    assert asked(case, coupon(case)).remedy == "other"
    right = asked(case, refund())
    assert right.remedy == "right"
    assert right.remedies[0].given
    assert set(right.remedies[0].general) == set(LANGUAGES)
    assert right.remedies[0].law == right.remedies[0].general[case.language]


@pytest.mark.parametrize("key", sorted(scenarios()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_scenario_can_be_looked_back_on(key: str, language: str):
    found = asked(of_scenario(key, language), agent_says(), readings=False)
    assert len(found.traps) >= len(scenarios()[key].voices[language].traps)
    assert found.remedies
    json.dumps(plain(asdict(found)))


def test_a_ticket_without_a_scenario_shows_the_traps_that_any_ticket_has():
    case = replace(a_case(), language="ko", profile="KR", category="wrong_item", scenario=None)
    kinds = {one.kind for one in asked(case, agent_says(), said="확인하겠습니다.").traps}
    assert kinds == {
        "promotional_alimtalk", "gift_before_acceptance", "refusal_without_alternative", "policy_against_defect"
    }  # fmt: skip
