"""What was said, sentence by sentence, with notes in the margin: findings, and what each sentence did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from playbooks.core.debrief import Sentence, Word
from playbooks.core.language.finding import ADVICE, ERROR, Finding
from playbooks.pages import wording
from playbooks.pages.debrief_lines import Did, did, did_of, names_of, split
from playbooks.pages.reading import in_language
from playbooks.pages.wording import Words, say

LEVEL: Words = {
    "error": lazy("Wrong"),
    "advice": lazy("Better"),
    "good": lazy("Good"),
}
LEVEL_ICON = {"error": "x-mark", "advice": "light-bulb", "good": "check"}


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

    nth: int  # its number in the picture
    seq: int  # its place in the log
    at: int
    author: str
    author_words: str
    letter: bool
    text: str
    rows: tuple[Row, ...]
    whole: tuple[Did, ...]  # of the message as a whole
    nothing_more: str
    total: Did | None
    read_otherwise: bool  # today's rules read it otherwise than those by which it was settled
    open: bool  # what the desk sends by itself is folded


def spoken(word: Word, nth: int) -> Spoken:
    told, silent = split(word.lines)
    return Spoken(
        nth=nth,
        seq=word.seq,
        at=word.at,
        author=word.author,
        author_words=say(wording.AUTHOR, word.author),
        letter=word.letter,
        text=word.text,
        rows=tuple(_row(n, sentence, word.text) for n, sentence in enumerate(word.sentences, 1)),
        whole=tuple(did(line) for line in told),
        nothing_more=names_of(silent),
        total=None if word.effect is None else did_of(_("This message"), "", word.effect),
        read_otherwise=word.rules_changed and word.read_alike is False,
        open=word.author == "agent" or word.letter,
    )


def _row(n: int, sentence: Sentence, text: str) -> Row:
    told, silent = split(sentence.lines)
    return Row(
        number=n,
        pieces=_pieces(sentence, text),
        did=tuple(did(line) for line in told),
        nothing_more=names_of(silent),
        notes=tuple(_note(one) for one in sentence.findings),
    )


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
