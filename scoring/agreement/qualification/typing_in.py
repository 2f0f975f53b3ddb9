"""The form of a persona: what a page shows of it, and what a browser sends back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from scoring.agreement.qualification.changes import capital
from scoring.agreement.qualification.degrees import SCORED, TITLES, USUAL_POINTS, Degree
from scoring.agreement.qualification.grids import ROWS_MOST, Typed, TypedRow
from scoring.agreement.qualification.sheets import LINES, Sheet
from scoring.agreement.qualification.ways import WAYS, ways_of
from scoring.criteria.fields import Catalogue, Field, FieldKind

ID: Final = re.compile(r"[a-z0-9]{1,12}", re.ASCII)


def typed_of_post(post: QueryDict) -> Typed:
    ids = [pk for pk in dict.fromkeys(post.getlist("row")) if ID.fullmatch(pk)]
    rows = tuple(
        TypedRow(
            field=post.get(f"field-{pk}", ""),
            way=post.get(f"way-{pk}", ""),
            values={degree.value: post.get(f"{degree}-{pk}", "") for degree in Degree},
            points={degree.value: post.get(f"points_{degree}-{pk}", "") for degree in SCORED},
        )
        for pk in ids[: ROWS_MOST + 1]
    )
    return Typed(
        points={degree.value: post.get(f"points-{degree}", "") for degree in SCORED},
        mark=TypedRow(
            post.get("mark-field", ""),
            post.get("mark-way", ""),
            {"mark": post.get("mark-values", "")},
        ),
        # A row in which nothing was chosen or typed is no row.
        rows=tuple(row for row in rows if row.field or any(map(str.strip, row.values.values()))),
    )


def lines_of_post(post: QueryDict) -> dict[str, str]:
    return {name: post.get(name, "") for name in ("name", *LINES)}


@dataclass(frozen=True, slots=True)
class Box:
    """Something to type in: ``usual`` is what counts where nothing is typed."""

    name: str
    title: str
    value: str
    faults: Sequence[str] = ()
    usual: str = ""
    degree: str = ""
    points: "Box | None" = None


@dataclass(frozen=True, slots=True)
class Row:
    pk: str
    field: Box
    way: Box
    cells: Sequence[Box]


class PersonaForm:
    """A sheet as the template lays it out. ``checked``: whether its faults are shown."""

    def __init__(self, sheet: Sheet, *, checked: bool = True) -> None:
        self.sheet = sheet
        self.checked = checked

    def faults(self, place: str) -> Sequence[str]:
        return self.sheet.faults.get(place, ()) if self.checked else ()

    @property
    def is_wrong(self) -> bool:
        return self.checked and bool(self.sheet.faults)

    @property
    def general(self) -> Sequence[str]:
        """What is wrong with the grid as a whole."""
        return self.faults("rows")

    @property
    def name(self) -> Box:
        return Box("name", _("Name"), self.sheet.lines["name"], self.faults("name"))

    def lines(self) -> Iterator[Box]:
        if not self.sheet.for_all:
            for part, title in LINES.items():
                yield Box(part, str(title), self.sheet.lines[part], self.faults(part))

    def mark(self) -> Row:
        typed = self.sheet.typed.mark
        return Row(
            "mark",
            Box("mark-field", _("Field"), typed.field, self.faults("mark.field")),
            Box("mark-way", _("Comparison"), typed.way, self.faults("mark.way")),
            [Box("mark-values", _("Values"), typed.values.get("mark", ""),
                 self.faults("mark.values"))],
        )  # fmt: skip

    def columns(self) -> Iterator[Box]:
        """The heads of the degrees, with the points of each."""
        for degree in Degree:
            points = None
            if degree in SCORED:
                points = Box(
                    f"points-{degree}",
                    _("Points for %(degree)s") % {"degree": TITLES[degree]},
                    self.sheet.typed.points.get(degree, "") or f"{USUAL_POINTS[degree]:+d}",
                    self.faults(f"points.{degree}"),
                )
            yield Box("", str(TITLES[degree]), "", degree=degree.value, points=points)

    def rows(self) -> Iterator[Row]:
        for place, typed in enumerate(self.sheet.typed.rows):
            yield self.row(f"r{place}", f"rows[{place}]", typed)

    def blank(self) -> Row:
        """What the browser makes new rows of."""
        return self.row("__id__", "", TypedRow())

    def row(self, pk: str, place: str, typed: TypedRow) -> Row:
        return Row(
            pk,
            Box(f"field-{pk}", _("Criterion"), typed.field, self.faults(f"{place}.field")),
            Box(f"way-{pk}", _("Comparison"), typed.way, self.faults(f"{place}.way")),
            [self.cell(pk, place, typed, degree) for degree in Degree],
        )

    def cell(self, pk: str, place: str, typed: TypedRow, degree: Degree) -> Box:
        points = None
        if degree in SCORED:
            points = Box(
                f"points_{degree}-{pk}",
                _("%(degree)s, points of this row") % {"degree": TITLES[degree]},
                typed.points.get(degree, ""),
                self.faults(f"{place}.points.{degree}"),
                usual=_("points"),
            )
        return Box(
            f"{degree}-{pk}",
            str(TITLES[degree]),
            typed.values.get(degree, ""),
            self.faults(f"{place}.{degree}"),
            degree=degree.value,
            points=points,
        )


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """``values``: all there are, one a line, where there are few."""

    id: str
    label: str
    kind: str
    values: str


def field_choices(catalogue: Catalogue) -> list[tuple[str, list[FieldChoice]]]:
    """The fields that have degrees, in groups."""
    groups: Mapping[str, list[FieldChoice]] = {
        "": [], "company": [], "attributes": [],
    }  # fmt: skip
    for field in catalogue.fields:
        if ways_of(field.kind):
            stem = field.id.partition(".")[0] if "." in field.id else ""
            groups[stem].append(choice(field))
    titles = {"": _("Contact"), "company": _("Company"), "attributes": _("Custom fields")}
    return [(titles[stem], found) for stem, found in groups.items() if found]


def choice(field: Field) -> FieldChoice:
    values = field.choices
    if field.kind is FieldKind.BOOLEAN:
        values = (_("Yes"), _("No"))
    label = capital(str(field.label))
    return FieldChoice(field.id, label, field.kind.value, "\n".join(values))


def way_choices() -> list[dict[str, Any]]:
    return [
        {"name": name, "title": way.title, "kinds": " ".join(kind.value for kind in way.kinds)}
        for name, way in WAYS.items()
    ]
