"""Where things stand in a picture: nothing outside it, labels that keep apart, the same drawing every time."""

from __future__ import annotations

import itertools
import re

import pytest

from playbooks.core.contrast import Median
from playbooks.core.plot import Group, Scale, bars, jitter, picture, strips, text_width, thinned, time_scale, time_ticks
from playbooks.core.statistics import Interval

HOUR = 3600


def group(key: str, *, across: Median | None = None, up: Interval | None = None, dots=((600.0, 4.0),)) -> Group:
    return Group(
        key,
        (key.title(), "CSAT 4.00"),
        across or Median(20, 600, 300, 1200, bounded=True),
        up or Interval(20, 4.0, 3.7, 4.3),
        dots,
    )


def draw(*groups: Group, width: int = 880):
    return picture(groups, scores=(1, 5), width=width, height=430)


def test_equal_ratios_of_time_are_equal_distances():
    scale = Scale(60, 6000, 0, 100, log=True)
    assert [scale.at(60), scale.at(600), scale.at(6000)] == [0, 50, 100]


def test_what_lies_outside_a_scale_is_drawn_on_its_edge():
    scale = Scale(1, 5, 0, 100)
    assert (scale.at(0), scale.at(9)) == (0, 100)


def test_a_time_axis_begins_and_ends_at_instants_that_people_know():
    scale = time_scale([90, 5 * HOUR], start=0, end=600)
    assert (scale.low, scale.high) == (60, 8 * HOUR)


def test_a_few_minutes_apart_do_not_fill_the_whole_axis():
    scale = time_scale([300, 420], start=0, end=600)
    assert scale.high / scale.low > 60


@pytest.mark.parametrize("seconds", [[0], [1], [10**9], [], [0, 10**9]])
def test_a_time_axis_bears_any_time(seconds: list[float]):
    scale = time_scale(seconds, start=0, end=600)
    assert 0 < scale.low < scale.high
    assert all(0 <= scale.at(value) <= 600 for value in seconds)


def test_written_ticks_keep_apart():
    places = [tick.at for tick in time_ticks(time_scale([10, 30 * 24 * HOUR], start=40, end=340))]
    assert len(places) > 2
    assert min(b - a for a, b in itertools.pairwise(places)) >= 58


def test_a_mark_stands_at_its_median_and_mean_with_both_intervals():
    (mark,) = draw(group("fast")).marks
    assert mark.across[0] < mark.x < mark.across[1]
    assert mark.up[1] < mark.y < mark.up[0]
    assert not mark.endless


def test_an_interval_that_has_not_ended_reaches_the_edge():
    drawn = draw(group("fast", across=Median(20, 600, 300, None, bounded=True)))
    (mark,) = drawn.marks
    assert mark.endless
    assert mark.across[1] == drawn.right


def test_too_few_values_have_a_mark_without_bars():
    (mark,) = draw(
        group("fast", across=Median(2, 600, None, None, bounded=False), up=Interval(1, 4.0, None, None))
    ).marks
    assert (mark.across, mark.up, mark.endless) == (None, None, False)


def test_a_playbook_without_an_answer_has_no_mark():
    drawn = draw(group("fast"), group("letter", up=Interval(0, None, None, None), dots=()))
    assert [mark.key for mark in drawn.marks] == ["fast"]


def test_nothing_at_all_can_be_drawn():
    drawn = draw(group("fast", across=Median(0, None, None, None, bounded=False), dots=()))
    assert drawn.marks == ()
    assert drawn.x_ticks


def box_of(label) -> tuple[float, float, float, float]:
    width = max(text_width(line) for _y, line in label.lines)
    left = label.x if label.anchor == "start" else label.x - width
    return left, label.lines[0][0] - 13, left + width, label.lines[-1][0] + 4


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ((600, 4.0), (600, 4.0)),
        ((600, 4.0), (620, 4.05)),
        ((60, 4.0), (72 * HOUR, 4.0)),
        ((600, 5.0), (660, 5.0)),
        ((600, 1.0), (660, 1.0)),
    ],
)
@pytest.mark.parametrize("width", [880, 360])
def test_labels_never_lie_on_each_other_and_stay_in_the_picture(here, there, width: int):
    groups = [
        group(key, across=Median(9, time, time / 2, time * 2, bounded=True), up=Interval(9, score, score, score))
        for key, (time, score) in (("fast", here), ("letter", there))
    ]
    drawn = draw(*groups, width=width)
    (a, b) = (box_of(mark.label) for mark in drawn.marks)
    apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    assert apart
    for left, top, right, bottom in (a, b):
        assert left >= drawn.left - 1
        assert right <= drawn.right + 1
        assert top >= drawn.top - 1
        assert bottom <= drawn.bottom + 1


def test_east_asian_letters_take_twice_the_room():
    assert text_width("お詫び状") > 1.8 * text_width("abcd")


def test_equal_scores_are_told_apart_without_becoming_other_scores():
    shifts = [jitter(place) for place in range(400)]
    assert len(set(shifts)) == 400
    assert max(map(abs, shifts)) < 0.5


def test_single_tickets_are_bounded_and_taken_evenly():
    dots = [(float(place), 3.0) for place in range(1000)]
    taken = thinned(dots, 100)
    assert len(taken) == 100
    assert taken[0] == dots[0]
    assert taken[-1] == dots[990]
    drawn = draw(group("fast", dots=dots), group("letter", dots=dots))
    assert sum(len(re.findall("M", path)) for _key, path in drawn.dots) == 400


def test_the_same_values_give_the_same_drawing():
    assert draw(group("fast"), group("letter")) == draw(group("fast"), group("letter"))


def test_strips_share_one_scale_and_leave_out_what_is_not_known():
    found = [
        ("fast", Interval(9, 0.5, 0.2, 0.8)),
        ("letter", Interval(0, None, None, None)),
        ("third", Interval(9, 1, 0.7, 1)),
    ]
    first, third = strips(found, low=0, high=1, width=110)
    assert (first.key, first.x, first.across) == ("fast", 55, (25, 85))
    assert (third.key, third.x) == ("third", 105)
    assert third.y > first.y


# --- bars ---


def test_bars_grow_from_zero_to_either_side_with_their_intervals():
    drawn = bars([("speed", -0.1, -0.2, 0.0), ("words", 0.5, 0.4, 0.6), ("rest", 0.0, None, None)], width=400)
    speed, words, rest = drawn.bars
    assert speed.x < drawn.zero == words.x == rest.x
    assert speed.x + speed.width == pytest.approx(drawn.zero, abs=0.2)
    assert words.width == pytest.approx(5 * speed.width, abs=1)
    assert words.across[1] < words.end < 400
    assert rest.across is None
    assert 0.0 in {tick.value for tick in drawn.ticks}


def test_next_to_nothing_does_not_look_like_much():
    (bar,) = bars([("gift", 0.001, None, None)], width=400).bars
    assert bar.width < 5
