"""Reading a Korean answer: speech level, wording, the nine parts of a reply, honesty, and the facts it amounts to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

from playbooks.core.language.answer import COMMON_DETECTORS, Answer, Said, Span, share
from playbooks.core.language.finding import Courtesy, Element, Reading, Setting
from playbooks.core.language.korean import case_facts
from playbooks.core.language.korean.parts import SCREENS, TESTS, grammar, has, is_closing, own
from playbooks.core.language.korean.speech import BANMAL, BOUNDARY, HAEYO, HASIPSIO, NOMINAL, POLITE, Speech, speech_of
from playbooks.core.language.rules import RuleBook, load_rules
from playbooks.core.language.sentences import Sentence, prepared

CONDITIONS = ("no_alternative", "no_time", "no_measure", "maybe_own_fault")
LONGEST_ALIMTALK = 1_000

_TONE = frozenset(("K07", "K08", "K09", "K10", "K11", "K12", "K44", "K45", "K46", "K54", "K56"))
_FIGURE = re.compile(r"[0-9]{3}|처리|완료|접수|#\{")


@cache
def rules() -> RuleBook:
    source = (Path(__file__).parent / "rules.toml").read_text("utf-8")
    return load_rules(source, name="korean/rules.toml", conditions=CONDITIONS, detectors=tuple(_Korean.DETECTORS))


def read_korean(text: str, *, kind: str, setting: Setting, book: RuleBook | None = None) -> Reading:
    """Everything at once. `book` may hold a trainer's rules and a house style on top of `rules()`."""
    return _Korean(prepared(text, BOUNDARY), kind, setting, book or rules()).reading()


