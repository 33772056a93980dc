"""Whether what was said is then denied: お客様の責任ではございません, 返金はいたしません."""

from __future__ import annotations

from collections.abc import Sequence

from playbooks.core.language.japanese.tokens import Word

AHEAD = 14  # words after which a denial belongs to something else
_NEGATORS = frozenset({"ない", "無い", "ぬ", "ず", "兼ねる", "かねる", "まい"})
_CLAUSE_ENDS = frozenset({"が", "ので", "けれど", "けれども", "のに", "し"})


def denied_after(words: Sequence[Word], place: int) -> bool:
    """True when the clause that follows `place` ends in a denial. 〜かもしれません and 〜ではないですか deny nothing."""
    end = min(len(words), place + AHEAD)
    for at in range(place, end):
        word = words[at]
        if word.surface in "。！？!?":
            return False
        if word.pos == "助詞-接続助詞" and word.surface in _CLAUSE_ENDS:
            return False
        if word.norm in _NEGATORS or word.base in _NEGATORS:
            return not _only_seems(words, at)
    return False


def _only_seems(words: Sequence[Word], at: int) -> bool:
    before = [word.base for word in words[max(0, at - 4) : at]]
    if "しれる" in before or "知れる" in before:
        return True  # かもしれません
    after = [word.surface for word in words[at + 1 : at + 5]]
    asked = "か" in after or "でしょう" in after
    return asked and any(
        word.surface == "では" or word.surface == "じゃ" or word.surface == "は" for word in words[max(0, at - 3) : at]
    )
