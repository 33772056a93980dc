"""The pages on which managers read, copy, change, compare, hide and try playbooks.

Writing keeps no state on the server: the whole draft travels in the form, and nothing is kept before it is saved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from playbooks import definitions, editing, experiments
from playbooks.core.case import CURRENCIES
from playbooks.core.phrasing import money
from playbooks.core.playbook import Playbook, built_in, load
from playbooks.core.playbook_changes import planned
from playbooks.core.playbook_text import data_of, renamed, to_toml
from playbooks.core.scenarios import scenarios
from playbooks.core.scenarios.draw import case_of_scenario
from playbooks.core.words import desk_text
from playbooks.models import PlaybookVersion
from playbooks.pages import playbooks_form as forms
from playbooks.pages import wording
from playbooks.pages.common import View, agent_of, for_managers
from playbooks.pages.playbooks_words import (
    agents_words,
    amounts_words,
    anchor_words,
    channels_words,
    message_of,
    texts,
    told,
)
from playbooks.pages.reading import in_language, language
from tickets import clock as clocks
from tickets.errors import HelpdeskError, NotFound
from tickets.templatetags.desk_format import span_words

SAMPLE = "defective_item"  # the complaint whose texts are shown
DESK_SAYS = ("acknowledge", "interim_report", "check_in")  # kinds the desk writes by itself


def managed(view: View) -> View:
    """For managers; what is not there is a page that is not there."""

    @wraps(view)
    def found(request: HttpRequest, *words: Any, **named: Any) -> HttpResponseBase:
        try:
            return view(request, *words, **named)
        except NotFound as error:
            raise Http404 from error

    return for_managers(found)


def _page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, template, {"here": "playbooks", "t": texts(), **context}, status=status)


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class Line:
    """One playbook of the list."""

    key: str
    title: str
    hue: str
    summary: str
    about: str
    hidden: bool


@managed
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    t, gone = texts(), definitions.hidden()
    numbers = {one.key: one.version for one in PlaybookVersion.objects.order_by("key", "version").defer("source")}
    lines = []
    for key, playbook in definitions.known().items():
        deeds = {step.deed for step in playbook.steps}
        about = [
            t.plain("list.built_in" if key in built_in() else "list.own"),
            t.say("list.version", n=numbers.get(key, 1)),
            t.say("list.steps", n=len(playbook.steps)),
            *(t.plain(f"list.{deed}s") for deed in ("letter", "gift") if deed in deeds),
        ]
        lines.append(
            Line(
                key, in_language(playbook.title), playbook.hue, in_language(playbook.summary), " · ".join(about),
                key in gone,
            )
        )  # fmt: skip
    return _page(request, "playbooks/playbooks.html", {"lines": sorted(lines, key=lambda line: line.hidden)})


# ---------------------------------------------------------------- one playbook, read


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as a reader sees it."""

    title: str
    by: str
    after: str
    within: str
    more: tuple[str, ...]
    latest: str
    when: tuple[str, ...]
    why: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a step lies in the picture: x of start, target and hard limit."""

    y: int
    start: float
    due: float
    latest: float
    title: str
    words: str


WIDTH, LEFT, ROW = 760, 10, 34
LONGEST = 14 * 86_400
TICKS = (60, 900, 3_600, 6 * 3_600, 86_400, 3 * 86_400, 14 * 86_400)


def _x(seconds: int, width: int) -> float:
    """Time on a scale where minutes and weeks are both to be seen."""
    share = math.log1p(min(seconds, LONGEST) / 60) / math.log1p(LONGEST / 60)
    return round(LEFT + share * (width - 2 * LEFT), 1)


def _bars(playbook: Playbook, width: int) -> list[Bar]:
    return [
        Bar(
            ROW * (n + 1), _x(one.start, width), max(_x(one.due, width), _x(one.start, width) + 3),
            _x(one.latest, width), in_language(one.step.title), span_words(one.due),
        )
        for n, one in enumerate(planned(playbook))
    ]  # fmt: skip


@managed
@require_safe
def one(request: HttpRequest, key: str) -> HttpResponse:
    t = texts()
    versions = editing.versions_of(key)
    number = request.GET.get("version", "")
    version = next((v for v in versions if str(v.version) == number), versions[0])
    playbook = definitions.playbook_of(version)
    others = _others(version, versions)
    context = {
        "key": key,
        "playbook": playbook,
        "title": in_language(playbook.title),
        "summary": in_language(playbook.summary),
        "version": version,
        "newest": versions[0],
        "is_newest": version.pk == versions[0].pk,
        "older": t.say("read.older", n=version.version, newest=versions[0].version),
        "about": " · ".join(
            (
                t.plain("list.built_in" if key in built_in() else "list.own"),
                t.say("list.version", n=version.version),
                t.say("list.on", n=sum(editing.runs_by_version(key).values())),
            )
        ),
        "built_in": key in built_in(),
        "hidden": key in definitions.hidden(),
        "needed": key in editing.NEEDED,
        "steps": _step_lines(playbook),
        "pictures": [_picture("broad", playbook, WIDTH), _picture("slim", playbook, 350)],
        "letter": t.say("read.letter_from", n=f"{playbook.letter_severity:g}")
        if playbook.letter_severity is not None
        else t.plain("read.letter_none"),
        "gift": _gift(playbook),
        "texts": _texts_of(playbook),
        "texts_note": t.say("read.texts_note", manner=t["manner"][playbook.manner]),
        "agents": t.say("read.agents", name=agents_words(playbook, _profile_titles())),
        "questions": [(in_language(q.text), span_words(q.after), t["anchor"][q.anchor]) for q in playbook.questions],
        "versions": [_version_line(v) for v in versions],
        "others": others,
    }
    return _page(request, "playbooks/playbook.html", context)


def _picture(key: str, playbook: Playbook, width: int) -> dict[str, Any]:
    bars = _bars(playbook, width)
    every = 1 if width > 500 else 2
    ticks = [(_x(at, width), span_words(at)) for at in TICKS[::every]]
    return {
        "key": key,
        "width": width,
        "height": ROW * len(bars) + 34,
        "bars": bars,
        "ticks": ticks,
        "base": ROW * len(bars) + 14,
    }


def _step_lines(playbook: Playbook) -> list[StepLine]:
    t = texts()
    bars = dict(zip((one.step.key for one in planned(playbook)), _bars(playbook, WIDTH), strict=True))
    lines = []
    for step in playbook.steps:
        more = [t.plain(f"clock.{step.clock}")] if step.clock == "business" else []
        more += [channels_words(step.within_by_channel)] if step.within_by_channel else []
        more += [t.say("read.sent_after", time=span_words(step.send_after))] if step.send_after is not None else []
        more += [t.plain("read.reminds")] if step.remind else []
        lines.append(
            StepLine(
                title=in_language(step.title),
                by=wording.say(wording.AUTHOR, step.by),
                after=", ".join(anchor_words(playbook, anchor) for anchor in step.after),
                within=t.say("read.within", time=span_words(step.within)),
                more=tuple(more),
                latest=span_words(step.latest),
                when=tuple(t["condition"][name] for name in step.when),
                why=in_language(step.why),
                bar=bars[step.key],
            )
        )
    return lines


def _gift(playbook: Playbook) -> dict[str, Any] | None:
    policy = playbook.gift
    if policy is None:
        return None
    rows = [
        (f"{severity:g}", [money(amounts[currency], currency, language()) for currency in CURRENCIES])
        for severity, amounts in policy.bands
    ]
    note = texts().say("read.gift_share", n=policy.price_percent, least=amounts_words(policy.smallest))
    return {"currencies": list(CURRENCIES), "rows": rows, "note": note}


def _texts_of(playbook: Playbook) -> list[tuple[str, str]]:
    """What the desk writes by itself under this playbook, on one sample complaint."""
    deeds = {step.deed: step for step in playbook.steps}
    case = case_of_scenario(scenarios()[SAMPLE], language(), key="sample", seed=1)
    found = []
    for kind in DESK_SAYS:
        if (step := deeds.get(kind)) is not None:
            text, _facts = desk_text(case, kind, author=step.by, style=playbook.manner)
            found.append((in_language(step.title), text))
    return found


def _version_line(version: PlaybookVersion) -> dict[str, Any]:
    t = texts()
    origin = version.made_from
    about = (
        [t.say("read.by", name=version.made_by.get_full_name() or version.made_by.username)] if version.made_by else []
    )
    if origin is not None and origin.key != version.key:
        name = in_language(definitions.playbook_of(origin).title)
        about.append(t.say("read.from_one", name=name, n=origin.version))
    return {
        "version": version.version,
        "at": int(version.wall_made_at) if version.wall_made_at else None,
        "about": " · ".join(about),
        "before": origin,
    }


def _others(version: PlaybookVersion, versions: list[PlaybookVersion]) -> list[tuple[str, str]]:
    """What a version can be compared with: where it came from first, then the rest of its own, then other playbooks."""
    t = texts()
    found = [version.made_from] if version.made_from else []
    found += [v for v in versions if v.pk != version.pk and (not found or v.pk != found[0].pk)]
    names = [(f"{v.key}:{v.version}", _name(v)) for v in found]
    here = {name.partition(":")[0] for name, _words in names} | {version.key}
    numbers = {v.key: v.version for v in PlaybookVersion.objects.order_by("key", "version").defer("source")}
    for key, playbook in definitions.offered().items():
        if key not in here:
            number = numbers.get(key, 1)
            names.append((f"{key}:{number}", f"{in_language(playbook.title)}, {t.say('list.version', n=number)}"))
    return names


def _name(version: PlaybookVersion) -> str:
    title = in_language(definitions.playbook_of(version).title)
    return f"{title}, {texts().say('list.version', n=version.version)}"


def _profile_titles() -> dict[str, str]:
    return {key: in_language(playbook.title) for key, playbook in built_in().items()}


def _named(text: str) -> PlaybookVersion:
    """A version as the choices name it: `key:number`."""
    key, _colon, number = text.rpartition(":")
    return editing.version(key, int(number) if number.isdigit() and len(number) < 7 else 0)


# ---------------------------------------------------------------- what changed


@managed
@require_safe
def changed(request: HttpRequest, key: str) -> HttpResponse:
    versions = editing.versions_of(key)
    number = request.GET.get("version", "")
    version = next((v for v in versions if str(v.version) == number), versions[0])
    before = _named(request.GET["against"]) if request.GET.get("against") else version.made_from
    old = definitions.playbook_of(before) if before else None
    new = definitions.playbook_of(version)
    t = texts()
    context = {
        "key": key,
        "hue": new.hue,
        "version": version,
        "between": t.say("diff.between", old=_name(before), new=_name(version))
        if before
        else t.plain("diff.versus_none"),
        "sentences": told(old, new) if old else [],
        "compared": old is not None,
        "before": before,
        "others": _others(version, versions),
        "chosen": f"{before.key}:{before.version}" if before else "",
    }
    return _page(request, "playbooks/playbook_changes.html", context)


# ---------------------------------------------------------------- hide, show, try


@managed
@require_http_methods(["POST"])
def hide(request: HttpRequest, key: str) -> HttpResponse:
    t, name = texts(), in_language(definitions.playbook_of(editing.versions_of(key)[0]).title)
    try:
        used = editing.hide(key, by=agent_of(request), wall_now=clocks.wall())
    except HelpdeskError as error:
        messages.error(request, message_of(error))
        return redirect("playbook", key)
    words = t.say("edit.hidden_now", name=name)
    if used.runs or used.shifts or used.experiments:
        goes_on = t.say("edit.goes_on", runs=used.runs, shifts=used.shifts, experiments=used.experiments)
        words = f"{words} {goes_on}"
    messages.success(request, words)
    return redirect("playbook", key)


@managed
@require_http_methods(["POST"])
def show(request: HttpRequest, key: str) -> HttpResponse:
    editing.show(key, by=agent_of(request))
    name = in_language(definitions.playbook_of(editing.versions_of(key)[0]).title)
    messages.success(request, texts().say("edit.shown_now", name=name))
    return redirect("playbook", key)


@managed
@require_http_methods(["POST"])
def try_out(request: HttpRequest, key: str) -> HttpResponse:
    """The same 10,000 customers through two versions, at once."""
    number = request.POST.get("version", "")
    version = _named(f"{key}:{number}")
    return _tried(request, version, _named(request.POST.get("against", "")))


def _tried(request: HttpRequest, new: PlaybookVersion, old: PlaybookVersion) -> HttpResponse:
    try:
        begun = experiments.begin(editing.what_if(new, old), by=agent_of(request), wall_now=clocks.wall())
    except HelpdeskError as error:
        messages.error(request, message_of(error))
        return redirect("playbook", new.key)
    messages.success(request, texts().plain("edit.begun"))
    return _to(request, reverse("experiment", args=[begun.pk]))


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """To another page, also from a request that would replace a part of this one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


