"""The facts of an answer for the customer and the playbook, each with the stretches of text that it rests on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.language.finding import ERROR, Evidence, Finding, Setting
from playbooks.core.language.japanese.elements import Said
from playbooks.core.language.japanese.quick import quick
from playbooks.core.language.japanese.tokens import Sentence, Word, words_of

ENOUGH_ECHOES = 4  # words of the customer's own that count as having listened wholly (assumed)
ENOUGH_CONCRETE = 3  # different times, amounts, names of things (assumed)
LEVEL_SHARE = {1: 1.0, 2: 1.0, 3: 0.7, 4: 0.0}  # what a sentence of this level gives to the register (assumed)


@cache
def _table() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(Path(__file__).with_name("facts.toml").read_text("utf-8"))
    return {name: quick(row) for name, row in table.items()}


def says(name: str, text: str) -> bool:
    return _table()[name].search(text) is not None


def facts_of(
    said: Sequence[Said],
    sentences: Sequence[Sentence],
    body: Mapping[str, Said],
    findings: Iterable[Finding],
    levels: Sequence[int],
    setting: Setting,
    *,
    kind: str,
) -> tuple[Facts, tuple[Evidence, ...]]:
    evidence: list[Evidence] = []
    apology = _apology(said, body, evidence)
    empathy = _share(said, "empathy", evidence, 2)
    spoken = {sentence.start for sentence in said if sentence.predicate}
    listening = _listening([s for s in sentences if s.own and s.own[0].start in spoken], setting, evidence)
    facts = Facts(
        apology=apology,
        empathy=empathy,
        listening=listening,
        concrete=_concrete(said, setting, evidence),
        ownership=_share(said, "ownership", evidence, 2),
        register=round(sum(LEVEL_SHARE[level] for level in levels) / len(levels), 2) if levels else 0.0,
        voice=0.9 if _mark(said, "voice", evidence) else 0.5,
        ng=sum(1 for finding in findings if finding.severity == ERROR),
        asks=_asks(said, evidence),
        deeds=_deeds(said, body, apology, kind, evidence),
    )
    return facts, tuple(sorted(evidence, key=lambda e: (e.start, e.end, e.fact)))


def _apology(said: Sequence[Said], body: Mapping[str, Said], evidence: list[Evidence]) -> tuple[str, ...]:
    found: dict[str, Said] = {}
    for component, element in (
        ("regret", "謝罪"),
        ("repair", "対応"),
        ("explanation", "原因"),
        ("repentance", "再発防止"),
    ):
        if element in body:
            found[component] = body[element]
    for sentence in said:
        if not sentence.finite:
            continue
        if "responsibility" not in found and says("responsibility", sentence.text):
            if not says("denied_responsibility", sentence.text):
                found["responsibility"] = sentence
        if "forgiveness" not in found and says("forgiveness", sentence.text):
            found["forgiveness"] = sentence
    evidence.extend(Evidence(f"apology.{part}", s.start, s.end) for part, s in found.items())
    return tuple(part for part in COMPONENTS if part in found)


def _share(said: Sequence[Said], name: str, evidence: list[Evidence], enough: int) -> float:
    """Different ways in which it is said, as a share of what is enough; the same words twice count once."""
    ways: set[str] = set()
    for sentence in said:
        if not sentence.predicate:
            continue
        matches = [match.group() for match in _table()[name].finditer(sentence.text)]
        if set(matches) - ways:
            evidence.append(Evidence(name, sentence.start, sentence.end))
            ways.update(matches)
    return round(min(1.0, len(ways) / enough), 2)


def _mark(said: Sequence[Said], name: str, evidence: list[Evidence]) -> bool:
    hits = [s for s in said if s.predicate and says(name, s.text) and not says(f"not_{name}", s.text)]
    evidence.extend(Evidence(name, s.start, s.end) for s in hits)
    return bool(hits)


def _asks(said: Sequence[Said], evidence: list[Evidence]) -> bool:
    hits = [s for s in said if says("asks", s.text) and not says("not_asked", s.text)]
    evidence.extend(Evidence("asks", s.start, s.end) for s in hits)
    return bool(hits)


# --- listening: the customer's own words come back ---

_CONTENT = ("名詞-普通名詞", "名詞-固有名詞", "動詞-一般", "形容詞-一般", "形状詞", "名詞-数詞")
_COMMON = frozenset(
    "事 物 為 所 方 時 人 様 客 今 日 月 年 円 商品 注文 連絡 問い合わせ 確認 対応 会社 御 件 お願い 願い 思う 言う 成る 有る 居る "
    "下さる 頂く 出来る 致す 為る 良い 無い 本日 今日 昨日 明日 お客様 返事 回答 此方 申す 申し訳".split()
)  # fmt: skip


_telling: dict[int, str] = {}  # per word of the dictionary: its normalized form if it tells anything, else nothing


def _content(words: Iterable[Word]) -> set[str]:
    known = _telling.get
    found = set()
    for word in words:
        norm = known(word.lexeme.number)
        found.add(_told(word) if norm is None else norm)
    found.discard("")
    return found


def _told(word: Word) -> str:
    if len(_telling) > 50_000:
        _telling.clear()
    tells = word.pos.startswith(_CONTENT) and word.norm not in _COMMON and len(word.surface) + len(word.norm) > 2
    return _telling.setdefault(word.lexeme.number, word.norm if tells else "")


@lru_cache(maxsize=256)
def _customers(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for line in text[:4_000].splitlines() for word in _content(words_of(line)))


@lru_cache(maxsize=256)
def _named(names: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Words of people's and firms' names: who signs with them has taken up nothing."""
    people = [value for key, value in names if key in ("customer", "firm", "desk", "agent", "sender")]
    return frozenset(word for name in people for word in _content(words_of(name[:200])))


