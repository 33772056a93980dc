"""What may not come in at all: bodies that are too large."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from helpdesk.errors import json_error

LARGEST_BODY = 1_000_000  # bytes


class BodyLimit:
    """Refuses a request by its announced length, before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.headers.get("Content-Length", "0")
        if not announced.isdigit() or int(announced[:12]) > LARGEST_BODY:
            return json_error(
                request, status=413, error="body_too_large", description=f"At most {LARGEST_BODY} bytes are taken; send less at a time."
            )
        if "chunked" in request.headers.get("Transfer-Encoding", ""):
            return json_error(request, status=411, error="length_required", description="Send the body with its Content-Length.")
        return self.get_response(request)
