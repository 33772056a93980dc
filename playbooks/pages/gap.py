"""What the gap between two playbooks is made of: speed, words, remedy, letter and gift, each switched off in turn.

Computed for a sample of the tickets compared, from their logs, and kept until one of them changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from django.core.cache import cache
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from playbooks.core.attribution import Attribution, attribute, handled
from playbooks.core.case import Case, case_from
from playbooks.core.customer.evidence import MARKS, E, Switches
from playbooks.core.plot import Bar, Bars, bars
from playbooks.filling import PREFIX
from playbooks.models import CaseFile
from playbooks.pages.choice import Choice, chosen
from playbooks.pages.debrief_lines import MARK
from playbooks.pages.debrief_other import PART, SWITCH, switches_words
from playbooks.pages.experiments_pictures import coefficient_words
from playbooks.pages.figures import Column
from playbooks.pages.numbers import NOTHING, between, decimals, number, percent, signed
from playbooks.pages.wording import Words, say
from tickets.log import Event, Log
from tickets.models import TicketEvent

MOST = 200  # tickets a playbook
LOOKED_AT = 4_000  # newest rows among which the sample is taken
KEPT = 86_400  # seconds
WIDTH, SLIM = 720, 350
NAMED = 3  # coefficients that are named

# What in the literature stands against each part; said beside it.
AGAINST: Words = {
    "speed": lazy("Orsingher et al. 2010: the process moves satisfaction only weakly."),
    "words": lazy("Chebat et al. 2020: no effect of courtesy on young people. Uber 2022: repeated apologies can harm."),
    "remedy": lazy("Abeler et al. 2010: words did more than a small sum that was tied to a favour."),
    "letter": lazy("An assumption: no experiment on apology letters is known."),
    "gift": lazy(
        "An assumption. de Hooge & Straeter 2023: an apology gift is rated worse than the same gift unlabelled."
    ),
    "rest": lazy("Whether anybody answered and solved it at all, hand-overs, and how the parts work together."),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Tickets of both playbooks, and the switches under which their customers lived."""

    these: tuple[int, ...]
    those: tuple[int, ...]
    switches: Switches
    pairs: bool  # the same customers on both sides
    of: int  # tickets of both playbooks among which it was taken
    mixed: bool  # other tickets lived under other switches


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part of the gap."""

    name: str
    against: str
    effect: str
    interval: str
    marks: tuple[str, ...]  # shares in the order of MARKS


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap of one playbook over the first, taken apart, as the page shows it."""

    key: str
    this: Column
    that: Column
    sentence: str
    sample: str
    parts: tuple[PartShown, ...]
    drawings: tuple[tuple[str, Bars, tuple[tuple[Bar, str, str], ...]], ...]  # width, all, each with hue and words
    marks: tuple[str, ...]  # heads of the columns
    whole: tuple[str, ...]  # shares of the marks in the whole gap
    switches: tuple[str, ...]
    switched: tuple[tuple[str, str], ...]
    debts: tuple[str, ...]


def gaps(choice: Choice, shown: Sequence[Column]) -> list[Gap]:
    """Each other playbook against the first one; nothing where a side has no ticket."""
    found = []
    for column in shown[1:]:
        sample = _sample(choice, column.key, shown[0].key)
        if sample is not None:
            found.append(_gap(column, shown[0], sample, _attribution(sample)))
    return found


# ---------------------------------------------------------------- which tickets


def _sample(choice: Choice, this: str, that: str) -> Sample | None:
    """The newest tickets of each side that lived under the same switches; of a rehearsal the same customers."""
    fields = ("ticket_id", "playbook", "clock__switches", "data__case", "ticket__external_id")
    found = chosen(choice).filter(playbook__in=(this, that)).values_list(*fields)[:LOOKED_AT]
    rows = [row[:4] for row in found if not str(row[4]).startswith(PREFIX)]  # filled ones have no words to take apart
    if not rows:
        return None
    switches = rows[0][2]
    alike = [row for row in rows if row[2] == switches]
    sides: dict[str, dict[str, int]] = {this: {}, that: {}}
    for ticket, playbook, _switches, case in alike:
        sides[playbook].setdefault(case if choice.rehearsal else str(ticket), ticket)
    pairs = choice.rehearsal is not None
    if pairs:
        both = [case for case in sides[this] if case in sides[that]]
        sides = {side: {case: tickets[case] for case in both} for side, tickets in sides.items()}
    these, those = (tuple(list(sides[side].values())[:MOST]) for side in (this, that))
    if not these or not those:
        return None
    return Sample(these, those, Switches(**switches), pairs, len(rows), len(alike) < len(rows))


