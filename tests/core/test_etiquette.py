"""The manners of a gift and the flags of law and practice, each shown where it belongs and absent where it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from playbooks.core.alimtalk import refusal_of, refuse_promotion
from playbooks.core.case import Case
from playbooks.core.conditions import reasons
from playbooks.core.etiquette import (
    AMBER,
    RED,
    Alimtalk,
    Gift,
    Planned,
    Refusal,
    Remedy,
    flag_codes,
    flags,
    manners,
    premium_cap,
    refund_due,
)
from tests.core.playbook_cases import DAY, HOUR, T0, a_case, accepted, confirmed, created, did, pressed, remedied, said
from tickets.errors import Invalid

KOREAN = a_case(language="ko", profile="KR", currency="KRW", price=60_000)
ENGLISH = a_case(language="en", profile="US", currency="USD", price=6_000)
OPEN = [created(), confirmed(HOUR), said(2 * HOUR, apology=["regret"])]
ACCEPTED = [*OPEN, accepted(3 * HOUR)]


def codes(case: Case, log: list[object], planned: Planned | None = None, *, now: int | None = None) -> set[str]:
    return {flag.code for flag in flags(case, log, planned, now=now)}  # type: ignore[arg-type]


def at(country: str, *when: int) -> int:
    zone = ZoneInfo({"KR": "Asia/Seoul", "JP": "Asia/Tokyo"}[country])
    return int(datetime(*when, tzinfo=zone).astimezone(UTC).timestamp())  # type: ignore[arg-type,misc]


# --- manners ---


def test_a_light_case_takes_a_small_gift_and_a_grave_one_the_usual_band():
    assert (manners(a_case(severity=0.3), ACCEPTED).least, manners(a_case(severity=0.3), ACCEPTED).most) == (1000, 3000)
    assert (manners(a_case(severity=0.8), ACCEPTED).least, manners(a_case(severity=0.8), ACCEPTED).most) == (
        5000,
        10000,
    )


def test_a_gift_waits_for_the_facts_for_acceptance_and_for_peace():
    assert manners(a_case(), [created()]).waits_for == "facts_not_confirmed"
    assert manners(a_case(), [created(), confirmed(HOUR, own_fault=False)]).waits_for == "no_own_fault"
    assert manners(a_case(), OPEN).waits_for == "apology_not_accepted"
    assert manners(a_case(), [*ACCEPTED, pressed(4 * HOUR)]).waits_for == "under_pressure"
    assert manners(a_case(), ACCEPTED).waits_for is None
    assert {"facts_not_confirmed", "no_own_fault", "apology_not_accepted", "under_pressure"} <= set(reasons())


def test_only_japan_has_rules_of_wrapping_and_they_say_where_sources_differ():
    paper = {one.code: one.verdict for one in manners(a_case(), ACCEPTED).advice if one.about == "paper"}
    assert paper == {"musubikiri": "do", "inscription": "do", "knot_differs": "differs", "no_bow": "avoid"}
    assert [one for one in manners(KOREAN, ACCEPTED).advice if one.about == "paper"] == []


def test_what_contradicts_the_gift_is_said_in_every_country():
    for case in (a_case(), KOREAN, ENGLISH):
        assert next(one.source for one in manners(case, ACCEPTED).advice if one.verdict == "differs").startswith(
            "de Hooge"
        )


# --- the gift ---


def test_a_gift_in_its_band_after_acceptance_raises_nothing():
    assert codes(a_case(), ACCEPTED, Gift(5000, knot="musubikiri", inscription="御詫び")) == set()


def test_a_gift_before_acceptance_is_wrong():
    assert codes(a_case(), OPEN, Gift(5000)) == {"gift_before_acceptance"}
    assert flags(a_case(), OPEN, Gift(5000))[0].level == RED


def test_a_gift_under_pressure_and_one_too_dear_want_a_second_look():
    assert codes(a_case(), [*ACCEPTED, pressed(4 * HOUR)], Gift(5000)) == {"gift_under_pressure"}
    assert codes(a_case(), ACCEPTED, Gift(10_001)) == {"gift_too_dear"}
    assert codes(a_case(), ACCEPTED, Gift(10_000)) == set()
    assert codes(KOREAN, ACCEPTED, Gift(1_000_000)) == set()  # the guides are Japanese


@pytest.mark.parametrize(
    ("gift", "code", "level"),
    [
        (Gift(5000, knot="bow"), "bow_knot", RED),
        (Gift(5000, knot="black_white"), "knot_disputed", AMBER),
        (Gift(5000, knot="double_silver"), "knot_disputed", AMBER),
        (Gift(5000, noshi=True), "noshi", AMBER),
        (Gift(5000, inscription="御祝"), "inscription", AMBER),
        (Gift(5000, traits=("chilled",)), "unsuited", AMBER),
    ],
)
def test_wrong_wrapping_and_choice_are_named_in_japan_alone(gift: Gift, code: str, level: str):
    assert [(flag.code, flag.level) for flag in flags(a_case(), ACCEPTED, gift)] == [(code, level)]
    assert flags(KOREAN, ACCEPTED, gift) == []


@pytest.mark.parametrize(("price", "cap"), [(0, 200), (999, 200), (1_000, 200), (5_000, 1_000), (14_800, 2_960)])
def test_a_premium_is_capped_by_the_price(price: int, cap: int):
    assert premium_cap(price) == cap


def test_the_premium_rule_speaks_only_of_gifts_with_a_condition():
    case = a_case(price=14_800)
    assert codes(case, ACCEPTED, Gift(5000)) == set()
    assert codes(case, ACCEPTED, Gift(2_960, condition="review")) == {"conditional", "premium"}
    assert codes(case, ACCEPTED, Gift(2_961, condition="purchase")) == {"conditional", "premium", "premium_over_cap"}
    assert {flag.level for flag in flags(case, ACCEPTED, Gift(5000, condition="review"))} == {AMBER}
    assert (
        "2,960円"
        in next(f for f in flags(case, ACCEPTED, Gift(5000, condition="review")) if f.code == "premium").text["ja"]
    )


def test_a_korean_gift_with_a_condition_is_no_matter_of_japanese_law():
    assert codes(KOREAN, ACCEPTED, Gift(30_000, condition="review")) == {"conditional"}


# --- refunds and refusals ---


def test_a_korean_refund_is_due_in_three_business_days_and_holidays_do_not_count():
    assert refund_due(date(2026, 1, 5)) == date(2026, 1, 8)  # Monday to Thursday
    assert refund_due(date(2026, 1, 9)) == date(2026, 1, 14)  # Friday to Wednesday
    assert refund_due(date(2026, 2, 13)) == date(2026, 2, 23)  # over 설날, 16 to 18 February


def test_a_korean_refund_after_its_day_is_late():
    back = at("KR", 2026, 1, 5, 10)
    assert codes(KOREAN, OPEN, Remedy("refund", promise_at=at("KR", 2026, 1, 8, 23), returned_at=back)) == set()
    late = flags(KOREAN, OPEN, Remedy("refund", promise_at=at("KR", 2026, 1, 9, 0), returned_at=back))
    assert [(flag.code, flag.level) for flag in late] == [("refund_late", RED)]
    assert "1월 8일" in late[0].text["ko"]


def test_a_late_promise_before_the_goods_are_back_only_wants_a_second_look():
    now = at("KR", 2026, 1, 5, 10)
    promise = Remedy("refund", promise_at=at("KR", 2026, 1, 12, 9))
    assert [(f.code, f.level) for f in flags(KOREAN, OPEN, promise, now=now)] == [("refund_period", AMBER)]
    assert codes(a_case(), OPEN, promise, now=now) == set()
    assert codes(KOREAN, OPEN, Remedy("exchange", promise_at=at("KR", 2026, 1, 12, 9)), now=now) == set()


def test_a_korean_change_of_mind_is_free_for_seven_days():
    refusal = Refusal(mismatch=False, delivered_at=at("KR", 2026, 1, 5, 23), alternative=True)
    assert codes(KOREAN, OPEN, refusal, now=at("KR", 2026, 1, 12, 23)) == {"withdrawal_refused"}
    assert codes(KOREAN, OPEN, refusal, now=at("KR", 2026, 1, 13, 0)) == set()


def test_korean_goods_that_differ_can_be_returned_for_three_months_or_thirty_days_of_knowing():
    delivered = at("KR", 2026, 1, 31, 12)

    def refused(now: int, known: int) -> set[str]:
        return codes(KOREAN, OPEN, Refusal(True, delivered_at=delivered, known_at=known, alternative=True), now=now)

    assert refused(at("KR", 2026, 4, 30, 12), at("KR", 2026, 4, 1, 12)) == {"mismatch_refused"}
    assert refused(at("KR", 2026, 5, 1, 12), at("KR", 2026, 4, 20, 12)) == set()
    assert refused(at("KR", 2026, 4, 30, 12), at("KR", 2026, 3, 1, 12)) == set()


def test_a_japanese_return_depends_on_the_displayed_policy_for_eight_days():
    delivered = at("JP", 2026, 1, 5, 12)

    def refused(shown: bool, *day: int) -> set[str]:
        refusal = Refusal(False, delivered_at=delivered, policy_shown=shown, alternative=True)
        return codes(a_case(), OPEN, refusal, now=at("JP", *day))

    assert refused(False, 2026, 1, 12, 23) == {"return_refused"}
    assert refused(False, 2026, 1, 13, 0) == set()
    assert refused(True, 2026, 1, 6, 0) == set()


def test_a_japanese_policy_never_bars_the_claim_for_a_defect():
    refusal = Refusal(mismatch=True, delivered_at=T0, policy_shown=True, alternative=True)
    assert codes(a_case(), OPEN, refusal, now=T0 + 60 * DAY) == {"policy_against_defect"}
    assert codes(ENGLISH, OPEN, refusal) == set()


def test_a_refusal_without_an_alternative_is_named_everywhere():
    for case in (a_case(), KOREAN, ENGLISH):
        assert "refusal_without_alternative" in codes(case, OPEN, Refusal(False))


# --- what the log holds ---


def test_a_log_that_keeps_the_order_raises_nothing():
    log = [
        *OPEN,
        remedied(3 * HOUR),
        accepted(4 * HOUR),
        did(5 * HOUR, "gift.given", amount=5000, currency="JPY", cap=5000),
    ]
    assert codes(a_case(), log) == set()
    assert codes(a_case(), []) == set()


def test_each_deed_of_a_log_is_seen_as_things_stood_then():
    gift = did(3 * HOUR, "gift.given", amount=5000, currency="JPY", cap=5000)
    assert codes(a_case(), [*OPEN, gift, accepted(4 * HOUR)]) == {"gift_before_acceptance"}
    tied = did(3 * HOUR, "remedy.given", kind="coupon", amount=500, currency="JPY", conditional=True)
    assert codes(a_case(), [*OPEN, tied]) == {"conditional"}


# --- 알림톡 ---

PLAIN = "[바다몰] 주문번호 12034의 환불이 7월 3일 완료되었습니다."
COUPON = f"{PLAIN} 불편을 드려 죄송한 마음으로 5,000원 할인 쿠폰을 드립니다."


def test_an_alimtalk_that_informs_goes_through():
    assert refusal_of(PLAIN) is None
    refuse_promotion(PLAIN)
    assert codes(KOREAN, OPEN, Alimtalk(PLAIN)) == set()


def test_an_apology_with_a_coupon_is_refused_and_the_sentence_is_named():
    refused = refusal_of(COUPON)
    assert refused is not None
    assert refused.sentence == "불편을 드려 죄송한 마음으로 5,000원 할인 쿠폰을 드립니다."
    assert COUPON[refused.start : refused.end] == "할인"
    assert set(refused.reason) == {"ko", "ja", "en"}
    flag = flags(KOREAN, OPEN, Alimtalk(COUPON))[0]
    assert (flag.code, flag.level) == ("alimtalk_promotion", RED)
    assert refused.sentence in flag.text["ko"]


def test_an_action_that_sends_it_is_refused_by_code():
    with pytest.raises(Invalid, match="할인 쿠폰을 드립니다") as caught:
        refuse_promotion(COUPON)
    assert (caught.value.code, caught.value.field) == ("promotional_alimtalk", "body")


def test_an_expiring_coupon_that_the_customer_holds_is_information():
    assert refusal_of("[바다몰] 보유하신 쿠폰의 유효 기간이 7월 3일 만료될 예정이어서 안내드립니다.") is None


def test_more_than_a_thousand_characters_are_too_many():
    with pytest.raises(Invalid) as caught:
        refuse_promotion(PLAIN * 40)
    assert caught.value.code == "alimtalk_too_long"


# --- the data ---


def test_every_flag_says_its_source_and_how_it_is_known():
    plans: list[tuple[Case, list[object], Planned]] = [
        (a_case(), OPEN, Gift(20_000, "review", "bow", True, "御祝", ("frozen",))),
        (a_case(), [*ACCEPTED, pressed(4 * HOUR)], Gift(5_000, knot="black_white")),
        (a_case(), OPEN, Refusal(True)),
        (a_case(), OPEN, Refusal(False, delivered_at=T0)),
        (KOREAN, OPEN, Refusal(True)),
        (KOREAN, OPEN, Refusal(False, delivered_at=T0)),
        (KOREAN, OPEN, Remedy("refund", promise_at=T0 + 30 * DAY)),
        (KOREAN, OPEN, Remedy("refund", promise_at=T0 + 30 * DAY, returned_at=T0)),
        (KOREAN, OPEN, Alimtalk(COUPON)),
    ]
    found = [flag for case, log, planned in plans for flag in flags(case, log, planned, now=T0 + DAY)]  # type: ignore[arg-type]
    assert {flag.code for flag in found} == set(flag_codes())
    for flag in found:
        assert flag.level in (AMBER, RED)
        assert flag.source
        assert flag.basis in ("seen", "recalled", "assumed")
        assert all("{" not in text for text in flag.text.values())
