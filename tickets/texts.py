"""Text as it may enter the desk: no lone surrogates, no NUL, not endless. Pure."""

from __future__ import annotations

import re

from tickets.errors import Invalid

LONGEST_TEXT = 20_000
LONGEST_LINE = 200
# Control characters other than tab and line breaks; lone surrogates, which no database stores.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def fit_text(value: object, *, field: str, longest: int = LONGEST_TEXT, empty: bool = False) -> str:
    """The text with its ends trimmed, or Invalid that names the field."""
    if not isinstance(value, str):
        raise Invalid("not_text", f"{field} must be text.", field=field)
    found = _UNFIT.search(value)
    if found:
        raise Invalid(
            "unfit_character",
            f"{field} holds a character that cannot be stored, at position {found.start()}.",
            field=field,
        )
    text = value.strip()
    if not text and not empty:
        raise Invalid("required", f"{field} must not be empty.", field=field)
    if len(text) > longest:
        raise Invalid("too_long", f"{field} has {len(text)} characters; at most {longest} are taken.", field=field)
    return text


def first_line(text: str, *, longest: int = 80) -> str:
    """A subject from a description: its first line, cut at a space where it is long."""
    line = text.strip().splitlines()[0].strip()
    if len(line) <= longest:
        return line
    cut = line[:longest].rsplit(" ", 1)[0] if " " in line[:longest] else line[:longest]
    return cut.rstrip(" ,;:") + "…"
