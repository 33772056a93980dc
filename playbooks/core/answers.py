"""Answers to complete: a frame with its cushion words and the ticket's names, and blanks for the facts of the case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from playbooks.core.case import Case
from playbooks.core.phrasing import render
from playbooks.core.words import desk_values
from tickets.errors import Invalid


@cache
def _answers() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("answers.toml").read_text("utf-8"))


def answer_titles() -> dict[str, Mapping[str, str]]:
    """What each answer is for, in three languages, in the order of a handling."""
    return {key: row["title"] for key, row in _answers().items()}


def answer_text(case: Case, key: str) -> str:
    """The answer in the customer's language. What an investigation brings to light stays a blank."""
    row = _answers().get(key)
    if row is None:
        raise Invalid("unknown_text", f"'{key}' is not one of: {', '.join(_answers())}.", field="kind")
    return render(row[case.language], desk_values(case))
