"""Reading an English answer for the same facts as the other languages: small and careful."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from playbooks.core.language.answer import COMMON_DETECTORS, PARTS, Answer, Said, Span, share
from playbooks.core.language.english.parts import EVERY_WORD, SCREENS, TESTS, content, grammar, has, own
from playbooks.core.language.english.times import promised_at
from playbooks.core.language.finding import Courtesy, Reading, Setting
from playbooks.core.language.rules import RuleBook, load_rules
from playbooks.core.language.sentences import Sentence, Text, prepared

CONDITIONS = ("no_alternative", "no_time", "no_measure")

BOUNDARY = re.compile(
    r"(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bdr)(?<!\bno)(?<!\b[ap]\.m)(?<!\b[ap])[.](?=[\s\"')\]]|\Z)|[!?]+(?=[\s\"')\]]|\Z)|\n+",
    re.IGNORECASE,
)
_LOWER = {**{ord(c): ord(c.lower()) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, ord("’"): ord("'"), ord("`"): ord("'")}
_NAMES = re.compile(
    r"\A[A-Z][A-Za-z.'’-]{0,20}(?:[ ,]{1,2}(?:[A-Z&|–-][\w.'’-]{0,20}|of|at|from|and|the|here|for|team|care|customer)){1,12}[.]?\Z"
)
# A name at the beginning or after the greeting, and what the name stands for: Sam from Acme; Ann Lee, desk lead at Acme.
_NAMED = re.compile(
    r"\A(?:(?:hi+|hello|he+y+|dear|good [a-z]{3,9}|(?i:morning|afternoon|evening))\b[^,!.;\n]{0,30}[,!;] ?)?"
    r"(?:(?:it's|this is|i'm|i am) )?(?-i:[A-Z][\w.'’&-]{0,20}(?:,? (?:[A-Z&][\w.'’&-]{0,20}|of|and|the)){0,7})"
    r",? ?(?P<rest>[^.!?\n]{0,70})[.!]?\Z",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(r"(?:\A|[ ,])(?:from|at|of|here at|with) (?:the |our )?[A-Z]|[A-Z][a-z]+ ?, ?[A-Z]")
_TONE = frozenset(("E18", "E19"))
_NOBODY = frozenset("there customer sir madam all team valued guest friend everyone".split())


@cache
def rules() -> RuleBook:
    source = (Path(__file__).parent / "rules.toml").read_text("utf-8")
    return load_rules(source, name="english/rules.toml", conditions=CONDITIONS, detectors=tuple(COMMON_DETECTORS))


def read_english(text: str, *, kind: str, setting: Setting, book: RuleBook | None = None) -> Reading:
    """Everything at once. `book` may hold a trainer's rules and a house style on top of `rules()`."""
    return _English(_lowered(prepared(text, BOUNDARY)), kind, setting, book or rules()).reading()


def _lowered(text: Text) -> Text:
    """Compared in lower case and with straight apostrophes; both keep every offset."""
    sentences = tuple(replace(sentence, text=sentence.text.translate(_LOWER)) for sentence in text.sentences)
    return replace(text, masked=text.masked.translate(_LOWER), sentences=sentences)


