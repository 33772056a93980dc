"""Filters of the lists: declared, typed, and an unknown one is refused instead of ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from tickets.errors import HelpdeskError
from tickets.texts import fit_text

Filter = Callable[[QuerySet[Any], str], QuerySet[Any]]
PAGING = ("cursor", "page_size", "format")
MOST_A_PAGE = 100


class Pages(CursorPagination):
    """Cursor pages, newest first: `cursor` and `page_size` (at most 100; more is refused)."""

    ordering = ("-created_at", "-id")
    page_size = 50
    max_page_size = MOST_A_PAGE

    def get_page_size(self, request: Request) -> int | None:
        wished = request.query_params.get("page_size")
        if wished is None:
            return self.page_size
        if not wished.isascii() or not wished.isdigit() or not 1 <= int(wished[:9]) <= MOST_A_PAGE:
            raise ValidationError({"page_size": [f"A whole number from 1 to {MOST_A_PAGE}."]})
        return int(wished)


def apply_filters(queryset: QuerySet[Any], request: Request, known: Mapping[str, Filter]) -> QuerySet[Any]:
    """Every query parameter is a declared filter or paging; anything else is an error that lists what there is."""
    for name in request.query_params:
        if name not in known and name not in PAGING:
            raise ValidationError({_fit(name): [f"Unknown filter. Known: {', '.join(sorted(known))}."]}, code="unknown_filter")
        if name in known:
            try:
                value = fit_text(request.query_params[name], field=name, longest=200)
            except HelpdeskError as error:
                raise ValidationError({_fit(name): [error.message]}, code=error.code) from error
            queryset = known[name](queryset, value)
    return queryset


def one_of(field: str, values: tuple[str, ...], name: str | None = None) -> Filter:
    """`field` equals one of the comma-separated values."""

    def narrow(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        wished = value.split(",")
        if unknown := [item for item in wished if item not in values]:
            raise ValidationError({name or field: [f"'{unknown[0]}' is not one of: {', '.join(values)}."]}, code="invalid_choice")
        return queryset.filter(**{f"{field}__in": wished})

    return narrow


def text(lookup: str) -> Filter:
    return lambda queryset, value: queryset.filter(**{lookup: value})


def whole(lookup: str, name: str) -> Filter:
    def narrow(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not (value.isascii() and value.isdigit() and len(value) < 18):
            raise ValidationError({name: ["A whole number."]}, code="not_a_number")
        return queryset.filter(**{lookup: int(value)})

    return narrow


def instant(lookup: str, name: str) -> Filter:
    def narrow(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{lookup: int(moment(value, name).timestamp())})

    return narrow


def moment(value: str, name: str) -> datetime:
    """An instant in ISO 8601 with its zone."""
    try:
        at = parse_datetime(value.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1970 <= at.year < 2100:
        raise ValidationError({name: ["An instant with its zone, such as 2026-09-07T09:00:00+09:00."]}, code="not_an_instant")
    return at


def _fit(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:80]
