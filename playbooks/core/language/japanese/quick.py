"""Regular expressions made quick: what each must begin with is asked first, and what a text lacks is never searched for.

`re` tries every alternative of a long list at every character. A lookahead for the few characters with which a match
can begin refuses most places at once, and a rule none of whose literals stand in a text need not be tried at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST_LITERALS = 120  # a rule that could rest on more is simply tried

_ZERO_WIDTH = (op.ASSERT, op.ASSERT_NOT, op.AT)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def quick(sources: str | Iterable[str]) -> re.Pattern[str]:
    """The same matches as the plain expression of these alternatives, found sooner."""
    source = sources if isinstance(sources, str) else "|".join(sources)
    first, empty = _first(list(parser.parse(source)))
    if first is None or empty or not first:
        return re.compile(source)
    flag = "(?m)" if source.startswith("(?m)") else ""
    return re.compile(f"{flag}(?=[{''.join(sorted(first))}])(?:{source.removeprefix(flag)})")


def literals(source: str) -> tuple[str, ...]:
    """Texts one of which stands in every match; none where that cannot be told."""
    found = _needed(list(parser.parse(source)))
    return tuple(sorted(found)) if found and len(found) <= MOST_LITERALS else ()


def _first(items: Sequence[Any]) -> tuple[set[str] | None, bool]:
    """The characters with which a match can begin, as parts of a set (None: any), and whether it can be empty."""
    found: set[str] = set()
    for kind, what in items:
        if kind in _ZERO_WIDTH:
            continue
        here, empty = _first_of(kind, what)
        if here is None:
            return None, False
        found |= here
        if not empty:
            return found, False
    return found, True


def _first_of(kind: Any, what: Any) -> tuple[set[str] | None, bool]:
    if kind is op.LITERAL:
        return {re.escape(chr(what))}, False
    if kind is op.IN:
        return _listed(what), False
    if kind is op.SUBPATTERN:
        return _first(what[-1])
    if kind in _REPEATS:
        here, empty = _first(what[2])
        return here, empty or what[0] == 0
    if kind is op.BRANCH:
        every = [_first(branch) for branch in what[1]]
        known = [here for here, _ in every if here is not None]
        if len(known) < len(every):
            return None, False
        return set().union(*known), any(empty for _, empty in every)
    return None, False


def _listed(items: Sequence[Any]) -> set[str] | None:
    found: set[str] = set()
    for kind, what in items:
        if kind is op.LITERAL:
            found.add(re.escape(chr(what)))
        elif kind is op.RANGE:
            found.add(f"{re.escape(chr(what[0]))}-{re.escape(chr(what[1]))}")
        else:
            return None
    return found


def _needed(items: Sequence[Any]) -> set[str] | None:
    """Of all that a sequence cannot do without, what is rarest by its length."""
    best: set[str] | None = None
    run = ""
    for kind, what in [*items, (None, None)]:
        if kind is op.LITERAL:
            run += chr(what)
            continue
        for one in ({run} if run else None, _needed_of(kind, what)):
            if one and (best is None or (min(map(len, one)), -len(one)) > (min(map(len, best)), -len(best))):
                best = one
        run = ""
    return best


def _needed_of(kind: Any, what: Any) -> set[str] | None:
    if kind is op.SUBPATTERN:
        return _needed(what[-1])
    if kind in _REPEATS and what[0] > 0:
        return _needed(what[2])
    if kind is op.IN:
        characters = [chr(code) for kind, code in what if kind is op.LITERAL]
        return set(characters) if len(characters) == len(what) <= 12 else None
    if kind is op.BRANCH:
        every = [_needed(branch) for branch in what[1]]
        known = [one for one in every if one]
        return set().union(*known) if len(known) == len(every) else None
    return None
