"""The list of models: what each is for, what is live, what waits, the next review."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import column
from scoring.agreement.admin.hub import address_of
from scoring.criteria.admin import ScoringModelAdmin
from scoring.criteria.differences import objective
from scoring.criteria.models import ScoringModel, Version

WAITS = (Version.State.PROPOSED, Version.State.AGREED)


class ModelColumns(ScoringModelAdmin):
    list_display: Any = (
        "name",
        "aim",
        "live_version",
        "on_its_way",
        "next_review",
        "versions_shown",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """The documents of what is live only: there may be very many versions."""
        states = [Version.State.LIVE, *WAITS]
        shown = Version.objects.filter(state__in=states).order_by("-number")
        found = super().get_queryset(request).prefetch_related(None).select_related("review")
        return found.prefetch_related(Prefetch("versions", shown))

    @column(_("objective"))
    def aim(self, model: ScoringModel) -> str:
        live = [each for each in model.versions.all() if each.state == Version.State.LIVE]
        return objective(live[0].document_value.objective) if live else ""

    @column(_("on its way"))
    def on_its_way(self, model: ScoringModel) -> str:
        waiting = [each for each in model.versions.all() if each.state in WAITS]
        if not waiting:
            return ""
        said = gettext("version %(number)d: %(state)s")
        return format_html(
            '<a class="agree-link" href="{}">{}</a>',
            address_of("agreement", model),
            said % {"number": waiting[0].number, "state": waiting[0].get_state_display()},
        )

    @column(_("next review"))
    def next_review(self, model: Any) -> str:
        review = getattr(model, "review", None)
        return date_format(review.due_on, "SHORT_DATE_FORMAT") if review else ""
