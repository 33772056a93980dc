"""`manage.py reproduce`: one command, the whole table, as text, JSON or for a document."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from playbooks.management.commands.reproduce import cells_of, wrap


def printed(*options: str) -> str:
    out = StringIO()
    call_command("reproduce", *options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def as_json() -> dict:
    return json.loads(printed("--json"))


def test_json_has_rows_with_published_and_simulated_figures_and_the_switches(as_json):
    wanted = {"test", "published", "simulated", "tolerance", "mark", "verdict", "title", "source", "note"}
    assert len(as_json["rows"]) > 90
    assert all(wanted <= row.keys() for row in as_json["rows"])
    assert as_json["switches"] == {"speed_model": "tarp", "letter": True, "gift": True}


def test_json_counts_what_holds_misses_and_is_missing_by_mark(as_json):
    assert as_json["tally"]["fitted"]["misses"] == 2
    assert as_json["tally"]["not tuned"]["missing"] == 4


@pytest.mark.parametrize(
    ("language", "heading", "miss"),
    [("en", "Simulated", "misses"), ("ko", "모의값", "벗어남"), ("ja", "模擬値", "不一致")],
)
def test_the_table_is_readable_in_every_language_and_shows_its_misses(language, heading, miss, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    text = printed("--language", language, "--test", "2", "--test", "11")
    assert heading in text
    assert miss in text
    assert "Wong" in text
    assert max(map(cells_of, text.splitlines())) <= 120


def test_switches_are_taken_and_shown():
    text = printed("--speed-model", "meta", "--no-letter", "--no-gift", "--test", "1")
    assert "speed model meta, letter prior off, gift prior off" in text


def test_a_table_for_a_document_has_a_line_for_every_row(as_json):
    lines = printed("--markdown", "--test", "11").splitlines()
    assert len(lines) == sum(row["test"] == 11 for row in as_json["rows"]) + 2
    assert {line.replace("\\|", "").count("|") for line in lines} == {8}


@pytest.mark.parametrize("wrong", [("--speed-model", "fast"), ("--test", "18"), ("--language", "fr")])
def test_an_unknown_choice_is_refused(wrong):
    with pytest.raises(CommandError, match="invalid choice"):
        printed(*wrong)


def test_lines_are_broken_by_their_width_in_cells():
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("再購入の割合", 6) == ["再購入", "の割合"]
    assert cells_of("再a") == 3
