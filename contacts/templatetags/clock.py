"""``{{ instant|clock }}``: date and time on the clock of the default calendar, with its zone."""

from datetime import datetime

from django import template

from contacts.models import Calendar

register = template.Library()


@register.filter
def clock(instant: datetime) -> str:
    return Calendar.objects.default().clock(instant)
