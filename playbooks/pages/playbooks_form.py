"""The form in which a playbook is written: from what a browser sends to the playbook's data, and back to fields.

A field is named by the place of its value in the file (`step[3].within`), so a refusal of `playbook.load` finds its
field by itself. Nothing typed is lost: what fits nowhere is written into the data as it is and refused there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from playbooks.core.case import CURRENCIES, LANGUAGES
from playbooks.core.conditions import BASE_ANCHORS, CONDITIONS, REQUIRED, stage_text
from playbooks.core.facts import DEEDS
from playbooks.core.playbook import CLOCKS, DOERS, HUES, MANNERS, MOST_BANDS, MOST_QUESTIONS, MOST_STEPS, STAGES
from playbooks.core.tables import seconds_of
from playbooks.pages import wording
from playbooks.pages.playbooks_words import language_names, texts
from playbooks.pages.reading import language
from playbooks.pages.texts import texts_of
from tickets.errors import HelpdeskError
from tickets.log import AGENT
from tickets.templatetags.desk_format import span_words

Data = dict[str, Any]
DURATIONS = ("within", "latest", "send_after")
CHOSEN = ("stage", "by", "clock", "deed", "key")
STAGE_OF = {
    "acknowledge": "acknowledgement", "answer": "response", "apologise": "initial_assessment",
    "confirm_facts": "investigation", "interim_report": "tracking", "remedy": "response",
    "letter": "communicating_decision", "gift": "response", "prevention": "communicating_decision",
    "check_in": "satisfaction", "solve": "closing",
}  # fmt: skip
AFTER_OF = {"letter": ["facts_confirmed"], "gift": ["apology_accepted"], "check_in": ["solved"]}
WITHIN_OF = {"acknowledge": "1m", "check_in": "3d"}
GIFT: Data = {
    "price_percent": 20,
    "smallest": {"JPY": 500, "KRW": 5000, "USD": 400},
    "bands": [{"severity": 0.5, "JPY": 3000, "KRW": 30000, "USD": 2000}],
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A playbook being written. `gift` keeps what was typed even while no gift may be given."""

    data: Data
    gift: Data
    gift_on: bool

    def whole(self) -> Data:
        """As the file will say it."""
        return {**self.data, "gift": self.gift} if self.gift_on else self.data


def draft_of(data: Data) -> Draft:
    """A draft from the data of a file."""
    return Draft(
        {name: value for name, value in data.items() if name != "gift"}, data.get("gift", GIFT), "gift" in data
    )


# ---------------------------------------------------------------- from the browser


def read(post: QueryDict) -> Draft:
    """What the form says, as the data of a file; checked by nobody yet."""
    data: Data = {"key": _line(post, "key"), "version": _number(post.get("version", "1"))}
    for name in ("hue", "manner", "agents"):
        if post.get(name):
            data[name] = _line(post, name)
    if _line(post, "letter_severity"):
        data["letter_severity"] = _number(_line(post, "letter_severity"))
    for name in ("title", "summary"):
        data[name] = _in_languages(post, name)
    data["step"] = [_step(post, f"step[{n}]") for n in _places(post, "step", "key")[: MOST_STEPS + 1]]
    questions = [_question(post, f"question[{n}]") for n in _places(post, "question", "key")[: MOST_QUESTIONS + 1]]
    if questions:
        data["question"] = questions
    return Draft(data, _gift(post), bool(post.get("gift_on")))


def _places(post: QueryDict, table: str, name: str) -> list[int]:
    pattern = re.compile(rf"{re.escape(table)}\[([0-9]{{1,3}})\]\.{name}")
    return sorted({int(found[1]) for key in post if (found := pattern.fullmatch(key))})


def _line(post: QueryDict, name: str) -> str:
    """As typed without switching the Japanese keyboard: ３０ｍ is 30m."""
    return unicodedata.normalize("NFKC", post.get(name, "")).strip()


