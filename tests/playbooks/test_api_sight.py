"""Who may see what, and how a stranger, a wrong address and a wrong method are answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from helpdesk.models import ApiToken
from playbooks.core.effects import Note
from playbooks.held import do, hold
from playbooks.models import CaseFile, Shift
from tests.rest import START, Caller, Desk, refusal
from tickets.log import CUSTOMER
from tickets.models import Ticket

READS = ("", "comments/", "events/", "metrics/")
DEEDS = ("comments/", "investigation/", "remedies/", "letters/", "gifts/", "follow-ups/")


# --- who comes in ---


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, "not_authenticated"), ("Bearer wrong", "unknown_token"), ("Bearer", "malformed_token"),
        ("Bearer a b", "malformed_token"), ("Token x", "not_authenticated"), ("Basic eDp5", "not_authenticated"),
        ("Bearer \xff", "unknown_token"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["tickets/", "tickets/1/", "playbooks/", "clock/"])
def test_a_stranger_is_told_how_to_come_in(desk: Desk, header: str | None, error: str, path: str):
    client = APIClient()
    answer = client.get(f"/api/v1/{path}", **({"HTTP_AUTHORIZATION": header} if header else {}))
    refusal(answer, 401, error)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_token_that_was_taken_back_opens_nothing(desk: Desk):
    ApiToken.objects.filter(agent=desk.owner.agent).delete()
    refusal(desk.owner.get("tickets/"), 401, "unknown_token")


@pytest.mark.parametrize("path", ["nothing/", "tickets", "tickets/x/", "tickets/1/x/", "", "tickets/-1/", "schema"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_a_wrong_address_is_refused_in_the_one_shape(desk: Desk, path: str, method: str):
    refusal(getattr(APIClient(enforce_csrf_checks=True), method)(f"/api/v1/{path}"), 404, "no_such_address")


@pytest.mark.parametrize(
    "path", ["tickets/{id}/", "tickets/{id}/events/", "runs/", "follow-ups/", "playbooks/", "clock/"]
)
def test_a_wrong_method_is_refused_with_those_that_there_are(desk: Desk, path: str):
    answer = desk.manager.raw(path.format(id=desk.ticket()["id"]), b"{}", method="put")
    refusal(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", ["tickets/", "tickets/{id}/", "tickets/{id}/gifts/", "runs/", "playbooks/", "clock/"])
def test_options_are_answered(desk: Desk, path: str):
    assert desk.manager.client.options(f"/api/v1/{path.format(id=desk.ticket()['id'])}").status_code == 200


@pytest.mark.parametrize("number", ["0", "999999", str(2**63), "9" * 400])
def test_a_ticket_that_there_is_not_is_not_found(desk: Desk, number: str):
    for path in READS:
        refusal(desk.manager.get(f"tickets/{number}/{path}"), 404, "no_ticket")
    refusal(desk.manager.patch(f"tickets/{number}/", {}), 404, "no_ticket")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "x"])
def test_whoever_wants_something_other_than_json_is_told_so(desk: Desk, accept: str):
    refusal(desk.manager.client.get("/api/v1/tickets/", HTTP_ACCEPT=accept), 406, "not_acceptable")


def test_another_format_is_not_found(desk: Desk):
    refusal(desk.manager.get("tickets/", format="xml"), 404)


def test_more_parameters_than_a_request_may_have_are_refused(desk: Desk):
    refusal(desk.manager.client.get("/api/v1/tickets/?" + "&".join(f"a{n}=1" for n in range(1_200))), 400, "malformed")


# --- whose tickets ---


def test_a_trainee_sees_own_tickets_and_no_others(desk: Desk):
    ticket = desk.ticket()
    assert [row["id"] for row in desk.owner.all("tickets/")] == [ticket["id"]]
    assert desk.other.all("tickets/") == []
    assert (
        [row["id"] for row in desk.manager.all("tickets/")]
        == [row["id"] for row in desk.client.all("tickets/")]
        == [ticket["id"]]
    )


@pytest.mark.parametrize("path", ["runs/", "follow-ups/"])
def test_what_belongs_to_a_ticket_is_seen_with_it(desk: Desk, path: str):
    ticket = desk.ticket()
    for caller in (desk.owner, desk.manager, desk.client):
        assert {row["ticket"] for row in caller.all(path)} == {ticket["id"]}
    assert desk.other.all(path) == desk.other.all(path, ticket=ticket["id"]) == []


def test_anothers_ticket_is_as_if_it_were_not(desk: Desk):
    number = desk.ticket()["id"]
    before = Ticket.objects.get(pk=number).last_seq
    for path in READS:
        refusal(desk.other.get(f"tickets/{number}/{path}"), 404, "no_ticket")
    valid: dict[str, dict[str, Any]] = {
        "comments/": {"body": "x"}, "investigation/": {}, "remedies/": {"kind": "exchange"}, "letters/": {"body": "x"},
        "gifts/": {"amount": 1}, "follow-ups/": {"body": "x", "due_at": "2030-01-01T00:00:00Z"},
    }  # fmt: skip
    for path in DEEDS:
        refusal(desk.other.post(f"tickets/{number}/{path}", valid[path]), 404, "no_ticket")
    refusal(desk.other.patch(f"tickets/{number}/", {"priority": "low"}), 404, "no_ticket")
    assert Ticket.objects.get(pk=number).last_seq == before


def test_a_trainee_sees_the_tickets_of_an_own_shift_whoever_has_them(desk: Desk):
    clock = desk.standing_clock()
    ticket = desk.case(clock)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    refusal(desk.other.get(f"tickets/{ticket.pk}/"), 404)
    Shift.objects.create(clock=clock, trainee=desk.other.agent, title="x", seed=1, started_at=START)
    assert desk.other.get(f"tickets/{ticket.pk}/").status_code == 200
    refusal(desk.owner.get(f"tickets/{ticket.pk}/"), 404)


# --- a customer's mind ---

SECRET = ("severity", "own_fault", "persona", "right_remedy", "goods_accepted", "traits", "case_file", "mood")


def everything(caller: Caller, ticket_id: int) -> str:
    told = [caller.get(f"tickets/{ticket_id}/{path}").json() for path in READS]
    told += [caller.all(path, ticket=ticket_id) for path in ("runs/", "follow-ups/", "surveys/")]
    return json.dumps(told)


def test_the_hidden_truth_of_a_case_is_nowhere_in_the_api(desk: Desk):
    ticket = desk.case(description="My parcel has not come.", language="ja", playbook="apology-letter-gift")
    hidden = CaseFile.objects.get(ticket=ticket).case
    for caller in (desk.owner, desk.client):
        told = everything(caller, ticket.pk)
        assert not [word for word in SECRET if word in told]
        assert str(hidden["severity"]) not in told


def think(ticket: Ticket, *names: str) -> None:
    """The customer does something that nobody at the desk notices."""
    data = {"customer.told": {"people": 3, "tone": "bad"}, "customer.left": {"silent": True}}
    held = hold(ticket.pk)
    do(held, [Note(name, CUSTOMER, data.get(name, {})) for name in names], now=held.ticket.updated_at + 3_600)


def seen(caller: Caller, ticket: Ticket) -> list[str]:
    names = [event["name"] for event in caller.all(f"tickets/{ticket.pk}/events/")]
    return [name for name in names if name.startswith("customer.")]


def test_a_customer_who_left_in_silence_is_still_waited_for(desk: Desk):
    ticket = desk.case()
    before = {caller: everything(caller, ticket.pk) for caller in (desk.owner, desk.client)}
    think(ticket, "customer.left", "customer.told")
    assert seen(desk.owner, ticket) == seen(desk.client, ticket) == []
    assert seen(desk.manager, ticket) == ["customer.left", "customer.told"]
    assert {caller: everything(caller, ticket.pk) for caller in before} == before


def test_whether_an_apology_was_accepted_was_said_and_is_seen(desk: Desk):
    ticket = desk.case()
    think(ticket, "customer.declined", "customer.accepted")
    assert seen(desk.owner, ticket) == seen(desk.client, ticket) == ["customer.declined", "customer.accepted"]


def test_once_a_ticket_is_resolved_its_whole_log_is_open(desk: Desk):
    ticket = desk.case()
    think(ticket, "customer.left")
    assert desk.owner.patch(f"tickets/{ticket.pk}/", {"status": "solved"}).status_code == 200
    assert seen(desk.owner, ticket) == ["customer.left"]


def test_the_tag_of_a_ticket_gives_no_leaving_away(desk: Desk):
    ticket = desk.case()
    tag = desk.owner.get(f"tickets/{ticket.pk}/")["ETag"]
    think(ticket, "customer.left")
    assert desk.owner.get(f"tickets/{ticket.pk}/")["ETag"] == tag
    think(ticket, "customer.accepted")
    assert desk.owner.get(f"tickets/{ticket.pk}/")["ETag"] != tag
