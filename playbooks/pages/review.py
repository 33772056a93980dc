"""Feedback under the text box while somebody writes: what the words say and lack, each with its sentence.

Reads only. The same reading reaches the customer when the words are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from playbooks.actions import open_steps
from playbooks.core.alimtalk import PROMOTIONAL, TOO_LONG
from playbooks.core.draft import blanks_in
from playbooks.core.facts import Facts
from playbooks.core.language.finding import ADVICE, ERROR, GOOD, Courtesy, Finding, Reading
from playbooks.held import Held, hold
from playbooks.models import Disagreement
from playbooks.pages import queue as waiting
from playbooks.pages import wording
from playbooks.pages.common import agent_of
from playbooks.pages.offers import offers_of
from playbooks.reviewing import review as read
from tickets import clock as clocks
from tickets.errors import Invalid, NotFound
from tickets.models import Agent

KINDS = ("reply", "letter", "alimtalk")
ADVICES_AT_ONCE = 3
MOST_SHOWN = 40
AROUND = 14  # characters of the sentence shown on either side of what is meant
NOTHING_WRITTEN = "empty_text"
ICONS = {ERROR: "exclamation-triangle", ADVICE: "light-bulb", GOOD: "check"}
REFUSED = (*PROMOTIONAL, TOO_LONG)  # what an 알림톡 is refused for stands first
SEASONAL = ("J44", "J46")
HONORIFIC = (1, 2)  # of the levels of Japanese
# What the words of a step hold, by the step's deed. Deeds that no words can do are not among them.
ASKED_OF = {
    "apologise": ("regret", "empathy"),
    "answer": ("empathy", "concrete"),
    "interim_report": ("interim_report", "concrete"),
    "prevention": ("prevention",),
    "check_in": ("check_in",),
}
PAIR, CLOSING, SEASON = "頭語結語の対応", "結語", "時候"
EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A better wording to take over: places are counted as a browser counts them."""

    start: int
    end: int
    words: str
    gap: bool


