"""Facts of a message come from plain values; what does not fit is refused by name."""

from __future__ import annotations

import pytest

from playbooks.core.facts import Facts, facts_from
from tickets.errors import Invalid


def test_facts_survive_their_way_through_json() -> None:
    facts = Facts(apology=("regret",), empathy=0.5, ng=1, asks=True, promise_at=5, deeds=("letter",), word=None)
    assert facts_from(facts.to_dict()) == facts


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"apology": 5}, "wrong_type"),
        ({"apology": ["sorry"]}, "unknown_fact"),
        ({"ng": "x"}, "wrong_type"),
        ({"asks": 1}, "wrong_type"),
        ({"empathy": 1.5}, "fact_out_of_range"),
        ({"empathy": True}, "fact_out_of_range"),
        ({"promise_at": "soon"}, "wrong_type"),
        ({"word": "hello"}, "unknown_fact"),
        ({"mood": 1}, "unknown_fact"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(data: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        facts_from(data)
    assert refused.value.code == code
    assert refused.value.field == f"facts.{next(iter(data))}"
