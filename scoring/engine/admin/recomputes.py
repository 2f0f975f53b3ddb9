"""Recomputes: what ran, and how far the one is that runs now."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import ReadOnlyAdmin, column
from contacts.admin.sections import moment
from contacts.numerals import whole
from scoring.engine.admin.tracks import title_of
from scoring.engine.models import Recompute


@admin.register(Recompute)
class RecomputeAdmin(ReadOnlyAdmin):
    empty_text = _(
        "Nothing was recomputed yet. A recompute begins when a version goes live, or by "
        "“manage.py recompute”."
    )
    list_display = ("of_model", "version", "why", "progress", "changed", "begun", "ended")
    list_select_related = ("track__model", "version__model")
    fields = ("of_model", "version", "why", "progress", "changed", "begun", "ended")

    def get_queryset(self, request: HttpRequest) -> Any:
        counted = super().get_queryset(request).select_related("track__model", "version__model")
        return counted.annotate(
            blocks=Count("ranges"), done=Count("ranges__done_at"), sum=Sum("ranges__changed")
        )

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-pk"]

    @column(_("model"))
    def of_model(self, recompute: Recompute) -> str:
        return title_of(recompute.track)

    @column(_("why"), ordering="cause")
    def why(self, recompute: Recompute) -> str:
        if recompute.base_id:
            return gettext("another version went live; only what differs is computed")
        return recompute.get_cause_display()

    @column(_("progress"))
    def progress(self, recompute: Any) -> str:
        return render_to_string(
            "scoring/blocks.html",
            {
                "done": recompute.done,
                "all": recompute.blocks,
                "percent": 100 * recompute.done // recompute.blocks if recompute.blocks else 100,
                "stopped": recompute.finished_at and recompute.done < recompute.blocks,
            },
        )

    @column(_("scores changed"))
    def changed(self, recompute: Any) -> str:
        return whole(recompute.sum or 0)

    @column(_("begun"), ordering="started_at")
    def begun(self, recompute: Recompute) -> str:
        return moment(recompute.started_at)

    @column(_("ended"), ordering="finished_at")
    def ended(self, recompute: Recompute) -> str:
        return moment(recompute.finished_at) if recompute.finished_at else gettext("running")
