"""Contacts and their scores as JSON: numbers, and the reasons in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contacts.models import Contact
from scoring.engine.admin.tracks import not_reached
from scoring.engine.models import Score, Track

Data = dict[str, Any]
PROFILE = (
    *("id", "email", "first_name", "last_name", "phone", "job_title", "language", "city"),
    *("region", "country", "source", "campaign", "owner", "lifecycle", "unsubscribed"),
    *("bounced", "created_at", "stored_at", "attributes"),
)
COMPANY = ("name", "domain", "industry", "country", "employees", "annual_revenue")


class Shown:
    """How the live models' scores of some contacts are told; made once for a request."""

    def __init__(self, contacts: Iterable[int]) -> None:
        live = Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version")
        ids = list(contacts)
        self.tracks = {track.pk: track for track in live}
        self.sentences: dict[int, Sequence[str]] = {}
        # What a running recompute has yet to reach may be the former version's.
        self.waiting = {pk: not_reached(track, ids) for pk, track in self.tracks.items()}

    def score(self, score: Score) -> Data:
        track = self.tracks[score.track_id]
        is_waiting = score.contact_id in self.waiting[track.pk]
        return {
            "model": track.model.name,
            "version": track.version.number,
            "total": score.total,
            "fit": score.fit,
            "interest": score.interest,
            "grade": score.grade,
            "band": score.band,
            "excluded": score.excluded,
            "changed_at": score.changed_at,
            "is_updating": is_waiting,
            "groups": [] if is_waiting else self.groups(track, score),
            "reasons": [] if is_waiting else self.reasons(track, score),
        }

    def groups(self, track: Track, score: Score) -> list[Data]:
        pairs = zip(track.version.document_value.groups, score.groups, strict=False)
        return [
            {"name": group.name, "dimension": str(group.dimension), "total": total}
            for group, total in pairs
        ]

    def reasons(self, track: Track, score: Score) -> list[Data]:
        """The rules that hold, what weighs most first."""
        document = track.version.document_value
        if track.pk not in self.sentences:
            self.sentences[track.pk] = [r.sentence(document.catalogue) for r in document.rules]
        rules = zip(document.rules, score.breakdown, self.sentences[track.pk], strict=False)
        reasons = [
            {
                "rule": rule.name,
                "points": None if rule.exclude else worth,
                "excludes": rule.exclude,
                "sentence": sentence,
            }
            for rule, worth, sentence in rules
            if worth
        ]
        return sorted(reasons, key=lambda one: (not one["excludes"], -abs(one["points"] or 0)))

    def contact(self, contact: Contact) -> Data:
        """A whole contact; its tags, company and scores are there already."""
        data: Data = {name: getattr(contact, name) for name in PROFILE}
        data["company"] = company_data(contact)
        data["tags"] = sorted(tag.name for tag in contact.tags.all())
        scores = [score for score in contact.scores.all() if score.track_id in self.tracks]
        data["scores"] = [self.score(score) for score in scores]
        return data

    def lead(self, score: Score) -> Data:
        """A score with whose it is."""
        return {"contact": lead_data(score.contact), **self.score(score)}


def lead_data(contact: Contact) -> Data:
    """What stands of a contact beside something of its own."""
    names = ("id", "email", "first_name", "last_name", "job_title", "country", "owner")
    data: Data = {name: getattr(contact, name) for name in (*names, "lifecycle")}
    data["company"] = str(contact.company) if contact.company else None
    return data


def company_data(contact: Contact) -> Mapping[str, Any] | None:
    company = contact.company
    return {name: getattr(company, name) for name in COMPANY} if company else None
