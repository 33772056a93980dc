"""A choice of tickets as CSV, XLSX or Parquet, each with a dictionary of its columns: name, unit, kind, meaning.

A text of a customer never becomes a formula of the reader's. The heavy libraries load when first asked for.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any

SUSPECT = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # how a spreadsheet's formula begins
BOM = "\ufeff"  # without it Excel takes UTF-8 for the machine's own encoding
XLSX_ROWS = 1_048_575  # a sheet holds one more, for the heads
AT_ONCE = 5_000  # rows of a group in Parquet
LANGUAGES = ("en", "ko", "ja")
DICTIONARY = ("name", "kind", "unit", *(f"meaning_{language}" for language in LANGUAGES))

Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, integer, number, flag or instant."""

    name: str
    kind: str
    unit: str
    en: str
    ko: str
    ja: str

    @property
    def line(self) -> tuple[str, ...]:
        return (self.name, self.kind, self.unit, self.en, self.ko, self.ja)


@cache
def columns() -> tuple[Column, ...]:
    """Every column of a row, in its order."""
    table = tomllib.loads(Path(__file__).with_name("exports.toml").read_text("utf-8"))
    return tuple(Column(name, **entry) for name, entry in table.items())


def names() -> list[str]:
    return [column.name for column in columns()]


def cell(value: Any) -> Any:
    """A value for a spreadsheet. A text of a customer must not become a formula of the reader's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(SUSPECT):
        return f"'{value}"
    return value


class _Line:
    """A file whose `write` hands the line on."""

    def write(self, text: str) -> str:
        return text


def csv_lines(heads: Sequence[str], rows: Rows) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BOM + writer.writerow(heads)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def dictionary_lines() -> Iterator[str]:
    return csv_lines(DICTIONARY, (column.line for column in columns()))


def write_xlsx(rows: Rows, file: IO[bytes]) -> None:
    """Two sheets: the rows, and what their columns mean. Texts are written as texts, whatever they look like."""
    import xlsxwriter  # type: ignore[import-untyped,unused-ignore]

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True})
        for title, heads, lines in (
            ("tickets", names(), islice(rows, XLSX_ROWS)),
            ("dictionary", DICTIONARY, (column.line for column in columns())),
        ):
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 1)
            for place, text in enumerate(heads):
                sheet.write_string(0, place, text, head)
            for number, line in enumerate(lines, start=1):
                _write_line(sheet, number, line)


def _write_line(sheet: Any, number: int, line: Sequence[Any]) -> None:
    for place, value in enumerate(line):
        if isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, str):
            sheet.write_string(number, place, cell(value))
        elif value is not None:
            sheet.write_number(number, place, value)


def write_parquet(rows: Rows, file: IO[bytes]) -> None:
    """Typed columns, group by group; unit and meaning stand in the metadata of each, all of them in the schema's."""
    import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]
    import pyarrow.parquet as pq  # type: ignore[import-untyped,unused-ignore]

    kinds = {
        "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_(),
        "instant": pa.timestamp("s", tz="UTC"),
    }  # fmt: skip
    fields = [
        pa.field(one.name, kinds[one.kind], metadata=dict(zip(DICTIONARY[2:], one.line[2:], strict=True)))
        for one in columns()
    ]
    dictionary = [dict(zip(DICTIONARY, one.line, strict=True)) for one in columns()]
    schema = pa.schema(fields, metadata={"dictionary": json.dumps(dictionary, ensure_ascii=False)})
    with pq.ParquetWriter(file, schema) as writer:
        waiting = iter(rows)
        while group := list(islice(waiting, AT_ONCE)):
            arrays = [
                pa.array([_typed(value, one.kind) for value in values], field.type)
                for one, field, values in zip(columns(), fields, zip(*group, strict=True), strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "instant":
        return datetime.fromisoformat(value)
    return str(value) if kind == "text" else value
