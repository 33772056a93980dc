"""The skeleton that the Korean and the English reading share: sentences and what each of them does, gathered into
findings, parts, facts and their evidence. A language brings the tests of a sentence, its lists and its case.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from playbooks.core.facts import COMPONENTS, Facts
from playbooks.core.language.finding import ERROR, GOOD, Courtesy, Element, Evidence, Finding, Reading, Setting
from playbooks.core.language.grammar import Grammar
from playbooks.core.language.rules import RuleBook, in_house, search
from playbooks.core.language.sentences import Sentence, Text

PARTS = ("greeting", "sender", "empathy", "apology", "cause", "remedy", "deadline", "prevention", "closing")
NEEDS_THE_CASE = ("cause", "remedy", "prevention")  # a text without a fact of its case cannot fulfil these

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and which tests of its language it passes, each worked out once."""

    sentence: Sentence
    tests: Mapping[str, Callable[[Said], bool]]
    polite: bool = True
    passed: dict[str, bool] = field(default_factory=dict, compare=False)

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def index(self) -> int:
        return self.sentence.index

    @property
    def span(self) -> Span:
        return self.sentence.start, self.sentence.end

    def does(self, name: str) -> bool:
        known = self.passed.get(name)
        if known is None:
            known = self.passed[name] = self.tests[name](self)
        return known


