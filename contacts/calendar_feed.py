"""Somebody's open tasks as a calendar (RFC 5545), read from a private address without a log-in.

Tasks are events, for of what the standard has for tasks Google and Outlook show nothing. They
take a quarter of an hour and block nobody's time. The address is the only key: it is made once,
kept as a digest (``contacts.models.preferences``) and stands in no log.
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event, vText

from contacts.models import CalendarAddress, Contact, Preferences, Task

# Calendars stop at some size; the soonest due count most.
MOST: Final = 500
LENGTH: Final = timedelta(minutes=15)
ASK_EVERY: Final = timedelta(minutes=15)
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# What no text of a calendar may hold.
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@require_safe
def calendar_view(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar of whose address this is; 404 for any other, also for one that has ended."""
    address = CalendarAddress.objects.found_by(secret) if SECRET.fullmatch(secret) else None
    if address is None:
        raise Http404
    body = calendar_of(address.user)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    whole = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    whole.headers["Content-Disposition"] = 'inline; filename="tasks.ics"'
    response = get_conditional_response(request, etag=etag, response=whole) or whole
    response.headers["ETag"] = etag
    # Kept by the calendar alone, which asks each time whether it is still so.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def calendar_of(user: User) -> bytes:
    """In this person's language; the same bytes as long as nothing has changed."""
    seen = Task.objects.visible_to(user)
    due = seen.open().filter(assignee=user, due_at__isnull=False)
    tasks = list(due.select_related("contact__company").order_by("due_at", "pk")[:MOST])
    contacts = Contact.objects.visible_to(user).filter(pk__in={task.contact_id for task in tasks})
    known = set(contacts.values_list("pk", flat=True))
    preferences = Preferences.objects.of(user)
    with override(preferences.language_code):
        calendar = Calendar()
        calendar.add("prodid", "-//Lead scoring//Tasks//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        name = _("Tasks of %(name)s") % {"name": user.get_full_name() or user.get_username()}
        calendar.add("name", clean(name))
        calendar.add("x-wr-calname", clean(name))
        calendar.add("refresh-interval", ASK_EVERY, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vText("PT15M"))
        for task in tasks:
            calendar.add_component(event(task, knows=task.contact_id in known))
        return bytes(calendar.to_ical())


def event(task: Task, *, knows: bool = True) -> Event:
    """When it is due or, where it is put off beyond that, when it comes back.

    ``knows``: the lead may be seen by whose task it is; it may be a colleague's by now.
    """
    assert task.due_at is not None  # noqa: S101 - for the type checker
    start = max(task.due_at, task.snoozed_until or task.due_at)
    page = settings.SITE_URL + reverse("admin:contacts_task_change", args=[task.pk])
    found = Event()
    found.add("uid", f"task-{task.pk}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}")
    # Of a calendar without METHOD it says when this was last revised.
    found.add("dtstamp", second(task.changed_at))
    found.add("created", second(task.created_at))
    found.add("last-modified", second(task.changed_at))
    found.add("sequence", max(0, int((task.changed_at - task.created_at).total_seconds())))
    found.add("dtstart", second(start))
    found.add("dtend", second(start + LENGTH))
    who = task.contact.full_name or task.contact.email
    lines = [*(about(task.contact) if knows else ()), task.text, page]
    found.add("summary", clean(f"{task.title} – {who}" if knows else task.title))
    found.add("description", clean("\n".join(lines).strip()))
    found.add("url", page)
    found.add("transp", "TRANSPARENT")
    if task.priority != Task.Priority.NORMAL:
        found.add("priority", 1 if task.priority == Task.Priority.HIGH else 9)
    return found


def about(contact: Contact) -> list[str]:
    """What a call needs: who it is, and where."""
    who = [contact.full_name, contact.job_title, str(contact.company or "")]
    return [text for text in (", ".join(filter(None, who)), contact.phone, contact.email) if text]


def second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def clean(text: str) -> str:
    return CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
