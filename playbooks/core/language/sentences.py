"""A text as the rules see it: cleaned, cut into sentences, with quoted speech hidden and every offset kept.

Hidden characters (zero width, control) and decomposed Hangul would let a word slip past every rule, so they are
taken out before reading; `Text.origin` leads each offset back to what the writer sees.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

HIDDEN = "￼"  # stands for one character of quoted speech

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_QUOTED = re.compile(
    r"「[^」\n]{1,2000}」|『[^』\n]{1,2000}』|“[^”\n]{1,2000}”|‘[^’\n]{1,2000}’|«[^»\n]{1,2000}»|\"[^\"\n]{1,2000}\""
    r"|(?<![^\s(])'[^'\n]{1,2000}'(?![A-Za-z])|^[ \t]{0,9}>[^\n]{0,2000}",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One stretch of the masked text, without the space around it."""

    index: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """`clean` is what was written; in `masked` quoted speech is hidden. Both have the same offsets."""

    clean: str
    masked: str
    sentences: tuple[Sentence, ...]
    origin: tuple[tuple[int, int], ...] | None  # of each character its stretch of the source; None: unchanged
    starts: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the source, from offsets in the clean text."""
        if self.origin is None:
            return start, end
        return self.origin[start][0], self.origin[max(end - 1, start)][1]

    def sentence_at(self, offset: int) -> Sentence | None:
        index = bisect_right(self.starts, offset) - 1
        return self.sentences[index] if index >= 0 else None


def prepared(source: str, boundary: re.Pattern[str]) -> Text:
    """The text ready for rules; `boundary` matches what ends a sentence, up to and with its last character."""
    clean, origin = cleaned(source)
    masked = _QUOTED.sub(lambda found: HIDDEN * len(found[0]), clean)
    sentences: list[Sentence] = []
    start = 0
    for end in (*(found.end() for found in boundary.finditer(masked)), len(masked)):
        piece = masked[start:end]
        body = piece.strip()
        if body:
            first = start + len(piece) - len(piece.lstrip())
            sentences.append(Sentence(len(sentences), first, first + len(body), body))
        start = end
    return Text(clean, masked, tuple(sentences), origin, tuple(s.start for s in sentences))


def cleaned(source: str) -> tuple[str, tuple[tuple[int, int], ...] | None]:
    """Without unseen characters and with Hangul composed, and where each character came from (None: unchanged)."""
    if not _UNSEEN.search(source) and unicodedata.is_normalized("NFC", source):
        return source, None
    characters: list[str] = []
    origin: list[tuple[int, int]] = []
    for start, end in _clusters(source):
        composed = unicodedata.normalize("NFC", _UNSEEN.sub("", source[start:end]))
        characters.append(composed)
        origin.extend([(start, end)] * len(composed))
    return "".join(characters), tuple(origin)


def _clusters(source: str) -> list[tuple[int, int]]:
    """A base character with the marks, vowels and finals that compose with it; at most 16 together."""
    clusters: list[tuple[int, int]] = []
    start = 0
    for index in range(1, len(source) + 1):
        joins = index < len(source) and index - start < 16 and _composes(source[index])
        if not joins:
            clusters.append((start, index))
            start = index
    return clusters


def _composes(character: str) -> bool:
    return "\u1160" <= character <= "\u11ff" or unicodedata.combining(character) != 0
