"""Words of a Japanese text with their offsets: SudachiPy behind one door, sentences, and what stands in quotation marks.

A tokenizer must not be shared between threads (two at once and one of them dies): each thread has its own, made in
microseconds from one dictionary of the process, which is opened at first use.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

# SudachiPy refuses input of more than 49,149 bytes, and one lattice over a whole page only costs time.
PIECE = 1_000
LONGEST_SENTENCE = 150  # words; what goes on longer is read in parts, so that no sentence costs without bound
_OUT_OF_DICTIONARY = 0xFFFF_FFFF
_REMEMBERED = 50_000
_REMEMBERED_SENTENCES = 4_000
_memories: WeakSet[Memory[Any]] = WeakSet()

Found = TypeVar("Found")

_opening = threading.Lock()
_opened: list[Any] = []
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
    group: str  # first part of `pos`
    stops: bool  # 。 and the like
    blank: bool  # white space


class Word:
    """One word where it stands. `quoted` words are somebody else's.

    A page has a thousand of them, each asked dozens of times: plain slots, filled from the lexeme once.
    """

    __slots__ = ("base", "end", "lexeme", "norm", "pos", "quoted", "start", "surface")

    def __init__(self, lexeme: Lexeme, start: int, end: int) -> None:
        self.lexeme = lexeme
        self.surface, self.base, self.norm, self.pos, _, _, _, _, _, _ = lexeme
        self.start = start
        self.end = end
        self.quoted = False


@dataclass(slots=True)
class Sentence:
    """Words from one full stop or line break to the next. `line` counts lines of the text that hold anything."""

    words: list[Word]
    start: int
    end: int
    line: int
    own: list[Word] = field(default_factory=list)  # its words without what is quoted
    key: tuple[int, ...] = ()  # the same for every sentence of the same own words
    markers: set[str] | None = None  # once they have been asked for (courtesy.py), and how well each level fits them
    share: list[float] | None = None

    def __post_init__(self) -> None:
        self.own = self.words
        if any(word.quoted for word in self.words):
            self.own = [word for word in self.words if not word.quoted]
        self.key = tuple([word.lexeme.number for word in self.own])


_known: dict[int | tuple[str, int], Lexeme] = {}
_numbers = iter(range(1 << 60))


def _open() -> Any:
    """The dictionary of the process, opened by the first that needs it: whoever reads no Japanese loads no 40 MB."""
    with _opening:
        if not _opened:
            from sudachipy import Dictionary

            _opened.append(Dictionary(dict="small"))
    return _opened[0]


def _cutter() -> tuple[Any, Any]:
    """The tokenizer of the thread, and the list that it fills anew for each piece."""
    cutter: tuple[Any, Any] | None = getattr(_of_thread, "cutter", None)
    if cutter is None:
        tokenizer = _open().create()
        cutter = _of_thread.cutter = (tokenizer, tokenizer.tokenize(""))
    return cutter


def _rare(morpheme: Any) -> Lexeme:
    """A word that has not been met yet, or one that no dictionary knows (numbers, names)."""
    word_id = morpheme.word_id()
    key = (morpheme.surface(), morpheme.part_of_speech_id()) if word_id == _OUT_OF_DICTIONARY else word_id
    lexeme = _known.get(key)
    if lexeme is None:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        lexeme = _known[key] = _read(morpheme)
    return lexeme


def _read(morpheme: Any) -> Lexeme:
    pos = morpheme.part_of_speech()
    surface = morpheme.surface()
    return Lexeme(
        surface=surface,
        base=morpheme.dictionary_form(),
        norm=morpheme.normalized_form(),
        pos="-".join(part for part in pos[:4] if part != "*"),
        form=pos[5],
        kind=pos[4],
        number=next(_numbers),
        group=pos[0],
        stops=surface[-1:] in _STOPS,
        blank=pos[0] == "空白",
    )


def words_of(text: str, offset: int = 0) -> list[Word]:
    """The words of one line, white space left out."""
    found = []
    for at, piece in _pieces(text):
        base = offset + at
        found += [Word(lexeme, base + start, base + end) for lexeme, start, end in _cut_piece(piece)]
    return found


@lru_cache(maxsize=4_000)
def _cut_piece(piece: str) -> list[tuple[Lexeme, int, int]]:
    """A page is read again at every pause in typing, and most of its lines have not changed."""
    found = []
    tokenizer, cut = _cutter()
    known = _known.get
    start = 0
    for morpheme in tokenizer.tokenize(piece, out=cut):
        lexeme = known(morpheme.word_id()) or _rare(morpheme)
        end = morpheme.end()
        if not lexeme.blank:
            found.append((lexeme, start, end))
        start = end  # one word begins where another ended
    return found


class Memory(Generic[Found]):
    """What was found out about a sentence of these words, wherever it stands; a full memory begins anew."""

    def __init__(self) -> None:
        self.found: dict[Any, Found] = {}
        _memories.add(self)

    def of(self, key: Any, find: Callable[[], Found]) -> Found:
        found = self.found.get(key)
        if found is None:
            if len(self.found) >= _REMEMBERED_SENTENCES:
                self.found.clear()
            found = self.found[key] = find()
        return found


def forget() -> None:
    """Every line and sentence is new again: for measuring."""
    _cut_piece.cache_clear()
    for memory in list(_memories):
        memory.found.clear()


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
_QUOTING = re.compile("[「『“《>＞]")
_BRACKET = re.compile("[「『“《」』”》]")
_LINE = re.compile(r"[^\r\n]+")


def quotations(text: str) -> list[tuple[int, int]]:
    """Stretches in quotation marks that close again on their line, outermost first; mail quotes (> …) are whole lines."""
    found = []
    if not _QUOTING.search(text):
        return []
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
    for bracket in _BRACKET.finditer(line):
        place, mark = bracket.start(), bracket.group()
        if mark in _OPENING:
            open_marks.append(place)
        else:
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
        for word in words if spans else ():
            while following < len(spans) and spans[following][1] <= word.start:
                following += 1
            word.quoted = following < len(spans) and spans[following][0] <= word.start
        found.extend(_cut(words, number))
    return found


def _cut(words: list[Word], line: int) -> Iterator[Sentence]:
    begin, last = 0, len(words) - 1
    for place, word in enumerate(words):
        if not word.lexeme.stops and place - begin + 1 < LONGEST_SENTENCE:
            continue
        if (not word.quoted or place - begin + 1 >= LONGEST_SENTENCE) and not (
            place < last and words[place + 1].lexeme.stops
        ):
            yield Sentence(words[begin : place + 1], words[begin].start, word.end, line)
            begin = place + 1
    if begin <= last:
        yield Sentence(words[begin:], words[begin].start, words[-1].end, line)


def warm() -> None:
    """Opens the dictionary and reads one sentence, so that the first reader does not wait for it."""
    sentences_of("この度はご迷惑をおかけし、誠に申し訳ございません。")
