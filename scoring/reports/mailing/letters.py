"""The letters about reports: who may get one, what stands in it, and how it is posted."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from scoring.automations.outbox.messages import Message
from scoring.reports.blocks import Figures, Section, Table, Words
from scoring.reports.mailing.files import Wanted
from scoring.reports.report import Report
from scoring.reports.values import NOTHING, Kind, Value

# Of the table that speaks for a report without figures.
ROWS_MOST: Final = 12


def reachable(people: Iterable[User], permission: str) -> list[User]:
    """Who may still log in and see it, and has an address."""
    found = (user for user in people if user.is_active and user.email)
    return [user for user in found if user.has_perm(permission)]


def post(user: User, key: str, subject: str, lines: Iterable[str], wanted: Wanted) -> None:
    """Once for each key; the file is made when the letter leaves."""
    with transaction.atomic():
        Message.objects.post(
            key=key,
            channel="document",
            recipient=user.email,
            subject=subject,
            body={"text": "\n".join(lines), "attachment": wanted.facts(user)},
        )


def page_of(report: Report, query: str) -> str:
    return f"{settings.SITE_URL}{reverse('admin:report', args=[report.slug])}?{query}"


def main_lines(sections: Sequence[Section]) -> Iterator[str]:
    """The figures of all leads and what is said of them; no lead is named.

    Of a report without figures its first table speaks.
    """
    has_figures = any(isinstance(block, Figures) for each in sections for block in each.blocks)
    is_told = has_figures
    for section in sections:
        lines = [line for block in section.blocks for line in told(block)]
        if not is_told:
            table = next((block for block in section.blocks if speaks(block)), None)
            lines += list(table_lines(table)) if table is not None else []
            is_told = table is not None
        if lines:
            yield ""
            yield from [section.title] if section.title else []
            yield from lines


def told(block: object) -> Iterator[str]:
    if isinstance(block, Figures):
        yield from (f"- {figure.title}: {figure.value}" for figure in block.items)
    elif isinstance(block, Words) and not block.url:
        yield block.text


def speaks(block: object) -> bool:
    """A table with rows that names nobody."""
    return (
        isinstance(block, Table)
        and bool(block.rows)
        and not any(value.kind is Kind.CONTACT for row in block.rows for value in row)
    )


def table_lines(table: Any) -> Iterator[str]:
    yield table.title
    titles = [column.title for column in table.columns]
    rows = [*table.rows[:ROWS_MOST], *([table.total] if table.total else [])]
    for name, *cells in rows:
        pairs = zip(titles[1:], cells, strict=True)
        said = ", ".join(f"{title}: {value}" for title, value in pairs if is_said(value))
        yield f"- {name}: {said}" if said else f"- {name}"
    if len(table.rows) > ROWS_MOST:
        yield gettext("- and more, in the file")


def is_said(value: Value) -> bool:
    return str(value) not in ("", NOTHING)
