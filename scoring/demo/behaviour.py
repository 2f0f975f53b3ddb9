"""What somebody did: visits, e-mails, webinars, events, forms, in the order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from contacts.records import ActivityRecord, Property
from scoring.demo import content
from scoring.demo.people import Person

SOURCE = "demo"
HOURS = (7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 15, 15, 16, 16, 17, 18, 20, 21)


@dataclass(slots=True)
class Diary:
    """One person's activities, kept within their time: from when they joined to the anchor."""

    person: Person
    anchor: datetime
    rng: Random
    entries: list[tuple[datetime, str, str, dict[str, Property], bool]]

    def note(
        self,
        when: datetime,
        kind: str,
        target: str = "",
        *,
        automated: bool = False,
        **known: Property,
    ) -> None:
        if self.person.joined <= when < self.anchor:
            self.entries.append((when, kind, target, known, automated))

    def working_hour(self, day: datetime) -> datetime:
        """An hour at which people read such things, mostly on a working day."""
        if day.weekday() >= 5 and self.rng.random() < 0.7:
            day -= timedelta(days=2)
        hour, minute, second = (
            self.rng.choice(HOURS),
            self.rng.randrange(60),
            self.rng.randrange(60),
        )
        return day.replace(hour=hour, minute=minute, second=second, microsecond=0)

    def any_day(self) -> datetime:
        life = self.anchor - self.person.joined
        return self.working_hour(self.person.joined + life * self.rng.random())

    def keen_day(self) -> datetime:
        """A day near the one on which they were keenest."""
        day = self.person.keen_at or self.anchor
        return self.working_hour(day + timedelta(days=self.rng.triangular(-9, 7, 0)))

    def records(self) -> list[ActivityRecord]:
        self.entries.sort(key=lambda entry: entry[:3])
        return [
            ActivityRecord(
                contact=self.person.email,
                type=kind,
                occurred_at=when,
                target=target,
                properties=known,
                automated=automated,
                source=SOURCE,
                external_id=f"{self.person.number}-{place}",
            )
            for place, (when, kind, target, known, automated) in enumerate(self.entries)
        ]


def diary_of(seed: str, person: Person, anchor: datetime) -> Diary:
    """Everything that a person did by themselves; selling adds to it."""
    diary = Diary(person, anchor, Random(f"{seed} diary {person.number}"), [])
    diary.note(person.joined, "form_submit", first_form(person), page=READING_HOME)
    browse(diary)
    read_mail(diary)
    take_part(diary)
    if person.keen_at:
        be_keen(diary)
    return diary


READING_HOME = content.READING[0]


def first_form(person: Person) -> str:
    return content.NEWSLETTER_FORM if person.source == "Newsletter" else content.CONTACT_FORM


def browse(diary: Diary) -> None:
    journey, rng = diary.person.journey, diary.rng
    for _visit in range(rng.randint(*journey.visits)):
        visit(diary, diary.any_day(), prices=journey.prices / 4)
    for _visit in range(rng.randint(*journey.burst)):
        visit(diary, diary.keen_day(), prices=journey.prices)


def visit(diary: Diary, start: datetime, prices: float) -> None:
    """Pages read one after the other, and perhaps something downloaded."""
    rng, journey = diary.rng, diary.person.journey
    when = start
    for page in pages(rng, prices, careers=journey.careers):
        seconds = round(rng.lognormvariate(3.6, 0.8))
        diary.note(when, "page_view", page, seconds=seconds)
        when += timedelta(seconds=seconds + 1)
    if rng.random() < journey.downloads / 4:
        diary.note(when, "download", rng.choice(content.DOWNLOADS))


def pages(rng: Random, prices: float, *, careers: bool) -> Iterator[str]:
    yield rng.choice(content.READING)
    for _page in range(rng.choice((0, 0, 1, 1, 2, 2))):
        yield rng.choice(content.CAREERS if careers else content.READING)
    if rng.random() < prices:
        yield rng.choice(content.PRICING)


def read_mail(diary: Diary) -> None:
    """Newsletters; what a mail scanner opens and clicks is marked as automated."""
    rng, journey = diary.rng, diary.person.journey
    for letter in content.NEWSLETTERS:
        if rng.random() >= journey.opens:
            continue
        sent = diary.anchor - timedelta(days=letter.days_ago)
        opened = diary.working_hour(sent) + timedelta(hours=rng.choice((0, 0, 1, 3, 24)))
        diary.note(opened, "email_open", letter.title, automated=journey.scanned)
        if rng.random() < journey.clicks:
            clicked = opened + timedelta(seconds=rng.randrange(5, 90))
            diary.note(clicked, "email_click", letter.title, automated=journey.scanned)
            if not journey.scanned:
                diary.note(clicked, "page_view", rng.choice(content.READING[8:]), utm="newsletter")


def take_part(diary: Diary) -> None:
    rng, journey = diary.rng, diary.person.journey
    for webinar in content.WEBINARS:
        day = (diary.anchor - timedelta(days=webinar.days_ago)).replace(hour=16, minute=0)
        if rng.random() < journey.webinars * nearness(diary.person, day):
            signed_up = diary.working_hour(day - timedelta(days=rng.randrange(2, 12)))
            diary.note(signed_up, "webinar_signup", webinar.title)
            if rng.random() < 0.55:
                minutes = rng.randrange(10, 61)
                diary.note(day, "webinar_attend", webinar.title, minutes=minutes)
    for event in content.EVENTS:
        if diary.person.campaign == event.title and rng.random() < 0.7:
            day = diary.working_hour(diary.anchor - timedelta(days=event.days_ago))
            diary.note(day, "event_attend", event.title)


def nearness(person: Person, day: datetime) -> float:
    """Who is keen looks for what is on just then."""
    if person.keen_at is None:
        return 1.0
    return 2.0 if abs(person.keen_at - day) < timedelta(days=40) else 0.4


def be_keen(diary: Diary) -> None:
    """What shows that somebody wants something."""
    rng, journey = diary.rng, diary.person.journey
    if rng.random() < journey.demo:
        diary.note(diary.keen_day(), "form_submit", content.DEMO_FORM, page="/demo")
    for _reply in range(3):
        if rng.random() < journey.replies / 2:
            diary.note(diary.keen_day(), "email_reply", "Re: Your stock")
    if rng.random() < journey.meeting:
        diary.note(diary.keen_day(), "meeting_booked", "Product tour", minutes=rng.choice((30, 45)))
    if rng.random() < journey.downloads:
        diary.note(diary.keen_day(), "download", rng.choice(content.DOWNLOADS))
    if rng.random() < journey.clicks / 3:
        diary.note(diary.keen_day(), "social_follow", "Lumbre")
