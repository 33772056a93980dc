"""What keeps a written text from going out: words that are refused by name, and blanks that nobody filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tickets.errors import Invalid

# 〔…〕 stands in the desk's answers; the others are what a suggestion leaves open. ○ at the head of a line is a bullet.
BLANK = re.compile(r"〔[^〔〕\n]{1,60}〕|\[(?:time|amount)\]|(?<=[^\n])[○△](?=[月日時分円원월일시점])")
_NAMED = 3  # blanks that the sentence names


class Unsendable(Invalid):
    """A text that may not go out as it is, said in three languages; `message` is the English one."""

    def __init__(self, code: str, *, field: str = "body", **values: str) -> None:
        self.texts: Mapping[str, str] = {language: text.format(**values) for language, text in _texts()[code].items()}
        super().__init__(code, self.texts["en"], field=field)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("draft.toml").read_text("utf-8"))


def blanks_in(text: str) -> list[tuple[int, int]]:
    """Where something is still to be filled in."""
    return [found.span() for found in BLANK.finditer(text)]


def refuse_blanks(text: str, *, field: str = "body") -> None:
    """A blank that reaches a customer says that nobody has read the text."""
    left = list(dict.fromkeys(text[start:end] for start, end in blanks_in(text)))
    if left:
        raise Unsendable("blank_left", field=field, blanks=" ".join(left[:_NAMED]) + " …" * (len(left) > _NAMED))
