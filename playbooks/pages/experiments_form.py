"""The form that begins an experiment: from what was typed to settings, with every refusal beside its field."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from playbooks import definitions, experiments
from playbooks.core.experiments.bearing import bearable, days_of, too_much
from playbooks.core.experiments.measure import measures
from playbooks.core.experiments.plan import MOST_TICKETS, desks
from playbooks.core.experiments.run import libraries
from playbooks.core.experiments.sweep import MOVES
from playbooks.core.playbook import Playbook
from playbooks.models import PlaybookVersion
from playbooks.pages.experiments_words import Texts, number, texts
from playbooks.pages.reading import in_language
from tickets.errors import HelpdeskError

COMMON = ("desk", "per_hour", "agents", "young")  # of a side, where it does not have them from the experiment
SHARES = ("young_share",)  # sweeps that people write in per cent
BEYOND = 10  # times what a desk bears: a sweep that goes further tells nothing
CASES_ASKED = 4  # handled to say how much work a ticket is, before an experiment begins
# Whole numbers: field, least, most.
WHOLE = (("tickets", 1, MOST_TICKETS), ("replications", 2, 1_000), ("seed", 0, 2**53), ("cases", 1, 600))
# What the core calls a field, and where it stands in the form.
FIELDS = {
    "arrivals.per_hour": "per_hour", "sweep.parameter": "sweep_values", "sweep.both": "sweep_values",
    "sweep": "sweep_values", "arms": "against_desk", "young": "young", "agents": "agents", "agents.count": "agents",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form, field by field as text, and what was refused."""

    values: Mapping[str, Any]
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def more_open(self) -> bool:
        """Whether the folded part has something to look at."""
        usual = usual_values()
        folded = (
            "per_hour",
            "agents",
            "young",
            "seed",
            "primary",
            "cases",
            "speed_model",
            "letter",
            "gift",
            "disjoint",
        )
        return any(name in self.refused or self.values[name] != usual[name] for name in folded)

    @property
    def against_open(self) -> bool:
        return bool(self.values["against_desk"] or self.values["against_agents"] or "against_agents" in self.refused)

    @property
    def sweep_open(self) -> bool:
        return bool(self.values["sweep"] or "sweep_values" in self.refused)


def links_of(refused: Mapping[str, str]) -> list[tuple[str, str]]:
    """The address within the page and the name of every field to look at."""
    words = texts()
    of_form = {"other": ("form", "title")}  # what is about no field in particular
    named = [of_form.get(name, (name, name)) for name in refused]
    return [(f"#{place}-refused", words.plain(f"form.{text}")) for place, text in named]


class Reader:
    """Reads fields one after another and collects what does not fit, so that all of it is said at once."""

    def __init__(self, post: QueryDict, words: Texts) -> None:
        self.post, self.words, self.refused = post, words, dict[str, str]()

    def refuse(self, name: str, code: str, **values: str) -> None:
        self.refused.setdefault(name, self.words.say(f"refused.{code}", **values))

    def text(self, name: str) -> str:
        """As typed without switching the keyboard: ２，５００ is 2,500."""
        return unicodedata.normalize("NFKC", self.post.get(name, "")).strip()

    def figure(self, name: str) -> float | None:
        """A number, None where nothing stands or it is none."""
        written = self.text(name).replace(",", "")
        if not written:
            return None
        try:
            value = float(written)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.refuse(name, "no_number", given=self.text(name)[:40])
            return None
        return value

    def within(self, name: str, least: float, most: float, *, whole: bool = False) -> float | None:
        value = self.figure(name)
        if value is None:
            return None
        if not least <= value <= most or (whole and value != int(value)):
            code = "whole_within" if whole else "within"
            self.refuse(name, code, least=number(least, 0 if least == int(least) else 2), most=number(most))
            return None
        return value

    def whole(self, name: str, least: int, most: int) -> int | None:
        value = self.within(name, least, most, whole=True)
        return None if value is None else int(value)