# ---------------------------------------------------------------- writing


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
    of, new = _named(post.get("of", "")), post.get("new") == "yes"
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
        return _tried(request, kept, of)
    name = in_language(definitions.playbook_of(kept).title)
    messages.success(request, texts().say("edit.saved", name=name, n=kept.version))
    return _to(request, reverse("playbook", args=[kept.key]))


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
        draft, error=refused, message=message_of(refused) if refused else "", new=new, profiles=_profile_titles()
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
        return _page(request, "playbooks/playbook_form.html", context)
    return _page(request, "playbooks/playbook_edit.html", context, status=status)


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
    form = forms.form_of(draft, error=error, message=message, new=new, profiles=_profile_titles())
    was = forms.id_of(request.POST.get("refused_at", ""))
    verdict = _verdict(form, error)
    context = {
        "verdict": verdict,
        "message": form.refused if verdict.at else "",
        "cleared": was if was != verdict.at else "",
    }
    return _page(request, "playbooks/playbook_verdict.html", context)


urlpatterns = [
    path("", listed, name="playbooks"),
    path("write/", write, name="playbook-write"),
    path("<slug:key>/", one, name="playbook"),
    path("<slug:key>/changes/", changed, name="playbook-changes"),
    path("<slug:key>/copy/", copy, name="playbook-copy"),
    path("<slug:key>/change/", change, name="playbook-change"),
    path("<slug:key>/hide/", hide, name="playbook-hide"),
    path("<slug:key>/show/", show, name="playbook-show"),
    path("<slug:key>/try/", try_out, name="playbook-try"),
]
