"""A playbook goes to text and back; what differs between two is named; and when its steps are planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playbooks.core import library
from playbooks.core.playbook import Playbook, built_in, load
from playbooks.core.playbook_changes import Change, changes, planned
from playbooks.core.playbook_text import data_of, renamed, same, to_toml
from playbooks.core.profiles import profile_for

TEXTS = sorted(Path(str(library.__file__)).parent.glob("*.toml"))
FAST, LETTER, CARING = (built_in()[key] for key in ("fast-resolution", "apology-letter-gift", "fast-and-caring"))


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_what_is_written_is_read_as_it_was(file: Path) -> None:
    data = data_of(file.read_text("utf-8"))
    assert data_of(to_toml(data)) == data


def test_text_of_any_kind_is_kept_to_the_letter() -> None:
    said = 'quotes " and \\ and\ttabs\nlines = [not] # a remark 님 様'
    assert data_of(to_toml({"title": {"en": said}}))["title"]["en"] == said


def test_data_that_does_not_fit_is_written_all_the_same() -> None:
    assert data_of(to_toml({"key": 3, "strange": ["a"], "step": [{"after": [], "own": {}}]}))["strange"] == ["a"]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_a_text_under_another_key_keeps_everything_else(file: Path) -> None:
    text = file.read_text("utf-8")
    told = renamed(text, key="mine", version=7)
    assert data_of(told) == {**data_of(text), "key": "mine", "version": 7}
    assert told.count("#") == text.count("#")


def test_a_key_that_is_missing_is_put_first() -> None:
    assert data_of(renamed("[title]\nkey = 1\n", key="mine")) == {"key": "mine", "title": {"key": 1}}


def test_remarks_and_the_version_make_no_difference() -> None:
    assert same('version = 1\nkey = "a" # why\n', 'key = "a"\nversion = 2\n')
    assert not same('key = "a"\n', 'key = "b"\n')


def changed(change: Callable[[dict[str, Any]], None]) -> Playbook:
    data = data_of(TEXTS[[file.stem for file in TEXTS].index("fast_resolution")].read_text("utf-8"))
    change(data)
    return load(to_toml(data))


def test_nothing_differs_from_itself() -> None:
    assert changes(LETTER, LETTER) == ()


def test_a_new_deadline_is_named_with_what_it_was() -> None:
    def sooner(data: dict[str, Any]) -> None:
        data["step"][1]["within"] = "30m"

    assert changes(FAST, changed(sooner)) == (Change("changed", "step", "answer", "within", 3_600, 1_800),)


def test_a_step_taken_out_a_new_one_and_one_that_moved_are_told_apart() -> None:
    def others(data: dict[str, Any]) -> None:
        acknowledge, answer, remedy, solve = data["step"]
        new = {**answer, "key": "apologise", "deed": "apologise"}
        data["step"] = [answer, acknowledge, {**solve, "after": ["answer"]}, new]
        del remedy

    kinds = [(one.kind, one.name, one.field) for one in changes(FAST, changed(others))]
    assert kinds == [
        ("removed", "remedy", ""),
        ("added", "apologise", ""),
        ("changed", "solve", "after"),
        ("moved", "acknowledge", ""),
    ]


def test_a_gift_that_goes_and_a_question_that_comes_are_named() -> None:
    without = replace(LETTER, gift=None)
    assert [one.kind for one in changes(LETTER, without)] == ["removed"]

    def asks(data: dict[str, Any]) -> None:
        data["question"] = [{"key": "mood", "anchor": "solved", "after": "1d", "text": data["title"]}]

    assert [(one.part, one.name) for one in changes(FAST, changed(asks))] == [("question", "question.mood")]


def test_a_copy_under_another_key_is_worked_by_the_same_agents_if_it_says_so() -> None:
    assert profile_for(changed(lambda data: data.update(key="mine"))).key == "default"
    assert profile_for(changed(lambda data: data.update(key="mine", agents="fast-resolution"))).key == "fast-resolution"


def test_a_step_is_planned_for_when_the_steps_before_it_are_due() -> None:
    at = {one.step.key: (one.start, one.due) for one in planned(FAST)}
    assert at == {"acknowledge": (0, 60), "answer": (0, 3_600), "remedy": (3_600, 90_000), "solve": (90_000, 176_400)}


def test_a_step_after_the_facts_is_planned_from_when_they_are_due() -> None:
    letter = next(one for one in planned(LETTER) if one.step.key == "letter")
    assert (letter.start, letter.due) == (86_400, 172_800)


def test_fast_and_caring_has_no_letter_and_no_gift_and_a_profile_of_its_own() -> None:
    assert not {"letter", "gift"} & {step.deed for step in CARING.steps}
    assert (CARING.hue, profile_for(CARING).key) == ("ochre", "fast-and-caring")
    apologise = CARING.step("apologise")
    assert apologise is not None
    assert apologise.within_on("chat") == 300