def _number(text: str) -> int | float | str:
    """A number where it is one, else the text as it is, to be refused at its field."""
    text = text.replace(",", "")
    try:
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else float(text)
    except ValueError:
        return text


def _in_languages(post: QueryDict, name: str) -> dict[str, str]:
    return {code: post.get(f"{name}.{code}", "").strip().replace("\r\n", "\n") for code in LANGUAGES}


def _step(post: QueryDict, at: str) -> Data:
    step: Data = {name: _line(post, f"{at}.{name}") for name in CHOSEN}
    step["after"] = post.getlist(f"{at}.after")
    for name in DURATIONS:
        if text := _line(post, f"{at}.{name}").replace(" ", ""):
            step[name] = text
    if by_channel := _by_channel(_line(post, f"{at}.within_by_channel")):
        step["within_by_channel"] = by_channel
    if when := post.getlist(f"{at}.when"):
        step["when"] = when
    if post.get(f"{at}.remind"):
        step["remind"] = True
    return {**step, "title": _in_languages(post, f"{at}.title"), "why": _in_languages(post, f"{at}.why")}


def _by_channel(text: str) -> dict[str, str]:
    """`chat 5m, phone 2m` as a table; a part that is no such pair stands there for itself."""
    found = {}
    for part in re.split(r"[,、;\n]", text):
        name, _space, duration = part.strip().replace("=", " ").partition(" ")
        if name:
            found[name] = duration.strip()
    return found


def _gift(post: QueryDict) -> Data:
    at = "gift.bands"
    return {
        "price_percent": _number(_line(post, "gift.price_percent")),
        "smallest": {currency: _number(_line(post, f"gift.smallest.{currency}")) for currency in CURRENCIES},
        "bands": [
            {name: _number(_line(post, f"{at}[{n}].{name}")) for name in ("severity", *CURRENCIES)}
            for n in _places(post, at, "severity")[: MOST_BANDS + 1]
        ],
    }


def _question(post: QueryDict, at: str) -> Data:
    lines = {name: _line(post, f"{at}.{name}") for name in ("key", "anchor", "after")}
    return {**lines, "text": _in_languages(post, f"{at}.text")}


# ---------------------------------------------------------------- add, take out, reorder


def done(draft: Draft, what: str, post: QueryDict) -> Draft:
    """The draft after one of the buttons: `add`, `remove:3`, `up:3`, `down:3`, `add_band`, `remove_question:0` …"""
    deed, _colon, place = what.partition(":")
    n = int(place) if place.isdigit() and len(place) < 4 else -1
    steps, bands = list(draft.data["step"]), list(draft.gift["bands"])
    questions = list(draft.data.get("question", []))
    match deed:
        case "add" if len(steps) < MOST_STEPS:
            steps.append(_new_step(post.get("new_deed", ""), steps))
        case "remove" if 0 <= n < len(steps):
            gone = steps.pop(n)["key"]
            steps = [_without(step, gone, [one["key"] for one in steps]) for step in steps]
        case "up" if 0 < n < len(steps):
            steps[n - 1], steps[n] = steps[n], steps[n - 1]
        case "down" if 0 <= n < len(steps) - 1:
            steps[n + 1], steps[n] = steps[n], steps[n + 1]
        case "add_band" if len(bands) < MOST_BANDS:
            bands.append(dict(bands[-1]) if bands else dict(GIFT["bands"][0]))
        case "remove_band" if 0 <= n < len(bands):
            bands.pop(n)
        case "add_question" if len(questions) < MOST_QUESTIONS:
            questions.append(_new_question(questions))
        case "remove_question" if 0 <= n < len(questions):
            questions.pop(n)
    data = {**draft.data, "step": steps, "question": questions}
    if not questions:
        data.pop("question")
    return Draft(data, {**draft.gift, "bands": bands}, draft.gift_on)


