"""Cursor pages: a cursor names the row it stands at, so that no page moves when rows come in meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

MOST_A_PAGE = 100
_CURSOR = re.compile(r"([np])((?:-[0-9]{1,18}){1,2})")  # next or previous, and the row's place in the order


class Pages(CursorPagination):
    """`cursor` and `page_size` (more than 100 is refused). Ordered by whole numbers that end with the id."""

    ordering: tuple[str, ...] = ("-id",)  # all ascending, or all descending
    orderings: Mapping[str, tuple[str, ...]] = {}  # what may be asked for by `ordering`
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MOST_A_PAGE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self._address = request.build_absolute_uri()
        order = self.get_ordering(request, queryset, view)
        self._fields = [name.lstrip("-") for name in order]
        size = self.get_page_size(request)
        back, place = self._read(request)
        falling = order[0].startswith("-") != back
        if place:
            queryset = queryset.filter(_beyond(self._fields, place, falling=falling))
        found = list(queryset.order_by(*(f"-{name}" if falling else name for name in self._fields))[: size + 1])
        more, self._rows = len(found) > size, found[:size]
        if back:
            self._rows.reverse()
        self.has_next = bool(self._rows) and (more or back)
        self.has_previous = bool(self._rows) and (more if back else bool(place))
        return self._rows

    def get_next_link(self) -> str | None:
        return self._link("n", self._rows[-1]) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link("p", self._rows[0]) if self.has_previous else None

    def get_page_size(self, request: Request) -> int:
        wished = request.query_params.get("page_size")
        if wished is None:
            return self.page_size
        if not wished.isascii() or not wished.isdigit() or not 1 <= int(wished[:9]) <= MOST_A_PAGE:
            raise ValidationError({"page_size": [f"A whole number from 1 to {MOST_A_PAGE}."]}, code="out_of_range")
        return int(wished)

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        wished = request.query_params.get("ordering")
        if wished is None:
            return self.ordering
        if wished not in self.orderings:
            known = ", ".join(self.orderings) or "none"
            raise ValidationError({"ordering": [f"Known here: {known}."]}, code="unknown_ordering")
        return self.orderings[wished]

    def _read(self, request: Request) -> tuple[bool, list[int]]:
        """Whether it leads back, and from which place. A cursor that we did not make is refused."""
        cursor = request.query_params.get("cursor")
        if cursor is None:
            return False, []
        read = _CURSOR.fullmatch(cursor)
        place = [int(part) for part in read[2].split("-")[1:]] if read else []
        if read is None or len(place) != len(self._fields):
            raise ValidationError({"cursor": ["Take `next` or `previous` as it stands."]}, code="bad_cursor")
        return read[1] == "p", place

    def _link(self, way: str, row: Any) -> str:
        cursor = "-".join([way, *(str(getattr(row, name)) for name in self._fields)])
        return replace_query_param(self._address, "cursor", cursor)


def _beyond(fields: Sequence[str], place: Sequence[int], *, falling: bool) -> Q:
    """The rows that come after a place in this order."""
    side = "lt" if falling else "gt"
    found = Q(**{f"{fields[-1]}__{side}": place[-1]})
    if len(fields) == 1:
        return found
    return Q(**{f"{fields[0]}__{side}": place[0]}) | (Q(**{fields[0]: place[0]}) & found)


class OldestFirst(Pages):
    ordering = ("id",)


class TicketPages(Pages):
    ordering = ("-created_at", "-id")
    orderings = {
        "-created_at": ordering,
        "created_at": ("created_at", "id"),
        "-updated_at": ("-updated_at", "-id"),
        "updated_at": ("updated_at", "id"),
    }
