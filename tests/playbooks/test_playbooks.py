"""Playbooks that managers write: versions that never change, a playbook hidden while something runs with it, and what
a new version would bring."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import ProtectedError

from playbooks import definitions, editing, experiments
from playbooks.core.playbook import built_in
from playbooks.core.playbook_text import data_of, renamed, to_toml
from playbooks.core.profiles import profile_for
from playbooks.models import Experiment, PlaybookRun, PlaybookVersion
from playbooks.shifts import start_shift
from tests.rest import CLIENT, MANAGER, START, TRAINEE, Desk, refusal
from tickets.errors import Conflict, HelpdeskError, Invalid, NotAllowed

pytestmark = pytest.mark.django_db

FAST, LETTER, CARING = "fast-resolution", "apology-letter-gift", "fast-and-caring"


def original(key: str = CARING) -> PlaybookVersion:
    return definitions.current(key)


def copied(desk: Desk, key: str = CARING) -> PlaybookVersion:
    origin = original(key)
    return editing.create(editing.copy_text(origin), by=desk.manager.agent, wall_now=1.0, made_from=origin)


def sooner(version: PlaybookVersion, within: str = "10m") -> str:
    """The text of a version with a nearer target for its second step."""
    data = data_of(version.source)
    data["step"][1]["within"] = within
    return to_toml(data)


def refused(code: str, what: Any) -> HelpdeskError:
    with pytest.raises(HelpdeskError) as caught:
        what()
    assert caught.value.code == code
    return caught.value


# --- writing ---


def test_a_copy_is_a_playbook_of_its_own_worked_by_the_same_agents(desk: Desk):
    copy = copied(desk)
    playbook = definitions.playbook_of(copy)

    assert (copy.key, copy.version, copy.made_by, copy.made_from) == (
        "fast-and-caring-2", 1, desk.manager.agent, original(),
    )  # fmt: skip
    assert [step.key for step in playbook.steps] == [step.key for step in built_in()[CARING].steps]
    assert profile_for(playbook) == profile_for(built_in()[CARING])
    assert playbook.title["ja"] == "迅速で丁寧の写し"


def test_a_change_is_the_next_version_and_the_one_before_stays_as_it_is(desk: Desk):
    first = copied(desk)
    before = first.source

    second = editing.change(first.key, sooner(first), by=desk.manager.agent, wall_now=2.0)

    first.refresh_from_db()
    assert (first.source, second.version, second.made_from) == (before, 2, first)
    assert definitions.playbook_of(second).version == 2
    assert definitions.current(first.key) == second


def test_going_back_to_an_older_text_is_a_new_version_too(desk: Desk):
    first = copied(desk)
    editing.change(first.key, sooner(first), by=desk.manager.agent, wall_now=2.0)

    third = editing.change(first.key, first.source, by=desk.manager.agent, wall_now=3.0)

    assert third.version == 3
    assert definitions.current(first.key) == third


def test_a_run_keeps_the_version_it_began_with(desk: Desk):
    first = copied(desk)
    ticket = desk.case(playbook=first.key)

    editing.change(first.key, sooner(first), by=desk.manager.agent, wall_now=2.0)

    assert PlaybookRun.objects.get(ticket=ticket).version == first


def test_what_comes_with_the_product_is_not_changed(desk: Desk):
    refused("built_in", lambda: editing.change(FAST, original(FAST).source, by=desk.manager.agent, wall_now=1.0))


@pytest.mark.parametrize("key", [FAST, "rule", "random", "write"])
def test_a_key_that_means_something_already_is_refused(desk: Desk, key: str):
    text = renamed(editing.copy_text(original()), key=key)
    error = refused("key_taken", lambda: editing.create(text, by=desk.manager.agent, wall_now=1.0))
    assert error.field == "key"


def test_a_change_that_changes_nothing_makes_no_version(desk: Desk):
    first = copied(desk)
    text = f"# a remark\n{first.source}"
    refused("nothing_changed", lambda: editing.change(first.key, text, by=desk.manager.agent, wall_now=2.0))
    assert PlaybookVersion.objects.filter(key=first.key).count() == 1


def test_who_has_not_seen_the_newest_version_does_not_write_over_it(desk: Desk):
    first = copied(desk)
    editing.change(first.key, sooner(first), by=desk.manager.agent, wall_now=2.0, seen=1)

    late = lambda: editing.change(first.key, sooner(first, "5m"), by=desk.manager.agent, wall_now=3.0, seen=1)  # noqa: E731
    refused("newer_version", late)


def test_a_text_that_does_not_fit_is_refused_at_its_field_and_nothing_is_kept(desk: Desk):
    first = copied(desk)
    data = data_of(first.source)
    data["step"][1]["after"] = ["solve"]
    data["step"][6]["after"] = ["apologise"]
    with pytest.raises(Invalid) as caught:
        editing.change(first.key, to_toml(data), by=desk.manager.agent, wall_now=2.0)
    assert (caught.value.code, caught.value.field) == ("cycle", "step[1].after")
    assert definitions.current(first.key) == first


def test_a_trainee_writes_no_playbook(desk: Desk):
    with pytest.raises(NotAllowed):
        editing.create(editing.copy_text(original()), by=desk.owner.agent, wall_now=1.0)


# --- hidden ---


def test_a_hidden_playbook_is_no_longer_offered_and_what_runs_goes_on(desk: Desk):
    first = copied(desk)
    clock = desk.standing_clock()
    desk.case(clock, playbook=first.key)
    begun = experiments.begin(
        {"playbooks": [FAST, first.key], "tickets": 100, "replications": 2}, by=None, wall_now=1.0
    )

    used = editing.hide(first.key, by=desk.manager.agent, wall_now=2.0)

    assert (used.runs, used.experiments) == (1, 1)
    assert first.key not in definitions.offered()
    assert first.key in definitions.known()
    assert experiments.plan_of(Experiment.objects.get(pk=begun.pk).settings).arms[1].playbook.key == first.key
    editing.show(first.key, by=desk.manager.agent)
    assert first.key in definitions.offered()


def test_a_hidden_playbook_cannot_be_chosen_for_anything_new(desk: Desk):
    editing.hide(CARING, by=desk.manager.agent, wall_now=1.0)

    refusal(desk.client.post("tickets/", {"description": "Late.", "playbook": CARING}), 409, "playbook_hidden")
    with pytest.raises(Conflict):
        start_shift(
            desk.owner.agent, now=START, wall_now=0.0, scenario_keys=["delivery_delay"], language="en", playbook=CARING,
            speed=1, customers=1,
        )  # fmt: skip


@pytest.mark.parametrize("key", [FAST, LETTER])
def test_what_the_desk_itself_gives_to_tickets_is_not_hidden(desk: Desk, key: str):
    refused("playbook_needed", lambda: editing.hide(key, by=desk.manager.agent, wall_now=1.0))


def test_a_version_with_a_run_cannot_be_deleted(desk: Desk):
    first = copied(desk)
    desk.case(playbook=first.key)
    with pytest.raises(ProtectedError):
        first.delete()


# --- what if ---


def test_two_versions_of_one_playbook_are_two_arms(desk: Desk):
    first = copied(desk)
    second = editing.change(first.key, sooner(first), by=desk.manager.agent, wall_now=2.0)

    plan = experiments.plan_of(experiments.settled(editing.what_if(second, first)))

    assert [arm.key for arm in plan.arms] == ["fast-and-caring-2.v1", "fast-and-caring-2.v2"]
    assert [arm.playbook.step("apologise").within for arm in plan.arms] == [900, 600]  # type: ignore[union-attr]
    assert [arm.playbook.title["en"] for arm in plan.arms] == [
        "Copy of Fast and caring (v1)", "Copy of Fast and caring (v2)",
    ]  # fmt: skip
    assert plan.tickets == 10_000


def test_a_copy_without_a_change_does_exactly_what_its_original_does(desk: Desk):
    copy = copied(desk, FAST)
    settings = {
        **editing.what_if(copy, original(FAST)),
        "tickets": 60,
        "replications": 2,
        "cases": 2,
        "desk": "round-the-clock",
    }
    begun = experiments.begin(settings, by=None, wall_now=1.0)

    assert experiments.work(begun.pk, wall=lambda: 1.0)

    outcomes = Experiment.objects.get(pk=begun.pk).result["playbooks"]
    old, new = outcomes["fast-resolution.v1"], outcomes["fast-resolution-2.v1"]
    assert {key: one["estimate"] for key, one in old.items()} == {key: one["estimate"] for key, one in new.items()}


@pytest.mark.parametrize(("number", "field"), [(9, "version"), ("1", "arms.version"), (True, "arms.version")])
def test_a_version_that_is_none_is_refused(desk: Desk, number: Any, field: str):
    with pytest.raises(Invalid) as caught:
        experiments.settled({"arms": [{"playbook": FAST, "version": number}]})
    assert caught.value.field == field


def test_a_version_is_not_tried_against_itself(desk: Desk):
    refused("same_version", lambda: editing.what_if(original(), original()))


# --- over REST ---


def test_a_playbook_is_copied_changed_and_read_back_over_rest(desk: Desk):
    made = desk.client.post("playbooks/", {"copy_of": CARING})
    assert made.status_code == 201, made.content
    copy = made.json()
    assert (copy["key"], copy["version"], copy["made_by"], copy["made_from"]) == (
        "fast-and-caring-2", 1, CLIENT, "fast-and-caring:1",
    )  # fmt: skip

    text = copy["source"].replace('within = "15m"', 'within = "10m"')
    changed = desk.manager.post(f"playbooks/{copy['key']}/versions/", {"source": text, "seen": 1})
    assert changed.status_code == 201, changed.content

    versions = desk.owner.get(f"playbooks/{copy['key']}/versions/").json()
    assert [(one["version"], one["made_by"]) for one in versions] == [(2, MANAGER), (1, CLIENT)]
    assert desk.owner.get(f"playbooks/{copy['key']}/").json()["version"] == 2
    late = desk.manager.post(f"playbooks/{copy['key']}/versions/", {"source": text, "seen": 1})
    refusal(late, 409, "newer_version")


def test_what_does_not_fit_is_refused_over_rest_at_its_field(desk: Desk):
    text = renamed(original().source, key="mine").replace('within = "15m"', 'within = "soon"')
    answer = desk.client.post("playbooks/", {"source": text})
    assert answer.status_code == 400
    assert answer.json()["details"] == {
        "step[1].within": [{"code": "bad_duration", "message": answer.json()["description"]}]
    }
    assert desk.client.post("playbooks/", {}).status_code == 400
    assert desk.client.post("playbooks/", {"source": "no toml ["}).status_code == 400


def test_a_trainee_neither_writes_nor_hides_over_rest(desk: Desk):
    trainee = desk.callers[TRAINEE]
    assert trainee.post("playbooks/", {"copy_of": CARING}).status_code == 403
    assert trainee.post(f"playbooks/{CARING}/versions/", {"source": "x"}).status_code == 403
    assert trainee.post(f"playbooks/{CARING}/hide/").status_code == 403


def test_hiding_says_over_rest_what_goes_on(desk: Desk):
    desk.case(playbook=CARING)
    assert desk.manager.post(f"playbooks/{CARING}/hide/").json() == {
        "key": CARING, "hidden": True, "runs": 1, "shifts": 0, "experiments": 0,
    }  # fmt: skip
    assert desk.manager.post(f"playbooks/{CARING}/show/").json()["hidden"] is False
    refusal(desk.manager.post(f"playbooks/{FAST}/hide/"), 409, "playbook_needed")
    assert desk.manager.post("playbooks/no-such/hide/").status_code == 404
