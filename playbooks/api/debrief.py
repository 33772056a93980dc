"""`GET /tickets/{id}/debrief/`: what each sentence and deed of a ticket did, once it is over."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks.api import filters
from playbooks.api.views import OnTicket
from playbooks.debrief import account_of
from tickets.models import Ticket


class DebriefView(OnTicket):
    """Looking back on a ticket: an estimate of the customer model, with the coefficient and source of every line."""

    @extend_schema(responses={200: dict}, operation_id="ticket_debrief")
    def get(self, request: Request, ticket_id: int) -> Response:
        """Word by word: its sentences with their findings, what each fact did to distributive, procedural and
        interactional justice and to satisfaction (each taken one at a time; they need not add up), with coefficient,
        value, source and mark. Times, remedy and gift in the same way; satisfaction over time; and the same case
        under the other playbook, simulated. Refused with `not_over` (409) until the ticket is solved or closed.
        """
        filters.apply_filters(Ticket.objects.none(), request, {}, paged=False)
        return Response(account_of(self.ticket(request, ticket_id)).to_dict())
