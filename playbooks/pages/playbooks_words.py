"""The words of the pages for playbooks: texts by key, what a refusal means, and what a version changed in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playbooks.core.case import LANGUAGES
from playbooks.core.conditions import stage_text
from playbooks.core.phrasing import money
from playbooks.core.playbook import GiftPolicy, Playbook, Question, Step
from playbooks.core.playbook_changes import Change, changes
from playbooks.pages import wording
from playbooks.pages.reading import in_language, language
from playbooks.pages.texts import Texts, texts_of
from tickets.errors import HelpdeskError
from tickets.templatetags.desk_format import span_words


def texts() -> Texts:
    return texts_of("playbooks", language())


# ---------------------------------------------------------------- a refusal, for people


def message_of(error: HelpdeskError) -> str:
    """What is wrong, in the reader's language."""
    t, where = texts(), error.field or ""
    code = error.code
    if code == "missing_field":
        code = {
            "after": "missing_after", "step": "missing_step", "letter_severity": "missing_letter",
            "gift": "missing_gift", "bands": "missing_bands",
        }.get(where.rpartition(".")[2], code)  # fmt: skip
    if code not in t["refused"]:
        return wording.refusal(error)
    return t.say(f"refused.{code}", what=_detail(error) or "–")


def _detail(error: HelpdeskError) -> str:
    """The part of a refusal's own sentence that names something."""
    said = error.message.removesuffix(".")
    match error.code:
        case "missing_condition":
            return str(texts()["condition"].get(said.rsplit("'", 2)[1], said))
        case "cycle":
            return said.rpartition("each other: ")[2]
        case "not_toml":
            return said.rpartition("not TOML: ")[2]
        case "unknown_field":
            return error.field or ""
    return ""


# ---------------------------------------------------------------- values of a playbook, as words


def anchor_words(playbook: Playbook, anchor: str) -> str:
    """A step by its title, or what happens on a ticket."""
    step = playbook.step(anchor)
    return in_language(step.title) if step else str(texts()["anchor"].get(anchor, anchor))


def agents_words(playbook: Playbook, titles: Mapping[str, str]) -> str:
    return titles.get(playbook.agents) or str(texts()["edit"]["agents_default"])


def duration_text(seconds: int) -> str:
    """A duration as a playbook's file writes it: 90 seconds are "90s", 7200 "2h"."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def channels_words(by_channel: Mapping[str, int]) -> str:
    t = texts()
    return ", ".join(
        t.say("read.on_channel", channel=wording.say(wording.CHANNEL, channel), time=span_words(seconds))
        for channel, seconds in by_channel.items()
    )


def band_words(bands: tuple[tuple[float, Mapping[str, int]], ...]) -> str:
    return "; ".join(
        f"{severity:g}: " + ", ".join(money(amount, currency, language()) for currency, amount in amounts.items())
        for severity, amounts in bands
    )


def amounts_words(amounts: Mapping[str, int]) -> str:
    return ", ".join(money(amount, currency, language()) for currency, amount in amounts.items())


# ---------------------------------------------------------------- what changed, in sentences


def told(before: Playbook, after: Playbook) -> list[str]:
    """Every difference as one sentence."""
    return [_sentence(change, before, after) for change in changes(before, after)]


def _sentence(change: Change, before: Playbook, after: Playbook) -> str:
    t, where = texts(), _where(change, before, after)
    if change.kind == "moved":
        return t.say("diff.moved_step", where=where, before=change.before + 1, after=change.after + 1)
    if change.kind in ("added", "removed"):
        return t.say(
            f"diff.{change.kind}_{change.part}",
            where=where,
            before=_value(change, change.before, before),
            after=_value(change, change.after, after),
        )
    old, new = _value(change, change.before, before), _value(change, change.after, after)
    return t.say("diff.changed", where=where, field=_field_words(change), before=old, after=new)


def _where(change: Change, before: Playbook, after: Playbook) -> str:
    t = texts()
    if change.part == "step":
        step = after.step(change.name) or before.step(change.name)
        return in_language(step.title) if step else change.name
    if change.part == "question":
        return change.name.removeprefix("question.")
    return str(t["deed"]["gift"] if change.part == "gift" else t["diff"]["whole"])


_NAMED = {
    "title": "edit.title", "summary": "edit.summary", "hue": "edit.hue", "manner": "edit.manner",
    "agents": "edit.agents", "letter_severity": "edit.letter_severity", "why": "edit.why", "stage": "edit.stage",
    "by": "edit.by", "after": "edit.after", "within": "edit.within", "within_by_channel": "edit.by_channel",
    "latest": "edit.latest", "send_after": "edit.send_after", "clock": "edit.clock", "when": "edit.when",
    "remind": "edit.remind", "price_percent": "edit.price_percent", "bands": "edit.band", "deed": "read.step",
    "anchor": "edit.question_anchor", "text": "edit.question_text", "metric": "edit.question_key",
}  # fmt: skip


def _field_words(change: Change) -> str:
    t = texts()
    if change.part == "question" and change.field == "after":
        return t.plain("edit.question_after")
    if change.field == "smallest":
        return t.say("edit.smallest", currency="").strip(" ,")
    return t.plain(_NAMED[change.field])


def _value(change: Change, value: Any, of: Playbook) -> str:
    t = texts()
    if value is None or value == () or value == {}:
        return t.plain("diff.none")
    if isinstance(value, bool):
        return t.plain("diff.yes" if value else "diff.no")
    if isinstance(value, Step):
        return t.say("read.within", time=span_words(value.within))
    if isinstance(value, GiftPolicy):
        return band_words(value.bands)
    if isinstance(value, Question):
        return in_language(value.text)
    say = _SAY.get(change.field)
    if change.part == "question" and change.field == "after":
        return span_words(value)
    return say(value, of) if say else str(value)


_SAY: dict[str, Callable[[Any, Playbook], str]] = {
    **dict.fromkeys(("title", "summary", "why", "text"), lambda value, _of: f"“{_changed_text(value)}”"),
    **dict.fromkeys(("within", "latest", "send_after"), lambda value, _of: span_words(value)),
    "hue": lambda value, _of: str(texts()["hue"][value]),
    "manner": lambda value, _of: str(texts()["manner"][value]),
    "stage": lambda value, _of: stage_text(value, language()),
    "by": lambda value, _of: wording.say(wording.AUTHOR, value),
    "deed": lambda value, _of: str(texts()["deed"][value]),
    "clock": lambda value, _of: str(texts()["clock"][value]),
    "after": lambda value, of: ", ".join(anchor_words(of, one) for one in value),
    "anchor": lambda value, of: anchor_words(of, value),
    "when": lambda value, _of: ", ".join(str(texts()["condition"][one]) for one in value),
    "within_by_channel": lambda value, _of: channels_words(value),
    "bands": lambda value, _of: band_words(value),
    "smallest": lambda value, _of: amounts_words(value),
    "price_percent": lambda value, _of: f"{value} %",
    "letter_severity": lambda value, _of: f"{value:g}",
}


def _changed_text(value: Mapping[str, str]) -> str:
    return in_language(value)


def language_names() -> list[tuple[str, str]]:
    """The languages of a text, the reader's own first."""
    t, mine = texts(), language()
    return [(code, t["language"][code]) for code in (mine, *(code for code in LANGUAGES if code != mine))]
