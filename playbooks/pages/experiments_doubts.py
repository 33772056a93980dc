"""What comes before anything else on the page of an experiment that tells of no real desk: a replication of less than
a day, or more work than the desk could ever do under any side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playbooks.pages.experiments_arms import Arm
from playbooks.pages.experiments_sweep import SETTINGS, value_words
from playbooks.pages.experiments_words import texts
from playbooks.pages.reading import in_language

ENDLESS = ("too_much_work", "never_empties")


def grave(warnings: Sequence[Mapping[str, Any]], sides: int) -> list[Mapping[str, Any]]:
    """Of the warnings of one study; one kept before has a part of a week of less than a day."""
    short = [one for one in warnings if _short(one)]
    endless = [one for one in warnings if one["code"] in ENDLESS]
    return [*short, *(endless if len(endless) == sides else [])]


def _short(one: Mapping[str, Any]) -> bool:
    return one["code"] == "less_than_a_day" or (one["code"] == "part_of_a_week" and float(one["value"]) < 1)


def doubts(result: Mapping[str, Any], arms: Sequence[Arm]) -> list[str]:
    """In words, once for all sides where it is the same of each."""
    if "sweep" in result:
        return _of_sweep(result["sweep"], len(arms))
    return told(grave(result.get("warnings", []), len(arms)), arms)


def told(warnings: Sequence[Mapping[str, Any]], arms: Sequence[Arm]) -> list[str]:
    titles = {arm.key: arm.title for arm in arms}
    whose: dict[str, list[str]] = {}
    for one in warnings:
        whose.setdefault(in_language(one["text"]), []).append(titles.get(one["arm"], ""))
    return [
        text if len(names) == len(arms) or not names[0] else f"{', '.join(names)}: {text}"
        for text, names in whose.items()
    ]


def _of_sweep(sweep: Mapping[str, Any], sides: int) -> list[str]:
    words, found = texts(), []
    for one in [sweep[name] for name in SETTINGS] if "why" in sweep else [sweep]:
        values = [value_words(one, point["value"]) for point in one["points"] if grave(point["warnings"], sides)]
        if values:
            found.append(words.say("line.sweep_doubted", values=words.plain("number.comma").join(values)))
    return list(dict.fromkeys(found))
