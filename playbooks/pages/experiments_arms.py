"""The sides of an experiment as a page shows them: title, hue, mark and dash, told apart without colour too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.core.experiments.measure import Measure, measures
from playbooks.core.experiments.plan import desks
from playbooks.core.playbook import Playbook
from playbooks.experiments import DEFAULTS
from playbooks.pages.experiments_words import Texts, number, texts
from playbooks.pages.figures import SHAPE
from playbooks.pages.reading import in_language

# A playbook keeps its hue; a second side of the same playbook has another mark, hollow, and a broken line.
FURTHER = ("M-6.5-6.5H6.5V6.5H-6.5Z", "M0-8L8 6H-8Z", "M0 8L8-6H-8Z", "M-7-3H7V3H-7Z", "M-3-7H3V7H-3Z")


@dataclass(frozen=True, slots=True)
class Arm:
    """One side. `nth`: how many sides before it have the same hue."""

    key: str
    title: str
    playbook: str
    hue: str
    shape: str
    nth: int
    place: int


def arms_of(described: Sequence[Mapping[str, Any]], playbooks: Mapping[str, Playbook]) -> list[Arm]:
    """The arms of a plan as it was described; `playbooks` by key, for their hues."""
    words, found, hues = texts(), list[Arm](), dict[str, int]()
    alike = len({arm["playbook"] for arm in described}) < len(described)
    for place, arm in enumerate(described):
        hue = playbooks[arm["playbook"]].hue if arm["playbook"] in playbooks else "ochre"
        nth = hues.get(hue, 0)
        hues[hue] = nth + 1
        shape = SHAPE[hue] if nth == 0 else FURTHER[(nth - 1) % len(FURTHER)]
        title = in_language(arm["title"])
        if alike:
            title = f"{title} · {_desk_words(arm, described, words)}"
        found.append(Arm(arm["key"], title, arm["playbook"], hue, shape, nth, place))
    return found


def _desk_words(arm: Mapping[str, Any], all_arms: Sequence[Mapping[str, Any]], words: Texts) -> str:
    """What sets its desk apart from those of the others."""
    parts = []
    if len({one["desk"] for one in all_arms}) > 1:
        parts.append(desk_name(arm["desk_title"]))
    if len({_people(one) for one in all_arms}) > 1:
        parts.append(words.say("one.people", n=number(_people(arm))))
    if len({_rate(one) for one in all_arms}) > 1:
        parts.append(words.say("one.rate", n=f"{_rate(arm):g}"))
    return ", ".join(parts) or desk_name(arm["desk_title"])


def desk_name(title: Mapping[str, str]) -> str:
    """The name of a desk without what follows its colon."""
    whole = in_language(title)
    return whole.replace("：", ":").partition(":")[0].strip()


def _people(arm: Mapping[str, Any]) -> int:
    return sum(group["count"] for group in arm["setting"]["agents"])


def _rate(arm: Mapping[str, Any]) -> float:
    return float(arm["setting"]["arrivals"]["per_hour"])


def measure_of(key: str) -> Measure:
    return measures()[key]


def name_of_settings(settings: Mapping[str, Any], playbooks: Mapping[str, Playbook]) -> str:
    """An experiment by what it compares: the playbooks, or the desks of one playbook, and the value that is moved."""
    words, arms = texts(), settings["arms"]
    titles = [
        in_language(playbooks[a["playbook"]].title) if a["playbook"] in playbooks else a["playbook"] for a in arms
    ]
    if len(set(titles)) == 1 and len(arms) > 1:
        sides = [_desk_of_settings(arm, words) for arm in arms]
        name = f"{titles[0]}: {words.plain('list.versus').join(sides)}"
    else:
        name = words.plain("list.versus").join(titles)
    sweep = settings.get("sweep")
    return f"{name} · {words.plain('sweep.' + sweep['parameter'] + '.name')}" if sweep else name


def _desk_of_settings(arm: Mapping[str, Any], words: Texts) -> str:
    known = desks().get(arm["desk"]) if isinstance(arm["desk"], str) else None
    name = desk_name(known.title) if known else words.plain("form.desk")
    return name if arm["agents"] is None else f"{name}, {words.say('one.people', n=number(arm['agents']))}"


def apart_from_usual(settings: Mapping[str, Any]) -> list[str]:
    """What sets an experiment apart from another of the same sides: what was typed other than the form has it."""
    words, found, arms = texts(), list[str](), settings["arms"]
    for name, text, times in (("per_hour", "one.rate", 1), ("agents", "one.people", 1), ("young", "one.young", 100)):
        given = dict.fromkeys(arm[name] for arm in arms if arm[name] is not None)
        if given:
            found.append(words.say(text, n=" / ".join(f"{times * value:g}" for value in given)))
    for name in ("replications", "seed", "cases"):
        if settings[name] != DEFAULTS[name]:
            found.append(f"{words.plain('form.' + name)} {settings[name]}")
    if settings["primary"] != DEFAULTS["primary"]:
        found.append(in_language(measure_of(settings["primary"]).short))
    if settings["speed_model"] != DEFAULTS["speed_model"]:
        found.append(f"{words.plain('form.speed_model')}: {words.plain('form.' + settings['speed_model'])}")
    found += [words.plain(f"list.no_{name}") for name in ("letter", "gift") if not settings[name]]
    return found + ([words.plain("list.disjoint")] if settings["disjoint"] else [])


def desk_words(settings: Mapping[str, Any]) -> str:
    if (settings.get("sweep") or {}).get("both"):
        return " / ".join(desk_name(desks()[key].title) for key in ("eight-hour-day", "steady-day"))
    names = dict.fromkeys(
        desk_name(desks()[arm["desk"]].title) if isinstance(arm["desk"], str) and arm["desk"] in desks() else "–"
        for arm in settings["arms"]
    )
    return " / ".join(names)
