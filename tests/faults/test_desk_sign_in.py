"""The door: links and pasted keys sign people in, tokens let programs in, and guessing is braked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIRequestFactory

from helpdesk.access import (
    BearerAuthentication,
    Brake,
    ensure_agent,
    holder_of,
    make_api_token,
    make_sign_in_key,
)
from helpdesk.models import ApiToken, SignInKey
from tickets.clock import utcnow
from tickets.errors import Invalid
from tickets.models import Agent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_has_tried_yet() -> None:
    cache.clear()


def test_a_key_signs_in_until_it_expires() -> None:
    agent = ensure_agent("mina", role=Agent.TRAINEE)
    key = make_sign_in_key(agent, now=NOW)
    assert holder_of(SignInKey, key, now=NOW + timedelta(days=6)) == agent
    assert holder_of(SignInKey, key, now=NOW + timedelta(days=8)) is None
    assert holder_of(ApiToken, key, now=NOW) is None


def test_the_database_never_holds_a_key_itself() -> None:
    agent = ensure_agent("mina")
    key = make_sign_in_key(agent, now=NOW)
    token = make_api_token(agent, now=NOW)
    kept = [*SignInKey.objects.values_list("key_hash", flat=True), *ApiToken.objects.values_list("key_hash", flat=True)]
    assert len(kept) == 2
    assert not {key, token} & set(kept)


def test_an_agent_who_has_left_is_let_in_by_nothing() -> None:
    agent = ensure_agent("mina")
    key = make_sign_in_key(agent, now=NOW)
    Agent.objects.filter(pk=agent.pk).update(is_active=False)
    assert holder_of(SignInKey, key, now=NOW) is None


def test_a_link_signs_in_and_leads_to_the_front_page(client: Client) -> None:
    agent = ensure_agent("mina")
    answer = client.get(f"/enter/{make_sign_in_key(agent, now=utcnow())}/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(agent.pk)
    assert SignInKey.objects.get().last_used_at is not None


def test_a_key_or_its_whole_link_can_be_pasted(client: Client) -> None:
    key = make_sign_in_key(ensure_agent("mina"), now=utcnow())
    for pasted in (key, f" http://127.0.0.1:8000/enter/{key}/ "):
        assert client.post("/sign-in/", {"key": pasted}).status_code == 302


def test_after_signing_in_one_comes_to_the_page_one_asked_for_but_never_to_another_site(client: Client) -> None:
    key = make_sign_in_key(ensure_agent("mina"), now=utcnow())
    for asked, reached in (("/desk/", "/desk/"), ("https://elsewhere.example/", "/"), ("//elsewhere.example", "/")):
        assert client.post("/sign-in/", {"key": key, "next": asked})["Location"] == reached


def test_the_language_of_the_agent_is_that_of_the_pages_unless_another_was_chosen(client: Client) -> None:
    key = make_sign_in_key(ensure_agent("mina", language="ko"), now=utcnow())
    assert client.get(f"/enter/{key}/").cookies["django_language"].value == "ko"
    client.cookies["django_language"] = "ja"
    assert "django_language" not in client.get(f"/enter/{key}/").cookies


@pytest.mark.parametrize("key", ["", "wrong", "\x00", "열쇠", "x" * 5000, "%"])
def test_a_wrong_key_is_refused_with_a_sentence(client: Client, key: str) -> None:
    answer = client.post("/sign-in/", {"key": key})
    assert answer.status_code == 403
    assert "not known" in answer.content.decode()


def test_ten_wrong_keys_in_a_minute_close_the_door_for_a_while_and_only_for_this_address(client: Client) -> None:
    key = make_sign_in_key(ensure_agent("mina"), now=utcnow())
    statuses = [client.post("/sign-in/", {"key": "wrong"}).status_code for _ in range(21)]
    assert statuses.count(403) in range(10, 21)  # the minute may turn in between
    assert statuses[-1] == 429
    answer = client.post("/sign-in/", {"key": key})
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert client.post("/sign-in/", {"key": key}, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_the_brake_opens_again_with_the_next_minute() -> None:
    for _ in range(10):
        Brake("10.0.0.1", wall_now=600.0).note_wrong_key()
    assert Brake("10.0.0.1", wall_now=630.0).seconds_to_wait() == 30
    assert Brake("10.0.0.1", wall_now=660.0).seconds_to_wait() == 0


def test_signing_out_takes_a_post(client: Client) -> None:
    client.get(f"/enter/{make_sign_in_key(ensure_agent('mina'), now=utcnow())}/")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_a_bearer_token_speaks_for_its_agent() -> None:
    agent = ensure_agent("shop", role=Agent.CLIENT)
    token = make_api_token(agent, now=utcnow())
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert BearerAuthentication().authenticate(request) == (agent, None)


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Bearer a b", "bearer \xff\xfe"])
def test_a_wrong_token_is_refused(header: str) -> None:
    with pytest.raises(AuthenticationFailed):
        BearerAuthentication().authenticate(APIRequestFactory().get("/", HTTP_AUTHORIZATION=header))


def test_another_scheme_is_left_to_others() -> None:
    assert BearerAuthentication().authenticate(APIRequestFactory().get("/", HTTP_AUTHORIZATION="Basic eA==")) is None


def test_the_commands_make_an_agent_and_print_what_lets_it_in(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("sign_in_link", "junko", "--role", "manager")
    link = capsys.readouterr().out.strip()
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 302
    assert Agent.objects.get(username="junko").role == Agent.MANAGER
    call_command("sign_in_link", "junko")
    assert Agent.objects.get(username="junko").role == Agent.MANAGER
    capsys.readouterr()
    call_command("api_token", "shop")
    assert holder_of(ApiToken, capsys.readouterr().out.strip(), now=utcnow()) == Agent.objects.get(username="shop")
    assert Agent.objects.get(username="shop").role == Agent.CLIENT


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 151, "\ud800"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        ensure_agent(name)
    with pytest.raises(CommandError):
        call_command("api_token", name)


def test_a_desk_without_broker_and_worker_says_so(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "missing",
        "database": "ok",
        "broker": "missing",
        "worker": "missing",
        "beat": "missing",
        "sweep": "missing",
        "last_sweep_age_seconds": None,
    }


def test_pages_may_load_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get("/sign-in/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
