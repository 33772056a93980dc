"""A complaint that comes in by REST: what is taken, what is refused, and by which name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import RequestFactory

from helpdesk.wsgi import application
from playbooks.models import CaseFile, PlaybookRun
from tests.rest import Desk, refusal
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS, PRIORITIES
from tickets.models import Customer, Ticket

LONE = "\ud800"

EVERYTHING = {
    "description": "注文した商品がまだ届きません。",
    "subject": "未着",
    "channel": "line",
    "priority": "high",
    "category": "delivery_delay",
    "language": "ja",
    "profile": "JPyoung",
    "tags": ["vip", "返品"],
    "custom_fields": {"order": "A-1", "turns": 9, "share": 0.5, "known": True, "note": None},
    "external_id": "crm-17",
    "requester": {"name": "山田 花子", "email": "hanako@example.com"},
    "playbook": "apology-letter-gift",
}


def test_a_description_alone_is_a_ticket(desk: Desk):
    answer = desk.client.post("tickets/", {"description": "My parcel has not come.\nWhere is it?"})
    ticket = answer.json()
    assert answer.status_code == 201
    assert ticket["subject"] == "My parcel has not come."
    assert (ticket["status"], ticket["status_category"], ticket["priority"]) == ("new", "open", "normal")
    assert ticket["assignee"] == desk.owner.agent.username
    assert ticket["playbook"] in ("fast-resolution", "apology-letter-gift")


def test_every_field_comes_back_as_it_was_sent(desk: Desk):
    ticket = desk.ticket(**EVERYTHING)
    for name in ("description", "subject", "channel", "priority", "category", "language", "tags", "custom_fields"):
        assert ticket[name] == EVERYTHING[name], name
    assert (ticket["external_id"], ticket["playbook"]) == ("crm-17", "apology-letter-gift")
    assert {**ticket["requester"], "id": 0} == {"id": 0, **EVERYTHING["requester"]}


def test_instants_carry_their_zone(desk: Desk):
    """B5: a naive string is read in the reader's own zone, and a new ticket looks late."""
    ticket = desk.ticket()
    assert all(ticket[name].endswith("Z") for name in ("created_at", "updated_at", "next_deadline_at"))
    events = desk.manager.all(f"tickets/{ticket['id']}/events/")
    assert all(event["at"].endswith("Z") for event in events)
    metrics = desk.manager.get(f"tickets/{ticket['id']}/metrics/").json()
    assert metrics["created_at"] == ticket["created_at"]
    assert desk.manager.get("clock/").json()["now"].endswith("Z")


@pytest.mark.parametrize(
    "name", ["descripton", "status", "number", "created_at", "id", "case", "seed", "key", "assignee"]
)
def test_an_unknown_field_is_refused_by_its_name(desk: Desk, name: str):
    body = refusal(
        desk.client.post("tickets/", {"description": "x", name: "1"}), 400, "invalid", **{name: "unknown_field"}
    )
    assert "description" in body["details"][name][0]["message"]
    assert not Ticket.objects.exists()


def test_an_unknown_field_of_the_requester_is_named_with_its_place(desk: Desk):
    answer = desk.client.post("tickets/", {"description": "x", "requester": {"name": "Kim", "phone": "1"}})
    refusal(answer, 400, "invalid", requester__phone="unknown_field")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("description", 5), ("description", None), ("description", ["x"]), ("description", {}), ("description", True),
        ("description", ""), ("description", "  \n "), ("description", "x" * 20_001), ("subject", 1),
        ("subject", "x" * 201), ("channel", "fax"), ("channel", ["email"]), ("channel", {"a": 1}), ("priority", 1),
        ("category", "weather"), ("language", "de"), ("language", None), ("profile", "XX"), ("tags", "vip"),
        ("tags", {"vip": 1}), ("tags", [1]), ("tags", [["vip"]]), ("tags", ["x"] * 21), ("tags", [""]),
        ("custom_fields", []), ("custom_fields", "x"), ("custom_fields", {"a": {}}), ("custom_fields", {"a": [1]}),
        ("custom_fields", {str(n): n for n in range(51)}), ("custom_fields", {"a": 10**30}), ("custom_fields", {"": 1}),
        ("custom_fields", {"x" * 81: 1}), ("external_id", 7), ("external_id", ""), ("external_id", "x" * 201),
        ("requester", "Kim"), ("requester", []), ("requester", None), ("requester", {}), ("requester", {"name": 3}),
        ("requester", {"name": "Kim", "email": "nowhere"}), ("requester", {"name": "Kim", "email": 5}),
        ("playbook", "no-such-playbook"), ("playbook", 3),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_the_name_of_its_field(desk: Desk, name: str, value: Any):
    body = refusal(desk.client.post("tickets/", {"description": "x", name: value}), 400)
    assert [field for field in body["details"] if field.split(".")[0] == name], body
    assert not Ticket.objects.exists()


TEXTS = [
    {"description": LONE}, {"subject": LONE}, {"channel": LONE}, {"priority": LONE}, {"category": LONE},
    {"language": LONE}, {"profile": LONE}, {"tags": [LONE]}, {"external_id": LONE}, {"playbook": LONE},
    {"requester": {"name": LONE}}, {"requester": {"name": "Kim", "email": f"{LONE}@example.com"}},
    {"requester": {"name": "Kim", LONE: 1}}, {"custom_fields": {LONE: 1}}, {"custom_fields": {"a": LONE}},
    {"custom_fields": {LONE: [LONE]}}, {LONE: 1}, {LONE: LONE},
]  # fmt: skip


