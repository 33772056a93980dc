"""알림톡 takes informational messages only: what of a text would be refused, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from playbooks.core.draft import Unsendable
from playbooks.core.language.finding import ERROR
from playbooks.core.language.reading import read
from tickets.errors import Invalid

PROMOTIONAL = ("T01", "T02", "T03")  # rules of language/korean/rules.toml
TOO_LONG = "T04"
LONGEST = 1_000  # characters
CHANNEL = "kakaotalk"
LANGUAGE = "ko"  # of the customers whom it reaches
_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text cannot go out as 알림톡: the sentence at fault, and the expression in it."""

    rule: str
    start: int
    end: int
    sentence: str
    reason: Mapping[str, str]
    suggestion: str | None
    source: str | None


def refusal_of(text: str) -> Refused | None:
    """The first reason to refuse this text as 알림톡, or None."""
    for finding in read(text, language="ko", kind="alimtalk").findings:
        if finding.severity == ERROR and finding.rule in (*PROMOTIONAL, TOO_LONG):
            sentence = "" if finding.rule == TOO_LONG else _sentence_at(text, finding.start)
            return Refused(
                finding.rule, finding.start, finding.end, sentence, finding.reason, finding.suggestion,
                finding.authority,
            )  # fmt: skip
    return None


def refuse_promotion(text: str) -> None:
    """Raise what an action says of a text that would not be let through."""
    try:
        refused = refusal_of(text)
    except Invalid as error:
        raise Invalid(error.code, error.message, field="body") from None
    if refused is None:
        return
    if refused.rule == TOO_LONG:
        raise Unsendable("alimtalk_too_long", length=f"{len(text):,}", most=f"{LONGEST:,}")
    raise Unsendable("promotional_alimtalk", words=text[refused.start : refused.end], sentence=refused.sentence)


def _sentence_at(text: str, at: int) -> str:
    start = 0
    for found in _SENTENCE_END.finditer(text):
        if found.start() > at:
            return text[start : found.start()].strip()
        start = found.end()
    return text[start:].strip()
