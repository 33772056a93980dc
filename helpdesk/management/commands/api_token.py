"""Print a new token for a program; the agent that it speaks for is made if there is none of this name."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.access import ensure_agent, make_api_token
from tickets.clock import utcnow
from tickets.errors import HelpdeskError
from tickets.models import Agent


class Command(BaseCommand):
    help = "Print a new API token for NAME. It is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--role", choices=[Agent.TRAINEE, Agent.MANAGER, Agent.CLIENT], help="a new one is a client"
        )

    def handle(self, *, name: str, role: str | None, **options: Any) -> None:
        try:
            agent = ensure_agent(name, role=role, else_role=Agent.CLIENT)
        except HelpdeskError as reason:
            raise CommandError(reason.message) from reason
        self.stdout.write(make_api_token(agent, now=utcnow()))
