"""Sentences of a text by their offsets, and which of them a fact rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playbooks.core.language.finding import ERROR, Reading

_SENTENCE = re.compile(r"(?:[^\n。！？!?.]|\.(?!\s|$|[」』”’\"')）]))*(?:[。！？!?.]+[」』”’\"')）]*|\n|$)")


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


def resting_on(what: str, reading: Reading | None, spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The sentences of which reading says that this is in them."""
    if reading is None:
        return ()
    if what == "ng":
        starts = [one.start for one in reading.findings if one.severity == ERROR]
    else:
        starts = [one.start for one in reading.evidence if one.fact == what]
    return tuple(sorted({sentence_at(start, spans) for start in starts})) if spans else ()


def sentence_at(offset: int, spans: Sequence[tuple[int, int]]) -> int:
    return max((n for n, (start, _) in enumerate(spans) if start <= offset), default=0)
