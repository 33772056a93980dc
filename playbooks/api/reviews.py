"""`POST /text-reviews/`: what a text says and lacks, before it is sent."""

from __future__ import annotations

from dataclasses import replace

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks.api.views import OnTicket
from playbooks.core.case import LANGUAGES
from playbooks.core.language.finding import KINDS, Setting
from playbooks.core.language.reading import LONGEST, read
from playbooks.held import hold
from playbooks.reviewing import review
from tickets import clock as clocks
from tickets.strict import FitChoiceField, FitTextField, StrictSerializer, WholeField


class TextReviewSerializer(StrictSerializer):
    """A text to be read: in a language, or against a ticket (its language, names and what was found out so far)."""

    text = FitTextField(max_length=LONGEST)
    kind = FitChoiceField(choices=KINDS, required=False, default="reply")
    language = FitChoiceField(choices=LANGUAGES, required=False)
    ticket = WholeField(required=False, min_value=1)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if "ticket" not in attrs and "language" not in attrs:
            raise serializers.ValidationError({"language": ["Say the language of the text, or the ticket it is for."]})
        return attrs


class TextReviewsView(OnTicket):
    """Findings with their spans and reasons, elements, courtesy, and the facts that would reach the customer."""

    @extend_schema(request=TextReviewSerializer, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Read a text. Nothing is stored and nothing is sent."""
        body = TextReviewSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        what = body.validated_data
        if "ticket" not in what:
            reading = read(what["text"], language=what["language"], kind=what["kind"], setting=Setting())
            return Response(reading.to_dict())
        ticket = self.ticket(request, what["ticket"])
        held = hold(ticket.pk)
        if "language" in what and what["language"] != held.setting.case.language:
            case = replace(held.setting.case, language=what["language"])
            held = replace(held, setting=replace(held.setting, case=case))
        now = max(clocks.instant(ticket.clock, wall_now=clocks.wall()), held.standing.log[-1].at)
        return Response(review(held, what["text"], kind=what["kind"], now=now).to_dict())
