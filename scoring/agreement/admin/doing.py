"""A change that a button does: it is done, or the page says why not."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from scoring.agreement.changes import Change, Refused


def done(request: HttpRequest, change: Change[Any], said: str, back: str) -> HttpResponse:
    """Raises PermissionDenied for whom it is not."""
    try:
        change.execute()
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, said)
    return HttpResponseRedirect(back)
