"""Rules about expressions, read from TOML and looked for in a text: patterns over words, or text where only marks count."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from playbooks.core.language.finding import ERROR, SEVERITIES, Finding
from playbooks.core.language.japanese.patterns import Pattern, PatternIndex, any_matches, compiled
from playbooks.core.language.japanese.polarity import denied_after
from playbooks.core.language.japanese.quick import literals, quick
from playbooks.core.language.japanese.tokens import Memory, Sentence, Word
from tickets.errors import Invalid

LANGUAGES = ("ko", "ja", "en")
SCOPES = {"letter": ("letter",), "reply": ("reply", "alimtalk"), "both": ("letter", "reply", "alimtalk")}
MOST = 200  # findings shown of one text; nobody reads more
MOST_OF_A_RULE = 20
NEAR = 40  # words either side in which `unless` is looked for
_FIELDS = {
    "id", "level", "scope", "channels", "authority", "patterns", "text", "unless", "redeemed", "redeemed_by_next",
    "polarity", "suggestion", "reason",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a table. Several rules may share an id: the same fault in another form."""

    id: str
    level: str
    scope: str
    reason: Mapping[str, str]
    suggestion: str | None
    authority: str | None
    patterns: tuple[Pattern, ...] = ()
    text: re.Pattern[str] | None = None
    unless: tuple[Pattern, ...] = ()
    redeemed: re.Pattern[str] | None = None
    redeemed_by_next: bool = False
    affirmed: bool = False
    channels: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()  # one of them stands wherever `text` matches

    def applies(self, kind: str, channel: str) -> bool:
        return kind in SCOPES[self.scope] and (not self.channels or channel in self.channels)

    def finding(self, start: int, end: int, severity: str | None = None) -> Finding:
        return Finding(self.id, severity or self.level, start, end, self.reason, self.suggestion, self.authority)


