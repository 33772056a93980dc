"""Every address of the desk."""

from __future__ import annotations

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from helpdesk import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("enter/<str:key>/", views.enter, name="enter"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("helpdesk.api_urls")),
    path("", include("playbooks.pages.urls")),
]
