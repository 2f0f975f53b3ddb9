"""Invented companies: what they are called, how large they are, what they do."""

from dataclasses import dataclass
from random import Random
from typing import Final

from contacts.normalise import normalise
from scoring.demo.places import ENGLISH, SPANISH, Place

SPANISH_KINDS: Final = tuple(
    """Molinos Talleres Almacenes Conservas Bodegas Transportes Suministros Textiles Cerámicas
    Muebles Aceites Frutas Imprenta Ferretería Clínicas Viveros Papelera Calzados""".split()
)
SPANISH_OWN: Final = (
    *("Faro Azul", "Tres Ríos", "La Encina", "Monteclaro", "Puerto Viejo", "Sol Alto", "El Tejo"),
    *("Valdehermoso", "Dos Mares", "Piedra Blanca", "La Noria", "Campoverde", "Torrealta"),
    *("Río Seco", "El Nogal", "Sierra Mora", "Brisamar", "La Atalaya", "Fuentefría", "Los Olmos"),
    *("Cuatro Vientos", "Peñaluz", "El Almendro", "Vega Real", "Costa Brisa", "Las Eras"),
    *("Robledal", "Cala Honda", "Altamira Sur", "El Molinillo", "Rocaviva", "Santa Brígida"),
    *("Luz de Enero", "Arenas Finas", "La Ribera", "Monte Sereno"),
)
ENGLISH_OWN: Final = tuple(
    """Harbour Larch Copperfield Wrenfield Saltmarsh Bluebell Ironbridge Foxglove Kestrel Millstone
    Silverbeck Thistledown Elderbrook Northgate Juniper Ravenscar Applegarth Stonebeck Merrowdale
    Ashcombe Oakhanger Swiftwater Goldcrest Penhallow Larkspur Hollybush Marlstone Brackenridge
    Windermoor Sandpiper Cobblegate Fernhollow Quayside Rosemullion Tarnbrook Whinfell""".split()
)
ENGLISH_KINDS: Final = (
    *("Foods", "Supplies", "Logistics", "Textiles", "Print Works", "Hardware", "Clinics"),
    *("Furniture", "Packaging", "Nurseries", "Ceramics", "Motors", "Outfitters", "Beverages"),
    *("Paper", "Tools", "Bakeries", "Optics"),
)
INDUSTRIES: Final = (
    *("Food", "Retail", "Logistics", "Manufacturing", "Health", "Textiles", "Construction"),
    *("Education", "Software", "Hospitality"),
)


MOST: Final = 18 * 36


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    domain: str
    industry: str
    employees: int
    annual_revenue: int
    place: Place
    speaks: str


def company(seed: str, number: int) -> Company:
    """The company of this number; six in ten speak Spanish."""
    rng = Random(f"{seed} company {number}")
    speaks = "es" if rng.random() < 0.6 else "en"
    name = name_of(speaks, number)
    place = rng.choice(SPANISH if speaks == "es" else ENGLISH)
    employees = max(1, min(12_000, round(rng.lognormvariate(4.2, 1.5))))
    return Company(
        name=name,
        domain=f"{domain_label(name)}.example",
        industry=rng.choice(INDUSTRIES),
        employees=employees,
        annual_revenue=1000 * round(employees * rng.uniform(60, 190)),
        place=place,
        speaks=speaks,
    )


def name_of(speaks: str, number: int) -> str:
    """No two numbers below MOST share one."""
    # Neighbours in number differ in both halves.
    kind, own = number % 18, (number // 18 + number) % 36
    if speaks == "es":
        return f"{SPANISH_KINDS[kind]} {SPANISH_OWN[own]}"
    return f"{ENGLISH_OWN[own]} {ENGLISH_KINDS[kind]}"


def domain_label(name: str) -> str:
    return normalise(name).replace(" ", "-")
