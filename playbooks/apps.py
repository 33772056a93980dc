"""The playbooks app: how a complaint should be handled, by people and by simulation."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "playbooks"
    default_auto_field = "django.db.models.BigAutoField"
