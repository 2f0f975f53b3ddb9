"""The weekly review of a week ago, with notes and decisions, and the next one."""

from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User

from contacts.models import Calendar, Contact
from scoring.engine.models import Track
from scoring.reports.review.deciding import MakeSuggestion, MakeTask
from scoring.reports.review.looking import seen_now
from scoring.reports.review.models import Meeting
from scoring.reports.review.rules import have_worked_out

ORIGIN: Final = "demo"
HOUR: Final = 10
# What was noted at each point of the usual agenda, and what was decided: in both languages.
NOTES: Final = {
    "en": (
        "First meeting with the new criteria: nothing was decided before.",
        "More hot leads than sales can call in a day; two waited over the weekend.",
        "Most of those who were rejected say “not now”. They had looked at the prices once only.",
        "The request for a demo still says most. Newsletter clicks say little by themselves.",
        "",
    ),
    "es": (
        "Primera reunión con los nuevos criterios: antes no se decidió nada.",
        "Más leads calientes de los que ventas puede llamar en un día; dos esperaron el fin de "
        "semana.",
        "La mayoría de los rechazados dice «ahora no». Solo habían mirado los precios una vez.",
        "La petición de demo sigue siendo lo que más dice. Los clics del boletín dicen poco.",
        "",
    ),
}
DECISIONS: Final = {
    "en": (
        "Sales answer every hot lead by the next working day, also with “not now”.",
        "Looking at the prices once should be worth less than coming back to them.",
        "Call the lead that waits longest, today.",
    ),
    "es": (
        "Ventas responde a cada lead caliente antes del siguiente día laborable, también con "
        "«ahora no».",
        "Mirar los precios una vez debería valer menos que volver a ellos.",
        "Llamar hoy al lead que más tiempo espera.",
    ),
}


def set_up(track: Track, waiting: Contact | None, now: datetime) -> None:
    """Once; the report on rules, which the review shows, is left to the worker."""
    if Meeting.objects.exists():
        return
    manager, marketer = (User.objects.get(username=name) for name in ("mona", "marta"))
    work = Calendar.objects.default().working_time()
    day = work.add_days(now - timedelta(days=7), 0).astimezone(work.zone).date()
    at = work.instant(day, HOUR * 60, fold=0)
    meeting = Meeting.objects.plan(at, marketer, ORIGIN)
    meeting.begin(at)
    language = "es" if settings.LANGUAGE_CODE.startswith("es") else "en"
    written = {"changed_at": at + timedelta(minutes=20), "revision": 1}
    for item, text in zip(meeting.items.all(), NOTES[language], strict=True):
        if text:
            meeting.items.filter(pk=item.pk).update(text=text, changed_by=marketer, **written)
    _kept, change, task = (
        meeting.decisions.create(text=text, changed_by=manager, **written)
        for text in DECISIONS[language]
    )
    # Kept as by any meeting that ends; of a week ago, as it is known on the day of the demo.
    meeting.refresh_from_db()
    meeting.end(at + timedelta(minutes=27), seen_now(meeting))
    MakeSuggestion(change, marketer, track.model).execute()
    if waiting is not None:
        MakeTask(task, manager, waiting, manager).execute()
    Meeting.objects.plan(work.add_days(now, 1, at=time(HOUR)), marketer, f"{ORIGIN}-next")
    have_worked_out(track)