def usual_values() -> dict[str, Any]:
    """What the form begins with: one click begins 20,000 customers."""
    usual = experiments.DEFAULTS
    plain = {name: str(usual[name]) for name in ("desk", "tickets", "replications", "seed", "cases", "primary")}
    return {
        **plain, "playbooks": list(usual["playbooks"]), "speed_model": usual["speed_model"],
        "letter": True, "gift": True, "per_hour": "", "agents": "", "young": "", "against_desk": "",
        "against_agents": "", "sweep": "", "sweep_values": "", "both": False, "disjoint": False,
        "sides": "", "keep_sides": False,
    }  # fmt: skip


def values_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The form that would begin this experiment again, to the digit. Sides that its ticks cannot say (versions of
    their own, another order, desks of their own, names) are carried whole in `sides`."""
    found = usual_values()
    named = {name: str(settings[name]) for name in ("tickets", "replications", "seed", "cases", "primary")}
    arms: Sequence[Mapping[str, Any]] = settings["arms"]
    first = arms[0]
    common = {name: first[name] for name in COMMON if all(arm[name] == first[name] for arm in arms)}
    found |= {**named, **{name: settings[name] for name in ("speed_model", "letter", "gift", "disjoint")}}
    found["playbooks"] = list(dict.fromkeys(arm["playbook"] for arm in arms))
    found |= {name: _typed(common[name]) for name in ("per_hour", "agents") if name in common}
    if common.get("young") is not None:
        found["young"] = _typed(100 * common["young"])
    if isinstance(common.get("desk"), str):
        found["desk"] = common["desk"]
    if second := _second_desk(arms, settings["versions"]):
        found |= second | {"agents": _typed(first["agents"]), "desk": first["desk"]}
    elif sides := _sides(arms, settings["versions"], common):
        found |= {"sides": json.dumps(sides, ensure_ascii=False), "keep_sides": True}
    if sweep := settings.get("sweep"):
        times = 100 if sweep["parameter"] in SHARES else 1
        written = ", ".join(_typed(times * value) for value in sweep["values"])
        found |= {"sweep": sweep["parameter"], "sweep_values": written, "both": sweep["both"]}
    return found


def _second_desk(arms: Sequence[Mapping[str, Any]], versions: Sequence[int]) -> dict[str, str] | None:
    """One playbook on two desks as the form itself says it; None where it does not."""
    if len(arms) != 2 or _pinned(arms, versions):
        return None
    first, last = arms
    key = first["playbook"]
    names = (first["key"], last["key"], last["playbook"]) == (key, f"{key}-2", key)
    alike = all(first[name] == last[name] for name in ("per_hour", "young"))
    if not names or not alike or not isinstance(first["desk"], str) or not isinstance(last["desk"], str):
        return None
    if last["agents"] is None and (first["agents"] is not None and last["desk"] == first["desk"]):
        return None  # the form has no word for "its own number again"
    return {"against_desk": last["desk"], "against_agents": _typed(last["agents"])}


def _sides(
    arms: Sequence[Mapping[str, Any]], versions: Sequence[int], common: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """The sides with what the ticks and fields do not say for all of them; None where these say it all."""
    keys, pinned = [arm["playbook"] for arm in arms], _pinned(arms, versions)
    offered = [one.key for one in playbooks_known()]
    ticked = [key for key in offered if key in keys]
    told = {name for name in common if name != "desk" or isinstance(common["desk"], str)}
    if ticked == keys == [arm["key"] for arm in arms] and not pinned and told == set(COMMON) and len(keys) > 1:
        return None
    return [
        {name: value for name, value in {**arm, **pinned.get(place, {})}.items() if name not in told}
        for place, arm in enumerate(arms)
    ]


def _pinned(arms: Sequence[Mapping[str, Any]], versions: Sequence[int]) -> dict[int, dict[str, int]]:
    """Place -> the version by number: where it was asked for, or where the playbook has changed since."""
    rows, found = PlaybookVersion.objects.in_bulk(versions), {}
    for place, (arm, pk) in enumerate(zip(arms, versions, strict=True)):
        if pk in rows and (arm.get("version") is not None or definitions.current(arm["playbook"]).pk != pk):
            found[place] = {"version": rows[pk].version}
    return found


def _typed(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def typed_of(post: QueryDict) -> dict[str, Any]:
    """What was typed, as it was typed: nothing is lost by a refusal."""
    found = {name: post.get(name, "") for name in usual_values()}
    ticks = {name: name in post for name in ("letter", "gift", "both", "disjoint", "keep_sides")}
    return {**found, **ticks, "playbooks": post.getlist("playbooks")}


def settings_from(post: QueryDict) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings as `experiments.begin` takes them, and what was refused by field; both may be partly filled."""
    words = texts()
    read = Reader(post, words)
    keys = [key for key in post.getlist("playbooks") if key in {one.key for one in playbooks_known()}]
    found: dict[str, Any] = {"playbooks": keys, "desk": post.get("desk", ""), "primary": post.get("primary", "")}
    if found["desk"] not in desks():
        read.refuse("desk", "choose")
    if found["primary"] not in measures():
        found["primary"] = experiments.DEFAULTS["primary"]
    for name, least, most in WHOLE:
        value = read.whole(name, least, most)
        if value is not None:
            found[name] = value
    if "tickets" in found and found["tickets"] < found.get("replications", experiments.DEFAULTS["replications"]):
        read.refuse("tickets", "too_few")
    found["per_hour"] = read.within("per_hour", 0.01, 10_000)
    found["agents"] = read.whole("agents", 1, 1_000)
    young = read.within("young", 0, 100)
    found["young"] = None if young is None else young / 100
    found["speed_model"] = "meta" if post.get("speed_model") == "meta" else "tarp"
    found |= {name: name in post for name in ("letter", "gift", "disjoint")}
    if "keep_sides" in post:
        _kept_sides(read, found)
    else:
        _against(read, found)
    _swept(read, found)
    return found, read.refused


