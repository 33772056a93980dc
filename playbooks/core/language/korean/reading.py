"""Reading a Korean answer: speech level, wording, the nine parts of a reply, honesty, and the facts it amounts to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.language.finding import (
    ERROR,
    GOOD,
    Courtesy,
    Element,
    Evidence,
    Finding,
    Reading,
    Setting,
)
from playbooks.core.language.korean import case_facts
from playbooks.core.language.korean.parts import (
    AMOUNT,
    ELEMENTS,
    TIME,
    Part,
    Seen,
    grammar,
    investigating,
    is_sender,
    offers_repair,
    parts,
)
from playbooks.core.language.korean.speech import BANMAL, BOUNDARY, HASIPSIO, NOMINAL, Speech, speech_of
from playbooks.core.language.rules import RuleBook, load_rules, search
from playbooks.core.language.sentences import Sentence, Text, prepared

CONDITIONS = ("no_alternative", "no_time", "no_measure", "maybe_own_fault")
NEEDS_THE_CASE = ("원인", "해결", "재발방지")  # parts that a text without a fact of the case cannot fulfil
ALIMTALK_ELEMENTS = ("소속", "정보")
LONGEST_ALIMTALK = 1_000

_LISTED = grammar("listed")
_OWN_FAULT = grammar("own_fault")
_NOT_OURS = grammar("not_ours")
_STANDS_BY = grammar("stands_by")
_WE = grammar("we")
_REPENTS = grammar("repents")
_FORGIVE = grammar("forgive")
_TOOK_IN = grammar("took_in")
_YOUR_SAY = grammar("your_say")
_QUESTIONS = grammar("questions")
_IF_ANY = grammar("if_any")
_CHECKS_IN = grammar("checks_in")
_TELLS = grammar("tells")
_INFORMS = grammar("informs")
_TONE_RULES = frozenset(("K07", "K08", "K09", "K10", "K11", "K12", "K44", "K45", "K46", "K54", "K56"))
_DENIES_OWN = frozenset(("K17", "K18", "K19", "K20", "K22", "K23", "K24", "K28", "K35"))
_SILENCES = frozenset(("K25", "K26", "K37", "K38", "K39", "K40", "K41", "K43"))
_NOT_NG = ("H", "G", "T")


@cache
def rules() -> RuleBook:
    source = (Path(__file__).parent / "rules.toml").read_text("utf-8")
    return load_rules(source, name="korean/rules.toml", conditions=CONDITIONS, detectors=tuple(_DETECTORS))


def read_korean(text: str, *, kind: str, setting: Setting, book: RuleBook | None = None) -> Reading:
    """Everything at once. `book` may hold a trainer's rules and a house style on top of `rules()`."""
    return _Korean(prepared(text, BOUNDARY), kind, setting, book or rules()).reading()


