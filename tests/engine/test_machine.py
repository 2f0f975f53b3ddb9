"""Whatever happens, in whatever order: what is stored is what a full recompute would store.

The machine does what people and time do to a system, with a simulated clock. After every
step, once nothing is pending, each track holds exactly what the contract says, what a
recompute computes and what a dry run says, and the history ends in it.
"""

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contacts.models import Activity, Company, Contact, Tag
from contacts.normalise import email_key, normalise
from contacts.records import parse_activity, parse_contact
from scoring.criteria.document import parse
from scoring.criteria.durations import Duration
from scoring.engine.dry_run import dry_run
from scoring.engine.models import Cause, Recompute, Score, ScoreChange, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import finish, start, work, work_one
from scoring.engine.retries import refresh_pending
from scoring.engine.sweep import sweep
from scoring.engine.verify import differences, without_history
from tests.engine.reference import MICROSECOND, World, instant
from tests.engine.stored import SPECS, Data, comparable, store, undone, version
from tests.engine.worlds import (
    ANY_TEXT,
    DURATIONS,
    EMAILS,
    INSTANTS,
    LIMITS,
    acts,
    conditions,
    documents,
    instants,
    profiles,
    rules,
)
from tests.profiles import examples

Results = dict[str, tuple[Data, list[int]]]
EDITED = ["job_title", "city", "country", "lifecycle", "unsubscribed", "bounced", "created_at"]


