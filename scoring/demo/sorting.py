"""By what the demo tells its contacts apart: buyer personas with their grids, and segments."""

from typing import Any, Final, NamedTuple

from django.conf import settings

from scoring.agreement.qualification.grids import Typed, TypedRow, read_grid
from scoring.agreement.qualification.models import Persona
from scoring.criteria.faults import Node
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.segments import Segment
from scoring.engine.models import Track

Condition = dict[str, Any]


class Sought(NamedTuple):
    """A persona: words that its titles hold, and what is said of it in either language."""

    titles: str
    names: dict[str, str]
    who: dict[str, str]
    goals: dict[str, str]


PERSONAS: Final = (
    Sought(
        "purchas, buyer, compras",
        {"en": "Purchasing", "es": "Compras"},
        {
            "en": "Buys for a company with a warehouse, and answers for what lies there too long.",
            "es": "Compra para una empresa con almacén y responde de lo que se queda en él.",
        },
        {"en": "Fewer orders in a hurry.", "es": "Menos pedidos con prisas."},
    ),
    Sought(
        "operations, operaciones, logístic, supply chain, warehouse, almacén, planning, planific",
        {"en": "Operations and logistics", "es": "Operaciones y logística"},
        {
            "en": "Keeps the goods moving, and knows every workaround in the spreadsheet.",
            "es": "Mantiene la mercancía en marcha y conoce cada truco de la hoja de cálculo.",
        },
        {"en": "To see today what runs out next week.", "es": "Ver hoy qué faltará en una semana."},
    ),
    Sought(
        "ceo, founder, fundador, managing director, gerente general, cfo, financiero",
        {"en": "Owners and management", "es": "Propiedad y dirección"},
        {
            "en": "Decides on the budget, and seldom looks at the product.",
            "es": "Decide el presupuesto y rara vez mira el producto.",
        },
        {"en": "Less money tied up in stock.", "es": "Menos dinero parado en existencias."},
    ),
)
SIZES: Final = TypedRow(
    "company.employees", values={"high": "50 to 1000", "medium": "10 to 49", "low": "up to 9"}
)
LATIN: Final = ["MX", "CO", "CL", "AR", "PE", "EC", "UY", "CR"]
SEGMENTS: Final[tuple[tuple[str, dict[str, str], Condition], ...]] = (
    ("spain", {"en": "Spain", "es": "España"}, {"field": "country", "op": "equals", "value": "ES"}),
    (
        "latin_america",
        {"en": "Latin America", "es": "Latinoamérica"},
        {"field": "country", "op": "in", "value": LATIN},
    ),
    (
        "large_companies",
        {"en": "Companies of 200 or more", "es": "Empresas de 200 o más"},
        {"field": "company.employees", "op": "gte", "value": 200},
    ),
)


def set_up(track: Track) -> None:
    """Once: not beside personas, or segments, that somebody has."""
    language = "es" if settings.LANGUAGE_CODE.startswith("es") else "en"
    if not Persona.objects.filter(model=track.model).exists():
        Persona.objects.bulk_create(
            Persona(
                model=track.model, position=place, name=sought.names[language],
                who=sought.who[language], goals=sought.goals[language],
                language=language, grid=grid_of(sought),
            )
            for place, sought in enumerate(PERSONAS)
        )  # fmt: skip
    if not Segment.objects.exists():
        Segment.objects.bulk_create(
            Segment(key=key, name=names[language], condition=condition, revision=1)
            for key, names, condition in SEGMENTS
        )


def grid_of(sought: Sought) -> dict[str, Any]:
    mark = TypedRow("job_title", "contains", {"mark": sought.titles})
    return read_grid(Typed({}, mark, [SIZES]), installed_catalogue(), Node(None)).data()
