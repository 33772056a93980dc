"""Whether a text keeps to its language and to one register: customers are polite to a firm, however angry they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

FOREIGN = {"ko": "ぁ-ヿ一-鿿々", "ja": "가-힣ㄱ-ㅎㅏ-ㅣ", "en": "ぁ-ヿ一-鿿々가-힣"}
REGISTERS = {"ko": (True, False), "ja": (True,), "en": (True,)}  # formal, and in Korean also 해요체

_QUOTED = re.compile(r"‘[^’]*’|“[^”]*”|「[^」]*」|『[^』]*』|（[^）]*）|\([^)]*\)")
_SENTENCE = re.compile(r"[^.?!。？！…\n]+[.?!。？！…]*")
_FORMAL = re.compile(r"(?:니다|니까|시오|십쇼)$")
_INFORMAL = re.compile(r"(?:요|죠)$")
_PLAIN_KOREAN = re.compile(
    r"(?:[했었았겠됐갔왔]어|[는은던]데|[하되있없]지|거야|[줘해봐]|[하느으]니|[하느으]냐|[해아어]라|[는었았했겠]다)$"
)
_POLITE = re.compile(
    r"(?:です|ます|でした|ました|ません|ませんでした|でしょう|ましょう|ください|下さい|ございます|ございません)"
    r"(?:が|けど|けれど|けれども|ね|よ|よね|から|ので|のに|か|かね)?$"
)
_GREETING = re.compile(r"(?:こんにちは|こんばんは|もしもし|はじめまして)$")
_KANA_END = re.compile(r"[ぁ-んァ-ヴー一-鿿]$")


def problem(text: str, language: str, *, formal: bool = True, whole: bool = True) -> str | None:
    """What is wrong with a finished text in this language and register; None if nothing is.

    `whole` sentences end in a verb; a subject may be a noun or end in について.
    """
    if re.search(f"[{FOREIGN[language]}]", text):
        return "holds letters of another language"
    for sentence in sentences(text) if whole or language == "ko" else ():
        if not _keeps(sentence, language, formal=formal):
            return f"leaves its register at '…{sentence[-18:]}'"
    return None


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text without what it quotes and without their marks."""
    for found in _SENTENCE.finditer(_QUOTED.sub("“”", text)):
        sentence = found.group().strip(" .?!。？！…\n　")
        if sentence:
            yield sentence


def _keeps(sentence: str, language: str, *, formal: bool) -> bool:
    """A sentence without a verb (`확인 부탁.`, `주문번호 1234.`) belongs to every register."""
    if language == "ko":
        other = _INFORMAL if formal else _FORMAL
        return not (other.search(sentence) or _PLAIN_KOREAN.search(sentence))
    if language == "ja":
        return bool(_POLITE.search(sentence) or _GREETING.search(sentence)) or not _KANA_END.search(sentence)
    return True
