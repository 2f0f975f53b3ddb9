"""A document goes into the draft from a file, an earlier draft comes back, a model is renamed."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change, Refused
from scoring.agreement.sides import PROPOSE
from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid, parse
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version

NAME_MOST = 200
# Where a line of the audit trail keeps the draft that was put aside.
KEPT = "replaced"


def replace_draft(model: ScoringModel, data: dict[str, Any]) -> tuple[Draft, dict[str, Any] | None]:
    """The draft filled anew from data, and what it said before, if there was one."""
    # Locked, so that nothing is written between what is kept and what is deleted.
    rows = Draft.objects.select_for_update(of=("self",)).filter(model=model)
    before = rows.select_related("model", "base").first()
    kept = before.snapshot() if before else None
    base = before.base if before else Version.objects.live().filter(model=model).first()
    return Draft.objects.bring_back(model, data, base), kept


def kept_or_nothing(kept: dict[str, Any] | None, **detail: Any) -> dict[str, Any]:
    return detail | ({KEPT: kept} if kept else {})


class Import(Change[Draft]):
    """From a file, right as a whole or not taken at all. The model keeps its own name."""

    permission = "scoring.change_draft"

    def __init__(self, user: object, model: ScoringModel, content: bytes, name: str) -> None:
        super().__init__(user, model)  # type: ignore[arg-type]  # of any request
        self.content = content
        self.name = name[:NAME_MOST]
        self.data: dict[str, Any] = {}

    def prepare(self) -> None:
        try:
            data = yaml.read(self.content, self.name)
            if isinstance(data, dict):
                data = data | {"name": self.model.name}
            self.data = parse(data).as_data()
        except DocumentInvalid as invalid:
            raise Refused([str(fault) for fault in invalid.faults]) from None

    def check(self) -> list[str]:
        return []

    def do(self) -> Draft:
        draft, kept = replace_draft(self.model, self.data)
        AuditEntry.objects.note(
            self.user,
            self.model,
            Action.IMPORTED,
            **kept_or_nothing(kept, file=self.name.replace("\0", "")),
        )
        return draft


class Restore(Change[Draft]):
    """The draft that a line of the audit trail has kept comes back in place of the present one."""

    permission = "scoring.change_draft"

    def __init__(self, user: object, entry: AuditEntry) -> None:
        super().__init__(user, entry.model)  # type: ignore[arg-type]  # of any request
        self.entry = entry

    def check(self) -> list[str]:
        if KEPT not in self.entry.detail:
            return [_("This line has no draft that could come back.")]
        return []

    def do(self) -> Draft:
        draft, kept = replace_draft(self.model, self.entry.detail[KEPT])
        AuditEntry.objects.note(
            self.user,
            self.model,
            Action.DRAFT_RESTORED,
            **kept_or_nothing(kept, of=self.entry.pk),
        )
        return draft


class Rename(Change[None]):
    """The versions keep the name under which they were signed; the draft has the new one.

    So the name is a difference of the next proposal like any other.
    """

    permission = PROPOSE

    def __init__(self, user: object, model: ScoringModel, name: str) -> None:
        super().__init__(user, model)  # type: ignore[arg-type]  # of any request
        self.name = name.strip()

    def check(self) -> list[str]:
        if not self.name:
            return [_("A model needs a name.")]
        if len(self.name) > NAME_MOST or not self.name.isprintable():
            most = {"most": NAME_MOST}
            return [_("A name has at most %(most)d characters, all of them printable.") % most]
        if ScoringModel.objects.filter(name=self.name).exists():
            return [_("There is a model of this name.")]
        return []

    def do(self) -> None:
        before = ScoringModel.objects.get(pk=self.model.pk).name
        try:
            with transaction.atomic():
                ScoringModel.objects.filter(pk=self.model.pk).update(name=self.name)
        except IntegrityError:
            # Another model, which has another lock, has got it since ``check``.
            raise Refused(self.check()) from None
        self.model.name = self.name
        AuditEntry.objects.note(
            self.user, self.model, Action.MODEL_RENAMED, before=before, after=self.name
        )