def _kept_sides(read: Reader, found: dict[str, Any]) -> None:
    """The sides as an earlier experiment had them, in place of the ticks and the second desk."""
    try:
        sides = json.loads(read.post.get("sides", ""))
    except ValueError:
        sides = None
    if not isinstance(sides, list) or not all(isinstance(one, dict) and one.get("playbook") for one in sides):
        read.refuse("sides", "sides")
        return
    found |= {"arms": sides, "playbooks": [str(one["playbook"]) for one in sides]}


def side_lines(written: str) -> list[str]:
    """The carried sides in words; nothing where they cannot be read."""
    try:
        sides = json.loads(written)
    except ValueError:
        return []
    known = definitions.known()
    return [_side_words(one, known) for one in sides if isinstance(one, dict)] if isinstance(sides, list) else []


def _side_words(side: Mapping[str, Any], known: Mapping[str, Playbook]) -> str:
    words, key = texts(), str(side.get("playbook"))
    told = [in_language(known[key].title) if key in known else key]
    if side.get("version") is not None:
        told.append(words.say("basis.version", n=str(side["version"])))
    if "desk" in side:
        desk = desks().get(side["desk"]) if isinstance(side["desk"], str) else None
        told.append(in_language(desk.title) if desk is not None else words.plain("form.own_desk"))
    for name, text in (("agents", "one.people"), ("per_hour", "one.rate")):
        if isinstance(side.get(name), int | float):
            told.append(words.say(text, n=f"{side[name]:g}"))
    if isinstance(side.get("young"), int | float):
        told.append(words.say("one.young", n=f"{100 * side['young']:g}"))
    return " · ".join(told)


def _against(read: Reader, found: dict[str, Any]) -> None:
    """One playbook on two desks, or several on one."""
    desk, agents = read.post.get("against_desk", ""), read.whole("against_agents", 1, 1_000)
    if not desk and agents is None and not read.text("against_agents"):
        if not found["playbooks"]:
            read.refuse("playbooks", "no_playbook")
        elif len(found["playbooks"]) < 2:
            read.refuse("playbooks", "one_playbook")
        return
    if len(found["playbooks"]) != 1:
        read.refuse("playbooks", "one_for_two_desks")
        return
    key = found["playbooks"][0]
    other = {"playbook": key, "key": f"{key}-2", "desk": desk if desk in desks() else found["desk"]}
    if agents is not None:
        other["agents"] = agents
    elif desk and desk != found["desk"]:
        other["agents"] = None  # its own number of people
    if other["desk"] == found["desk"] and agents in (None, found["agents"]):
        read.refuse("against_desk", "same_desk")
    found["arms"] = [{"playbook": key, "key": key}, other]


