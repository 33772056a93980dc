"""Print a link that signs somebody in; the agent is made if there is none of this name."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from helpdesk.access import ensure_agent, make_sign_in_key
from tickets.clock import utcnow
from tickets.errors import HelpdeskError
from tickets.models import Agent


class Command(BaseCommand):
    help = "Print a link that signs NAME in for seven days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", choices=[Agent.TRAINEE, Agent.MANAGER], help="a new agent is a trainee")
        parser.add_argument("--address", default="http://127.0.0.1:8000", help="where the desk answers")

    def handle(self, *, name: str, role: str | None, address: str, **options: Any) -> None:
        try:
            agent = ensure_agent(name, role=role)
        except HelpdeskError as reason:
            raise CommandError(reason.message) from reason
        key = make_sign_in_key(agent, now=utcnow())
        self.stdout.write(address.rstrip("/") + reverse("enter", args=[key]))