class _Korean(Answer):
    LANGUAGE = "ko"
    GRAMMAR = grammar
    SCREENS = SCREENS
    NAMES = {
        "greeting": "인사",
        "sender": "소속",
        "empathy": "공감",
        "apology": "사과",
        "cause": "원인",
        "remedy": "해결",
        "deadline": "기한",
        "prevention": "재발방지",
        "closing": "마무리",
    }
    HEARD = (0.0, 0.4, 0.6, 0.8, 0.9)
    TOLD_WITHIN = 1
    OWN_WORDS = 4
    DENIES_OWN = frozenset(("K17", "K18", "K19", "K20", "K22", "K23", "K24", "K28", "K35"))
    SILENCES = frozenset(("K25", "K26", "K37", "K38", "K39", "K40", "K41", "K43"))
    NOT_NG = ("H", "G", "T")

    # ── What the sentences are ──────────────────────────────────────────────────────────────────

    @cached_property
    def speech(self) -> Speech:
        return speech_of([sentence.text for sentence in self.text.sentences])

    @cached_property
    def said(self) -> tuple[Said, ...]:
        return tuple(
            Said(sentence, TESTS, level is not None and level.name in POLITE)
            for sentence, level in zip(self.text.sentences, self.speech.levels, strict=True)
        )

    @cached_property
    def senders(self) -> list[Said]:
        return [one for one in (*self.said[:5], *self.said[5:][-3:]) if one.does("sender")]

    def own_sender(self) -> Said | None:
        return next((one for one in self.senders if not case_facts.wrong_name(one.text, self.setting)), None)

    def closings(self) -> Iterable[Said]:
        count = len(self.said)
        return (one for one in self.said if is_closing(one, count=count))

    # ── The case ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def case_words(self) -> frozenset[str]:
        return case_facts.case_words(self.setting)

    @cached_property
    def case_facts(self) -> tuple[str, ...]:
        found = tuple(word for word in sorted(self.case_words) if word in self.telling)
        return found or (self.echo if len(self.echo) >= 2 else ())

    @cached_property
    def echo(self) -> tuple[str, ...]:
        named = " ".join(self.own_names)
        found = case_facts.echoed(self.telling, self.setting.customer_words)
        return tuple(word for word in found if word not in named)

    def echo_spans(self) -> Iterator[Span]:
        for word in self.echo:
            one = next(one for one in self.all("telling") if word in one.text)
            at = one.sentence.start + one.text.index(word)
            yield at, at + len(word)

    @cached_property
    def amounts(self) -> list[tuple[int, int, int]]:
        return case_facts.amounts(self.text.masked)

    def own_words(self, text: str) -> int:
        return own(text)

    def amount_not_authorised(self) -> Iterator[Span]:
        return super().amount_not_authorised() if self.setting.currency in ("", "KRW") else iter(())

    def wrong_customer(self) -> Iterator[Span]:
        other = case_facts.other_customer(self.text.masked, self.setting)
        if other is not None:
            yield other

    def promised_at(self, text: str) -> int | None:
        return case_facts.promised_at(text, self.setting)

    # ── Findings ────────────────────────────────────────────────────────────────────────────────

    def holds(self, condition: str, sentence: Sentence) -> bool:
        if condition == "no_alternative":
            beside = {sentence.index, sentence.index + 1}
            return not any(one.index in beside for one in self.all("remedy")) and "도와드리" not in sentence.text
        if condition == "no_time":
            return not self.said[sentence.index].does("deadline") and not has("hour", sentence.text)
        if condition == "no_measure":
            return not self.all("prevention")
        return self.setting.own_fault is not False  # maybe_own_fault

    def banmal(self) -> Iterator[Span]:
        return self._of_level(BANMAL)

    def nominal(self) -> Iterator[Span]:
        return self._of_level(NOMINAL)

    def _of_level(self, name: str) -> Iterator[Span]:
        for sentence, level in zip(self.text.sentences, self.speech.levels, strict=True):
            if level is not None and level.name == name and not (name == NOMINAL and has("listed", sentence.text)):
                yield sentence.start + level.start, sentence.start + level.end

    def date_past(self) -> Iterator[Span]:
        for one in self.all("deadline"):
            for start, end in case_facts.past_dates(one.text, self.setting):
                yield one.sentence.start + start, one.sentence.start + end

    def too_long(self) -> Iterator[Span]:
        if len(self.text.clean) > LONGEST_ALIMTALK:
            yield LONGEST_ALIMTALK, len(self.text.clean)

    def no_information(self) -> Iterator[Span]:
        if self.said and self._information() is None:
            yield self.said[0].span

    def _information(self) -> Said | None:
        return next((one for one in self.said if _informs(one.text)), None)

    # ── Courtesy, elements, facts ───────────────────────────────────────────────────────────────

    def courtesy(self) -> Courtesy:
        markers = tuple(
            f"{level.name}:{sentence.text[level.start : level.end][-8:]}"
            for sentence, level in zip(self.text.sentences, self.speech.levels, strict=True)
            if level is not None
        )
        style = self.speech.style
        return Courtesy(None, style == "formal" if style else None, style, self.speech.speech_level, markers[:20])

    def elements(self) -> Iterator[Element]:
        if self.kind != "alimtalk":
            yield from super().elements()
            return
        yield self.element("소속", self.parts.get("sender"))
        yield self.element("정보", self._information())

    def owned_by(self) -> float:
        return 0.2 if self.all("we") else 0.0

    def register(self, rules: list[str]) -> float:
        counts = self.speech.counts
        total = sum(counts.values())
        if not total:
            return 0.0
        polite = counts.get(HASIPSIO, 0) + counts.get(HAEYO, 0)
        warmth = 1.0 if counts.get(HASIPSIO, 0) * 2 >= polite else 0.85
        tone = 0.15 * sum(rule in _TONE for rule in rules) + 0.05 * sum("K00" < rule < "K07" for rule in rules)
        return share(polite / total * warmth - tone)


def _informs(text: str) -> bool:
    return has("informs", text) and (has("time", text) or has("amount", text) or _FIGURE.search(text) is not None)


_Korean.DETECTORS = {
    **COMMON_DETECTORS,
    "banmal": _Korean.banmal,
    "nominal": _Korean.nominal,
    "date_past": _Korean.date_past,
    "too_long": _Korean.too_long,
    "no_information": _Korean.no_information,
}
