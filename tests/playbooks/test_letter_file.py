"""Letters to take along: the one that was sent and the draft on the sheet, for those who may see the ticket."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from tests.rest import DAY, Caller, Desk, jump, refusal
from tickets.models import Comment, Ticket

LETTER = "山田 花子様\n\n謹啓\n　このたびは誠に申し訳ございません。\n謹白"


@pytest.fixture
def grave(desk: Desk) -> Ticket:
    return desk.grave()


def sent(desk: Desk, ticket: Ticket) -> Comment:
    desk.owner.post(f"tickets/{ticket.pk}/investigation/", {})
    assert desk.owner.post(f"tickets/{ticket.pk}/letters/", {"body": LETTER, "facts": {}}).status_code == 201
    jump(ticket.clock, DAY)
    return Comment.objects.get(ticket=ticket, channel="letter")


def page_of(caller: Caller) -> Client:
    client = Client()
    client.force_login(caller.agent)
    return client


def words(data: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(data)).pages)


def test_a_letter_that_was_sent_is_had_by_rest(desk: Desk, grave: Ticket):
    letter = sent(desk, grave)
    answer = desk.owner.get(f"tickets/{grave.pk}/letters/{letter.seq}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "このたびは誠に申し訳ございません。" in words(answer.content)


def test_whoever_asks_for_a_pdf_gets_one_and_refusals_stay_json(desk: Desk, grave: Ticket):
    letter = sent(desk, grave)
    path = f"/api/v1/tickets/{grave.pk}/letters/{letter.seq}/"
    assert desk.owner.client.get(path, headers={"Accept": "application/pdf"}).status_code == 200
    other = desk.other.client.get(path, headers={"Accept": "application/pdf"})
    refusal(other, 404, "no_ticket", ticket="no_ticket")


def test_what_is_no_letter_is_not_found(desk: Desk, grave: Ticket):
    opening = Comment.objects.filter(ticket=grave).first()
    assert opening is not None
    for seq in (opening.seq, 999, 10**30):
        refusal(desk.owner.get(f"tickets/{grave.pk}/letters/{seq}/"), 404)
        assert page_of(desk.owner).get(f"/tickets/{grave.pk}/letters/{seq}.pdf").status_code == 404


def test_a_letter_that_was_sent_is_had_from_its_page_by_those_who_may_see_it(desk: Desk, grave: Ticket):
    letter = sent(desk, grave)
    path = f"/tickets/{grave.pk}/letters/{letter.seq}.pdf"
    answer = page_of(desk.owner).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="letter-{grave.number}-{letter.seq}.pdf"'
    assert page_of(desk.manager).get(path).status_code == 200
    assert page_of(desk.other).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_a_draft_is_had_without_keeping_it(desk: Desk, grave: Ticket):
    path = f"/tickets/{grave.pk}/letter/draft.pdf"
    said = Comment.objects.count()
    answer = page_of(desk.owner).post(path, {"body": LETTER})
    assert answer.status_code == 200
    assert "山田花子様" in words(answer.content)
    assert Comment.objects.count() == said
    assert page_of(desk.other).post(path, {"body": LETTER}).status_code == 404
    assert page_of(desk.owner).get(path).status_code == 405


@pytest.mark.parametrize("body", ["", "   ", "a" * 20_001, "あ\x07"])
def test_a_draft_that_is_no_text_is_refused_with_a_sentence(desk: Desk, grave: Ticket, body: str):
    answer = page_of(desk.owner).post(f"/tickets/{grave.pk}/letter/draft.pdf", {"body": body})
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content
