"""After the work: what each sentence and each deed on a ticket did to the customer, as the model has it.

Every line is taken by itself: what the customer would feel at the end of the log without it, against what they do
feel. A fact that is said again is credited to whoever said it first; a repetition with what it adds. So a text sent
twice does nothing the second time. As the equations bend, the lines need not add up to the whole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from playbooks.core.attribution import OFF, switchings
from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import (
    Experience,
    experience_of,
    facts_of,
    is_customers_word,
    is_firms_word,
    is_letter,
    is_public,
    visible,
)
from playbooks.core.customer.persona import Persona, Traits
from playbooks.core.customer.satisfaction import Feelings, feelings
from playbooks.core.facts import COMPONENTS
from playbooks.core.language.finding import ERROR, Finding, Reading
from tickets.log import AGENT, BOT, CUSTOMER, Event, Log

SHARES = ("empathy", "listening", "concrete", "ownership")
TOLD = ("interim_report", "letter", "check_in", "prevention")  # deeds that words alone do
SAYABLE = (*(f"apology.{part}" for part in COMPONENTS), *SHARES, "voice", "ng", *(f"deeds.{deed}" for deed in TOLD))
NEUTRAL: dict[str, Any] = {"voice": 0.5, "ng": 0, "register": 0.0, **dict.fromkeys(SHARES, 0.0)}
TOGETHER = ("deeds.interim_report", "apology.explanation")  # each helps; together, while one waits, they backfire
CURVE_POINTS = 40
_NOTHING = 1e-9
_SENTENCE = re.compile(r"(?:[^\n。！？!?.]|\.(?!\s|$|[」』”’\"')）]))*(?:[。！？!?.]+[」』”’\"')）]*|\n|$)")

# The coefficients that a line rests on; the weights of the three justices in satisfaction come on top, everywhere.
WHY: dict[str, tuple[str, ...]] = {
    **{
        f"apology.{part}": (f"apology.{part}", "ij.apology", "dj.apology", "culture.apology") for part in COMPONENTS
    },
    "empathy": ("ij.empathy",),
    "listening": ("ij.listening",),
    "concrete": ("ij.concrete",),
    "ownership": ("ij.ownership",),
    "register": ("ij.register",),
    "voice": ("pj.voice", "culture.voice"),
    "ng": ("ij.ng", "ij.ng_most"),
    "deeds.interim_report": ("pj.update", "pj.updates_most", "pj.updates_too_many"),
    "deeds.letter": ("culture.letter", "ij.letter_prompt_h", "ij.letter_late_h", "ij.letter_late"),
    "deeds.check_in": ("ij.follow_up", "ij.follow_up_first_day", "ij.follow_up_last_day", "ij.follow_up_other"),
    "deeds.prevention": ("cumulative.prevention", "lasting.quality_improvement.build_days"),
    "acknowledged": ("waiting.acknowledged",),
    "first_reply": ("pj.first_reply", "culture.speed"),
    "resolution": ("pj.resolution", "waiting.resolution"),
    "remedy": ("dj.compensation", "culture.compensation", "compensation.delay_days"),
    "match": ("compensation.match_credit", "compensation.match_other"),
    "conditional": ("dj.conditional",),
    "gift": ("culture.gift", "culture.gift_sd", "dj.gift_early"),
    "hand_offs": ("pj.hand_off",),
    "re_contacts": ("pj.re_contact",),
    "broken_promise": ("apology.broken_promise", "patience.promise_grace_s"),
    "repeated_apology": ("apology.second", "apology.third", "apology.courtesy"),
    "bot_only": ("ij.bot_only",),
    "updates_and_explained": ("ij.updates_and_explained",),
    "severity": ("satisfaction.severity",),
    "second_failure": ("satisfaction.second_failure", "apology.second"),
    "person": ("satisfaction.person_sd", "satisfaction.ticket_sd"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """What something added to each feeling; negative where it took away."""

    distributive: float
    procedural: float
    interactional: float
    satisfaction: float
    cumulative: float

    @property
    def none(self) -> bool:
        return all(abs(value) < _NOTHING for value in asdict(self).values())


@dataclass(frozen=True, slots=True)
class Number:
    """A coefficient as it applies to this customer, with where it comes from."""

    name: str
    value: Any
    unit: str
    source: str
    mark: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and what it did. `value`: how much of it there was; `at_best`: what it could have added."""

    what: str
    value: float
    effect: Effect
    why: tuple[Number, ...]
    sentences: tuple[int, ...] = ()  # those that it rests on; none: the message as a whole
    at_best: Effect | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence by its offsets, the lines that rest on it first of all, and the findings that begin in it."""

    start: int
    end: int
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One public word. The customer's own stand there for the context, without lines."""

    seq: int  # place in the log, from 0
    at: int
    author: str
    text: str
    letter: bool
    sentences: tuple[Sentence, ...] = ()
    lines: tuple[Line, ...] = ()  # of the message as a whole
    effect: Effect | None = None  # of all it says together
    read_alike: bool | None = None  # whether reading it now gives what reached the customer; None: not read


