"""The tickets of a choice as a file: CSV as it is read, XLSX and Parquet from a temporary file; and the dictionary."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from playbooks import exports
from playbooks.exports import Rows
from playbooks.pages import choice as choices
from playbooks.pages.choice import Choice
from playbooks.pages.numbers import number
from playbooks.pages.outcomes_words import word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"


def _choice(request: HttpRequest) -> Choice:
    return choices.choice_of(request.GET, choices.rehearsals(), choices.trainees(), choices.known_playbooks())


def _refusal(choice: Choice) -> HttpResponse:
    lines = "".join(f"{name}: {words}\n" for name, words in choice.refused.items())
    return _words(lines, 400)


def _words(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Every ticket of the choice, one line each, as it is read from the database."""
    choice = _choice(request)
    if choice.refused:
        return _refusal(choice)
    lines = exports.csv_lines(exports.names(), choices.exported(choice))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=_named("tickets.csv"))


def as_xlsx(request: HttpRequest) -> HttpResponseBase:
    choice = _choice(request)
    if choice.refused:
        return _refusal(choice)
    n = choices.chosen(choice).count()
    if n > exports.XLSX_ROWS:
        return _words(word("files", "too_many", most=number(exports.XLSX_ROWS), n=number(n)), 400)
    return _file(exports.write_xlsx, choice, "tickets.xlsx", XLSX)


def as_parquet(request: HttpRequest) -> HttpResponseBase:
    choice = _choice(request)
    return _refusal(choice) if choice.refused else _file(exports.write_parquet, choice, "tickets.parquet", PARQUET)


def _file(write: Callable[[Rows, IO[bytes]], None], choice: Choice, name: str, kind: str) -> FileResponse:
    """Written whole before it is sent: both formats end with what the beginning needs."""
    file = TemporaryFile()  # noqa: SIM115  # closed by the response
    write(choices.exported(choice), file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind)


def dictionary(request: HttpRequest) -> HttpResponseBase:
    """What the columns of all of them mean, in three languages."""
    return StreamingHttpResponse(
        exports.dictionary_lines(), content_type="text/csv; charset=utf-8", headers=_named("dictionary.csv")
    )
