"""What may not come in at all, and the name that each request goes by in answers and logs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from helpdesk.errors import json_error

LARGEST_BODY = 1_000_000  # bytes
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestName:
    """Every answer carries `X-Request-Id`: the caller's own where it is fit, else a new one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own = request.headers.get("X-Request-Id", "")
        name = own if _REQUEST_ID.fullmatch(own) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = name
        response = _in_shape(request, self.get_response(request))
        response["X-Request-Id"] = name
        for header, value in getattr(request, "rate_limit_headers", {}).items():
            response[header] = value
        return response


def _in_shape(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What was refused before a view of the API could say so (an unknown host, a failure in between) is JSON too."""
    is_json = response.headers.get("Content-Type", "").startswith("application/")
    if response.status_code < 400 or is_json or not request.path_info.startswith("/api/"):
        return response
    code = "malformed" if response.status_code < 500 else "internal"
    return json_error(request, status=response.status_code, error=code, description=response.reason_phrase)


class BodyLimit:
    """Refuses a request by its announced length, before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.headers.get("Content-Length") or "0"
        if not (announced.isascii() and announced.isdigit()):
            return json_error(
                request, status=400, error="bad_length", description="Content-Length is not a whole number."
            )
        if len(announced) > 12 or int(announced) > LARGEST_BODY:
            told = f"At most {LARGEST_BODY} bytes are taken; send less at a time."
            return json_error(request, status=413, error="body_too_large", description=told)
        if "chunked" in request.headers.get("Transfer-Encoding", ""):
            return json_error(
                request, status=411, error="length_required", description="Send the body with its Content-Length."
            )
        return self.get_response(request)
