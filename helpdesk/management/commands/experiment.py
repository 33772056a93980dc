"""`manage.py experiment`: the same customers through two or more playbooks on a simulated desk."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.workforce import EXPERIMENTS, wait_until, workforce
from playbooks import experiments
from playbooks.core.comparisons import POWER
from playbooks.core.customer.evidence import Switches
from playbooks.core.desk.kernel import compiled
from playbooks.core.experiments.measure import measures
from playbooks.core.experiments.plan import Desk, Plan, arms_of, desk_named, desks, with_agents, with_rate, with_young
from playbooks.core.experiments.study import conduct
from playbooks.core.experiments.sweep import MOVES, both_settings, sweep
from playbooks.core.playbook import built_in
from playbooks.models import Experiment
from tickets.clock import wall
from tickets.errors import HelpdeskError, Invalid


class Command(BaseCommand):
    help = (
        "Send the same simulated customers through two or more playbooks and compare what comes of it. "
        "The first playbook is the baseline. Needs no database, but for --workers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--playbooks", nargs="+", metavar="KEY", default=["fast-resolution", "apology-letter-gift"])
        parser.add_argument("--desk", default="office-hours", help=f"one of: {', '.join(desks())}")
        parser.add_argument("--tickets", type=int, default=20_000, help="customers in all, each under every playbook")
        parser.add_argument("--replications", type=int, default=20)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--per-hour", type=float, help="customers an hour, instead of the desk's own rate")
        parser.add_argument("--agents", type=int, help="agents in the first group, instead of the desk's own number")
        parser.add_argument("--young", type=float, help="share of the Japanese customers who are young, 0 to 1")
        parser.add_argument("--cases", type=int, default=30, help="cases of each culture that agents handle beforehand")
        parser.add_argument("--primary", default="repurchase", help="the outcome that is judged by itself")
        parser.add_argument("--speed-model", choices=["tarp", "meta"], default="tarp")
        parser.add_argument("--no-letter", action="store_true", help="without the assumed bonus of a letter")
        parser.add_argument("--no-gift", action="store_true", help="without the assumed bonus of a gift")
        parser.add_argument("--disjoint", action="store_true", help="every playbook meets customers of its own")
        parser.add_argument(
            "--sweep", metavar="PARAMETER=V,V,…", help=f"one parameter at several values; one of: {', '.join(MOVES)}"
        )
        parser.add_argument(
            "--both-settings",
            action="store_true",
            help="with --sweep per_hour: the load study as one day by itself and as a desk without an end",
        )
        parser.add_argument(
            "--workers", type=int, default=0, metavar="N", help="split it over N Celery workers of its own; on rows"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        try:
            plan = plan_from(options)
        except HelpdeskError as refused:
            raise CommandError(str(refused)) from refused
        compiled()  # loading the compiler is no work on tickets
        began = time.perf_counter()
        try:
            found, customers = self._found(plan, options)
        except HelpdeskError as refused:
            raise CommandError(str(refused)) from refused
        seconds = time.perf_counter() - began
        found["speed"] = {
            "tickets": customers,
            "seconds": round(seconds, 3),
            "tickets_per_second": round(customers / seconds),
            "compiled": compiled() is not None,
        }
        shown = _sweeps_as_text if options["sweep"] else _as_text
        self.stdout.write(json.dumps(found, ensure_ascii=False) if options["json"] else shown(found))

    def _found(self, plan: Plan, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """What came of it, and how many customers went through it, each arm counted."""
        customers = plan.tickets * len(plan.arms)
        if options["workers"]:
            return self._by_workers(options), customers
        if not options["sweep"]:
            if options["both_settings"]:
                raise Invalid("invalid_experiment", "--both-settings needs --sweep per_hour=…", field="sweep")
            quiet = options["json"] or not sys.stderr.isatty()
            found = conduct(plan, progress=self._progress(plan, quiet=quiet), handling=self._handling(quiet=quiet))
            return found, customers
        parameter, values = _swept(options["sweep"])
        if not options["both_settings"]:
            return sweep(plan, parameter, values), customers * len(values)
        if parameter != "per_hour":
            raise Invalid("invalid_experiment", "Both settings are compared over per_hour.", field="sweep")
        found = both_settings(
            [arm.playbook for arm in plan.arms],
            values,
            tickets=plan.tickets,
            replications=plan.replications,
            seed=plan.seed,
            primary=plan.primary,
        )
        return found, 2 * customers * len(values)

    def _by_workers(self, options: dict[str, Any]) -> dict[str, Any]:
        """The same on rows: the workers share the replications, and one that dies is replaced."""
        if options["sweep"]:
            raise Invalid("invalid_experiment", "Workers share an experiment; leave out --sweep.", field="workers")
        call_command("migrate", verbosity=0)
        experiment = experiments.begin(_settings(options), by=None, wall_now=wall())

        def ended() -> bool:
            experiment.refresh_from_db()
            return experiment.state != Experiment.RUNNING

        with workforce(options["workers"], work=EXPERIMENTS, tell=_tell) as look_after:
            wait_until(
                ended, look_after, lambda: _tell("{} of {} replications".format(*experiments.progress(experiment)))
            )
        if experiment.state != Experiment.DONE:
            raise CommandError(f"The experiment was {experiment.state}. {experiment.error}".strip())
        return dict(experiment.result or {})

    def _progress(self, plan: Plan, *, quiet: bool) -> Any:
        def tell(done: int) -> None:
            if not quiet:
                self.stderr.write(f"\r{done} of {plan.replications} replications", ending="")

        return tell

    def _handling(self, *, quiet: bool) -> Any:
        def tell(done: int, whole: int) -> None:
            if not quiet:
                self.stderr.write(f"\rhandling the cases: {done} of {whole}", ending="\n" if done == whole else "")

        return tell


def _tell(line: str) -> None:
    """Progress goes to the error stream, so that --json stays JSON."""
    print(line, file=sys.stderr, flush=True)


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """The options as an experiment on rows takes them."""
    same = ("playbooks", "desk", "tickets", "replications", "seed", "per_hour", "agents", "young", "cases", "primary")
    return {
        **{name: options[name] for name in same},
        "speed_model": options["speed_model"],
        "letter": not options["no_letter"],
        "gift": not options["no_gift"],
        "disjoint": options["disjoint"],
    }


def plan_from(options: dict[str, Any]) -> Plan:
    """The plan that these options ask for; Invalid names what is wrong."""
    known = built_in()
    for key in options["playbooks"]:
        if key not in known:
            raise Invalid(
                "unknown_playbook", f"There is no playbook '{key}'. Known are: {', '.join(known)}.", field="playbooks"
            )
    desk = _moved(desk_named(options["desk"]), options)
    return Plan(
        arms=arms_of([known[key] for key in options["playbooks"]], desk),
        tickets=options["tickets"],
        replications=options["replications"],
        seed=options["seed"],
        cases=options["cases"],
        switches=Switches(options["speed_model"], letter=not options["no_letter"], gift=not options["no_gift"]),
        primary=options["primary"],
        disjoint=options["disjoint"],
    )


def _swept(given: str) -> tuple[str, list[float]]:
    """`per_hour=3,6,12` as a parameter and its values."""
    parameter, _, values = given.partition("=")
    try:
        return parameter.strip(), [float(value) for value in values.split(",")]
    except ValueError as wrong:
        raise Invalid(
            "invalid_experiment", f"A sweep is written like per_hour=3,6,12; '{given}' is not.", field="sweep"
        ) from wrong


def _moved(desk: Desk, options: dict[str, Any]) -> Desk:
    if options["per_hour"] is not None:
        desk = with_rate(desk, options["per_hour"])
    if options["agents"] is not None:
        desk = with_agents(desk, options["agents"])
    if options["young"] is not None:
        if not 0 <= options["young"] <= 1:
            raise Invalid("invalid_experiment", "'young' is a share from 0 to 1.", field="young")
        desk = with_young(desk, options["young"])
    return desk


def _as_text(found: dict[str, Any]) -> str:
    """A table: each outcome under each arm, and the difference to the first."""
    plan = found["plan"]
    arms = [arm["key"] for arm in plan["arms"]]
    lines = [
        (
            f"{plan['tickets']:,} customers under each of {len(arms)} playbooks, {plan['replications']} replications, "
            f"seed {plan['seed']}, desk '{plan['arms'][0]['desk']}'. 95 % intervals over replications."
        ),
        *(_warned(one) for one in found["warnings"]),
        "",
    ]
    for key, measure in measures().items():
        shown = [f"{arm} {_interval(found['playbooks'][arm][key])}" for arm in arms]
        lines.append(f"{measure.title['en']} ({measure.unit}): {'; '.join(shown)}")
        for arm, against in found["differences"].items():
            lines.append(f"    {arm} − {against['baseline']}: {_judged(against['outcomes'][key])}")
    lines += _costs_as_text(found)
    lines += ["", f"Assumptions drawn {found['assumptions']['draws']} times (more tickets do not narrow these):"]
    for arm, ranges in found["assumptions"]["ranges"].items():
        for key, one in ranges.items():
            lines.append(
                f"    {arm}, {measures()[key].title['en']}: {one['estimate']:+.3f}, 90 % of the draws from "
                f"{one['low']:+.3f} to {one['high']:+.3f}, same sign in {100 * one['same_sign']:.0f} %"
            )
    lines += _cases_as_text(found)
    speed = found["speed"]
    lines += ["", f"{speed['tickets_per_second']:,} tickets a second; digest {found['digest']}"]
    return "\n".join(lines)


def _costs_as_text(found: dict[str, Any]) -> list[str]:
    """What the cost of a ticket goes on, side by side."""
    lines = ["", "Cost per ticket apart:"]
    for arm, parts in found["costs"]["arms"].items():
        lines.append(f"    {arm}: " + "; ".join(f"{part} {_interval(one)}" for part, one in parts.items()))
    for arm, parts in found["costs"]["differences"].items():
        against = found["differences"][arm]["baseline"]
        lines.append(f"    {arm} − {against}: " + "; ".join(f"{part} {_interval(one)}" for part, one in parts.items()))
    return lines


def _cases_as_text(found: dict[str, Any]) -> list[str]:
    cases = found["assumptions"]["cases"]
    lines = ["", f"Complaints handled beforehand: {cases['handled']} (more tickets do not narrow these either):"]
    for arm, of in cases["differences"].items():
        for key, one in (of or {}).items():
            lines.append(f"    {arm}, {measures()[key].title['en']}: {_interval(one)} over the cases")
    return lines


def _sweeps_as_text(found: dict[str, Any]) -> str:
    if "why" not in found:
        return _sweep_as_text(found)
    parts = [f"{one['desk_title']['en']}\n{_sweep_as_text(one)}" for one in (found["whole_day"], found["steady_state"])]
    return "\n\n".join([*parts, found["why"]["en"]])


def _sweep_as_text(found: dict[str, Any]) -> str:
    """A line for each value and arm, and where the better arm turns."""
    lines = [f"{found['title']['en']} ({found['unit']})"]
    for point in found["points"]:
        for key, of in point["arms"].items():
            shown = "; ".join(f"{name} {_interval(one)}" for name, one in of.items())
            lines.append(f"{point['value']:g}  {key}: {shown}")
        lines += [f"    {_warned(one)}" for one in point["warnings"]]
    for arm, turn in found["crossover"].items():
        if turn is None:
            lines.append(f"{arm} and {found['baseline']}: {found['primary']} does not turn within these values.")
            continue
        within = "" if turn["low"] is None else f" (95 %: {turn['low']:.2f} to {turn['high']:.2f})"
        lines.append(
            f"{found['primary']} turns at {turn['at']:.2f}{within}: below it {turn['below']} is better, above it "
            f"{turn['above']}."
        )
    return "\n".join(lines)


def _warned(warning: dict[str, Any]) -> str:
    whose = f"{warning['arm']}: " if warning["arm"] else ""
    return f"! {whose}{warning['text']['en']}"


def _interval(of: dict[str, Any]) -> str:
    if of["estimate"] is None:
        return "not to be said"
    if of["low"] is None:
        return f"{of['estimate']:.3f}"
    return f"{of['estimate']:.3f} [{of['low']:.3f}, {of['high']:.3f}]"


def _judged(of: dict[str, Any]) -> str:
    if of["low"] is None:
        return "not enough data"
    verdict = {True: "shown", False: "not shown", None: "not judged"}[of["shown"]]
    return f"{_interval(of)}, {verdict}; {of['smallest']:.3f} would mostly (power {POWER:.0%}) be found"
