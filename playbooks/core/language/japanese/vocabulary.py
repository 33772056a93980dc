"""Word sets that rules, markers and elements share, from words.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from tickets.errors import Invalid


@cache
def word_sets() -> dict[str, frozenset[str]]:
    table = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {name: frozenset(words) for name, words in table["sets"].items()}


def word_set(name: str) -> frozenset[str]:
    try:
        return word_sets()[name]
    except KeyError:
        raise Invalid("unknown_word_set", f"There is no word set '{name}'.", field="pattern") from None
