"""The debrief page: margin notes on one's own text, the customer over time, the case under the other playbook.

Everything is an estimate of the customer model, and says so; each number names the coefficients that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from playbooks.core.customer.evidence import E, Switches
from playbooks.core.debrief import Debrief, Effect, Felt, Line, Number, Point, Sentence, Word
from playbooks.core.language.finding import ADVICE, ERROR, Finding
from playbooks.core.outcome import Outcome
from playbooks.core.plot import Scale, Tick, time_scale, time_ticks
from playbooks.debrief import Account, account_of, is_over
from playbooks.pages import queue as waiting
from playbooks.pages import wording
from playbooks.pages.common import agent_of, not_found
from playbooks.pages.numbers import NOTHING, number, percent, signed, time
from playbooks.pages.reading import in_language
from playbooks.pages.wording import Words, say
from tickets import clock as clocks
from tickets.errors import NotFound
from tickets.log import Event
from tickets.templatetags.desk_format import zone_of

WHAT: Words = {
    "apology.responsibility": lazy("Takes responsibility"),
    "apology.repair": lazy("Offers to put it right"),
    "apology.regret": lazy("Says sorry"),
    "apology.explanation": lazy("Explains what happened"),
    "apology.repentance": lazy("Promises it will not happen again"),
    "apology.forgiveness": lazy("Asks for forgiveness"),
    "empathy": lazy("Shows understanding of feelings"),
    "listening": lazy("Takes up the customer’s own words"),
    "concrete": lazy("Names times, amounts, things"),
    "ownership": lazy("Takes the matter on as one’s own"),
    "register": lazy("Courtesy of the whole message"),
    "voice": lazy("Gives the customer a say, or takes it"),
    "ng": lazy("Errors that a customer minds"),
    "deeds.interim_report": lazy("Reports how far we are"),
    "deeds.letter": lazy("That a letter came at all"),
    "deeds.check_in": lazy("Asks how it went afterwards"),
    "deeds.prevention": lazy("Reports what was changed"),
    "acknowledged": lazy("Confirms receipt, which eases the wait"),
    "first_reply": lazy("Time until a person answered"),
    "resolution": lazy("Time until it was solved"),
    "remedy": lazy("The remedy"),
    "match": lazy("A remedy of another kind than the loss"),
    "conditional": lazy("A remedy tied to a favour"),
    "gift": lazy("The gift"),
    "hand_offs": lazy("Passed on to others"),
    "re_contacts": lazy("Had to write again"),
    "broken_promise": lazy("A promise was not kept"),
    "repeated_apology": lazy("The same apology over and over"),
    "bot_only": lazy("No person ever answered"),
    "updates_and_explained": lazy("Reports and an explanation together, while waiting"),
    "severity": lazy("How grave the matter was"),
    "second_failure": lazy("It had gone wrong before"),
    "person": lazy("The person: mood and taste, drawn by chance"),
}
MARK: Words = {
    "seen": pgettext_lazy("mark of a coefficient", "seen in the source"),
    "recalled": pgettext_lazy("mark of a coefficient", "from general knowledge"),
    "fitted": pgettext_lazy("mark of a coefficient", "fitted to a published figure"),
    "assumed": pgettext_lazy("mark of a coefficient", "assumed"),
}
LEVEL: Words = {
    "error": lazy("Wrong"),
    "advice": lazy("Better"),
    "good": lazy("Good"),
}
LEVEL_ICON = {"error": "x-mark", "advice": "light-bulb", "good": "check"}
SWITCH: Words = {
    "as_set": lazy("As set on this desk"),
    "other_speed_model": lazy("With the other speed model"),
    "without_letter": lazy("Without the letter’s bonus"),
    "with_letter": lazy("With the letter’s bonus"),
    "without_gift": lazy("Without the gift’s bonus"),
    "with_gift": lazy("With the gift’s bonus"),
}
PART: Words = {
    "speed": pgettext_lazy("part of a difference", "Speed"),
    "words": pgettext_lazy("part of a difference", "Words"),
    "remedy": pgettext_lazy("part of a difference", "Remedy"),
    "letter": pgettext_lazy("part of a difference", "Letter"),
    "gift": pgettext_lazy("part of a difference", "Gift"),
    "rest": pgettext_lazy("part of a difference", "Rest, and how the parts work together"),
}
CAME: Words = {
    **wording.HAPPENED,
    "ticket.created": lazy("The complaint"),
    "ticket.handed_over": lazy("Handed over"),
    "remedy.given": lazy("Remedy given"),
    "gift.given": lazy("Gift delivered"),
    "survey.invited": lazy("Asked for a judgement"),
    "survey.answered": lazy("Judgement given"),
    "survey.expired": lazy("No judgement given"),
    "customer.reviewed": lazy("Public review"),
    "customer.repurchased": lazy("Decided on buying again"),
    "customer.told": lazy("Told others"),
}
QUIET = {"survey.invited", "survey.expired", "ticket.closed", "customer.told", "customer.repurchased"}
BROAD, SLIM = (880, 330), (360, 330)
LABEL_GAP = 16  # the least distance between two numbered marks


# ---------------------------------------------------------------- what the page shows


@dataclass(frozen=True, slots=True)
class Why:
    """A coefficient as a reader meets it."""

    name: str
    value: str
    mark: str
    mark_words: str
    source: str


@dataclass(frozen=True, slots=True)
class Did:
    """One line: what, how much of it, what it did to each justice and to satisfaction."""

    what: str
    amount: str
    distributive: str
    procedural: str
    interactional: str
    satisfaction: str
    way: str  # up, down, none
    at_best: str
    why: tuple[Why, ...]
    also: tuple[int, ...] = ()  # numbers of the further sentences that it rests on


@dataclass(frozen=True, slots=True)
class Note:
    """A finding in the margin."""

    level: str
    level_words: str
    icon: str
    reason: str
    suggestion: str
    authority: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence, with the gravest finding on it."""

    text: str
    level: str


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence and its margin."""

    number: int
    pieces: tuple[Piece, ...]
    did: tuple[Did, ...]
    nothing_more: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One public word on the page."""

    nth: int | None  # its number in the picture
    at: int
    author: str
    author_words: str
    letter: bool
    text: str
    rows: tuple[Row, ...]
    whole: tuple[Did, ...]  # of the message as a whole
    nothing_more: str
    total: Did | None
    read_alike: bool | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the picture, and its row in the table behind."""

    number: int
    at: int
    words: str
    satisfaction: str
    change: str
    who: str  # desk, customer, deed
    x: float
    y: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the customer felt over time, at one width."""

    key: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    path: str
    moments: tuple[Moment, ...]
    x_ticks: tuple[tuple[Tick, str], ...]
    y_ticks: tuple[tuple[Tick, str], ...]
    usual: float


