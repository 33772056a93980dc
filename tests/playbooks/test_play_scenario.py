"""`manage.py play_scenario`: a case in the terminal, and clear words when it cannot be shown."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from playbooks.core.scenarios import scenarios
from playbooks.core.scenarios.preview import columns


def played(*args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("play_scenario", *args, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_it_shows_case_opening_hidden_facts_traps_and_course(language: str):
    text = played("overbooked_room", language=language, seed=2)
    voice = scenarios()["overbooked_room"].voices[language]
    flat = "".join(text.split())
    assert voice.title in text
    for line in (*voice.hidden, voice.traps[0].text, voice.cause):
        assert "".join(line.split()) in flat
    assert len(text.splitlines()) > 40
    assert not any(mark in text for mark in ("{", "}", "[[", "None"))


def test_another_seed_is_another_customer_and_the_same_one_the_same():
    assert played("sale_boots", seed=1) == played("sale_boots", seed=1)
    assert played("sale_boots", seed=1) != played("sale_boots", seed=2)


def test_another_playbook_goes_on_otherwise():
    one = played("sale_boots", playbook="fast-resolution")
    assert one != played("sale_boots", playbook="apology-letter-gift")


def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert max(columns(line) for line in played("palace_tour").splitlines()) <= 82  # punctuation may hang


def test_a_bot_talk_and_head_office_stand_before_the_course():
    assert "ボット" in played("cancelled_flight")
    assert "본사 보고입니다" in played("palace_tour")


def test_openings_come_as_one_json_text_a_line():
    lines = played("cold_delivery", openings=30).splitlines()
    assert len({json.loads(line) for line in lines}) > 20


def test_without_a_key_the_cases_are_listed():
    listed = played(language="ko")
    assert all(key in listed for key in scenarios())


def test_an_unknown_scenario_or_playbook_is_named():
    with pytest.raises(CommandError, match="scenario: 'moon'"):
        played("moon")
    with pytest.raises(CommandError, match="playbook: 'moon'"):
        played("sale_boots", playbook="moon")
