"""The versions of a model, newest first, with what became of each; any two side by side."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import ActivityType
from scoring.agreement.admin.exchanging import Exchanging
from scoring.agreement.admin.hub import View, model_page
from scoring.agreement.compare import compared
from scoring.agreement.periods import Period, periods
from scoring.agreement.proposals import Proposal
from scoring.agreement.sides import PUBLISH, Side
from scoring.agreement.signing import Signature
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version

DRAFT: Final = "draft"
A_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class VersionShown:
    version: Version
    proposal: Proposal | None
    signatures: list[Signature]
    periods: list[Period]
    may_go_back: bool

    @property
    def is_signed(self) -> bool:
        return {each.side for each in self.signatures} == set(Side.values)


@model_page
class VersionsPage(Exchanging):
    slug: ClassVar[str] = "versions"
    title: ClassVar[str | Promise] = _("Versions")
    icon: ClassVar[str] = "history_edu"
    order: ClassVar[int] = 60

    def routes(self) -> list[tuple[str, str, View]]:
        return [
            ("", "", self.versions),
            ("compare/", "compare", self.compare),
            ("import/", "import", self.bring_in),
            ("export/", "export", self.take_out),
            ("restore/<int:entry_id>/", "restore", self.restore),
            ("rename/", "rename", self.rename),
        ]

    def versions(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        page = Paginator(versions_of(model), A_PAGE).get_page(request.GET.get("p"))
        lived = periods([model])
        may_publish = request.user.has_perm(PUBLISH)
        return self.page(
            request,
            model,
            "scoring/agreement/versions.html",
            versions=[shown(version, lived, may_publish) for version in page],
            paged=page,
            has_draft=Draft.objects.filter(model=model).exists(),
            may_change=request.user.has_perm("scoring.change_draft"),
            may_rename=self.renaming(request, model, "").may(),
        )

    def compare(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """Two of the versions, or one and the draft, as the address names them."""
        before, after = request.GET.get("before", ""), request.GET.get("after", "")
        if not before or not after:
            messages.info(request, gettext("Choose what to compare with what."))
            return HttpResponseRedirect(self.address(model))
        try:
            old, old_name = self.named(model, before)
            new, new_name = self.named(model, after)
        except DocumentInvalid as invalid:
            messages.error(request, gettext("The draft cannot be compared while it is wrong:"))
            for fault in invalid.faults[:20]:
                messages.error(request, str(fault))
            return HttpResponseRedirect(self.address(model))
        parts = compared(old, new, {kind.slug: str(kind) for kind in ActivityType.objects.all()})
        return self.page(
            request,
            model,
            "scoring/agreement/compare.html",
            changed=[part for part in parts if part.changed],
            unchanged=[part for part in parts if not part.changed],
            names=(old_name, new_name),
            before=before,
            after=after,
            is_same=old.hash == new.hash,
        )

    def named(self, model: ScoringModel, which: str) -> tuple[ModelDocument, str]:
        """Raises Http404, or DocumentInvalid where the draft is wrong."""
        if which == DRAFT:
            draft = Draft.objects.filter(model=model).select_related("model").first()
            if draft is None:
                raise Http404
            return draft.document(), gettext("the draft")
        if not which.isdecimal() or len(which) > 9:
            raise Http404
        version = model.versions.filter(pk=which).first()
        if version is None:
            raise Http404
        return version.document_value, gettext("version %(number)d") % {"number": version.number}


def versions_of(model: ScoringModel) -> Any:
    standing = Proposal.objects.select_related("proposed_by").prefetch_related("signatures__user")
    return model.versions.select_related("model", "created_by").prefetch_related(
        Prefetch("proposals", standing)
    )


def shown(version: Version, lived: dict[int, list[Period]], may_publish: bool) -> VersionShown:
    proposals = list(version.proposals.all())
    proposal = next((each for each in proposals if each.withdrawn_at is None), None)
    given = proposal.signatures.all() if proposal else []
    earlier = version.state == Version.State.RETIRED
    return VersionShown(
        version,
        proposal or next(iter(proposals), None),
        [each for each in given if each.void_at is None],
        lived.get(version.pk, []),
        # As ``is_earlier`` says, from what is loaded for the whole page.
        may_publish and earlier and bool(proposal or version.pk in lived),
    )
