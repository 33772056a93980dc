"""Which event is which deed, and how much a gift may cost."""

from __future__ import annotations

import pytest

from playbooks.core.playbook import built_in, deeds_of, gift_cap
from tests.core.playbook_cases import FAST, LETTER, a_case, accepted, confirmed, did, remedied, said, solved
from tickets.log import Event


@pytest.mark.parametrize(
    ("event", "deeds"),
    [
        (said(0, "bot"), ("acknowledge",)),
        (said(0, "agent"), ("answer",)),
        (said(0, "agent", apology=["regret"]), ("answer", "apologise")),
        (said(0, "agent", apology=["regret"], deeds=["apologise", "letter"]), ("answer", "apologise", "letter")),
        (said(0, "agent", deeds=["prevention"]), ("answer", "prevention")),
        (said(0, "agent", public=False, deeds=["letter"]), ()),
        (said(0, "customer", apology=["regret"]), ()),
        (said(0, "system", deeds=["check_in"]), ("check_in",)),
        (said(0, "system", deeds=["acknowledge"]), ("acknowledge",)),
        (said(0, "system", public=False, deeds=["interim_report"]), ()),
        (confirmed(0), ("confirm_facts",)),
        (remedied(0), ("remedy",)),
        (did(0, "gift.given", amount=3_000), ("gift",)),
        (solved(0), ("solve",)),
        (accepted(0), ()),
    ],
)
def test_a_deed_is_read_from_its_event(event: Event, deeds: tuple[str, ...]) -> None:
    assert deeds_of(event) == deeds


@pytest.mark.parametrize("deed", ["remedy", "gift", "solve", "confirm_facts"])
def test_words_alone_give_no_remedy_and_no_gift(deed: str) -> None:
    assert deeds_of(said(0, "agent", deeds=[deed])) == ("answer",)


@pytest.mark.parametrize(
    ("severity", "price", "currency", "cap"),
    [
        (0.5, 60_000, "JPY", 3_000),
        (0.7, 60_000, "JPY", 5_000),
        (0.9, 60_000, "JPY", 10_000),
        (0.9, 12_345, "JPY", 2_469),  # a fifth of the price, rounded down
        (0.9, 2_499, "JPY", 0),  # a gift that small looks mean
        (0.9, 2_500, "JPY", 500),
        (0.9, 600_000, "KRW", 100_000),
        (0.9, 100_000, "USD", 7_000),  # cents
    ],
)
def test_a_gift_is_capped_by_severity_and_by_price(severity: float, price: int, currency: str, cap: int) -> None:
    assert gift_cap(LETTER, a_case(severity=severity, price=price, currency=currency)) == cap


def test_a_playbook_without_gifts_has_no_budget_for_them() -> None:
    assert gift_cap(FAST, a_case()) == 0


def test_a_graver_case_never_has_the_smaller_budget() -> None:
    caps = [gift_cap(LETTER, a_case(severity=n / 20, price=200_000)) for n in range(21)]
    assert caps == sorted(caps)


def test_three_playbooks_come_with_the_product() -> None:
    assert set(built_in()) == {"fast-resolution", "apology-letter-gift", "fast-and-caring"}


def test_chat_means_every_chat_channel() -> None:
    answer = FAST.step("answer")
    assert answer is not None
    targets = {channel: answer.within_on(channel) for channel in ("chat", "kakaotalk", "line", "email", "letter")}
    assert targets == {"chat": 300, "kakaotalk": 300, "line": 300, "email": 3_600, "letter": 3_600}
