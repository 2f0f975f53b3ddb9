"""Texts with variables, as people write them into a task or a message.

``Hello {{ contact.first_name | there }}``: a name from a fixed list, and after a bar what
stands for it where it is empty. There is no logic and nothing else is looked up, so that a
text can say nothing but what the list offers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST: Final = 10_000
HOLE = re.compile(r"\{\{([^{}]*)\}\}")

VARIABLES: Final[dict[str, str | Promise]] = {
    "contact.first_name": gettext_lazy("First name"),
    "contact.last_name": gettext_lazy("Last name"),
    "contact.full_name": gettext_lazy("First and last name"),
    "contact.email": gettext_lazy("E-mail address"),
    "contact.phone": gettext_lazy("Phone"),
    "contact.job_title": gettext_lazy("Job title"),
    "contact.company": gettext_lazy("Company"),
    "contact.country": gettext_lazy("Country"),
    "contact.city": gettext_lazy("City"),
    "contact.link": gettext_lazy("Address of the lead's page"),
    "score.total": gettext_lazy("Total"),
    "score.band": gettext_lazy("Band"),
    "score.grade": gettext_lazy("Grade"),
    "score.reasons": gettext_lazy("The strongest reasons of the score"),
    "model.name": gettext_lazy("Scoring model"),
    "automation.name": gettext_lazy("Automation"),
    "owner.name": gettext_lazy("The owner's name"),
    "owner.email": gettext_lazy("The owner's e-mail address"),
    "owner.meeting_link": gettext_lazy("The owner's meeting link"),
    "unsubscribe.link": gettext_lazy("Address for unsubscribing (in e-mails)"),
}


class TextInvalid(ValueError):
    """A text cannot be used; every fault, in words."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Template:
    """A text that was checked: ``render`` cannot fail."""

    text: str

    @classmethod
    def read(cls, text: str) -> "Template":
        """Raises TextInvalid with every fault."""
        found = faults_of(text)
        if found:
            raise TextInvalid(found)
        return cls(text)

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(parted(hole)[0] for hole in HOLE.findall(self.text))

    def render(self, values: Mapping[str, str]) -> str:
        """The text with every variable filled in; one without a value is empty."""

        def filled(match: re.Match[str]) -> str:
            name, otherwise = parted(match[1])
            return values.get(name) or otherwise

        return HOLE.sub(filled, self.text)


def parted(hole: str) -> tuple[str, str]:
    """The name in a hole, and what stands for it where it is empty."""
    name, _bar, otherwise = hole.partition("|")
    return name.strip(), otherwise.strip()


def faults_of(text: str) -> list[str]:
    if len(text) > LONGEST:
        return [_("The text has more than %(most)d characters.") % {"most": LONGEST}]
    found = []
    for hole in HOLE.findall(text):
        name = parted(hole)[0]
        if name not in VARIABLES:
            found.append(
                _("“%(name)s” is no variable; there are: %(known)s.")
                % {"name": name[:50], "known": ", ".join(VARIABLES)}
            )
    rest = HOLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        found.append(_("A variable is written {{ like.this }}, with two braces on both sides."))
    return found


def read_template(node: Any) -> Template:
    """A template in a document (``scoring.criteria.faults.Node``); faults are noted there."""
    text = node.text()
    for fault in faults_of(text):
        node.fault(fault)
    return Template(text)


def validate_template(text: str) -> None:
    if found := faults_of(text):
        raise ValidationError(found)


class TemplateField(forms.CharField):
    """A form field for such a text."""

    default_validators: list[Callable[[str], None]] = [validate_template]
