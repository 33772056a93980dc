"""How polite a Japanese text is: named markers, each with its weights, added up to one of four levels.

1 highest honorific, 2 honorific, 3 です・ます only, 4 plain. Levels 1 and 2 differ by taste; neither is 'better'.
The weights (courtesy.toml) come from `tests/benchmarks/fit_japanese_courtesy.py` and are the only thing learned here.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from playbooks.core.language.finding import Courtesy
from playbooks.core.language.japanese.tokens import Memory, Sentence, Word
from playbooks.core.language.japanese.vocabulary import word_set

LEVELS = (1, 2, 3, 4)
SHOWN = 6  # markers shown with a level
POOLED = 3  # sentences up to which a text is read as a whole
_CLOSED = (
    "助詞",
    "助動詞",
    "接頭辞",
    "接尾辞",
    "代名詞",
    "感動詞",
    "動詞-非自立可能",
    "連体詞",
    "接続詞",
    "形容詞-非自立可能",
)
_MARKS = ("補助記号", "記号")


class _Trait(NamedTuple):
    """What a word is to the markers, found out once per word of the dictionary."""

    tag: str  # a word of grammar by itself, any other by its part of speech: endings are about grammar, not topics
    closed: bool
    honorific: tuple[str, ...]  # markers of a verb of respect or humility
    prefix: bool
    passive: bool
    telling: bool  # one of the three above
    mark: bool  # of punctuation
    norm: str


_traits: dict[int, _Trait] = {}


def _trait(word: Word) -> _Trait:
    trait = _traits.get(word.lexeme.number)
    if trait is None:
        if len(_traits) > 50_000:
            _traits.clear()
        trait = _traits[word.lexeme.number] = _trait_of(word)
    return trait


def _trait_of(word: Word) -> _Trait:
    first = word.pos.split("-", 1)[0]
    closed = word.pos.startswith(_CLOSED)
    honorific: tuple[str, ...] = ()
    if word.norm in word_set("respect_verbs") or word.base in word_set("respect_verbs"):
        honorific = ("尊敬動詞", f"尊敬：{word.norm}")
    elif word.norm in word_set("humble_verbs") or word.base in word_set("humble_verbs"):
        honorific = ("謙譲動詞", f"謙譲：{word.norm}")
    prefix = word.pos == "接頭辞" and word.norm == "御"
    passive = word.norm in ("れる", "られる")
    mark = word.pos.startswith(_MARKS)
    telling = bool(honorific) or prefix or passive
    return _Trait(word.norm if closed else first, closed, honorific, prefix, passive, telling, mark, word.norm)


def markers_of(sentences: Iterable[Sentence], *, quoted: bool = False) -> set[str]:
    """Names of all markers in these sentences."""
    found: set[str] = set()
    honorifics = 0
    known = _traits.get
    for sentence in sentences:
        words: list[Word] = []
        traits: list[_Trait] = []
        telling: list[int] = []
        for word in sentence.words if quoted else sentence.own:
            trait = known(word.lexeme.number) or _trait(word)
            if trait.mark:
                continue
            if trait.closed:
                found.add(trait.norm)
            if trait.telling:
                telling.append(len(words))
            words.append(word)
            traits.append(trait)
        if words:
            found.update(_endings(words[-1], [trait.tag for trait in traits[-3:]]))
            honorifics += _grammar(words, traits, telling, found)
    found.update(f"敬語≥{n}" for n in (1, 2, 3) if honorifics >= n)
    return found


def _endings(last: Word, tags: Sequence[str]) -> list[str]:
    found = ["…" + "＋".join(tags[-n:]) for n in (1, 2, 3) if n <= len(tags)]
    found.append(f"…{last.pos.split('-', 1)[0]}・{last.lexeme.form.split('-', 1)[0]}")
    return found


def _grammar(words: Sequence[Word], traits: Sequence[_Trait], telling: Sequence[int], found: set[str]) -> int:
    """Honorific constructions and verbs; returns how many there are."""
    count = 0
    for place in telling:
        trait = traits[place]
        if trait.honorific:
            found.update(trait.honorific)
            count += 1
        elif trait.prefix and place + 2 < len(words):
            found.add(_with_prefix(words, place))
            count += 1
        elif trait.passive:
            found.add("れる・られる")
    return count


def _with_prefix(words: Sequence[Word], place: int) -> str:
    """What follows お/ご and its word: お〜になる, お〜する, お〜くださる …"""
    stem = "動" if words[place + 1].pos.startswith("動詞") else "名"
    after = words[place + 2]
    if after.surface == "に" and place + 3 < len(words) and words[place + 3].base == "なる":
        ahead = words[place + 4] if place + 4 < len(words) else None
        return "お〜になられる" if ahead and ahead.norm == "れる" else "お〜になる"
    if after.pos.startswith(("動詞", "助動詞")):
        return f"お〜{after.norm}" if after.norm in _AFTER_PREFIX else f"お〜{stem}＋用言"
    if after.norm == "様" or after.norm == "さん":
        return "お〜様"
    return "お〜を" if after.surface == "を" else f"お＋{stem}"


_AFTER_PREFIX = frozenset(
    "為る 致す 申し上げる 下さる 頂く 頂ける 為さる 願う 出来る です だ 有る 御座る 居る".split()
)  # fmt: skip


@cache
def _weights() -> tuple[dict[str, tuple[float, ...]], tuple[float, ...]]:
    path = Path(__file__).with_name("courtesy.toml")
    if not path.exists():
        return {}, (0.0, 0.0, 0.0, 0.0)
    table = tomllib.loads(path.read_text("utf-8"))
    return {name: tuple(row) for name, row in table["weights"].items()}, tuple(table["bias"])


def shares(markers: Iterable[str]) -> list[float]:
    """How well each level fits these markers, as shares of 1: softmax of the summed weights."""
    table, bias = _weights()
    rows = [bias, *[table[name] for name in markers if name in table]]
    sums = [math.fsum(column) for column in zip(*rows, strict=True)]  # exact, so the order of a set does not matter
    top = max(sums)
    raised = [math.exp(value - top) for value in sums]
    return [value / sum(raised) for value in raised]


def level_of(share: Sequence[float]) -> int:
    """Plain or not, then honorific or not, then which of the two."""
    if share[3] >= 0.5:
        return 4
    if share[2] > share[0] + share[1]:
        return 3
    return 1 if share[0] >= share[1] else 2


def share_of(sentence: Sentence) -> list[float]:
    """How well each level fits one sentence; empty where it holds no word of its writer's own."""
    if sentence.share is None:
        sentence.markers, sentence.share = _judged.of(sentence.key, lambda: _judgement(sentence))
    return sentence.share


