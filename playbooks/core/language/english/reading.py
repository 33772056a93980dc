"""Reading an English answer for the same facts as the other languages: small and careful."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path

from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.language.finding import ERROR, GOOD, Courtesy, Element, Evidence, Finding, Reading, Setting
from playbooks.core.language.grammar import Grammar
from playbooks.core.language.rules import RuleBook, load_rules, search
from playbooks.core.language.sentences import Sentence, Text, prepared

ELEMENTS = ("greeting", "sender", "empathy", "apology", "cause", "remedy", "deadline", "prevention", "closing")
CONDITIONS = ("no_alternative", "no_time", "no_measure")
NEEDS_THE_CASE = ("cause", "remedy", "prevention")
SHORTEST = 4  # words that a sentence needs before it can state anything

BOUNDARY = re.compile(
    r"(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bdr)(?<!\bno)(?<!\b[ap]\.m)(?<!\b[ap])[.](?=[\s\"')\]]|\Z)|[!?]+(?=[\s\"')\]]|\Z)|\n+",
    re.IGNORECASE,
)
_LOWER = {**{ord(c): ord(c.lower()) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, ord("’"): ord("'"), ord("`"): ord("'")}
_WORD = re.compile(r"[a-z][a-z'-]{3,30}")
_EVERY_WORD = re.compile(r"[a-z0-9']+")
_NOT_NG = ("H", "G")
_TONE = frozenset(("E18", "E19"))
_DENIES_OWN = frozenset(("E03", "E04", "E05", "E06", "E15"))
_SILENCES = frozenset(("E10", "E11", "E12", "E14", "E21", "E22"))
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = "january february march april may june july august september october november december".split()
_NOBODY = frozenset("there customer sir madam all team valued guest friend everyone".split())


def _read_grammar() -> dict[str, re.Pattern[str]]:
    grammar = Grammar(Path(__file__).parent)
    return {name: re.compile(grammar(name).pattern.replace("’", "'")) for name in grammar.entries}


@cache
def _grammar() -> dict[str, re.Pattern[str]]:
    return _read_grammar()


@cache
def _generic() -> tuple[str, ...]:
    return Grammar(Path(__file__).parent).words["generic"]


def _has(name: str, text: str) -> bool:
    return _grammar()[name].search(text) is not None


@cache
def rules() -> RuleBook:
    source = (Path(__file__).parent / "rules.toml").read_text("utf-8")
    return load_rules(source, name="english/rules.toml", conditions=CONDITIONS, detectors=tuple(_DETECTORS))


def read_english(text: str, *, kind: str, setting: Setting, book: RuleBook | None = None) -> Reading:
    """Everything at once. `book` may hold a trainer's rules and a house style on top of `rules()`."""
    return _English(_lowered(prepared(text, BOUNDARY)), kind, setting, book or rules()).reading()


def _lowered(text: Text) -> Text:
    """Compared in lower case and with straight apostrophes; both keep every offset."""
    sentences = tuple(replace(sentence, text=sentence.text.translate(_LOWER)) for sentence in text.sentences)
    return replace(text, masked=text.masked.translate(_LOWER), sentences=sentences)


# ── One sentence ────────────────────────────────────────────────────────────────────────────────


def _asked(text: str) -> bool:
    return text.endswith("?")


def _states(text: str) -> bool:
    return not _asked(text) and len(_EVERY_WORD.findall(text)) >= SHORTEST


def is_apology(text: str) -> bool:
    sorry = _has("sorry", text) and not _has("sorry_but", text) and not _has("if_hurt", text)
    return sorry and not (_has("sorry_to_hear", text) and "apolog" not in text)


def is_empathy(text: str) -> bool:
    return _has("felt", text) and not _has("felt_alone", text) and not _has("if_hurt", text) and not _asked(text)


def is_remedy(text: str) -> bool:
    if (
        not _states(text)
        or _has("denied", text)
        or (_has("remedy_not", text) and "we will" not in text and "i will" not in text)
    ):
        return False
    return _has("remedy_word", text) and _has("doing", text)


