"""What the arguments of the commands name, found or refused with a message that helps."""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.normalise import email_key
from contacts.values import Wrong, required_instant
from scoring.criteria.document import EXCLUDED, ModelDocument
from scoring.engine.models import Track


def add_as_of(parser: ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument(
        "--as-of",
        required=required,
        metavar="INSTANT",
        help=_("The instant of the computation, as in 2026-03-31T10:00:00Z; without it, now."),
    )


def add_model(parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", help=_("Only this model; without it, all."))


def instant_of(text: str | None) -> datetime | None:
    """The instant that ``--as-of`` names, in UTC; None where it was not given."""
    try:
        return None if text is None else required_instant(text)
    except Wrong as wrong:
        raise CommandError(f"--as-of {text}: {wrong}") from None


def instant_to_store(text: str | None, tracks: Sequence[Track] = ()) -> datetime | None:
    """The same for what stores scores: not in the future, nor before a sweep of these tracks.

    A score of the future would be called the present, and what a sweep marked would be
    computed too early.
    """
    as_of = instant_of(text)
    if as_of is None:
        return None
    if as_of > timezone.now():
        raise CommandError(
            _("--as-of %(text)s is in the future; manage.py explain shows a score of the future.")
            % {"text": text}
        )
    swept = max((track.swept_at for track in tracks), default=as_of)
    if as_of < swept:
        raise CommandError(
            _(
                "--as-of %(text)s is before the last sweep, %(swept)s; "
                "manage.py recompute --as-of goes back."
            )
            % {"text": text, "swept": swept.isoformat()}
        )
    return as_of


def live_tracks(model: str | None = None) -> list[Track]:
    """The tracks of the live models, or of the one that is named; at least one."""
    live = Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version")
    tracks = list(live.order_by("model__name"))
    if not tracks:
        raise CommandError(
            _(
                "No scoring model is live. Begin with a ready-made one: "
                "manage.py load_model --template b2b_starter --activate"
            )
        )
    chosen = [track for track in tracks if model in (None, track.model.name)]
    if not chosen:
        names = ", ".join(f'"{track.model.name}"' for track in tracks)
        raise CommandError(
            _('No live model is called "%(name)s"; there are: %(names)s.')
            % {"name": model, "names": names}
        )
    return chosen


def contacts_of(addresses: Sequence[str]) -> list[Contact]:
    """The contacts of these addresses, in the order given, each once."""
    keys = list(dict.fromkeys(map(email_key, addresses)))
    ids = Contact.objects.ids_by_address(keys)
    if unknown := [key for key in keys if key not in ids]:
        raise CommandError(
            _("There is no contact with this address: %(addresses)s.")
            % {"addresses": ", ".join(unknown)}
        )
    found = Contact.objects.in_bulk(ids.values())
    return [found[pk] for pk in dict.fromkeys(ids[key] for key in keys)]


def check_band(band: str, documents: Sequence[ModelDocument]) -> None:
    """Refuse a band that none of the documents has."""
    names = dict.fromkeys(one.name for document in documents for one in document.bands)
    if band not in names and band != EXCLUDED:
        raise CommandError(
            _('There is no band "%(band)s"; there are: %(names)s.')
            % {"band": band, "names": ", ".join([*names, EXCLUDED])}
        )