@dataclass(frozen=True, slots=True)
class Point:
    """How content the customer was at one moment, and what of the log they saw then."""

    at: int
    satisfaction: float
    names: tuple[str, ...]
    events: tuple[int, ...]  # places in the log


@dataclass(frozen=True, slots=True)
class Switched:
    """The end under one setting of the model's switches."""

    name: str
    satisfaction: float
    repurchase: float


@dataclass(frozen=True, slots=True)
class Felt:
    """The equations' answer at one moment."""

    distributive: float
    procedural: float
    interactional: float
    satisfaction: float
    cumulative: float
    repurchase: float


@dataclass(frozen=True, slots=True)
class Debrief:
    """One ticket looked back on, as it stands at `until`."""

    until: int
    switches: Switches
    untouched: Felt  # had nobody done anything at all
    felt: Felt
    words: tuple[Word, ...]
    deeds: tuple[Line, ...]  # time, remedy, gift and what went wrong
    given: tuple[Line, ...]  # what nobody at the desk could change
    parts: Mapping[str, Effect]  # speed, words, remedy, letter, gift: each switched off by itself
    points: tuple[Point, ...]
    curve: tuple[tuple[int, float], ...]  # between the points: what waiting does
    weights: tuple[Number, ...]  # of the three justices in satisfaction
    switched: tuple[Switched, ...]

    def to_dict(self) -> dict[str, Any]:
        return dict(plain(asdict(self)))


def debrief(
    case: Case,
    persona: Persona,
    log: Log,
    texts: Sequence[str],
    readings: Mapping[int, Reading] | None = None,
    *,
    until: int | None = None,
    switches: Switches = DEFAULT,
) -> Debrief:
    """Look back on a ticket. `texts`: of each comment, in the order of the log; `readings`: by place in the log."""
    at = log[-1].at if until is None else until
    view = _View(case, persona.traits, tuple(log), at, switches)
    return Debrief(
        until=at,
        switches=switches,
        untouched=_felt(view.feel(_untouched(view.lived))),
        felt=_felt(view.end),
        words=tuple(_words(view, texts, readings or {})),
        deeds=tuple(_deeds(view)),
        given=tuple(_given(view)),
        parts={part: view.brought(**off) for part, off in OFF.items()},
        points=_points(view),
        curve=_curve(view),
        weights=_weights(case),
        switched=tuple(_switched(view)),
    )


