"""Bugs that other help desks have had, told on rows: reminders, deadlines, open runs, edits after the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playbooks.held import do, hold
from playbooks.models import FollowUp, PlaybookRun
from tests.rest import DAY, HOUR, MINUTE, Caller, Desk, jump
from tickets.models import Ticket, TicketEvent


def metrics(caller: Caller, ticket: Ticket) -> Mapping[str, Any]:
    found: Mapping[str, Any] = caller.get(f"tickets/{ticket.pk}/metrics/").json()
    return found


def test_a_reminder_leaves_the_priority_alone(desk: Desk):
    """B13: a run that was only to notify lowered the priority all the same."""
    ticket = desk.case(language="ko", priority="high", playbook="fast-resolution")
    jump(ticket.clock, 55 * MINUTE)
    reminded = FollowUp.objects.filter(ticket=ticket, kind="reminder", state="sent")
    assert [row.step for row in reminded] == ["remind.answer"]
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.status) == ("high", "new")
    assert not TicketEvent.objects.filter(ticket=ticket, name="ticket.updated").exists()


def test_the_next_deadline_is_the_earliest_of_all_that_are_open(desk: Desk):
    """B9: the target of the next answer overrode that of the first."""
    ticket = desk.case(language="ja", playbook="apology-letter-gift")
    for path, body in (("", {}), ("investigation/", {}), ("remedies/", {"kind": "exchange"})):
        if path:
            desk.owner.post(f"tickets/{ticket.pk}/{path}", body)
        rail = hold(ticket.pk).standing.rail
        waiting = [view.due_at for view in rail if view.state == "open" and view.step.by == "agent" and view.due_at]
        ticket.refresh_from_db()
        assert len(waiting) > 1
        assert ticket.next_deadline_at == min(waiting)


def test_a_later_deadline_never_replaces_an_earlier_one(desk: Desk):
    ticket = desk.case(language="ja", playbook="apology-letter-gift")
    first = ticket.next_deadline_at
    jump(ticket.clock, 30 * MINUTE)
    desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "確認中です。", "public": False})
    ticket.refresh_from_db()
    assert ticket.next_deadline_at == first


def test_a_resolved_ticket_has_no_deadline(desk: Desk):
    ticket = desk.case(language="ko", playbook="fast-resolution")
    for status in ("solved", "closed"):
        desk.owner.patch(f"tickets/{ticket.pk}/", {"status": status})
    ticket.refresh_from_db()
    assert ticket.next_deadline_at is None


def test_a_run_keeps_the_playbook_it_began_with_and_its_pauses(desk: Desk):
    """B11: a change of policy made the pauses of open tickets forgotten."""
    ticket = desk.case(language="ko", playbook="fast-resolution")
    desk.owner.patch(f"tickets/{ticket.pk}/", {"status": "on_hold"})
    jump(ticket.clock, 2 * HOUR)
    desk.owner.patch(f"tickets/{ticket.pk}/", {"status": "open"})
    before, run = metrics(desk.owner, ticket), PlaybookRun.objects.get(ticket=ticket)
    version = run.version
    newer = version.source.replace("version = 1", "version = 2").replace('within = "1h"', 'within = "2h"')
    assert newer != version.source
    type(version).objects.create(
        key=version.key, version=version.version + 1, source=newer, digest="x", made_by=desk.manager.agent
    )
    assert metrics(desk.owner, ticket) == before
    assert before["on_hold_time"]["calendar"] == 2 * HOUR
    assert hold(ticket.pk).setting.playbook.version == 1
    later = desk.case(language="ko", playbook="fast-resolution")
    assert PlaybookRun.objects.get(ticket=later).version.version == 2
    due = {found.pk: hold(found.pk).standing.rail[1].due_at for found in (ticket, later)}
    assert due[later.pk] is not None
    assert due[later.pk] - later.created_at == 2 * HOUR


def test_an_edit_after_the_end_changes_no_duration(desk: Desk):
    """B16: resolution time was the last modification minus the creation."""
    ticket = desk.case(language="ko", playbook="fast-resolution")
    jump(ticket.clock, HOUR)
    desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "죄송합니다."})
    for status in ("solved", "closed"):
        desk.owner.patch(f"tickets/{ticket.pk}/", {"status": status})
    before = metrics(desk.owner, ticket)
    jump(ticket.clock, 3 * DAY)
    changes = {"subject": "다시", "priority": "low", "tags": ["late"], "custom_fields": {"a": 1}, "category": "other"}
    assert desk.owner.patch(f"tickets/{ticket.pk}/", changes).status_code == 200
    desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "메모", "public": False})
    assert metrics(desk.owner, ticket) == before
    assert before["full_resolution_time"]["calendar"] == HOUR


def test_durations_come_in_whole_seconds(desk: Desk):
    """B17: hours were cut before they were averaged."""
    ticket = desk.case(language="ko")
    jump(ticket.clock, 61)
    desk.owner.post(f"tickets/{ticket.pk}/comments/", {"body": "네."})
    assert metrics(desk.owner, ticket)["human_reply_time"] == {"calendar": 61, "business": 61}


def test_nothing_is_written_by_an_effect_that_changes_nothing(desk: Desk):
    ticket = desk.case(language="ko")
    held = hold(ticket.pk)
    assert do(held, [], now=held.ticket.updated_at).ticket.last_seq == held.ticket.last_seq
