"""The answer of the comparison in words: how far apart the playbooks are, and how sure one may be of it.

Also what goes into the first picture beside it. A difference is judged by its own interval; few answers are
called few, and who left without being asked is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playbooks.core.contrast import Median, difference, excludes_zero, within_pairs
from playbooks.core.plot import Group
from playbooks.core.statistics import Interval
from playbooks.pages.choice import REHEARSALS, Read
from playbooks.pages.figures import Column, interval_of, median_of
from playbooks.pages.numbers import FEW, VERY_FEW, number, percent, signed, time


@dataclass(frozen=True, slots=True)
class Answer:
    """One playbook against another: the sentence, and how sure one may be of it."""

    hue: str
    sentence: str
    sure: tuple[str, ...]


def answers(shown: Sequence[Column], *, same_customers: bool) -> list[Answer]:
    """Each other playbook against the first one."""
    return [_answer(column, shown[0], same_customers=same_customers) for column in shown[1:]]


def _answer(this: Column, that: Column, *, same_customers: bool) -> Answer:
    gap = difference(_scores(this), _scores(that))
    sentence = _("{playbook} against {other}: {satisfaction}, {reply}.").format(
        playbook=this.title,
        other=that.title,
        satisfaction=_gap_words(gap),
        reply=_reply_gap_words(median_of(this, "human_reply"), median_of(that, "human_reply")),
    )
    sure = [
        _sure_words(gap),
        _pair_words(within_pairs(_by_customer(this), _by_customer(that))) if same_customers else "",
        _left_words(this, that),
    ]
    return Answer(this.hue, sentence, tuple(part for part in sure if part))


def _scores(column: Column) -> list[float]:
    return [float(one.csat) for one in column.outcomes if one.csat is not None]


def _by_customer(column: Column) -> dict[str, float]:
    """CSAT by the key that a customer has under both playbooks of one rehearsal."""
    return {one.case: float(one.csat) for one in column.outcomes if one.csat is not None}


def _gap_words(gap: Interval) -> str:
    if gap.estimate is None:
        return _("satisfaction cannot be compared yet")
    if round(gap.estimate, 2) == 0:
        return _("the same CSAT")
    words = _("{points} points more CSAT") if gap.estimate > 0 else _("{points} points less CSAT")
    return words.format(points=number(abs(gap.estimate), 2))


def _reply_gap_words(here: Median, there: Median) -> str:
    if here.estimate is None or there.estimate is None:
        return _("the first human reply cannot be compared yet")
    if here.estimate == there.estimate:
        return _("the first human reply just as fast")
    later = here.estimate > there.estimate
    words = _("the first human reply {time} later") if later else _("the first human reply {time} sooner")
    return words.format(time=time(abs(here.estimate - there.estimate)))


def _sure_words(gap: Interval) -> str:
    """`gap.n` is the smaller side."""
    apart = excludes_zero(gap)
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


def _pair_words(pairs: Interval) -> str:
    if pairs.low is None or pairs.high is None or pairs.estimate is None:
        return ""
    words = _("The {n} customers who answered under both differ by {gap} points on average ({low} to {high}).")
    return words.format(
        n=number(pairs.n), gap=signed(pairs.estimate, 2), low=signed(pairs.low, 2), high=signed(pairs.high, 2)
    )


def _left_words(this: Column, that: Column) -> str:
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
    dots = [
        (float(waited), float(one.csat))
        for one in column.outcomes
        if (waited := one.reached("human_reply").calendar) is not None and one.csat is not None
    ]
    return Group(column.key, (column.title, " · ".join(part for part in beside if part)), reply, csat, dots)


# Where the tickets come from, and how they came to their playbook


def provenance(found: Read, *, repeated: int = 0) -> list[str]:
    """What a reader must know before taking a difference for the playbooks' own."""
    said = []
    if found.of > len(found.outcomes):
        words = _("These figures are of the newest {shown} of {of} tickets. Narrow the choice to see the others.")
        said.append(words.format(shown=number(len(found.outcomes)), of=number(found.of)))
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


def _assigned_words(assigned: Mapping[str, int]) -> list[str]:
    words = _("How the tickets came to their playbook: {random} by random draw, {rule} by rule, {choice} by choice.")
    counted = words.format(**{how: number(n) for how, n in assigned.items()})
    if not assigned["rule"] and not assigned["choice"]:
        return [counted]
    caution = _(
        "Where a rule or a person decides, the playbooks get different cases, and part of a difference is theirs."
    )
    return [counted, caution]
