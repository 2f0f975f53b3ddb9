"""The two addresses to which other programs send."""

import json
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from scoring.api.body import PARSERS, body_of
from scoring.api.idempotency import claimed
from scoring.api.ingestion import ACTIVITIES, CONTACTS, Answered, Call, ingest
from scoring.api.keys import KeyAuthentication, MaySend
from scoring.api.limits import limit_source
from scoring.api.models import ApiKey, Scope, Source
from scoring.api.problems import TYPE
from scoring.api.schema import sending as schema

JSON: Final = "application/json"


class LimitedView(APIView):
    """Every call by a key counts towards the limit of its source, whatever the key may do."""

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        if isinstance(request.auth, ApiKey):
            limit_source(request.auth.source)


class SendView(LimitedView):
    """Takes items of one kind from a key with the scope for it."""

    authentication_classes = [KeyAuthentication]
    permission_classes = [MaySend]
    parser_classes = PARSERS
    kind: ClassVar[str]
    scope: ClassVar[Scope]
    http_method_names = ["post"]

    def send(self, request: Request) -> HttpResponse:
        received_at = timezone.now()
        body = body_of(request)
        source: Source = cast(Any, request.auth).source
        call = Call(self.kind, source, body.items(), received_at)
        key = request.headers.get("Idempotency-Key")
        with claimed(source, self.kind, key, body.content) as claim:
            if claim.former:
                return respond(claim.former, {"Idempotency-Replayed": "true"})
            return respond(ingest(call, claim.remember))


def respond(answered: Answered, headers: dict[str, str] | None = None) -> HttpResponse:
    """Not DRF's response, whose rendering would go through every item once more."""
    is_problem = answered.status >= HTTPStatus.BAD_REQUEST
    return HttpResponse(
        json.dumps(answered.data),
        status=answered.status,
        content_type=TYPE if is_problem else JSON,
        headers=headers,
    )


class ActivitiesView(SendView):
    kind = ACTIVITIES
    scope = Scope.ACTIVITIES_WRITE

    @extend_schema(**schema.SEND_ACTIVITIES)
    def post(self, request: Request) -> HttpResponse:
        return self.send(request)


class SendContactsView(SendView):
    kind = CONTACTS
    scope = Scope.CONTACTS_WRITE
