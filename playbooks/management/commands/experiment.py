"""`manage.py experiment`: the same customers through two or more playbooks on a simulated desk."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playbooks.core.comparisons import POWER
from playbooks.core.customer.evidence import Switches
from playbooks.core.desk.kernel import compiled
from playbooks.core.experiments.measure import measures
from playbooks.core.experiments.plan import Desk, Plan, arms_of, desk_named, desks, with_agents, with_rate, with_young
from playbooks.core.experiments.study import conduct
from playbooks.core.playbook import built_in
from tickets.errors import HelpdeskError, Invalid


class Command(BaseCommand):
    help = (
        "Send the same simulated customers through two or more playbooks and compare what comes of it. "
        "The first playbook is the baseline. Needs no database."
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
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        try:
            plan = plan_from(options)
        except HelpdeskError as refused:
            raise CommandError(str(refused)) from refused
        compiled()  # loading the compiler is no work on tickets
        began = time.perf_counter()
        found = conduct(plan, progress=self._progress(plan, quiet=options["json"]))
        seconds = time.perf_counter() - began
        customers = plan.tickets * len(plan.arms)
        found["speed"] = {
            "tickets": customers,
            "seconds": round(seconds, 3),
            "tickets_per_second": round(customers / seconds),
            "compiled": compiled() is not None,
        }
        self.stdout.write(json.dumps(found, ensure_ascii=False) if options["json"] else _as_text(found))

    def _progress(self, plan: Plan, *, quiet: bool) -> Any:
        def tell(done: int) -> None:
            if not quiet and sys.stderr.isatty():
                self.stderr.write(f"\r{done} of {plan.replications} replications", ending="")

        return tell


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
        "",
    ]
    for key, measure in measures().items():
        shown = [f"{arm} {_interval(found['playbooks'][arm][key])}" for arm in arms]
        lines.append(f"{measure.title['en']} ({measure.unit}): {'; '.join(shown)}")
        for arm, against in found["differences"].items():
            lines.append(f"    {arm} − {against['baseline']}: {_judged(against['outcomes'][key])}")
    lines += ["", f"Assumptions drawn {found['assumptions']['draws']} times (more tickets do not narrow these):"]
    for arm, ranges in found["assumptions"]["ranges"].items():
        for key, one in ranges.items():
            lines.append(
                f"    {arm}, {measures()[key].title['en']}: {one['estimate']:+.3f}, 90 % of the draws from "
                f"{one['low']:+.3f} to {one['high']:+.3f}, same sign in {100 * one['same_sign']:.0f} %"
            )
    speed = found["speed"]
    lines += ["", f"{speed['tickets_per_second']:,} tickets a second; digest {found['digest']}"]
    return "\n".join(lines)


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