class _English(Answer):
    LANGUAGE = "en"
    GRAMMAR = grammar
    SCREENS = SCREENS
    NAMES = {name: name for name in PARTS}
    DETECTORS = COMMON_DETECTORS
    HEARD = (0.0, 0.3, 0.5, 0.7, 0.8)
    TOLD_WITHIN = 2
    OWN_WORDS = 3
    DENIES_OWN = frozenset(("E03", "E04", "E05", "E06", "E15"))
    SILENCES = frozenset(("E10", "E11", "E12", "E14", "E21", "E22"))
    NOT_NG = ("H", "G")

    @cached_property
    def said(self) -> tuple[Said, ...]:
        return tuple(Said(sentence, TESTS) for sentence in self.text.sentences)

    @cached_property
    def senders(self) -> list[Said]:
        signed = self._signature()
        told = [one for one in (*self.said[:4], *self.said[4:][-4:]) if one.does("sender") or self._introduced(one)]
        return told if signed is None or signed in told else [*told, signed]

    def _signature(self) -> Said | None:
        """A line of names at the end: who, and of which firm or desk; a greeting at the end alone signs nothing."""
        last = self.said[1:][-5:]
        for before, one in zip((None, *last), last, strict=False):
            names = self.text.clean[slice(*one.span)]
            named = has("of_a_firm", one.text) or (before is not None and has("signs_off", before.text))
            if named and _NAMES.search(names) and not has("no_sender", one.text):
                return one
        return None

    def _introduced(self, one: Said) -> bool:
        """A name, and with it a role or the firm it stands for; no sentence about anything else."""
        source = self.text.clean[slice(*one.span)].replace("’", "'")
        found = _NAMED.search(source)
        if found is None or has("no_introduction", one.text) or len(source) > 110:
            return False
        return has("office", one.text) or bool(_STANDS_FOR.search(source))

    def own_sender(self) -> Said | None:
        names = [self.setting.names.get(name, "").lower() for name in ("firm", "desk", "agent")]
        known = [name for name in names if name]
        signed = " ".join(one.text for one in (*self.said[:4], *self.said[-4:]))
        if not self.senders or (known and not any(name in signed for name in known)):
            return None
        return self.senders[0]

    def closings(self) -> Iterable[Said]:
        return (one for one in self.said[1:] if self._closes(one))

    def _closes(self, one: Said) -> bool:
        left = len(self.said) - one.index
        return (left <= 6 and one.index >= 2 or left <= 3) and one.does("closing") or left <= 3 and one.does("thanks")

    # ── The case ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def case_words(self) -> frozenset[str]:
        names = self.setting.names
        lines = [names.get(name, "") for name in ("item", "order", "cause", "measure")]
        lines += [noun for nouns in self.setting.nouns.values() for noun in nouns]
        words = {word for line in lines for word in (*content(line), line.strip().lower())}
        return frozenset(word for word in words if len(word) >= 3 and not word.startswith(grammar.words["generic"]))

    @cached_property
    def echo(self) -> tuple[str, ...]:
        said = {word for text in self.setting.customer_words for word in content(text)}
        named = set(content(" ".join(self.own_names)))
        return tuple(sorted(said.intersection(content(self.telling)) - named))

    @cached_property
    def case_facts(self) -> tuple[str, ...]:
        found = tuple(word for word in sorted(self.case_words) if word in self.telling)
        return found or (self.echo if len(self.echo) >= 2 else ())

    @cached_property
    def amounts(self) -> list[tuple[int, int, int]]:
        return [
            (int(found[1].replace(",", "")) * 100 + int(found[2] or 0), found.start(), found.end())
            for found in grammar("amount").finditer(self.text.masked)
        ]

    def own_words(self, text: str) -> int:
        return own(text)

    def amount_not_authorised(self) -> Iterator[Span]:
        return super().amount_not_authorised() if self.setting.currency in ("", "USD") else iter(())

    def wrong_customer(self) -> Iterator[Span]:
        customer = set(EVERY_WORD.findall(self.setting.names.get("customer", "").lower()))
        for one in self.said[:2] if customer else ():
            found = grammar("addressed").search(one.text)
            called = set(EVERY_WORD.findall(found[1])) if found else set()
            if called and not called & customer and not called & _NOBODY:
                yield one.span

    def promised_at(self, text: str) -> int | None:
        today = self.setting.today[:10]
        return promised_at(text, date.fromisoformat(today)) if today else None

    # ── Findings, courtesy, facts ───────────────────────────────────────────────────────────────

    def holds(self, condition: str, sentence: Sentence) -> bool:
        if condition == "no_alternative":
            but = sentence.text.partition(" but ")[2]
            offered = Said(replace(sentence, text=but), TESTS).does("remedy") or "i can" in but
            return not offered and not any(one.index - sentence.index in (0, 1) for one in self.all("remedy"))
        if condition == "no_time":
            return not self.said[sentence.index].does("deadline")
        return not self.all("prevention")  # no_measure

    def courtesy(self) -> Courtesy:
        casual = [f for f in self.findings if f.rule in _TONE]
        markers = tuple(self.text.clean[f.start : f.end] for f in casual)
        return Courtesy(None, not casual, "informal" if casual else "formal", None, markers)

    def owned_by(self) -> float:
        return 0.2 if has("first_i", self.text.masked) else 0.1 if has("first_we", self.text.masked) else 0.0

    def register(self, rules: list[str]) -> float:
        return share(1.0 - 0.2 * sum(rule in _TONE for rule in rules))
