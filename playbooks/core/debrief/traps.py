"""What a case asked for, against what was done: its traps, the remedy that was right, and whom to bring in.

A trap is fallen into where a deed or a sentence shows it, avoided where its occasion came and passed, not met where it
never came. What no rule can see is left to a person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playbooks.core.case import LANGUAGES, Case
from playbooks.core.customer.experience import Experience, experience_of, facts_of, is_firms_word
from playbooks.core.debrief.sentences import in_sentences, sentence_at
from playbooks.core.language.finding import GOOD, Reading
from playbooks.core.scenarios import head_office
from playbooks.core.scenarios.book import Scenario, scenarios
from tickets.log import AGENT, Event, named

FALLEN, AVOIDED, NOT_MET, UNSEEN = "fallen", "avoided", "not_met", "unseen"
RIGHT, OTHER, NONE = "right", "other", "none"
OVER = 1.5  # of the price: more than that is no remedy any more (Haesevoets et al. 2017)
SORRY = {"regret", "responsibility"}
GOODS = ("defective_item", "wrong_item")

Place = tuple[int, int]  # place of the word in the log, sentence in it
Judged = tuple[str, tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class Trap:
    """One mistake that the case invites, and what became of it."""

    kind: str
    name: Mapping[str, str]
    text: Mapping[str, str]  # by language
    state: str  # fallen, avoided, not_met, unseen
    places: tuple[Place, ...] = ()  # the sentences that show it


@dataclass(frozen=True, slots=True)
class Right:
    """One remedy that was right, and the law or term that gives it."""

    kind: str
    law: str  # in the language of the ticket, whose market it is
    general: Mapping[str, str] | None  # the same in short in every language, where goods were bought
    given: bool


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom the case had to be brought to, when, and whether it was."""

    to: str
    text: Mapping[str, str]
    done: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """All that the case asked for."""

    traps: tuple[Trap, ...]
    remedies: tuple[Right, ...]
    given: tuple[str, ...]  # kinds of remedy in the order in which they were given
    remedy: str  # right, other, none
    language: str  # of the ticket
    own_fault: bool
    escalation: Escalation | None


def asked_of(case: Case, log: Sequence[Event], texts: Sequence[str], readings: Mapping[int, Reading]) -> Asked:
    """What the case asked for. `texts`: of each comment in order; `readings`: by place in the log."""
    scenario = scenarios().get(case.scenario or "")
    given = tuple(str(event.data.get("kind")) for event in named(log, "remedy.given"))
    general = _law(case) if scenario is None or scenario.sector == "retail" else None
    right = tuple(Right(kind, law, general, kind in given) for kind, law in _right(case, scenario))
    return Asked(
        traps=tuple(_traps(_Handled(case, scenario, tuple(log), tuple(texts), readings))),
        remedies=right,
        given=given,
        remedy=RIGHT if any(one.given for one in right) else OTHER if given else NONE,
        language=case.language,
        own_fault=case.own_fault,
        escalation=_escalation(scenario, log),
    )


def _right(case: Case, scenario: Scenario | None) -> list[tuple[str, str]]:
    if scenario is not None and scenario.remedies:
        return [(one.kind, one.law[case.language]) for one in scenario.remedies]
    return [(case.right_remedy, _law(case)[case.language])]


def _law(case: Case) -> Mapping[str, str]:
    found: Mapping[str, str] = _table()["law"][case.language]["owed" if case.own_fault else "not_owed"]
    return found


def _escalation(scenario: Scenario | None, log: Sequence[Event]) -> Escalation | None:
    if scenario is None or scenario.escalate_to is None:
        return None
    text = {language: voice.escalation for language, voice in scenario.voices.items()}
    return Escalation(scenario.escalate_to, text, bool(named(log, "ticket.handed_over")))


# ---------------------------------------------------------------- traps


