"""What times, remedy and gift did, what went wrong, and what nobody at the desk could change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from playbooks.core.attribution import OFF
from playbooks.core.debrief.handling import Handling, less
from playbooks.core.debrief.shapes import Line


def deeds_of(view: Handling) -> Iterator[Line]:
    yield from _times(view)
    yield from _goods(view)
    yield from _troubles(view)


def _times(view: Handling) -> Iterator[Line]:
    x = view.lived
    first = view.brought(first_h=math.inf)
    at_once = less(view.feel(replace(x, first_h=0.0)), view.feel(replace(x, first_h=math.inf)))
    yield view.line("first_reply", x.first_h, first, at_best=at_once)
    solved = view.brought(resolution_h=math.inf)
    at_once = less(view.feel(replace(x, resolution_h=0.0)), view.feel(replace(x, resolution_h=math.inf)))
    yield view.line("resolution", x.resolution_h, solved, at_best=at_once)


def _goods(view: Handling) -> Iterator[Line]:
    x = view.lived
    if any(event.name == "remedy.given" for event in view.log):
        yield view.line("remedy", x.ratio, view.brought(**{**OFF["remedy"], "conditional": x.conditional}))
        if x.match < 1:
            yield view.line("match", x.match, view.brought(match=1.0))
        if x.conditional:
            yield view.line("conditional", 1, view.brought(conditional=False))
    if x.gift:
        yield view.line("gift", x.gift, view.brought(gift=0))
    if x.gift_tied:
        yield view.line("gift_tied", 1, view.brought(gift_tied=False))


def _troubles(view: Handling) -> Iterator[Line]:
    x = view.lived
    if x.hand_offs:
        yield view.line("hand_offs", x.hand_offs, view.brought(hand_offs=0))
    if x.re_contacts:
        yield view.line("re_contacts", x.re_contacts, view.brought(re_contacts=0))
    if x.broken_promise:
        yield view.line("broken_promise", 1, view.brought(broken_promise=False))
    if x.apology_nth > view.case.failure_number:
        yield view.line("repeated_apology", x.apology_nth, view.brought(apology_nth=view.case.failure_number))
    if x.bot_only:
        yield view.line("bot_only", 1, view.brought(bot_only=False))
    if x.updates and x.explained_waiting:
        yield view.line("updates_and_explained", x.updates, view.brought(explained_waiting=False))


def given_of(view: Handling) -> Iterator[Line]:
    x = view.lived
    yield view.line("severity", x.severity, view.brought(severity=0.5))
    if x.failure_number > 1:
        yield view.line("second_failure", x.failure_number, view.brought(failure_number=1, apology_nth=1))
    drawn = replace(view.who, noise=0.0, cumulative_noise=0.0)
    yield view.line("person", view.who.noise, less(view.end, view.feel(x, drawn)))
