"""Patterns over words, as rules write them: `返金 は|が? できる ます ぬ !です`.

Terms are separated by spaces and match one word each, in order. A term is one or more alternatives (`|`), each one or
more conditions (`&`): a word by its surface, dictionary form or normalized form; `=見` by surface alone; `:動詞` by
part of speech; `/未然形` by conjugated form; `%五段` by conjugation type; `@firm` by word set; `*` any word; `~` before
a condition turns it round.
`?` after a term makes it optional, `!` before it says that the next word must not be so, `..` (`..3`) stands for up to
eight (three) words, `^` and `$` for the beginning and the end of a sentence. No term repeats, so matching is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from playbooks.core.language.japanese.tokens import Lexeme, Word
from playbooks.core.language.japanese.vocabulary import word_set
from tickets.errors import Invalid

WIDEST_GAP = 8
_GAP = re.compile(r"\.\.(\d{1,2})?")
# Words of nearly every sentence: a pattern is looked for by another word of its own, if it has one.
_EVERYWHERE = frozenset("の に を は が て で 御 お ます する 為る た です だ も と から いたす 致す".split())
_STOPS = frozenset("。！？!?")


@dataclass(slots=True)
class Term:
    """One word of a pattern, or what stands between two."""

    alternatives: tuple[tuple[str, ...], ...] = ()
    optional: bool = False
    forbidden: bool = False
    gap: int = 0
    edge: str = ""  # '^' or '$'
    answers: dict[int, bool] = field(default_factory=dict)

    def fits(self, lexeme: Lexeme) -> bool:
        answer = self.answers.get(lexeme.number)
        if answer is None:
            if len(self.answers) > 20_000:
                self.answers.clear()
            answer = any(all(_holds(test, lexeme) for test in every) for every in self.alternatives)
            self.answers[lexeme.number] = answer
        return answer

    @property
    def plain(self) -> bool:
        return not (self.optional or self.forbidden or self.gap or self.edge)

    def triggers(self) -> frozenset[str] | None:
        """Words one of which must stand here, if they can be listed."""
        found: set[str] = set()
        for every in self.alternatives:
            listed = [_listed(test) for test in every]
            known = [words for words in listed if words]
            if not known:
                return None
            found |= min(known, key=len)
        return frozenset(found)


def _listed(test: str) -> frozenset[str]:
    if test[0] in ":/%*~":
        return frozenset()
    if test[0] == "@":
        return word_set(test[1:])
    return frozenset({test.removeprefix("=")})


def _holds(test: str, lexeme: Lexeme) -> bool:
    mark, rest = test[0], test[1:]
    if mark == ":":
        return lexeme.pos.startswith(rest)
    if mark == "/":
        return lexeme.form.startswith(rest)
    if mark == "%":
        return lexeme.kind.startswith(rest)
    if mark == "@":
        words = word_set(rest)
        return lexeme.surface in words or lexeme.base in words or lexeme.norm in words
    if mark == "~":
        return not _holds(rest, lexeme)
    if mark == "*":
        return True
    if mark == "=":
        return lexeme.surface == rest
    return test in (lexeme.surface, lexeme.base, lexeme.norm)


@dataclass(slots=True)
class Pattern:
    """A compiled pattern. It is tried only where one of its `triggers` stands, `lead` words after its beginning."""

    source: str
    terms: tuple[Term, ...]
    triggers: frozenset[str]
    lead: int

    def match(self, words: Sequence[Word], start: int) -> int | None:
        """The place after the last word, when the pattern fits at `start`."""
        return _follow(self.terms, 0, words, start)


def _follow(terms: Sequence[Term], at: int, words: Sequence[Word], place: int) -> int | None:
    while at < len(terms):
        term = terms[at]
        if term.edge:
            if term.edge == "^" and place != 0:
                return None
            if term.edge == "$" and place < len(words) and words[place].surface[-1] not in _STOPS:
                return None
        elif term.gap:
            for skipped in range(min(term.gap, len(words) - place) + 1):
                end = _follow(terms, at + 1, words, place + skipped)
                if end is not None:
                    return end
            return None
        elif term.forbidden:
            if place < len(words) and term.fits(words[place].lexeme):
                return None
        elif place < len(words) and term.fits(words[place].lexeme):
            if term.optional:
                end = _follow(terms, at + 1, words, place + 1)
                if end is not None:
                    return end
            else:
                place += 1
        elif not term.optional:
            return None
        at += 1
    return place


def compiled(source: str, *, where: str = "pattern") -> Pattern:
    """A pattern from its text. What cannot be found by a word is refused: it would be tried everywhere."""
    terms = tuple(_term(part, where) for part in source.split())
    if sum(1 for term in terms if term.gap) > 3:
        raise Invalid("too_many_gaps", "A pattern has at most three gaps.", field=where)
    lead, best = 0, None
    for term in terms:
        if term.edge == "^" or term.forbidden:
            continue
        if not term.plain:
            break
        triggers = term.triggers()
        if triggers and (best is None or best[0] & _EVERYWHERE):
            best = (triggers, lead)
        lead += 1
    if best is not None:
        return Pattern(source, terms, *best)
    raise Invalid("pattern_without_word", f"'{source}' names no word near its beginning.", field=where)


def _term(part: str, where: str) -> Term:
    if part in ("^", "$"):
        return Term(edge=part)
    gap = _GAP.fullmatch(part)
    if gap:
        width = int(gap[1] or WIDEST_GAP)
        if not 1 <= width <= 12:
            raise Invalid("gap_too_wide", "A gap is 1 to 12 words wide.", field=where)
        return Term(gap=width)
    forbidden, optional = part.startswith("!"), part.endswith("?") and part != "?"
    core = part[1:] if forbidden else part
    core = core[:-1] if optional else core
    alternatives = tuple(tuple(every.split("&")) for every in core.split("|"))
    for every in alternatives:
        for test in every:
            if not test.lstrip("~") or test.lstrip("~") in (":", "/", "%", "@", "="):
                raise Invalid("pattern_term", f"'{part}' is not a term.", field=where)
            if test.lstrip("~")[0] == "@":
                word_set(test.lstrip("~")[1:])
    return Term(alternatives=alternatives, optional=optional, forbidden=forbidden)


class PatternIndex:
    """Many patterns looked for at once: only those whose word stands in the sentence are tried at all."""

    def __init__(self, patterns: Iterable[tuple[str, Pattern]]) -> None:
        self._by_word: dict[str, list[tuple[str, Pattern]]] = {}
        for key, pattern in patterns:
            for word in pattern.triggers:
                self._by_word.setdefault(word, []).append((key, pattern))
        self._of_lexeme: dict[int, tuple[tuple[str, Pattern], ...]] = {}

    def _candidates(self, lexeme: Lexeme) -> tuple[tuple[str, Pattern], ...]:
        found = self._of_lexeme.get(lexeme.number)
        if found is None:
            if len(self._of_lexeme) > 50_000:
                self._of_lexeme.clear()
            unique: dict[int, tuple[str, Pattern]] = {}
            for word in {lexeme.surface, lexeme.base, lexeme.norm}:
                unique.update((id(entry[1]), entry) for entry in self._by_word.get(word, ()))
            found = self._of_lexeme[lexeme.number] = tuple(unique.values())
        return found

    def matches(self, words: Sequence[Word]) -> list[tuple[str, int, int]]:
        """(key, first word, place after the last word), in the order of the text."""
        found = []
        known = self._of_lexeme.get
        for place, word in enumerate(words):
            candidates = known(word.lexeme.number)
            if candidates is None:
                candidates = self._candidates(word.lexeme)
            for key, pattern in candidates:
                start = place - pattern.lead
                if start >= 0:
                    end = _follow(pattern.terms, 0, words, start)
                    if end is not None and end > place:
                        found.append((key, start, end))
        return found


def any_matches(patterns: Iterable[Pattern], words: Sequence[Word]) -> bool:
    return any(
        pattern.match(words, start) is not None for pattern in patterns for start in range(len(words))
    )  # fmt: skip
