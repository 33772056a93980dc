"""What helped most and what cost most: the first thing to read of a debrief."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playbooks.core.debrief.shapes import Debrief, Line

MOST = 3
LEAST = 0.005  # what rounds to nothing is not worth a line


@dataclass(frozen=True, slots=True)
class Telling:
    """One line and where it stands: a word and a sentence in it, or a deed."""

    line: Line
    gain: float  # of satisfaction
    seq: int | None = None  # place of the word in the log
    sentence: int | None = None  # None: the message as a whole
    short: bool = False  # what it cost that it was not done at once


def most(told: Debrief) -> tuple[tuple[Telling, ...], tuple[Telling, ...]]:
    """The three things that helped most and the three that cost most, the largest first."""
    found = sorted(_all(told), key=lambda one: -one.gain)
    helped = [one for one in found if one.gain >= LEAST]
    cost = [one for one in reversed(found) if one.gain <= -LEAST]
    return tuple(helped[:MOST]), tuple(cost[:MOST])


def _all(told: Debrief) -> Iterator[Telling]:
    for word in told.words:
        for line in word.lines:
            yield Telling(line, line.effect.satisfaction, word.seq)
        for n, sentence in enumerate(word.sentences):
            for line in sentence.lines:
                yield Telling(line, line.effect.satisfaction, word.seq, n)
    for line in told.deeds:
        yield Telling(line, line.effect.satisfaction)
        if line.at_best is not None:
            yield Telling(line, line.effect.satisfaction - line.at_best.satisfaction, short=True)
