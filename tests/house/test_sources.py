"""Rules of the house that lint cannot see, read off the source. Each has a sample that breaks it and is refused."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tickets.log import EVENT_NAMES

ROOT = Path(__file__).resolve().parents[2]
APPS = ("helpdesk", "tickets", "playbooks")


def python_files() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def templates() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("templates/**/*")) if path.is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


# --- one writer: only tickets/actions.py changes a ticket's status ---

WRITING = {"update", "create", "get_or_create", "update_or_create", "acreate", "aupdate", "Ticket"}


def writes_of_status(source: str) -> list[int]:
    """Lines that write the status of a row. Other rows call theirs `state`, so that the word means one thing."""
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _writes_status(node)})


def _writes_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(_is_status(part) for target in targets for part in ast.walk(target))
    if isinstance(node, ast.Call):
        return _call_writes_status(node)
    return False


def _is_status(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store)


def _call_writes_status(call: ast.Call) -> bool:
    name = called(call)
    if name == "setattr":
        return len(call.args) > 1 and _is_word(call.args[1])
    if name == "bulk_update":
        return any(_is_word(part) for argument in (*call.args, *call.keywords) for part in ast.walk(argument))
    if name in WRITING:
        return any(keyword.arg == "status" or _names_status(keyword) for keyword in call.keywords)
    return False


def _names_status(keyword: ast.keyword) -> bool:
    """`**{"status": …}` and `defaults={"status": …}`."""
    named = keyword.arg in {None, "defaults", "create_defaults"}
    return named and isinstance(keyword.value, ast.Dict) and any(_is_word(key) for key in keyword.value.keys)


def _is_word(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == "status"


def test_only_the_actions_of_tickets_change_a_status():
    # No row reaches the core (import contract), so a status in memory there is a value of its own.
    files = [p for p in python_files() if name_of(p) != "tickets/actions.py" and "playbooks/core" not in name_of(p)]
    assert {name_of(path): lines for path in files if (lines := writes_of_status(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "ticket.status = 'solved'",
        "ticket.status, ticket.priority = 'solved', 'low'",
        "ticket.status += 'x'",
        "ticket.status: str = 'open'",
        "Ticket.objects.filter(pk=1).update(status='solved')",
        "Ticket.objects.create(status='solved')",
        "Ticket.objects.get_or_create(external_id='1', defaults={'status': 'open'})",
        "Ticket.objects.update_or_create(external_id='1', status='open')",
        "Ticket(status='open')",
        "Ticket.objects.filter(pk=1).update(**{'status': 'open'})",
        "setattr(ticket, 'status', 'open')",
        "Ticket.objects.bulk_update(tickets, ['status'])",
    ],
)
def test_a_second_writer_of_a_status_is_seen(line: str):
    assert writes_of_status(line) == [1]


@pytest.mark.parametrize(
    "line",
    ["Ticket.objects.filter(status='open')", "Response({}, status=400)", "status = ticket.status", "run.state = 'x'"],
)
def test_reading_a_status_is_no_writing(line: str):
    assert writes_of_status(line) == []


# --- future work is a due row, never a message that waits in the broker ---

DISPATCHING = {"apply_async", "retry", "signature", "subtask", "set", "send_task", "s", "si", "Signature"}


def waits_in_the_broker(source: str) -> list[int]:
    return [
        call.lineno
        for call in calls(source)
        if called(call) in DISPATCHING and {"eta", "countdown"} & {keyword.arg for keyword in call.keywords}
    ]


def test_no_task_waits_in_the_broker():
    assert {name_of(p): lines for p in python_files() if (lines := waits_in_the_broker(p.read_text("utf-8")))} == {}


@pytest.mark.parametrize("line", ["task.apply_async(args=[1], countdown=604_800)", "self.retry(eta=later)"])
def test_a_task_that_waits_in_the_broker_is_seen(line: str):
    assert waits_in_the_broker(line) == [1]


# --- pages are told what time it is ---

CLOCK_READERS = re.compile(r"{%\s*now\b|\|\s*(?:timesince|timeuntil)\b(?!\s*:)|\|\s*natural(?:time|day)\b")


def clock_readers(template: str) -> list[str]:
    return CLOCK_READERS.findall(template)


def test_no_page_reads_the_clock_behind_our_back():
    found = {name_of(path): hits for path in templates() if (hits := clock_readers(path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize(
    "template", ["{% now 'Y' %}", "{{ at|timesince }}", "{{ at | timeuntil }}", "{{ at|naturaltime }}"]
)
def test_a_page_that_reads_the_clock_is_seen(template: str):
    assert clock_readers(template)
    assert not clock_readers("{{ at|timesince:now }} {{ known }}")


# --- events have the names of the word list ---


def event_names(source: str) -> set[str]:
    """Names written out in `Event(at, name, …)` and `Note(name, …)`."""
    found = set()
    for call in calls(source):
        place = {"Event": 1, "Note": 0}.get(called(call))
        if place is None:
            continue
        given = [keyword.value for keyword in call.keywords if keyword.arg == "name"] or call.args[place : place + 1]
        found |= {node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def test_every_event_has_a_name_of_the_word_list():
    used = {name for path in python_files() for name in event_names(path.read_text("utf-8"))}
    assert used - set(EVENT_NAMES) == set()


def test_an_event_with_a_name_of_its_own_is_seen():
    assert event_names("Note('gift.lost', AGENT)\nEvent(3, name='ticket.vanished', actor=BOT)") == {
        "gift.lost",
        "ticket.vanished",
    }


# --- a file says what it is ---


def says_what_it_is(source: str) -> bool:
    return not source.strip() or ast.get_docstring(ast.parse(source)) is not None


def test_every_file_says_first_what_it_is():
    assert [name_of(path) for path in python_files() if not says_what_it_is(path.read_text("utf-8"))] == []


def test_a_file_that_starts_without_a_word_is_seen():
    assert not says_what_it_is("import ast\n")


# --- what people read in data files exists in three languages ---

THREE = {"en", "ko", "ja"}


def half_translated(value: Any, place: str = "") -> list[str]:
    """Places in a data file where a text is missing in one of the languages."""
    if isinstance(value, list):
        return [hit for at, item in enumerate(value) for hit in half_translated(item, f"{place}[{at}]")]
    if not isinstance(value, dict):
        return []
    spoken = THREE & set(value)
    if spoken and spoken != THREE:
        return [place or "(top)"]
    empty = [f"{place}.{key}" for key in spoken if value[key] in ("", [], {})]
    return empty + [hit for key, item in value.items() for hit in half_translated(item, f"{place}.{key}".strip("."))]


def test_every_text_in_data_exists_in_three_languages():
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.toml"))]
    assert files
    found = {name_of(p): hits for p in files if (hits := half_translated(tomllib.loads(p.read_text("utf-8"))))}
    assert found == {}


def test_a_text_in_two_languages_is_seen():
    assert half_translated(tomllib.loads('[[step]]\ntitle = {en = "Answer", ko = "답변"}')) == ["step[0].title"]
    assert half_translated(tomllib.loads('title = {en = "Answer", ko = "답변", ja = ""}')) == ["title.ja"]
