"""Filters of the lists: declared, typed, and what is unknown is refused instead of ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from playbooks.api.pages import Pages
from tickets.errors import HelpdeskError
from tickets.strict import encodable
from tickets.texts import fit_text

Filter = Callable[[QuerySet[Any], str], QuerySet[Any]]
PAGING = ("cursor", "page_size", "ordering", "format")


def apply_filters(
    queryset: QuerySet[Any], request: Request, known: Mapping[str, Filter], *, paged: bool = True
) -> QuerySet[Any]:
    """Every query parameter is a declared filter or paging; anything else is an error that lists what there is."""
    for name, values in request.query_params.lists():
        if name not in known and name not in (PAGING if paged else ("format",)):
            there_is = ", ".join(sorted(known)) or "none"
            raise ValidationError(
                {encodable(name)[:80]: [f"Unknown filter. Known: {there_is}."]}, code="unknown_filter"
            )
        if len(values) > 1:
            raise ValidationError(
                {name: ["Given more than once. Several values: separated by commas."]}, code="repeated"
            )
        if name in known:
            try:
                value = fit_text(values[0], field=name, longest=200)
            except HelpdeskError as error:
                raise ValidationError({name: [error.message]}, code=error.code) from error
            queryset = known[name](queryset, value)
    return queryset


def parameters(known: Mapping[str, Filter], pages: type[Pages] | None = None) -> list[OpenApiParameter]:
    """The filters of a list for the API document."""
    found = [OpenApiParameter(name, str) for name in known]
    if pages is not None and pages.orderings:
        found.append(OpenApiParameter("ordering", str, enum=list(pages.orderings)))
    return found


def one_of(field: str, values: tuple[str, ...], name: str | None = None) -> Filter:
    """`field` equals one of the comma-separated values."""

    def narrow(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        wished = value.split(",")
        if unknown := [item for item in wished if item not in values]:
            message = f"'{unknown[0]}' is not one of: {', '.join(values)}."
            raise ValidationError({name or field: [message]}, code="invalid_choice")
        return queryset.filter(**{f"{field}__in": wished})

    return narrow


def text(lookup: str) -> Filter:
    return lambda queryset, value: queryset.filter(**{lookup: value})


def whole(lookup: str, name: str) -> Filter:
    def narrow(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not _whole(value):
            raise ValidationError({name: ["A whole number."]}, code="not_a_number")
        return queryset.filter(**{lookup: int(value)})

    return narrow


def instant(lookup: str, name: str) -> Filter:
    def narrow(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{lookup: int(moment(value, name).timestamp())})

    return narrow


def moment(value: str, name: str) -> datetime:
    """An instant in ISO 8601 with its zone. In an address `+` stands for a space: it is taken for what was meant."""
    try:
        at = parse_datetime(value.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1970 < at.year < 2100:
        raise ValidationError(
            {name: ["An instant with its zone, such as 2026-09-07T09:00:00Z."]}, code="not_an_instant"
        )
    return at


def _whole(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 18
