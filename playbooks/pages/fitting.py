"""What is fitting for a gift on a case, and what law or practice says of what is planned: shown before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language

from playbooks.core import etiquette
from playbooks.core.case import Case
from playbooks.core.etiquette import Gift, Planned, Remedy
from playbooks.core.phrasing import money
from playbooks.pages import forms, wording
from tickets.log import Log

ICONS = {"do": "check", "avoid": "x-mark", "differs": "scale"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of etiquette, with what it rests on."""

    text: str
    verdict: str
    icon: str
    source: str


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a gift on this case should be like; `waits` says why it has to wait, empty once it may go."""

    least: str
    most: str
    waits: str
    advice: Mapping[str, tuple[Piece, ...]]  # amount, moment, paper, choice, law

    @property
    def wrapped(self) -> bool:
        return "paper" in self.advice


@dataclass(frozen=True, slots=True)
class Flagged:
    """What speaks against a plan. `red` is wrong, the others want a second look."""

    red: bool
    text: str
    source: str


def _reader() -> str:
    return (get_language() or "en")[:2]


def fitting(case: Case, log: Log) -> Fitting:
    manners, reader = etiquette.manners(case, log), _reader()
    advice: dict[str, tuple[Piece, ...]] = {}
    for one in manners.advice:
        piece = Piece(one.text[reader], one.verdict, ICONS[one.verdict], wording.rests_on(one.source, one.basis))
        advice[one.about] = (*advice.get(one.about, ()), piece)
    return Fitting(
        least=money(manners.least, manners.currency, reader),
        most=money(manners.most, manners.currency, reader),
        waits=wording.reason(manners.waits_for) if manners.waits_for else "",
        advice=advice,
    )


def planned_gift(post: QueryDict, case: Case) -> Gift:
    """A gift as its form describes it, half filled in or not."""
    return Gift(
        amount=forms.amount(post, "amount", case.currency),
        condition=post.get("condition", ""),
        knot=post.get("knot", ""),
        noshi=bool(post.get("noshi")),
        inscription=post.get("inscription", "").strip(),
        traits=tuple(post.getlist("traits")),
    )


def planned_remedy(post: QueryDict, *, now: int) -> Remedy:
    return Remedy(
        post.get("kind", ""),
        promise_at=forms.promise(post, now=now),
        conditional=bool(post.get("conditional")),
    )


def flagged(case: Case, log: Log, plan: Planned, *, now: int) -> list[Flagged]:
    """Red ones first."""
    reader = _reader()
    found = [
        Flagged(flag.level == etiquette.RED, flag.text[reader], wording.rests_on(flag.source, flag.basis))
        for flag in etiquette.flags(case, log, plan, now=now)
    ]
    return sorted(found, key=lambda one: not one.red)
