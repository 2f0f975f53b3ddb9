"""The minutes of a meeting: what was noted at each point, what was decided and became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from django.contrib.auth.models import User
from django.utils import formats, timezone
from django.utils.translation import gettext

from contacts.models.teams import name_of
from scoring.reports.blocks import Column, Section, Table
from scoring.reports.review.became import Decided
from scoring.reports.review.models import AgendaItem, Decision, Meeting, Written
from scoring.reports.values import Value, instant, number, text

TO: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Minutes:
    meeting: Meeting
    items: list[AgendaItem]
    decided: Decided

    @classmethod
    def of(cls, meeting: Meeting, user: User) -> Self:
        items = list(meeting.items.select_related("changed_by"))
        return cls(meeting, items, Decided.of(meeting, user))

    def facts(self) -> Iterator[str]:
        """When it was held, for the head of a file."""
        yield self.meeting.get_state_display()
        begun, ended = self.meeting.begun_at, self.meeting.ended_at
        if begun is not None:
            yield f"{clock(begun)} {TO} {clock(ended)}" if ended else clock(begun)

    def section(self) -> Section:
        return Section(gettext("Minutes of the meeting"), [self.agenda(), self.decisions()])

    def agenda(self) -> Table:
        return Table(
            "agenda",
            gettext("Agenda"),
            [
                Column(gettext("point")),
                Column(gettext("minutes")),
                Column(gettext("notes")),
                Column(gettext("who")),
                Column(gettext("when")),
            ],
            [
                [text(each), number(each.minutes), text(each.text), *signed(each)]
                for each in self.items
            ],
        )

    def decisions(self) -> Table:
        return Table(
            "decisions",
            gettext("Decisions"),
            [
                Column(gettext("decision")),
                Column(gettext("what became of it")),
                Column(gettext("who")),
                Column(gettext("when")),
            ],
            [
                [text(each.text), text("\n".join(self.became(each))), *signed(each)]
                for each in self.decided.decisions
            ],
            empty=gettext("Nothing is decided yet."),
        )

    def became(self, decision: Decision) -> list[str]:
        return [fate.said for fate in self.decided.fates(decision)]


def signed(row: Written) -> list[Value]:
    return [text(name_of(row.changed_by) if row.changed_by else ""), instant(row.changed_at)]


def clock(at: datetime) -> str:
    return formats.time_format(timezone.localtime(at), "TIME_FORMAT")
