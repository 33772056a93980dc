"""Facts that come from head office in one language and are told in another: do both texts say the same?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from playbooks.core.case import Case
from playbooks.core.scenarios.book import Fact
from playbooks.core.scenarios.telling import scenario_of
from tickets.log import AGENT, Log, named

SAID, MISSING, DIFFERS = "said", "missing", "differs"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９％", "0123456789%")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact in the report to head office and in the answer to the customer: said, missing or differs."""

    name: str
    report: str
    answer: str

    @property
    def agrees(self) -> bool:
        return self.report == self.answer == SAID


def compare(case: Case, *, report: str, answer: str) -> tuple[Comparison, ...]:
    """Each fact of head office in both texts. Cases without a head office compare nothing.

    A number in another figure than the fact's, with the same unit, differs; so does an answer that leaves the fact
    out while it gives another number with its unit.
    """
    scenario = scenario_of(case)
    if scenario is None or scenario.head_office is None:
        return ()
    office = scenario.head_office
    return tuple(
        Comparison(fact.name, told(fact, report, office.language), told(fact, answer, case.language))
        for fact in office.facts
    )


def disagreements(case: Case, log: Log, texts: Sequence[str]) -> tuple[Comparison, ...]:
    """The facts on which a ticket's report to head office and the answer to its customer do not agree.

    `texts`: of each comment, in the order of the log. The report is what agents noted internally in head office's
    language, or head office's own memo as long as nobody has. The newest word about a fact counts, so a correction
    mends it. Nothing is compared before the customer has had an answer since the facts were confirmed.
    """
    return tuple(one for one in compared(case, log, texts) if not one.agrees)


def compared(case: Case, log: Log, texts: Sequence[str]) -> tuple[Comparison, ...]:
    """Every fact of head office, as report and answer say it; nothing while there is nothing to compare."""
    scenario, confirmed = scenario_of(case), named(log, "case.facts_confirmed")
    if scenario is None or scenario.head_office is None or not confirmed:
        return ()
    office = scenario.head_office
    said = zip((event for event in log if event.name == "comment.created"), texts, strict=True)
    ours = [(event, text) for event, text in said if event.actor == AGENT]
    answers = [text for event, text in ours if event.data["public"] and event.at >= confirmed[0].at]
    reports = [text for event, text in ours if not event.data["public"] and _is_in(office.language, text)]
    if not answers:
        return ()
    return tuple(
        Comparison(
            fact.name,
            _newest(fact, reports or [office.memo], office.language),
            _newest(fact, answers, case.language),
        )
        for fact in office.facts
    )


def _newest(fact: Fact, texts: Sequence[str], language: str) -> str:
    verdicts = (told(fact, text, language) for text in reversed(texts))
    return next((verdict for verdict in verdicts if verdict != MISSING), MISSING)


def _is_in(language: str, text: str) -> bool:
    """Whether a note holds the script of a language; English has none of the others'."""
    scripts: Mapping[str, Iterable[str]] = {"ko": ("가", "힣"), "ja": ("ぁ", "ヿ")}
    holds = {name: any(low <= letter <= high for letter in text) for name, (low, high) in scripts.items()}
    return holds.get(language, not any(holds.values()))


def told(fact: Fact, text: str, language: str) -> str:
    """Whether a text in this language says the fact, leaves it out, or says another."""
    text, forms = text.translate(_FULL_WIDTH), [form.translate(_FULL_WIDTH) for form in fact.forms[language]]
    others = {number for form in forms for number in _same_unit(form, text)}
    if others:
        return DIFFERS
    return SAID if any(_holds(form, text) for form in forms) else MISSING


def _holds(form: str, text: str) -> bool:
    """Whether a text holds a form, and a number not as the end of a longer one: 40분 is not in 140분."""
    alone = r"(?<![\d.,])" if form[:1].isdigit() else ""
    return re.search(alone + re.escape(form), text, re.IGNORECASE) is not None


def _same_unit(form: str, text: str) -> list[str]:
    """Numbers of the text with the unit of a form that starts with a number, other than the form's own."""
    number = _NUMBER.match(form)
    if number is None or not (unit := form[number.end() :].strip()):
        return []
    found: Mapping[str, None] = dict.fromkeys(
        match[1] for match in re.finditer(rf"({_NUMBER.pattern})\s*{re.escape(unit)}", text, re.I)
    )
    return [other for other in found if other != number.group()]
