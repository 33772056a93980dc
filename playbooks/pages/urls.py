"""Addresses of the pages that show playbooks."""

from __future__ import annotations

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from playbooks.pages import clockbar, debrief, deeds, desk, disagree, helping, letter, letter_file, review, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start.home, name="home"),
    path("desk/", start.desk, name="desk"),
    path("desk/start/", start.start_shift, name="start-shift"),
    path("desk/main/", desk.main_desk, name="main-desk"),
    path("desk/<int:pk>/", desk.shift, name="shift"),
    path("clocks/<int:pk>/", clockbar.clock, name="clock"),
    path("clocks/<int:pk>/queue/", desk.queue, name="queue"),
    path("tickets/<int:pk>/", desk.ticket, name="ticket"),
    path("tickets/<int:pk>/news/", desk.news, name="news"),
    path("tickets/<int:pk>/words/", desk.words, name="words"),
    path("tickets/<int:pk>/review/", review.review, name="review"),
    path("tickets/<int:pk>/disagree/", disagree.disagree, name="disagree"),
    path("tickets/<int:pk>/typing/", desk.typing, name="typing"),
    path("tickets/<int:pk>/say/", deeds.say, name="say"),
    path("tickets/<int:pk>/letter/", letter.letter, name="letter"),
    path("tickets/<int:pk>/letter/draft.pdf", letter_file.draft_pdf, name="letter-draft-pdf"),
    path("tickets/<int:pk>/letters/<int:seq>.pdf", letter_file.letter_pdf, name="letter-pdf"),
    path("tickets/<int:pk>/debrief/", debrief.debrief, name="debrief"),
    path("tickets/<int:pk>/do/<slug:deed>/", deeds.do_deed, name="deed"),
    path("tickets/<int:pk>/planned/<slug:deed>/", deeds.planned, name="planned"),
    path("disagreements/", disagree.disagreements, name="disagreements"),
    path("help/", helping.helping, name="help"),
    path("help/reproduced/", helping.reproduced, name="help-reproduced"),
    path("compare/", include("playbooks.pages.compare")),
    path("trials/", include("playbooks.pages.trial")),
    path("prevention/", include("playbooks.pages.prevention")),
    path("experiments/", include("playbooks.pages.experiments")),
    path("playbooks/", include("playbooks.pages.playbooks")),
]
