"""Pages by a cursor: each begins behind the last row of the one before.

Whatever is added or changed meanwhile, no row comes twice and none is left out that stays
where it is; and the thousandth page costs as much as the first. DRF's own cursor counts
rows of equal value, of which there may be any number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from contacts.models.history import as_json
from scoring.api.problems import Problem

LIMIT: Final = 50
LIMIT_MOST: Final = 200
SIGNER: Final = Signer(salt="scoring.api.paging")


class CursorPagination(BasePagination):
    """The view's ``orders`` are column lists by name, the first being the default.

    The columns of an order hold no NULL, and together they tell any two rows apart.
    """

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.request = request
        self.name, columns = chosen_order(request, view.orders)
        limit = chosen_limit(request)
        rows = queryset.order_by(*columns)
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(behind(columns, self.values_of(cursor, len(columns))))
        found = list(rows[: limit + 1])
        self.next = self.cursor_of(found[limit - 1], columns) if len(found) > limit else None
        return found[:limit]

    def cursor_of(self, row: Any, columns: Sequence[str]) -> str:
        values = [as_json(getattr(row, column.removeprefix("-"))) for column in columns]
        return SIGNER.sign_object([self.name, *values])

    def values_of(self, cursor: str, count: int) -> list[Any]:
        values: list[Any]
        try:
            name, *values = SIGNER.unsign_object(cursor)
        except (BadSignature, ValueError):
            name, values = None, []
        if name != self.name or len(values) != count:
            message = _("This is no cursor of this list in this order.")
            raise Problem(400, "invalid_cursor", message, field="cursor")
        return values

    def get_paginated_response(self, data: Any) -> Response:
        link = None
        if self.next:
            address = self.request.build_absolute_uri()
            link = replace_query_param(address, "cursor", self.next)
        return Response({"next": link, "results": data})


PARAMETERS: Final = ("cursor", "limit", "order")


def chosen_order(
    request: Request, orders: Mapping[str, Sequence[str]]
) -> tuple[str, Sequence[str]]:
    name = request.query_params.get("order", next(iter(orders)))
    if name not in orders:
        message = _("The order is one of: %(allowed)s.") % {"allowed": ", ".join(orders)}
        raise Problem(400, "invalid_parameter", message, field="order")
    return name, orders[name]


def chosen_limit(request: Request) -> int:
    text = request.query_params.get("limit", str(LIMIT))
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if not 1 <= limit <= LIMIT_MOST:
        message = _("The limit is a number from 1 to %(most)d.") % {"most": LIMIT_MOST}
        raise Problem(400, "invalid_parameter", message, field="limit")
    return limit


def behind(columns: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows that come after one with these values, in this order."""
    found = Q()
    same = Q()
    for column, value in zip(columns, values, strict=True):
        name = column.removeprefix("-")
        lookup = "lt" if column.startswith("-") else "gt"
        found |= same & Q((f"{name}__{lookup}", value))
        same &= Q((name, value))
    return found
