"""Words of the outcomes pages in the reader's language, from outcomes.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from playbooks.pages.reading import in_language, language

Texts = Mapping[str, Mapping[str, Mapping[str, str]]]


@cache
def _texts() -> Texts:
    return tomllib.loads(Path(__file__).with_name("outcomes.toml").read_text("utf-8"))


def word(part: str, key: str, **values: object) -> str:
    return in_language(_texts()[part][key]).format(**values)


def words(part: str) -> dict[str, str]:
    """All of a part."""
    return {key: in_language(text) for key, text in _texts()[part].items()}


def all_words() -> dict[str, dict[str, str]]:
    """For a template: `{{ t.curves.title }}`."""
    return dict(_all_words(language()))


@cache
def _all_words(language: str) -> dict[str, dict[str, str]]:
    return {part: {key: text[language] for key, text in texts.items()} for part, texts in _texts().items()}
