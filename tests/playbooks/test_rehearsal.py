"""A rehearsal: the same customers twice, worked by automatic agents; a report that can be repeated to the digit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from playbooks import rehearsal
from playbooks.definitions import FAST, LETTER
from playbooks.models import Arrival, CaseFile, Rehearsal
from tests.playbooks.cases import DAY, START, complaint
from tickets.errors import Invalid
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def rehearsed(key: str, *, seed: int = 7, count: int = 3, days: int = 40) -> tuple[Rehearsal, dict[str, Any]]:
    laid_out = rehearsal.prepare(
        [complaint(n, seed=seed) for n in range(count)], key=key, seed=seed, days=days, staff=2
    )
    list(rehearsal.run(laid_out))
    return laid_out, rehearsal.report(laid_out)


def test_the_same_seed_gives_the_same_report_and_another_seed_another_one() -> None:
    first, second, other = (
        rehearsed(key, seed=seed, count=2, days=20)[1] for key, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert {**first, "rehearsal": ""} == {**second, "rehearsal": ""}
    assert other["digest"] != first["digest"]


def test_both_playbooks_meet_the_same_customers_at_the_same_instants() -> None:
    rehearsed("twice")
    seen: dict[str, list[object]] = {FAST: [], LETTER: []}
    for ticket in Ticket.objects.select_related("clock").order_by("number"):
        case = CaseFile.objects.get(ticket=ticket).case
        seen[ticket.clock.key.split("/")[1]].append((ticket.external_id, ticket.created_at, case))
    assert seen[FAST] == seen[LETTER]
    assert len(seen[FAST]) == 3


def test_nothing_is_doubled_and_nothing_is_left_without_a_reason() -> None:
    for arm in rehearsed("complete")[1]["playbooks"].values():
        states = dict(arm["follow_ups"])
        assert states.pop("doubled") == 0
        assert set(states) <= {"sent", "skipped", "pending"}
        assert states["skipped"]["n"] == sum(states["skipped"]["reasons"].values())
        assert arm["unfinished"]["arrivals_failed"] == arm["unfinished"]["agent_turns_failed"] == 0
        for step in arm["steps"].values():
            assert step.get("left_out", 0) == sum(step.get("reasons", {}).values())


def test_it_ends_at_its_ceiling_of_days() -> None:
    laid_out, report = rehearsed("short", days=6)
    assert [clock.sim_at for clock in laid_out.clocks.all()] == [START + 6 * DAY] * 2
    assert rehearsal.finished(laid_out)
    assert rehearsal.progress(laid_out) == 1.0
    assert all(arm["unfinished"]["follow_ups_pending"] for arm in report["playbooks"].values())


def test_customers_come_in_over_the_first_five_days() -> None:
    rehearsal.prepare([complaint(n) for n in range(200)], key="arrivals", seed=7, days=40)
    days = {(at - START) // DAY for at in Arrival.objects.values_list("due_at", flat=True)}
    assert days == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(("count", "days", "field"), [(1, 0, "days"), (1, 401, "days"), (0, 40, "file")])
def test_an_impossible_rehearsal_is_refused_and_leaves_nothing(count: int, days: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rehearsal.prepare([complaint(n) for n in range(count)], key="no", seed=7, days=days)
    assert refused.value.field == field
    assert not Rehearsal.objects.exists()


def test_the_command_reports_as_json_and_names_the_lines_it_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.jsonl"
    file.write_text('{"description": "The kettle leaks."}\nnot json\n', encoding="utf-8")
    call_command("rehearse", "--file", str(file), "--days", "8", "--json")
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert set(report["playbooks"]) == {FAST, LETTER}
    assert report["rows_refused"][0]["line"] == 2
    assert len(report["digest"]) == 64
    assert "is done" in err


def test_the_command_refuses_a_file_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="file"):
        call_command("rehearse", "--file", "/no/such/file.jsonl")


@pytest.mark.parametrize("option", ["--workers", "--agents", "--limit"])
@pytest.mark.parametrize("word", ["0", "-1", "many"])
def test_the_command_refuses_counts_below_one(option: str, word: str) -> None:
    with pytest.raises(CommandError, match=option):
        call_command("rehearse", "--file", "x.jsonl", f"{option}={word}")
