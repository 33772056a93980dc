"""Keys that open the desk, one signs a person in, the other speaks for a program; and what a program asked once.

Of keys only hashes are kept. The keys are long and random, so a plain hash is enough: there is nothing to guess.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tickets.models import choices, one_of


class AccessKey(models.Model):
    """What both kinds of key have in common. Instants are wall time, given by the edge that makes or uses a key."""

    key_hash = models.CharField(max_length=64, unique=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} of {self.agent}"


class SignInKey(AccessKey):
    """A link that signs a person in until it expires."""


class ApiToken(AccessKey):
    """What a program sends as `Authorization: Bearer …`."""


class IdempotencyRecord(models.Model):
    """A POST that a program marked with an Idempotency-Key: being worked on by `holder`, or done with this answer."""

    RUNNING, DONE = STATES = ("running", "done")

    client = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # of address and body
    state = models.CharField(max_length=8, choices=choices(STATES), default=RUNNING)
    holder = models.CharField(max_length=32)
    created_at = models.DateTimeField(db_index=True)
    claimed_at = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            one_of("state", ("running", "done"), "idempotency_state"),
            models.UniqueConstraint(fields=["client", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.client}"