def in_sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, without the space around it."""
    found = []
    for match in _SENTENCE.finditer(text):
        piece = match.group()
        body = piece.strip()
        if body:
            start = match.start() + len(piece) - len(piece.lstrip())
            found.append((start, start + len(body)))
    return found


# ---------------------------------------------------------------- one thing less


@dataclass
class _View:
    """The log of one case, and what the customer would feel were it another."""

    case: Case
    who: Traits
    log: tuple[Event, ...]
    at: int
    switches: Switches

    def __post_init__(self) -> None:
        self.lived = experience_of(self.case, self.log, until=self.at)
        self.end = self.feel(self.lived)

    def feel(self, lived: Experience, who: Traits | None = None) -> Feelings:
        return feelings(lived, who or self.who, self.switches)

    def brought(self, **without: Any) -> Effect:
        """What the handling owes to something: as it is, less as it would be with these changes."""
        return _less(self.end, self.feel(replace(self.lived, **without)))

    def feels_with(self, log: Sequence[Event]) -> Feelings:
        return self.feel(experience_of(self.case, log, until=self.at))

    def spoken(self) -> list[int]:
        """Places of the desk's public words."""
        return [i for i, event in enumerate(self.log) if is_public(event) and event.actor != CUSTOMER]

    def toned(self) -> list[int]:
        """Places of the words that have a tone."""
        return [i for i, e in enumerate(self.log) if e.at <= self.at and is_firms_word(e) and e.actor != BOT]

    def numbers(self, what: str) -> tuple[Number, ...]:
        return _numbers(WHY[what], self.case)

    def line(self, what: str, value: float, effect: Effect, **more: Any) -> Line:
        why = self.numbers(what)
        if what in ("first_reply", "resolution"):
            curve = E.waiting.curve[self.case.channel]
            why += _numbers((f"waiting.{curve}.median_h", f"waiting.{curve}.shape"), self.case)
        if what in TOGETHER and self.lived.updates and self.lived.explained_waiting:
            why += self.numbers("updates_and_explained")
        return Line(what, float(value), effect, why, **more)


def _numbers(names: Iterable[str], case: Case) -> tuple[Number, ...]:
    """Coefficients by name; of a table by profile, channel or currency the one that applies."""
    found = []
    for name in names:
        one = E.why(name)
        value = one.value
        if isinstance(value, Mapping):
            value = next(value[key] for key in (case.profile, case.channel, case.currency) if key in value)
        found.append(Number(name, value, one.unit, one.source, one.mark, one.note))
    return tuple(found)


def _less(these: Feelings, those: Feelings) -> Effect:
    return Effect(
        distributive=_difference(these.dj, those.dj),
        procedural=_difference(these.pj, those.pj),
        interactional=_difference(these.ij, those.ij),
        satisfaction=_difference(these.satisfaction, those.satisfaction),
        cumulative=_difference(these.cumulative, those.cumulative),
    )


def _difference(here: Any, there: Any) -> float:
    gap = float(here) - float(there)
    return gap if abs(gap) > _NOTHING else 0.0


def _felt(felt: Feelings) -> Felt:
    return Felt(*map(float, (felt.dj, felt.pj, felt.ij, felt.satisfaction, felt.cumulative, felt.repurchase)))


def _untouched(lived: Experience) -> Experience:
    """The same loss, and a desk that does nothing."""
    off = {name: value for part in OFF.values() for name, value in part.items()}
    return replace(lived, **off, heard=0.0, resolved=0.0, bot_only=False, hand_offs=0)


# ---------------------------------------------------------------- words


def _words(view: _View, texts: Sequence[str], readings: Mapping[int, Reading]) -> Iterator[Word]:
    comments = [i for i, event in enumerate(view.log) if event.name == "comment.created"]
    text_of = dict(zip(comments, texts, strict=True))
    by_word = _lines_by_word(view)
    for i in comments:
        event = view.log[i]
        if not is_public(event):
            continue
        if is_customers_word(event):
            yield Word(i, event.at, event.actor, text_of[i], letter=False)
        else:
            yield _word(view, i, text_of[i], by_word.get(i, ()), readings.get(i))


def _word(view: _View, i: int, text: str, lines: Sequence[Line], reading: Reading | None) -> Word:
    spans = in_sentences(text)
    placed = [replace(line, sentences=_resting_on(line.what, reading, spans)) for line in lines]
    findings = reading.findings if reading is not None else ()
    return Word(
        seq=i,
        at=view.log[i].at,
        author=view.log[i].actor,
        text=text,
        letter=is_letter(view.log[i]),
        sentences=tuple(
            Sentence(
                *span,
                lines=tuple(line for line in placed if line.sentences[:1] == (n,)),
                findings=tuple(one for one in findings if _sentence_at(one.start, spans) == n),
            )
            for n, span in enumerate(spans)
        ),
        lines=tuple(line for line in placed if not line.sentences),
        effect=_less(_stripped_from(view, i + 1), _stripped_from(view, i)),
        read_alike=None if reading is None else _said(reading.facts.to_dict()) == _said(facts_of(view.log[i])),
    )


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What of a message's facts is found by reading."""
    told = {name: _amount(facts, name) for name in (*SAYABLE, "register") if name != "deeds.letter"}
    return {name: round(value, 6) for name, value in told.items() if value != NEUTRAL.get(name, 0)}