def is_cause(text: str) -> bool:
    if not _states(text) or _has("busy", text) or _has("cause_only_look", text):
        return False
    if not _has("cause", text) or (is_remedy(text) and not _has("found_out", text)):
        return False
    return (_has("found_out", text) or not is_apology(text)) and _specific(text) >= 2


def is_prevention(text: str) -> bool:
    if not _states(text) or "did not change" in text or "have not changed" in text:
        return False
    return _has("measure_line", text) and (
        _has("prevents", text) or not is_remedy(text) or "you" not in _EVERY_WORD.findall(text)
    )


def has_deadline(text: str) -> bool:
    return not _asked(text) and not _has("denied", text) and _has("deadline", text) and _has("promise", text)


def _specific(text: str) -> int:
    return sum(1 for word in _WORD.findall(text) if not word.startswith(_generic()))


@dataclass
class _English:
    text: Text
    kind: str
    setting: Setting
    book: RuleBook

    def reading(self) -> Reading:
        findings = self.findings
        return Reading(
            language="en",
            kind=self.kind,
            courtesy=self._courtesy(findings),
            findings=tuple(
                replace(f, start=self.text.span(f.start, f.end)[0], end=self.text.span(f.start, f.end)[1])
                for f in findings
            ),
            elements=tuple(self._elements()),
            facts=self._facts(findings),
            evidence=tuple(Evidence(fact, *self.text.span(start, end)) for fact, start, end in self._evidence),
        )

    def where(self, test: Callable[[str], bool]) -> list[Sentence]:
        return [sentence for sentence in self.text.sentences if test(sentence.text)]

    @cached_property
    def known(self) -> bool:
        return bool(self.setting.names or self.setting.nouns or self.setting.today)

    @cached_property
    def apologies(self) -> list[Sentence]:
        return self.where(is_apology)

    @cached_property
    def empathies(self) -> list[Sentence]:
        return self.where(is_empathy)

    @cached_property
    def remedies(self) -> list[Sentence]:
        return self.where(is_remedy)

    @cached_property
    def causes(self) -> list[Sentence]:
        return self.where(is_cause)

    @cached_property
    def preventions(self) -> list[Sentence]:
        return self.where(is_prevention)

    @cached_property
    def deadlines(self) -> list[Sentence]:
        return self.where(has_deadline)

    @cached_property
    def own_faults(self) -> list[Sentence]:
        return self.where(lambda text: _has("own_fault", text) and not _has("not_ours", text) and not _asked(text))

    @cached_property
    def stood_by(self) -> list[Sentence]:
        return self.where(lambda text: _has("stands_by", text) and not _has("denied", text))

    @cached_property
    def took_in(self) -> list[Sentence]:
        return self.where(lambda text: _has("took_in", text))

    @cached_property
    def questions(self) -> list[Sentence]:
        return self.where(lambda text: _has("questions", text) and not _has("if_any", text))

    # ── The case ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def case_words(self) -> frozenset[str]:
        names = self.setting.names
        lines = [names.get(name, "") for name in ("item", "order", "cause", "measure")]
        lines += [noun for nouns in self.setting.nouns.values() for noun in nouns]
        return frozenset(word for line in lines for word in {*_content(line), line.strip().lower()} if len(word) >= 3)

    @cached_property
    def echo(self) -> tuple[str, ...]:
        said = {word for text in self.setting.customer_words for word in _content(text)}
        return tuple(sorted(said & _content(self.text.masked)))

    @cached_property
    def case_facts(self) -> tuple[str, ...]:
        found = tuple(word for word in sorted(self.case_words) if word in self.text.masked)
        return found or (self.echo if len(self.echo) >= 2 else ())

    @cached_property
    def amounts(self) -> list[tuple[int, int, int]]:
        """Amounts in cents with their offsets."""
        return [
            (int(found[1].replace(",", "")) * 100 + int(found[2] or 0), found.start(), found.end())
            for found in _grammar()["amount"].finditer(self.text.masked)
        ]

    # ── Findings ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def findings(self) -> list[Finding]:
        found = search(self.book, self.text, kind=self.kind, holds=self._holds)
        for rule in self.book.rules.values():
            if rule.detector is not None and self.kind in rule.kinds:
                found.extend(rule.finding(start, end) for start, end in _DETECTORS[rule.detector](self))
        return sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule))

    def _holds(self, condition: str, sentence: Sentence) -> bool:
        if condition == "no_alternative":
            beside = {sentence.index, sentence.index + 1}
            but = sentence.text.partition(" but ")[2]
            return not is_remedy(but) and "i can" not in but and not any(one.index in beside for one in self.remedies)
        if condition == "no_time":
            return not has_deadline(sentence.text)
        return not self.preventions  # no_measure

    def _cause_not_known(self) -> Iterator[tuple[int, int]]:
        if self.known and self.setting.own_fault is None:
            yield from map(_span, self.causes)

    def _measure_not_known(self) -> Iterator[tuple[int, int]]:
        if self.known and self.setting.own_fault is None:
            yield from map(_span, self.preventions)

    def _amount_not_authorised(self) -> Iterator[tuple[int, int]]:
        if self.setting.amounts and self.setting.currency in ("", "USD"):
            yield from ((start, end) for amount, start, end in self.amounts if amount not in self.setting.amounts)

    def _senders(self) -> list[Sentence]:
        return [s for s in (*self.text.sentences[:4], *self.text.sentences[4:][-4:]) if _has("sender", s.text)]

    def _names_desk(self) -> bool | None:
        names = [self.setting.names.get(name, "").lower() for name in ("firm", "desk", "agent")]
        known = [name for name in names if name]
        if not known or not self._senders():
            return None
        signed = " ".join(s.text for s in (*self.text.sentences[:4], *self.text.sentences[-4:]))
        return any(name in signed for name in known)

    def _wrong_sender(self) -> Iterator[tuple[int, int]]:
        if self._names_desk() is False:
            yield _span(self._senders()[0])

    def _wrong_customer(self) -> Iterator[tuple[int, int]]:
        customer = set(_EVERY_WORD.findall(self.setting.names.get("customer", "").lower()))
        for sentence in self.text.sentences[:2] if customer else ():
            found = _grammar()["addressed"].search(sentence.text)
            called = set(_EVERY_WORD.findall(found[1])) if found else set()
            if called and not called & customer and not called & _NOBODY:
                yield _span(sentence)

    def _about_no_case(self) -> Iterator[tuple[int, int]]:
        if self._caseless and len(self.text.sentences) >= 3:
            yield _span(self.text.sentences[0])

    def interim(self) -> list[Sentence]:
        """It is being looked into, and the customer hears by a time, in the same sentence or the next two."""
        timed = {one.index for one in self.deadlines if _has("tells", one.text)}
        looking = self.where(lambda text: _has("investigating", text))
        return [one for one in looking if {one.index, one.index + 1, one.index + 2} & timed]

    def _investigating_with_time(self) -> Iterator[tuple[int, int]]:
        return map(_span, self.interim())

    def _empathy(self) -> Iterator[tuple[int, int]]:
        return map(_span, self.empathies[:2])

    def _remedy_with_time(self) -> Iterator[tuple[int, int]]:
        timed = {one.index for one in self.deadlines}
        return (_span(one) for one in self.remedies if one.index in timed)

    def _responsibility(self) -> Iterator[tuple[int, int]]:
        return map(_span, self.own_faults[:1])

    # ── Courtesy, elements, facts ───────────────────────────────────────────────────────────────

    def _courtesy(self, findings: list[Finding]) -> Courtesy:
        casual = [f for f in findings if f.rule in _TONE]
        markers = tuple(self.text.clean[f.start : f.end] for f in casual)
        return Courtesy(None, not casual, "informal" if casual else "formal", None, markers)

    @cached_property
    def parts(self) -> dict[str, Sentence]:
        sentences = self.text.sentences
        last = sentences[-3:] if len(sentences) > 3 else sentences[1:]
        found = {
            "greeting": [s for s in sentences[:2] if _has("greeting", s.text)],
            "sender": [] if self._names_desk() is False else self._senders(),
            "empathy": self.empathies,
            "apology": self.apologies,
            "cause": self.causes,
            "remedy": self.remedies,
            "deadline": self.deadlines,
            "prevention": self.preventions,
            "closing": [s for s in last if _has("closing", s.text)],
        }
        if self._caseless:
            found.update({name: [] for name in NEEDS_THE_CASE})
        return {name: held[0] for name, held in found.items() if held}

    def _elements(self) -> Iterator[Element]:
        for name in ELEMENTS if self.kind in ("reply", "letter") else ():
            part = self.parts.get(name)
            yield Element(name, True, *self.text.span(*_span(part))) if part else Element(name, False)

    @cached_property
    def _apology(self) -> dict[str, Sentence]:
        """The six components (Lewicki et al.), each with the sentence that holds it."""
        held = {
            "responsibility": self.own_faults,
            "repair": self._repairs(),
            "regret": self.apologies,
            "explanation": self.causes if "cause" in self.parts else [],
            "repentance": self.where(lambda t: _has("repents", t))
            or (self.preventions if "prevention" in self.parts else []),
            "forgiveness": self.where(lambda t: _has("forgive", t) and not _has("denied", t)),
        }
        if not self.apologies and not self.own_faults:
            return {}
        return {name: held[name][0] for name in COMPONENTS if held[name]}

    def _repairs(self) -> list[Sentence]:
        """A remedy, or the word that it will be put right; none in a text without any fact of its case."""
        fixing = self.where(lambda text: _states(text) and _has("fixes", text) and not _has("denied", text))
        return [] if self._caseless else sorted((*self.remedies, *fixing), key=lambda sentence: sentence.start)

    @cached_property
    def _caseless(self) -> bool:
        return self.known and bool(self.case_words) and not self.case_facts

    def _facts(self, findings: list[Finding]) -> Facts:
        if self.kind == "note":
            return Facts()
        ids = [f.rule for f in findings if f.severity != GOOD]
        of_case = any(w in one.text for one in self.empathies for w in (*self.case_facts, *self.echo))
        felt = 0.5 + 0.2 * (len(self.empathies) > 1) + 0.3 * (of_case or not self.known) if self.empathies else 0.0
        heard = (0.0, 0.3, 0.5, 0.7, 0.8)[min(len(self.echo), 4)] + 0.3 * bool(self.took_in)
        concrete = 0.3 * bool(self.remedies) + 0.4 * bool(self.deadlines) + 0.1 * bool(self.amounts)
        says_i, says_we = (_has(name, self.text.masked) for name in ("first_i", "first_we"))
        owned = 0.4 * bool(self.own_faults) + 0.4 * bool(self.stood_by) + (0.2 if says_i else 0.1 if says_we else 0.0)
        voice = 0.9 if self.where(lambda text: _has("your_say", text)) else 0.5
        return Facts(
            apology=tuple(self._apology),
            empathy=_share(felt),
            listening=_share(heard),
            concrete=_share(concrete + 0.2 * bool(self.case_facts or self.causes)),
            ownership=_share(owned - 0.35 * sum(rule in _DENIES_OWN for rule in ids)),
            register=_share(1.0 - 0.2 * sum(rule in _TONE for rule in ids)),
            voice=_share(voice - 0.2 * sum(rule in _SILENCES for rule in ids)),
            ng=sum(f.severity == ERROR and not f.rule.startswith(_NOT_NG) for f in findings),
            asks=bool(self.questions),
            promise_at=self._promise_at(),
            deeds=tuple(self._deeds()),
        )

    def _deeds(self) -> Iterator[str]:
        if self.interim():
            yield "interim_report"
        if self.kind == "letter":
            yield "letter"
        if "prevention" in self.parts:
            yield "prevention"
        if self.where(lambda text: _has("checks_in", text)) and not self.remedies:
            yield "check_in"

    @cached_property
    def _promise(self) -> Sentence | None:
        return next(iter((*(one for one in self.deadlines if _has("tells", one.text)), *self.deadlines)), None)

    def _promise_at(self) -> int | None:
        if self._promise is None or not self.setting.today:
            return None
        return promised_at(self._promise.text, date.fromisoformat(self.setting.today[:10]))

    @cached_property
    def _evidence(self) -> list[tuple[str, int, int]]:
        if self.kind == "note":
            return []
        found = [(f"apology.{name}", one) for name, one in self._apology.items()]
        found += [("empathy", one) for one in self.empathies] + [("listening", one) for one in self.took_in]
        found += [("concrete", one) for one in self.deadlines] + [("asks", one) for one in self.questions]
        found += [("ownership", one) for one in (*self.own_faults, *self.stood_by)]
        found += [("promise_at", self._promise)] if self._promise is not None else []
        spans = {(fact, *_span(one)) for fact, one in found}
        spans |= {
            ("ng", f.start, f.end) for f in self.findings if f.severity == ERROR and not f.rule.startswith(_NOT_NG)
        }
        return sorted(spans, key=lambda span: (span[1], span[2], span[0]))


