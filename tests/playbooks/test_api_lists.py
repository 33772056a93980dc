"""Lists: pages that do not shift, filters that are never ignored, and a price that does not grow with the rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.rest import Desk, refusal
from tickets.models import Ticket

LISTS = ("tickets/", "runs/", "follow-ups/", "surveys/")


def test_pages_join_to_the_whole_list_newest_first(desk: Desk):
    numbers = [desk.ticket()["number"] for _ in range(7)]
    answer, seen = desk.manager.get("tickets/", page_size=3), []
    while True:
        seen += [ticket["number"] for ticket in answer.json()["results"]]
        if not answer.json()["next"]:
            break
        answer = desk.manager.client.get(answer.json()["next"])
    assert seen == numbers[::-1]


def test_a_ticket_that_comes_in_meanwhile_moves_no_page(desk: Desk):
    for _ in range(4):
        desk.ticket()
    first = desk.manager.get("tickets/", page_size=2).json()
    desk.ticket()
    second = desk.manager.client.get(first["next"]).json()
    assert [t["number"] for t in first["results"] + second["results"]] == [4, 3, 2, 1]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("size", ["100000", "101", "0", "-1", "x", "1e2", "", "٣", "9" * 50])
def test_a_page_size_out_of_range_is_refused(desk: Desk, path: str, size: str):
    refusal(desk.manager.get(path, page_size=size), 400, "invalid", page_size="out_of_range")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["stauts", "page", "limit", "id", "ticket__status", "\ud800", "\x00", "q[]"])
def test_an_unknown_filter_is_refused_and_never_ignored(desk: Desk, path: str, name: str):
    answer = desk.manager.client.get(f"/api/v1/{path}?{urlencode({name.encode('utf-8', 'surrogatepass'): '1'})}")
    body = refusal(answer, 400, "invalid")
    assert [entry["code"] for entries in body["details"].values() for entry in entries] == ["unknown_filter"]


@pytest.mark.parametrize("path", ["playbooks/", "clock/", "tickets/1/", "tickets/1/events/", "tickets/1/comments/"])
def test_where_there_is_no_filter_none_is_taken(desk: Desk, path: str):
    number = desk.ticket()["id"]
    refusal(
        desk.manager.get(path.replace("/1/", f"/{number}/"), status="open"), 400, "invalid", status="unknown_filter"
    )


def test_a_filter_that_is_given_twice_is_refused(desk: Desk):
    answer = desk.manager.client.get("/api/v1/tickets/?status=open&status=new")
    refusal(answer, 400, "invalid", status="repeated")


@pytest.mark.parametrize(
    "made_up",
    ["x", "%%%", "", "\ud800", "n", "n-", "n--1", "n-1-2-3", "x-1-2", "n-1.5-2", "n-١-2", f"n-{'9' * 30}-1", "cD0x"],
)
def test_a_cursor_that_is_not_ours_is_refused_by_its_name(desk: Desk, made_up: str):
    query = urlencode({"cursor": made_up.encode("utf-8", "surrogatepass")})
    for path in LISTS:
        refusal(desk.manager.client.get(f"/api/v1/{path}?{query}"), 400, "invalid", cursor="bad_cursor")


def test_a_cursor_leads_back_to_where_it_came_from(desk: Desk):
    for _ in range(5):
        desk.ticket()
    first = desk.manager.get("tickets/", page_size=2).json()
    second = desk.manager.client.get(first["next"]).json()
    third = desk.manager.client.get(second["next"]).json()
    assert (first["previous"], third["next"], len(third["results"])) == (None, None, 1)
    assert desk.manager.client.get(third["previous"]).json() == second
    assert desk.manager.client.get(second["previous"]).json() == first


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "opened"), ("status", ""), ("status", "open,"), ("status_category", "done"), ("priority", "5"),
        ("channel", "fax"), ("category", "x"), ("language", "de"), ("created_at__gte", "yesterday"),
        ("created_at__gte", "2026-09-07"), ("created_at__gte", "2026-09-07T09:00:00"),
        ("created_at__lt", "9999-12-31T23:59:59Z"),
        ("created_at__lt", "0001-01-01T00:00:00+23:59"), ("created_at__lt", "2026-13-07T09:00:00Z"),
        ("updated_since", "0"),
        ("overdue", "yes"), ("assignee", "\x00"), ("external_id", "x" * 201), ("q", ""), ("ordering", "subject"),
        ("ordering", ""), ("playbook", "\x00"),
    ],
)  # fmt: skip
def test_a_filter_value_that_makes_no_sense_is_refused_by_its_name(desk: Desk, name: str, value: str):
    refusal(desk.manager.get("tickets/", **{name: value}), 400, "invalid", **{name: _code(name, value)})


def _code(name: str, value: str) -> str:
    if name == "ordering":
        return "unknown_ordering"
    if value == "":
        return "required"
    if "\x00" in value:
        return "unfit_character"
    codes = {"overdue": "not_a_boolean", "external_id": "too_long", "updated_since": "not_an_instant"}
    return codes.get(name, "not_an_instant" if name.startswith("created") else "invalid_choice")


@pytest.mark.parametrize("path", LISTS[1:])
@pytest.mark.parametrize("value", ["x", "-1", "1.0", "9" * 30, "²"])
def test_a_ticket_to_filter_by_is_a_whole_number(desk: Desk, path: str, value: str):
    refusal(desk.manager.get(path, ticket=value), 400, "invalid", ticket="not_a_number")


def numbers(desk: Desk, **query: Any) -> list[int]:
    return [ticket["number"] for ticket in desk.manager.all("tickets/", **query)]


def test_filters_find_what_they_name(desk: Desk):
    desk.ticket(
        priority="high", channel="line", category="wrong_item", language="ja", external_id="a", subject="Blue coat"
    )
    desk.ticket(
        priority="low", channel="email", category="double_charge", language="ko", description="RED COAT 100% _x"
    )
    held = desk.ticket(language="en", playbook="apology-letter-gift")
    desk.owner.patch(f"tickets/{held['id']}/", {"status": "on_hold"})
    assert numbers(desk, priority="high") == [1]
    assert numbers(desk, priority="high,low") == [2, 1]
    assert (
        numbers(desk, channel="line") == numbers(desk, category="wrong_item") == numbers(desk, external_id="a") == [1]
    )
    assert numbers(desk, language="ko") == [2]
    assert numbers(desk, status="on_hold") == numbers(desk, status_category="waiting") == [3]
    assert numbers(desk, status_category="open") == [2, 1]
    assert numbers(desk, playbook="apology-letter-gift") == [3, 1]
    assert numbers(desk, assignee=desk.owner.agent.username) == [3, 2, 1]
    assert numbers(desk, assignee="nobody") == numbers(desk, clock="other") == []
    assert numbers(desk, q="coat") == [2, 1]
    assert numbers(desk, q="100% _") == [2]
    assert numbers(desk, priority="low", language="ja") == []


def test_instants_filter_by_the_second_and_in_any_zone(desk: Desk):
    first = desk.ticket()
    Ticket.objects.filter(pk=first["id"]).update(created_at=1_788_739_200, updated_at=1_788_739_200)
    assert numbers(desk, created_at__gte="2026-09-07T09:00:00+09:00", created_at__lt="2026-09-07T00:00:01Z") == [1]
    assert numbers(desk, created_at__gte="2026-09-07T00:00:01Z", created_at__lt="2026-09-07T00:00:02Z") == []
    assert numbers(desk, updated_since="2026-09-07T00:00:00Z") == [1]


def test_overdue_is_what_is_late_and_still_in_work(desk: Desk):
    late, done, _ = desk.ticket(), desk.ticket(), desk.ticket()
    desk.owner.patch(f"tickets/{done['id']}/", {"status": "solved"})
    Ticket.objects.filter(pk__in=(late["id"], done["id"])).update(next_deadline_at=1)
    assert numbers(desk, overdue="true") == [1]
    assert numbers(desk, overdue="false") == [3, 2]


def test_an_order_that_is_asked_for_holds_across_pages(desk: Desk):
    for _ in range(3):
        desk.ticket()
    Ticket.objects.filter(number=2).update(updated_at=1)
    assert numbers(desk, ordering="created_at") == [1, 2, 3]
    assert numbers(desk, ordering="updated_at")[0] == 2
    assert numbers(desk, ordering="-updated_at")[-1] == 2


@pytest.mark.parametrize("path", [*LISTS, "tickets/{id}/events/", "tickets/{id}/comments/"])
def test_a_list_of_thirty_asks_the_database_no_more_often_than_a_list_of_three(desk: Desk, path: str):
    def price() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.owner.get(path.format(id=ticket["id"]), page_size=100).status_code == 200
        return len(asked)

    for _ in range(3):
        ticket = desk.ticket(tags=["a"], requester={"name": "Kim"})
    desk.owner.get("tickets/")  # the use of a token is noted once a minute
    few = price()
    for number in range(27):
        desk.ticket(requester={"name": f"Lee {number}"})
        if "{id}" in path:
            desk.owner.post(f"tickets/{ticket['id']}/comments/", {"body": "Noted.", "public": False})
    assert price() == few


def test_playbooks_are_listed_with_the_text_of_their_newest_version(desk: Desk):
    listed = desk.owner.get("playbooks/").json()
    assert [playbook["key"] for playbook in listed] == ["apology-letter-gift", "fast-and-caring", "fast-resolution"]
    assert desk.owner.get("playbooks/fast-resolution/").json() == listed[2]
    assert "[[step]]" in listed[1]["source"]


@pytest.mark.parametrize("key", ["none", "%00", "%ed%a0%80", "x" * 300])
def test_a_playbook_that_there_is_not_is_not_found(desk: Desk, key: str):
    answer = desk.owner.client.get(f"/api/v1/playbooks/{key}/")
    assert answer.status_code in (400, 404)
    refusal(answer, answer.status_code, playbook=answer.json()["error"])
