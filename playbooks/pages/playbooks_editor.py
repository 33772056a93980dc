"""The editor of playbooks: copied, changed, checked as it is typed, kept as a new version.

Writing keeps no state on the server: the whole draft travels in the form, and nothing is kept before it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from playbooks import definitions, editing
from playbooks.core.playbook import built_in, load
from playbooks.core.playbook_text import data_of, renamed, to_toml
from playbooks.models import PlaybookVersion
from playbooks.pages import playbooks_form as forms
from playbooks.pages.common import agent_of
from playbooks.pages.playbooks_common import managed, page_of, profile_titles, to_address, tried, version_named
from playbooks.pages.playbooks_words import message_of, texts
from playbooks.pages.reading import in_language
from tickets import clock as clocks
from tickets.errors import HelpdeskError


@managed
@require_safe
def copy(request: HttpRequest, key: str) -> HttpResponse:
    """The form, filled with a copy."""
    versions = editing.versions_of(key)
    number = request.GET.get("version", "")
    version = next((v for v in versions if str(v.version) == number), versions[0])
    return _editor(request, version, editing.copy_text(version), new=True)


@managed
@require_safe
def change(request: HttpRequest, key: str) -> HttpResponse:
    """The form, filled with the newest version of a playbook of one's own."""
    version = editing.versions_of(key)[0]
    if key in built_in():
        return redirect("playbook-copy", key)
    return _editor(request, version, version.source, new=False)


def _editor(request: HttpRequest, of: PlaybookVersion, text: str, *, new: bool) -> HttpResponse:
    return _written(request, of, forms.draft_of(data_of(text)), new=new)


