"""What reading a text yields: findings with their spans and reasons, elements, courtesy, and the facts they amount to.

No score without the sentence that earned it: everything here points into the text by character offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playbooks.core.facts import NOTHING, Facts

ERROR, ADVICE, GOOD = "error", "advice", "good"
SEVERITIES = (ERROR, ADVICE, GOOD)
KINDS = ("reply", "letter", "alimtalk", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule says of one stretch of text. `reason` is in ko, ja and en."""

    rule: str
    severity: str
    start: int
    end: int
    reason: Mapping[str, str]
    suggestion: str | None = None
    authority: str | None = None  # what the rule rests on; one that rests on nothing only advises


@dataclass(frozen=True, slots=True)
class Element:
    """A part that a letter or reply should have, and the stretch that fulfils it."""

    name: str
    found: bool
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Courtesy:
    """How polite a text is. Japanese: `level` 1 (highest) … 4 (plain). Korean: `style`, `speech_level`."""

    level: int | None = None
    polite: bool | None = None
    style: str | None = None  # formal, informal
    speech_level: str | None = None  # hasipsio, haeyo, banmal, mixed
    markers: tuple[str, ...] = ()  # what the level rests on


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which stretch of the text a fact rests on; `fact` is a field of Facts, or 'apology.regret' for one part."""

    fact: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one text."""

    language: str
    kind: str
    courtesy: Courtesy = Courtesy()
    findings: tuple[Finding, ...] = ()
    elements: tuple[Element, ...] = ()
    facts: Facts = NOTHING
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON shape of `review_text` and of `POST /api/v1/text-reviews/`."""
        return {
            "language": self.language,
            "kind": self.kind,
            "courtesy": {name: getattr(self.courtesy, name) for name in Courtesy.__dataclass_fields__},
            "findings": [
                {
                    "rule": f.rule,
                    "severity": f.severity,
                    "start": f.start,
                    "end": f.end,
                    "reason": dict(f.reason),
                    "suggestion": f.suggestion,
                    "authority": f.authority,
                }
                for f in self.findings
            ],
            "elements": {e.name: {"found": e.found, "start": e.start, "end": e.end} for e in self.elements},
            "facts": self.facts.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """What a text is read against: the facts of its case, and what has been settled on the ticket by now.

    Empty values mean: not known, so not compared.
    """

    names: Mapping[str, str] = field(default_factory=dict)  # customer, firm, desk, agent, item, order …
    nouns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # per element: incident, cause, remedy, measure
    amounts: tuple[int, ...] = ()  # authorised amounts, minor units
    currency: str = ""
    today: str = ""  # ISO date on the ticket's clock
    own_fault: bool | None = None  # None: not investigated yet
    remedy_given: bool | None = None
    gift_allowed: bool | None = None
    customer_words: tuple[str, ...] = ()  # the customer's own texts, for echoing and quoting
    channel: str = ""
    house: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # rules.in_house; empty: that of this desk
