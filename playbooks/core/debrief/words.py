"""What each word of the desk did: every fact credited once, to who said it first; to a repetition what it adds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from playbooks.core.customer.experience import (
    Experience,
    experience_of,
    facts_of,
    is_customers_word,
    is_letter,
    is_public,
)
from playbooks.core.customer.satisfaction import Feelings
from playbooks.core.debrief.handling import Handling, less
from playbooks.core.debrief.sentences import in_sentences, resting_on, sentence_at
from playbooks.core.debrief.shapes import Line, Sentence, Word
from playbooks.core.facts import COMPONENTS
from playbooks.core.language.finding import Reading
from tickets.log import AGENT, BOT, CUSTOMER, Event

SHARES = ("empathy", "listening", "concrete", "ownership")

TOLD = ("interim_report", "letter", "check_in", "prevention")  # deeds that words alone do

SAYABLE = (*(f"apology.{part}" for part in COMPONENTS), *SHARES, "voice", "ng", *(f"deeds.{deed}" for deed in TOLD))

NEUTRAL: dict[str, Any] = {"voice": 0.5, "ng": 0, "register": 0.0, **dict.fromkeys(SHARES, 0.0)}


def words_of(view: Handling, texts: Sequence[str], readings: Mapping[int, Reading], rules: str = "") -> Iterator[Word]:
    """Each public word. `rules`: the version of the list of rules by which texts are read now."""
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
            yield _word(view, i, text_of[i], by_word.get(i, ()), readings.get(i), rules)


def _word(view: Handling, i: int, text: str, lines: Sequence[Line], reading: Reading | None, rules: str) -> Word:
    event = view.log[i]
    spans = in_sentences(text)
    placed = [replace(line, sentences=resting_on(line.what, reading, spans)) for line in lines]
    findings = reading.findings if reading is not None else ()
    return Word(
        seq=i,
        at=event.at,
        author=event.actor,
        text=text,
        letter=is_letter(event),
        sentences=tuple(
            Sentence(
                *span,
                lines=tuple(line for line in placed if line.sentences[:1] == (n,)),
                findings=tuple(one for one in findings if sentence_at(one.start, spans) == n),
            )
            for n, span in enumerate(spans)
        ),
        lines=tuple(line for line in placed if not line.sentences),
        effect=less(_stripped_from(view, i + 1), _stripped_from(view, i)),
        read_alike=_read_alike(event, reading),
        rules_changed=facts_of(event).get("rules", rules) != rules,
    )


def _read_alike(event: Event, reading: Reading | None) -> bool | None:
    if reading is None or event.actor != AGENT:
        return None
    return _said(reading.facts.to_dict()) == _said(facts_of(event))


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What of a message's facts is found by reading."""
    told = {name: _amount(facts, name) for name in (*SAYABLE, "register") if name != "deeds.letter"}
    return {name: round(value, 6) for name, value in told.items() if value != NEUTRAL.get(name, 0)}


def _lines_by_word(view: Handling) -> dict[int, list[Line]]:
    """For each word of the desk, each fact it brought that the customer did not have yet, or that counts again."""
    found: dict[int, list[Line]] = {}
    spoken = view.spoken()
    for i in view.toned():
        effect = less(view.feel(_toned_until(view, view.lived, i + 1)), view.feel(_toned_until(view, view.lived, i)))
        found.setdefault(i, []).append(view.line("register", _amount(facts_of(view.log[i]), "register"), effect))
    for what in SAYABLE:
        having = [i for i in spoken if _has(view.log[i], what)]
        for i in having:
            effect = less(_without(view, what, i + 1), _without(view, what, i))
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


def _without(view: Handling, what: str, place: int) -> Feelings:
    """The end, had nobody said this from that place of the log on."""
    return view.feels_with([_omit(event, what) if i >= place else event for i, event in enumerate(view.log)])


def _omit(event: Event, what: str) -> Event:
    if not is_public(event) or event.actor == CUSTOMER or not _has(event, what):
        return event
    facts = dict(facts_of(event))
    group, _, item = what.partition(".")
    facts[group] = [one for one in facts[group] if one != item] if item else NEUTRAL[what]
    return replace(event, data={**event.data, "facts": facts})


def _stripped_from(view: Handling, place: int) -> Feelings:
    """The end, had all words from that place on said nothing: they came, but empty, and nobody minded their tone."""
    log = [_emptied(event, later=i > place) if i >= place else event for i, event in enumerate(view.log)]
    return view.feel(_toned_until(view, experience_of(view.case, log, until=view.at), place))


def _toned_until(view: Handling, lived: Experience, place: int) -> Experience:
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
