"""One shape for every refusal at the API: {error, description, details: {field: [{code, message}]}}."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tickets.errors import HelpdeskError

log = logging.getLogger(__name__)

Details = dict[str, list[dict[str, str]]]


def body(error: str, description: str, details: Details | None = None) -> dict[str, Any]:
    return {"error": error, "description": storable(description), "details": _storable_details(details or {})}


def storable(text: str) -> str:
    """What was sent may be quoted back; a lone surrogate in it could not be encoded."""
    return text.encode("utf-8", "replace").decode()


def _storable_details(details: Details) -> Details:
    return {
        storable(field): [{"code": entry["code"], "message": storable(entry["message"])} for entry in entries]
        for field, entries in details.items()
    }


def api_exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's hook: whatever was raised, the same shape. An unknown error is a 500 of the same shape, and logged."""
    set_rollback()
    if isinstance(error, HelpdeskError):
        details = {error.field: [{"code": error.code, "message": error.message}]} if error.field else None
        return Response(body(error.code, error.message, details), status=error.http_status)
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is no such thing, or none that this token may see.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        details = flatten(error.get_full_details())
        return Response(body("invalid", f"Check: {', '.join(details)}.", details), status=error.status_code)
    if isinstance(error, exceptions.APIException):
        return _of_rest_framework(error)
    return _of_django(error, context)


def _of_rest_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(seconds))
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    code = error.get_codes()
    return Response(
        body(code if isinstance(code, str) else "refused", str(error.detail)), error.status_code, headers=headers
    )


def _of_django(error: Exception, context: Mapping[str, Any]) -> Response:
    if isinstance(error, RequestDataTooBig):
        return Response(body("body_too_large", "The body is too large; at most 1 MB is taken."), status=413)
    if isinstance(error, SuspiciousOperation):
        return Response(body("malformed", "This request cannot be read."), status=400)
    request = context.get("request")
    name = request.META.get("HTTP_X_REQUEST_ID", "") if request is not None else ""
    if isinstance(error, OperationalError):
        log.error("the database did not answer request %s: %s", name, error)
        return Response(
            body("busy", "The database is busy. Try again in a moment."), status=503, headers={"Retry-After": "1"}
        )
    log.error("request %s failed", name, exc_info=error)
    return Response(body("internal", f"Something went wrong here; it has been noted as {name}."), status=500)


def flatten(details: Any, name: str = "") -> Details:
    """DRF's nested details as field -> [{code, message}], with dots between the levels."""
    if isinstance(details, Mapping) and {"message", "code"} == set(details):
        return {name or "body": [{"code": str(details["code"]), "message": str(details["message"])}]}
    flat: Details = {}
    if isinstance(details, Mapping):
        pairs = [(f"{name}.{key}" if name else str(key), value) for key, value in details.items()]
    else:
        pairs = [(name, value) for value in details]
    for key, value in pairs:
        for field, entries in flatten(value, key).items():
            own = field.removesuffix("non_field_errors").rstrip(".") or "body"
            flat.setdefault(own, []).extend(entries)
    return flat


def json_error(request: HttpRequest, *, status: int, error: str, description: str) -> JsonResponse:
    """The same shape outside DRF (a wrong address under /api/, a failure before the view)."""
    return JsonResponse(body(error, description), status=status)