def _swept(read: Reader, found: dict[str, Any]) -> None:
    parameter = read.post.get("sweep", "")
    if parameter not in MOVES:
        return
    both = "both" in read.post and parameter == "per_hour"
    written = read.text("sweep_values")
    parts = written.replace("、", " ").replace(";", " ").replace(",", " ").split()
    if written and not parts:
        read.refuse("sweep_values", "no_numbers", given=written[:40])
        return
    if not parts:
        parts = texts().plain(f"sweep.{parameter}.usual").replace(",", " ").split()
    try:
        values = [float(part) for part in parts]
    except ValueError:
        read.refuse("sweep_values", "no_numbers", given=written[:40])
        return
    if not all(math.isfinite(value) for value in values) or len(set(values)) < 2 or len(set(values)) > 40:
        read.refuse("sweep_values", "few_values")
        return
    times = 0.01 if parameter in SHARES else 1.0
    given = [round(value * times, 9) for value in dict.fromkeys(values)]
    found["sweep"] = {"parameter": parameter, "values": given, "both": both}


def refused_by_core(error: HelpdeskError) -> dict[str, str]:
    """A refusal of the rules themselves, at the field it is about, in the language of the page."""
    words = texts()
    name = FIELDS.get(error.field or "", error.field or "")
    known = {
        "tickets": "too_long", "per_hour": "rate", "playbooks": "playbooks", "sweep_values": "sweep_values",
        "replications": "too_many_parts", "against_desk": "same_desk", "agents": "agents", "sides": "sides",
    }  # fmt: skip
    if name in known:
        return {name: words.say(f"refused.{known[name]}")}
    return {"other": words.say("refused.other", why=error.message)}


def refused_before(given: Mapping[str, Any]) -> dict[str, str]:
    """What could be run and would tell nothing: less than a day in a replication, or more work than the desk can
    ever do. A sweep goes beyond what the desk bears on purpose, but not by ten times."""
    settings = experiments.settled(given)
    sweep = settings["sweep"]
    loads = sweep is not None and sweep["parameter"] == "per_hour"
    at = "sweep_values" if loads else "per_hour" if given.get("per_hour") is not None else ""
    places = experiments.places_of(settings)
    first = replace(places[0], cases=min(places[0].cases, CASES_ASKED))
    of, words = libraries(first), texts()
    most = bearable(first, of)
    told = {"n": number(most, 0 if most >= 10 else 1)}
    beyond = [value for value in sweep["values"] if value > BEYOND * most] if loads else []
    if beyond:
        return {at: words.say("refused.sweep_drains", value=f"{beyond[0]:g}", **told)}
    if sweep is None and all(too_much(arm, of[arm.key]) for arm in first.arms):
        field = at or ("agents" if given.get("agents") is not None else "per_hour")
        return {field: words.say("refused.never_drains", **told)}
    days = [found for plan in places for arm in plan.arms if (found := days_of(plan, arm)) is not None]
    return {at or "tickets": _less_than_a_day(settings, min(days))} if days and min(days) < 1 else {}


def _less_than_a_day(settings: Mapping[str, Any], days: float) -> str:
    """With what would do: so many customers, or so few replications."""
    tickets, replications = settings["tickets"], settings["replications"]
    needed = math.ceil(tickets / days / 100) * 100 if tickets > days * 100 else math.ceil(tickets / days)
    fewer = int(replications * days)
    values = {"hours": number(24 * days, 1), "n": number(needed), "m": number(fewer)}
    return texts().say("refused.less_than_a_day" if fewer >= 2 else "refused.less_than_a_day_customers", **values)


def playbooks_known() -> list[Playbook]:
    """Those that may be chosen; fast resolution, the usual baseline, comes first."""
    return list(definitions.offered().values())


def choices_of() -> dict[str, Any]:
    """What can be chosen, in the language of the page."""
    words = texts()
    return {
        "playbooks": [(one.key, in_language(one.title), one.hue) for one in playbooks_known()],
        "desks": [(key, in_language(desk.title), words.plain(f"desk.{key}")) for key, desk in desks().items()],
        "primaries": [(key, in_language(one.title)) for key, one in measures().items() if one.better],
        "sweeps": [
            (key, words.plain(f"sweep.{key}.name"), words.plain(f"sweep.{key}.usual"))
            for key in ("per_hour", "agents", "letter_deadline", "gift_value", "young_share")
        ],
    }
