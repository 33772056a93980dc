"""Letters as PDF: one that was sent, and the draft on the sheet."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from playbooks.pages import queue as waiting
from playbooks.pages import wording
from playbooks.pages.common import agent_of, not_found
from tickets.errors import HelpdeskError, NotFound
from tickets.texts import fit_text


@login_required
@require_safe
def letter_pdf(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """A letter that went out, by its place in the log."""
    from playbooks import letterpress  # type and PDF are loaded with the first letter that is asked for

    try:
        row = waiting.ticket_for(agent_of(request), pk)
        data = letterpress.letter_file(row, seq)
    except NotFound:
        return not_found(request)
    return _answer(data, f"letter-{row.number}-{seq}.pdf")


@login_required
@require_POST
def draft_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as it stands in the form. Nothing is kept and nothing is sent."""
    from playbooks import letterpress

    try:
        row = waiting.ticket_for(agent_of(request), pk)
    except NotFound:
        return not_found(request)
    try:
        body = fit_text(request.POST.get("body", ""), field="body")
    except HelpdeskError as error:
        return HttpResponse(wording.refusal(error), status=error.http_status, content_type="text/plain; charset=utf-8")
    data = letterpress.letter_pdf(language=row.language, body=body, subject=row.subject)
    return _answer(data, f"letter-{row.number}-draft.pdf")


def _answer(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)
