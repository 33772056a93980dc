"""Fair live comparisons as rows: begun with everything fixed, filled by intake, looked at only where planned.

One trial at a time on a desk. A ticket whose playbook somebody chose is left out and counted; so is one that comes in
at the start of a stretch of time, while the queue is still that of the stretch before (it has the playbook of its
stretch, but does not count). Which arm the next ticket gets follows from a seed that nobody is shown while it runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from playbooks import definitions, outcomes
from playbooks.core import allocation
from playbooks.core.allocation import BLOCKS, FACTORS, METHODS, PRIMARIES, SETTLED, SWITCHBACK, Looked, Unit
from playbooks.core.case import Case
from playbooks.models import Outcome, PlaybookVersion, Trial, TrialTicket
from tickets.errors import Conflict, Invalid, NotAllowed
from tickets.models import Agent, Clock, Ticket
from tickets.texts import fit_text

FEWEST, MOST = 20, 1_000_000
MOST_SEED = 2**53 - 1
MOST_ARMS, MOST_LOOKS, LONGEST_STRETCH = 4, 6, 168
CHOSEN, OTHER_DRAW, WASHOUT = "chosen", "other_draw", "washout"
RULE, RANDOM = "rule", "random"
DEFAULTS: dict[str, Any] = {
    "title": "", "playbooks": [definitions.FAST, definitions.LETTER], "method": BLOCKS, "strata": list(FACTORS),
    "hours": 4, "washout": None, "primary": "csat", "planned": 400, "looks": [0.5, 1.0], "seed": None,
}  # fmt: skip


def visible_to(agent: Agent) -> Any:
    """Trials are for those who compare; whoever works the tickets is not told."""
    if not agent.sees_everything:
        raise NotAllowed("not_allowed", "Trials are for managers.")
    return Trial.objects.all()


# ---------------------------------------------------------------- begin, end, cancel


def begin(given: Mapping[str, Any], *, clock: Clock, by: Agent | None, now: int) -> Trial:
    """Fix everything that decides, and draw every ticket from now on. Invalid names the field that does not fit."""
    settings = _settled(given)
    arms = [{"playbook": key, "version": definitions.current(key).pk} for key in settings.pop("playbooks")]
    seed = settings.pop("seed")
    try:
        with transaction.atomic():
            trial = Trial.objects.create(
                clock=clock, made_by=by, arms=arms, started_at=now, stream="",
                seed=secrets.randbelow(MOST_SEED) if seed is None else seed, **settings,
            )  # fmt: skip
            trial.stream = f"trial/{trial.pk}"
            Trial.objects.filter(pk=trial.pk).update(stream=trial.stream)
    except IntegrityError as error:
        raise Conflict("trial_running", "A trial is running on this desk already: end or cancel it first.") from error
    return trial


def _settled(given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in DEFAULTS:
            raise Invalid("unknown_parameter", f"There is no parameter '{name}'.", field=name)
    settings = {**DEFAULTS, **given}
    settings["title"] = fit_text(settings["title"], field="title", longest=120, empty=True)
    keys = settings["playbooks"]
    if not isinstance(keys, list) or not 2 <= len(keys) <= MOST_ARMS or len(set(keys)) < len(keys):
        raise Invalid("invalid_trial", f"Choose two to {MOST_ARMS} different playbooks.", field="playbooks")
    _refuse_hidden(keys)
    _one_of(settings, "method", METHODS)
    _one_of(settings, "primary", PRIMARIES)
    if not isinstance(settings["strata"], list) or any(factor not in FACTORS for factor in settings["strata"]):
        raise Invalid("invalid_trial", f"Strata are made of: {', '.join(FACTORS)}.", field="strata")
    settings["strata"] = [factor for factor in FACTORS if factor in settings["strata"]]
    _whole(settings, "hours", 1, LONGEST_STRETCH)
    washout = settings.pop("washout")
    if settings["method"] == SWITCHBACK:
        settings["strata"] = {WASHOUT: _washout(washout, settings["hours"])}
    _whole(settings, "planned", FEWEST, MOST)
    if settings["seed"] is not None:
        _whole(settings, "seed", 0, MOST_SEED)
    settings["looks"] = _looks(settings["looks"], settings["planned"])
    return settings


def _refuse_hidden(keys: Sequence[str]) -> None:
    for key in keys:
        try:
            definitions.refuse_hidden(key)
        except Conflict as error:
            raise Conflict(error.code, error.message, field="playbooks") from error


def _one_of(settings: Mapping[str, Any], name: str, known: Sequence[str]) -> None:
    if settings[name] not in known:
        raise Invalid("invalid_trial", f"'{name}' is one of: {', '.join(known)}.", field=name)


def _whole(settings: Mapping[str, Any], name: str, least: int, most: int) -> None:
    value = settings[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Invalid("invalid_trial", f"'{name}' is a whole number from {least} to {most}.", field=name)


def _washout(given: Any, hours: int) -> int:
    """Minutes, fixed with the trial. Something of every stretch must be left to count."""
    if given is None:
        return allocation.washout_for(hours)
    _whole({WASHOUT: given}, WASHOUT, 0, hours * 60 - 1)
    return int(given)


def _looks(given: Any, planned: int) -> list[float]:
    """Shares of the planned tickets at which one may look: rising, the last one is all of them."""
    refused = Invalid(
        "invalid_trial", f"Looks are at most {MOST_LOOKS} shares of the planned tickets, from 0.1 rising to 1.",
        field="looks",
    )  # fmt: skip
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_LOOKS:
        raise refused
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and 0.1 <= one <= 1 for one in given):
        raise refused
    sizes = allocation.look_sizes(planned, given)
    if given[-1] != 1 or sizes != sorted(set(sizes)):
        raise refused
    return [float(one) for one in given]


def strata_of(trial: Trial) -> list[str]:
    """The factors within whose levels tickets are drawn equally often; none where time is drawn."""
    return [] if isinstance(trial.strata, dict) else list(trial.strata)


def washout_of(trial: Trial) -> int:
    """Minutes at the start of every stretch whose tickets do not count. It stands where blocks have their strata."""
    return int(trial.strata[WASHOUT]) if isinstance(trial.strata, dict) else 0


def end(trial: Trial, *, now: int) -> None:
    """Stop drawing. Before the planned number only where a planned look has shown a difference."""
    if trial.placed < trial.planned and not any(look.shown for look in looks_of(trial, now=now)):
        raise Conflict(
            "too_early",
            "The planned number of tickets has not come in, and no planned look has shown a difference. "
            "Wait, or cancel: a trial that is cancelled has no result.",
        )
    _stop(trial, Trial.ENDED, now=now, reason="")


def cancel(trial: Trial, *, now: int, reason: str = "") -> None:
    """Stop drawing, and draw no conclusion."""
    _stop(trial, Trial.CANCELLED, now=now, reason=fit_text(reason, field="reason", longest=400, empty=True))


def _stop(trial: Trial, state: str, *, now: int, reason: str) -> None:
    running = Trial.objects.filter(pk=trial.pk, state=Trial.RUNNING)
    if not running.update(state=state, ended_at=max(now, trial.started_at), reason=reason):
        raise Conflict("not_running", "This trial is not running any more.")
    trial.refresh_from_db()


# ---------------------------------------------------------------- a ticket comes in


def place(ticket: Ticket, wish: str, case: Case, *, now: int) -> tuple[PlaybookVersion, dict[str, Any]] | None:
    """The version that a running trial gives to this ticket, and what that rests on; None: no trial decides.

    In the caller's transaction. The trial's row is locked, so two tickets never take one place.
    """
    trial = (
        Trial.objects.select_for_update().filter(clock_id=ticket.clock_id, state=Trial.RUNNING).order_by("pk").first()
    )
    if trial is None:
        return None
    before = TrialTicket.objects.filter(trial=trial, key=case.key).first()
    if before is not None and before.arm is None:
        return None
    if before is None and trial.placed >= trial.planned:
        return None
    if wish != RULE:
        if before is None:
            why = OTHER_DRAW if wish == RANDOM else CHOSEN
            TrialTicket.objects.create(trial=trial, ticket=ticket, key=case.key, at=now, left_out=why)
        return None
    found = _placed_before(before) if before is not None else _placed_now(trial, ticket, case, now)
    version = PlaybookVersion.objects.get(pk=trial.arms[found["arm"]]["version"])
    return version, {"trial": trial.pk, "stream": trial.stream, "key": case.key, **found}


def _placed_before(row: TrialTicket) -> dict[str, Any]:
    """The same ticket comes in again: the same arm."""
    return {name: getattr(row, name) for name in ("arm", "stratum", "block", "position", "draw")}


def _placed_now(trial: Trial, ticket: Ticket, case: Case, now: int) -> dict[str, Any]:
    arms = len(trial.arms)
    if trial.method == SWITCHBACK:
        found = allocation.in_time(trial.seed, trial.stream, trial.started_at, trial.hours, now, arms)
    else:
        stratum = allocation.stratum_of(case, strata_of(trial))
        nth = TrialTicket.objects.filter(trial=trial, stratum=stratum, arm__isnull=False).count()
        found = allocation.in_blocks(trial.seed, trial.stream, stratum, nth, arms)
    washed = trial.method == SWITCHBACK and allocation.in_washout(trial.started_at, trial.hours, washout_of(trial), now)
    TrialTicket.objects.create(
        trial=trial, ticket=ticket, key=case.key, at=now, traits=allocation.traits_of(case),
        left_out=WASHOUT if washed else "", **found.to_dict(),
    )  # fmt: skip
    if not washed:
        Trial.objects.filter(pk=trial.pk).update(placed=F("placed") + 1)
    return found.to_dict()


# ---------------------------------------------------------------- what may be seen


def placed_of(trial: Trial) -> list[TrialTicket]:
    """The tickets that were drawn and count, in order of coming in."""
    return list(trial.tickets.filter(arm__isnull=False, left_out="").order_by("pk"))


def left_out_of(trial: Trial) -> dict[str, int]:
    """Why -> how many tickets were left out."""
    found: dict[str, int] = {}
    for why in trial.tickets.exclude(left_out="").values_list("left_out", flat=True):
        found[why] = found.get(why, 0) + 1
    return found


def balance_of(trial: Trial, rows: Sequence[TrialTicket] | None = None) -> allocation.Balance:
    placed = placed_of(trial) if rows is None else rows
    return allocation.balance([(row.arm or 0, row.traits) for row in placed], len(trial.arms))


def looks_of(trial: Trial, *, now: int, rows: Sequence[TrialTicket] | None = None) -> list[Looked]:
    """The planned looks; a closed one tells nothing. A cancelled trial has none."""
    if trial.state == Trial.CANCELLED:
        return []
    placed = placed_of(trial) if rows is None else rows
    drawn = TrialTicket.objects.filter(trial=trial, arm__isnull=False, left_out="", ticket__isnull=False)
    found = dict(Outcome.objects.filter(ticket__in=drawn.values("ticket")).values_list("ticket_id", "data"))
    units = [_unit(row, found.get(row.ticket_id or 0), trial, now) for row in placed]
    return allocation.looked(
        units, arms=len(trial.arms), planned=trial.planned, shares=trial.looks, in_time=trial.method == SWITCHBACK
    )


def _unit(row: TrialTicket, data: Mapping[str, Any] | None, trial: Trial, now: int) -> Unit:
    value = None if data is None else allocation.value_of(outcomes.from_data(data), trial.primary, now=now)
    settled = now - row.at >= SETTLED[trial.primary] or row.ticket_id is None
    return Unit(row.arm or 0, value, settled, row.block if trial.method == SWITCHBACK else row.pk)