@dataclass(frozen=True, slots=True)
class Note:
    """One finding as a margin note: the words meant, within their sentence, and what to do about them."""

    rule: str
    severity: str
    severity_words: str
    icon: str
    before: str
    words: str
    after: str
    start: int
    end: int
    reason: str
    suggestion: str
    changes: tuple[Change, ...]
    authority: str
    excerpt: str
    disagreed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a letter, or something that a message says, and where it stands."""

    words: str
    found: bool
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class StepHere:
    """A step that waits for words, and what these still lack for it."""

    title: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """All that the fragment shows."""

    language: str
    kind: str
    blanks: tuple[Part, ...]  # what is still to be filled in
    notes: tuple[Note, ...]  # errors, then the first advices
    more: tuple[Note, ...]
    good: tuple[Note, ...]
    errors: int
    advices: int
    says: tuple[Part, ...]
    steps: tuple[StepHere, ...]
    parts: tuple[Part, ...]
    courtesy: str

    @property
    def parts_found(self) -> int:
        return sum(part.found for part in self.parts)


@login_required
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What the text says and lacks. What cannot be read is answered with the sentence that says why."""
    agent = agent_of(request)
    try:
        pulse = waiting.pulse(agent, pk)
        held = hold(pk)
    except NotFound:
        return HttpResponse(status=404)
    text = request.POST.get("text", "")
    kind = request.POST.get("kind", "")
    now = clocks.instant(pulse.clock, wall_now=clocks.wall())
    context: dict[str, object] = {"kind": kind, "language": held.setting.case.language}
    try:
        reading = read(held, text, kind=kind if kind in KINDS else "reply", now=now)
        context |= {"feedback": feedback_of(held, text, reading, objections(agent, pk))}
    except Invalid as error:
        if error.code != NOTHING_WRITTEN:
            context |= {"unreadable": _unreadable(error, held)}
        context |= {"parts": letter_parts(None, held.setting.case.language, "") if kind == "letter" else ()}
    answer = render(request, "playbooks/_review.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _unreadable(error: Invalid, held: Held) -> str:
    if error.code == "wrong_language":
        return wording.not_their_language(held.setting.case.language)
    return wording.refusal(error)


def objections(agent: Agent, ticket: int) -> frozenset[tuple[str, str]]:
    """Findings of this ticket that the agent has disagreed with already, as rule and words."""
    rows = Disagreement.objects.filter(ticket_id=ticket, agent=agent).values_list("rule", "excerpt")
    return frozenset((rule, excerpt) for rule, excerpt in rows)


def feedback_of(held: Held, text: str, reading: Reading, disagreed: frozenset[tuple[str, str]]) -> Feedback:
    names = held.setting.case.names or {}
    write = _Writer(text, reading.language, names.get("customer", ""), disagreed)
    errors = sorted((f for f in reading.findings if f.severity == ERROR), key=lambda f: f.rule not in REFUSED)
    advices = [f for f in reading.findings if f.severity == ADVICE]
    good = [f for f in reading.findings if f.severity == GOOD]
    first = [*errors[:MOST_SHOWN], *advices[:ADVICES_AT_ONCE]]
    rest = advices[ADVICES_AT_ONCE:MOST_SHOWN]
    letter = reading.kind == "letter"
    return Feedback(
        language=reading.language,
        kind=reading.kind,
        blanks=tuple(write.part(text[start:end], start, end) for start, end in blanks_in(text)),
        notes=tuple(write.note(finding) for finding in first),
        more=tuple(write.note(finding) for finding in rest),
        good=tuple(write.note(finding) for finding in good[:MOST_SHOWN]),
        errors=len(errors),
        advices=len(advices),
        says=_says(reading, write),
        steps=() if letter else _steps(held, reading.facts),
        parts=letter_parts(reading, reading.language, text) if letter else (),
        courtesy=courtesy_words(reading.courtesy, reading.language),
    )


class _Writer:
    """Margin notes on one text."""

    def __init__(self, text: str, language: str, customer: str, disagreed: frozenset[tuple[str, str]]) -> None:
        self.text, self.language, self.customer, self.disagreed = text, language, customer, disagreed
        self.place = Places(text)
        self.reader = (get_language() or "en")[:2]

    def note(self, finding: Finding) -> Note:
        text, start, end = self.text, finding.start, finding.end
        words = text[start:end]
        excerpt = words.strip()[:EXCERPT]
        changes = () if finding.severity == GOOD else offers_of(text, finding, self.language, customer=self.customer)
        return Note(
            rule=finding.rule,
            severity=finding.severity,
            severity_words=wording.say(wording.SEVERITY, finding.severity),
            icon=ICONS[finding.severity],
            before=_tail(text[max(0, start - 80) : start]),
            words=words if len(words) <= 60 else f"{words[:40]}…{words[-15:]}",
            after=_head(text[end : end + 80]),
            start=self.place(start),
            end=self.place(end),
            reason=finding.reason.get(self.reader) or finding.reason["en"],
            suggestion=finding.suggestion or "",
            changes=tuple(Change(self.place(o.start), self.place(o.end), o.words, o.gap) for o in changes),
            authority=finding.authority or "",
            excerpt=excerpt,
            disagreed=(finding.rule, excerpt) in self.disagreed,
        )

    def part(self, words: str, start: int | None, end: int | None) -> Part:
        if start is None or end is None:
            return Part(words, True)
        return Part(words, True, self.place(start), self.place(end))


class Places:
    """Places in a text as a browser counts them: a sign outside the basic plane counts twice."""

    def __init__(self, text: str) -> None:
        self.wide = [index for index, sign in enumerate(text) if ord(sign) > 0xFFFF] if not text.isascii() else []

    def __call__(self, place: int) -> int:
        return place + sum(index < place for index in self.wide)


def _tail(text: str) -> str:
    """The end of what stands before, within its sentence."""
    for sign in "。！？\n.!?":
        text = text.rsplit(sign, 1)[-1]
    text = text.lstrip()
    return text if len(text) <= AROUND else f"…{text[-AROUND:]}"


def _head(text: str) -> str:
    cut = min((place + (sign != "\n") for sign in "。！？\n.!?" if (place := text.find(sign)) >= 0), default=len(text))
    text = text[:cut].rstrip()
    return text if len(text) <= AROUND else f"{text[:AROUND]}…"


# ── What it says, and what it lacks ────────────────────────────────────────────────────────────


def said_in(facts: Facts) -> list[str]:
    """The contents of a message by their names, in the order of the table of words."""
    held = {*facts.apology, *facts.deeds}
    held |= {name for name in ("empathy", "concrete") if getattr(facts, name) > 0}
    if facts.asks:
        held.add("asks")
    return [name for name in wording.CONTENTS if name in held]


def _says(reading: Reading, write: _Writer) -> tuple[Part, ...]:
    places: dict[str, tuple[int, int]] = {}
    for evidence in reading.evidence:
        places.setdefault(evidence.fact.rpartition(".")[2], (evidence.start, evidence.end))
    names = said_in(reading.facts)
    said = [write.part(wording.say(wording.CONTENTS, name), *places.get(name, (None, None))) for name in names]
    promise = next((places[name] for name in ("promise_at", "promises") if name in places), None)
    if promise is not None:
        said.append(write.part(wording.say(wording.CONTENTS, "promise"), *promise))
    return tuple(said)


def _steps(held: Held, facts: Facts) -> tuple[StepHere, ...]:
    """The steps that wait for words now. An apology owns its fault once the fault is settled."""
    said = set(said_in(facts))
    reader = (get_language() or "en")[:2]
    found = []
    for view in open_steps(held):
        asked = ASKED_OF.get(view.step.deed)
        if asked is None:
            continue
        if view.step.deed == "apologise" and _own_fault(held):
            asked = ("responsibility", *asked)
        lacks = tuple(wording.say(wording.CONTENTS, name) for name in asked if name not in said)
        found.append(StepHere(view.step.title[reader], lacks))
    return tuple(found)


def _own_fault(held: Held) -> bool:
    return any(e.name == "case.facts_confirmed" and e.data.get("own_fault") for e in held.standing.log)


def letter_parts(reading: Reading | None, language: str, text: str) -> tuple[Part, ...]:
    """The parts of a letter in its order. Japanese has fifteen: two of them are about the whole."""
    if reading is None:
        names: Sequence[str] = wording.LETTER_PARTS.get(language, ())
        return tuple(Part(wording.say(wording.ELEMENT, name), False) for name in names)
    place = Places(text)
    found = {element.name: element for element in reading.elements}
    parts = []
    for name in wording.LETTER_PARTS[language]:
        element = found.get(name)
        there = _whole(name, reading) if element is None else element.found
        if name == CLOSING and PAIR in found:
            there = there and found[PAIR].found
        span = (None, None) if element is None or not there else (element.start, element.end)
        start, end = (None if at is None else place(at) for at in span)
        parts.append(Part(wording.say(wording.ELEMENT, name), there, start, end))
    return tuple(parts)


def _whole(name: str, reading: Reading) -> bool:
    """What a letter as a whole keeps to: no greeting of the season, and polite in every sentence."""
    written = any(element.found for element in reading.elements)
    if name == SEASON:
        return written and not any(finding.rule in SEASONAL for finding in reading.findings)
    return written and reading.courtesy.level in HONORIFIC


def courtesy_words(courtesy: Courtesy, language: str) -> str:
    """Three levels and no more: finer ones are noise."""
    if language == "ja":
        level = courtesy.level
        name = (
            "" if level is None else "ja_honorific" if level in HONORIFIC else "ja_polite" if level == 3 else "ja_plain"
        )
    elif language == "ko":
        name = f"ko_{courtesy.speech_level}" if courtesy.speech_level else ""
    else:
        name = f"en_{courtesy.style}" if courtesy.style else ""
    return str(wording.COURTESY[name]) if name in wording.COURTESY else ""
