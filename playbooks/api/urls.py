"""Addresses of the REST API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from playbooks.api import debrief, experiments, letters, playbooks, prevention, reviews, trials, views

urlpatterns = [
    path("tickets/", views.TicketsView.as_view(), name="api-tickets"),
    path("tickets/<int:ticket_id>/", views.TicketView.as_view(), name="api-ticket"),
    path("tickets/<int:ticket_id>/comments/", views.CommentsView.as_view(), name="api-comments"),
    path("tickets/<int:ticket_id>/events/", views.EventsView.as_view(), name="api-events"),
    path("tickets/<int:ticket_id>/metrics/", views.MetricsView.as_view(), name="api-metrics"),
    path("tickets/<int:ticket_id>/investigation/", views.investigation, name="api-investigation"),
    path("tickets/<int:ticket_id>/remedies/", views.remedies, name="api-remedies"),
    path("tickets/<int:ticket_id>/letters/", views.letters, name="api-letters"),
    path("tickets/<int:ticket_id>/debrief/", debrief.DebriefView.as_view(), name="api-debrief"),
    path("tickets/<int:ticket_id>/letters/<int:seq>/", letters.LetterFileView.as_view(), name="api-letter-file"),
    path("tickets/<int:ticket_id>/gifts/", views.gifts, name="api-gifts"),
    path("tickets/<int:ticket_id>/follow-ups/", views.scheduled, name="api-scheduled"),
    path("playbooks/", playbooks.PlaybooksView.as_view(), name="api-playbooks"),
    path("playbooks/<str:key>/", playbooks.PlaybookView.as_view(), name="api-playbook"),
    path("playbooks/<str:key>/versions/", playbooks.VersionsView.as_view(), name="api-playbook-versions"),
    path("playbooks/<str:key>/hide/", playbooks.HideView.as_view(), name="api-playbook-hide"),
    path("playbooks/<str:key>/show/", playbooks.ShowView.as_view(), name="api-playbook-show"),
    path("runs/", views.runs, name="api-runs"),
    path("follow-ups/", views.follow_ups, name="api-follow-ups"),
    path("surveys/", views.surveys, name="api-surveys"),
    path("text-reviews/", reviews.TextReviewsView.as_view(), name="api-text-reviews"),
    path("experiments/", experiments.ExperimentsView.as_view(), name="api-experiments"),
    path("experiments/<int:pk>/", experiments.ExperimentView.as_view(), name="api-experiment"),
    path("experiments/<int:pk>/cancel/", experiments.CancelView.as_view(), name="api-experiment-cancel"),
    path("experiments/<int:pk>/resume/", experiments.ResumeView.as_view(), name="api-experiment-resume"),
    path("trials/", trials.TrialsView.as_view(), name="api-trials"),
    path("trials/<int:pk>/", trials.TrialView.as_view(), name="api-trial"),
    path("trials/<int:pk>/end/", trials.EndTrialView.as_view(), name="api-trial-end"),
    path("trials/<int:pk>/cancel/", trials.CancelTrialView.as_view(), name="api-trial-cancel"),
    path("prevention/", prevention.CausesView.as_view(), name="api-prevention"),
    path("prevention/measures/", prevention.MeasuresView.as_view(), name="api-measures"),
    path("prevention/notices/", prevention.NoticesView.as_view(), name="api-notices"),
    path("clock/", views.ClockView.as_view(), name="api-clock"),
]
