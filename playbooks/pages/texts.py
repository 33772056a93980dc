"""Texts of pages kept as data: by key, in the reader's language, with values and Korean particles that fit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playbooks.core.phrasing import render


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of some pages in one language. In a template: `{{ t.first.title }}`."""

    table: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.table[key]

    def plain(self, key: str) -> str:
        found: Any = self.table
        for part in key.split("."):
            found = found[part]
        return str(found)

    def say(self, key: str, **values: object) -> str:
        """With values; Korean particles fit their word."""
        return render(self.plain(key), {name: str(value) for name, value in values.items()})


@cache
def texts_of(name: str, code: str) -> Texts:
    """The table `<name>.toml` beside the pages, in this language."""
    table = tomllib.loads(files("playbooks.pages").joinpath(f"{name}.toml").read_text("utf-8"))
    return Texts(_in(table, code))


def _in(value: Any, code: str) -> Any:
    """A text is a table of languages; everything else is what it is."""
    if not isinstance(value, dict):
        return value
    return value[code] if isinstance(value.get("en"), str) else {key: _in(one, code) for key, one in value.items()}
