"""How customers write: the shapes of a first message by manner, and the conditions under which a sentence is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from playbooks.core.case import Case
from playbooks.core.streams import pick, uniform
from tickets.lifecycle import CHAT_CHANNELS

# Parts of a first message in their order; a shape is drawn, and a part that the case does not have is left out.
SHAPES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "plain": (
        ("greeting", "incident", "reference", "consequence", "feeling", "demand", "closing"),
        ("greeting", "incident", "consequence", "reference", "demand", "closing"),
        ("incident", "reference", "feeling", "consequence", "demand"),
        ("greeting", "reference", "incident", "feeling", "demand"),
        ("incident", "consequence", "reference", "closing"),
    ),
    "silent": (("incident",), ("incident", "reference"), ("incident", "demand"), ("reference", "incident")),
    "tangential": (
        ("greeting", "incident", "tangent", "reference", "demand"),
        ("greeting", "tangent", "incident", "reference", "closing"),
        ("incident", "reference", "tangent", "consequence", "demand", "closing"),
    ),
    "incomplete": (("greeting", "vague", "feeling"), ("greeting", "vague", "closing"), ("vague", "feeling", "closing")),
    "impatient": (
        ("demand", "incident", "reference", "hurry"),
        ("incident", "consequence", "reference", "hurry"),
        ("incident", "demand", "hurry", "reference"),
    ),
    "insisting": (
        ("greeting", "incident", "reference", "impossible", "closing"),
        ("incident", "consequence", "impossible", "reference"),
        ("incident", "reference", "feeling", "impossible"),
    ),
    "harassing": (
        ("incident", "abuse", "impossible", "reference"),
        ("incident", "reference", "consequence", "abuse", "hurry"),
        ("incident", "feeling", "impossible", "abuse", "reference"),
    ),
}
MANNERS = tuple(SHAPES)
# Lists of a scenario that a manner cannot do without.
NEEDS = {
    "tangential": ("tangents",),
    "incomplete": ("vague",),
    "insisting": ("impossible",),
    "harassing": ("abuse", "impossible"),
}
# What a manner adds to later words: a list of the scenario, or "hurry", which everybody shares.
LATER: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "tangential": ("tangents", ("more_facts", "complaint")),
    "impatient": ("hurry", ("chasing", "complaint", "still_unhappy")),
    "insisting": ("impossible", ("chasing", "complaint", "demand_superior", "still_unhappy")),
    "harassing": ("abuse", ("chasing", "complaint", "demand_superior", "still_unhappy")),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a customer may speak of besides the case: what the log holds by now, and with whom they deal."""

    office: bool = False  # a public office, rather than a house that sells
    explained: bool = False  # what happened was explained
    responsible: bool = False  # somebody took responsibility
    promised: bool = False  # something was promised for a time
    mended: bool = False  # what will keep it from happening again was said
    remedied: bool = False
    quick: bool = False  # the first answer came soon


NOTHING_HEARD = Heard()
OF_THE_CASE: Mapping[str, Callable[[Case], bool]] = {
    "first_time": lambda case: case.failure_number == 1,
    "again": lambda case: case.failure_number > 1,
    "new": lambda case: case.prior_purchases == 0 and case.failure_number == 1,
    "known": lambda case: case.prior_purchases >= 1,
    "regular": lambda case: case.prior_purchases >= 4,
    "named": lambda case: bool((case.names or {}).get("customer")),
    "member": lambda case: bool((case.names or {}).get("tier")),
    "by_phone": lambda case: case.channel == "phone",
    "spoken": lambda case: case.channel in ("phone", "in_person"),
    "written": lambda case: case.channel not in ("phone", "in_person"),
    "chat": lambda case: case.channel in CHAT_CHANNELS,
    "mail": lambda case: case.channel in ("email", "letter", "web", "api"),
}
OF_THE_TALK: Mapping[str, Callable[[Case, Heard], bool]] = {
    "shop": lambda _case, heard: not heard.office,
    "office": lambda _case, heard: heard.office,
    "explained": lambda _case, heard: heard.explained,
    "responsible": lambda _case, heard: heard.responsible,
    "promised": lambda _case, heard: heard.promised,
    "mended": lambda _case, heard: heard.mended,
    "quick": lambda _case, heard: heard.quick,
    "remedied": lambda _case, heard: heard.remedied,
    "settled": lambda case, heard: heard.remedied or not case.monetary,
    "unsettled": lambda case, heard: not heard.remedied and case.monetary,
}
WHEN = (*OF_THE_CASE, *OF_THE_TALK)
FORMAL_KOREANS = 0.5  # share of Korean customers who write 합쇼체 rather than 해요체; assumed

T = TypeVar("T")


def holds(when: Iterable[str], case: Case, heard: Heard = NOTHING_HEARD) -> bool:
    return all(OF_THE_CASE[name](case) if name in OF_THE_CASE else OF_THE_TALK[name](case, heard) for name in when)


def manner_of(case: Case, manners: tuple[str, ...]) -> str:
    """The same customer keeps one manner through the whole case."""
    return manners[pick(uniform(case.seed, "scenario/manner", case.key), len(manners))]


def speaks_formally(case: Case) -> bool:
    """Which Korean register this customer keeps. Other languages have but one here."""
    return uniform(case.seed, "customer/register", case.key) < FORMAL_KOREANS
