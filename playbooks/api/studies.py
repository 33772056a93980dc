"""What experiments and trials share at the API: one of them found, read, and told to do something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks.api import filters
from tickets.errors import NotFound

Row = TypeVar("Row", bound=Model)


def one(rows: QuerySet[Row], pk: int, noun: str) -> Row:
    """One of the rows that the caller may see; what is not among them does not exist."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(f"no_{noun}", f"There is no {noun} {pk}.", field="id")
    return found


def read(request: Request, row: Row, serializer: Callable[[Row], Any]) -> Response:
    """As it is; an address that asks for more is refused."""
    filters.apply_filters(row.__class__._default_manager.none(), request, {}, paged=False)
    return Response(serializer(row).data)


def told(row: Row, deed: Callable[[Row], object], serializer: Callable[[Row], Any]) -> Response:
    """Do something with it, and answer with it as it is then."""
    deed(row)
    row.refresh_from_db()
    return Response(serializer(row).data)
