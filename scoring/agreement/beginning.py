"""The draft of a model that somebody is about to change, begun where there is none."""

from typing import TYPE_CHECKING

from django.db import transaction

from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import lock_model
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


def newest_version(model: ScoringModel) -> Version | None:
    """The live one or, of a model that was never live, the last one."""
    return model.versions.filter(state=Version.State.LIVE).first() or model.versions.first()


def open_draft(model: ScoringModel) -> Draft | None:
    return Draft.objects.select_related("model").filter(model=model).first()


def draft_to_change(model: ScoringModel, user: "AbstractBaseUser | AnonymousUser") -> Draft | None:
    """The open draft, or one begun from the newest version; None where there is neither."""
    with transaction.atomic():
        lock_model(model.pk)
        if (draft := open_draft(model)) is not None:
            return draft
        version = newest_version(model)
        if version is None:
            return None
        # Not by the document's name: the model may have another one since.
        draft = Draft.objects.bring_back(model, version.document_value.as_data(), version)
        AuditEntry.objects.note(user, model, Action.DRAFT_BEGUN, version)
        return draft


def document_of(draft: Draft | None, model: ScoringModel) -> ModelDocument | None:
    """What the draft says or, where it has faults or there is none, the newest version."""
    if draft is not None:
        try:
            return draft.document()
        except DocumentInvalid:
            pass
    version = newest_version(model)
    return version.document_value if version else None