_DETECTORS: dict[str, Callable[[_English], Iterator[tuple[int, int]]]] = {
    "cause_not_known": _English._cause_not_known,
    "measure_not_known": _English._measure_not_known,
    "amount_not_authorised": _English._amount_not_authorised,
    "wrong_sender": _English._wrong_sender,
    "wrong_customer": _English._wrong_customer,
    "about_no_case": _English._about_no_case,
    "investigating_with_time": _English._investigating_with_time,
    "empathy": _English._empathy,
    "remedy_with_time": _English._remedy_with_time,
    "responsibility": _English._responsibility,
}


# ── Times ───────────────────────────────────────────────────────────────────────────────────────

_CLOCK = re.compile(
    r"([0-9]{1,2})(?::([0-9]{2}))? ?(am|pm|a\.m\.|p\.m\.)|\b([0-9]{1,2}):([0-9]{2})\b|\b(noon|midnight)\b"
)
_WITHIN_DAYS = re.compile(r"(?:within|in) (?:the next )?([0-9]{1,3}) (business |working )?(day|week)")
_MONTH_DAY = re.compile(
    rf"({'|'.join(_MONTHS)}) ([0-9]{{1,2}})|([0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? ({'|'.join(_MONTHS)})"
)


def promised_at(text: str, today: date) -> int | None:
    """Seconds since the epoch, UTC, of the time promised; the end of the day where no hour is named."""
    day = _day(text, today)
    if day is None:
        return None
    return int(datetime.combine(day, _hour(text), UTC).timestamp())


