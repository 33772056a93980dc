"""The debrief page: what helped and cost most, margin notes on one's own text, the customer over time, the case itself.

Everything is an estimate of the customer model, and says so; each number names the coefficients that it rests on.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from playbooks.core.customer.evidence import E
from playbooks.core.debrief import Debrief, Felt, Number
from playbooks.debrief import Account, account_of, is_over
from playbooks.pages import queue as waiting
from playbooks.pages import wording
from playbooks.pages.common import agent_of, not_found
from playbooks.pages.debrief_case import asked_shown, conduct_shown
from playbooks.pages.debrief_lines import did, did_of, why_of
from playbooks.pages.debrief_most import first_of
from playbooks.pages.debrief_other import PART, beside, shares, switched, switches_words
from playbooks.pages.debrief_picture import drawings, labelled
from playbooks.pages.debrief_words import spoken
from playbooks.pages.numbers import percent, signed
from playbooks.pages.reading import head_office_of, in_language
from playbooks.pages.wording import say
from tickets import clock as clocks
from tickets.errors import NotFound
from tickets.templatetags.desk_format import zone_of


@login_required
@require_safe
def debrief(request: HttpRequest, pk: int) -> HttpResponse:
    """Margin notes on what was written, once the ticket is over; before that a word that it is not."""
    try:
        row = waiting.ticket_for(agent_of(request), pk)
    except NotFound:
        return not_found(request)
    face = waiting.face_of(row.clock, zone=zone_of(row.language))
    context: dict[str, Any] = {
        "here": "desk", "clock": face, "speeds": clocks.SPEEDS, "ticket": row, "zone": face.zone, "over": is_over(row),
    }  # fmt: skip
    if context["over"]:
        context |= shown(account_of(row))
    return render(request, "playbooks/debrief.html", context)


def shown(account: Account) -> dict[str, Any]:
    """An account in the reader's language."""
    told, case, there = account.debrief, account.held.setting.case, account.elsewhere
    _points, numbers = labelled(told)
    helped, cost = first_of(told, numbers)
    return {
        "language": case.language,
        "playbook": account.held.setting.playbook,
        "playbook_title": in_language(account.held.setting.playbook.title),
        "felt": _felt(told.felt),
        "untouched": _felt(told.untouched),
        "usual": signed(E.usual.satisfaction, 1),
        "helped": helped,
        "cost": cost,
        "asked": asked_shown(account.asked, numbers),
        "conduct": conduct_shown(account.conduct),
        "office": head_office_of(case, account.held.standing.log, account.texts),
        "to_come": [say(wording.KIND, kind) for kind in account.to_come if kind not in ("reminder", "close", "survey")],
        "words": [spoken(word, numbers[word.seq]) for word in told.words],
        "deeds": [did(line) for line in told.deeds],
        "given": [did(line) for line in told.given],
        "parts": [(say(PART, part), did_of(say(PART, part), "", effect)) for part, effect in told.parts.items()],
        "drawings": drawings(told, account.held.standing.log),
        "other_title": in_language(there.playbook.title),
        "other": there.playbook,
        "beside": list(beside(account.outcome, there.outcome)),
        "difference": signed(there.difference.difference.estimate or 0.0, 2),
        "shares": shares(there.difference),
        "switches": switches_words(told.switches),
        "switched": switched(told),
        "weights": [why_of(one) for one in told.weights],
        "coefficients": [why_of(one) for one in _used(told)],
    }


def _felt(felt: Felt) -> dict[str, str]:
    return {
        "distributive": signed(felt.distributive, 2),
        "procedural": signed(felt.procedural, 2),
        "interactional": signed(felt.interactional, 2),
        "satisfaction": signed(felt.satisfaction, 2),
        "cumulative": signed(felt.cumulative, 2),
        "repurchase": percent(felt.repurchase),
    }


def _used(told: Debrief) -> list[Number]:
    """Every coefficient that a line of the page rests on, once."""
    lines = [*told.deeds, *told.given]
    for word in told.words:
        lines += [*word.lines, *(line for sentence in word.sentences for line in sentence.lines)]
    found = {one.name: one for one in (*told.weights, *(one for line in lines for one in line.why))}
    return sorted(found.values(), key=lambda one: one.name)
