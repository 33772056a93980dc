"""Words beside the comparison: what the first picture shows, how sure a judged difference is, where tickets come from.

Few answers are called few, and who left without being asked is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playbooks.core.comparisons import Judged
from playbooks.core.plot import Group
from playbooks.pages.choice import REHEARSALS
from playbooks.pages.compared import Read
from playbooks.pages.figures import Column, interval_of, median_of
from playbooks.pages.numbers import FEW, NOTHING, VERY_FEW, number, percent, signed, time
from playbooks.pages.outcomes_words import word


def described(shown: Sequence[Column]) -> list[str]:
    """What the first picture shows, a sentence a playbook; what they differ in is judged by `outcomes_judged`."""
    return [_described(column) for column in shown]


def _described(column: Column) -> str:
    reply, csat = median_of(column, "human_reply"), interval_of(column.summary["csat"]["mean"])
    return word(
        "picture",
        "mark",
        playbook=column.title,
        reply=NOTHING if reply.estimate is None else time(reply.estimate),
        csat=NOTHING if csat.estimate is None else number(csat.estimate, 2),
        n=number(csat.n),
    )


def sure_words(gap: Judged) -> str:
    """`gap.n`: pairs, or the smaller side."""
    apart = None if gap.low is None or gap.high is None else gap.low > 0 or gap.high < 0
    if apart is None or gap.low is None or gap.high is None or gap.n < VERY_FEW:
        return ngettext(
            "{n} CSAT answer on the smaller side: far too few to tell a difference from chance.",
            "{n} CSAT answers on the smaller side: far too few to tell a difference from chance.",
            gap.n,
        ).format(n=number(gap.n))
    if apart:
        words = _("The 95 % interval of this difference in CSAT, {low} to {high}, excludes zero: hardly chance alone.")
    else:
        words = _("The 95 % interval of this difference in CSAT, {low} to {high}, includes zero: it may be chance.")
    return words.format(low=signed(gap.low, 2), high=signed(gap.high, 2))


def left_words(this: Column, that: Column) -> str:
    """CSAT is of those who answered; how many gave up is part of the answer."""
    here, there = (column.summary["abandoned"]["estimate"] for column in (this, that))
    if not here and not there:
        return ""
    words = _(
        "CSAT speaks only for those who answered. Gave up and left: {here} under {playbook}, {there} under {other}."
    )
    return words.format(here=percent(here), playbook=this.title, there=percent(there), other=that.title)


def few_words(shown: Sequence[Column]) -> list[str]:
    """Small numbers said in words, a sentence a playbook."""
    words = _("{playbook}: {n} tickets and {answered} CSAT answers are few; one customer more can move these figures.")
    return [
        words.format(
            playbook=column.title, n=number(column.summary["n"]), answered=number(column.summary["csat"]["answered"])
        )
        for column in shown
        if min(column.summary["n"], column.summary["csat"]["answered"]) < FEW
    ]


def group_of(column: Column) -> Group:
    """What of a playbook goes into the first picture: response time across, satisfaction up."""
    reply, csat = median_of(column, "human_reply"), interval_of(column.summary["csat"]["mean"])
    beside = [
        "" if csat.estimate is None else _("CSAT {mean}").format(mean=number(csat.estimate, 2)),
        "" if reply.estimate is None else time(reply.estimate),
    ]
    return Group(
        column.key, (column.title, " · ".join(part for part in beside if part)), reply, csat, column.side.points()
    )


# Where the tickets come from, and how they came to their playbook


def provenance(found: Read, *, repeated: int = 0) -> list[str]:
    """What a reader must know before taking a difference for the playbooks' own."""
    said = []
    if found.partly:
        said += _partly_words(found)
    if len(found.desks) > 1:
        said.append(_("Several sources are mixed here. Choose one of them to compare like with like."))
    if repeated:
        words = ngettext(
            "{n} rehearsal repeats a newer one to the ticket and is left out: the same customers count once.",
            "{n} rehearsals repeat a newer one to the ticket and are left out: the same customers count once.",
            repeated,
        )
        said.append(words.format(n=number(repeated)))
    if REHEARSALS in found.desks:
        said.append(_("A rehearsal: every customer comes in once under each playbook; automatic agents work."))
    if any(found.assigned.values()):
        said += _assigned_words(found.assigned)
    said.append(_("What customers say and do is simulated: estimates of a model, not measurements of people."))
    return said


def _partly_words(found: Read) -> list[str]:
    """Of which tickets the figures are, where there are more than were read one by one."""
    shown, of = number(len(found.handled)), number(found.of)
    if found.sums is not None:
        crossed = any(side.trainees is None for side in found.sums.values())
        return [word("basis", "sums", of=of, shown=shown), *([word("basis", "crossed")] if crossed else [])]
    said = [word("basis", "newest" if found.counted else "newest_of_more", of=of, shown=shown)]
    return [*said, word("basis", "folding" if found.folding else "two_segments")]


def _assigned_words(assigned: Mapping[str, int]) -> list[str]:
    words = _("How the tickets came to their playbook: {random} by random draw, {rule} by rule, {choice} by choice.")
    counted = words.format(**{how: number(n) for how, n in assigned.items()})
    if not assigned["rule"] and not assigned["choice"]:
        return [counted]
    caution = _(
        "Where a rule or a person decides, the playbooks get different cases, and part of a difference is theirs."
    )
    return [counted, caution]