def _without(step: Data, gone: str, left: Sequence[str]) -> Data:
    """A step that no longer waits for one that was taken out; whoever waited for it alone waits for the complaint."""
    stays = gone in BASE_ANCHORS and gone not in left  # `remedy` is an anchor of its own as well
    after = step["after"] if stays else [one for one in step["after"] if one != gone]
    return {**step, "after": after or ["opened"]}


def _new_step(deed: str, steps: Sequence[Data]) -> Data:
    """A step for a known deed, with sensible values and a text in every language."""
    deed = deed if deed in DEEDS else "answer"
    keys = {step["key"] for step in steps}
    key = next(name for n in range(1, len(keys) + 2) if (name := deed if n == 1 else f"{deed}_{n}") not in keys)
    step: Data = {
        "key": key,
        "stage": STAGE_OF[deed],
        "by": DOERS.get(deed, (AGENT,))[-1],
        "deed": deed,
        "after": AFTER_OF.get(deed, ["opened"]),
        "within": WITHIN_OF.get(deed, "24h"),
        "clock": "calendar",
    }
    if REQUIRED.get(deed):
        step["when"] = list(REQUIRED[deed])
    return {**step, "title": _of_all("deed", deed), "why": _of_all("deed_why", deed)}


def _of_all(table: str, name: str) -> dict[str, str]:
    return {code: texts_of("playbooks", code)[table][name] for code in LANGUAGES}


def _new_question(questions: Sequence[Data]) -> Data:
    keys = {question["key"] for question in questions}
    key = next(name for n in range(1, len(keys) + 2) if (name := f"own_{n}") not in keys)
    return {"key": key, "anchor": "solved", "after": "1d", "text": dict.fromkeys(LANGUAGES, "")}


# ---------------------------------------------------------------- back to fields


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. `kind`: text, area, select, checks, flag, radios."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: tuple[Option, ...] = ()
    hint: str = ""
    lang: str = ""
    refused: str = ""

    @property
    def id(self) -> str:
        return id_of(self.name)


