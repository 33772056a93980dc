"""Words and grammar of one language as data: `words.toml` holds lists, `grammar.toml` patterns with slots for them.

An entry of grammar.toml is a list of alternatives. A slot {name} stands for any word of that list, for another entry,
or, if it is a Hangul consonant, for any syllable that ends in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from playbooks.core.language.rules import syllables

_SLOT = re.compile(r"\{([a-z_]{3,20}|[ㄱ-ㅎ])\}")


_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_ANCHOR = re.compile(r"\\Z|(?<!\[)\^|\$(?!£)")


class _Searches(dict[str, Callable[[str], re.Match[str] | None]]):
    """The search of each entry, bound once: sentences ask for them thousands of times in a text."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def __missing__(self, name: str) -> Callable[[str], re.Match[str] | None]:
        self[name] = self._grammar(name).search
        return self[name]


class Grammar:
    """The two files of a folder, read at first use."""

    def __init__(self, folder: Path, *, apostrophe: str = "’") -> None:
        self._folder = folder
        self._apostrophe = apostrophe  # what ’ of the file stands for
        self._compiled: dict[str, re.Pattern[str]] = {}
        self._free: dict[str, bool] = {}

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(values) for name, values in self._read("words.toml").items()}

    @cached_property
    def entries(self) -> dict[str, list[str]]:
        return self._read("grammar.toml")

    def _read(self, name: str) -> dict[str, list[str]]:
        return tomllib.loads((self._folder / name).read_text("utf-8"))

    def __call__(self, name: str) -> re.Pattern[str]:
        """An entry of grammar.toml, its slots filled."""
        pattern = self._compiled.get(name)
        if pattern is None:
            pattern = self._compiled[name] = re.compile(self._spelled(name).replace("’", self._apostrophe))
        return pattern

    @cached_property
    def _searches(self) -> _Searches:
        return _Searches(self)

    def has(self, name: str, text: str) -> bool:
        return self._searches[name](text) is not None

    def free_of_place(self, name: str) -> bool:
        """Whether the entry can be looked for in a whole text at once: it asks for no beginning or end."""
        if name not in self._free:
            self._free[name] = not _ANCHOR.search(self(name).pattern)
        return self._free[name]

    def _spelled(self, name: str) -> str:
        return _SLOT.sub(self._filled, _gathered(self.entries[name]))

    def _filled(self, slot: re.Match[str]) -> str:
        """Words first: an entry may bear the name of the list it is built on."""
        name = slot[1]
        if name in self.words:
            return _any(self.words[name])
        return self._spelled(name) if name in self.entries else syllables(name)


def _gathered(lines: Iterable[str]) -> str:
    """One group of all alternatives; those that begin at a word's edge share the look for it, which is most of it."""
    branches = [branch for line in lines for branch in _branches(line)]
    words = [branch.removeprefix(r"\b") for branch in branches if branch.startswith(r"\b")]
    others = [branch for branch in branches if not branch.startswith(r"\b")]
    return "(?:" + "|".join([*others, *([r"\b(?:" + "|".join(words) + ")"] if words else [])]) + ")"


def _branches(line: str) -> list[str]:
    """Cut at the bars that stand in no bracket."""
    branches, depth = [""], 0
    for token in _TOKEN.findall(line):
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += token
    return branches


def _any(stems: Iterable[str]) -> str:
    """The longest first, so that a short stem does not hide a long one; looked at only where one may begin."""
    words = sorted(set(stems), key=lambda stem: (-len(stem), stem))
    first = "".join(sorted({re.escape(word[0]) for word in words}))
    return f"(?=[{first}])(?:" + "|".join(map(re.escape, words)) + ")"