def _day(text: str, today: date) -> date | None:
    within = _WITHIN_DAYS.search(text)
    if within:
        return _after(today, min(int(within[1]), 90) * (7 if within[3] == "week" else 1), working=bool(within[2]))
    named = _MONTH_DAY.search(text)
    if named:
        return _month_day(_MONTHS.index(named[1] or named[4]) + 1, int(named[2] or named[3]), today)
    if "tomorrow" in text:
        return today + timedelta(days=1)
    if "today" in text or "tonight" in text or "end of the day" in text:
        return today
    for number, name in enumerate(_DAYS):
        if name in text:
            return today + timedelta(days=(number - today.weekday()) % 7 or 7)
    return today if _CLOCK.search(text) else None


def _month_day(month: int, day: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if (found - today).days >= -183:
            return found
    return None


def _after(today: date, days: int, *, working: bool) -> date:
    day = today
    while days:
        day += timedelta(days=1)
        days -= not working or day.weekday() < 5
    return day


def _hour(text: str) -> time:
    clock = _CLOCK.search(text)
    if clock is None:
        return time(23, 59)
    if clock[6]:
        return time(12) if clock[6] == "noon" else time(23, 59)
    if clock[4]:
        hour, minute = int(clock[4]), int(clock[5])
    else:
        hour, minute = int(clock[1]) % 12 + (12 if clock[3].startswith("p") else 0), int(clock[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else time(23, 59)


def _content(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if not word.startswith(_generic())}


def _span(sentence: Sentence) -> tuple[int, int]:
    return sentence.start, sentence.end


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
