"""One scenario played before its author: the case, what is hidden, and how it goes on under an automatic agent."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import east_asian_width

from playbooks.core.case import Case
from playbooks.core.phrasing import moment, money, words_of
from playbooks.core.playbook import Playbook
from playbooks.core.profiles import profile_for
from playbooks.core.replay import Replay, play
from playbooks.core.scenarios.background import before_of, hidden_of, right_remedies
from playbooks.core.scenarios.book import Scenario
from playbooks.core.scenarios.draw import case_of_scenario, opening
from playbooks.core.scenarios.telling import manner
from tickets.calendars import BusinessCalendar
from tickets.log import Event

OPENED_AT = 1_788_220_800  # Tuesday, 1 September 2026, 09:00 in Seoul and Tokyo
DAYS = 40
INDENT = "  "
HANGING = "。、，）」』！？"  # may not begin a line, so they stand beyond its end


def preview(
    scenario: Scenario, language: str, playbook: Playbook, *, seed: int, calendar: BusinessCalendar, width: int = 100
) -> Iterator[str]:
    """The lines to print, wrapped to `width` columns."""
    case = case_of_scenario(scenario, language, key="preview", seed=seed)
    subject, text = opening(scenario, case)
    voice = scenario.voices[language]
    yield from _section("case", _case_lines(scenario, case), language, width, title=voice.title)
    before = [_turn(turn.by, turn.kind, turn.text, language) for turn in before_of(case)]
    yield from _section("before", before, language, width)
    yield from _section("opening", [subject, text], language, width)
    yield from _section("hidden", list(hidden_of(case)), language, width)
    yield from _section("right", _right_lines(scenario, case), language, width)
    if scenario.head_office:
        yield from _section("head_office", [scenario.head_office.memo], language, width)
    yield from _section("traps", [f"{trap.kind}: {trap.text}" for trap in voice.traps], language, width)
    yield from _section("signs", list(voice.signs), language, width)
    yield from _section("response", list(voice.response), language, width)
    replay = play(
        case,
        playbook,
        opened_at=calendar.next_opening(OPENED_AT),
        text=text,
        calendar=calendar,
        days=DAYS,
        agent=profile_for(playbook),
        remarks=True,
    )
    yield from _section("course", list(_course(replay, case)), language, width, title=playbook.title[language])


def said(group: str, name: str, language: str) -> str:
    """A word of the preview, or the name itself where there is none."""
    entry = words_of("preview")[group].get(name)
    return str(entry[language]) if entry else name


def _section(heading: str, lines: list[str], language: str, width: int, *, title: str = "") -> Iterator[str]:
    if lines:
        yield " · ".join(filter(None, (said("heading", heading, language), title)))
        for line in lines:
            yield from wrapped(line, width)
        yield ""


def _case_lines(scenario: Scenario, case: Case) -> list[str]:
    language, names = case.language, case.names or {}
    again = "yes" if case.failure_number > 1 else "no"
    values = {
        "sector": said("sector", scenario.sector, language),
        "category": words_of("nouns")["desk_matter"][language][case.category],
        "firm": f"{names['firm']} {names['desk']}",
        "customer": names["customer"],
        "tier": names.get("tier", ""),
        "manner": said("manner", manner(case), language),
        "channel": case.channel,
        "item": names["item"],
        "order": names["order"],
        "price": money(case.price, case.currency, language),
        "severity": f"{case.severity:.2f}",
        "purchases": str(case.prior_purchases),
        "again": said("label", again, language),
        "wants": scenario.voices[language].wants,
    }
    return [f"{said('label', name, language)}: {value}" for name, value in values.items() if value]


def _right_lines(scenario: Scenario, case: Case) -> list[str]:
    language, voice = case.language, scenario.voices[case.language]
    names = words_of("nouns")["remedy"][language]
    values = {
        "own_fault": said("label", "yes" if case.own_fault else "no", language),
        "remedies": ", ".join(names[kind] for kind in right_remedies(case)),
        "law": voice.law,
        "policy": voice.policy,
        "measure": voice.measure,
        "escalation": voice.escalation,
    }
    return [f"{said('label', name, language)}: {value}" for name, value in values.items() if value]


def _turn(by: str, kind: str, text: str, language: str) -> str:
    speaker = said("speaker", by, language)
    noted = f" [{said('turn', kind, language)}]" if kind != "saying" else ""
    return f"{speaker}{noted}: {text}"


def _course(replay: Replay, case: Case) -> Iterator[str]:
    """What was said and what happened, each with its moment; the opening is not told twice."""
    texts = iter(replay.said)
    next(texts)
    for event in replay.log[2:]:
        at = moment(event.at, case.language)
        if event.name == "comment.created":
            author = said("speaker", event.data["author"], case.language)
            inside = "" if event.data["public"] else f" [{said('note', 'internal', case.language)}]"
            yield f"{at}  {author}{inside}: {next(texts)}"
        elif event.name in words_of("preview")["event"]:
            yield f"{at}  ({_happened(event, case)})"


def _happened(event: Event, case: Case) -> str:
    language, data = case.language, event.data
    match event.name:
        case "remedy.given":
            name = words_of("nouns")["remedy"][language].get(data["kind"], data["kind"])
            more = f"{name}, {money(data['amount'], data['currency'], language)}"
        case "gift.given":
            more = money(data["amount"], data["currency"], language)
        case "survey.answered":
            beside = f" “{data['comment']}”" if data.get("comment") else ""
            more = f"{data['metric'].upper()} {data['score']}{beside}"
        case "customer.reviewed":
            more = "★" * data["stars"]
        case "customer.repurchased":
            more = said("note", "bought" if data["bought"] else "not_bought", language)
        case "step.missed":
            more = str(data["step"])
        case _:
            more = ""
    return ": ".join(filter(None, (said("event", event.name, language), more)))


# Columns


def wrapped(text: str, width: int) -> Iterator[str]:
    """A text in lines of at most `width` columns; wide letters take two. Breaks at spaces where there are any."""
    room = max(width - len(INDENT), 20)
    for paragraph in text.split("\n"):
        rest = paragraph
        while columns(rest) > room:
            end = _end_of_line(rest, room)
            yield INDENT + rest[:end].rstrip()
            rest = rest[end:].lstrip(" ")
        yield INDENT + rest


def columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _end_of_line(text: str, room: int) -> int:
    used, space = 0, 0
    for n, letter in enumerate(text):
        used += columns(letter)
        if letter == " ":
            space = n
        if used > room:
            end = space if space > n // 2 else n
            return end + (text[end] in HANGING)
    return len(text)
