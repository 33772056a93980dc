"""A desk scenario: what it refuses, by which name, and what follows from it before anybody writes in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playbooks.core.desk.draws import customers
from playbooks.core.desk.handling import FollowUpStep, Handling, Timing
from playbooks.core.desk.run import simulate
from playbooks.core.desk.setting import (
    NONE,
    TABLE,
    Arrivals,
    DeskSetting,
    Group,
    Patience,
    Shift,
    Surge,
    TicketClass,
    setting_from,
)
from tickets.errors import Invalid

LETTER = Timing("letter", Handling(40.0))
OFFICE = Shift(9, 18, (0, 1, 2, 3, 4))


def desk(**given: Any) -> DeskSetting:
    return DeskSetting(**{"arrivals": Arrivals(12.0), "agents": (Group(4),), "days": 1.0, **given})


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("agents", lambda: desk(agents=())),
        ("agents", lambda: desk(agents=(Group(0),))),
        ("agents", lambda: desk(agents=tuple(Group(1, str(name)) for name in range(101)))),
        ("classes", lambda: desk(classes=(TicketClass("a", 0.01),) * 101)),
        ("agents", lambda: desk(languages={"ja": 0.5, "ko": 0.5}, agents=(Group(4, "japanese", ("ja",)),))),
        ("agents.count", lambda: Group(-1)),
        ("agents.count", lambda: Group(2.5)),  # type: ignore[arg-type]
        ("agents.languages.fr", lambda: desk(agents=(Group(4, "french", ("fr",)),))),
        ("agents.shifts.begins_h", lambda: Shift(-1, 8)),
        ("agents.shifts.ends_h", lambda: Shift(9, 9)),
        ("agents.shifts.weekdays", lambda: Shift(9, 18, (7,))),
        ("arrivals.per_hour", lambda: Arrivals(0)),
        ("arrivals.per_hour", lambda: Arrivals(float("nan"))),
        ("arrivals.per_hour", lambda: Arrivals("many")),  # type: ignore[arg-type]
        ("arrivals.daily", lambda: Arrivals(1.0, daily=(1.0,))),
        ("arrivals.weekly", lambda: Arrivals(1.0, weekly=(0.0,) * 7)),
        ("surges.to_h", lambda: Surge(5, 4, 2)),
        ("surges.factor", lambda: Surge(4, 5, -2)),
        ("days", lambda: desk(days=-1)),
        ("days", lambda: desk(days=3000.0, arrivals=Arrivals(20_000.0))),
        ("tickets", lambda: desk(tickets=10**9)),
        ("tickets", lambda: desk(tickets=0)),
        ("warm_up_days", lambda: desk(warm_up_days=1.0)),
        ("classes", lambda: desk(classes=(TicketClass("a", 0.5), TicketClass("b", 0.4)))),
        ("classes", lambda: desk(classes=(TicketClass("a", 0.5), TicketClass("a", 0.5)))),
        ("languages", lambda: desk(languages={"ja": 0.5})),
        ("profiles.FR", lambda: desk(profiles={"FR": 1.0})),
        ("patience.curve", lambda: Patience("weibull")),
        ("patience.median_h", lambda: Patience(median_h=-1)),
        ("patience.table", lambda: Patience(TABLE, table=((0.5, 3.0), (0.4, 4.0)))),
        ("work_min", lambda: Handling(-9.0)),
        ("shape", lambda: Handling(9.0, shape=0)),
        ("follow_ups.delay_h", lambda: FollowUpStep("letter", 5.0, -24.0)),
        ("follow_ups.share", lambda: FollowUpStep("letter", 5.0, 24.0, share=1.2)),
        ("follow_ups", lambda: Handling(9.0, follow_ups=(FollowUpStep("a", 1.0, 2.0), FollowUpStep("b", 1.0, 1.0)))),
        ("by_class.vip", lambda: simulate(desk(), 1, timing=Timing("x", Handling(9.0), {"vip": Handling(5.0)}))),
        ("follow_ups.ticket_class", lambda: simulate(desk(), 1, timing=Timing("x", Handling(9.0, follow_ups=(
            FollowUpStep("letter", 5.0, 24.0, ticket_class="vip"),))))),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_name(field: str, make: Any):
    with pytest.raises(Invalid) as refused:
        make()
    assert refused.value.field == field
    assert len(refused.value.message) > 20


def test_an_unknown_parameter_is_refused_by_its_path_and_the_known_ones_are_named():
    plain = {"arrivals": {"per_hour": 12}, "agents": [{"count": 4, "colour": "blue"}], "days": 1}
    with pytest.raises(Invalid) as refused:
        setting_from(plain)
    assert (refused.value.code, refused.value.field) == ("unknown_parameter", "agents.colour")
    assert "shifts" in refused.value.message


@pytest.mark.parametrize("plain", [{}, {"arrivals": 12}, {"arrivals": {"per_hour": 1}, "agents": 4, "days": 1}])
def test_a_desk_that_lacks_something_is_refused(plain: dict[str, Any]):
    with pytest.raises(Invalid):
        setting_from(plain)


def test_a_desk_is_read_from_plain_data():
    read = setting_from({
        "arrivals": {"per_hour": 12, "surges": [{"from_h": 1, "to_h": 2, "factor": 3}]},
        "agents": [{"count": 4, "languages": ["ja"], "shifts": [{"begins_h": 9, "ends_h": 18, "weekdays": [0, 1]}]}],
        "days": 7, "patience": {"curve": "table", "table": [[0.1, 1], [0.9, 9]]}, "drain": True,
    })  # fmt: skip
    assert read == DeskSetting(
        Arrivals(12, surges=(Surge(1, 2, 3),)), (Group(4, languages=("ja",), shifts=(Shift(9, 18, (0, 1)),)),), 7,
        patience=Patience(TABLE, table=((0.1, 1), (0.9, 9))), drain=True,
    )  # fmt: skip


def test_more_work_than_the_agents_can_do_never_empties_unless_somebody_leaves():
    patient = Patience(NONE)
    assert desk(patience=patient).never_empties(LETTER)  # 8 agents' work for 4
    assert not desk(patience=patient).never_empties(Timing("fast", Handling(9.0)))
    assert not desk().never_empties(LETTER)
    later = Timing("later", Handling(9.0, follow_ups=(FollowUpStep("letter", 20.0, 24.0),)))
    assert desk(patience=patient).never_empties(later)  # 1.8 + 4 agents' work


def test_a_language_that_too_few_speak_never_empties_though_others_idle():
    agents = (Group(1, "korean", ("ko",)), Group(9, "japanese", ("ja",)))
    uneven = desk(agents=agents, languages={"ko": 0.5, "ja": 0.5}, patience=Patience(NONE))
    assert uneven.never_empties(Timing("fast", Handling(20.0)))
    assert not uneven.never_empties(Timing("fast", Handling(9.0)))


def test_shifts_count_for_the_capacity():
    office = desk(agents=(Group(4, shifts=(OFFICE,)),), days=28.0, patience=Patience(NONE))
    assert office.present_hours() == [4 * 4 * 45]
    assert office.never_empties(Timing("fast", Handling(9.0)))  # 1.8 around the clock; 4 on 45 of 168 hours


def test_a_shift_past_midnight_and_past_sunday_counts_in_full():
    nights = desk(agents=(Group(1, shifts=(Shift(20, 32),)),), days=14.0)
    assert nights.present_hours() == [14 * 12]
    later = desk(agents=(Group(1, shifts=(Shift(20, 32),)),), days=14.0, begins_h=37.25)
    assert later.present_hours() == pytest.approx([14 * 12])


def test_customers_follow_the_hour_the_weekday_and_the_surge():
    arrivals = Arrivals(
        60.0, daily=(0.0,) * 12 + (2.0,) * 12, weekly=(1, 1, 1, 1, 1, 0, 0), surges=(Surge(36, 48, 0.5),)
    )
    setting = desk(arrivals=arrivals, days=7.0)
    hours = customers(setting, 5, 0).arrival / 3600
    found = np.histogram(hours, bins=np.arange(0, 169, 12))[0]
    expected = np.array([0, 1440, 0, 720, 0, 1440, 0, 1440, 0, 1440, 0, 0, 0, 0])
    assert setting.expected() == pytest.approx(expected.sum())
    assert found[expected == 0].sum() == 0
    assert (abs(found - expected) <= 4 * np.sqrt(expected)).all()


def test_a_desk_that_opens_on_friday_noon_has_the_pattern_of_friday_noon():
    setting = desk(arrivals=Arrivals(60.0, weekly=(0, 0, 0, 0, 1, 0, 0)), days=7.0, begins_h=4 * 24 + 12.5)
    hours = customers(setting, 5, 0).arrival / 3600
    assert setting.expected() == pytest.approx(24 * 60)
    assert ((hours < 11.5) | (hours > 168 - 12.5)).all()


def test_the_cap_on_tickets_closes_the_doors():
    run = simulate(desk(days=30.0, tickets=500), 1, timing=LETTER)
    assert len(run.contacts) == 500
    assert run.contacts.arrival.max() < 3 * 86_400
