"""Which coefficients a line of the debrief rests on, as they apply to this customer, with where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from playbooks.core.case import Case
from playbooks.core.customer.evidence import E
from playbooks.core.debrief.shapes import Number
from playbooks.core.facts import COMPONENTS

# The weights of the three justices in satisfaction come on top, everywhere.
WHY: dict[str, tuple[str, ...]] = {
    **{
        f"apology.{part}": (f"apology.{part}", "ij.apology", "dj.apology", "culture.apology") for part in COMPONENTS
    },
    "empathy": ("ij.empathy",),
    "listening": ("ij.listening",),
    "concrete": ("ij.concrete",),
    "ownership": ("ij.ownership",),
    "register": ("ij.register",),
    "voice": ("pj.voice", "culture.voice"),
    "ng": ("ij.ng", "ij.ng_most"),
    "deeds.interim_report": ("pj.update", "pj.updates_most", "pj.updates_too_many"),
    "deeds.letter": ("culture.letter", "ij.letter_prompt_h", "ij.letter_late_h", "ij.letter_late"),
    "deeds.check_in": ("ij.follow_up", "ij.follow_up_first_day", "ij.follow_up_last_day", "ij.follow_up_other"),
    "deeds.prevention": ("cumulative.prevention", "lasting.quality_improvement.build_days"),
    "acknowledged": ("waiting.acknowledged",),
    "first_reply": ("pj.first_reply", "culture.speed"),
    "resolution": ("pj.resolution", "waiting.resolution"),
    "remedy": ("dj.compensation", "culture.compensation", "compensation.delay_days"),
    "match": ("compensation.match_credit", "compensation.match_other"),
    "conditional": ("dj.conditional",),
    "gift_tied": ("dj.conditional",),
    "gift": ("culture.gift", "culture.gift_sd", "dj.gift_early"),
    "hand_offs": ("pj.hand_off",),
    "re_contacts": ("pj.re_contact",),
    "broken_promise": ("apology.broken_promise", "patience.promise_grace_s"),
    "repeated_apology": ("apology.second", "apology.third", "apology.courtesy"),
    "bot_only": ("ij.bot_only",),
    "updates_and_explained": ("ij.updates_and_explained",),
    "severity": ("satisfaction.severity",),
    "second_failure": ("satisfaction.second_failure", "apology.second"),
    "person": ("satisfaction.person_sd", "satisfaction.ticket_sd"),
}  # fmt: skip


def numbers(names: Iterable[str], case: Case) -> tuple[Number, ...]:
    """Coefficients by name; of a table by profile, channel or currency the one that applies."""
    found = []
    for name in names:
        one = E.why(name)
        value = one.value
        if isinstance(value, Mapping):
            value = next(value[key] for key in (case.profile, case.channel, case.currency) if key in value)
        found.append(Number(name, value, one.unit, one.source, one.mark, one.note))
    return tuple(found)


def weights(case: Case) -> tuple[Number, ...]:
    dj, ij = ("dj", "ij") if case.monetary else ("dj_other_loss", "ij_other_loss")
    return numbers((f"satisfaction.{dj}", "satisfaction.pj", f"satisfaction.{ij}"), case)