@dataclass
class _Korean:
    text: Text
    kind: str
    setting: Setting
    book: RuleBook

    def reading(self) -> Reading:
        findings = self.findings
        return Reading(
            language="ko",
            kind=self.kind,
            courtesy=self._courtesy(),
            findings=tuple(self._placed(finding) for finding in findings),
            elements=tuple(self._elements()),
            facts=self._facts(findings),
            evidence=tuple(Evidence(fact, *self.text.span(start, end)) for fact, start, end in self._evidence),
        )

    # ── What the sentences are ──────────────────────────────────────────────────────────────────

    @cached_property
    def speech(self) -> Speech:
        return speech_of([sentence.text for sentence in self.text.sentences])

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        return tuple(Seen(s, level) for s, level in zip(self.text.sentences, self.speech.levels, strict=True))

    @cached_property
    def known(self) -> bool:
        return case_facts.is_known(self.setting)

    @cached_property
    def case_facts(self) -> tuple[str, ...]:
        return case_facts.case_facts(self.text.masked, self.setting)

    @cached_property
    def parts(self) -> dict[str, Part]:
        """The parts that count: a sender must be this desk, and cause, remedy and measure must be of this case."""
        found = parts(self.seen)
        if self.known:
            sender = self._own_sender() if "소속" in found else None
            found.pop("소속", None)
            if sender is not None:
                found["소속"] = Part("소속", sender.sentence)
        return {name: part for name, part in found.items() if self._counts(name)}

    def _counts(self, name: str) -> bool:
        """Whether a part may count: a text without any fact of its case states neither its cause nor its remedy."""
        return not self._caseless or name not in NEEDS_THE_CASE

    @cached_property
    def _caseless(self) -> bool:
        return self.known and bool(case_facts.case_words(self.setting)) and not self.case_facts

    def _senders(self) -> list[Seen]:
        return [one for one in (*self.seen[:5], *self.seen[5:][-3:]) if is_sender(one)]

    def _own_sender(self) -> Seen | None:
        return next((one for one in self._senders() if not case_facts.wrong_name(one.text, self.setting)), None)

    def sentences_of(self, test: Callable[[Seen], bool]) -> list[Seen]:
        return [one for one in self.seen if test(one)]

    @cached_property
    def remedies(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.remedy)

    @cached_property
    def causes(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.cause)

    @cached_property
    def preventions(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.prevention)

    @cached_property
    def apologies(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.apology)

    @cached_property
    def empathies(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.empathy)

    @cached_property
    def deadlines(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.deadline)

    @cached_property
    def own_faults(self) -> list[Seen]:
        return self.sentences_of(
            lambda one: one.polite and bool(_OWN_FAULT.search(one.text)) and not _NOT_OURS.search(one.text)
        )

    # ── Findings ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def findings(self) -> list[Finding]:
        found = search(self.book, self.text, kind=self.kind, holds=self._holds)
        for rule in self.book.rules.values():
            if rule.detector is not None and self.kind in rule.kinds:
                found.extend(rule.finding(start, end) for start, end in _DETECTORS[rule.detector](self))
        return sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule))

    def _placed(self, finding: Finding) -> Finding:
        start, end = self.text.span(finding.start, finding.end)
        return Finding(
            finding.rule, finding.severity, start, end, finding.reason, finding.suggestion, finding.authority
        )

    def _holds(self, condition: str, sentence: Sentence) -> bool:
        if condition == "no_alternative":
            beside = {sentence.index, sentence.index + 1}
            return not any(one.sentence.index in beside for one in self.remedies) and "도와드리" not in sentence.text
        if condition == "no_time":
            return not self.seen[sentence.index].deadline and not _HOUR.search(sentence.text)
        if condition == "no_measure":
            return not self.preventions
        return self.setting.own_fault is not False  # maybe_own_fault

    def _banmal(self) -> Iterator[tuple[int, int]]:
        return self._of_level(BANMAL)

    def _nominal(self) -> Iterator[tuple[int, int]]:
        return self._of_level(NOMINAL)

    def _of_level(self, name: str) -> Iterator[tuple[int, int]]:
        for one in self.seen:
            if one.level is not None and one.level.name == name and not (name == NOMINAL and _LISTED.match(one.text)):
                yield one.sentence.start + one.level.start, one.sentence.start + one.level.end

    def _cause_not_known(self) -> Iterator[tuple[int, int]]:
        if self.known and self.setting.own_fault is None:
            yield from (_span(one) for one in self.causes)

    def _measure_not_known(self) -> Iterator[tuple[int, int]]:
        if self.known and self.setting.own_fault is None:
            yield from (_span(one) for one in self.preventions)

    def _amount_not_authorised(self) -> Iterator[tuple[int, int]]:
        if self.setting.amounts and self.setting.currency in ("", "KRW"):
            for amount, start, end in case_facts.amounts(self.text.masked):
                if amount not in self.setting.amounts:
                    yield start, end

    def _wrong_sender(self) -> Iterator[tuple[int, int]]:
        senders = self._senders() if self.known else []
        if senders and all(case_facts.wrong_name(one.text, self.setting) for one in senders):
            yield _span(senders[0])

    def _wrong_customer(self) -> Iterator[tuple[int, int]]:
        other = case_facts.other_customer(self.text.masked, self.setting)
        if other is not None:
            yield other

    def _date_past(self) -> Iterator[tuple[int, int]]:
        for one in self.deadlines:
            for start, end in case_facts.past_dates(one.text, self.setting):
                yield one.sentence.start + start, one.sentence.start + end

    def _about_no_case(self) -> Iterator[tuple[int, int]]:
        if self._caseless and len(self.seen) >= 3:
            yield _span(self.seen[0])

    def _investigating_with_time(self) -> Iterator[tuple[int, int]]:
        return (_span(one) for one in self._interim())

    def _interim(self) -> list[Seen]:
        """It is being looked into, and the customer hears by a time, in the same sentence or the next."""
        looking = [one for one in self.seen if investigating(one)]
        timed = {one.sentence.index for one in self.deadlines if _TELLS.search(one.text)}
        return [one for one in looking if {one.sentence.index, one.sentence.index + 1} & timed]

    def _empathy(self) -> Iterator[tuple[int, int]]:
        return (_span(one) for one in self.empathies[:2])

    def _remedy_with_time(self) -> Iterator[tuple[int, int]]:
        timed = {one.sentence.index for one in self.deadlines}
        return (_span(one) for one in self.remedies if one.sentence.index in timed)

    def _responsibility(self) -> Iterator[tuple[int, int]]:
        return (_span(one) for one in self.own_faults[:1])

    def _too_long(self) -> Iterator[tuple[int, int]]:
        if len(self.text.clean) > LONGEST_ALIMTALK:
            yield LONGEST_ALIMTALK, len(self.text.clean)

    def _no_information(self) -> Iterator[tuple[int, int]]:
        if self.text.sentences and self._information() is None:
            yield _span(self.seen[0])

    def _information(self) -> Seen | None:
        return next(
            (
                one
                for one in self.seen
                if _INFORMS.search(one.text)
                and (
                    TIME.search(one.text)
                    or AMOUNT.search(one.text)
                    or re.search(r"[0-9]{3}|처리|완료|접수|#\{", one.text)
                )
            ),
            None,
        )

    # ── Courtesy and elements ───────────────────────────────────────────────────────────────────

    def _courtesy(self) -> Courtesy:
        counts = self.speech.counts
        markers = tuple(
            f"{level.name}:{one.text[level.start : level.end][-8:]}"
            for one in self.seen
            if (level := one.level) is not None
        )
        polite = self.speech.style == "formal" if self.speech.style else None
        return Courtesy(None, polite, self.speech.style, self.speech.speech_level, markers[:20] if counts else ())

    def _elements(self) -> Iterator[Element]:
        if self.kind == "note":
            return
        if self.kind == "alimtalk":
            named = {"소속": self.parts.get("소속"), "정보": self._information()}
            for name in ALIMTALK_ELEMENTS:
                part = named[name]
                yield self._element(name, None if part is None else part.sentence)
            return
        for name in ELEMENTS:
            part = self.parts.get(name)
            yield self._element(name, None if part is None else part.sentence)

    def _element(self, name: str, sentence: Sentence | None) -> Element:
        if sentence is None:
            return Element(name, False)
        return Element(name, True, *self.text.span(sentence.start, sentence.end))

    # ── Facts ───────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _apology(self) -> dict[str, Seen]:
        """The six components (Lewicki et al.), each with the sentence that holds it."""
        forgiven = self.sentences_of(lambda one: one.polite and bool(_FORGIVE.search(one.text)) and not one.denied)
        repented = self.sentences_of(lambda one: one.polite and bool(_REPENTS.search(one.text)) and not one.denied)
        held = {
            "responsibility": self.own_faults,
            "repair": self.sentences_of(offers_repair) if self._counts("해결") else [],
            "regret": self.apologies,
            "explanation": self.causes if self._counts("원인") else [],
            "repentance": repented or (self.preventions if self._counts("재발방지") else []),
            "forgiveness": forgiven,
        }
        if not self.apologies and not self.own_faults:  # a remedy or a reason alone apologises for nothing
            return {}
        return {name: held[name][0] for name in COMPONENTS if held[name]}

    @cached_property
    def _echo(self) -> tuple[str, ...]:
        return case_facts.echoed(self.text.masked, self.setting.customer_words)

    @cached_property
    def _took_in(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.polite and bool(_TOOK_IN.search(one.text)))

    @cached_property
    def _stood_by(self) -> list[Seen]:
        return self.sentences_of(lambda one: one.polite and bool(_STANDS_BY.search(one.text)) and not one.denied)

    def _facts(self, findings: list[Finding]) -> Facts:
        if self.kind == "note":
            return Facts()
        ids = [finding.rule for finding in findings if finding.severity != GOOD]
        return Facts(
            apology=tuple(self._apology),
            empathy=self._felt(),
            listening=self._heard(),
            concrete=self._concreteness(),
            ownership=_share(self._owned() - 0.35 * sum(rule in _DENIES_OWN for rule in ids)),
            register=self._register(ids),
            voice=self._voice(ids),
            ng=sum(f.severity == ERROR and not f.rule.startswith(_NOT_NG) for f in findings),
            asks=bool(self._questions),
            promise_at=self._promise_at(),
            deeds=tuple(self._deeds()),
        )

    def _felt(self) -> float:
        if not self.empathies:
            return 0.0
        of_the_case = any(word in one.text for one in self.empathies for word in (*self.case_facts, *self._echo))
        return _share(0.5 + 0.2 * (len(self.empathies) > 1) + 0.3 * (of_the_case or not self.known))

    def _heard(self) -> float:
        heard = (0.0, 0.4, 0.6, 0.8, 0.9)[min(len(self._echo), 4)]
        return _share(heard + 0.3 * bool(self._took_in))

    def _concreteness(self) -> float:
        amount = bool(AMOUNT.search(self.text.masked))
        return _share(
            0.3 * bool(self.remedies)
            + 0.4 * bool(self.deadlines)
            + 0.1 * amount
            + 0.2 * bool(self.case_facts or self.causes)
        )

    def _owned(self) -> float:
        own = 0.4 * bool(self.own_faults) + 0.4 * bool(self._stood_by)
        return own + 0.2 * any(one.polite and _WE.search(one.text) for one in self.seen)

    def _register(self, ids: list[str]) -> float:
        counts = self.speech.counts
        total = sum(counts.values())
        if not total:
            return 0.0
        polite = counts.get(HASIPSIO, 0) + counts.get("haeyo", 0)
        warmth = 1.0 if counts.get(HASIPSIO, 0) * 2 >= polite else 0.85
        return _share(
            polite / total * warmth
            - 0.15 * sum(rule in _TONE_RULES for rule in ids)
            - 0.05 * sum("K00" < rule < "K07" for rule in ids)
        )

    def _voice(self, ids: list[str]) -> float:
        asked = any(one.polite and _YOUR_SAY.search(one.text) for one in self.seen)
        return _share((0.9 if asked else 0.5) - 0.2 * sum(rule in _SILENCES for rule in ids))

    @cached_property
    def _questions(self) -> list[Seen]:
        return self.sentences_of(_is_question)

    @cached_property
    def _promise(self) -> Seen | None:
        told = [one for one in self.deadlines if _TELLS.search(one.text)]
        return next(iter((*told, *self.deadlines)), None)

    def _promise_at(self) -> int | None:
        return None if self._promise is None else case_facts.promised_at(self._promise.text, self.setting)

    def _deeds(self) -> Iterator[str]:
        if self._interim():
            yield "interim_report"
        if self.kind == "letter":
            yield "letter"
        if "재발방지" in self.parts:
            yield "prevention"
        if any(one.polite and _CHECKS_IN.search(one.text) for one in self.seen) and not self.remedies:
            yield "check_in"

    @cached_property
    def _evidence(self) -> list[tuple[str, int, int]]:
        if self.kind == "note":
            return []
        found = [(f"apology.{name}", one) for name, one in self._apology.items()]
        found += [("empathy", one) for one in self.empathies]
        found += [("listening", one) for one in self._took_in]
        found += [("concrete", one) for one in self.deadlines] + [
            ("ownership", one) for one in (*self.own_faults, *self._stood_by)
        ]
        found += [("asks", one) for one in self._questions]
        if self._promise is not None:
            found.append(("promise_at", self._promise))
        spans = [(fact, *_span(one)) for fact, one in found]
        for word in self._echo:
            at = self.text.masked.index(word)
            spans.append(("listening", at, at + len(word)))
        spans += [
            ("ng", f.start, f.end) for f in self.findings if f.severity == ERROR and not f.rule.startswith(_NOT_NG)
        ]
        return sorted(set(spans), key=lambda span: (span[1], span[2], span[0]))