_judged: Memory[tuple[set[str], list[float]]] = Memory()


def _judgement(sentence: Sentence) -> tuple[set[str], list[float]]:
    markers = markers_of([sentence])
    return markers, shares(markers) if markers else []


def sentence_level(sentence: Sentence) -> int | None:
    share = share_of(sentence)
    return level_of(share) if share else None


def plainness(sentence: Sentence) -> float:
    share = share_of(sentence)
    return share[3] if share else 0.0


def courtesy_of(sentences: Sequence[Sentence]) -> Courtesy:
    """The level of a text. A text of quotations alone is read as if it were its writer's own.

    A word or two of a chat is read as one; of anything longer each sentence counts the same.
    """
    own = [s for s in sentences if any(not _trait(w).mark for w in s.own)]
    if not own:
        return _courtesy(markers_of(sentences, quoted=True))
    if len(own) <= POOLED:
        return _courtesy(markers_of(own))
    spoken = [s for s in own if any(w.pos.startswith(("動詞", "助動詞", "形容詞")) for w in s.words[-4:])] or own
    rows = [share_of(sentence) for sentence in spoken]
    mean = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    return _shown(mean, set().union(*(sentence.markers or () for sentence in spoken)))


def _courtesy(markers: set[str]) -> Courtesy:
    return _shown(shares(markers), markers) if markers else Courtesy()


def _shown(share: Sequence[float], markers: set[str]) -> Courtesy:
    level, (table, _) = level_of(share), _weights()
    telling = sorted((name for name in markers if name in table), key=lambda name: (-_pull(table[name], level), name))
    shown = tuple(name for name in telling[:SHOWN] if _pull(table[name], level) > 0)
    return Courtesy(level=level, polite=level < 4, style="plain" if level == 4 else "polite", markers=shown)


def _pull(row: tuple[float, ...], level: int) -> float:
    """How much a marker speaks for this level against the mean of the others."""
    return row[level - 1] - (sum(row) - row[level - 1]) / (len(row) - 1)
