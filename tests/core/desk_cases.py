"""Random desks for the tests: a few tickets, every feature, drawn by Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from playbooks.core.desk.handling import FollowUpStep, Handling, Timing
from playbooks.core.desk.setting import (
    EXPONENTIAL,
    LOG_LOGISTIC,
    NONE,
    TABLE,
    Arrivals,
    DeskSetting,
    Group,
    Patience,
    Shift,
    Surge,
    TicketClass,
)

OFFICE = Shift(9, 18, (0, 1, 2, 3, 4))
CLASSES = (TicketClass("urgent", 0.2), TicketClass("ordinary", 0.8))
TABLE_OF_PATIENCE = ((0.1, 0.2), (0.5, 3.0), (0.9, 30.0))

patience = st.one_of(
    st.just(Patience(NONE)),
    st.builds(Patience, st.just(LOG_LOGISTIC), factor=st.sampled_from([0.1, 1.0])),
    st.just(Patience(EXPONENTIAL, mean_h=0.5)),
    st.just(Patience(TABLE, table=TABLE_OF_PATIENCE, by_profile={"JP": 2.0})),
)
arrivals = st.one_of(
    st.builds(Arrivals, st.sampled_from([2.0, 6.0, 15.0])),
    st.just(Arrivals(4.0, daily=(0.0,) * 8 + (2.0,) * 12 + (0.5,) * 4, weekly=(1.0,) * 5 + (0.0, 0.5))),
    st.just(Arrivals(3.0, surges=(Surge(5.0, 7.5, 6.0),))),
)
step = st.builds(
    FollowUpStep,
    st.just("letter"),
    st.sampled_from([5.0, 30.0]),
    st.just(2.0),
    st.sampled_from([None, 20.0]),
    st.sampled_from([0.3, 1.0]),
)
later = st.builds(
    FollowUpStep, st.just("check-in"), st.just(10.0), st.sampled_from([2.0, 30.0]), ticket_class=st.just("urgent")
)
follow_ups = st.one_of(st.just(()), st.tuples(step), st.tuples(step, later))
handling = st.builds(
    Handling, st.sampled_from([4.0, 25.0]), st.sampled_from([1.0, 4.0, 2.5]), st.booleans(), follow_ups
)
timings = st.one_of(
    st.builds(Timing, st.just("one"), handling),
    st.builds(Timing, st.just("two"), handling, st.fixed_dictionaries({"urgent": handling})),
)
one_group = st.builds(lambda count: (Group(count),), st.integers(1, 5))
many_groups = st.sampled_from(
    [
        (Group(1, "korean", ("ko",)), Group(2, "both")),
        (Group(1, "japanese", ("ja",)), Group(1, "korean", ("ko",), (OFFICE,)), Group(2, "day", (), (OFFICE,))),
        (Group(2, "day", (), (Shift(8, 20),)), Group(1, "night", (), (Shift(20, 32),))),
        (Group(0, "nobody"), Group(3, "office", (), (OFFICE, Shift(10, 14, (5,))))),
    ]
)


def settings_with(groups: st.SearchStrategy[tuple[Group, ...]]) -> st.SearchStrategy[DeskSetting]:
    return st.builds(
        DeskSetting,
        arrivals=arrivals,
        agents=groups,
        days=st.sampled_from([1 / 3, 2.0]),
        classes=st.just(CLASSES),
        languages=st.sampled_from([{"ja": 1.0}, {"ja": 0.6, "ko": 0.4}]),
        profiles=st.sampled_from([{"JP": 1.0}, {"JP": 0.5, "KR": 0.5}]),
        patience=patience,
        bot=st.booleans(),
        drain=st.booleans(),
        begins_h=st.sampled_from([0.0, 9.0, 130.5]),
    )


desks = settings_with(st.one_of(one_group, many_groups))
seeds = st.integers(0, 10_000)