@managed
@require_http_methods(["POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Whatever is done with a draft: checked as it is typed, a step added, shown as text, saved."""
    post = request.POST
    of, new = version_named(post.get("of", "")), post.get("new") == "yes"
    what = post.get("do", "check")
    if post.get("view") == "toml":
        return _write_text(request, of, post.get("source", "").replace("\r\n", "\n"), what, new=new)
    draft = forms.read(post)
    if what == "check" and request.headers.get("HX-Target") == "verdict":
        return _checked(request, draft, of, new=new)
    if what in ("save", "try"):
        return _save(request, of, to_toml(draft.whole()), what, new=new, draft=draft)
    if what == "toml":
        return _as_text(request, of, to_toml(draft.whole()), new=new)
    return _written(request, of, forms.done(draft, what, post), new=new, asked=what)


def _write_text(request: HttpRequest, of: PlaybookVersion, text: str, what: str, *, new: bool) -> HttpResponse:
    """The same for a draft that is written as text."""
    error = _amiss(text, of, new=new)
    if what == "form" and (error is None or error.code != "not_toml"):
        try:
            return _written(request, of, forms.draft_of(_shaped(text)), new=new)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass  # TOML that is no playbook at all cannot fill a form
    if what in ("save", "try") and error is None:
        return _save(request, of, text, what, new=new, draft=None)
    return _as_text(request, of, text, new=new, error=error)


def _shaped(text: str) -> dict[str, Any]:
    """The data of a text that is shaped like a playbook, so that a form can hold it."""
    data = data_of(text)
    for step in data["step"]:
        step["key"], step["deed"], step.get("title", {})["en"]
    return data


def _amiss(text: str, of: PlaybookVersion, *, new: bool) -> HelpdeskError | None:
    """What keeps this text from being saved."""
    try:
        playbook = load(renamed(text, version=1))
        editing.check_key(playbook.key, None if new else of.key)
    except HelpdeskError as error:
        return error
    return None


def _save(
    request: HttpRequest, of: PlaybookVersion, text: str, what: str, *, new: bool, draft: forms.Draft | None
) -> HttpResponse:
    by, wall_now = agent_of(request), clocks.wall()
    try:
        if new:
            kept = editing.create(text, by=by, wall_now=wall_now, made_from=of)
        else:
            kept = editing.change(of.key, text, by=by, wall_now=wall_now, seen=of.version)
    except HelpdeskError as error:
        if draft is None:
            return _as_text(request, of, text, new=new, error=error)
        return _written(request, of, draft, new=new, error=error)
    if what == "try":
        return tried(request, kept, of)
    name = in_language(definitions.playbook_of(kept).title)
    messages.success(request, texts().say("edit.saved", name=name, n=kept.version))
    return to_address(request, reverse("playbook", args=[kept.key]))


def _frame(of: PlaybookVersion, *, new: bool) -> dict[str, Any]:
    t, playbook = texts(), definitions.playbook_of(of)
    name = in_language(playbook.title)
    return {
        "of": f"{of.key}:{of.version}",
        "new": new,
        "back": reverse("playbook", args=[of.key]),
        "heading": t.say("edit.copy_title" if new else "edit.change_title", name=name),
        "becomes": t.plain("edit.becomes_new") if new else t.say("edit.becomes", n=of.version + 1),
    }


def _written(
    request: HttpRequest,
    of: PlaybookVersion,
    draft: forms.Draft,
    *,
    new: bool,
    error: HelpdeskError | None = None,
    asked: str = "",
) -> HttpResponse:
    """The form with a draft in it. A refusal to save has its status; while somebody writes, nothing is wrong yet."""
    refused = error or _amiss(to_toml(draft.whole()), of, new=new)
    form = forms.form_of(
        draft, error=refused, message=message_of(refused) if refused else "", new=new, profiles=profile_titles()
    )
    place = form.steps[-1].n if asked == "add" and form.steps else None
    context = {**_frame(of, new=new), "form": form, "view": "form", "added": place, "key": draft.data.get("key", "")}
    context |= {"verdict": _verdict(form, refused)}
    return _drawn(request, context, status=error.http_status if error else 200)


def _as_text(
    request: HttpRequest, of: PlaybookVersion, text: str, *, new: bool, error: HelpdeskError | None = None
) -> HttpResponse:
    said = ""
    if error:
        said = texts().say(
            "edit.amiss", where=error.field or texts().plain("edit.whole_form"), message=message_of(error)
        )
    context = {**_frame(of, new=new), "view": "toml", "source": text, "refused": said}
    return _drawn(request, context, status=error.http_status if error else 200)


def _drawn(request: HttpRequest, context: Mapping[str, Any], *, status: int) -> HttpResponse:
    """The whole page, or the form alone where it replaces itself (htmx swaps only what succeeded)."""
    if request.headers.get("HX-Request"):
        return page_of(request, "playbooks/playbook_form.html", context)
    return page_of(request, "playbooks/playbook_edit.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the draft fits, and where not."""

    fits: bool
    words: str
    at: str  # id of the field at fault


def _verdict(form: forms.Form, error: HelpdeskError | None) -> Verdict:
    t = texts()
    if error is None:
        return Verdict(True, t.plain("edit.fits"), "")
    where = t.plain("edit.whole_form")
    for step in form.steps:
        if form.refused_at.startswith(f"step[{step.n}]."):
            where = step.heading
    named = _labels(form).get(form.refused_at)
    if named:
        where = named if where == t.plain("edit.whole_form") else f"{where}, {named}"
    return Verdict(False, t.say("edit.amiss", where=where, message=form.refused), forms.id_of(form.refused_at))


def _labels(form: forms.Form) -> dict[str, str]:
    groups = [form.about, (form.letter,), form.gift, *form.bands, *form.questions]
    groups += [group for step in form.steps for group in (step.texts, step.times, step.choices)]
    return {field.name: field.label for group in groups for field in group}


def _checked(request: HttpRequest, draft: forms.Draft, of: PlaybookVersion, *, new: bool) -> HttpResponse:
    """The verdict alone, and the message of the one field at fault; what stood at another field is taken away."""
    error = _amiss(to_toml(draft.whole()), of, new=new)
    message = message_of(error) if error else ""
    form = forms.form_of(draft, error=error, message=message, new=new, profiles=profile_titles())
    was = forms.id_of(request.POST.get("refused_at", ""))
    verdict = _verdict(form, error)
    context = {
        "verdict": verdict,
        "message": form.refused if verdict.at else "",
        "cleared": was if was != verdict.at else "",
    }
    return page_of(request, "playbooks/playbook_verdict.html", context)
