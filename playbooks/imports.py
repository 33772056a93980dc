"""Complaints from a file: JSON lines or CSV, with the fields of the API.

Good rows come in, bad ones are reported by line; nothing comes in twice. Columns that the desk does
not know are kept under `custom_fields` and reported once.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rest_framework.exceptions import ValidationError

from playbooks import definitions
from playbooks.api.complaints import ComplaintSerializer, complaint_of
from playbooks.intake import Complaint, least_busy_trainee, take_in
from tickets import clock as clocks
from tickets.errors import Conflict, HelpdeskError, Invalid
from tickets.models import Clock, Ticket
from tickets.strict import encodable

LONGEST_LINE = 1_000_000
_LISTS = ("tags",)
_PARTS = ("requester.name", "requester.email")


@dataclass(slots=True)
class Report:
    """What became of each line."""

    created: int = 0
    known: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)  # (line, what is wrong)
    kept_columns: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: a complaint, or what is wrong with it."""

    line: int
    complaint: Complaint | None = None
    error: str = ""


def read(path: Path, report: Report) -> Iterator[Row]:
    """The rows of a file, one after the other. An unreadable file is refused as a whole."""
    if not path.is_file():
        raise Invalid("no_file", f"There is no file '{path}'.", field="file")
    if not os.access(path, os.R_OK):
        raise Invalid("unreadable", f"The file '{path}' may not be read.", field="file")
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _json_rows(path)
    seen: Counter[str] = Counter()
    known = set(ComplaintSerializer().fields)
    for line, data in rows:
        if isinstance(data, str):
            yield Row(line, error=data)
            continue
        yield _row(line, _with_unknown_kept(data, known, report), seen)


def _with_unknown_kept(data: dict[str, Any], known: set[str], report: Report) -> dict[str, Any]:
    """What the desk does not know goes to `custom_fields`, nested values as JSON text."""
    unknown = {key: value for key, value in data.items() if key not in known}
    if not unknown:
        return data
    for key in unknown:
        if (shown := encodable(key)) not in report.kept_columns:
            report.kept_columns.append(shown)
    kept = {key: _plain(value) for key, value in unknown.items()}
    own = data.get("custom_fields") or {}
    merged = {**own, **kept} if isinstance(own, dict) else own  # something else is refused below, by name
    return {**{key: value for key, value in data.items() if key in known}, "custom_fields": merged}


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _row(line: int, data: dict[str, Any], seen: Counter[str]) -> Row:
    serializer = ComplaintSerializer(data=data)
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        return Row(line, error=_sentence(error.detail))
    complaint = complaint_of(serializer.validated_data)
    if complaint.external_id is None:
        complaint = _with_content_id(complaint, seen)
    return Row(line, complaint)


def _with_content_id(complaint: Complaint, seen: Counter[str]) -> Complaint:
    """A row without an id is known by what it says, and by how often the same was said before it."""
    content = json.dumps(complaint.to_dict(), sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()[:24]
    seen[digest] += 1
    return replace(complaint, external_id=f"row-{digest}-{seen[digest]}")


def _sentence(detail: Any, name: str = "") -> str:
    if isinstance(detail, Mapping):
        return "; ".join(_sentence(value, f"{name}.{encodable(key)}".strip(".")) for key, value in detail.items())
    if isinstance(detail, list):
        return "; ".join(_sentence(item, name) for item in detail)
    return f"{name}: {detail}" if name else str(detail)


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if not raw.strip():
                continue
            if len(raw) > LONGEST_LINE:
                yield line, f"the line has {len(raw)} bytes; at most {LONGEST_LINE} are taken"
                continue
            try:
                data = json.loads(raw.decode("utf-8-sig" if line == 1 else "utf-8"))
            except (ValueError, RecursionError) as error:
                yield line, f"not a JSON object in UTF-8 ({error.__class__.__name__})"
                continue
            yield line, data if isinstance(data, dict) else "not a JSON object"


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Bytes that are no UTF-8 become lone surrogates, so that the row that holds them is refused and no other."""
    with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
        reader = csv.reader(file)
        columns = _columns(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield line, f"not a CSV line ({error})"
                continue
            if cells is None:
                return
            if len(cells) > len(columns):
                yield line, "more cells than the first line has columns"
            elif cells:
                yield line, _filled(dict(zip(columns, cells, strict=False)))


def _columns(reader: Iterator[list[str]]) -> list[str]:
    try:
        names = next(reader, [])
    except csv.Error as error:
        raise Invalid("not_csv", f"The first line is not a CSV line ({error}).", field="file") from error
    if "description" not in names:
        message = "The first line of a CSV file names its columns; 'description' is missing."
        raise Invalid("no_description", message, field="file")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Invalid("column_twice", f"The column '{encodable(twice[0])}' is there twice.", field="file")
    return names


def _filled(row: dict[str, str]) -> dict[str, Any]:
    """The cells that hold something, in the shape of the API."""
    cells: dict[str, Any] = {key: value for key, value in row.items() if value != ""}
    for name in _LISTS:
        if name in cells:
            cells[name] = [item.strip() for item in cells[name].replace(";", ",").split(",") if item.strip()]
    requester = {name.partition(".")[2]: cells.pop(name) for name in _PARTS if name in cells}
    return {**cells, "requester": requester} if requester else cells


def import_tickets(path: Path, *, clock: Clock, report: Report | None = None) -> Report:
    """Bring a file's complaints onto the main desk; each row is one transaction."""
    report = report or Report()
    for row in read(path, report):
        if row.complaint is None:
            report.bad.append((row.line, row.error))
            continue
        if Ticket.objects.filter(clock=clock, external_id=row.complaint.external_id).exists():
            report.known += 1
            continue
        try:
            definitions.refuse_hidden(row.complaint.playbook)
        except Conflict as error:
            report.bad.append((row.line, f"{error.field}: {error.message}"))
            continue
        try:
            take_in(
                row.complaint,
                clock=clock,
                now=clocks.instant(clock, wall_now=clocks.wall()),
                assignee=least_busy_trainee(),
            )
            report.created += 1
        except Conflict:
            report.known += 1
        except HelpdeskError as error:
            report.bad.append((row.line, f"{error.field or 'row'}: {error.message}"))
    return report
