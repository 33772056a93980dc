"""The REST API, its OpenAPI document, and a page to try it. Wrong addresses are refused in the same shape."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from helpdesk.errors import json_error


def no_such_address(request: HttpRequest) -> JsonResponse:
    return json_error(request, status=404, error="no_such_address", description="There is nothing at this address. See /api/v1/schema/.")


urlpatterns = [
    path("", include("playbooks.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("try/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-try"),
    re_path(r"^.*$", no_such_address),
]