def rules_from(text: str, *, name: str, authorities: Mapping[str, str] | None = None) -> tuple[Rule, ...]:
    """The rules of one table. A rule that rests on no authority may only advise; what is wrong is named by field."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid("rules_unreadable", f"{name}: {error}", field=name) from error
    known = {**(authorities or {}), **table.get("authorities", {})}
    return tuple(_rule(entry, known, f"{name}.rule[{place}]") for place, entry in enumerate(table.get("rule", ())))


def _rule(entry: Mapping[str, Any], authorities: Mapping[str, str], where: str) -> Rule:
    for field in entry.keys() - _FIELDS:
        raise Invalid("unknown_field", f"A rule has no '{field}'.", field=f"{where}.{field}")
    for field in ("id", "level", "reason"):
        if field not in entry:
            raise Invalid("field_missing", f"A rule needs '{field}'.", field=f"{where}.{field}")
    _check(entry, authorities, where)
    return Rule(
        id=entry["id"],
        level=entry["level"],
        scope=entry.get("scope", "both"),
        reason=entry["reason"],
        suggestion=entry.get("suggestion"),
        authority=authorities.get(entry.get("authority", "")),
        patterns=tuple(compiled(p, where=f"{where}.patterns") for p in entry.get("patterns", ())),
        text=_regex(entry.get("text"), f"{where}.text"),
        cues=literals(entry.get("text", "")),
        unless=tuple(compiled(p, where=f"{where}.unless") for p in entry.get("unless", ())),
        redeemed=_regex(entry.get("redeemed"), f"{where}.redeemed"),
        redeemed_by_next=bool(entry.get("redeemed_by_next")),
        affirmed=entry.get("polarity") == "affirmed",
        channels=tuple(entry.get("channels", ())),
    )


def _check(entry: Mapping[str, Any], authorities: Mapping[str, str], where: str) -> None:
    if entry["level"] not in SEVERITIES:
        raise Invalid("unknown_level", f"'{entry['level']}' is not a level.", field=f"{where}.level")
    if entry.get("scope", "both") not in SCOPES:
        raise Invalid("unknown_scope", f"'{entry['scope']}' is not a scope.", field=f"{where}.scope")
    if "authority" in entry and entry["authority"] not in authorities:
        raise Invalid("unknown_authority", f"'{entry['authority']}' is not listed.", field=f"{where}.authority")
    if entry["level"] == ERROR and "authority" not in entry:
        raise Invalid("error_without_authority", "What rests on no authority only advises.", field=f"{where}.authority")
    for language in LANGUAGES:
        if not entry["reason"].get(language):
            raise Invalid("reason_missing", f"No reason in '{language}'.", field=f"{where}.reason.{language}")


def _regex(source: str | None, where: str) -> re.Pattern[str] | None:
    if source is None:
        return None
    try:
        return quick(source)
    except re.error as error:
        raise Invalid("bad_expression", str(error), field=where) from error


class RuleBook:
    """Rules made ready to be looked for together."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._index = PatternIndex((str(place), p) for place, rule in enumerate(self.rules) for p in rule.patterns)
        self._met: Memory[list[tuple[str, int, int]]] = Memory()
        self._of_text = tuple(rule for rule in self.rules if rule.text is not None)

    def findings(self, text: str, sentences: Sequence[Sentence], *, kind: str, channel: str = "") -> list[Finding]:
        found: dict[tuple[str, int, int], Finding] = {}
        times: dict[str, int] = {}

        def add(rule: Rule, start: int, end: int) -> None:
            times[rule.id] = times.get(rule.id, 0) + 1
            if times[rule.id] <= MOST_OF_A_RULE and len(found) < MOST:
                found.setdefault((rule.id, start, end), rule.finding(start, end))

        for place, sentence in enumerate(sentences):
            words = sentence.own
            for key, first, after in self._met.of(sentence.key, partial(self._index.matches, words)):
                rule = self.rules[int(key)]
                if times.get(rule.id, 0) < MOST_OF_A_RULE and rule.applies(kind, channel):
                    if self._stands(rule, text, sentences, place, words, first, after):
                        add(rule, words[first].start, words[after - 1].end)
        self._in_text(text, sentences, kind, channel, add)
        return _without_overlaps(found.values())

    def _in_text(self, text: str, sentences: Sequence[Sentence], kind: str, channel: str, add: Any) -> None:
        own = _Own(sentences)
        for rule in self._of_text:
            if rule.text is None or not rule.applies(kind, channel):
                continue
            if rule.cues and not any(cue in text for cue in rule.cues):
                continue
            for count, match in enumerate(rule.text.finditer(text)):
                if count >= MOST_OF_A_RULE * 5:
                    break
                place = own.sentence_at(match.start(), match.end())
                if place is None or (rule.redeemed and self._redeemed(rule, text, sentences, place)):
                    continue
                if rule.unless and any_matches(rule.unless, sentences[place].own):
                    continue
                start = match.start() + len(match.group()) - len(match.group().lstrip(" 　\n"))
                add(rule, start, match.end())

    def _stands(
        self,
        rule: Rule,
        text: str,
        sentences: Sequence[Sentence],
        place: int,
        words: Sequence[Word],
        first: int,
        after: int,
    ) -> bool:
        if rule.affirmed and denied_after(words, after):
            return False
        if rule.unless and any_matches(rule.unless, words[max(0, first - NEAR) : after + NEAR]):
            return False
        return not (rule.redeemed and self._redeemed(rule, text, sentences, place))

    @staticmethod
    def _redeemed(rule: Rule, text: str, sentences: Sequence[Sentence], place: int) -> bool:
        last = min(place + 2, len(sentences) - 1) if rule.redeemed_by_next else place
        return bool(rule.redeemed and rule.redeemed.search(text, sentences[place].start, sentences[last].end))


class _Own:
    """Which sentence an offset lies in, for what is not quoted."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self._starts = [sentence.start for sentence in sentences]
        self._sentences = sentences

    def sentence_at(self, start: int, end: int) -> int | None:
        """The sentence of the first own word between the offsets."""
        place = max(0, bisect_right(self._starts, start) - 1)
        while place < len(self._sentences) and self._sentences[place].start < end:
            if any(w.start < end and start < w.end and not w.quoted for w in self._sentences[place].words):
                return place
            place += 1
        return None


def _without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """One rule says a thing once: of its overlapping spans the longest stands."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.rule, f.start, -f.end)):
        if kept and kept[-1].rule == finding.rule and finding.start < kept[-1].end:
            continue
        kept.append(finding)
    return kept


@cache
def built_in() -> RuleBook:
    here = Path(__file__).parent
    table = (here / "expressions.toml").read_text("utf-8")
    authorities: dict[str, str] = tomllib.loads(table)["authorities"]
    names = ("expressions", "korean_speakers")
    return RuleBook(
        rule
        for name in names
        for rule in rules_from((here / f"{name}.toml").read_text("utf-8"), name=name, authorities=authorities)
    )
