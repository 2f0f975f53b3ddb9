"""Which board: the pipeline and the model, where there are several."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import Pipeline, Stage
from scoring.criteria.form_fields import choice_field
from scoring.engine.admin.tracks import title_of, tracks_of
from scoring.pipeline.board.cards import Board


def pipelines() -> QuerySet[Pipeline]:
    return Pipeline.objects.filter(stages__outcome=Stage.Outcome.OPEN).distinct()


class WhichForm(forms.Form):
    """Has the fields alone in which there is something to choose."""

    pipeline = choice_field(_("Pipeline"), [])
    model = choice_field(_("Scoring model"), [])

    def __init__(self, board: Board) -> None:
        chosen = {"pipeline": board.pipeline.pk, "model": board.track and board.track.pk}
        super().__init__(initial=chosen)
        offered = {
            "pipeline": [(each.pk, each.name) for each in pipelines()],
            "model": [(track.pk, title_of(track)) for track in tracks_of(board.request)],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if len(choices) < 2:
                del self.fields[name]
