"""Rules of wording as data: read from TOML, checked strictly, and searched for in a text in bounded time.

A trainer writes rules in the same file format, and a house style changes how severe a rule is on a channel.
A rule's pattern is a regular expression without unbounded repetition, with three marks of its own:

    ‹ ›    the edge of a word, on its left and on its right
    …      at most 20 characters of the same sentence
    {ㄹ}   any Hangul syllable that ends in this consonant; {-} any that ends in a vowel
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from playbooks.core.case import LANGUAGES
from playbooks.core.language.finding import ADVICE, ERROR, KINDS, SEVERITIES, Finding
from playbooks.core.language.sentences import Sentence, Text
from playbooks.core.tables import Table, read_toml
from tickets.errors import Invalid
from tickets.lifecycle import CHANNELS

OFF = "off"
TO_CUSTOMERS = ("reply", "letter", "alimtalk")  # the kinds that a rule without `kinds` reads; a note stays inside
LONGEST_PATTERN = 2_500
WIDEST = 40  # the widest single repetition
MOST_PER_RULE = 20  # findings of one rule in one text: the twenty-first teaches nothing

_ID = re.compile(r"[A-Z]{1,3}[0-9]{1,3}[a-z]?")
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_MARK = re.compile(r"\{([-ㄱ-ㅎ])\}")
_GAP = "[^.!?\\n]{0,20}?"
_EDGES = {"‹": "(?<![가-힣A-Za-z0-9])", "›": "(?![가-힣A-Za-z0-9])"}
_FIELDS = (
    "id",
    "severity",
    "kinds",
    "detector",
    "cues",
    "pattern",
    "unless",
    "when",
    "why",
    "suggestion",
    "authority",
    "wrong",
    "right",
)

# Whether a rule's `when` holds for a sentence; each language names what it can tell.
Holds = Callable[[str, Sentence], bool]

# Rule id → channel, or "all" → severity, or "off".
HouseStyle = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to say about wording. `wrong` and `right` are samples that it must catch and spare."""

    id: str
    severity: str
    kinds: tuple[str, ...]
    detector: str | None  # found by grammar rather than by a pattern
    cues: tuple[str, ...]  # literal words, one of which must be in the text before the pattern is tried
    pattern: re.Pattern[str] | None
    unless: re.Pattern[str] | None  # spares a sentence that holds this
    when: tuple[str, ...]  # conditions that must hold for the sentence
    why: Mapping[str, str]
    suggestion: str | None
    authority: str | None
    wrong: tuple[str, ...] = ()
    right: tuple[str, ...] = ()

    def finding(self, start: int, end: int, suggestion: str | None = None) -> Finding:
        return Finding(self.id, self.severity, start, end, self.why, suggestion or self.suggestion, self.authority)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of one language. `version` is kept with every graded text."""

    language: str
    version: str
    rules: Mapping[str, Rule]

    def with_rules(self, more: RuleBook) -> RuleBook:
        """A trainer's rules on top: a known id is replaced, a new one added."""
        if more.language != self.language:
            raise Invalid("wrong_language", f"These rules are for '{more.language}'.", field="language")
        return replace(
            self, version=f"{self.version}+{more.version}", rules=MappingProxyType({**self.rules, **more.rules})
        )


def house_style(text: str, *, name: str) -> HouseStyle:
    """A house style from TOML: one table per rule, `K49 = { all = "off", kakaotalk = "advice" }`."""
    style = read_toml(text, name=name)
    for rule, channels in style.items():
        if not _ID.fullmatch(rule):
            raise Invalid("unknown_rule", f"{name}: '{rule[:40]}' is no id of a rule.", field=rule)
        if not isinstance(channels, Mapping):
            raise Invalid("wrong_type", f"{name}: {rule}: must be a table of channels.", field=rule)
        for channel, severity in channels.items():
            if channel != "all" and channel not in CHANNELS:
                raise Invalid("unknown_channel", f"{name}: '{channel}' is no channel.", field=f"{rule}.{channel}")
            if severity not in (*SEVERITIES, OFF):
                known = ", ".join((*SEVERITIES, OFF))
                raise Invalid(
                    "unknown_severity", f"{name}: '{severity}' is not one of: {known}.", field=f"{rule}.{channel}"
                )
    return style


