"""Requests that are repeated, too many, or asked about later: one effect, a brake, and a name for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings

from helpdesk.idempotency import CLAIM, KEPT
from helpdesk.models import IdempotencyRecord
from tests.rest import Desk, refusal
from tickets.models import Comment, Ticket

ROOT = Path(__file__).resolve().parents[2]
KEY = {"Idempotency-Key": "a4f1"}
BODY = {"description": "My parcel has not come."}


# --- Idempotency-Key ---


def test_a_repeated_post_gives_one_ticket_and_the_same_answer(desk: Desk):
    first = desk.client.post("tickets/", BODY, **KEY)
    again = desk.client.post("tickets/", BODY, **KEY)
    assert (first.status_code, first["X-Idempotency-Lookup"]) == (201, "miss")
    assert (again.status_code, again["X-Idempotency-Lookup"]) == (201, "hit")
    assert again.json() == first.json()
    assert again["Content-Type"] == "application/json"
    assert Ticket.objects.count() == 1


def test_without_a_key_each_post_is_one_more(desk: Desk):
    for _ in range(2):
        assert "X-Idempotency-Lookup" not in desk.client.post("tickets/", BODY)
    assert Ticket.objects.count() == 2


def test_a_key_belongs_to_its_client(desk: Desk):
    desk.client.post("tickets/", BODY, **KEY)
    assert desk.manager.post("tickets/", BODY, **KEY)["X-Idempotency-Lookup"] == "miss"
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(("path", "body"), [("tickets/", {"description": "Another."}), ("tickets/?x=1", BODY)])
def test_the_same_key_with_another_request_is_refused(desk: Desk, path: str, body: dict[str, Any]):
    desk.client.post("tickets/", BODY, **KEY)
    answer = desk.client.post(path, body, **KEY)
    refusal(answer, 422, "idempotency_key_reused")
    assert list(answer.json()["details"]) == ["Idempotency-Key"]
    assert Ticket.objects.count() == 1


def test_any_post_can_be_marked(desk: Desk):
    ticket = desk.ticket()["id"]
    answers = [desk.owner.post(f"tickets/{ticket}/comments/", {"body": "Sorry."}, **KEY) for _ in range(3)]
    assert [answer["X-Idempotency-Lookup"] for answer in answers] == ["miss", "hit", "hit"]
    assert Comment.objects.filter(author_type="agent").count() == 1


def test_a_refused_request_may_be_mended_under_its_key(desk: Desk):
    refusal(desk.client.post("tickets/", {"description": ""}, **KEY), 400)
    assert not IdempotencyRecord.objects.exists()
    assert desk.client.post("tickets/", BODY, **KEY).status_code == 201


def test_while_the_first_request_runs_a_repeat_waits(desk: Desk):
    desk.client.post("tickets/", BODY, **KEY)
    IdempotencyRecord.objects.update(state="running")
    answer = desk.client.post("tickets/", BODY, **KEY)
    refusal(answer, 409, "still_running")
    assert answer["Retry-After"] == "1"


def test_the_claim_of_a_request_that_died_runs_out(desk: Desk):
    desk.client.post("tickets/", BODY, **KEY)
    row = IdempotencyRecord.objects.get()
    Ticket.objects.update(external_id="rolled back in truth")
    IdempotencyRecord.objects.update(
        state="running", answer="", claimed_at=row.claimed_at - CLAIM - timedelta(seconds=1)
    )
    answer = desk.client.post("tickets/", BODY, **KEY)
    assert (answer.status_code, answer["X-Idempotency-Lookup"]) == (201, "miss")
    assert desk.client.post("tickets/", BODY, **KEY)["X-Idempotency-Lookup"] == "hit"


def test_an_answer_is_kept_for_a_day(desk: Desk):
    desk.client.post("tickets/", BODY, **KEY)
    row = IdempotencyRecord.objects.get()
    IdempotencyRecord.objects.update(created_at=row.created_at - KEPT - timedelta(seconds=1))
    assert desk.client.post("tickets/", BODY, **KEY)["X-Idempotency-Lookup"] == "miss"


@pytest.mark.parametrize("key", ["x" * 256, "é", " ", "a\tb"])
def test_a_key_that_is_none_is_refused(desk: Desk, key: str):
    answer = desk.client.raw("tickets/", json.dumps(BODY).encode(), HTTP_IDEMPOTENCY_KEY=key)
    refusal(answer, 400, "invalid")
    assert not Ticket.objects.exists()


def test_a_key_of_the_longest_kind_is_taken(desk: Desk):
    assert desk.client.post("tickets/", BODY, **{"Idempotency-Key": "x" * 255}).status_code == 201


def test_a_stranger_leaves_no_key_behind(desk: Desk):
    desk.client.client.credentials(HTTP_AUTHORIZATION="Bearer wrong")
    refusal(desk.client.post("tickets/", BODY, **KEY), 401)
    assert not IdempotencyRecord.objects.exists()


AT_ONCE = """
import json, threading
import django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
from django.test import Client
from helpdesk.access import ensure_agent, make_api_token
from tickets.clock import utcnow
from tickets.models import Ticket
token = make_api_token(ensure_agent("crm", role="client"), now=utcnow())
said = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a4f1"}
gate, answers = threading.Barrier(8), []
def send():
    gate.wait()
    client = Client(SERVER_NAME="localhost")
    answer = client.post("/api/v1/tickets/", {"description": "x"}, content_type="application/json", headers=said)
    answers.append([answer.status_code, answer.headers.get("X-Idempotency-Lookup", "")])
    connection.close()