@dataclass(frozen=True, slots=True)
class StepForm:
    """One step: what it is in a line, and its fields."""

    n: int
    key: str
    deed: str
    heading: str
    line: str
    by: str
    texts: tuple[Field, ...]
    times: tuple[Field, ...]
    choices: tuple[Field, ...]
    hidden: tuple[tuple[str, str], ...]
    open: bool
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The whole form as the page draws it."""

    about: tuple[Field, ...]
    steps: tuple[StepForm, ...]
    letter: Field
    gift_on: bool
    gift: tuple[Field, ...]
    bands: tuple[tuple[Field, ...], ...]
    questions: tuple[tuple[Field, ...], ...]
    deeds: tuple[Option, ...]
    refused_at: str = ""
    refused: str = ""
    unplaced: bool = False
    names: frozenset[str] = field(default_factory=frozenset)


def id_of(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")


class _Maker:
    """Makes fields, each with the refusal that belongs to it."""

    def __init__(self, where: str, message: str) -> None:
        self.where, self.message = where, message
        self.names: set[str] = set()

    def __call__(self, name: str, label: str, kind: str = "text", **rest: Any) -> Field:
        self.names.add(name)
        return Field(name, label, kind, refused=self.message if self.where == name else "", **rest)


def place_of(where: str, names: Iterable[str]) -> str:
    """The field a refusal belongs to: of this very name, or the nearest one around it; "" for none."""
    known = set(names)
    while where and where not in known:
        if f"{where}.key" in known and where.endswith("]"):
            return f"{where}.key"
        where = re.sub(r"(\.[^.\[\]]*|\[[0-9]+\])$", "", where) if re.search(r"[.\[]", where) else ""
    return where


def form_of(draft: Draft, *, error: HelpdeskError | None, message: str, new: bool, profiles: Mapping[str, str]) -> Form:
    """The fields of a draft, with the one refusal at its place."""
    first = _form(draft, _Maker("", ""), new, profiles, "")
    if error is None:
        return first
    place = place_of(error.field or "", first.names)
    made = _form(draft, _Maker(place, message), new, profiles, place)
    return replace(made, refused_at=place, refused=message, unplaced=not place)


def _form(draft: Draft, make: _Maker, new: bool, profiles: Mapping[str, str], place: str) -> Form:
    t, data, gift = texts(), draft.data, draft.gift
    about = [_text(make, data, "title", t["edit"]["title"], code, words) for code, words in language_names()]
    about += [
        _text(make, data, "summary", t["edit"]["summary"], code, words, "area") for code, words in language_names()
    ]
    if new:
        about.append(make("key", t["edit"]["key"], value=str(data.get("key", "")), hint=t["edit"]["key_hint"]))
    hues = _options(HUES, t["hue"], data.get("hue", ""))
    about.append(make("hue", t["edit"]["hue"], "radios", options=hues))
    about.append(
        make("manner", t["edit"]["manner"], "select", options=_options(MANNERS, t["manner"], data.get("manner", "")))
    )
    known = {**profiles, "default": t["edit"]["agents_default"]}
    chosen = data.get("agents", data.get("key", ""))
    about.append(
        make(
            "agents", t["edit"]["agents"], "select",
            options=_options(known, known, chosen if chosen in known else "default"),
        )
    )  # fmt: skip
    steps = tuple(_step_form(make, draft, n, place) for n in range(len(data["step"])))
    bands = tuple(_band(make, n, band) for n, band in enumerate(gift["bands"]))
    questions = tuple(_question_fields(make, n, one) for n, one in enumerate(data.get("question", [])))
    made = Form(
        about=tuple(about),
        steps=steps,
        letter=make(
            "letter_severity", t["edit"]["letter_severity"],
            value=str(data.get("letter_severity", "")), hint=t["edit"]["letter_severity_hint"],
        ),
        gift_on=draft.gift_on,
        gift=(
            make("gift.price_percent", t["edit"]["price_percent"], value=str(gift.get("price_percent", ""))),
            *(
                make(
                    f"gift.smallest.{currency}", t.say("edit.smallest", currency=_minor(currency)),
                    value=str(gift.get("smallest", {}).get(currency, "")),
                )
                for currency in CURRENCIES
            ),
        ),
        bands=bands,
        questions=questions,
        deeds=_options(DEEDS, t["deed"], ""),
    )  # fmt: skip
    return replace(made, names=frozenset({*make.names, "gift", "step"}))


def _minor(currency: str) -> str:
    t = texts()
    return t.say("edit.minor_cents" if CURRENCIES[currency] else "edit.minor", currency=currency)


def _text(make: _Maker, data: Data, name: str, label: str, code: str, words: str, kind: str = "text") -> Field:
    at, _dot, last = name.rpartition(".")
    value = data.get(last or at, {})
    said = value.get(code, "") if isinstance(value, Mapping) else ""
    return make(f"{name}.{code}", f"{label} ({words})", kind, value=str(said), lang=code)


def _options(known: Iterable[str], words: Mapping[str, str], chosen: Any) -> tuple[Option, ...]:
    held = chosen if isinstance(chosen, list | tuple) else [chosen]
    return tuple(Option(code, str(words.get(code, code)), code in held) for code in known)


def _step_form(make: _Maker, draft: Draft, n: int, place: str) -> StepForm:
    t, steps = texts(), draft.data["step"]
    step, at = steps[n], f"step[{n}]"
    deed, by = step.get("deed", ""), step.get("by", "")
    titles = {one["key"]: one.get("title", {}).get(language()) or one["key"] for one in steps}
    anchors = {**{a: t["anchor"][a] for a in BASE_ANCHORS if a not in titles}, **titles}
    anchors.pop(step["key"], None)
    gone = {one: one for one in step.get("after", []) if one not in anchors and one != step["key"]}
    doers = DOERS.get(deed, (AGENT,))
    times = [
        make(f"{at}.within", t["edit"]["within"], value=str(step.get("within", ""))),
        make(f"{at}.latest", t["edit"]["latest"], value=str(step.get("latest", "")), hint=t["edit"]["latest_hint"]),
        make(
            f"{at}.within_by_channel", t["edit"]["by_channel"], value=_channels_text(step.get("within_by_channel")),
            hint=t["edit"]["by_channel_hint"],
        ),
        make(f"{at}.clock", t["edit"]["clock"], "select",
             options=_options(CLOCKS, t["clock"], step.get("clock", "calendar"))),
    ]  # fmt: skip
    if doers != (AGENT,):
        times.insert(2, make(f"{at}.send_after", t["edit"]["send_after"], value=str(step.get("send_after", "")),
                             hint=t["edit"]["send_after_hint"]))  # fmt: skip
    choices = [
        make(f"{at}.by", t["edit"]["by"], "select", options=_options(doers, wording.AUTHOR, by))  # type: ignore[arg-type]
        if len(doers) > 1
        else None,
        make(f"{at}.after", t["edit"]["after"], "checks",
             options=_options({**anchors, **gone}, {**anchors, **gone}, step.get("after", ["opened"]))),
        make(f"{at}.when", t["edit"]["when"], "checks",
             options=_options(CONDITIONS, t["condition"], step.get("when", []))),
        make(f"{at}.remind", t["edit"]["remind"], "flag", value="on" if step.get("remind") else ""),
        make(f"{at}.stage", t["edit"]["stage"], "select",
             options=_options(STAGES, {s: stage_text(s, language()) for s in STAGES}, step.get("stage", ""))),
    ]  # fmt: skip
    words = [_text(make, step, f"{at}.title", t["edit"]["title"], code, name) for code, name in language_names()]
    words += [_text(make, step, f"{at}.why", t["edit"]["why"], code, name, "area") for code, name in language_names()]
    hidden = [(f"{at}.key", str(step.get("key", ""))), (f"{at}.deed", deed)]
    hidden += [] if len(doers) > 1 else [(f"{at}.by", by)]
    make.names.update(name for name, _value in hidden)
    return StepForm(
        n=n,
        key=str(step.get("key", "")),
        deed=str(t["deed"].get(deed, deed)),
        heading=titles.get(step["key"]) or str(t["deed"].get(deed, deed)),
        line=_line_of(step),
        by=wording.say(wording.AUTHOR, by),
        texts=tuple(words),
        times=tuple(times),
        choices=tuple(one for one in choices if one is not None),
        hidden=tuple(hidden),
        open=place.startswith(f"{at}."),
        first=n == 0,
        last=n == len(steps) - 1,
    )


def _line_of(step: Data) -> str:
    seconds = seconds_of(str(step.get("within", "")))
    return texts().say("read.within", time=span_words(seconds)) if seconds else str(step.get("within", ""))


def _channels_text(table: Any) -> str:
    return ", ".join(f"{name} {text}".strip() for name, text in table.items()) if isinstance(table, Mapping) else ""


def _band(make: _Maker, n: int, band: Data) -> tuple[Field, ...]:
    t, at = texts(), f"gift.bands[{n}]"
    return (
        make(f"{at}.severity", t["edit"]["severity"], value=str(band.get("severity", ""))),
        *(make(f"{at}.{currency}", _minor(currency), value=str(band.get(currency, ""))) for currency in CURRENCIES),
    )


def _question_fields(make: _Maker, n: int, one: Data) -> tuple[Field, ...]:
    t, at = texts(), f"question[{n}]"
    anchors = {name: t["anchor"][name] for name in ("opened", "solved")}
    return (
        make(f"{at}.key", t["edit"]["question_key"], value=str(one.get("key", ""))),
        make(f"{at}.anchor", t["edit"]["question_anchor"], "select",
             options=_options(anchors, anchors, one.get("anchor", ""))),
        make(f"{at}.after", t["edit"]["question_after"], value=str(one.get("after", ""))),
        *(_text(make, one, f"{at}.text", t["edit"]["question_text"], code, words) for code, words in language_names()),
    )  # fmt: skip
