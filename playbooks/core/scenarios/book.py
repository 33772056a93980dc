"""The authored cases: read from the TOML files beside this one, checked key by key.

One file is one case, in Korean, Japanese and English. A refusal names the file and the key, e.g.
`late_soup: ko.opening[2].text`. `manage.py play_scenario KEY` shows how it plays.

    key = "late_soup"                  the file's name; small letters, digits, _
    sector = "food"                    retail, travel, food, telecom, public
    category = "delivery_delay"        a category of complaint; "other" where none fits
    severity = 0.5                     0 light … 1 grave; `spread`: how far a customer lies around it at most
    spread = 0.15
    monetary = true                    the loss is money, rather than time or dignity
    goods_accepted = false             the customer keeps the goods
    own_fault = true                   what an investigation will find
    right_remedy = "refund"            what law and policy give first
    prior_purchases = [0, 9]           from, to
    manners = ["plain", "impatient"]   who comes, evenly: plain, silent, tangential, incomplete, impatient,
                                       insisting (on the impossible), harassing. Left out: plain
    bot_first = true                   a bot has tried and handed over; needs `bot` in each language
    harassment = true                  harassment of the desk, or
    looks_like_harassment = true       a fair complaint that looks like it; both need `signs` and `response`
    escalate_to = "supervisor"         second_line, supervisor, legal, safety, head_office; needs `escalation`

    [channels], [profiles]             per language, one or more:  ja = ["phone", "email"]
    [price]                            KRW, JPY, USD in minor units (USD in cents)

    [[remedies]]                       each remedy that is right, with the law or term it rests on.
    kind = "refund"                    Left out: `right_remedy` with `law`
    ko = "…"    ja = "…"    en = "…"

    [head_office]                      facts that come in one language and are told in another
    language = "ko"
    memo = "…"                         what head office writes
    facts = [{ name = "share", ko = ["30%"], ja = ["30％", "30%"], en = ["30%"] }]

    [ko]  [ja]  [en]                   one voice each:
      title, wants, item, firm, desk
      cause, measure                   found by an investigation, hidden until then. ko: nouns that take a particle;
                                       ja: `cause` ends in こと or a noun, `measure` in a 連用形 (改め);
                                       en: `cause` is a noun phrase, `measure` follows "we have".
                                       Not needed where the fault is not the desk's own
      law                              left out: the lines of `remedies`
      policy                           what the shop displays, 返品特約 included
      hidden                           facts that come out only if somebody looks or asks
      traps                            texts, or { kind = "policy_against_defect", text = "…" }; kinds: TRAPS
      tiers                            steps of membership, lowest first
      subjects                         of the ticket
      opening                          what happened, 4 or more: { mood = 0.1, text = "…" }; 0 calm, 1 furious.
                                       Names {item}; leaves the number to `references`
      references                       sentences with the number the case has: "주문번호는 {order}…"
      consequences, demands            what it led to; what is asked for. Each must fit after each opening
      more_facts                       3 or more: what is told when the desk asks
      tangents, vague, impossible, abuse   2 or more, needed by the manners tangential (beside the point), incomplete
                                       (hardly says what happened), insisting, harassing
      signs, response                  what makes it harassment, or seem so; what the desk does
      escalation                       when and to whom
      nouns                            words by which a text speaks of it:
                                       { incident = […], cause = […], remedy = […], measure = […] }
      words                            how texts name it where the category says too little; any of `matter` (the
                                       customer's), `desk_matter`, `sorry_for`, `feeling`, `letter_subject`, `remedy`
                                       (its name), `remedy_text` (the offer, see texts/nouns.toml), `us` (how the
                                       house calls itself: 当市)
      bot                              the talk with the bot: { by = "bot", text = "…" }; by customer or bot, the
                                       last by the bot with kind = "handing_over"
      call                             a phone call turn by turn, for cases on the phone: { by, kind, text }; by agent,
                                       customer; kinds of an agent's: naming 名乗り, repeating 復唱, holding 保留,
                                       calling_back 折り返し, saying

A text of `subjects` … `abuse` may also be a table { text = "…", when = ["again"] }, said only where every condition
holds (WHEN in manners.py). Marks: {customer} {firm} {desk} {agent} {order} {item} {price} {tier}, Korean particles
{item:을/를} and registers <습니다|어요> (phrasing.py): every Korean sentence of a customer comes in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from playbooks.core.scenarios import checks
from playbooks.core.scenarios.checks import CURRENCY_OF

__all__ = [
    "CURRENCY_OF", "Fact", "HeadOffice", "Opening", "Part", "Remedy", "Scenario", "Trap", "Turn", "Voice", "load",
    "scenarios",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence or two that a customer may say, where every condition of `when` holds."""

    text: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to tell what happened: `mood` 0 is calm, 1 furious."""

    mood: float
    text: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trap:
    """A mistake that this case invites."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a talk that lies before the ticket: with a bot, or on the phone."""

    by: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy that is right here, and the law or term that gives it, by language."""

    kind: str
    law: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of head office and how each language writes it."""

    name: str
    forms: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class HeadOffice:
    """What head office knows, in its own language."""

    language: str
    memo: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """A scenario in one language: what people say and see, and what an investigation will find."""

    title: str
    wants: str
    item: str
    firm: str
    desk: str
    law: str
    subjects: tuple[Part, ...]
    openings: tuple[Opening, ...]
    more_facts: tuple[Part, ...]
    traps: tuple[Trap, ...]
    cause: str = ""  # hidden until the facts are confirmed
    measure: str = ""
    policy: str = ""
    escalation: str = ""
    hidden: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    references: tuple[Part, ...] = ()
    consequences: tuple[Part, ...] = ()
    demands: tuple[Part, ...] = ()
    tangents: tuple[Part, ...] = ()
    vague: tuple[Part, ...] = ()
    impossible: tuple[Part, ...] = ()
    abuse: tuple[Part, ...] = ()
    bot: tuple[Turn, ...] = ()
    call: tuple[Turn, ...] = ()
    nouns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One authored complaint. Money in minor units by currency."""

    key: str
    sector: str
    category: str
    severity: float
    spread: float  # a customer's severity lies this far around it at most
    monetary: bool
    goods_accepted: bool
    own_fault: bool
    right_remedy: str
    prior_purchases: tuple[int, int]
    manners: tuple[str, ...]
    bot_first: bool
    harassment: bool
    looks_like_harassment: bool
    escalate_to: str | None
    channels: Mapping[str, tuple[str, ...]]
    profiles: Mapping[str, tuple[str, ...]]
    price: Mapping[str, int]
    remedies: tuple[Remedy, ...]
    head_office: HeadOffice | None
    voices: Mapping[str, Voice]

    @property
    def title(self) -> Mapping[str, str]:
        return {language: voice.title for language, voice in self.voices.items()}

    @property
    def wants(self) -> Mapping[str, str]:
        return {language: voice.wants for language, voice in self.voices.items()}


@cache
def scenarios() -> Mapping[str, Scenario]:
    """The authored cases by key, in the order of their keys."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    loaded = [load(file.read_text("utf-8"), name=file.stem) for file in files]
    return MappingProxyType({scenario.key: scenario for scenario in loaded})


def load(text: str, *, name: str) -> Scenario:
    """A scenario from TOML text. Invalid names the key at fault, e.g. `ko.opening[2].mood`."""
    read = checks.read(text, name=name)
    voices = {
        language: Voice(
            **{
                **one,
                **{key: tuple(Part(*part) for part in one[key]) for key in checks.PARTS},
                "openings": tuple(Opening(*opening) for opening in one["openings"]),
                "traps": tuple(Trap(*trap) for trap in one["traps"]),
                "bot": tuple(Turn(*turn) for turn in one["bot"]),
                "call": tuple(Turn(*turn) for turn in one["call"]),
            }
        )
        for language, one in read.pop("voices").items()
    }
    remedies = tuple(Remedy(*one) for one in read.pop("remedies"))
    office = read.pop("head_office")
    head_office = office and HeadOffice(office[0], office[1], tuple(Fact(*fact) for fact in office[2]))
    return Scenario(**read, remedies=remedies, head_office=head_office, voices=voices)