senders = [threading.Thread(target=send) for _ in range(8)]
[sender.start() for sender in senders]
[sender.join() for sender in senders]
print(json.dumps({"tickets": Ticket.objects.count(), "answers": answers}))
"""


def test_repeats_at_the_same_moment_give_one_ticket(tmp_path: Path):
    """In a process and a database file of its own, where writers really meet."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings", "HELPDESK_DATA": str(tmp_path)}
    environment |= {"DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["tickets"] == 1
    assert {status for status, _ in found["answers"]} <= {201, 409}
    assert [lookup for status, lookup in found["answers"] if status == 201].count("miss") == 1


# --- too many ---


def test_every_answer_says_how_much_is_left(desk: Desk):
    left = [int(desk.client.get("clock/")["RateLimit-Remaining"]) for _ in range(3)]
    assert left == [599, 598, 597]
    assert desk.client.get("clock/")["RateLimit-Limit"] == "600"
    assert 0 < int(desk.client.get("clock/")["RateLimit-Reset"]) <= 60


@override_settings(API_REQUESTS_A_MINUTE=3)
def test_a_program_that_calls_too_often_is_told_when_to_come_again(desk: Desk):
    answers = [desk.client.get("clock/") for _ in range(8)]  # a minute may begin in between
    late = next(answer for answer in answers if answer.status_code == 429)
    refusal(late, 429, "throttled")
    assert 0 < int(late["Retry-After"]) <= 60
    assert late["RateLimit-Remaining"] == "0"
    assert desk.owner.get("clock/").status_code == 200  # another's calls are another's


@override_settings(API_REQUESTS_A_MINUTE=1)
def test_a_braked_request_has_no_effect(desk: Desk):
    for _ in range(6):
        desk.client.post("tickets/", BODY)
    assert Ticket.objects.count() <= 2


def test_without_a_cache_nobody_is_braked(desk: Desk, settings: Any):
    settings.CACHES = {"default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0",
    }}  # fmt: skip
    assert type(cache._connections["default"]).__name__ == "RedisCache"
    assert desk.client.get("clock/").status_code == 200


# --- names ---


def test_every_answer_carries_the_name_of_its_request(desk: Desk):
    assert desk.client.get(
        "clock/",
    )["X-Request-Id"]
    assert desk.client.post("tickets/", BODY, **{"X-Request-Id": "crm:42"})["X-Request-Id"] == "crm:42"
    assert desk.client.get("nothing/")["X-Request-Id"]
    too_large = desk.client.raw("tickets/", b"x" * 1_000_001, headers={"X-Request-Id": "big"})
    assert (too_large.status_code, too_large["X-Request-Id"]) == (413, "big")


def test_what_goes_wrong_here_is_noted_under_the_name_that_is_told(desk: Desk, monkeypatch: Any, caplog: Any):
    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("django.db.models.query.QuerySet.select_related", fails)  # deep inside, in nobody's house
    answer = desk.client.raw("tickets/", b"", method="get", headers={"X-Request-Id": "crm:43"})
    body = refusal(answer, 500, "internal")
    assert "crm:43" in body["description"]
    assert "secret" not in answer.content.decode()
    assert any("crm:43" in record.getMessage() and record.exc_info for record in caplog.records)


def test_an_unknown_host_is_refused_in_the_one_shape(desk: Desk):
    answer = desk.client.client.get("/api/v1/clock/", HTTP_HOST="elsewhere.example")
    refusal(answer, 400, "malformed")
    assert answer["X-Request-Id"]


@pytest.mark.parametrize("name", ["", "x" * 129, "a b", "<b>", "a\r\nSet-Cookie: x"])
def test_a_name_that_is_unfit_is_replaced(desk: Desk, name: str):
    given = desk.client.raw("tickets/", b"{}", HTTP_X_REQUEST_ID=name)["X-Request-Id"]
    assert given != name
    assert given.isalnum()
