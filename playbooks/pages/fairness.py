"""How fair a comparison is: whether its tickets were drawn to their playbooks, said in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from playbooks.core.allocation import fairness
from playbooks.pages.choice import Choice, chosen


@dataclass(frozen=True, slots=True)
class Fair:
    """How fair a comparison is, and the sentence that belongs beside it. `warns`: not randomised, in whole or part."""

    kind: str
    sentence: str
    warns: bool


def randomised(choice: Choice, assigned: Mapping[str, int] | None = None) -> Fair:
    """Whether the tickets of a choice were drawn to their playbooks; counted here unless somebody has (one query)."""
    if assigned is None:
        fields = ("assigned_by",)
        rows = chosen(choice).order_by().values_list(*fields).annotate(n=Count("pk"))
        assigned = {how: n for how, n in rows if how}
    kind = fairness(assigned, same_customers=choice.rehearsal is not None)
    sentence = {
        "randomised": _("Every ticket here was drawn to its playbook: a difference is the playbooks', or chance."),
        "same_customers": _("Every customer met every playbook: a difference is the playbooks'."),
        "mixed": _(
            "Only some of these tickets were drawn to their playbook; a rule or a person decided the others. Part of a "
            "difference may lie in the cases. A trial compares fairly."
        ),
        "not": _(
            "This comparison is not randomised: a rule or a person decided which ticket got which playbook, so a "
            "difference may lie in the cases and not in the playbooks. A trial compares fairly."
        ),
        "nothing": "",
    }[kind]
    return Fair(kind, sentence, kind in ("mixed", "not"))
