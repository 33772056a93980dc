"""Speech level of a Korean sentence, from the ending of its predicate. No tokenizer: the endings decide.

하십시오체 and 해요체 are polite; 반말 covers 해체 and the plain 해라체; a note ends in a noun (처리 완료, 확인함).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from playbooks.core.language.rules import syllables

HASIPSIO, HAEYO, BANMAL, NOMINAL = "hasipsio", "haeyo", "banmal", "nominal"
POLITE = (HASIPSIO, HAEYO)

_B, _SS, _R, _N = syllables("ㅂ"), syllables("ㅆ"), syllables("ㄹ"), syllables("ㄴ")
_CHAT = r"[\sㄱ-ㅎㅏ-ㅣ^~;:._\-…。.!?！？,、'\"”’)\]」』￼☀-➿\U0001F000-\U0001FAFF️♡♥]"
_TAIL = re.compile(_CHAT)
_WORD = re.compile(r"[가-힣A-Za-z0-9]+")

# Where a sentence ends: its mark, a new line, or a polite ending that somebody forgot to mark.
BOUNDARY = re.compile(
    r"(?<![0-9])[.]+[\"'”’)\]」』]*(?=[\s가-힣]|\Z)|(?<=[0-9])[.](?=\n|\Z)|[!?。！？…]+[~ㅋㅎㅠㅜ^;\"'”’)\]」』]*|~+(?=\s|\Z)|\n+"
    rf"|(?:{_B}니[다까]|[세어아해에예게네까나지]요|죠|십시오)(?: ?[:;=]-?[)(])?[ㅋㅎㅠㅜ^;]* +(?=[가-힣A-Za-z0-9])"
)

# -니다, -니까 and -시다 are polite only after a final ㅂ: 하니까 is a reason, 계시다 a plain verb.
_HASIPSIO = re.compile(rf"(?:{_B}(?:니다(?:만|요)?|니까(?:요)?|시다)|십시[오요]|십쇼|시오)\Z")
_HAEYO = re.compile(r"(?:(?<=[가-힣])요|죠|쥬|[세해에네데돼까나줘져게](?:용|욤|염|여))\Z")
_YO_NOUNS = re.compile(r"(?:\A|[가-힣])(?:필요|중요|주요|수요|개요|소요|강요|담요|동요|민요|요요)\Z|\A고요\Z")

_PLAIN_NOUNS = re.compile(
    r"(?:이해|오해|피해|올해|손해|방해|대해|위해|통해|의해|관해|인해|비해|향해|배려|염려|우려|고려|격려|장려|샤워|타워|파워|그래"
    r"|까지|마다|보다|부터|언어|영어|국어|단어|용어|본어|연어|상어|육아|남아|여아|노래|미래|아래|거래|장래|가게|무게|카메라|나라"
    r"|에게|한테|그대|시대|하자|바다|하나|동네|너네|어머니|주머니|아니|분야|시야|심야)\Z"
)
_BANMAL = re.compile(
    rf"(?:{_SS}(?:어|네|지|냐|니|나|다|거든|구나|더라)|{_R}(?:게|께|래|까|걸|지)"
    rf"|(?:이|거|꺼|뭐|디|게|제|개|말)(?:야|니|냐|지|네)|아니[야지]|아냐|냐|[하되없][니네지]|없나|있[어니나네지다]|없[어다]"
    rf"|{_N}다|는다|하다|되다|이다|많다|같다|렇다|않다|싶다|좋다|아니다"
    r"|[가-힣](?:해|돼|줘|봐|려|워|와|놔|둬|쳐|켜|져|겨|셔)|해|돼|줘|봐|와|놔|마|지마|몰라|보내|싫어|[해줘봐마와가]라|보자|말자|가자|주라"
    r"|구나|더라|거든|잖아|다며|다고|냐고|라고|탁해)\Z"
)
_VERBAL_A = re.compile(r"([가-힣])[어아]\Z")
_NOMINAL = re.compile(
    rf"(?:(?<!보관)(?<!우편)(?<!사물)(?<!수거)(?<!건의)(?<!메일)(?<!편지)(?<![포결명])[가-힣]함|[가-힣]됨|(?:있|없|않|같|많|{_SS})음"
    r"|(?:정|중|것|거|가|상|태|황|료|문제)임|(?:[가-힣]기|시기) ?바람|요망)\Z"
)
_NOTE = re.compile(r"[가-힣] ?(?:완료|예정|불가|요망|처리 중|진행 중|확인 중)\Z")


@dataclass(frozen=True, slots=True)
class Level:
    """What level a sentence has, and the ending that says so, as offsets inside it."""

    name: str
    start: int
    end: int


def level_of(sentence: str) -> Level | None:
    """None for a stretch without a predicate: a title, an address, a list entry."""
    body = _without_tail(sentence)
    words = list(_WORD.finditer(body))
    if not words:
        return None
    last = words[-1]
    name = _word_level(last[0])
    if name in POLITE:
        return Level(name, last.start(), last.end())
    for word in reversed(words[:-1]):  # turned round: 알려 주세요, 언제 오는지 — or called to: 안녕하세요, 고객님
        earlier = _word_level(word[0])
        if earlier in POLITE and (name is None or not _contradicts(body, word.end())):
            return Level(earlier, word.start(), word.end())
    if name is not None:
        return Level(name, last.start(), last.end())
    note = _NOTE.search(body)
    if note:
        return Level(NOMINAL, last.start(), last.end())
    return None


def _without_tail(sentence: str) -> str:
    """Without the marks and chat symbols at its end; from behind, so that a long run of them costs no square."""
    end = len(sentence)
    while end and _TAIL.match(sentence, end - 1):
        end -= 1
    return sentence[:end]


def _contradicts(body: str, offset: int) -> bool:
    """A polite word inside a plain sentence is a quotation (…습니다라고 했어), not its ending."""
    return body[offset : offset + 1] not in (",", " ")


def _word_level(word: str) -> str | None:
    if _HASIPSIO.search(word):
        return HASIPSIO
    if _HAEYO.search(word) and not _YO_NOUNS.search(word):
        return HAEYO
    if _NOMINAL.search(word):
        return NOMINAL
    if _PLAIN_NOUNS.search(word):
        return None
    if _BANMAL.search(word):
        return BANMAL
    verbal = _VERBAL_A.search(word)
    if verbal and (ord(verbal[1]) - ord("가")) % 28:
        return BANMAL
    return None


@dataclass(frozen=True, slots=True)
class Speech:
    """The level of a whole text: of each sentence, and together."""

    levels: tuple[Level | None, ...]
    style: str | None  # formal, informal
    speech_level: str | None  # hasipsio, haeyo, banmal, nominal, mixed
    counts: dict[str, int]


def speech_of(sentences: Sequence[str]) -> Speech:
    """Formal unless the plain sentences are the majority; one level, or the plainer majority, else mixed."""
    levels = tuple(level_of(sentence) for sentence in sentences)
    counts = Counter(level.name for level in levels if level is not None)
    polite = counts[HASIPSIO] + counts[HAEYO]
    rude = counts[BANMAL] + counts[NOMINAL]
    if not polite and not rude:
        return Speech(levels, "informal" if sentences else None, None, {})
    if not rude:
        together = "mixed" if counts[HASIPSIO] and counts[HAEYO] else (HASIPSIO if counts[HASIPSIO] else HAEYO)
    else:
        plainer = BANMAL if counts[BANMAL] >= counts[NOMINAL] else NOMINAL
        together = plainer if counts[plainer] > polite else "mixed"
    return Speech(levels, "formal" if polite >= rude else "informal", together, dict(counts))