# ---------------------------------------------------------------- their gap


def _attribution(sample: Sample) -> Attribution:
    key = _key(sample)
    found: Attribution | None = cache.get(key)
    if found is None:
        found = _computed(sample)
        cache.set(key, found, KEPT)
    return found


def _key(sample: Sample) -> str:
    """Another one as soon as anything happens on one of the tickets, or the model changes."""
    tickets = (*sample.these, *sample.those)
    newest = TicketEvent.objects.filter(ticket_id__in=tickets).aggregate(newest=Max("pk"))["newest"]
    said = json.dumps([sample.these, sample.those, newest, E.version, asdict(sample.switches)])
    return "gap/" + hashlib.sha256(said.encode()).hexdigest()


def _computed(sample: Sample) -> Attribution:
    lived = _lived((*sample.these, *sample.those))
    these, those = ([lived[ticket] for ticket in side] for side in (sample.these, sample.those))
    return attribute(handled(these, until=None), handled(those, until=None), switches=sample.switches, most=NAMED)


def _lived(tickets: Sequence[int]) -> dict[int, tuple[Case, Log]]:
    """Case and log of each (two queries)."""
    cases = dict(CaseFile.objects.filter(ticket_id__in=tickets).values_list("ticket_id", "case"))
    rows = TicketEvent.objects.filter(ticket_id__in=tickets).order_by("ticket_id", "seq")
    logs: dict[int, list[Event]] = defaultdict(list)
    for ticket, events in groupby(rows.values_list("ticket_id", "at", "name", "actor", "data"), key=lambda row: row[0]):
        logs[ticket] = [Event(*rest) for _ticket, *rest in events]
    return {ticket: (case_from(cases[ticket]), logs[ticket]) for ticket in tickets}


# ---------------------------------------------------------------- in words


def _gap(this: Column, that: Column, sample: Sample, found: Attribution) -> Gap:
    parts = [(say(PART, part.key), part.effect, part.low, part.high) for part in found.parts]
    return Gap(
        key=this.key,
        this=this,
        that=that,
        sentence=_("{playbook} over {other}: {gap} of satisfaction S in the customer model.").format(
            playbook=this.title, other=that.title, gap=signed(found.difference.estimate or 0.0, 2)
        ),
        sample=_sample_words(sample),
        parts=tuple(
            PartShown(
                name=say(PART, part.key),
                against=say(AGAINST, part.key),
                effect=signed(part.effect, 2),
                interval="" if part.low is None else between(part.low, part.high, decimals(2)),
                marks=_shares(part.marks),
            )
            for part in found.parts
        ),
        drawings=tuple(
            (key, drawn, tuple((bar, _hue(bar, this, that), signed(bar.value, 2)) for bar in drawn.bars))
            for key, drawn in (("broad", bars(parts, width=WIDTH)), ("slim", bars(parts, width=SLIM)))
        ),
        marks=tuple(say(MARK, mark) for mark in MARKS),
        whole=_shares(found.marks),
        switches=tuple(switches_words(sample.switches)),
        switched=tuple((say(SWITCH, name), signed(gap, 2)) for name, gap in found.switched.items()),
        debts=tuple(f"{coefficient_words(debt.name)} ({say(MARK, debt.mark)}, {debt.source})" for debt in found.debts),
    )


def _hue(bar: Bar, this: Column, that: Column) -> str:
    """Of the playbook for which the part speaks."""
    if round(bar.value, 2) == 0:
        return "none"
    return this.hue if bar.value > 0 else that.hue


def _shares(marks: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(percent(marks[mark]) if marks else NOTHING for mark in MARKS)


def _sample_words(sample: Sample) -> str:
    n = {"n": number(len(sample.these)), "m": number(len(sample.those)), "of": number(sample.of)}
    words = (
        _("n {n} customers, each under both playbooks, of {of} tickets.")
        if sample.pairs
        else _("n {n} and {m} tickets, the newest of {of}.")
    ).format(**n)
    if sample.mixed:
        words += " " + _("Tickets that lived under other switches of the model are left out.")
    return words
