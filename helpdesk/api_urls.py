"""The REST API, its OpenAPI document, and a page to try it. Wrong addresses are refused in the same shape."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from helpdesk.errors import json_error


@csrf_exempt
def no_such_address(request: HttpRequest) -> JsonResponse:
    return json_error(
        request,
        status=404,
        error="no_such_address",
        description="There is nothing at this address; each ends with a slash. See /api/v1/schema/.",
    )


class TryView(SpectacularSwaggerSplitView):
    """Swagger's page with no script or style in it and nothing from elsewhere: the content policy stays strict."""

    url_name = "api-schema"
    template_name = "helpdesk/try.html"


urlpatterns = [
    path("", include("playbooks.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("try/", TryView.as_view(), name="api-try"),
    re_path(r"^.*$", no_such_address),
]
