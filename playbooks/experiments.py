"""Experiments as rows: laid out in replications that any worker may compute, and put together exactly.

A replication is claimed by compare-and-set with a lease, computed without the database, and kept as its result. A
worker that dies leaves a lease that runs out; whoever comes next computes the same digits. What is to be run is
stored whole (versions of playbooks, desk, seed), so nothing that changes meanwhile changes the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.db import transaction

from playbooks import definitions
from playbooks.core.customer.evidence import Switches
from playbooks.core.experiments.plan import Arm, Desk, Plan, desk_from, desk_named, with_agents, with_rate, with_young
from playbooks.core.experiments.run import Libraries, libraries, replicate
from playbooks.core.experiments.study import described, result_from, study
from playbooks.core.experiments.sweep import MOVES, both_plans, both_told, moved, rising, swept
from playbooks.core.playbook import Playbook
from playbooks.models import Experiment, ExperimentPart, PlaybookVersion
from tickets.errors import Conflict, Invalid, NotAllowed
from tickets.models import Agent

LEASE = 30.0  # wall seconds before another worker may try a replication again, and more for a large one
LEASE_A_TICKET = 1 / 20_000
SWEEP = ("parameter", "values", "both")
MOST_PARTS = 4_000
HANDLING, HANDLING_KEPT = "helpdesk:experiment:{}:handling", 300  # how far the cases are, and for how long it is known
ARM = ("key", "playbook", "version", "desk", "per_hour", "agents", "young")
SETTINGS = (
    "playbooks", "arms", "desk", "tickets", "replications", "seed", "per_hour", "agents", "young", "cases", "primary",
    "speed_model", "letter", "gift", "disjoint", "sweep",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "playbooks": ["fast-resolution", "apology-letter-gift"], "arms": None, "desk": "office-hours", "tickets": 20_000,
    "replications": 20, "seed": 7, "per_hour": None, "agents": None, "young": None, "cases": 30,
    "primary": "repurchase", "speed_model": "tarp", "letter": True, "gift": True, "disjoint": False,
    "sweep": None,
}  # fmt: skip


# ---------------------------------------------------------------- from settings to a plan


def settled(given: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of an experiment, defaults filled in, each playbook by the version it has now."""
    for name in given:
        if name not in SETTINGS:
            raise Invalid(
                "unknown_parameter", f"There is no parameter '{name}'. Known are: {', '.join(SETTINGS)}.", field=name
            )
    settings = {**DEFAULTS, **given}
    settings["arms"] = _arms(settings)
    settings["sweep"] = _sweep(settings["sweep"])
    settings["versions"] = [_version_of(arm).pk for arm in settings["arms"]]
    return settings


def _version_of(arm: Mapping[str, Any]) -> PlaybookVersion:
    """The version that an arm names by number, else the newest."""
    number = arm.get("version")
    if number is None:
        return definitions.current(arm["playbook"])
    if isinstance(number, bool) or not isinstance(number, int):
        raise Invalid("invalid_experiment", "'version' is the number of a version.", field="arms.version")
    return definitions.version_of(arm["playbook"], number)