def _lines_by_word(view: _View) -> dict[int, list[Line]]:
    """For each word of the desk, each fact it brought that the customer did not have yet, or that counts again."""
    found: dict[int, list[Line]] = {}
    spoken = view.spoken()
    for i in view.toned():
        effect = _less(view.feel(_toned_until(view, view.lived, i + 1)), view.feel(_toned_until(view, view.lived, i)))
        found.setdefault(i, []).append(view.line("register", _amount(facts_of(view.log[i]), "register"), effect))
    for what in SAYABLE:
        having = [i for i in spoken if _has(view.log[i], what)]
        for i in having:
            effect = _less(_without(view, what, i + 1), _without(view, what, i))
            found.setdefault(i, []).append(view.line(what, _amount(facts_of(view.log[i]), what), effect))
    if view.lived.acknowledged:
        first = next(i for i in spoken if view.log[i].actor == BOT)
        found.setdefault(first, []).append(view.line("acknowledged", 1, view.brought(acknowledged=False)))
    return found


def _amount(facts: Mapping[str, Any], what: str) -> float:
    group, _, item = what.partition(".")
    if item:
        return float(item in facts.get(group, ()))
    return float(facts.get(what, NEUTRAL[what]))


def _has(event: Event, what: str) -> bool:
    return bool(_amount(facts_of(event), what) != NEUTRAL.get(what, 0))


def _without(view: _View, what: str, place: int) -> Feelings:
    """The end, had nobody said this from that place of the log on."""
    return view.feels_with([_omit(event, what) if i >= place else event for i, event in enumerate(view.log)])


def _omit(event: Event, what: str) -> Event:
    if not is_public(event) or event.actor == CUSTOMER or not _has(event, what):
        return event
    facts = dict(facts_of(event))
    group, _, item = what.partition(".")
    facts[group] = [one for one in facts[group] if one != item] if item else NEUTRAL[what]
    return replace(event, data={**event.data, "facts": facts})


def _stripped_from(view: _View, place: int) -> Feelings:
    """The end, had all words from that place on said nothing: they came, but empty, and nobody minded their tone."""
    log = [_emptied(event, later=i > place) if i >= place else event for i, event in enumerate(view.log)]
    return view.feel(_toned_until(view, experience_of(view.case, log, until=view.at), place))


def _toned_until(view: _View, lived: Experience, place: int) -> Experience:
    """With the register of the words before that place: as a mean it is not lowered by a word that is left out."""
    tones = [_amount(facts_of(view.log[i]), "register") for i in view.toned() if i < place]
    return replace(lived, register=math.fsum(tones) / len(tones) if tones else 0.0)


def _emptied(event: Event, *, later: bool) -> Event:
    if not is_public(event) or event.actor == CUSTOMER:
        return event
    # Of later words the deeds stay: this one did not do them.
    kept = ("promise_at", "asks", "deeds") if later or event.actor != AGENT else ("promise_at", "asks")
    facts = {name: value for name, value in facts_of(event).items() if name in kept}
    return replace(event, data={**event.data, "facts": facts})


