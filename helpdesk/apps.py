"""The wiring of the desk as a Django app: sign-in keys, API tokens, commands, base template."""

from __future__ import annotations

from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
