"""Addresses of the pages that show playbooks."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from playbooks.pages import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/start/", views.start_shift, name="start-shift"),
    path("desk/main/", views.main_desk, name="main-desk"),
    path("desk/<int:pk>/", views.shift, name="shift"),
    path("clocks/<int:pk>/", views.clock, name="clock"),
    path("clocks/<int:pk>/queue/", views.queue, name="queue"),
    path("tickets/<int:pk>/", views.ticket, name="ticket"),
    path("tickets/<int:pk>/news/", views.news, name="news"),
    path("tickets/<int:pk>/words/", views.words, name="words"),
    path("tickets/<int:pk>/typing/", views.typing, name="typing"),
    path("tickets/<int:pk>/say/", views.say, name="say"),
    path("tickets/<int:pk>/letter/", views.letter, name="letter"),
    path("tickets/<int:pk>/do/<slug:deed>/", views.do_deed, name="deed"),
]
if find_spec("playbooks.pages.compare"):
    urlpatterns.append(path("compare/", include("playbooks.pages.compare")))
