"""Keys that open the desk: one signs a person in by link, the other speaks for a program.

Only hashes are kept. The keys are long and random, so a plain hash is enough: there is nothing to guess.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


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