class Life(RuleBasedStateMachine):
    """What the database holds is also in ``world``, in the shapes of the contract."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.numbers = iter(range(10**6))

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(data=st.data(), as_of=st.sampled_from(INSTANTS), models=st.integers(1, 2))
    def begin(self, data: st.DataObject, as_of: str, models: int) -> None:
        self.as_of, self.clock = as_of, instant(as_of)
        self.documents: dict[str, Data] = {}
        self.world = World({})
        for email in EMAILS[:3]:
            self.import_contact({"email": email} | data.draw(profiles(as_of)))
        for name in ("Model", "Other")[:models]:
            self.go_live(data.draw(documents(as_of, 2, 3)) | {"name": name})
        self.work_through()

    # --- What people do ---

    @rule(data=st.data(), email=st.sampled_from(EMAILS))
    def contact_is_imported(self, data: st.DataObject, email: str) -> None:
        self.import_contact({"email": email} | data.draw(profiles(self.as_of)))

    def import_contact(self, record: Data) -> None:
        store([record])
        self.world.contact(record)

    @rule(data=st.data(), repeat=st.booleans())
    def activity_arrives(self, data: st.DataObject, repeat: bool) -> None:
        emails = sorted(self.world.people)
        act = {"contact": data.draw(st.sampled_from(emails))} | data.draw(acts(self.as_of))
        number = data.draw(st.integers(0, 3)) if repeat else next(self.numbers) + 100
        act |= {"source": "test", "external_id": str(number)}
        store([], [act])
        self.world.activity(act)

    @precondition(lambda self: self.world.activities)
    @rule(data=st.data(), automated=st.booleans())
    def activity_is_corrected(self, data: st.DataObject, automated: bool) -> None:
        act, row = self.one_activity(data)
        act |= {"occurred_at": data.draw(instants(self.as_of)), "automated": automated}
        row.occurred_at, row.automated = instant(act["occurred_at"]), automated
        row.save()

    @precondition(lambda self: self.world.activities)
    @rule(data=st.data(), in_bulk=st.booleans())
    def activity_is_deleted(self, data: st.DataObject, in_bulk: bool) -> None:
        act, row = self.one_activity(data)
        self.world.activities.remove(act)
        if in_bulk:
            Activity.objects.filter(pk=row.pk).delete()
        else:
            row.delete()

    def one_activity(self, data: st.DataObject) -> tuple[Data, Activity]:
        act = data.draw(st.sampled_from(self.world.activities))
        return act, Activity.objects.get(source="test", external_id=act["external_id"])

    @rule(data=st.data())
    def contact_is_edited(self, data: st.DataObject) -> None:
        contact, email = self.one_contact(data)
        record = parse_contact({"email": email} | data.draw(profiles(self.as_of)), SPECS)
        for name in EDITED:
            if name in record.fields:
                setattr(contact, name, record.fields[name])
                self.world.people[email].fields[name] = as_json(record.fields[name])
        contact.save()

    @rule(data=st.data())
    def tags_are_set(self, data: st.DataObject) -> None:
        contact, email = self.one_contact(data)
        tags = list(Tag.objects.order_by("pk"))
        chosen = [tag for tag in tags if data.draw(st.booleans())]
        contact.set_tags(chosen)
        self.world.people[email].tags = {tag.name_norm for tag in chosen}

    @rule(data=st.data(), name=ANY_TEXT, delete=st.booleans())
    def tag_is_renamed_or_deleted(self, data: st.DataObject, name: str, delete: bool) -> None:
        tags = list(Tag.objects.order_by("pk"))
        taken = [tag.name_norm for tag in tags]
        if not tags or not (delete or (normalise(name) and normalise(name) not in taken)):
            return
        tag = data.draw(st.sampled_from(tags))
        before, after = tag.name_norm, set() if delete else {normalise(name)}
        if delete:
            tag.delete()
        else:
            tag.name = name
            tag.save()
        for person in self.world.people.values():
            if before in person.tags:
                person.tags = person.tags - {before} | after

    def one_contact(self, data: st.DataObject) -> tuple[Contact, str]:
        email = data.draw(st.sampled_from(sorted(self.world.people)))
        return Contact.objects.get(email_key=email), email

    @rule(data=st.data(), name=ANY_TEXT, domain=ANY_TEXT)
    def company_is_edited(self, data: st.DataObject, name: str, domain: str) -> None:
        companies = list(Company.objects.order_by("pk"))
        key = Company.objects.key_of(name, domain)
        if not companies or not (normalise(name) or normalise(domain)):
            return
        company = data.draw(st.sampled_from(companies))
        if key != company.key and any(key == other.key for other in companies):
            return
        known = self.world.companies.pop(company_key(company))
        fields = {"name": name, "domain": domain, "employees": data.draw(st.sampled_from([1, 10]))}
        before = company_key(company)
        for field, value in fields.items():
            setattr(company, field, value)
        company.save()
        self.world.companies[company_key(company)] = known | fields
        for person in self.world.people.values():
            if person.company == before:
                person.company = company_key(company)

    @precondition(lambda self: Company.objects.exists())
    @rule(data=st.data())
    def company_is_deleted(self, data: st.DataObject) -> None:
        company = data.draw(st.sampled_from(list(Company.objects.order_by("pk"))))
        for person in self.world.people.values():
            if person.company == company_key(company):
                person.company = ""
        del self.world.companies[company_key(company)]
        company.delete()

    @precondition(lambda self: len(self.world.people) > 1)
    @rule(data=st.data())
    def contact_is_deleted(self, data: st.DataObject) -> None:
        contact, email = self.one_contact(data)
        contact.delete()
        del self.world.people[email]
        self.world.activities = [
            act for act in self.world.activities if email_key(act["contact"]) != email
        ]

    # --- What time does ---

    @rule(length=st.sampled_from(DURATIONS[:-1]), shift=st.sampled_from([-1, 0, 1]))
    def time_passes(self, length: str, shift: int) -> None:
        reached = Duration.parse(length).first_after(self.clock)
        assert reached is not None
        self.go_on_to(reached + shift * MICROSECOND)

    @rule(data=st.data(), shift=st.sampled_from([-1, 0]))
    def time_reaches_an_edge(self, data: st.DataObject, shift: int) -> None:
        edges = sorted(edge for edge in self.edges() if edge > self.clock)
        if edges:
            self.go_on_to(data.draw(st.sampled_from(edges[:20])) + shift * MICROSECOND)

    def edges(self) -> Iterator[datetime]:
        """Instants at which something falls out of a window or a step of some duration."""
        created = [person.fields.get("created_at") for person in self.world.people.values()]
        for act in [*created, *(act["occurred_at"] for act in self.world.activities)]:
            for length in DURATIONS[:-1] if act else ():
                for times in (1, 2):
                    if edge := Duration.parse(length).first_after(instant(act), times):
                        yield edge

    def go_on_to(self, reached: datetime) -> None:
        if reached > self.clock and reached.year < 2100:
            self.clock = reached
            sweep(self.clock)

    @rule()
    def an_old_sweep_does_nothing(self) -> None:
        sweep(self.clock - timedelta(days=40))

    # --- What the model's owners do ---

    @rule(data=st.data(), at_once=st.booleans())
    def version_is_published(self, data: st.DataObject, at_once: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.documents)))
        document = copy.deepcopy(self.documents[name])
        for _time in range(data.draw(st.integers(1, 3))):
            changed(data, document, self.as_of, str(next(self.numbers)))
        self.go_live(document)
        if at_once:
            self.work_through()

    @rule()
    def recompute_goes_on(self) -> None:
        for recompute in Recompute.objects.filter(finished_at=None):
            if work_one(recompute) is None:
                finish(recompute)

    @rule()
    def everything_is_recomputed(self) -> None:
        self.work_through()
        self.settle()
        for track in Track.objects.all():
            recompute = start(track, Cause.RECOMPUTE, self.clock)
            assert sum(work(recompute)) == 0

    def go_live(self, document: Data) -> None:
        self.documents[document["name"]] = document
        publish(version(document), self.clock)

    def work_through(self) -> None:
        for recompute in Recompute.objects.filter(finished_at=None):
            list(work(recompute))

    # --- What holds after every step ---

    def settle(self) -> None:
        while refresh_pending(self.clock):
            pass

    @invariant()
    def stored_is_what_it_should_be(self) -> None:
        self.settle()
        for track in Track.objects.select_related("version", "model"):
            if track.recomputes.filter(finished_at=None).exists():
                continue
            expected = self.contract(self.documents[track.model.name])
            assert stored(track) == expected
            assert list(differences(track, self.clock)) == []
            assert list(without_history(track)) == []

    @invariant()
    def a_dry_run_says_the_same(self) -> None:
        contacts = [parse_contact(data, SPECS) for data in self.as_records()]
        acts = [parse_activity(act) for act in self.world.activities]
        for document in self.documents.values():
            results = dry_run(parse(document), contacts, acts, self.clock)
            found = comparable((email, result) for email, result in results if result)
            assert found == self.contract(document)

    @invariant()
    def history_replays_to_what_is_stored(self) -> None:
        self.settle()
        for track in Track.objects.all():
            scores = {score.contact_id: score for score in Score.objects.filter(track=track)}
            for contact in Contact.objects.values_list("pk", flat=True):
                replay(track, contact, scores.get(contact))

    def contract(self, document: Data) -> Results:
        world = World(document, self.world.people, self.world.companies, self.world.activities)
        results = world.results(self.clock)
        return {email: (found.data, found.slots) for email, found in results.items() if found}

    def as_records(self) -> Iterator[Data]:
        """The contacts as one import would bring them all."""
        for email, person in self.world.people.items():
            company = self.world.companies.get(person.company)
            tags, attributes = sorted(person.tags), person.attributes
            record = {"tags": tags, "attributes": attributes, "company": company}
            yield person.fields | {"email": email} | record


def stored(track: Track) -> Results:
    scores = Score.objects.filter(track=track).select_related("contact", "track__version")
    return comparable((score.contact.email_key, score.result()) for score in scores)


def replay(track: Track, contact: int, score: Score | None) -> None:
    former: ScoreChange | None = None
    worths: dict[str, int] = {}
    changes = ScoreChange.objects.filter(track=track, contact_id=contact).order_by("revision")
    for number, change in enumerate(changes.select_related("version"), 1):
        assert change.revision == number
        assert change.total_before == (former and former.total)
        assert change.band_before == (former and former.band)
        for name, difference in change.difference_from(former).items():
            worths[name] = worths.get(name, 0) + difference
        assert {n: w for n, w in worths.items() if w} == {
            n: w for n, w in change.worths().items() if w
        }
        former = change
    if score is None:
        assert former is None or former.total is None
        return
    assert former is not None
    assert (former.revision, former.total, former.band) == (score.revision, score.total, score.band)
    assert (former.grade, former.breakdown) == (score.grade, score.breakdown)


def as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def company_key(company: Company) -> str:
    """As ``World.company`` names it."""
    if company.domain_norm:
        return f"domain {company.domain_norm}"
    return f"name {company.name_norm}"


def changed(data: st.DataObject, document: Data, as_of: str, name: str) -> None:
    """Change one thing of a document, as its owners would."""
    groups: list[Any] = document["groups"]
    places = [(group, at) for group in groups for at in range(len(group["rules"]))]
    kinds = ["audience", "limits", "matrix", "bands", "add group"]
    kinds += ["group limits", "dimension", "reorder groups", "add"] if groups else []
    kinds += ["change", "rename", "points", "remove", "move"] * 2 if places else []
    kind = data.draw(st.sampled_from(kinds))
    if places:
        group, at = data.draw(st.sampled_from(places))
    match kind:
        case "audience":
            document.pop("audience", None)
            if data.draw(st.booleans()):
                document["audience"] = data.draw(conditions(as_of, 2))
        case "limits":
            document["limits"] = data.draw(LIMITS)
        case "matrix" | "bands":
            fresh = data.draw(documents(as_of, 0, 0))
            document.pop("matrix", None)
            document |= {key: fresh[key] for key in ("matrix", "bands") if key in fresh}
        case "add group":
            more = {"name": f"Group new {name}", "dimension": "fit", "limits": {}, "rules": []}
            groups.insert(data.draw(st.integers(0, len(groups))), more)
        case "group limits":
            data.draw(st.sampled_from(groups))["limits"] = data.draw(LIMITS)
        case "dimension":
            data.draw(st.sampled_from(groups))["dimension"] = data.draw(
                st.sampled_from(["fit", "interest"])
            )
        case "reorder groups":
            document["groups"] = data.draw(st.permutations(groups))
        case "add":
            group = data.draw(st.sampled_from(groups))
            group["rules"].append(data.draw(rules(f"Rule {name}", as_of)))
        case "change":
            group["rules"][at] = data.draw(rules(group["rules"][at]["name"], as_of))
        case "rename":
            group["rules"][at]["name"] = f"Rule {name}"
        case "points":
            if not group["rules"][at].get("exclude"):
                group["rules"][at]["points"] = data.draw(st.sampled_from([2, -2, 5]))
        case "remove":
            del group["rules"][at]
        case "move":
            moved = group["rules"].pop(at)
            data.draw(st.sampled_from(groups))["rules"].insert(0, moved)


@pytest.mark.long
@pytest.mark.django_db
def test_it_stores_what_it_should_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    # Small blocks, so that a recompute can be half done.
    for module in ("locks", "recompute", "verify"):
        monkeypatch.setattr(f"scoring.engine.{module}.BLOCK_BITS", 1)
    for module in ("locks", "recompute", "verify"):
        monkeypatch.setattr(f"scoring.engine.{module}.BLOCK", 2, raising=False)
    with undone():
        run_state_machine_as_test(Life, settings=examples(12, steps=12))
