"""The gift's form says what is fitting before anything is sent; what was chosen is kept with the gift and shown."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from playbooks import actions, driver
from playbooks.models import FollowUp
from tests.rest import Desk, jump, refusal
from tickets.models import Ticket, TicketEvent

WRAPPED = {"amount": 2_500, "knot": "musubikiri", "inscription": "御詫び"}


@pytest.fixture
def grave(desk: Desk) -> Ticket:
    return desk.grave()


@pytest.fixture
def accepted(desk: Desk, grave: Ticket) -> Ticket:
    """The facts are known, somebody apologised, and the customer accepted it."""
    driver.perform(grave, actions.investigate, agent=desk.owner.agent)
    driver.perform(
        grave, actions.reply, agent=desk.owner.agent, body="申し訳ございません。", facts={"apology": ["regret"]}
    )
    driver.perform(grave, actions.customer_says, agent=None, body="分かりました。", facts={"word": "acceptance"})
    return grave


def browser(desk: Desk, language: str = "en") -> Client:
    client = Client()
    client.force_login(desk.owner.agent)
    client.cookies["django_language"] = language
    return client


def page(desk: Desk, ticket: Ticket, language: str = "en") -> str:
    return html.unescape(browser(desk, language).get(reverse("ticket", args=[ticket.pk])).content.decode())


def planned(desk: Desk, ticket: Ticket, deed: str, language: str = "en", **form: Any) -> str:
    answer = browser(desk, language).post(reverse("planned", args=[ticket.pk, deed]), form)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("language", "band", "waits"),
    [
        ("en", "¥5,000 to ¥10,000", "The facts were not confirmed."),
        ("ko", "¥5,000", "사실관계가 확인되지 않았습니다."),
        ("ja", "10,000円", "事実関係が確認されていません。"),
    ],
)
def test_the_form_says_band_moment_wrapping_and_law(desk: Desk, grave: Ticket, language: str, band: str, waits: str):
    told = page(desk, grave, language)
    assert band in told
    assert waits in told
    for word in ("紅白結び切り", "御詫び", "紙袋", "景品表示法"):
        assert word in told


def test_once_the_apology_is_accepted_its_moment_has_come(desk: Desk, accepted: Ticket):
    assert "Its moment has come" in page(desk, accepted)


def test_news_bring_the_moment_to_an_open_form(desk: Desk, grave: Ticket):
    driver.perform(grave, actions.investigate, agent=desk.owner.agent)
    told = browser(desk).get(reverse("news", args=[grave.pk]), {"after": 1}).content.decode()
    assert '<p id="gift-moment" class="verdict unknown" hx-swap-oob="true">' in told


def test_a_korean_gift_has_no_wrapping_but_the_law_on_public_officials(desk: Desk):
    ticket = desk.case(
        description="커피 메이커가 켜지지 않습니다.", language="ko", channel="web", category="defective_item",
        playbook="apology-letter-gift", case={**_grave(), "language": "ko", "currency": "KRW", "price": 148_000},
    )  # fmt: skip
    told = page(desk, ticket, "ko")
    assert "청탁금지법" in told
    assert "gift-knot" not in told


def _grave() -> dict[str, Any]:
    from tests.rest import GRAVE

    return GRAVE.to_dict()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"amount": "2500", "knot": "bow"}, "蝶結び"),
        ({"amount": "2500", "condition": "review"}, "may count as a premium"),
        ({"amount": "50,000円"}, "Dearer than ¥10,000"),
        ({"amount": "2500", "traits": ["chilled"]}, "Look again"),
    ],
)
def test_what_speaks_against_a_gift_is_said_while_the_form_is_filled_in(
    desk: Desk, accepted: Ticket, form: dict[str, Any], words: str
):
    told = planned(desk, accepted, "gift", **form)
    assert words in told
    assert FollowUp.objects.filter(kind="gift").count() == 0


def test_a_fitting_gift_raises_nothing(desk: Desk, accepted: Ticket):
    assert 'class="flag' not in planned(desk, accepted, "gift", **WRAPPED)


def test_a_conditional_remedy_is_flagged_too(desk: Desk, grave: Ticket):
    assert "Abeler" in planned(desk, grave, "remedy", kind="coupon", amount="500", conditional="1")


def test_nobody_looks_at_the_plans_of_others(desk: Desk, grave: Ticket):
    client = Client()
    client.force_login(desk.other.agent)
    assert client.post(reverse("planned", args=[grave.pk, "gift"]), WRAPPED).status_code == 404


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "Say how much."),
        ("many", "Write the amount in figures."),
        ("-5", "0 or more"),
        ("12.5", "no such fraction"),
        ("999999", "budget"),
        ("NaN", "0 or more"),
    ],
)
def test_an_empty_or_senseless_amount_is_refused_at_the_field(desk: Desk, accepted: Ticket, amount: str, said: str):
    answer = browser(desk).post(reverse("deed", args=[accepted.pk, "gift"]), {**WRAPPED, "amount": amount})
    told = html.unescape(answer.content.decode())
    assert answer.status_code == 400
    assert said in told.partition('id="gift-amount-refused"')[2][:400]
    assert 'value="御詫び"' in told  # what was chosen comes back
    assert FollowUp.objects.filter(kind="gift").count() == 0


def test_wrapping_and_condition_are_kept_with_the_gift_and_shown(desk: Desk, accepted: Ticket):
    form = {**WRAPPED, "noshi": "1", "condition": "review", "traits": ["chilled"]}
    answer = browser(desk).post(reverse("deed", args=[accepted.pk, "gift"]), form)
    assert answer.status_code == 302
    jump(accepted.clock, 60)
    given = TicketEvent.objects.get(ticket=accepted, name="gift.given").data
    assert (given["knot"], given["inscription"], given["noshi"]) == ("musubikiri", "御詫び", True)
    assert (given["condition"], given["traits"]) == ("review", ["chilled"])
    told = page(desk, accepted)
    assert "「御詫び」" in told
    assert "in return for: Taking a review down" in told


def test_by_rest_a_gift_takes_the_same(desk: Desk, accepted: Ticket):
    assert desk.owner.post(f"tickets/{accepted.pk}/gifts/", WRAPPED).status_code == 201
    promised = TicketEvent.objects.filter(ticket=accepted, name="follow_up.promised", data__kind="gift").get().data
    assert (promised["knot"], promised["inscription"]) == ("musubikiri", "御詫び")


@pytest.mark.parametrize(
    "what", [{"knot": "granny"}, {"condition": "love"}, {"traits": ["heavy"]}, {"inscription": "御" * 21}, {"noshi": 3}]
)
def test_by_rest_what_is_no_wrapping_is_refused_at_its_field(desk: Desk, accepted: Ticket, what: dict[str, Any]):
    answer = desk.owner.post(f"tickets/{accepted.pk}/gifts/", {**WRAPPED, **what})
    assert next(iter(what)) in "".join(refusal(answer, 400)["details"])


def test_an_amount_may_be_written_as_people_write_it(desk: Desk, accepted: Ticket):
    form = {**WRAPPED, "amount": "２，５００円"}
    assert browser(desk).post(reverse("deed", args=[accepted.pk, "gift"]), form).status_code == 302
    assert TicketEvent.objects.get(ticket=accepted, data__kind="gift").data["amount"] == 2_500
