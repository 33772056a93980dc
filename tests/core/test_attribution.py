"""A difference between two handlings, taken apart: each part for itself, together the whole, with what carries it."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest

from playbooks.core.attribution import MEASURES, OFF, PARTS, REST, Handled, attribute, attribute_logs, handled, without
from playbooks.core.customer.evidence import MARKS, E, Switches
from playbooks.core.customer.experience import Experience
from playbooks.core.customer.persona import TRAITS_WIDTH, traits_of
from playbooks.core.simulated_figures import plain
from playbooks.core.streams import block
from tests.core.customer_cases import (
    DAY,
    HOUR,
    T0,
    a_case,
    accepts,
    after,
    agent_says,
    apologises,
    gift,
    opened,
    refund,
    solve,
)
from tests.core.test_customer_satisfaction import plays

JP = plain("JP")
FAST, LETTER = (Handled(plays()[name], JP) for name in ("fast", "letter"))


def effects(these: Handled, those: Handled, **options) -> dict[str, float]:
    return {part.key: part.effect for part in attribute(these, those, **options).parts}


def changed(**changes) -> Handled:
    return Handled(replace(FAST.lived, **changes), JP)


# --- the parts ---


def test_every_part_names_fields_of_an_experience():
    known = {field.name for field in fields(Experience)}
    assert all(set(off) <= known for off in OFF.values())
    assert len([name for off in OFF.values() for name in off]) == len({name for off in OFF.values() for name in off})


def test_a_part_that_was_never_there_is_off_already():
    plain_handling = Experience()
    for part in PARTS:
        if part != "speed":
            assert without(plain_handling, part) == plain_handling


@pytest.mark.parametrize("measure", MEASURES)
def test_the_parts_and_the_rest_add_up_to_the_difference(measure):
    found = attribute(LETTER, FAST, measure=measure)
    assert math.fsum(part.effect for part in found.parts) == pytest.approx(found.difference.estimate, abs=1e-12)
    assert found.here - found.there == pytest.approx(found.difference.estimate, abs=1e-12)


def test_a_handling_differs_from_itself_in_nothing():
    found = attribute(LETTER, LETTER)
    assert all(part.effect == 0.0 for part in found.parts)
    assert found.marks == {}


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("speed", {"first_h": 2.0}), ("words", {"empathy": 1.0}), ("words", {"ng": 2}), ("remedy", {"ratio": 0.4}),
        ("letter", {"letter_h": 30.0}), ("gift", {"gift": 1}),
    ],
)  # fmt: skip
def test_what_changes_in_one_part_is_brought_by_that_part_alone(part, change):
    found = effects(changed(**change), FAST)
    assert abs(found.pop(part)) > 0.01
    assert list(found.values()) == pytest.approx([0.0] * len(found), abs=1e-12)


def test_what_is_none_of_the_five_is_the_rest():
    found = effects(changed(hand_offs=1), FAST)
    assert found[REST] == pytest.approx(E.satisfaction.pj * E.pj.hand_off)


def test_the_letter_playbook_wins_by_its_words_rather_than_by_letter_and_gift():
    found = effects(LETTER, FAST)
    assert found["words"] > 2 * (found["letter"] + found["gift"]) > 0
    assert found["letter"] == pytest.approx(E.satisfaction.ij * E.culture.letter["JP"])


# --- switches ---


def test_a_prior_that_is_switched_off_brings_nothing():
    bare = effects(LETTER, FAST, switches=Switches(letter=False, gift=False))
    assert (bare["letter"], bare["gift"]) == (0.0, 0.0)
    assert bare["words"] == pytest.approx(effects(LETTER, FAST)["words"])


def test_the_difference_is_told_under_each_switch():
    found = attribute(LETTER, FAST)
    assert set(found.switched) == {"as_set", "other_speed_model", "without_letter", "without_gift"}
    assert found.switched["as_set"] == found.difference.estimate
    assert found.switched["without_letter"] < found.switched["as_set"] > found.switched["without_gift"]


def test_the_speed_model_shows_in_repurchase():
    slow = changed(resolution_h=90.0)
    tarp, meta = (
        effects(FAST, slow, measure="repurchase", switches=Switches(speed_model=model))["speed"]
        for model in ("tarp", "meta")
    )
    assert tarp > 3 * meta > 0


# --- what carries it ---


def test_the_shares_of_the_marks_add_up_to_one():
    found = attribute(LETTER, FAST)
    for marks in (found.marks, *(part.marks for part in found.parts if part.marks)):
        assert set(marks) == set(MARKS)
        assert math.fsum(marks.values()) == pytest.approx(1.0)


def test_letter_and_gift_are_carried_by_assumptions_alone_and_an_apology_in_part_by_a_fit():
    marks = {part.key: part.marks for part in attribute(LETTER, FAST).parts}
    assert marks["letter"]["assumed"] == marks["gift"]["assumed"] == 1.0
    assert 0 < marks["words"]["fitted"] < 0.5


def test_a_debt_is_what_the_difference_would_change_with_its_coefficient():
    found = attribute(changed(gift=1), FAST)
    debts = {debt.name: debt for debt in found.debts}
    assert debts["culture.gift"].change == pytest.approx(found.difference.estimate, rel=1e-3)
    assert debts["satisfaction.dj"].mark == "assumed"
    assert "de Hooge" in debts["culture.gift"].source


def test_a_varied_coefficient_leaves_the_table_as_it_was():
    before = E.dj.apology
    assert E.varied("dj.apology", 2.0).dj.apology == 2 * before
    assert E.dj.apology == before


# --- many customers, and logs ---


def test_many_customers_give_the_mean_of_each_and_an_interval():
    n = 60
    who = traits_of("JP", block(3, "customer/traits", n, TRAITS_WIDTH))
    crowd = [
        Handled(Experience(**{f.name: np.array([getattr(side.lived, f.name)] * n) for f in fields(Experience)}), who)
        for side in (LETTER, FAST)
    ]
    found = attribute(*crowd)
    parts = {part.key: part for part in found.parts}
    assert parts["words"].effect == pytest.approx(effects(LETTER, FAST)["words"])
    assert parts["gift"].low < parts["gift"].effect < parts["gift"].high
    assert found.difference.n == n


def care(key: str):
    case = a_case(key)
    log = after(opened(case), case, HOUR, apologises())
    log = after(log, case, 2 * HOUR, *accepts())
    log = after(log, case, 3 * HOUR, refund(), gift(), solve())
    return case, log


def haste(key: str):
    case = a_case(key)
    return case, after(opened(case), case, HOUR, agent_says(), refund(), solve())


def test_handled_tickets_are_taken_apart_like_settings():
    keys = [f"C-{n}" for n in range(5)]
    until = T0 + 10 * DAY
    found = attribute_logs([care(key) for key in keys], [haste(key) for key in keys], until=until)
    by_part = {part.key: part.effect for part in found.parts}
    assert by_part["words"] > 0.3
    assert by_part["speed"] < 0
    assert by_part["remedy"] == pytest.approx(0.0, abs=0.01)
    assert by_part["letter"] == 0.0
    assert found.difference.n == 5


def test_a_ticket_alone_equals_its_place_among_many():
    many = handled([care("C-1"), haste("C-2")], until=T0 + DAY)
    one = handled([haste("C-2")], until=T0 + DAY)
    assert many.lived.resolution_h[1] == one.lived.resolution_h[0]
    assert many.who.noise[1] == one.who.noise[0]


def test_without_tickets_on_one_side_there_is_nothing_to_take_apart():
    assert attribute_logs([], [haste("C-1")], until=T0) is None


def test_an_attribution_is_json():
    said = json.loads(json.dumps(attribute(LETTER, FAST).to_dict()))
    assert [part["key"] for part in said["parts"]] == [*PARTS, REST]


def test_a_ticket_that_stands_on_the_edge_of_a_deadline_owes_the_edge_nothing():
    """Day three is the first on which a contact counts: a slope there would swamp every other coefficient."""
    found = attribute(changed(follow_up_day=3.0), FAST)
    assert all(abs(debt.change) < 10 for debt in found.debts)
    assert "ij.follow_up" in {debt.name for debt in found.debts}
