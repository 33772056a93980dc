"""`GET /tickets/{ticket_id}/letters/{seq}/`: a letter that was sent, as PDF."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from playbooks.api import filters
from playbooks.api.views import OnTicket
from tickets.models import Ticket


class RefusalsInJson(DefaultContentNegotiation):
    """The answer is a file whatever is accepted; a refusal has the one shape of all refusals."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class LetterFileView(OnTicket):
    """A letter that went out."""

    content_negotiation_class = RefusalsInJson

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, operation_id="ticket_letter_file")
    def get(self, request: Request, ticket_id: int, seq: int) -> HttpResponse:
        """The letter as it is posted: vertical in Japanese. `seq` is that of its event in the log."""
        from playbooks import letterpress  # type and PDF are loaded with the first letter that is asked for

        filters.apply_filters(Ticket.objects.none(), request, {}, paged=False)
        ticket = self.ticket(request, ticket_id)
        data = letterpress.letter_file(ticket, seq)
        headers = {"Content-Disposition": f'inline; filename="letter-{ticket.number}-{seq}.pdf"'}
        return HttpResponse(data, content_type=letterpress.MIME, headers=headers)