_HOUR = grammar("hour")
_NEEDS_DATA = grammar("needs_data")
_DETECTORS: dict[str, Callable[[_Korean], Iterator[tuple[int, int]]]] = {
    "banmal": _Korean._banmal,
    "nominal": _Korean._nominal,
    "cause_not_known": _Korean._cause_not_known,
    "measure_not_known": _Korean._measure_not_known,
    "amount_not_authorised": _Korean._amount_not_authorised,
    "wrong_sender": _Korean._wrong_sender,
    "wrong_customer": _Korean._wrong_customer,
    "date_past": _Korean._date_past,
    "about_no_case": _Korean._about_no_case,
    "investigating_with_time": _Korean._investigating_with_time,
    "empathy": _Korean._empathy,
    "remedy_with_time": _Korean._remedy_with_time,
    "responsibility": _Korean._responsibility,
    "too_long": _Korean._too_long,
    "no_information": _Korean._no_information,
}


def _is_question(one: Seen) -> bool:
    """Asks for something that the next step needs; an open invitation to write leaves the word with us."""
    if not one.polite or not _QUESTIONS.search(one.text) or _IF_ANY.search(one.text):
        return False
    return not _YOUR_SAY.search(one.text) or _NEEDS_DATA.search(one.text) is not None


def _span(one: Seen) -> tuple[int, int]:
    return one.sentence.start, one.sentence.end


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