def in_house(findings: Iterable[Finding], style: HouseStyle, channel: str) -> list[Finding]:
    """The findings as a house style has them: rule id → channel (or "all") → error, advice, good or off."""
    kept = []
    for finding in findings:
        channels = style.get(finding.rule, {})
        severity = channels.get(channel) or channels.get("all")
        if severity != OFF:
            kept.append(replace(finding, severity=severity) if severity else finding)
    return kept


# ── Reading a file of rules ─────────────────────────────────────────────────────────────────────


def load_rules(text: str, *, name: str, conditions: Collection[str] = (), detectors: Collection[str] = ()) -> RuleBook:
    """Rules from TOML text. Invalid names the rule and key at fault, e.g. `rule[3].pattern`."""
    table = Table(read_toml(text, name=name), file=name, path="", fields=("language", "version", "authorities", "rule"))
    language = table.choice("language", LANGUAGES, what="language")
    authorities = table.data.get("authorities", {})
    entries = table.data.get("rule", [])
    if not isinstance(authorities, Mapping) or not isinstance(entries, list):
        raise table.refusal("wrong_type", "rule", "must be a list of tables beside a table of authorities")
    rules: dict[str, Rule] = {}
    for index, entry in enumerate(entries):
        rule = _rule(Table(entry, file=name, path=f"rule[{index}]", fields=_FIELDS), authorities, conditions, detectors)
        if rule.id in rules:
            raise table.refusal("twice", f"rule[{index}].id", f"'{rule.id}' is there already")
        rules[rule.id] = rule
    return RuleBook(language, str(table.data.get("version", "")), MappingProxyType(rules))


def _rule(
    table: Table, authorities: Mapping[str, Any], conditions: Collection[str], detectors: Collection[str]
) -> Rule:
    severity = table.choice("severity", SEVERITIES, what="severity")
    detector = table.choice("detector", detectors, what="detector") if "detector" in table.data else None
    if (detector is None) == ("pattern" not in table.data):
        raise table.refusal("missing_field", "pattern", "give either a pattern or a detector")
    authority = _authority(table, authorities)
    return Rule(
        id=table.name("id", _ID),
        severity=ADVICE if severity == ERROR and authority is None else severity,  # what rests on nothing only advises
        kinds=_lines(table, "kinds", KINDS) or TO_CUSTOMERS,
        detector=detector,
        cues=_lines(table, "cues"),
        pattern=_pattern(table, "pattern"),
        unless=_pattern(table, "unless"),
        when=_lines(table, "when", conditions),
        why=MappingProxyType(_why(table)),
        suggestion=table.data.get("suggestion"),
        authority=authority,
        wrong=_lines(table, "wrong"),
        right=_lines(table, "right"),
    )


def _authority(table: Table, authorities: Mapping[str, Any]) -> str | None:
    key = table.data.get("authority")
    if key is None:
        return None
    if key not in authorities:
        raise table.refusal("unknown_authority", "authority", f"'{key}' is not among the authorities of this file")
    return str(authorities[key])


def _why(table: Table) -> dict[str, str]:
    why = table.data.get("why")
    if (
        not isinstance(why, Mapping)
        or set(why) != set(LANGUAGES)
        or not all(isinstance(w, str) and w for w in why.values())
    ):
        raise table.refusal("missing_field", "why", f"a reason in each of: {', '.join(LANGUAGES)}")
    return {language: why[language] for language in LANGUAGES}


def _lines(table: Table, key: str, known: Collection[str] | None = None) -> tuple[str, ...]:
    lines = table.data.get(key, [])
    if not isinstance(lines, list) or not all(isinstance(line, str) and line for line in lines):
        raise table.refusal("wrong_type", key, "must be a list of texts")
    for line in lines:
        if known is not None and line not in known:
            raise table.refusal("unknown_name", key, f"'{line}' is not one of: {', '.join(sorted(known))}")
    return tuple(lines)


