"""Webhooks, signed as Standard Webhooks 1.0 has it: https://www.standardwebhooks.com"""

import http.client
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks import Webhook

from contacts.roles import ADMINISTRATOR
from scoring.automations.outbox.addresses import Place, Refused, check_url
from scoring.automations.outbox.channel import (
    TOTAL_SECONDS,
    Channel,
    NotNow,
    Outcome,
    Parcel,
    Result,
    register,
)
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.posting import Answer, TooSlow, post
from scoring.automations.outbox.receivers import Endpoint
from scoring.automations.outbox.sealed import Unreadable

BODY_MOST: Final = 20 * 1024


@register
class WebhookChannel(Channel):
    """The recipient of a message is the name of an endpoint."""

    name = "webhook"
    title = gettext_lazy("Webhook")
    icon = "webhook"

    def parcel(self, message: Message, now: datetime) -> Parcel:
        endpoint = endpoint_of(message)
        body = message.body.encode()
        if len(body) > BODY_MOST:
            raise NotNow(Outcome(Result.DEAD, _("The body is larger than 20 KB.")))
        try:
            place = check_url(endpoint.url)
        except Refused as refused:
            raise NotNow(Outcome(Result.BLOCKED, str(refused))) from refused
        headers = headers_of(message, endpoint.signing_secrets(now), now)
        lines = [f"POST {endpoint.url}", *(f"{name}: {value}" for name, value in headers.items())]
        return Parcel("\n".join(lines), lambda: send(place, body, headers))

    def settle(self, message: Message, outcome: Outcome, now: datetime) -> None:
        """The health of the endpoint, which is switched off where it is gone or dead."""
        endpoint = Endpoint.objects.filter(name=message.recipient, active=True).first()
        if endpoint is None:
            return
        if outcome.result is Result.SENT:
            endpoint.note_success()
        elif outcome.code == HTTPStatus.GONE:
            switch_off(endpoint, _("The receiver says that it is gone for good (410)."), now)
        elif outcome.result is Result.RETRY and endpoint.note_failure(now):
            switch_off(endpoint, _("It has not taken a message for 120 hours."), now)


def endpoint_of(message: Message) -> Endpoint:
    """Raises NotNow."""
    endpoint = Endpoint.objects.filter(name=message.recipient).first()
    if endpoint is None:
        problem = _("There is no endpoint “%(name)s”.")
    elif not endpoint.active:
        problem = _("The endpoint “%(name)s” is switched off.")
    elif isinstance(endpoint.secret, Unreadable):
        problem = _("The secret of “%(name)s” cannot be read: SECRET_KEY has changed.")
    else:
        return endpoint
    raise NotNow(Outcome(Result.DEAD, problem % {"name": message.recipient}))


def headers_of(message: Message, secrets: list[str], now: datetime) -> dict[str, str]:
    """Id and body are the same at each attempt, time and signature are its own."""
    whole = now.astimezone(UTC).replace(microsecond=0)
    signatures = [Webhook(secret).sign(message.key, whole, message.body) for secret in secrets]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "leadscoring-webhooks/1.0",
        "webhook-id": message.key,
        "webhook-timestamp": str(int(whole.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def send(place: Place, body: bytes, headers: Mapping[str, str]) -> Outcome:
    try:
        answer = post(place, body, headers, TOTAL_SECONDS)
    except Refused as refused:
        return Outcome(Result.BLOCKED, str(refused))
    except TooSlow:
        seconds = round(TOTAL_SECONDS)
        return Outcome(Result.RETRY, _("No answer within %(seconds)d s.") % {"seconds": seconds})
    except (OSError, http.client.HTTPException) as error:
        return Outcome(Result.RETRY, str(error) or type(error).__name__)
    return judged(answer)


def judged(answer: Answer) -> Outcome:
    """Only 2xx is a yes; a redirect is not followed, for it could lead anywhere."""
    if 200 <= answer.status < 300:
        return Outcome(Result.SENT, code=answer.status, response=answer.text)
    if answer.status == HTTPStatus.GONE:
        result, error = Result.DEAD, _("The receiver says that it is gone for good (410).")
    elif 300 <= answer.status < 400:
        result, error = Result.RETRY, _("It redirects elsewhere, which is not followed.")
    else:
        said = _("The receiver answered %(code)d.")
        result, error = Result.RETRY, said % {"code": answer.status}
    wait = seconds_of(answer.retry_after)
    return Outcome(result, error, answer.status, answer.text, wait)


def seconds_of(retry_after: str) -> float:
    """The header as seconds from now, whichever way it is written; 0 where it is none."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    # A date without a zone is meant to be in UTC.
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)


def switch_off(endpoint: Endpoint, reason: str, now: datetime) -> None:
    """Off, and the administrators are told, once."""
    if not endpoint.switch_off(reason, now):
        return
    page = reverse("admin:scoring_endpoint_change", args=[endpoint.pk])
    title = _("The webhook endpoint “%(name)s” was switched off") % {"name": endpoint.name}
    for user in User.objects.filter(groups__name=ADMINISTRATOR, is_active=True):
        Message.objects.post(
            key=f"endpoint-off:{endpoint.pk}:{int(now.timestamp())}:{user.pk}",
            channel="inbox",
            recipient=user.get_username(),
            subject=title,
            body={"text": reason, "link": page},
        )