@dataclass
class Answer(ABC):
    """One text while it is read."""

    text: Text
    kind: str
    setting: Setting
    book: RuleBook

    LANGUAGE: ClassVar[str]
    GRAMMAR: ClassVar[Grammar]
    SCREENS: ClassVar[Mapping[str, tuple[str, ...]]]  # test → entries of the grammar, one of which it needs
    NAMES: ClassVar[Mapping[str, str]]  # of the parts, as the language calls them
    DETECTORS: ClassVar[Mapping[str, Callable[..., Iterable[Span]]]]
    HEARD: ClassVar[tuple[float, ...]]  # how well it listens, by how many of the customer's words it takes up
    TOLD_WITHIN: ClassVar[int]  # sentences after "we are looking into it" in which the time of the answer may stand
    OWN_WORDS: ClassVar[int]  # with so many a sentence is of some case, though none of the known words is in it
    DENIES_OWN: ClassVar[frozenset[str]]  # rules whose findings take from ownership
    SILENCES: ClassVar[frozenset[str]]  # and from the customer's voice
    NOT_NG: ClassVar[tuple[str, ...]]  # first letters of rules about honesty and form, which are not ill wording

    def reading(self) -> Reading:
        return Reading(
            language=self.LANGUAGE,
            kind=self.kind,
            courtesy=self.courtesy(),
            findings=tuple(map(self._placed, self.findings)),
            elements=tuple(self.elements()),
            facts=Facts() if self.kind == "note" else self._facts(),
            evidence=() if self.kind == "note" else tuple(self._evidence()),
        )

    # ── What a language brings ──────────────────────────────────────────────────────────────────

    @property
    @abstractmethod
    def said(self) -> tuple[Said, ...]: ...

    @abstractmethod
    def courtesy(self) -> Courtesy: ...

    @abstractmethod
    def holds(self, condition: str, sentence: Sentence) -> bool:
        """Whether a rule's `when` holds for a sentence."""

    @property
    @abstractmethod
    def senders(self) -> list[Said]:
        """Where the text says who writes."""

    @abstractmethod
    def own_sender(self) -> Said | None:
        """The first sender that is this desk, as far as the ticket tells."""

    @abstractmethod
    def closings(self) -> Iterable[Said]: ...

    @property
    @abstractmethod
    def case_words(self) -> frozenset[str]:
        """Words that only this case has."""

    @property
    @abstractmethod
    def case_facts(self) -> tuple[str, ...]:
        """The facts of the case that the text names."""

    @property
    @abstractmethod
    def echo(self) -> tuple[str, ...]:
        """The customer's own words that it takes up."""

    @property
    @abstractmethod
    def amounts(self) -> list[tuple[int, int, int]]:
        """Amounts in minor units, with their offsets."""

    @abstractmethod
    def own_words(self, text: str) -> int:
        """How many of its words no template would hold."""

    @abstractmethod
    def wrong_customer(self) -> Iterable[Span]: ...

    @abstractmethod
    def promised_at(self, text: str) -> int | None: ...

    @abstractmethod
    def owned_by(self) -> float:
        """What saying "I" and "we" adds to ownership."""

    @abstractmethod
    def register(self, rules: list[str]) -> float: ...

    # ── What the sentences do ───────────────────────────────────────────────────────────────────

    @cached_property
    def _doing(self) -> dict[str, list[Said]]:
        return {}

    def all(self, name: str) -> list[Said]:
        """The sentences that pass the test of this name."""
        doing = self._doing
        if name not in doing:
            doing[name] = [one for one in self._candidates(name) if one.does(name)]
        return doing[name]

    def _candidates(self, name: str) -> Iterable[Said]:
        """The sentences that hold what the test cannot do without: one search of the text spares one of each sentence."""
        if name not in self.SCREENS:
            return self.said
        places: set[int] = set()
        for entry in self.SCREENS[name]:
            if not self.GRAMMAR.free_of_place(entry):
                places.update(one.index for one in self.said if self.GRAMMAR.has(entry, one.text))
                continue
            for found in self.GRAMMAR(entry).finditer(self.text.masked):
                first, last = self.text.sentence_at(found.start()), self.text.sentence_at(found.end())
                places.update(range(first.index if first else 0, last.index + 1 if last else 0))
        return [self.said[place] for place in sorted(places)]

    @cached_property
    def telling(self) -> str:
        """What is told in sentences with a predicate: a line of names or keywords takes up nothing and states nothing."""
        return "\n".join(one.text for one in self.all("telling"))

    @cached_property
    def own_names(self) -> tuple[str, ...]:
        """Names of people and of the firm: to name them is no echo of what the customer said."""
        return tuple(name for key in ("firm", "desk", "agent", "customer") if (name := self.setting.names.get(key, "")))

    @cached_property
    def known(self) -> bool:
        """Whether a ticket stands behind the setting, so that the text can be compared with it."""
        return bool(self.setting.names or self.setting.nouns or self.setting.today)

    @cached_property
    def caseless(self) -> bool:
        """Nothing in it belongs to its case: it could have been pasted anywhere."""
        return self.known and bool(self.case_words) and not self.case_facts and not self._names_customer

    @cached_property
    def _names_customer(self) -> bool:
        """By each part of the name, so that a text in words of its own is still about somebody."""
        parts = self.setting.names.get("customer", "").lower().replace("님", "").split()
        return bool(parts) and any(len(part) > 1 and part in self.text.masked for part in parts)

    @cached_property
    def parts(self) -> dict[str, Said]:
        """The first sentence that fulfils each part, of those that count."""
        sender = self.own_sender()
        found = {
            "greeting": self.all("greeting"),
            "sender": [] if sender is None else [sender],
            "closing": list(self.closings()),
            **{name: self.all(name) for name in ("empathy", "apology", "deadline")},
            **{name: self.counting(name) for name in NEEDS_THE_CASE},
        }
        return {name: found[name][0] for name in PARTS if found[name]}

    def counting(self, name: str) -> list[Said]:
        """The sentences that do this and may count for it: cause, remedy and measure must be of the case."""
        if self.caseless:
            return []
        found = self.all(name) or (self.accounts if name == "cause" else [])
        if not (self.known and self.case_words):
            return found
        return [one for one in found if self._of_the_case(one)]

    @cached_property
    def accounts(self) -> list[Said]:
        """What happened, told in whatever words beside the apology or the feeling and before the remedy: a reason."""
        regret = {one.index for name in ("apology", "empathy") for one in self.all(name)}
        mended = min((one.index for one in self.all("remedy")), default=len(self.said))
        return [
            one
            for one in self.said[:mended]
            if regret & {one.index - 1, one.index + 1} and one.does("account") and one.index not in regret
        ]

    def _of_the_case(self, one: Said) -> bool:
        """A fact of the case stands in the sentence, or more words of its own than a template has."""
        if any(word in one.text for word in (*self.case_words, *self.echo)):
            return True
        start, end = one.span
        if any(start <= at < end and amount in self.setting.amounts for amount, at, _ in self.amounts):
            return True
        return self.own_words(one.text) >= self.OWN_WORDS + (0 if self.case_facts else 2)

    def elements(self) -> Iterator[Element]:
        for name in PARTS if self.kind in ("reply", "letter") else ():
            yield self.element(self.NAMES[name], self.parts.get(name))

    def element(self, name: str, said: Said | None) -> Element:
        return Element(name, False) if said is None else Element(name, True, *self.text.span(*said.span))

    # ── Findings ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def findings(self) -> list[Finding]:
        found = search(self.book, self.text, kind=self.kind, holds=self.holds)
        for rule in self.book.rules.values():
            if rule.detector is not None and self.kind in rule.kinds:
                found.extend(rule.finding(start, end) for start, end in self.DETECTORS[rule.detector](self))
        found = in_house(found, self.setting.house, self.setting.channel)
        return sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule))

    def _placed(self, finding: Finding) -> Finding:
        start, end = self.text.span(finding.start, finding.end)
        return replace(finding, start=start, end=end)

    def cause_not_known(self) -> Iterator[Span]:
        if self.known and self.setting.own_fault is None:
            yield from (one.span for one in self.all("cause"))

    def measure_not_known(self) -> Iterator[Span]:
        if self.known and self.setting.own_fault is None:
            yield from (one.span for one in self.all("prevention"))

    def amount_not_authorised(self) -> Iterator[Span]:
        if self.setting.amounts:
            yield from ((start, end) for amount, start, end in self.amounts if amount not in self.setting.amounts)

    def wrong_sender(self) -> Iterator[Span]:
        if self.senders and self.own_sender() is None:
            yield self.senders[0].span

    def about_no_case(self) -> Iterator[Span]:
        if not (self.known and self.case_words) or self.case_facts or len(self.said) < 3:
            return
        if not any(self.counting(name) for name in NEEDS_THE_CASE):
            yield self.said[0].span

    @cached_property
    def interim(self) -> list[Said]:
        """It is being looked into, and the customer hears by a time, here or soon after."""
        timed = {one.index for one in self.all("deadline") if one.does("tells")}
        return [one for one in self.all("investigating") if self._near(one, timed)]

    def _near(self, one: Said, places: set[int]) -> bool:
        return any(one.index + ahead in places for ahead in range(self.TOLD_WITHIN + 1))

    def investigating_with_time(self) -> Iterator[Span]:
        return (one.span for one in self.interim)

    def with_empathy(self) -> Iterator[Span]:
        return (one.span for one in self.all("empathy")[:2])

    def remedy_with_time(self) -> Iterator[Span]:
        return (one.span for one in self.counting("remedy") if one.does("deadline"))

    def with_responsibility(self) -> Iterator[Span]:
        return (one.span for one in self.all("own_fault")[:1])

    # ── Facts ───────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def apology(self) -> dict[str, Said]:
        """The six components (Lewicki et al.), each with the sentence that holds it."""
        held = {
            "responsibility": self.all("own_fault"),
            "repair": self.counting("repair"),
            "regret": self.all("apology"),
            "explanation": self.counting("cause"),
            "repentance": self.all("repents") or self.counting("prevention"),
            "forgiveness": self.all("forgive"),
        }
        if not held["regret"] and not held["responsibility"]:  # a remedy or a reason alone apologises for nothing
            return {}
        return {name: held[name][0] for name in COMPONENTS if held[name]}

    def _facts(self) -> Facts:
        rules = [finding.rule for finding in self.findings if finding.severity != GOOD]
        return Facts(
            apology=tuple(self.apology),
            empathy=self._felt(),
            listening=share(self.HEARD[min(len(self.echo), 4)] + 0.3 * bool(self.all("took_in"))),
            concrete=self._concreteness(),
            ownership=share(self._owned() - 0.35 * sum(rule in self.DENIES_OWN for rule in rules)),
            register=self.register(rules),
            voice=share((0.9 if self.all("your_say") else 0.5) - 0.2 * sum(rule in self.SILENCES for rule in rules)),
            ng=len(self._ill),
            asks=bool(self.all("question")),
            promise_at=None if self._promise is None else self.promised_at(self._promise.text),
            deeds=tuple(self._deeds()),
        )

    def _felt(self) -> float:
        felt = self.all("empathy")
        if not felt:
            return 0.0
        of_the_case = any(word in one.text for one in felt for word in (*self.case_facts, *self.echo))
        return share(0.5 + 0.2 * (len(felt) > 1) + 0.3 * (of_the_case or not self.known))

    def _concreteness(self) -> float:
        deadline, amount = bool(self.all("deadline")), bool(self.amounts)
        remedy = any(one.does("deadline") or not one.does("vague") for one in self.counting("remedy"))
        of_the_case = bool(self.case_facts or self.counting("cause"))
        return share(0.3 * remedy + 0.4 * deadline + 0.1 * amount + 0.2 * of_the_case)

    def _owned(self) -> float:
        return 0.4 * bool(self.all("own_fault")) + 0.4 * bool(self.all("stands_by")) + self.owned_by()

    @cached_property
    def _ill(self) -> list[Finding]:
        return [f for f in self.findings if f.severity == ERROR and not f.rule.startswith(self.NOT_NG)]

    @cached_property
    def _promise(self) -> Said | None:
        """The time of the next word, or else of the first deed."""
        timed = self.all("deadline")
        return next(iter((*(one for one in timed if one.does("tells")), *timed)), None)

    def _deeds(self) -> Iterator[str]:
        if self.interim:
            yield "interim_report"
        if self.kind == "letter":
            yield "letter"
        if "prevention" in self.parts:
            yield "prevention"
        if self.all("checks_in") and not self.all("remedy"):
            yield "check_in"

    def _evidence(self) -> list[Evidence]:
        found = [(f"apology.{name}", one) for name, one in self.apology.items()]
        for fact, tests in _RESTS_ON.items():
            found += [(fact, one) for test in tests for one in self.all(test)]
        if self._promise is not None:
            found.append(("promise_at", self._promise))
        spans = {(fact, *one.span) for fact, one in found} | {("ng", f.start, f.end) for f in self._ill}
        spans |= {("listening", start, end) for start, end in self.echo_spans()}
        ordered = sorted(spans, key=lambda span: (span[1], span[2], span[0]))
        return [Evidence(fact, *self.text.span(start, end)) for fact, start, end in ordered]

    def echo_spans(self) -> Iterable[Span]:
        return ()


_RESTS_ON = {
    "empathy": ("empathy",),
    "listening": ("took_in",),
    "concrete": ("deadline",),
    "ownership": ("own_fault", "stands_by"),
    "asks": ("question",),
}

COMMON_DETECTORS: Mapping[str, Callable[..., Iterable[Span]]] = {
    "cause_not_known": lambda answer: answer.cause_not_known(),
    "measure_not_known": lambda answer: answer.measure_not_known(),
    "amount_not_authorised": lambda answer: answer.amount_not_authorised(),
    "wrong_sender": lambda answer: answer.wrong_sender(),
    "wrong_customer": lambda answer: answer.wrong_customer(),
    "about_no_case": lambda answer: answer.about_no_case(),
    "investigating_with_time": lambda answer: answer.investigating_with_time(),
    "empathy": lambda answer: answer.with_empathy(),
    "remedy_with_time": lambda answer: answer.remedy_with_time(),
    "responsibility": lambda answer: answer.with_responsibility(),
}


def share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
