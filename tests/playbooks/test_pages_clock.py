"""A clock that a rehearsal leads is not turned by hand."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.access import ensure_agent
from tickets.models import Clock

pytestmark = pytest.mark.django_db


def test_a_rehearsals_clock_stays_where_it_is_when_somebody_lets_it_go(client: Client) -> None:
    client.force_login(ensure_agent("boss", role="manager"))
    clock = Clock.objects.create(key="rehearsal/1/x", sim_at=5, target_at=5)

    client.post(reverse("clock", args=[clock.pk]), {"verb": "go"})

    clock.refresh_from_db()
    assert not clock.running