def _pattern(table: Table, key: str) -> re.Pattern[str] | None:
    source = table.data.get(key)
    if source is None:
        return None
    if not isinstance(source, str) or not 0 < len(source) <= LONGEST_PATTERN:
        raise table.refusal("bad_pattern", key, f"must be a text of at most {LONGEST_PATTERN} characters")
    try:
        return compiled(source)
    except (re.error, ValueError) as error:
        raise table.refusal("bad_pattern", key, str(error)) from error


def compiled(source: str) -> re.Pattern[str]:
    """A pattern with its marks spelled out. ValueError where it could take unbounded time."""
    bounded(source)
    spelled = _MARK.sub(lambda mark: syllables(mark[1]), source).replace("…", _GAP)
    for mark, edge in _EDGES.items():
        spelled = spelled.replace(mark, edge)
    return re.compile(spelled)


@cache
def syllables(final: str) -> str:
    """The syllables that end in this consonant, as the inside of no set but a set of its own; '-' for a vowel."""
    index = 0 if final == "-" else _FINALS.index(final)
    return "[" + "".join(chr(code) for code in range(ord("가") + index, ord("힣") + 1, 28)) + "]"


_REPEAT = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{(\d*)(,?)(\d*)\}|([*+])|(…)|(\|)|(\))(?=[*+{])")


def bounded(source: str) -> None:
    """No *, no +, no repeated group, and at most three wide repetitions between two bars: no search can blow up."""
    wide = 0
    for found in _REPEAT.finditer(source):
        low, comma, high, endless, gap, bar, group = found.groups()
        if endless or (comma and not high):
            raise ValueError("repetition without an end (* or + or {n,})")
        if group:
            raise ValueError("a repeated group")
        if bar:
            wide = 0
        elif gap or low is not None:
            if low is not None and int(high or low or 0) > WIDEST:
                raise ValueError(f"a repetition wider than {WIDEST}")
            wide += 1
            if wide > 3:
                raise ValueError("more than three wide repetitions in one alternative")


# ── Searching a text ────────────────────────────────────────────────────────────────────────────


def search(book: RuleBook, text: Text, *, kind: str, holds: Holds) -> list[Finding]:
    """What the patterned rules find, with offsets in the clean text."""
    findings: list[Finding] = []
    for rule in book.rules.values():
        if rule.pattern is not None and kind in rule.kinds:
            findings.extend(_of_rule(rule, rule.pattern, text, holds))
    return findings


def _of_rule(rule: Rule, pattern: re.Pattern[str], text: Text, holds: Holds) -> list[Finding]:
    found: list[Finding] = []
    if not rule.cues and not pattern.search(text.masked):  # in one go, where no cue narrows it down
        return found
    for sentence in _sentences(rule, text):
        if rule.unless is not None and rule.unless.search(text.masked, sentence.start, sentence.end):
            continue
        # Two characters before it, so that a pattern can ask whether a sentence begins here.
        for match in pattern.finditer(text.masked, max(0, sentence.start - 2), sentence.end):
            if match.end() > sentence.start and all(holds(condition, sentence) for condition in rule.when):
                found.append(rule.finding(max(match.start(), sentence.start), match.end()))
                if len(found) == MOST_PER_RULE:
                    return found
    return found


def _sentences(rule: Rule, text: Text) -> Iterable[Sentence]:
    """The sentences that hold one of the rule's cues: looking for a literal is far cheaper than the pattern."""
    if not rule.cues:
        return text.sentences
    places: set[int] = set()
    for cue in rule.cues:
        at = text.masked.find(cue)
        while at >= 0:
            sentence = text.sentence_at(at)
            if sentence is None:
                break
            places.add(sentence.index)
            at = text.masked.find(cue, max(at + 1, sentence.end))
    return [text.sentences[place] for place in sorted(places)]
