"""What both teams of the demo agreed on some months ago: goals, and what their words mean."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User

from contacts.models import Contact
from scoring.agreement.sides import Side
from scoring.engine.models import Track
from scoring.reports.terms.models import Goal, Terms, What

AGO: Final = timedelta(days=130)
WORDS: Final = {
    "en": {
        "mql": "Fits one of our personas, and has asked for a demo, prices or a sample.",
        "sql": "Sales have spoken to them: there is a need, a budget and a date.",
        "opportunity": "A meeting was held, and a proposal is wanted.",
        "customer": "The first order is paid.",
        "notes": "Sales say why they reject a lead; marketing answers in the weekly review.",
    },
    "es": {
        "mql": "Encaja con uno de nuestros perfiles y ha pedido una demo, precios o una muestra.",
        "sql": "Ventas ha hablado con esa persona: hay necesidad, presupuesto y fecha.",
        "opportunity": "Hubo una reunión y quieren una propuesta.",
        "customer": "El primer pedido está pagado.",
        "notes": "Ventas dice por qué rechaza un lead; marketing responde en la revisión semanal.",
    },
}
# Of so many contacts one a month.
ONE_OF: Final = {What.BAND: 50, What.MQL: 40, What.CUSTOMER: 200}
SHARES: Final = {What.RESPONSE: 90, What.ANSWER: 85}


def set_up(track: Track, now: datetime) -> None:
    """Once; past months are then measured by it too."""
    if Terms.objects.exists():
        return
    signers = {Side.MARKETING: "marta", Side.SALES: "mona"}
    users = {side: User.objects.get(username=name) for side, name in signers.items()}
    language = "es" if settings.LANGUAGE_CODE.startswith("es") else "en"
    written, at = users[Side.MARKETING], now - AGO
    terms = Terms.objects.create(
        model=track.model, number=1, made_by=written, made_name=written.username, made_at=at,
        agreed_at=at + timedelta(hours=3), **WORDS[language],
    )  # fmt: skip
    people, hot = Contact.objects.count(), track.version.document_value.bands[-1].name
    numbers = {what: max(1, people // one_of) for what, one_of in ONE_OF.items()} | SHARES
    Goal.objects.bulk_create(
        Goal(terms=terms, what=what, band=hot if what is What.BAND else "", number=number)
        for what, number in numbers.items()
    )
    for place, (side, user) in enumerate(users.items()):
        terms.signatures.create(
            side=side, user=user, username=user.username, at=at + timedelta(hours=2 + place)
        )
