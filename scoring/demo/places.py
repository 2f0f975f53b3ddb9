"""Where people are, and what stands on their cards."""

from typing import Final, NamedTuple


class Place(NamedTuple):
    country: str
    region: str
    city: str


SPANISH: Final = tuple(
    Place(*line.split(", "))
    for line in """ES, Madrid, Madrid
ES, Cataluña, Barcelona
ES, Comunitat Valenciana, Valencia
ES, Andalucía, Sevilla
ES, Andalucía, Málaga
ES, Aragón, Zaragoza
ES, País Vasco, Bilbao
ES, Galicia, A Coruña
ES, Región de Murcia, Murcia
ES, Castilla y León, Valladolid
MX, Ciudad de México, Ciudad de México
MX, Jalisco, Guadalajara
MX, Nuevo León, Monterrey
CO, Antioquia, Medellín
CO, Cundinamarca, Bogotá
AR, Buenos Aires, Buenos Aires
AR, Córdoba, Córdoba
CL, Región Metropolitana, Santiago
PE, Lima, Lima""".splitlines()
)
ENGLISH: Final = tuple(
    Place(*line.split(", "))
    for line in """GB, England, London
GB, England, Manchester
GB, England, Leeds
GB, England, Bristol
GB, Scotland, Edinburgh
GB, Wales, Cardiff
IE, Leinster, Dublin
IE, Munster, Cork
US, New York, New York
US, Massachusetts, Boston
US, Illinois, Chicago
US, Texas, Austin
US, Washington, Seattle
CA, Ontario, Toronto""".splitlines()
)

# How often a title stands on a card, of 100, and the titles in Spanish and in English.
TITLES: Final[tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]] = (
    (
        22,
        ("Directora de Operaciones", "Director de Compras", "CEO", "Gerente general", "COO")
        + ("Directora de Marketing", "Fundador", "Director financiero", "Gerente de Logística"),
        ("CEO", "Head of Operations", "VP Supply Chain", "Founder", "Managing Director", "COO")
        + ("Director of Purchasing", "Head of IT", "CFO", "Chief Data Officer"),
    ),
    (
        34,
        ("Responsable de Almacén", "Jefe de Compras", "Jefa de Ventas", "Responsable de TI")
        + ("Responsable de Calidad", "Jefe de Planificación", "Responsable de Tienda"),
        ("Purchasing Manager", "Warehouse Manager", "Operations Manager", "IT Manager")
        + ("Demand Planning Manager", "Store Manager", "Project Manager"),
    ),
    (
        36,
        ("Analista de datos", "Técnica de compras", "Administrativo", "Consultora", "Comercial")
        + ("Técnico de soporte", "Desarrolladora", ""),
        ("Data Analyst", "Buyer", "Office Administrator", "Consultant", "Account Executive")
        + ("Support Engineer", "Developer", ""),
    ),
    (
        8,
        ("Estudiante de ADE", "Becaria de marketing", "Estudiante de Ingeniería"),
        ("MBA student", "Marketing trainee", "Engineering student"),
    ),
)
