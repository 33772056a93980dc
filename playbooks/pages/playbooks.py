"""The pages on which managers read, compare, hide and try playbooks; the editor stands in a file of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from playbooks import definitions, editing
from playbooks.core.case import CURRENCIES
from playbooks.core.phrasing import money
from playbooks.core.playbook import Playbook, built_in
from playbooks.core.playbook_changes import planned
from playbooks.core.scenarios import scenarios
from playbooks.core.scenarios.draw import case_of_scenario
from playbooks.core.words import desk_text
from playbooks.models import PlaybookVersion
from playbooks.pages import playbooks_editor as editor
from playbooks.pages import wording
from playbooks.pages.common import agent_of
from playbooks.pages.playbooks_common import managed, page_of, profile_titles, tried, version_named
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
from tickets.errors import HelpdeskError
from tickets.templatetags.desk_format import span_words

SAMPLE = "defective_item"  # the complaint whose texts are shown
DESK_SAYS = ("acknowledge", "interim_report", "check_in")  # kinds the desk writes by itself


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
    return page_of(request, "playbooks/playbooks.html", {"lines": sorted(lines, key=lambda line: line.hidden)})


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
        "agents": t.say("read.agents", name=agents_words(playbook, profile_titles())),
        "questions": [(in_language(q.text), span_words(q.after), t["anchor"][q.anchor]) for q in playbook.questions],
        "versions": [_version_line(v) for v in versions],
        "others": others,
    }
    return page_of(request, "playbooks/playbook.html", context)


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


# ---------------------------------------------------------------- what changed


@managed
@require_safe
def changed(request: HttpRequest, key: str) -> HttpResponse:
    versions = editing.versions_of(key)
    number = request.GET.get("version", "")
    version = next((v for v in versions if str(v.version) == number), versions[0])
    before = version_named(request.GET["against"]) if request.GET.get("against") else version.made_from
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
    return page_of(request, "playbooks/playbook_changes.html", context)


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
    version = version_named(f"{key}:{number}")
    return tried(request, version, version_named(request.POST.get("against", "")))


urlpatterns = [
    path("", listed, name="playbooks"),
    path("write/", editor.write, name="playbook-write"),
    path("<slug:key>/", one, name="playbook"),
    path("<slug:key>/changes/", changed, name="playbook-changes"),
    path("<slug:key>/copy/", editor.copy, name="playbook-copy"),
    path("<slug:key>/change/", editor.change, name="playbook-change"),
    path("<slug:key>/hide/", hide, name="playbook-hide"),
    path("<slug:key>/show/", show, name="playbook-show"),
    path("<slug:key>/try/", try_out, name="playbook-try"),
]