@dataclass(frozen=True)
class _Handled:
    """One handling as the rules of the traps look at it."""

    case: Case
    scenario: Scenario | None
    log: tuple[Event, ...]
    texts: tuple[str, ...]
    readings: Mapping[int, Reading]

    @property
    def lived(self) -> Experience:
        return experience_of(self.case, self.log, until=self.log[-1].at)

    def words(self) -> Iterator[tuple[int, Event, str]]:
        """What the desk said to the customer: place, event, text."""
        texts = iter(self.texts)
        for place, event in enumerate(self.log):
            if event.name == "comment.created":
                text = next(texts)
                if is_firms_word(event):
                    yield place, event, text

    def answered(self) -> bool:
        return any(event.actor == AGENT for _, event, _ in self.words())


def _traps(handled: _Handled) -> Iterator[Trap]:
    listed: set[str] = set()
    if handled.scenario is not None:
        for kind, text in _of_scenario(handled.scenario, handled.case.language):
            listed.add(kind)
            yield _judged(kind, text, handled)
    for kind, known in _table()["trap"].items():
        if known.get("always") and kind not in listed:
            trap = _judged(kind, known["text"], handled)
            if trap.state == FALLEN or (handled.scenario is None and _can_happen(kind, handled.case)):
                yield trap


def _of_scenario(scenario: Scenario, language: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each trap of the ticket's language, in the others' words where they have the same one."""
    seen: dict[str, int] = {}
    for trap in scenario.voices[language].traps:
        nth = seen[trap.kind] = seen.get(trap.kind, -1) + 1
        text = {language: trap.text}
        for other in LANGUAGES:
            alike = [one.text for one in scenario.voices[other].traps if one.kind == trap.kind]
            if other != language and nth < len(alike):
                text[other] = alike[nth]
        yield trap.kind, text


def _can_happen(kind: str, case: Case) -> bool:
    if kind == "promotional_alimtalk":
        return case.language == "ko"
    return kind != "policy_against_defect" or case.category in GOODS


def _judged(kind: str, text: Mapping[str, str], handled: _Handled) -> Trap:
    known = _table()["trap"][kind]
    state, places = _JUDGES.get(kind, _by_rule)(handled, known.get("rules", ()))
    return Trap(kind, known["name"], text, state, places)


def _by_rule(handled: _Handled, rules: Sequence[str]) -> Judged:
    """Fallen into where a rule of reading caught it; avoided where the desk wrote and none did."""
    places = _caught(handled, rules)
    if places:
        return FALLEN, places
    if not rules:
        return UNSEEN, ()
    return (AVOIDED if handled.answered() else NOT_MET), ()


def _caught(handled: _Handled, rules: Sequence[str]) -> tuple[Place, ...]:
    found = []
    for place, _, text in handled.words():
        reading = handled.readings.get(place)
        for finding in reading.findings if reading else ():
            if finding.rule in rules and finding.severity != GOOD:
                found.append((place, sentence_at(finding.start, in_sentences(text))))
    return tuple(dict.fromkeys(found))


def _refusal(handled: _Handled, rules: Sequence[str]) -> Judged:
    places = _caught(handled, rules)
    if places:
        return FALLEN, places
    return (AVOIDED if named(handled.log, "remedy.given") else NOT_MET), ()


def _promotion(handled: _Handled, rules: Sequence[str]) -> Judged:
    on_talk = {place for place, event, _ in handled.words() if event.data.get("channel") == "kakaotalk"}
    places = tuple(place for place in _caught(handled, rules) if place[0] in on_talk)
    return (FALLEN, places) if places else (AVOIDED if on_talk else NOT_MET, ())


def _gift(handled: _Handled, rules: Sequence[str]) -> Judged:
    places, gift = _caught(handled, rules), handled.lived.gift
    if places or gift < 0:
        return FALLEN, places
    return (AVOIDED if gift else NOT_MET), ()


def _policy(handled: _Handled, rules: Sequence[str]) -> Judged:
    """Return terms and a refusal in one sentence, on a case in which the desk is at fault."""
    if not handled.case.own_fault:
        return NOT_MET, ()
    words = _table()["policy"][handled.case.language]
    places = tuple(
        (place, n)
        for place, _, text in handled.words()
        for n, (start, end) in enumerate(in_sentences(text))
        if re.search(words["terms"], text[start:end], re.I) and re.search(words["refusal"], text[start:end], re.I)
    )
    return (FALLEN, places) if places else (AVOIDED if handled.answered() else NOT_MET, ())


def _voucher(handled: _Handled, rules: Sequence[str]) -> Judged:
    first = next((i for i, event in enumerate(handled.log) if _is_voucher(event)), None)
    if first is None:
        return NOT_MET, ()
    said = any(place < first and SORRY & set(facts_of(event).get("apology", ())) for place, event, _ in handled.words())
    return (AVOIDED if said else FALLEN), ()


def _is_voucher(event: Event) -> bool:
    return event.name == "gift.given" or (event.name == "remedy.given" and event.data.get("kind") == "coupon")


def _promise(handled: _Handled, rules: Sequence[str]) -> Judged:
    if handled.lived.broken_promise:
        return FALLEN, ()
    promised = any(facts_of(event).get("promise_at") is not None for _, event, _ in handled.words())
    return (AVOIDED if promised else NOT_MET), ()


def _questions(handled: _Handled, rules: Sequence[str]) -> Judged:
    asked = tuple((place, 0) for place, event, _ in handled.words() if facts_of(event).get("asks"))
    return (FALLEN, asked) if len(asked) > 1 else (AVOIDED if handled.answered() else NOT_MET, ())


def _bribe(handled: _Handled, rules: Sequence[str]) -> Judged:
    if handled.lived.conditional or handled.lived.gift_tied:
        return FALLEN, ()
    return (AVOIDED if named(handled.log, "remedy.given") else NOT_MET), ()


def _yielding(handled: _Handled, rules: Sequence[str]) -> Judged:
    """More than the loss, or a remedy that nobody owes: what was threatened for was given."""
    given = {str(event.data.get("kind")) for event in named(handled.log, "remedy.given")}
    right = {kind for kind, _ in _right(handled.case, handled.scenario)}
    if handled.lived.ratio > OVER or given - right or handled.lived.gift:
        return FALLEN, ()
    return (AVOIDED if handled.answered() else NOT_MET), ()


def _alone(handled: _Handled, rules: Sequence[str]) -> Judged:
    if named(handled.log, "ticket.handed_over"):
        return AVOIDED, ()
    noted = any(e.name == "comment.created" and e.actor == AGENT and not e.data["public"] for e in handled.log)
    return (UNSEEN if noted else FALLEN), ()


def _bot(handled: _Handled, rules: Sequence[str]) -> Judged:
    return (FALLEN if handled.lived.bot_only or not handled.answered() else AVOIDED), ()


def _facts_agree(handled: _Handled, rules: Sequence[str]) -> Judged:
    compared = head_office.compared(handled.case, handled.log, handled.texts)
    if not compared:
        return NOT_MET, ()
    return (AVOIDED if all(one.agrees for one in compared) else FALLEN), ()


def _passing(handled: _Handled, rules: Sequence[str]) -> Judged:
    places = _caught(handled, rules)
    if places or handled.lived.hand_offs > 1:
        return FALLEN, places
    return (AVOIDED if handled.answered() else NOT_MET), ()


_JUDGES: dict[str, Callable[[_Handled, Sequence[str]], Judged]] = {
    "refusal_without_alternative": _refusal,
    "promotional_alimtalk": _promotion,
    "gift_before_acceptance": _gift,
    "policy_against_defect": _policy,
    "voucher_before_apology": _voucher,
    "broken_promise": _promise,
    "repeated_questions": _questions,
    "bribe_for_review": _bribe,
    "yielding_to_harassment": _yielding,
    "handling_alone": _alone,
    "bot_loop": _bot,
    "facts_disagree": _facts_agree,
    "passing_on": _passing,
}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("playbooks.core.debrief").joinpath("traps.toml").read_text("utf-8"))