def _listening(sentences: Sequence[Sentence], setting: Setting, evidence: list[Evidence]) -> float:
    if not setting.customer_words:
        return 0.0
    theirs = _customers(tuple(setting.customer_words)) - _named(tuple(setting.names.items()))
    echoed: set[str] = set()
    for sentence in sentences:
        own = sentence.own
        new = (_content(own) & theirs) - echoed
        if new:
            evidence.append(Evidence("listening", sentence.start, sentence.end))
            echoed |= new
    return round(min(1.0, len(echoed) / ENOUGH_ECHOES), 2)


# --- concrete: times, amounts, things by their name ---


def _concrete(said: Sequence[Said], setting: Setting, evidence: list[Evidence]) -> float:
    things = [setting.names[key] for key in ("item", "order") if setting.names.get(key)]
    found: set[str] = set()
    named: set[str] = set()  # a thing by its name makes a time or an amount plainer; alone it tells neither
    for sentence in said:
        if not sentence.predicate:
            continue
        here = {
            match.group() for name in ("time", "amount", "count") for match in _table()[name].finditer(sentence.text)
        }
        if here - found:
            evidence.append(Evidence("concrete", sentence.start, sentence.end))
            found |= here
        named |= {thing for thing in things if thing in sentence.text}
    return round(min(1.0, len(found | named) / ENOUGH_CONCRETE), 2) if found else 0.0


# --- deeds and promises ---


def is_promise(text: str) -> bool:
    return says("future", text) and says("time", text) and not says("no_promise", text)


def is_interim(text: str) -> bool:
    return says("interim", text)


def _deeds(
    said: Sequence[Said], body: Mapping[str, Said], apology: Sequence[str], kind: str, evidence: list[Evidence]
) -> tuple[str, ...]:
    deeds: list[str] = []
    for sentence in said:
        if sentence.predicate and is_promise(sentence.text):
            evidence.append(Evidence("promises", sentence.start, sentence.end))
    looking = next((s for s in said if s.predicate and is_interim(s.text)), None)
    told_when = next((s for s in said if s.predicate and is_promise(s.text) and says("report", s.text)), None)
    if looking is not None and told_when is not None:
        deeds.append("interim_report")
        evidence.append(Evidence("deeds.interim_report", looking.start, told_when.end))
    if kind == "letter" and "regret" in apology and len(apology) >= 3:
        deeds.append("letter")
    if "再発防止" in body:
        deeds.append("prevention")
        evidence.append(Evidence("deeds.prevention", body["再発防止"].start, body["再発防止"].end))
    if any(_CHECK_IN.search(s.text) for s in said if s.predicate):
        deeds.append("check_in")
    return tuple(deeds)


_CHECK_IN = re.compile(
    r"その後[^。]{0,40}(?:いかが|ご不便|不都合|問題|お変わり|お困り|ご不明)[^。]{0,20}(?:か|ませ|でしょう)"
)