@dataclass(frozen=True, slots=True)
class Beside:
    """One measure here and there."""

    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the difference, and how much of what carries it is assumed."""

    name: str
    effect: str
    assumed: str


# ---------------------------------------------------------------- the page


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
    log = account.held.standing.log
    points = [point for point in told.points if not QUIET.issuperset(point.names)]
    numbered = {place: n for n, point in enumerate(points, 1) for place in point.events}
    return {
        "language": case.language,
        "playbook": account.held.setting.playbook,
        "playbook_title": in_language(account.held.setting.playbook.title),
        "felt": _felt(told.felt),
        "untouched": _felt(told.untouched),
        "usual": signed(E.usual.satisfaction, 1),
        "to_come": [say(wording.KIND, kind) for kind in account.to_come if kind not in ("reminder", "close", "survey")],
        "words": [_spoken(word, numbered.get(word.seq)) for word in told.words],
        "deeds": [_did(line) for line in told.deeds],
        "given": [_did(line) for line in told.given],
        "parts": [(say(PART, part), _did_of(say(PART, part), "", effect)) for part, effect in told.parts.items()],
        "drawings": [_drawing(told, points, log, "broad", BROAD), _drawing(told, points, log, "slim", SLIM)],
        "other_title": in_language(there.playbook.title),
        "other": there.playbook,
        "beside": list(_beside(account.outcome, there.outcome)),
        "difference": signed(there.difference.difference.estimate or 0.0, 2),
        "shares": [
            Share(say(PART, one.key), signed(one.effect, 2), percent(one.marks["assumed"]) if one.marks else NOTHING)
            for one in there.difference.parts
        ],
        "switches": _switches_words(told.switches),
        "switched": [
            (say(SWITCH, one.name), signed(one.satisfaction, 2), percent(one.repurchase)) for one in told.switched
        ],
        "weights": [_why(one) for one in told.weights],
        "coefficients": [_why(one) for one in _used(told)],
    }  # fmt: skip


def _felt(felt: Felt) -> dict[str, str]:
    return {
        "distributive": signed(felt.distributive, 2),
        "procedural": signed(felt.procedural, 2),
        "interactional": signed(felt.interactional, 2),
        "satisfaction": signed(felt.satisfaction, 2),
        "cumulative": signed(felt.cumulative, 2),
        "repurchase": percent(felt.repurchase),
    }


# ---------------------------------------------------------------- words


def _spoken(word: Word, nth: int | None) -> Spoken:
    told, silent = _split(word.lines)
    return Spoken(
        nth=nth,
        at=word.at,
        author=word.author,
        author_words=say(wording.AUTHOR, word.author),
        letter=word.letter,
        text=word.text,
        rows=tuple(_row(n, sentence, word.text) for n, sentence in enumerate(word.sentences, 1)),
        whole=tuple(_did(line) for line in told),
        nothing_more=_list(silent),
        total=None if word.effect is None else _did_of(_("This message"), "", word.effect),
        read_alike=word.read_alike,
    )


def _row(n: int, sentence: Sentence, text: str) -> Row:
    told, silent = _split(sentence.lines)
    return Row(
        number=n,
        pieces=_pieces(sentence, text),
        did=tuple(_did(line) for line in told),
        nothing_more=_list(silent),
        notes=tuple(_note(one) for one in sentence.findings),
    )


def _split(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """What did something, and what was there already."""
    told: list[Line] = []
    silent: list[Line] = []
    for line in lines:
        (silent if line.effect.none else told).append(line)
    return told, silent


def _list(lines: Sequence[Line]) -> str:
    return " · ".join(say(WHAT, line.what) for line in lines)


def _pieces(sentence: Sentence, text: str) -> tuple[Piece, ...]:
    """The sentence cut where a finding begins or ends. Of several on one stretch the gravest shows."""
    inside = [(max(f.start, sentence.start), min(f.end, sentence.end), f.severity) for f in sentence.findings]
    # One that spans the whole sentence speaks in the margin; underlining everything would point at nothing.
    inside = [one for one in inside if one[0] < one[1] and one[:2] != (sentence.start, sentence.end)]
    cuts = sorted({sentence.start, sentence.end, *(edge for one in inside for edge in one[:2])})
    return tuple(Piece(text[a:b], _gravest(a, b, inside)) for a, b in pairwise(cuts))


def _gravest(start: int, end: int, inside: Sequence[tuple[int, int, str]]) -> str:
    here = {severity for a, b, severity in inside if a <= start and end <= b}
    return next((level for level in (ERROR, ADVICE, "good") if level in here), "")


def _note(finding: Finding) -> Note:
    return Note(
        level=finding.severity,
        level_words=say(LEVEL, finding.severity),
        icon=LEVEL_ICON[finding.severity],
        reason=in_language(finding.reason),
        suggestion=finding.suggestion or "",
        authority=finding.authority or "",
    )


# ---------------------------------------------------------------- numbers


def _did(line: Line) -> Did:
    return _did_of(
        say(WHAT, line.what),
        _amount(line),
        line.effect,
        at_best="" if line.at_best is None else signed(line.at_best.satisfaction, 2),
        why=tuple(_why(one) for one in line.why),
        also=tuple(n + 1 for n in line.sentences[1:]),
    )


def _did_of(what: str, amount: str, effect: Effect, **more: Any) -> Did:
    s = round(effect.satisfaction or effect.cumulative, 2)
    return Did(
        what=what,
        amount=amount,
        distributive=_moved(effect.distributive),
        procedural=_moved(effect.procedural),
        interactional=_moved(effect.interactional),
        satisfaction=signed(effect.satisfaction, 2),
        way="up" if s > 0 else "down" if s < 0 else "none",
        **{"at_best": "", "why": (), **more},
    )


def _moved(value: float) -> str:
    return signed(value, 2) if round(value, 2) else ""


def _amount(line: Line) -> str:
    """How much of it there was, in its own unit."""
    match line.what:
        case (
            "empathy" | "listening" | "concrete" | "ownership" | "register" | "voice" | "remedy" | "severity" | "match"
        ):
            return percent(line.value)
        case "first_reply" | "resolution":
            return time(line.value * 3600)
        case "ng" | "hand_offs" | "re_contacts" | "repeated_apology":
            return number(line.value)
    return ""


def _why(one: Number) -> Why:
    value = number(one.value, 2 if abs(one.value) < 10 else 0) if isinstance(one.value, int | float) else str(one.value)
    source = _("no source") if one.source == "none" else one.source
    return Why(one.name, f"{value} {one.unit}".strip(), one.mark, say(MARK, one.mark), source)


def _used(told: Debrief) -> list[Number]:
    """Every coefficient that a line of the page rests on, once."""
    lines = [*told.deeds, *told.given]
    for word in told.words:
        lines += [*word.lines, *(line for sentence in word.sentences for line in sentence.lines)]
    found = {one.name: one for one in (*told.weights, *(one for line in lines for one in line.why))}
    return sorted(found.values(), key=lambda one: one.name)


def _switches_words(switches: Switches) -> list[str]:
    return [
        _("speed acts on buying again by itself (TARP)")
        if switches.speed_model == "tarp"
        else _("speed acts through procedural justice alone (meta-analyses)"),
        _("a letter has a bonus of its own") if switches.letter else _("a letter has no bonus of its own"),
        _("a gift has a bonus of its own") if switches.gift else _("a gift has no bonus of its own"),
    ]


# ---------------------------------------------------------------- over time


def _drawing(told: Debrief, points: Sequence[Point], log: Sequence[Event], key: str, size: tuple[int, int]) -> Drawing:
    width, height = size
    left, right, top, bottom = 44.0, width - 16.0, 30.0, height - 46.0
    start = log[0].at
    # Time is logarithmic, as waiting is felt; the first instant has no logarithm and stands at the left edge.
    across = time_scale([max(60, at - start) for at, _s in told.curve], start=left, end=right)
    values = [s for _at, s in told.curve] + [0.0, float(E.usual.satisfaction)]
    low, high = min(values) - 0.2, max(values) + 0.2
    up = Scale(low, high, bottom, top)

    def x(at: int) -> float:
        return across.at(max(at - start, across.low))

    line = " ".join(f"{x(at)},{up.at(s)}" for at, s in told.curve)
    whole = [value for value in range(-4, 5) if low <= value <= high]
    return Drawing(
        key, width, height, left, right, top, bottom,
        path=f"M{line.replace(' ', 'L')}",
        moments=_moments(points, log, x, up),
        x_ticks=tuple((tick, time(tick.value)) for tick in time_ticks(across)),
        y_ticks=tuple((Tick(up.at(value), value), signed(value, 0)) for value in whole),
        usual=up.at(float(E.usual.satisfaction)),
    )  # fmt: skip


def _moments(points: Sequence[Point], log: Sequence[Event], x: Any, up: Scale) -> tuple[Moment, ...]:
    found: list[Moment] = []
    before, last_label = None, -100.0
    for n, point in enumerate(points, 1):
        place = x(point.at)
        labelled = place - last_label >= LABEL_GAP
        last_label = place if labelled else last_label
        found.append(
            Moment(
                number=n,
                at=point.at,
                words=" · ".join(dict.fromkeys(_came(log[i]) for i in point.events)),
                satisfaction=signed(point.satisfaction, 2),
                change="" if before is None else signed(point.satisfaction - before, 2),
                who=_who([log[i] for i in point.events]),
                x=place,
                y=up.at(point.satisfaction),
                labelled=labelled,
            )
        )
        before = point.satisfaction
    return tuple(found)


def _came(event: Event) -> str:
    if event.name != "comment.created":
        return say(CAME, event.name)
    return _("Words of: {who}").format(who=say(wording.AUTHOR, event.actor))


def _who(events: Sequence[Event]) -> str:
    spoken = {event.actor for event in events if event.name == "comment.created"}
    if spoken - {"customer"}:
        return "desk"
    return "customer" if spoken or events[0].name.startswith("customer.") else "deed"


# ---------------------------------------------------------------- under the other playbook


def _beside(here: Outcome, there: Outcome) -> Iterable[Beside]:
    def both(name: str, write: Any) -> Beside:
        return Beside(name, write(here), write(there))

    def score(value: int | None) -> str:
        return NOTHING if value is None else number(value)

    def span(value: int | None) -> str:
        return NOTHING if value is None else time(value)

    def yes(value: bool | None) -> str:
        return (
            NOTHING
            if value is None
            else (pgettext("answer in a table", "yes") if value else pgettext("answer in a table", "no"))
        )

    yield both(_("Satisfaction S of the model"), lambda one: signed(one.satisfaction, 2))
    yield both(_("Long-term satisfaction C of the model"), lambda one: signed(one.cumulative, 2))
    yield both(_("CSAT answered, 1–5"), lambda one: score(one.csat))
    yield both(_("CES answered, 1–7"), lambda one: score(one.ces))
    yield both(_("NPS answered, 0–10"), lambda one: score(one.nps))
    yield both(_("Accepted the apology"), lambda one: yes(one.accepted))
    yield both(_("Bought again"), lambda one: yes(one.repurchased))
    yield both(_("First human reply after"), lambda one: span(one.human_reply.calendar))
    yield both(_("Solved after"), lambda one: span(one.resolution.calendar))
    yield both(_("Public replies of a person"), lambda one: number(one.replies))
    yield both(_("Agent’s work"), lambda one: span(one.agent_seconds))
