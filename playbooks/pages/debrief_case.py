"""What the case asked for, in words: its traps, the remedy that was right and why, whom to bring in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from playbooks.core.debrief import Asked
from playbooks.core.pressure import HELD, NONE, Conduct
from playbooks.pages import wording
from playbooks.pages.reading import language
from playbooks.pages.wording import Words, say

STATE: Words = {
    "fallen": pgettext_lazy("what became of a trap", "Fallen into"),
    "avoided": pgettext_lazy("what became of a trap", "Avoided"),
    "not_met": pgettext_lazy("what became of a trap", "Did not come up"),
    "unseen": pgettext_lazy("what became of a trap", "Only a person can tell"),
}
STATE_ICON = {"fallen": "x-mark", "avoided": "check", "not_met": "minus", "unseen": "eye"}
ORDER = tuple(STATE_ICON)


MET: Words = {
    "held": lazy("The customer pressed, and the desk held its line."),
    "yielded": lazy("The desk gave in to pressure. Whoever gets something by it comes back for more."),
    "accused": lazy("A limit was set to a customer who had pressed nobody. That is an insult to a fair complaint."),
    "unanswered": lazy("The customer pressed, and nobody named a limit or brought in a second person."),
}
FIRST: Words = {
    "limit_at": lazy("Limit named"),
    "handed_over_at": lazy("Handed over"),
    "ended_at": lazy("Contact ended"),
    "yielded_at": lazy("Gave in"),
    "accused_at": lazy("Limit without a reason"),
}


@dataclass(frozen=True, slots=True)
class ConductShown:
    """How pressure was met."""

    held: bool
    verdict: str
    moments: tuple[tuple[str, int], ...]
    due: str  # what became of what the customer was owed all the same


@dataclass(frozen=True, slots=True)
class TextIn:
    """A text with the language it stands in, where that is not the reader's."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class TrapShown:
    name: str  # empty where the text says it all
    text: TextIn
    state: str
    state_words: str
    icon: str
    links: tuple[tuple[str, str], ...]  # address on the page, number of the sentence


@dataclass(frozen=True, slots=True)
class RightShown:
    kind: str
    law: TextIn
    general: str  # the law in short in the reader's language, where the ticket has another
    given: bool


@dataclass(frozen=True, slots=True)
class AskedShown:
    """The section as the template takes it."""

    traps: tuple[TrapShown, ...]
    remedies: tuple[RightShown, ...]
    remedy: str  # right, other, none
    verdict: str
    escalate: str
    escalation: TextIn | None
    escalated: bool


def asked_shown(asked: Asked, numbers: Mapping[int, int]) -> AskedShown:
    """`numbers`: of each word by its place in the log."""
    traps = sorted(asked.traps, key=lambda trap: ORDER.index(trap.state))
    return AskedShown(
        traps=tuple(
            TrapShown(
                name="" if trap.kind == "other" else _in(trap.name).text,
                text=_in(trap.text),
                state=trap.state,
                state_words=say(STATE, trap.state),
                icon=STATE_ICON[trap.state],
                links=tuple((f"#s-{numbers[seq]}-{n + 1}", f"{numbers[seq]}.{n + 1}") for seq, n in trap.places),
            )
            for trap in traps
        ),
        remedies=tuple(
            RightShown(
                kind=say(wording.REMEDY, one.kind),
                law=_in({asked.language: one.law}),
                general=_in(one.general).text if one.general and asked.language != language() else "",
                given=one.given,
            )
            for one in asked.remedies
        ),
        remedy=asked.remedy,
        verdict=_verdict(asked),
        escalate=say(wording.HANDED_TO, asked.escalation.to) if asked.escalation else "",
        escalation=_in(asked.escalation.text) if asked.escalation else None,
        escalated=asked.escalation is not None and asked.escalation.done,
    )


def conduct_shown(conduct: Conduct) -> ConductShown | None:
    """Nothing where nobody pressed and nobody was accused."""
    if conduct.verdict == NONE:
        return None
    moments = [(str(words), getattr(conduct, name)) for name, words in FIRST.items()]
    return ConductShown(
        held=conduct.verdict == HELD,
        verdict=say(MET, conduct.verdict),
        moments=tuple(sorted(((words, at) for words, at in moments if at is not None), key=lambda one: one[1])),
        due=_("What was due was given all the same.") if conduct.verdict == HELD and conduct.remedied else "",
    )


def _verdict(asked: Asked) -> str:
    given = ", ".join(dict.fromkeys(say(wording.REMEDY, kind) for kind in asked.given))
    if asked.remedy == "right":
        return _("Given: {remedy}. That was right here.").format(remedy=given)
    if asked.remedy == "other":
        return _("Given: {remedy}. Another remedy was right here.").format(remedy=given)
    return _("No remedy was given. This one was right:")


def _in(texts: Mapping[str, str]) -> TextIn:
    """In the reader's language, else in the one there is."""
    own = language()
    if texts.get(own):
        return TextIn(texts[own], "")
    other = next((key for key, text in texts.items() if text), own)
    return TextIn(texts.get(other, ""), other)
