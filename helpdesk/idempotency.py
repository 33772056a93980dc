"""`Idempotency-Key`: a POST that is repeated, in parallel too, or after a crash, takes effect once.

First a row says that this key is being worked on; then effect and answer are written in one
transaction. A process that dies in between leaves neither, and its claim runs out.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.authentication import get_authorization_header

from helpdesk.access import holder_of
from helpdesk.errors import body
from helpdesk.models import ApiToken, IdempotencyRecord
from tickets.clock import utcnow
from tickets.models import Agent

HEADER, LOOKUP = "Idempotency-Key", "X-Idempotency-Lookup"
KEPT = timedelta(hours=24)
CLAIM = timedelta(seconds=30)  # how long a dead process holds a key
_FIT = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")


class Idempotency:
    """Below the API's addresses: a stored answer instead of a second effect."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST" or not request.path_info.startswith("/api/"):
            return self.get_response(request)
        if not _FIT.fullmatch(key):
            return _refusal(400, "invalid", "1 to 255 printable ASCII characters.")
        client = _client(request)
        if client is None:  # the view says what is wrong with the token
            return self.get_response(request)
        try:
            return self._once(request, client, key)
        except OperationalError:  # locked for longer than its timeout, or gone
            response = _refusal(503, "busy", "The database is busy. Try again with the same key.")
            response["Retry-After"] = "1"
            return response

    def _once(self, request: HttpRequest, client: Agent, key: str) -> HttpResponse:
        digest = _digest(request)
        row = _claim(client, key, digest, now=utcnow())
        if isinstance(row, HttpResponse):
            return row
        mine = IdempotencyRecord.objects.filter(pk=row.pk, holder=row.holder)
        with transaction.atomic():
            response = self.get_response(request)
            done = 200 <= response.status_code < 300
            if done and not _keep(mine, response):
                transaction.set_rollback(True)  # somebody else took the claim over
                return _running()
            transaction.set_rollback(not done)
        if not done:  # the caller may mend the request and try again under the same key
            mine.delete()
        response[LOOKUP] = "miss"
        return response


def _keep(mine: QuerySet[IdempotencyRecord], response: HttpResponse) -> bool:
    answer = response.content.decode()
    return bool(mine.update(state=IdempotencyRecord.DONE, status_code=response.status_code, answer=answer))


def _client(request: HttpRequest) -> Agent | None:
    words = get_authorization_header(request).split()  # type: ignore[arg-type]
    if len(words) != 2 or words[0].lower() != b"bearer":
        return None
    return holder_of(ApiToken, words[1].decode("latin-1"), now=utcnow())


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(b"\0".join([request.get_full_path().encode(), request.body])).hexdigest()


def _claim(client: Agent, key: str, digest: str, *, now: datetime) -> IdempotencyRecord | HttpResponse:
    """The row that is ours to work on, or the answer that there is already."""
    IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).delete()
    holder = uuid.uuid4().hex
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(
                client=client, key=key, digest=digest, holder=holder, created_at=now, claimed_at=now
            )
    except IntegrityError:
        found = IdempotencyRecord.objects.filter(client=client, key=key).first()
    if found is None:  # its first request has just been refused
        return _running()
    if found.digest != digest:
        return _refusal(
            422,
            "idempotency_key_reused",
            "This key came with another request before. Take a new key for a new request.",
        )
    if found.state == IdempotencyRecord.DONE:
        answer = HttpResponse(found.answer, status=found.status_code, content_type="application/json")
        answer[LOOKUP] = "hit"
        return answer
    dead = IdempotencyRecord.objects.filter(pk=found.pk, holder=found.holder, claimed_at__lt=now - CLAIM)
    if dead.update(holder=holder, claimed_at=now):
        found.holder = holder
        return found
    return _running()


def _running() -> HttpResponse:
    response = _refusal(
        409, "still_running", "The first request with this key is still being worked on. Ask again in a moment."
    )
    response["Retry-After"] = "1"
    return response


def _refusal(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse(body(code, message, {HEADER: [{"code": code, "message": message}]}), status=status)
