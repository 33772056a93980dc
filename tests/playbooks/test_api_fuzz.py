"""Whatever is sent: an answer in the known shapes, and never a 500."""

from __future__ import annotations

import json
from typing import Any

from django.core.cache import cache
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from playbooks.api.complaints import ComplaintSerializer
from playbooks.api.serializers import FactsSerializer, NewCommentSerializer, TicketChangeSerializer
from tests.rest import Desk, refusal
from tickets.models import Ticket

# Any character that JSON can carry, lone surrogates and NUL among them.
CHARACTERS = st.characters(codec=None, exclude_categories=()) | st.sampled_from(["\ud800", "\udfff", "\x00", "\u202e"])
TEXT = st.text(CHARACTERS, max_size=12)
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**63, -(2**63) - 1, 10**400, 1e308])
PLAIN = st.none() | st.booleans() | NUMBERS | TEXT
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


FILTERS = st.sampled_from(["status", "q", "cursor", "page_size", "ordering", "overdue", "created_at__lt", "ticket"])


def bodies(serializer: type[Any], **usual: Any) -> st.SearchStrategy[Any]:
    """Anything at all, or the right names with anything in them."""
    names = [*serializer().fields, "facts", "none such"]
    right = st.dictionaries(st.sampled_from(names), ANYTHING, max_size=4).map(lambda found: {**usual, **found})
    return ANYTHING | right


QUICK = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def written(value: Any) -> bytes:
    return json.dumps(value).encode()  # NaN and Infinity go out as such: a careless client sends them too


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        refusal(answer, answer.status_code)
    else:
        answer.json()


def ticket_in_work(desk: Desk) -> int:
    """The newest ticket, while it is open and its log short; else another one."""
    newest = Ticket.objects.filter(last_seq__lt=30).exclude(status__in=("solved", "closed")).order_by("-pk").first()
    return newest.pk if newest else int(desk.ticket()["id"])


@QUICK
@given(body=bodies(ComplaintSerializer, description="x"))
def test_no_complaint_breaks_the_desk(desk: Desk, body: Any):
    cache.clear()
    check(desk.client.raw("tickets/", written(body)))
    check(desk.manager.get("tickets/"))


@QUICK
@given(body=bodies(NewCommentSerializer, body="x"), facts=bodies(FactsSerializer))
def test_no_comment_breaks_a_ticket(desk: Desk, body: Any, facts: Any):
    cache.clear()
    ticket = ticket_in_work(desk)
    if isinstance(body, dict) and "facts" in body:
        body["facts"] = facts
    check(desk.client.raw(f"tickets/{ticket}/comments/", written(body)))
    assert desk.manager.get(f"tickets/{ticket}/comments/").status_code == 200


@QUICK
@given(
    body=bodies(TicketChangeSerializer),
    deed=st.sampled_from(["remedies/", "letters/", "gifts/", "follow-ups/", "investigation/"]),
)
def test_no_change_and_no_deed_breaks_a_ticket(desk: Desk, body: Any, deed: str):
    cache.clear()
    ticket = ticket_in_work(desk)
    check(desk.manager.raw(f"tickets/{ticket}/", written(body), method="patch"))
    usual = {"remedies/": {"kind": "refund"}, "letters/": {"body": "x"}, "gifts/": {}, "follow-ups/": {"body": "x"}}
    changed = {**usual.get(deed, {}), **body} if isinstance(body, dict) else body
    check(desk.manager.raw(f"tickets/{ticket}/{deed}", written(changed)))
    assert desk.manager.get(f"tickets/{ticket}/events/").status_code == 200


@QUICK
@given(
    query=st.dictionaries(
        st.sampled_from(["status", "q", "cursor", "page_size", "ordering", "overdue", "created_at__lt", "ticket"])
        | TEXT,
        TEXT,
        max_size=3,
    )
)
def test_no_filter_breaks_a_list(desk: Desk, query: dict[str, str]):
    cache.clear()
    fit = {
        key.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for key, value in query.items()
    }
    for path in ("tickets/", "follow-ups/"):
        check(desk.manager.get(path, **fit))


# Sentences as people write them, cut anywhere and mixed with anything.
WORDS = st.sampled_from(
    """申し訳ございません。|拝啓|敬具|明日の正午までに|ご返金12,000円|９９９９年１３月３２日|「|」
    |고객님, 죄송합니다.|내일 오후 6시까지|환불해 드리겠습니다
    |We are sorry|by 5 pm tomorrow|$1e999|25:61|……|https://x|<b>""".split("|")
)
LETTERS = st.lists(WORDS | TEXT, max_size=12).map("".join)


@QUICK
@given(body=LETTERS, kind=st.sampled_from(["comments/", "letters/"]), language=st.sampled_from(["ko", "ja", "en"]))
def test_no_text_that_is_read_breaks_a_ticket(desk: Desk, body: str, kind: str, language: str):
    cache.clear()
    ticket = ticket_in_work(desk)
    check(desk.owner.raw("text-reviews/", written({"text": body, "language": language})))
    check(desk.owner.raw("text-reviews/", written({"text": body, "ticket": ticket, "language": language})))
    check(desk.owner.raw(f"tickets/{ticket}/{kind}", written({"body": body})))
