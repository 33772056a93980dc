"""What all pages of playbooks share: who may open them, their frame, and a version by its name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from playbooks import editing, experiments
from playbooks.core.playbook import built_in
from playbooks.models import PlaybookVersion
from playbooks.pages.common import View, agent_of, for_managers
from playbooks.pages.playbooks_words import message_of, texts
from playbooks.pages.reading import in_language
from tickets import clock as clocks
from tickets.errors import HelpdeskError, NotFound


def managed(view: View) -> View:
    """For managers; what is not there is a page that is not there."""

    @wraps(view)
    def found(request: HttpRequest, *words: Any, **named: Any) -> HttpResponseBase:
        try:
            return view(request, *words, **named)
        except NotFound as error:
            raise Http404 from error

    return for_managers(found)


def page_of(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, template, {"here": "playbooks", "t": texts(), **context}, status=status)


def profile_titles() -> dict[str, str]:
    return {key: in_language(playbook.title) for key, playbook in built_in().items()}


def version_named(text: str) -> PlaybookVersion:
    """A version as the choices name it: `key:number`."""
    key, _colon, number = text.rpartition(":")
    return editing.version(key, int(number) if number.isdigit() and len(number) < 7 else 0)


def tried(request: HttpRequest, new: PlaybookVersion, old: PlaybookVersion) -> HttpResponse:
    try:
        begun = experiments.begin(editing.what_if(new, old), by=agent_of(request), wall_now=clocks.wall())
    except HelpdeskError as error:
        messages.error(request, message_of(error))
        return redirect("playbook", new.key)
    messages.success(request, texts().plain("edit.begun"))
    return to_address(request, reverse("experiment", args=[begun.pk]))


def to_address(request: HttpRequest, address: str) -> HttpResponse:
    """To another page, also from a request that would replace a part of this one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
