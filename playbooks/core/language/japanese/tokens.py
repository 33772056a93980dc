"""Words of a Japanese text with their offsets: SudachiPy behind one door, sentences, and what stands in quotation marks.

A tokenizer must not be shared between threads (two at once and one of them dies): each thread has its own, made in
microseconds from one dictionary of the process, which is opened at first use.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

# SudachiPy refuses input of more than 49,149 bytes, and one lattice over a whole page only costs time.
PIECE = 1_000
LONGEST_SENTENCE = 150  # words; what goes on longer is read in parts, so that no sentence costs without bound
_OUT_OF_DICTIONARY = 0xFFFF_FFFF
_REMEMBERED = 50_000

_opening = threading.Lock()
_dictionary: Any = None
_of_thread = threading.local()


class Lexeme(NamedTuple):
    """What the dictionary knows of a word, shared by all its occurrences."""

    surface: str
    base: str  # dictionary form: いただい → いただく
    norm: str  # normalized form: いただく → 頂く
    pos: str  # part of speech, joined with '-'
    form: str  # conjugated form (連用形-一般), or '*'
    kind: str  # conjugation type (五段-カ行), or '*'
    number: int  # of its own in the process, for tables keyed by word


@dataclass(slots=True)
class Word:
    """One word where it stands. `quoted` words are somebody else's."""

    lexeme: Lexeme
    start: int
    end: int
    quoted: bool = False

    @property
    def surface(self) -> str:
        return self.lexeme.surface

    @property
    def base(self) -> str:
        return self.lexeme.base

    @property
    def norm(self) -> str:
        return self.lexeme.norm

    @property
    def pos(self) -> str:
        return self.lexeme.pos

    def is_a(self, *names: str) -> bool:
        lexeme = self.lexeme
        return lexeme.base in names or lexeme.norm in names or lexeme.surface in names


@dataclass(slots=True)
class Sentence:
    """Words from one full stop or line break to the next. `line` counts lines of the text that hold anything."""

    words: list[Word]
    start: int
    end: int
    line: int
    alone: bool = False  # the only sentence of its line


_known: dict[int, Lexeme] = {}
_unknown: dict[tuple[str, int], Lexeme] = {}
_numbers = iter(range(1 << 60))


def _open() -> Any:
    global _dictionary
    with _opening:
        if _dictionary is None:
            from sudachipy import Dictionary  # at first use: whoever never reads Japanese does not load 40 MB

            _dictionary = Dictionary(dict="small")
    return _dictionary


def _tokenizer() -> Any:
    tokenizer = getattr(_of_thread, "tokenizer", None)
    if tokenizer is None:
        tokenizer = _of_thread.tokenizer = _open().create()
    return tokenizer


def _lexeme(morpheme: Any) -> Lexeme:
    word_id = morpheme.word_id()
    if word_id != _OUT_OF_DICTIONARY:
        lexeme = _known.get(word_id)
        if lexeme is None:
            if len(_known) >= _REMEMBERED:
                _known.clear()
            lexeme = _known[word_id] = _read(morpheme)
        return lexeme
    key = (morpheme.surface(), morpheme.part_of_speech_id())
    lexeme = _unknown.get(key)
    if lexeme is None:
        if len(_unknown) >= _REMEMBERED:
            _unknown.clear()
        lexeme = _unknown[key] = _read(morpheme)
    return lexeme


def _read(morpheme: Any) -> Lexeme:
    pos = morpheme.part_of_speech()
    return Lexeme(
        surface=morpheme.surface(),
        base=morpheme.dictionary_form(),
        norm=morpheme.normalized_form(),
        pos="-".join(part for part in pos[:4] if part != "*"),
        form=pos[5],
        kind=pos[4],
        number=next(_numbers),
    )


def words_of(text: str, offset: int = 0) -> list[Word]:
    """The words of one line, white space left out."""
    found = []
    tokenizer = _tokenizer()
    for at, piece in _pieces(text):
        for morpheme in tokenizer.tokenize(piece):
            lexeme = _lexeme(morpheme)
            if lexeme.pos != "空白":
                found.append(Word(lexeme, offset + at + morpheme.begin(), offset + at + morpheme.end()))
    return found


def _pieces(line: str) -> Iterator[tuple[int, str]]:
    """A long line in parts, each ending at a full stop where there is one."""
    at = 0
    while at < len(line):
        end = at + PIECE
        if end < len(line):
            end = (line.rfind("。", at, end) + 1) or end
        yield at, line[at:end]
        at = end


_STOPS = frozenset("。！？!?．")
_OPENING = {"「": "」", "『": "』", "“": "”", "《": "》"}
_CLOSING = frozenset(_OPENING.values())
_LINE = re.compile(r"[^\r\n]+")


def quotations(text: str) -> list[tuple[int, int]]:
    """Stretches in quotation marks that close again on their line, outermost first; mail quotes (> …) are whole lines."""
    found = []
    for line in _LINE.finditer(text):
        if line.group().lstrip(" 　").startswith((">", "＞")):
            found.append(line.span())
        else:
            found.extend(_quoted_in_line(line.group(), line.start()))
    return found


def _quoted_in_line(line: str, offset: int) -> Iterator[tuple[int, int]]:
    """Pairs found with one stack, so that a line of ten thousand opening marks costs no more than any other."""
    open_marks: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place, mark in enumerate(line):
        if mark in _OPENING:
            open_marks.append(place)
        elif mark in _CLOSING:
            while open_marks and _OPENING[line[open_marks[-1]]] != mark:
                open_marks.pop()
            if open_marks:
                pairs.append((open_marks.pop(), place + 1))
    end = 0
    for start, closing in sorted(pairs):
        if start >= end:
            yield offset + start, offset + closing
            end = closing


# Control and invisible marks are nobody's words; in bulk they cost the tokenizer seconds.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def sentences_of(text: str) -> list[Sentence]:
    """All sentences of a text, with what is quoted marked as such. A full stop inside a quotation ends no sentence."""
    text = _INVISIBLE.sub(" ", text)
    spans = quotations(text)
    found: list[Sentence] = []
    following = 0
    for number, line in enumerate(_LINE.finditer(text)):
        words = words_of(line.group(), line.start())
        for word in words:
            while following < len(spans) and spans[following][1] <= word.start:
                following += 1
            word.quoted = following < len(spans) and spans[following][0] <= word.start
        of_line = list(_cut(words, number))
        if len(of_line) == 1:
            of_line[0].alone = True
        found.extend(of_line)
    return found


def _cut(words: list[Word], line: int) -> Iterator[Sentence]:
    current: list[Word] = []
    for place, word in enumerate(words):
        current.append(word)
        ends = (word.surface[-1] in _STOPS and not word.quoted) or len(current) >= LONGEST_SENTENCE
        if ends and not (place + 1 < len(words) and words[place + 1].surface[-1] in _STOPS):
            yield Sentence(current, current[0].start, current[-1].end, line)
            current = []
    if current:
        yield Sentence(current, current[0].start, current[-1].end, line)


def warm() -> None:
    """Opens the dictionary and reads one sentence, so that the first reader does not wait for it."""
    sentences_of("この度はご迷惑をおかけし、誠に申し訳ございません。")
