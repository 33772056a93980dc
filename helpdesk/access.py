"""Who comes in: sign-in keys for people, bearer tokens for programs, and a brake on guessing.

A key is shown once, when it is made; the database knows its hash alone.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from helpdesk.models import ApiToken, SignInKey
from tickets.clock import utcnow
from tickets.errors import Invalid
from tickets.models import ROLES, Agent

SIGN_IN_LIFETIME = timedelta(days=7)
USE_NOTED_EVERY = timedelta(minutes=1)  # not at every request: reading should not write
LONGEST_NAME = 150
TRIES = 10  # wrong keys from one address …
TRIES_WINDOW = 60.0  # … in so many seconds

KeyModel = type[SignInKey] | type[ApiToken]


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def ensure_agent(name: str, *, role: str | None = None, else_role: str = Agent.TRAINEE, language: str = "en") -> Agent:
    """The agent of this name, made as `else_role` where there is none. A role that is named replaces the one it had."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("invalid_name", "A name has 1 to 150 printable characters.", field="name")
    if role is not None and role not in ROLES:
        raise Invalid("unknown_role", f"A role is one of {', '.join(ROLES)}.", field="role")
    with transaction.atomic():
        agent, made = Agent.objects.get_or_create(
            username=name, defaults={"role": role or else_role, "language": language, "password": "!"}
        )
        if role and not made and agent.role != role:
            Agent.objects.filter(pk=agent.pk).update(role=role)
            agent.role = role
    return agent


def make_sign_in_key(agent: Agent, *, now: datetime, lifetime: timedelta = SIGN_IN_LIFETIME) -> str:
    """A new key for this agent; those that have expired go."""
    SignInKey.objects.filter(agent=agent, expires_at__lte=now).delete()
    key = secrets.token_urlsafe(32)
    SignInKey.objects.create(key_hash=key_hash(key), agent=agent, created_at=now, expires_at=now + lifetime)
    return key


def make_api_token(agent: Agent, *, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(key_hash=key_hash(token), agent=agent, created_at=now)
    return token


def holder_of(model: KeyModel, key: str, *, now: datetime) -> Agent | None:
    """The active agent whom this key stands for, or None. Its use is noted, at most once a minute."""
    valid = model.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), agent__is_active=True)
    row = valid.select_related("agent").filter(key_hash=key_hash(key)).first()
    if row is None:
        return None
    if row.last_used_at is None or now - row.last_used_at > USE_NOTED_EVERY:
        model.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.agent


class Brake:
    """Counts wrong keys by address in the cache. Without a cache nobody is braked: a key cannot be guessed anyway."""

    def __init__(self, address: str, *, wall_now: float) -> None:
        window = int(wall_now // TRIES_WINDOW)
        self._key = f"sign-in:{address}:{window}"
        self._left = (window + 1) * TRIES_WINDOW - wall_now

    def seconds_to_wait(self) -> int:
        """0: go on."""
        try:
            tries = cache.get(self._key, 0)
        except (RedisError, OSError):
            return 0
        return max(1, math.ceil(self._left)) if tries >= TRIES else 0

    def note_wrong_key(self) -> None:
        try:
            cache.add(self._key, 0, timeout=TRIES_WINDOW * 2)
            cache.incr(self._key)
        except (RedisError, OSError, ValueError):
            return


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Agent, None] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Write `Authorization: Bearer <token>`.", code="malformed_token")
        agent = holder_of(ApiToken, words[1].decode("latin-1"), now=utcnow())
        if agent is None:
            raise AuthenticationFailed("This token is not known, or no longer valid.", code="unknown_token")
        return agent, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class BearerScheme(OpenApiAuthenticationExtension):
    """How the API document describes it."""

    target_class = "helpdesk.access.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
