"""Complaints from a file: JSON lines or CSV, with the fields of the API.

Good rows come in, bad ones are reported by line; nothing comes in twice. Columns that the desk does
not know are kept under `custom_fields` and reported once.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rest_framework.exceptions import ValidationError

from playbooks.api.complaints import ComplaintSerializer, complaint_of
from playbooks.intake import Complaint, least_busy_trainee, take_in
from tickets import clock as clocks
from tickets.errors import Conflict, HelpdeskError, Invalid
from tickets.models import Clock, Ticket

LONGEST_LINE = 1_000_000
_LISTS = ("tags",)


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
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _json_rows(path)
    seen: Counter[str] = Counter()
    known = set(ComplaintSerializer().fields)
    for line, data in rows:
        if isinstance(data, str):
            yield Row(line, error=data)
            continue
        unknown = {key: value for key, value in data.items() if key not in known}
        for key in unknown:
            if key not in report.kept_columns:
                report.kept_columns.append(key)
        data = {key: value for key, value in data.items() if key in known}
        if unknown:
            data["custom_fields"] = {**(data.get("custom_fields") or {}), **unknown}
        yield _row(line, data, seen)


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
        return "; ".join(_sentence(value, f"{name}.{key}".strip(".")) for key, value in detail.items())
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
            except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
                yield line, f"not a JSON object in UTF-8 ({error.__class__.__name__})"
                continue
            yield line, data if isinstance(data, dict) else "not a JSON object"


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    with path.open(encoding="utf-8-sig", newline="", errors="strict") as file:
        reader = csv.DictReader(file)
        if not reader.fieldnames or "description" not in reader.fieldnames:
            raise Invalid("no_description", "The first line of a CSV file names its columns; 'description' is missing.", field="file")
        try:
            for data in reader:
                yield reader.line_num, _cells(data)
        except UnicodeDecodeError as error:
            raise Invalid("not_utf8", f"The file is not in UTF-8 (line {reader.line_num + 1}).", field="file") from error
        except csv.Error as error:
            yield reader.line_num, f"not a CSV line ({error})"


def _cells(data: dict[Any, Any]) -> dict[str, Any] | str:
    if None in data:
        return "more cells than the first line has columns"
    cells: dict[str, Any] = {key: value for key, value in data.items() if value not in (None, "")}
    for name in _LISTS:
        if name in cells:
            cells[name] = [item.strip() for item in cells[name].replace(";", ",").split(",") if item.strip()]
    requester = {part: cells.pop(f"requester.{part}") for part in ("name", "email") if f"requester.{part}" in cells}
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
            take_in(
                row.complaint, clock=clock, now=clocks.instant(clock, wall_now=clocks.wall()), assignee=least_busy_trainee()
            )
            report.created += 1
        except Conflict:
            report.known += 1
        except HelpdeskError as error:
            report.bad.append((row.line, f"{error.field or 'row'}: {error.message}"))
    return report
