"""What a complaint looks like when it comes in: the same fields at the API, in a file and in a rehearsal."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from playbooks.core.case import LANGUAGES, PROFILES
from playbooks.intake import Complaint
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS, PRIORITIES
from tickets.strict import FitChoiceField, FitEmailField, FitTextField, PlainDictField, StrictSerializer

MOST_TAGS = 20


class RequesterSerializer(StrictSerializer):
    name = FitTextField(max_length=120)
    email = FitEmailField(required=False, allow_blank=True)


class ComplaintSerializer(StrictSerializer):
    """Only `description` is needed."""

    description = FitTextField()
    subject = FitTextField(
        max_length=200, required=False, allow_blank=True, help_text="Default: the description's first line."
    )
    channel = FitChoiceField(choices=CHANNELS, required=False)
    priority = FitChoiceField(choices=PRIORITIES, required=False)
    category = FitChoiceField(choices=CATEGORIES_OF_COMPLAINT, required=False)
    language = FitChoiceField(choices=LANGUAGES, required=False, help_text="Default en.")
    profile = FitChoiceField(choices=PROFILES, required=False, help_text="Culture profile; default by language.")
    tags = serializers.ListField(child=FitTextField(max_length=40), required=False, max_length=MOST_TAGS)
    custom_fields = PlainDictField(required=False)
    external_id = FitTextField(
        max_length=200, required=False, allow_null=True, help_text="Yours; nothing comes in twice under one."
    )
    requester = RequesterSerializer(required=False)
    playbook = FitTextField(max_length=60, required=False, help_text="A playbook's key, 'rule' (default) or 'random'.")


def complaint_of(valid: dict[str, Any]) -> Complaint:
    """A validated body as the value that intake takes."""
    fields = dict(valid)
    requester = fields.pop("requester", None) or {}
    if requester:
        fields["requester_name"] = requester["name"]
        fields["requester_email"] = requester.get("email", "")
    return Complaint(**fields)
