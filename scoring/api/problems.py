"""Errors as ``application/problem+json`` (RFC 9457): every error of the API passes here.

``code`` is stable and for programs, ``detail`` is for people, in their language.
"""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

logger = logging.getLogger(__name__)

PREFIX: Final = "/api/"
TYPE: Final = "application/problem+json"
CODES: Final = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}


class Problem(Exception):
    """A call that is refused as a whole."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_after: int | None = None,
        field: str | None = None,
        results: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.retry_after, self.field, self.results = retry_after, field, results

    def as_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            data["field"] = self.field
        return data | (self.results or {})

    def headers(self) -> dict[str, str]:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


def as_problem(error: Exception) -> Problem:
    """What any exception of a view is to the client."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database did not answer: %s", str(error).strip().partition("\n")[0])
        detail = _("The database does not answer at the moment; send the same again.")
        return Problem(503, "unavailable", detail, retry_after=5)
    if isinstance(error, Http404):
        return Problem(404, "not_found", _("There is nothing here."))
    if isinstance(error, PermissionDenied):
        return Problem(403, "permission_denied", _("You may not do this."))
    if isinstance(error, exceptions.ValidationError):
        return invalid_parameter(error.detail)
    if isinstance(error, exceptions.APIException):
        status = error.status_code
        return Problem(status, CODES.get(status, "error"), str(error.detail))
    logger.exception("The API failed.", exc_info=error)
    return Problem(500, "server_error", _("Something went wrong here, and was noted."))


def invalid_parameter(detail: Any) -> Problem:
    """The first of the faults that a filter has found, by parameter."""
    name, faults = next(iter(detail.items()))
    return Problem(400, "invalid_parameter", str(faults[0]), field=str(name))


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler."""
    problem = as_problem(error)
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = {"Allow": ", ".join(context["view"].allowed_methods)}
    else:
        allowed = {}
    set_rollback()
    return Response(
        problem.as_data(),
        status=problem.status,
        headers=problem.headers() | allowed,
        content_type=TYPE,
    )


def middleware(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """What Django itself answers under /api/ (no such page, wrong host) as a problem too."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        status = response.status_code
        if (
            status < HTTPStatus.BAD_REQUEST
            or not request.path_info.startswith(PREFIX)
            or response.headers.get("Content-Type", "").startswith(TYPE)
        ):
            return response
        problem = as_problem(
            Http404()
            if status == HTTPStatus.NOT_FOUND
            else Problem(status, CODES.get(status, "error"), _("The request cannot be answered."))
        )
        response.content = json.dumps(problem.as_data()).encode()
        response.headers["Content-Type"] = TYPE
        return response

    return respond
