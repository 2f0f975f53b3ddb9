"""Who may write into the draft of a model, and begin one where there is none."""

from typing import TYPE_CHECKING, Final, cast

from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

BEGIN: Final = "scoring.add_draft"
CHANGE: Final = "scoring.change_draft"


def may_write_draft(user: "AbstractBaseUser | AnonymousUser", model: ScoringModel) -> bool:
    """Whether what ``draft_to_change`` gives is theirs to write, and to begin where it must be."""
    known = cast("PermissionsMixin", user)
    if not known.has_perm(CHANGE):
        return False
    return known.has_perm(BEGIN) or Draft.objects.filter(model=model).exists()