def _resting_on(what: str, reading: Reading | None, spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The sentences of which reading says that this is in them."""
    if reading is None:
        return ()
    if what == "ng":
        starts = [one.start for one in reading.findings if one.severity == ERROR]
    else:
        starts = [one.start for one in reading.evidence if one.fact == what]
    return tuple(sorted({_sentence_at(start, spans) for start in starts})) if spans else ()


def _sentence_at(offset: int, spans: Sequence[tuple[int, int]]) -> int:
    return max((n for n, (start, _) in enumerate(spans) if start <= offset), default=0)


# ---------------------------------------------------------------- deeds, times, and what was given


def _deeds(view: _View) -> Iterator[Line]:
    yield from _times(view)
    yield from _goods(view)
    yield from _troubles(view)


def _times(view: _View) -> Iterator[Line]:
    x = view.lived
    first = view.brought(first_h=math.inf)
    at_once = _less(view.feel(replace(x, first_h=0.0)), view.feel(replace(x, first_h=math.inf)))
    yield view.line("first_reply", x.first_h, first, at_best=at_once)
    solved = view.brought(resolution_h=math.inf)
    at_once = _less(view.feel(replace(x, resolution_h=0.0)), view.feel(replace(x, resolution_h=math.inf)))
    yield view.line("resolution", x.resolution_h, solved, at_best=at_once)


def _goods(view: _View) -> Iterator[Line]:
    x = view.lived
    if any(event.name == "remedy.given" for event in view.log):
        yield view.line("remedy", x.ratio, view.brought(**{**OFF["remedy"], "conditional": x.conditional}))
        if x.match < 1:
            yield view.line("match", x.match, view.brought(match=1.0))
        if x.conditional:
            yield view.line("conditional", 1, view.brought(conditional=False))
    if x.gift:
        yield view.line("gift", x.gift, view.brought(gift=0))


def _troubles(view: _View) -> Iterator[Line]:
    x = view.lived
    if x.hand_offs:
        yield view.line("hand_offs", x.hand_offs, view.brought(hand_offs=0))
    if x.re_contacts:
        yield view.line("re_contacts", x.re_contacts, view.brought(re_contacts=0))
    if x.broken_promise:
        yield view.line("broken_promise", 1, view.brought(broken_promise=False))
    if x.apology_nth > view.case.failure_number:
        yield view.line("repeated_apology", x.apology_nth, view.brought(apology_nth=view.case.failure_number))
    if x.bot_only:
        yield view.line("bot_only", 1, view.brought(bot_only=False))
    if x.updates and x.explained_waiting:
        yield view.line("updates_and_explained", x.updates, view.brought(explained_waiting=False))


def _given(view: _View) -> Iterator[Line]:
    x = view.lived
    yield view.line("severity", x.severity, view.brought(severity=0.5))
    if x.failure_number > 1:
        yield view.line("second_failure", x.failure_number, view.brought(failure_number=1, apology_nth=1))
    drawn = replace(view.who, noise=0.0, cumulative_noise=0.0)
    yield view.line("person", view.who.noise, _less(view.end, view.feel(x, drawn)))


def _weights(case: Case) -> tuple[Number, ...]:
    dj, ij = ("dj", "ij") if case.monetary else ("dj_other_loss", "ij_other_loss")
    return _numbers((f"satisfaction.{dj}", "satisfaction.pj", f"satisfaction.{ij}"), case)


def _switched(view: _View) -> Iterator[Switched]:
    for name, switches in switchings(view.switches):
        felt = feelings(view.lived, view.who, switches)
        yield Switched(name, float(felt.satisfaction), float(felt.repurchase))


# ---------------------------------------------------------------- over time


def _points(view: _View) -> tuple[Point, ...]:
    """One point for each moment at which something reached the customer."""
    places = {id(event): i for i, event in enumerate(view.log)}
    moments: dict[int, list[Event]] = {}
    for event in visible(view.log, until=view.at):
        moments.setdefault(event.at, []).append(event)
    return tuple(
        Point(
            at,
            _satisfaction_at(view, at),
            tuple(event.name for event in events),
            tuple(places[id(event)] for event in events),
        )
        for at, events in moments.items()
    )


def _curve(view: _View) -> tuple[tuple[int, float], ...]:
    """Satisfaction while time passes: evenly on a logarithmic axis, with every moment at which something came."""
    start = view.log[0].at
    span = max(view.at - start, 1)
    waits = {round(span ** (n / CURVE_POINTS)) for n in range(CURVE_POINTS + 1)}
    moments = sorted({start + wait for wait in waits} | {event.at for event in visible(view.log, until=view.at)})
    found: list[tuple[int, float]] = []
    for at in moments:
        if at - 1 > start and any(event.at == at for event in view.log):
            found.append((at - 1, _satisfaction_at(view, at - 1)))  # just before, so that it shows as a step
        found.append((at, _satisfaction_at(view, at)))
    return tuple(found)


def _satisfaction_at(view: _View, at: int) -> float:
    known = [event for event in view.log if event.at <= at]
    return float(view.feel(experience_of(view.case, known, until=at)).satisfaction)


def plain(value: Any) -> Any:
    """JSON knows no infinity: what never came is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
