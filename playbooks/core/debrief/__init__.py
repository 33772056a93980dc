"""After the work: what each sentence and each deed on a ticket did to the customer, as the model has it.

Every line is taken by itself: what the customer would feel at the end of the log without it, against what they do
feel. A fact that is said again is credited to whoever said it first; a repetition with what it adds. So a text sent
twice does nothing the second time. As the equations bend, the lines need not add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from playbooks.core.attribution import OFF, switchings
from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.customer.persona import Persona
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.debrief.coefficients import WHY, weights
from playbooks.core.debrief.course import curve_of, points_of
from playbooks.core.debrief.deeds import deeds_of, given_of
from playbooks.core.debrief.handling import Handling, felt_of, untouched
from playbooks.core.debrief.most import Telling, most
from playbooks.core.debrief.sentences import in_sentences
from playbooks.core.debrief.shapes import (
    Debrief,
    Effect,
    Felt,
    Line,
    Number,
    Point,
    Sentence,
    Switched,
    Word,
    plain,
)
from playbooks.core.debrief.traps import Asked, asked_of
from playbooks.core.debrief.words import words_of
from playbooks.core.language.finding import Reading
from tickets.log import Log

__all__ = [
    "WHY", "Asked", "Debrief", "Effect", "Felt", "Line", "Number", "Point", "Sentence", "Switched", "Telling", "Word",
    "asked_of", "debrief", "in_sentences", "most", "plain",
]  # fmt: skip


def debrief(
    case: Case,
    persona: Persona,
    log: Log,
    texts: Sequence[str],
    readings: Mapping[int, Reading] | None = None,
    *,
    until: int | None = None,
    switches: Switches = DEFAULT,
    rules: str = "",
) -> Debrief:
    """Look back on a ticket. `texts`: of each comment, in the order of the log; `readings`: by place in the log.

    `rules`: the version of the list of rules of the readings.
    """
    at = log[-1].at if until is None else until
    view = Handling(case, persona.traits, tuple(log), at, switches)
    return Debrief(
        until=at,
        switches=switches,
        untouched=felt_of(view.feel(untouched(view.lived))),
        felt=felt_of(view.end),
        words=tuple(words_of(view, texts, readings or {}, rules)),
        deeds=tuple(deeds_of(view)),
        given=tuple(given_of(view)),
        parts={part: view.brought(**off) for part, off in OFF.items()},
        points=points_of(view),
        curve=curve_of(view),
        weights=weights(case),
        switched=tuple(_switched(view)),
    )


def _switched(view: Handling) -> Iterator[Switched]:
    for name, switches in switchings(view.switches):
        felt = feelings(view.lived, view.who, switches)
        yield Switched(name, float(felt.satisfaction), float(felt.repurchase))