def _arms(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each arm with everything that decides it: what it does not say for itself it has from the experiment."""
    keys = settings["playbooks"]
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise Invalid("invalid_experiment", "'playbooks' is a list of the keys of playbooks.", field="playbooks")
    given = settings["arms"] if settings["arms"] is not None else [{"playbook": key} for key in keys]
    if not isinstance(given, list) or not all(isinstance(arm, dict) and arm.get("playbook") for arm in given):
        raise Invalid("invalid_experiment", "'arms' is a list of tables, each with a 'playbook'.", field="arms")
    for arm in given:
        if not all(isinstance(arm[name], str) for name in ("playbook", "key") if name in arm):
            raise Invalid("invalid_experiment", "'playbook' and 'key' of an arm are texts.", field="arms")
        if not isinstance(arm.get("desk", ""), str | dict):
            raise Invalid("invalid_experiment", "'desk' is the key of a desk, or a desk described.", field="arms.desk")
        if unknown := sorted(arm.keys() - set(ARM)):
            raise Invalid("unknown_parameter", f"An arm has no '{unknown[0]}'.", field=f"arms.{unknown[0]}")
    common = {name: settings[name] for name in ("desk", "per_hour", "agents", "young")}
    return [{"key": _named(arm), **common, **arm} for arm in given]


def _named(arm: Mapping[str, Any]) -> str:
    """What an arm is called unless it says so itself: two versions of one playbook are two arms."""
    return arm["playbook"] if arm.get("version") is None else f"{arm['playbook']}.v{arm['version']}"


def _sweep(given: Any) -> dict[str, Any] | None:
    """One parameter and its values; `both`: on the day by itself and on the desk without an end."""
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("values"), list):
        raise Invalid("invalid_experiment", "'sweep' is a table with a 'parameter' and its 'values'.", field="sweep")
    if unknown := sorted(given.keys() - set(SWEEP)):
        raise Invalid("unknown_parameter", f"A sweep has no '{unknown[0]}'.", field=f"sweep.{unknown[0]}")
    parameter, both = given.get("parameter"), given.get("both", False)
    if parameter not in MOVES:
        known = ", ".join(MOVES)
        raise Invalid("unknown_parameter", f"A sweep moves one of: {known}.", field="sweep.parameter")
    if not isinstance(both, bool) or (both and parameter != "per_hour"):
        raise Invalid("invalid_experiment", "Both settings are compared over 'per_hour'.", field="sweep.both")
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in given["values"]):
        raise Invalid("invalid_experiment", "The values of a sweep are numbers.", field="sweep")
    return {"parameter": parameter, "values": rising(given["values"]), "both": both}


def plan_of(settings: Mapping[str, Any]) -> Plan:
    """The plan these settings describe. Invalid names the field that does not fit."""
    versions = PlaybookVersion.objects.in_bulk(settings["versions"])
    if missing := [pk for pk in settings["versions"] if pk not in versions]:
        raise Invalid("unknown_playbook", f"Versions {missing} of the playbooks are gone.", field="playbooks")
    playbooks = [definitions.playbook_of(versions[pk]) for pk in settings["versions"]]
    return Plan(
        arms=tuple(
            Arm(arm["key"], _titled(playbook, arm), desk_of(arm))
            for arm, playbook in zip(settings["arms"], playbooks, strict=True)
        ),
        tickets=settings["tickets"],
        replications=settings["replications"],
        seed=settings["seed"],
        cases=settings["cases"],
        switches=Switches(settings["speed_model"], letter=settings["letter"], gift=settings["gift"]),
        primary=settings["primary"],
        disjoint=settings["disjoint"],
    )


def _titled(playbook: Playbook, arm: Mapping[str, Any]) -> Playbook:
    """Where a version was asked for, the title says which; nothing else of it changes."""
    if arm.get("version") is None:
        return playbook
    return replace(playbook, title={code: f"{words} (v{arm['version']})" for code, words in playbook.title.items()})


def desk_of(arm: Mapping[str, Any]) -> Desk:
    """A desk that comes with the product by its key, or one described whole."""
    desk = desk_from("own", arm["desk"]) if isinstance(arm["desk"], dict) else desk_named(arm["desk"])
    if arm["per_hour"] is not None:
        desk = with_rate(desk, arm["per_hour"])
    if arm["agents"] is not None:
        desk = with_agents(desk, arm["agents"])
    if arm["young"] is not None:
        if not isinstance(arm["young"], int | float) or not 0 <= arm["young"] <= 1:
            raise Invalid("invalid_experiment", "'young' is a share from 0 to 1.", field="young")
        desk = with_young(desk, arm["young"])
    return desk


def places_of(settings: Mapping[str, Any]) -> list[Plan]:
    """What is run, in the order of the parts: one plan, or one for every value of a sweep."""
    plan, sweep = plan_of(settings), settings.get("sweep")
    if sweep is None:
        return [plan]
    return [
        moved(one, sweep["parameter"], value) for one in _swept_plans(plan, sweep).values() for value in sweep["values"]
    ]


def _swept_plans(plan: Plan, sweep: Mapping[str, Any]) -> dict[str, Plan]:
    return both_plans(plan) if sweep["both"] else {"": plan}


# ---------------------------------------------------------------- begin, cancel, go on


def begin(given: Mapping[str, Any], *, by: Agent | None, wall_now: float) -> Experiment:
    """Lay out an experiment. Nothing runs yet: workers find its parts."""
    settings = settled(given)
    parts = sum(plan.replications for plan in places_of(settings))
    if parts > MOST_PARTS:
        words = f"That is {parts:,} replications over all values; at most {MOST_PARTS:,} are run."
        raise Invalid("invalid_experiment", words, field="replications")
    with transaction.atomic():
        experiment = Experiment.objects.create(made_by=by, settings=settings, wall_made_at=wall_now)
        ExperimentPart.objects.bulk_create(
            [ExperimentPart(experiment=experiment, number=number) for number in range(parts)],
            batch_size=500,
        )
    return experiment


def cancel(experiment: Experiment) -> None:
    """Stop after the replications in hand; what has been computed stays."""
    if not Experiment.objects.filter(pk=experiment.pk, state=Experiment.RUNNING).update(state=Experiment.CANCELLED):
        raise Conflict("not_running", "Only an experiment that is running can be cancelled.")


def resume(experiment: Experiment) -> None:
    """Go on where a cancelled or failed one stopped."""
    stopped = Experiment.objects.filter(pk=experiment.pk, state__in=(Experiment.CANCELLED, Experiment.FAILED))
    if not stopped.update(state=Experiment.RUNNING, error=""):
        raise Conflict("not_stopped", "Only an experiment that was cancelled, or that failed, can go on.")


def visible_to(agent: Agent) -> Any:
    """Experiments are for those who compare: managers and clients of the API; a trainee has none."""
    if not agent.sees_everything:
        raise NotAllowed("not_allowed", "Experiments are for managers.")
    return Experiment.objects.all()


def progress(experiment: Experiment) -> tuple[int, int]:
    """Replications done, and in all."""
    parts = ExperimentPart.objects.filter(experiment=experiment)
    return parts.filter(done=True).count(), parts.count()


# ---------------------------------------------------------------- work


def waiting(wall_now: float) -> list[int]:
    """Experiments with a replication that nobody computes, or that wait to be put together."""
    free = ExperimentPart.objects.filter(
        done=False, wall_lease_until__lt=wall_now, experiment__state=Experiment.RUNNING
    )
    whole = Experiment.objects.filter(state=Experiment.RUNNING).exclude(
        pk__in=ExperimentPart.objects.filter(done=False).values("experiment")
    )
    return sorted({*free.values_list("experiment", flat=True), *whole.values_list("pk", flat=True)})


def work(
    experiment_id: int,
    *,
    wall: Callable[[], float],
    wall_budget: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    told: Callable[[int, int], None] = lambda done, whole: None,
) -> bool:
    """Compute replications until none is free; put the study together when all are done. True if it is done."""
    began = wall()
    while True:
        experiment = Experiment.objects.filter(pk=experiment_id).first()
        if experiment is None or experiment.state != Experiment.RUNNING:
            return experiment is not None and experiment.state == Experiment.DONE
        if stop() or (wall_budget is not None and wall() - began > wall_budget):
            return False
        number = _claim(experiment, wall())
        if number is None:
            return _put_together(experiment, wall())
        try:
            _compute(experiment, number)
        except Exception as error:
            _fail(experiment, error)
            raise
        told(*progress(experiment))


def _claim(experiment: Experiment, wall_now: float) -> int | None:
    """A replication nobody computes, taken by compare-and-set."""
    while True:
        free = ExperimentPart.objects.filter(experiment=experiment, done=False, wall_lease_until__lt=wall_now)
        part = free.order_by("number").first()
        if part is None:
            return None
        taken = ExperimentPart.objects.filter(pk=part.pk, done=False, wall_lease_until=part.wall_lease_until)
        if taken.update(wall_lease_until=wall_now + LEASE + LEASE_A_TICKET * experiment.settings["tickets"]):
            return part.number


def _compute(experiment: Experiment, number: int) -> None:
    place, replication = divmod(number, experiment.settings["replications"])
    plan = _prepared(json.dumps(experiment.settings, sort_keys=True), place)
    found = replicate(plan, _handled(experiment, plan), replication)
    result = {key: asdict(one) for key, one in found.items()}
    # Whoever comes late with the same part brings the same digits; the first to come is kept.
    ExperimentPart.objects.filter(experiment=experiment, number=number, done=False).update(done=True, result=result)


@lru_cache(maxsize=4)
def _prepared(settings: str, place: int) -> Plan:
    return places_of(json.loads(settings))[place]


def _handled(experiment: Experiment, plan: Plan) -> Libraries:
    """How automatic agents handle the cases of a plan: played once in each worker, which takes a while and is told."""
    key, heard = HANDLING.format(experiment.pk), list[int]()

    def told(done: int, whole: int) -> None:
        heard.append(done)
        with suppress(Exception):  # whoever waits learns less; the work goes on
            known = cache.get(key)
            if known is None or known[1] != whole or known[0] < done:  # another worker may be further
                cache.set(key, (done, whole), HANDLING_KEPT)

    found = libraries(plan, told)
    if heard:
        with suppress(Exception):
            cache.delete(key)
    return found


def handling(experiment: Experiment) -> tuple[int, int] | None:
    """Cases handled, and in all, while workers are at them; None when they are not."""
    with suppress(Exception):
        found: tuple[int, int] | None = cache.get(HANDLING.format(experiment.pk))
        return found
    return None


def _put_together(experiment: Experiment, wall_now: float) -> bool:
    parts = ExperimentPart.objects.filter(experiment=experiment)
    if parts.filter(done=False).exists():
        return False
    try:
        result = _told(experiment.settings, parts)
    except Exception as error:
        _fail(experiment, error)
        raise
    Experiment.objects.filter(pk=experiment.pk, state=Experiment.RUNNING).update(
        state=Experiment.DONE, result=result, digest=result["digest"], wall_ended_at=wall_now
    )
    return True


def _told(settings: Mapping[str, Any], parts: Any) -> dict[str, Any]:
    sweep = settings.get("sweep")
    if sweep is None:
        plan = _prepared(json.dumps(settings, sort_keys=True), 0)
        return study(plan, _results(parts), libraries(plan))
    plan, each, values = plan_of(settings), settings["replications"], sweep["values"]
    found = {}
    for nth, (name, one) in enumerate(_swept_plans(plan, sweep).items()):
        firsts = [(nth * len(values) + place) * each for place in range(len(values))]
        results = [_results(parts.filter(number__gte=first, number__lt=first + each)) for first in firsts]
        found[name] = swept(one, sweep["parameter"], values, results)
    told = both_told(found) if sweep["both"] else found[""]
    digests = " ".join(one["digest"] for one in found.values())
    whole = hashlib.sha256(digests.encode("ascii")).hexdigest() if sweep["both"] else digests
    return {"plan": described(plan), "sweep": told, "digest": whole}


def _results(parts: Any) -> dict[str, Sequence[Any]]:
    found: dict[str, list[Any]] = {}
    for data in parts.order_by("number").values_list("result", flat=True):
        for key, one in data.items():
            found.setdefault(key, []).append(result_from(one))
    return dict(found)


def _fail(experiment: Experiment, error: Exception) -> None:
    words = f"{type(error).__name__}: {error}"[:500]
    Experiment.objects.filter(pk=experiment.pk, state=Experiment.RUNNING).update(state=Experiment.FAILED, error=words)
