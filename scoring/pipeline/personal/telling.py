"""Telling people of tasks that somebody has given them; and handovers, of a first attempt."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from contacts.followers import when_contacts_are_tried, when_tasks_are_given
from contacts.models import Task
from contacts.models.preferences import language_of
from contacts.models.teams import name_of
from scoring.automations.outbox.personal import Notification
from scoring.pipeline.feedback.models import Handover

TITLE_MOST = 255


@when_tasks_are_given
def tell_of_tasks(tasks: Sequence[Task], to: User, by: User) -> None:
    """One line, however many they are; in the language of whoever gets them."""
    if to == by:
        return
    with override(language_of(to)):
        facts = {"who": name_of(by), "task": str(tasks[0]), "count": len(tasks)}
        title = _("%(who)s gave you a task: %(task)s") % facts
        link = reverse("admin:contacts_task_change", args=[tasks[0].pk])
        if len(tasks) > 1:
            said = ngettext(
                "%(who)s gave you %(count)d task", "%(who)s gave you %(count)d tasks", len(tasks)
            )
            title = said % facts
            link = reverse("admin:contacts_task_changelist") + "?whose=mine&state__exact=open"
        text = "\n".join(str(task) for task in tasks[:20]) if len(tasks) > 1 else tasks[0].text
        Notification.objects.create(user=to, title=title[:TITLE_MOST], text=text, link=link)


@when_contacts_are_tried
def note_first_attempts(contact_ids: Sequence[int], at: datetime) -> None:
    Handover.objects.respond(contact_ids, at)
