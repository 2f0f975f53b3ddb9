"""``{{ user|person }}``: the name of whoever did it; a question mark for somebody gone."""

from typing import Any

from django import template
from django.contrib.auth.models import User

from contacts.models.teams import name_of

register = template.Library()


@register.filter
def person(user: Any) -> str:
    return name_of(user) if isinstance(user, User) else "?"
