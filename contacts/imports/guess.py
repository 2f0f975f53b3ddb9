"""Which field a column probably is, by its header in English or Spanish."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from contacts.imports.kinds import ACTIVITIES, CAMPAIGNS, COMPANIES, CONTACTS, DEALS
from contacts.normalise import normalise

ALIKE: Final = 0.86

PERSON: Final = {
    "email": "e-mail, email address, mail, correo, correo electrónico, dirección de correo",
    "first_name": "first name, given name, forename, name, nombre, nombre de pila",
    "last_name": "last name, surname, family name, apellido, apellidos",
    "phone": "phone, phone number, telephone, mobile, teléfono, móvil, celular",
    "job_title": "job title, title, position, role, cargo, puesto, función",
    "language": "language, preferred language, locale, idioma, lengua",
    "city": "city, town, ciudad, población, localidad, municipio",
    "region": "region, state, province, county, región, provincia, estado, comunidad",
    "country": "country, country code, nation, país, código de país",
    "source": "source, lead source, original source, origin, fuente, origen, procedencia",
    "campaign": "campaign, utm campaign, campaña",
    "owner": "owner, contact owner, sales rep, account manager, responsable, propietario, "
    "comercial",
    "lifecycle": "lifecycle, lifecycle stage, status, stage, etapa, ciclo de vida",
    "unsubscribed": "unsubscribed, opted out, do not email, baja, dado de baja, no enviar correo",
    "bounced": "bounced, hard bounce, invalid email, rebotado, rebote, correo inválido",
    "created_at": "created at, create date, created, date added, signup date, fecha de alta, "
    "fecha de creación, creado, alta",
    "tags": "tags, labels, tag, segments, etiquetas, etiqueta, segmentos",
}
FIRM: Final = {
    "name": "company, company name, account, account name, organization, employer, empresa, "
    "nombre de la empresa, compañía, organización, cuenta",
    "domain": "domain, company domain, website, web, dominio, sitio web, página web",
    "industry": "industry, sector, company industry, industria, rubro, actividad económica",
    "country": "company country, país de la empresa",
    "employees": "employees, number of employees, company size, headcount, empleados, plantilla, "
    "número de empleados",
    "annual_revenue": "annual revenue, revenue, turnover, facturación, ingresos, ventas anuales",
}
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    CONTACTS: PERSON | {f"company.{key}": names for key, names in FIRM.items()},
    COMPANIES: FIRM | {"name": FIRM["name"] + ", name, nombre", "country": PERSON["country"]},
    ACTIVITIES: {
        "contact": PERSON["email"] + ", contact, contact email, contacto",
        "type": "type, activity type, event, event type, action, tipo, tipo de actividad, "
        "tipo de evento, evento, acción",
        "occurred_at": "occurred at, date, time, timestamp, datetime, when, event date, fecha, "
        "fecha y hora, hora, cuándo",
        "target": "target, url, page, path, asset, subject, objeto, página, recurso, asunto",
        "automated": "automated, bot, is bot, automático, automatizado",
        "source": "source, system, origin, fuente, sistema, origen",
        "external_id": "id, external id, event id, activity id, identificador, código",
    },
    DEALS: {f"company.{key}": names for key, names in FIRM.items()}
    | {
        "external_id": "id, deal id, opportunity id, external id, identificador, código",
        "name": "name, deal name, opportunity name, deal, nombre, trato, negocio, oportunidad",
        "contact": PERSON["email"] + ", contact, contact email, contacto",
        "product": "product, product name, item, producto, artículo",
        "campaign": PERSON["campaign"],
        "pipeline": "pipeline, funnel, embudo, proceso",
        "stage": "stage, deal stage, status, etapa, fase, estado",
        "outcome": "outcome, result, won or lost, resultado, desenlace",
        "owner": PERSON["owner"] + ", sales agent, vendedor",
        "amount": "amount, value, deal value, close value, price, importe, valor, monto, precio",
        "opened_at": "opened at, created, create date, engage date, open date, fecha de apertura, "
        "fecha de creación, abierto",
        "closed_at": "closed at, close date, closing date, fecha de cierre, cerrado",
        "reason": "reason, lost reason, closed lost reason, motivo, razón",
        "source": "source, system, fuente, sistema",
    },
    CAMPAIGNS: {
        "name": "campaign, campaign name, name, campaña, nombre de la campaña, nombre",
        "channel": "channel, medium, canal, medio",
        "starts_on": "starts, start, start date, from, inicio, fecha de inicio, desde",
        "ends_on": "ends, end, end date, until, fin, fecha de fin, hasta",
        "budget": "budget, presupuesto",
        "cost": "cost, spend, spent, amount spent, coste, costo, gasto",
        "planned_leads": "planned leads, leads planned, target leads, leads previstos",
        "planned_customers": "planned customers, customers planned, clientes previstos",
        "planned_revenue": "planned revenue, revenue planned, ingresos previstos",
        "arm.name": "arm, variant, group, brazo, variante, grupo",
        "arm.is_control": "control, is control, es control",
        "arm.people": "people, recipients, sent, personas, destinatarios, enviados",
        "arm.visits": "visited, visits, visitaron, visitas",
        "arm.customers": "bought, customers, conversions, compraron, clientes, conversiones",
        "arm.revenue": "revenue, sales, ingresos, ventas",
    },
}


def bare(header: str) -> str:
    """A header as words: no case, accents, punctuation or joined-up words."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(re.findall(r"\w+", normalise(parted.replace("_", " "))))


def guessed(headers: Sequence[str], kind: str, custom: Mapping[str, str]) -> dict[str, str]:
    """Header -> target for those that look like one; each target is given away once.

    ``custom``: key -> label of the custom fields of contacts.
    """
    names = {target: [target, *told.split(",")] for target, told in NAMES[kind].items()}
    if kind == CONTACTS:
        names |= {f"attributes.{key}": [key, label] for key, label in custom.items()}
    known = {target: [bare(name) for name in listed] for target, listed in names.items()}
    chances = sorted(
        (
            (-likeness(bare(header), listed), place, header, target)
            for place, header in enumerate(headers)
            for target, listed in known.items()
        ),
    )
    found: dict[str, str] = {}
    for chance, _place, header, target in chances:
        if -chance >= ALIKE and header not in found and target not in found.values():
            found[header] = target
    if not {"company.name", "company.domain"} & set(found.values()):
        # Nothing can be said of a company that has neither name nor domain.
        return {
            header: target for header, target in found.items() if not target.startswith("company.")
        }
    return found


def likeness(header: str, names: Iterable[str]) -> float:
    """From 0 to 1; of equal headers the name listed first is the likeliest."""
    best = 0.0
    for place, name in enumerate(names):
        if header == name:
            return 2 - place / 1000
        if header[:1] == name[:1]:
            best = max(best, SequenceMatcher(None, header, name).ratio())
    return best
