"""Reads the pages of automations as a browser does: what a form would send, what is read."""

import html
import re
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from scoring.automations.models import Automation, Crossing
from scoring.engine.models import Track
from tests.automations.set_up import MODEL, go_live

Data = dict[str, Any]
LIST = reverse("admin:scoring_automation_changelist")
ADD = reverse("admin:scoring_automation_add")
CROSSINGS = reverse("admin:scoring_crossing_changelist")
HELD = reverse("admin:scoring_crossing_held")
DROP = reverse("admin:scoring_crossing_drop")
RELEASE = reverse("admin:scoring_crossing_release")


def logged_in(person: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def page(name: str, row: Automation | Crossing, *more: Any) -> str:
    kind = "automation" if isinstance(row, Automation) else "crossing"
    return reverse(f"admin:scoring_{kind}_{name}", args=[row.pk, *more])


def live_model() -> Track:
    """A model that declares a custom field, live."""
    fields = [
        {"key": "seats", "label": "Seats", "type": "number"},
        {"key": "size", "label": "Size", "type": "choice", "choices": ["small", "large"]},
    ]
    return go_live({**MODEL, "fields": fields})


def text_of(answer: Any) -> str:
    """What a person reads, blanks squeezed."""
    read = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    read = read[max(0, read.find('id="content"')) :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", read)).split())


class Fields(HTMLParser):
    """The names and values that the builder's form would send, buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.inside = False
        self.select = ""
        self.option: str | None = None
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == "automation-form"
        if not self.inside:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            can_be_ticked = given.get("type") in ("checkbox", "radio")
            if not can_be_ticked or "checked" in given:
                self.add(name, given.get("value", "on" if can_be_ticked else ""))
        elif tag == "select":
            self.select, self.option = name, None
            self.is_multiple = "multiple" in given
        elif tag == "option" and self.select:
            self.handle_option(given)
        elif tag == "textarea":
            self.area = name
            self.add(name, "")

    def handle_option(self, given: dict[str, str]) -> None:
        is_first = self.option is None and not self.is_multiple
        if is_first:
            self.option = given.get("value", "")
        if "selected" in given:
            if self.is_multiple:
                self.add(self.select, given["value"])
            self.option = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            if not self.is_multiple and self.option is not None:
                self.add(self.select, self.option)
            self.select = ""
        elif tag == "textarea" and self.area:
            # A browser leaves out the first line break.
            self.sent[self.area][-1] = self.sent[self.area][-1].removeprefix("\n")
            self.area = ""
        elif tag == "form":
            self.inside = False

    def add(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


def form_of(answer: Any) -> Data:
    """What the builder on this page would send if nothing were changed."""
    reader = Fields()
    reader.feed(answer.content.decode())
    return {name: values for name, values in reader.sent.items() if name != "csrfmiddlewaretoken"}


def faults_of(answer: Any) -> dict[str, list[str]]:
    """Field -> what is said beside it, of every part of a builder that was sent back."""
    builder = answer.context["builder"]
    found: dict[str, list[str]] = {}
    for part in builder:
        if part.faults:
            found[part.id] = part.faults
        for name, errors in part.form.errors.items() if part.form else ():
            found[f"{part.id}-{name}"] = [str(error) for error in errors]
    return found
