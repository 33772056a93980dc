"""The same tickets, once under each playbook: automatic agents work them on the live desk.

Each arm has its own clock, on which the same customers come in at the same instants. Everything goes
through the same intake, actions, follow-ups and customers as with people at the desk.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Count

from playbooks import definitions, driver, outcomes
from playbooks.core import streams
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.outcome import summary
from playbooks.core.profiles import profile_for
from playbooks.intake import Complaint
from playbooks.models import Arrival, AutoAgent, FollowUp, Outcome, PlaybookRun, Reaction, Rehearsal, StepRun
from tickets.errors import Invalid
from tickets.models import Agent, Clock, Comment, Ticket, TicketEvent

DAY = 86_400
ARMS = (definitions.FAST, definitions.LETTER)  # unless others are asked for
ARRIVAL_DAYS = 5
TICKETS_PER_AGENT = 40  # default staffing: enough for forty minutes of work a ticket
START = 1_788_739_200  # Monday 2026-09-07 00:00 UTC = 09:00 in Tokyo and Seoul


def prepare(
    complaints: Sequence[Complaint],
    *,
    key: str,
    seed: int,
    days: int,
    staff: int | None = None,
    start: int = START,
    switches: Switches = DEFAULT,
    file: str = "",
    made_at: int | None = None,
    playbooks: Sequence[str] = ARMS,
) -> Rehearsal:
    """Lay out all arms: clocks, agents, and every arrival as a due row. Nothing has happened yet.

    `file` and `made_at` (seconds of real time) name it; the digest of the complaints tells identical ones.
    """
    if days < 1 or days > 400:
        raise Invalid("out_of_range", "days is between 1 and 400.", field="days")
    if not complaints:
        raise Invalid("required", "There is no complaint to rehearse.", field="file")
    if not playbooks or len(set(playbooks)) < len(playbooks):
        raise Invalid("invalid_rehearsal", "Name each playbook once, and at least one.", field="playbooks")
    for playbook in playbooks:
        definitions.current(playbook)  # refused before anything is laid out
    staff = staff or max(2, math.ceil(len(complaints) / TICKETS_PER_AGENT))
    with transaction.atomic():
        rehearsal = Rehearsal.objects.create(
            key=key,
            seed=seed,
            settings={
                "days": days,
                "staff": staff,
                "start": start,
                "switches": asdict(switches),
                "file": file,
                "made_at": made_at,
                "complaints": _fingerprint(complaints),
                **({} if tuple(playbooks) == ARMS else {"playbooks": list(playbooks)}),
            },
        )
        for arm in playbooks:
            rehearsal.clocks.add(_lay_out(rehearsal, arm, complaints, seed=seed, staff=staff, start=start))
    return rehearsal


def _fingerprint(complaints: Sequence[Complaint]) -> str:
    """The same for the same complaints in the same order."""
    said = json.dumps([one.to_dict() for one in complaints], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _lay_out(
    rehearsal: Rehearsal, arm: str, complaints: Sequence[Complaint], *, seed: int, staff: int, start: int
) -> Clock:
    clock = Clock.objects.create(key=f"{rehearsal.key}/{arm}", sim_at=start, switches=rehearsal.settings["switches"])
    profile = profile_for(definitions.playbook_of(definitions.current(arm))).key
    for ordinal in range(1, staff + 1):
        agent, _ = Agent.objects.get_or_create(
            username=f"auto-{ordinal:02}", defaults={"role": Agent.AUTOMATIC, "is_active": False}
        )
        AutoAgent.objects.create(clock=clock, agent=agent, ordinal=ordinal, profile=profile)
    Arrival.objects.bulk_create(
        [
            Arrival(
                clock=clock,
                ordinal=ordinal,
                due_at=start + _offset(seed, ordinal),
                data={
                    **complaint.to_dict(),
                    "playbook": arm,
                    "seed": seed,
                    "key": complaint.key or complaint.external_id or str(ordinal),
                    "worker": (ordinal - 1) % staff + 1,
                },
            )
            for ordinal, complaint in enumerate(complaints, start=1)
        ],
        batch_size=500,
    )
    return clock


def _offset(seed: int, ordinal: int) -> int:
    """When the ordinal-th customer comes in, seconds after the start: one of five days, 08–22 h by the desk's day."""
    day, hour = streams.uniforms(seed, "rehearsal/arrival", ordinal, 2)
    return streams.pick(float(day), ARRIVAL_DAYS) * DAY + int(float(hour) * 13 * 3600)


def run(rehearsal: Rehearsal) -> Iterator[Clock]:
    """Bring each arm to its end in this process; yields each clock that is done."""
    for clock in rehearsal.clocks.order_by("key"):
        if not driver.advance(clock, until=end_of(rehearsal)):
            raise driver.clock_busy()
        Clock.objects.filter(pk=clock.pk).update(target_at=end_of(rehearsal))  # reached: it stays a rehearsal's clock
        yield clock


def end_of(rehearsal: Rehearsal) -> int:
    return int(rehearsal.settings["start"] + rehearsal.settings["days"] * DAY)


def set_targets(rehearsal: Rehearsal) -> None:
    """Let Celery workers bring every arm to its end."""
    rehearsal.clocks.update(target_at=end_of(rehearsal))


def finished(rehearsal: Rehearsal) -> bool:
    end = end_of(rehearsal)
    return not rehearsal.clocks.filter(sim_at__lt=end).exists()


