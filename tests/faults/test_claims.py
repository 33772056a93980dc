"""Two at one moment, on a real SQLite file and on PostgreSQL: one effect, and a clear word to the slower one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.rehearsing import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def came_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of everything that is tried at once."""
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    found: dict[str, Any] = House(tmp_path_factory.mktemp("claims") / "desk", url).script("tests.faults.two_at_once")
    return found


def test_of_two_agents_who_answer_what_they_have_read_the_second_is_told_to_look_again(came_of: dict[str, Any]) -> None:
    assert came_of["replies"] == {"outcomes": {"changed_meanwhile+done": 5}, "replies": 5, "gaps": 0}


def test_of_two_agents_who_solve_at_once_the_second_is_told_that_it_is_solved(came_of: dict[str, Any]) -> None:
    assert came_of["solves"] == {"outcomes": {"done+transition_refused": 5}, "solved": 5, "gaps": 0}


def test_four_sweeps_at_once_have_the_effect_of_one(came_of: dict[str, Any]) -> None:
    sweeps = came_of["sweeps"]
    assert sweeps["outcomes"] == {"done": 4}
    assert sweeps["ended"] == sweeps["lines"] > 20
    assert (sweeps["failed"], sweeps["gaps"]) == (0, 0)


def test_of_four_workers_with_one_clock_one_brings_it_forward(came_of: dict[str, Any]) -> None:
    advances = came_of["advances"]
    assert advances["brought"] >= 1
    assert advances["sim_at"] == 40 * 86_400
    assert advances["ended"] == advances["lines"] > 10
    assert (advances["failed"], advances["gaps"]) == (0, 0)
