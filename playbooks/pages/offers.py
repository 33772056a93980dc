"""From what a rule suggests to a change of the text: what to replace by what, so that the sentence stays a sentence.

A suggestion is a model. A whole sentence replaces the rest of its sentence, a word only its span; what the model
repeats of its surroundings is not written twice, and its example times, amounts and names become gaps to fill in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from playbooks.core.language.finding import Finding

MOST_OFFERS = 3
GAP = re.compile(r"[○△]|\[(?:time|amount)\]")
_ENDS = ".!?。！？\n\r"
# A model that ends like this is a sentence of its own.
_WHOLE = {
    "ja": re.compile(r"(?:ます|ました|ません|です|でした|ください|ませ|でしょうか|ますか)。?$"),
    "ko": re.compile(r"(?:니다|니까|[오요까]|[시]지요)[.?]?$"),
    "en": re.compile(r"^[A-Z].*[.?!]$"),
}
_NUMBER = r"[0-9０-９〇一二三四五六七八九十百千万,，]+"
_EXAMPLES = {
    "ja": ((re.compile(_NUMBER + r"(?=[月日時円]|万円)"), "○"),),
    "ko": ((re.compile(r"[0-9,]+(?=[월일시원점])"), "○"),),
    "en": ((re.compile(r"\b[0-9]+ ?[ap]m\b"), "[time]"),),
}
_EXAMPLE_NAME = "田中"
_INSTRUCTION = re.compile(r"^\(.*\)$")
_ASIDE = re.compile(r"\s*\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Offer:
    """Replace the text from `start` to `end` by `words`. `gap` where something is still to be filled in."""

    start: int
    end: int
    words: str
    gap: bool


def is_instruction(suggestion: str) -> bool:
    """A suggestion in brackets says what to do, not what to write."""
    return _INSTRUCTION.match(suggestion) is not None


def offers_of(text: str, finding: Finding, language: str, *, customer: str = "") -> tuple[Offer, ...]:
    """The changes that a finding suggests. None where it only says what to do."""
    if not finding.suggestion or is_instruction(finding.suggestion):
        return ()
    models = [_ASIDE.sub("", model).strip() for model in finding.suggestion.split(" / ")]
    return tuple(
        _offer(text, finding, language, _without_examples(model, language, customer))
        for model in models[:MOST_OFFERS]
        if model
    )


def _without_examples(model: str, language: str, customer: str) -> str:
    for pattern, gap in _EXAMPLES[language]:
        model = pattern.sub(gap, model)
    if _EXAMPLE_NAME in model:
        family = re.split(r"[ 　]", customer.strip())[0].removesuffix("様") or "○○"
        model = model.replace(_EXAMPLE_NAME, family)
    return model


def _offer(text: str, finding: Finding, language: str, model: str) -> Offer:
    start, end = finding.start, finding.end
    if _WHOLE[language].search(model):
        if language == "en":
            start = _begin(text, start)
        end, model = _rest(text, end, model)
    start = _without_repeated_head(text, start, model)
    return Offer(start, _without_repeated_tail(text, end, model), model, GAP.search(model) is not None)


def _begin(text: str, at: int) -> int:
    """Where the sentence begins that holds this place."""
    while at > 0 and text[at - 1] not in _ENDS:
        at -= 1
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def _rest(text: str, at: int, model: str) -> tuple[int, str]:
    """To the end of the sentence; its full stop stays, and the model brings no second one."""
    if at > 0 and text[at - 1] in _ENDS:
        stop = "" if model[-1] in _ENDS or text[at - 1] in "\r\n" else text[at - 1]
        return at, model + stop
    while at < len(text) and text[at] not in _ENDS:
        at += 1
    if at < len(text) and text[at] not in "\r\n":
        if model[-1] in _ENDS:
            model = model[:-1]
        elif text[at] in "?？" and model[-1] not in "か까":
            return at + 1, model + ("。" if text[at] == "？" else ".")
    return at, model


def _without_repeated_head(text: str, start: int, model: str) -> int:
    for size in range(min(len(model) - 1, start), 0, -1):
        if text.startswith(model[:size], start - size):
            return start - size
    return start


def _without_repeated_tail(text: str, end: int, model: str) -> int:
    for size in range(min(len(model) - 1, len(text) - end), 0, -1):
        if text.startswith(model[-size:], end):
            return end + size
    return end