@pytest.mark.parametrize("fields", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("character", ["\\ud800", "\\u0000", "\\u001b"])
def test_what_no_database_can_store_is_refused_wherever_it_stands(desk: Desk, fields: dict[str, Any], character: str):
    text = json.dumps({"description": "x", **fields}).replace("\\ud800", character)
    refusal(desk.client.raw("tickets/", text.encode()), 400)
    assert not Ticket.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"5", b"true", b'[{"description": "x"}]', b'{"description": NaN}',
        b"\xff\xfe",
        b'{"description": "x", "custom_fields": {"a": NaN}}', b'{"description": "x", "custom_fields": {"a": Infinity}}',
        b'{"description": "x", "custom_fields": {"a": 1e999}}', b'{"description": "x", "custom_fields": {"a": -1e999}}',
        b'{"custom_fields": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_000 + b"}", b"[" * 100_000 + b"]" * 100_000,
        b'{"description": ' + b"9" * 10_000 + b"}", b'{"description": "\xed\xa0\x80"}',
    ],
    ids=range(18),
)  # fmt: skip
def test_a_body_that_is_no_complaint_is_refused(desk: Desk, body: bytes):
    refusal(desk.client.raw("tickets/", body), 400)


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "idna", "no-such-codec", "base64"])
def test_the_codec_that_a_caller_announces_cannot_break_the_parser(desk: Desk, charset: str):
    body = '{"description": "届きません"}'.encode()
    environ = (
        RequestFactory()
        .generic(
            "POST", "/api/v1/tickets/?page_size=%41", body, headers={"Authorization": f"Bearer {desk.client.token}"}
        )
        .environ
    )
    request = application.request_class({**environ, "CONTENT_TYPE": f"application/json; charset={charset}"})
    answer = application.get_response(request)
    assert answer.status_code == 201
    assert json.loads(answer.content)["description"] == "届きません"


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "x"]
)
def test_anything_but_json_is_refused_with_what_is_taken(desk: Desk, content_type: str):
    refusal(desk.client.raw("tickets/", b"description=x", content_type=content_type), 415, "unsupported_media_type")


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(desk: Desk):
    refusal(desk.client.raw("tickets/", b'{"description": "' + b"x" * 10_000_000 + b'"}'), 413, "body_too_large")


@pytest.mark.parametrize("length", ["-1", "abc", "²", "9" * 30])
def test_a_length_that_is_none_is_refused(desk: Desk, length: str):
    answer = desk.client.raw("tickets/", b"{}", CONTENT_LENGTH=length)
    refusal(answer, 413 if length.isascii() and length.isdigit() else 400)


def test_markup_stays_the_text_that_it_is(desk: Desk):
    said = '<script>alert("x")</script><b>not bold</b> &amp; \u202e {{ 7*7 }} {% now %}'
    ticket = desk.ticket(description=said, subject=said, tags=["<i>"], requester={"name": "<h1>Kim</h1>"})
    answer = desk.owner.get(f"tickets/{ticket['id']}/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["description"] == said
    assert answer.json()["subject"] == said
    assert answer.json()["requester"]["name"] == "<h1>Kim</h1>"


def test_an_external_id_comes_in_once(desk: Desk):
    desk.ticket(external_id="crm-1", requester={"name": "Kim"})
    answer = desk.client.post(
        "tickets/", {"description": "again", "external_id": "crm-1", "requester": {"name": "Lee"}}
    )
    refusal(answer, 409, "external_id_taken", external_id="external_id_taken")
    assert Ticket.objects.count() == PlaybookRun.objects.count() == CaseFile.objects.count() == 1
    assert not Customer.objects.filter(name="Lee").exists()


def test_no_external_id_is_taken_any_number_of_times(desk: Desk):
    numbers = [desk.ticket(external_id=None)["number"] for _ in range(3)]
    assert numbers == [1, 2, 3]


def test_one_customer_is_known_by_the_address(desk: Desk):
    first = desk.ticket(requester={"name": "Kim", "email": "kim@example.com"})
    second = desk.ticket(requester={"name": "Kim M.", "email": "kim@example.com"})
    assert first["requester"] == second["requester"]


@pytest.mark.parametrize(
    ("language", "playbook", "assigned_by"),
    [("ja", "apology-letter-gift", "rule"), ("ko", "fast-resolution", "rule"), ("en", None, "random")],
)
def test_a_playbook_comes_by_rule_or_by_a_stored_draw(
    desk: Desk, language: str, playbook: str | None, assigned_by: str
):
    ticket = desk.ticket(language=language)
    run = desk.manager.get("runs/", ticket=ticket["id"]).json()["results"][0]
    assert run["assigned_by"] == assigned_by
    assert run["playbook"] == ticket["playbook"]
    if playbook:
        assert run["playbook"] == playbook
    else:
        assert set(run["assignment"]) == {"seed", "stream", "key", "draw"}


@pytest.mark.parametrize("name", ["channel", "priority", "category"])
def test_every_declared_choice_is_taken(desk: Desk, name: str):
    for value in {"channel": CHANNELS, "priority": PRIORITIES, "category": CATEGORIES_OF_COMPLAINT}[name]:
        assert desk.ticket(**{name: value})[name] == value
