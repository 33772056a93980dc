"""The driver in memory: it ends, it orders, it repeats, and its agents are no machines."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from playbooks.core.case import NEUTRAL_PROFILE, REMEDIES, Case
from playbooks.core.effects import Become, Note, Say
from playbooks.core.facts import Facts
from playbooks.core.playbook import built_in, load
from playbooks.core.profiles import profile_for
from playbooks.core.replay import DAY, Replay, Script, digest, play
from playbooks.core.streams import pick, uniforms
from tickets.calendars import ALWAYS, calendar
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT, CHANNELS, status_of
from tickets.log import AGENT, SYSTEM, Event, Log, first_at, named

FAST, LETTER = "fast-resolution", "apology-letter-gift"
T0 = 1_767_592_800  # Monday 2026-01-05 06:00 UTC, 15:00 in Tokyo
CURRENCY = {"ja": ("JPY", 12_000), "ko": ("KRW", 120_000), "en": ("USD", 9_000)}


def case(n: int, *, seed: int = 7) -> Case:
    u = uniforms(seed, "test/case", n, 9).tolist()
    language = ("ja", "ko", "en")[pick(u[0], 3)]
    currency, price = CURRENCY[language]
    return Case(
        key=f"T-{n}", seed=seed, language=language, profile=NEUTRAL_PROFILE[language],
        channel=CHANNELS[pick(u[1], len(CHANNELS))],
        category=CATEGORIES_OF_COMPLAINT[pick(u[2], len(CATEGORIES_OF_COMPLAINT))],
        severity=round(u[3], 2), monetary=u[4] < 0.6, goods_accepted=u[5] < 0.5, own_fault=u[6] < 0.75,
        price=price, currency=currency, right_remedy=REMEDIES[pick(u[7], len(REMEDIES))],
        failure_number=2 if u[8] < 0.1 else 1,
    )  # fmt: skip


@cache
def played(playbook: str, n: int, hours: str = "jp") -> Replay:
    definition = built_in()[playbook]
    return play(
        case(n), definition, opened_at=T0 + n * 3_600, text="…", calendar=calendar(hours), days=60,
        agent=profile_for(definition),
    )  # fmt: skip


def many(playbook: str) -> list[Replay]:
    return [played(playbook, n) for n in range(60)]


def scripted(n: int, script: Script, *, playbook: str = FAST, days: int = 40) -> Replay:
    return play(case(n), built_in()[playbook], opened_at=T0, text="…", calendar=ALWAYS, days=days, script=script)


def names(log: Log) -> list[str]:
    return [event.name for event in log]


@pytest.mark.parametrize("playbook", [FAST, LETTER])
def test_every_case_that_agents_work_ends_closed_with_nothing_due(playbook: str) -> None:
    for replay in many(playbook):
        assert replay.ended == "nothing_due"
        assert status_of(replay.log) == "closed"


@pytest.mark.parametrize("playbook", [FAST, LETTER])
def test_every_follow_up_is_sent_once_or_skipped_with_a_reason(playbook: str) -> None:
    for replay in many(playbook):
        fired = [event.data["step"] for event in named(replay.log, "follow_up.sent", "follow_up.skipped")]
        assert sorted(fired) == sorted(follow_up.step for follow_up in replay.follow_ups)
        assert all((follow_up.reason is None) == (follow_up.state == "sent") for follow_up in replay.follow_ups)


@pytest.mark.parametrize("playbook", [FAST, LETTER])
def test_no_step_is_left_open(playbook: str) -> None:
    for replay in many(playbook):
        assert all(view.state in ("done", "missed", "left_out") for view in replay.steps)


@pytest.mark.parametrize("playbook", [FAST, LETTER])
def test_the_log_never_goes_back_in_time_and_holds_a_text_for_each_comment(playbook: str) -> None:
    for replay in many(playbook):
        instants = [event.at for event in replay.log]
        assert instants == sorted(instants)
        assert len(replay.said) == names(replay.log).count("comment.created")


ODD = """
key = "odd"
version = 1
hue = "ochre"
letter_severity = 0.2
title = {{ en = "Odd", ko = "별난 방식", ja = "風変わりな手順" }}
summary = {{ en = "No step solves.", ko = "해결 단계가 없다.", ja = "解決の手順がない。" }}
{steps}
"""
STEP = """
[[step]]
key = "{key}"
title = {{ en = "x", ko = "x", ja = "x" }}
why = {{ en = "x", ko = "x", ja = "x" }}
stage = "response"
by = "agent"
deed = "{deed}"
after = ["{after}"]
within = "{within}"
when = [{when}]
"""


@pytest.mark.parametrize(
    "steps",
    [
        [("check", "check_in", "solved", "3d", "")],
        [("report", "interim_report", "opened", "2d", ""), ("note", "prevention", "report", "9d", "")],
        [("facts", "confirm_facts", "remedy", "1h", ""), ("give", "remedy", "facts_confirmed", "1h", "")],
        [("post", "letter", "facts_confirmed", "1h", '"own_fault", "severe"'), ("end", "solve", "post", "1h", "")],
        [("end", "solve", "apology_accepted", "1h", "")],
    ],
    ids=[
        "no_first_word",
        "late_work_alone",
        "steps_that_wait_for_each_other",
        "a_letter_nobody_can_write",
        "may_never_open",
    ],
)
def test_a_managers_odd_playbook_never_keeps_an_agent_stuck(steps: list[tuple[str, ...]]) -> None:
    fields = ("key", "deed", "after", "within", "when")
    text = ODD.format(steps="".join(STEP.format(**dict(zip(fields, step, strict=True))) for step in steps))
    definition = load(text, name="odd.toml")
    for n in range(10):
        replay = play(
            case(n), definition, opened_at=T0, text="…", calendar=calendar("jp"), days=60, agent=profile_for(definition)
        )
        assert (replay.ended, status_of(replay.log)) == ("nothing_due", "closed")


def test_agents_err_hand_over_ask_run_late_and_forget_the_tone() -> None:
    replays = many(FAST) + many(LETTER)
    events = [event for replay in replays for event in replay.log]
    remedies = [
        (case(n), e) for p in (FAST, LETTER) for n in range(60) for e in named(played(p, n).log, "remedy.given")
    ]
    assert any(event.data["kind"] != of.right_remedy for of, event in remedies)
    assert sum(event.data["kind"] == of.right_remedy for of, event in remedies) > 0.8 * len(remedies)
    assert any(event.name == "ticket.handed_over" for event in events)
    assert any(event.name == "ticket.pending" for event in events)
    assert any(event.name == "comment.created" and event.data["facts"].get("ng") for event in events)
    assert any(view.done_at and view.due_at and view.done_at > view.due_at for r in replays for view in r.steps)


def test_letters_cost_more_work_than_speed() -> None:
    def minutes(playbook: str) -> float:
        seconds = [event.data.get("seconds", 0) for replay in many(playbook) for event in replay.log]
        return sum(seconds) / 60 / len(many(playbook))

    assert 7 < minutes(FAST) < 12
    assert 32 < minutes(LETTER) < 48


def test_gifts_are_given_after_acceptance_and_never_above_the_cap() -> None:
    given = [(replay.log, gift) for replay in many(LETTER) for gift in named(replay.log, "gift.given")]
    assert given
    for log, gift in given:
        accepted = first_at(log, "customer.accepted")
        assert accepted is not None
        assert accepted < gift.at
        assert 0 < gift.data["amount"] <= gift.data["cap"]


def test_both_playbooks_meet_the_same_opening() -> None:
    for n in range(10):
        assert played(FAST, n).log[:2] == played(LETTER, n).log[:2]


def test_a_second_play_gives_the_same_log() -> None:
    again = played.__wrapped__(LETTER, 5)
    assert again == played(LETTER, 5)


def test_another_process_gives_the_same_digest() -> None:
    here = digest((case(n).key, played(playbook, n).log) for playbook in (FAST, LETTER) for n in range(4))
    program = (
        "import importlib.util as u; s = u.spec_from_file_location('t', 'tests/core/test_replay.py');"
        "t = u.module_from_spec(s); s.loader.exec_module(t);"
        "print(t.digest((t.case(n).key, t.played(p, n).log) for p in (t.FAST, t.LETTER) for n in range(4)))"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == here


def test_another_seed_gives_another_log() -> None:
    definition = built_in()[FAST]
    other = play(
        case(5, seed=8), definition, opened_at=T0, text="…", calendar=ALWAYS, days=60, agent=profile_for(definition)
    )
    assert digest([("x", other.log)]) != digest([("x", played(FAST, 5, "always").log)])


def test_a_ticket_that_nobody_works_stays_unanswered_and_its_misses_are_told() -> None:
    replay = scripted(3, [])
    assert status_of(replay.log) == "new"
    assert replay.ended == "nothing_due"
    missed = [event.data["step"] for event in named(replay.log, "step.missed")]
    assert missed == ["answer", "remedy", "solve"]
    assert any(event.name == "survey.invited" and event.data["metric"] == "nps" for event in replay.log)


def test_the_ceiling_of_days_stops_a_play_and_says_so() -> None:
    replay = scripted(3, [], days=2)
    assert replay.ended == "ceiling"
    assert replay.log[-1].at <= T0 + 2 * DAY
    assert any(follow_up.state == "pending" for follow_up in replay.follow_ups)


def test_at_one_instant_the_agent_comes_before_the_follow_up() -> None:
    due = next(follow_up.due_at for follow_up in scripted(3, []).follow_ups if follow_up.step == "acknowledge")
    early = scripted(3, [(due, [Say(AGENT, "…", Facts())])])
    late = scripted(3, [(due + 1, [Say(AGENT, "…", Facts())])])
    assert [f.reason for f in early.follow_ups if f.step == "acknowledge"] == ["human_answered"]
    assert [f.state for f in late.follow_ups if f.step == "acknowledge"] == ["sent"]


def test_at_one_instant_the_agent_comes_before_the_hard_limit() -> None:
    limit = next(event.at for event in named(scripted(3, []).log, "step.missed") if event.data["step"] == "answer")
    log = scripted(3, [(limit, [Say(AGENT, "…", Facts())])]).log
    assert "answer" not in [event.data["step"] for event in named(log, "step.missed")]


def test_script_entries_of_one_instant_keep_their_order() -> None:
    log = scripted(3, [(T0 + 60, [Say(AGENT, "…", Facts())]), (T0 + 60, [Become("solved", AGENT)])]).log
    at_once = [event.name for event in log if event.at == T0 + 60]
    assert at_once[:3] == ["comment.created", "ticket.opened", "ticket.solved"]


def test_a_promise_stays_and_its_follow_up_looks_again_when_due() -> None:
    refund = {
        "kind": case(3).right_remedy,
        "amount": 1,
        "currency": case(3).currency,
        "ratio": 1.0,
        "conditional": False,
    }
    settled = [Say(AGENT, "…", Facts(empathy=1.0)), Note("remedy.given", AGENT, refund), Become("solved", AGENT)]
    left_alone = scripted(3, [(T0 + 60, settled)])
    reopened = scripted(3, [(T0 + 60, settled), (T0 + 120, [Become("open", AGENT)])])
    assert [f.state for f in left_alone.follow_ups if f.step == "csat.1"] == ["sent"]
    assert [(f.state, f.reason) for f in reopened.follow_ups if f.step == "csat.1"] == [("skipped", "reopened")]


def test_a_digest_does_not_depend_on_how_values_are_stored() -> None:
    log = [Event(1, "step.missed", SYSTEM, {"a": (1, 2), "b": 1.0, "c": 0.1 + 0.2})]
    stored = [Event(1, "step.missed", SYSTEM, {"c": 0.3, "b": 1, "a": [1, 2]})]
    assert digest([("k", log), ("a", [])]) == digest([("a", []), ("k", stored)])
    assert digest([("k", log)]) != digest([("l", log)])