def progress(rehearsal: Rehearsal) -> float:
    """Share of the simulated time that has passed, 0-1, over all arms."""
    start, end = rehearsal.settings["start"], end_of(rehearsal)
    instants = list(rehearsal.clocks.values_list("sim_at", flat=True))
    return sum(min(at, end) - start for at in instants) / (len(instants) * (end - start))


def report(rehearsal: Rehearsal) -> dict[str, Any]:
    """What each arm brought, and a digest of everything that happened."""
    arms: dict[str, Any] = {}
    digests = []
    for clock in rehearsal.clocks.order_by("key"):
        arm = clock.key.rsplit("/", 1)[1]
        digests.append(digest_of(clock))
        arms[arm] = {
            "outcomes": summary(outcomes.values(Outcome.objects.filter(clock=clock).order_by("ticket__number"))).get(
                arm, {"n": 0}
            ),
            "follow_ups": _follow_ups(clock),
            "steps": _steps(clock),
            "unfinished": _unfinished(clock),
            "digest": digests[-1],
        }
    return {
        "rehearsal": rehearsal.key,
        "seed": rehearsal.seed,
        # When it ran on the wall is no part of what came of it: two runs of one plan give one report.
        **{name: value for name, value in rehearsal.settings.items() if name != "made_at"},
        "playbooks": arms,
        "digest": hashlib.sha256("".join(digests).encode()).hexdigest(),
    }


def _follow_ups(clock: Clock) -> dict[str, Any]:
    counted: Counter[tuple[str, str]] = Counter()
    rows = FollowUp.objects.filter(clock=clock).values_list("state", "reason").annotate(n=Count("id"))
    for state, reason, n in rows:
        counted[state, reason] += n
    by_state: dict[str, Any] = {}
    for (state, reason), n in sorted(counted.items()):
        entry = by_state.setdefault(state, {"n": 0, "reasons": {}})
        entry["n"] += n
        if reason:
            entry["reasons"][reason] = n
    sent = TicketEvent.objects.filter(ticket__clock=clock, name__in=("follow_up.sent", "follow_up.skipped")).count()
    by_state["doubled"] = sent - FollowUp.objects.filter(clock=clock, state__in=("sent", "skipped")).count()
    return by_state


def _steps(clock: Clock) -> dict[str, Any]:
    """Per step: how often it was done in time, late, missed or left out, with the reasons."""
    steps: dict[str, Any] = {}
    rows = (
        StepRun.objects.filter(run__clock=clock).values_list("step", "state", "met", "reason").annotate(n=Count("id"))
    )
    for step, state, met, reason, n in sorted(rows, key=str):
        entry = steps.setdefault(step, {})
        word = state if state != "done" else ("met" if met else "late")
        entry[word] = entry.get(word, 0) + n
        if reason:
            entry.setdefault("reasons", {})
            entry["reasons"][reason] = entry["reasons"].get(reason, 0) + n
    return steps


def _unfinished(clock: Clock) -> dict[str, int]:
    """Tickets that did not come to an end by the last day, by status; what is still due; and what failed."""
    tickets, runs = Ticket.objects.filter(clock=clock), PlaybookRun.objects.filter(clock=clock)
    unresolved = tickets.exclude(status__in=("solved", "closed")).values_list("status").annotate(n=Count("id"))
    return {
        **dict(unresolved),
        "follow_ups_pending": FollowUp.objects.filter(clock=clock, state=FollowUp.PENDING).count(),
        "arrivals_failed": Arrival.objects.filter(clock=clock, state="failed").count(),
        "agent_turns_failed": AutoAgent.objects.filter(clock=clock).exclude(error="").count(),
        "reactions_failed": Reaction.objects.filter(clock=clock, state=Reaction.FAILED).count(),
        "hard_limits_failed": runs.exclude(error="").count(),
        "tickets_without_run": tickets.exclude(pk__in=runs.values("ticket")).count(),
    }


def trace_lines(clock: Clock) -> Iterator[str]:
    """One line an event, in the order of tickets and their logs: readable, and equal wherever it ran."""
    rows = (
        TicketEvent.objects.filter(ticket__clock=clock)
        .order_by("ticket__number", "seq")
        .values_list("ticket__number", "seq", "at", "name", "actor", "data")
    )
    for number, seq, at, name, actor, data in rows.iterator(chunk_size=5000):
        yield f"{number} {seq} {at} {name} {actor} {canonical(data)}"


def said_lines(clock: Clock) -> Iterator[str]:
    """One line a comment: what was said, word for word."""
    rows = (
        Comment.objects.filter(ticket__clock=clock)
        .order_by("ticket__number", "seq")
        .values_list("ticket__number", "seq", "body")
    )
    for number, seq, body in rows.iterator(chunk_size=5000):
        yield f"{number} {seq} {json.dumps(body, ensure_ascii=False)}"


def canonical(data: Mapping[str, Any]) -> str:
    """JSON with sorted keys and floats rounded to nine digits, so that both databases say the same."""
    return json.dumps(_rounded(data), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def digest_of(clock: Clock) -> str:
    sha = hashlib.sha256()
    for line in chain(trace_lines(clock), said_lines(clock)):
        sha.update(line.encode())
        sha.update(b"\n")
    return sha.hexdigest()
