"""“This score is wrong”: a person marks a rule of a lead's page, with the reason."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from contacts.admin.base import visible
from contacts.normalise import normalise
from contacts.values import Wrong
from leadscoring.site import admin_page
from scoring.criteria.rules import Rule
from scoring.criteria.values import clean_text
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.doubts import TEXT_MOST, ScoreDoubt
from scoring.engine.leads import Lead
from scoring.engine.models import Score, Track
from scoring.engine.pilots.acting import acting_track

ADD = "scoring.add_scoredoubt"


class DoubtForm(forms.Form):
    direction = forms.ChoiceField(
        label=_("It gives"), choices=ScoreDoubt.Direction.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Why"),
        max_length=TEXT_MOST,
        widget=forms.Textarea({"rows": 3, "class": "qual-input"}),
    )

    def clean_text(self) -> str:
        try:
            text = clean_text(self.cleaned_data["text"].strip())
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from None
        if not normalise(text):
            raise forms.ValidationError(gettext("Write something here."))
        return text


@admin_page("scoring/lead/<int:contact_id>/doubt/", "scoring_doubt")
@require_http_methods(["GET", "HEAD", "POST"])
def doubt(request: HttpRequest, contact_id: int) -> HttpResponse:
    """``model`` and ``rule`` of the address say what it is about."""
    user: Any = request.user
    if not (user.has_perm(ADD) and user.has_perm("scoring.view_lead")):
        raise PermissionDenied
    lead = visible(Lead.objects.filter(pk=contact_id), request).first()
    chosen = chosen_track(request)
    track = acting_track(chosen, contact_id) if chosen else None
    rule = rule_named(track, request.GET.get("rule", "")) if track else None
    if lead is None or track is None or rule is None:
        raise Http404
    own = ScoreDoubt.objects.open().filter(
        contact=lead.pk, model=track.model_id, rule=rule.name, author=user.pk
    )
    former = own.first()
    first = {"direction": former.direction, "text": former.text} if former else {}
    form = DoubtForm(request.POST if request.method == "POST" else None, initial=first)
    back = reverse("admin:scoring_lead_change", args=[lead.pk]) + f"?model={track.home.pk}"
    points = worth(track, lead.pk, rule)
    if form.is_valid():
        ScoreDoubt.objects.update_or_create(
            contact_id=lead.pk,
            model_id=track.model_id,
            rule=rule.name,
            author=user,
            state=ScoreDoubt.State.OPEN,
            defaults={**form.cleaned_data, "version_hash": track.version.hash, "points": points},
        )
        messages.success(
            request, gettext("Marketing reads it, and you will hear what becomes of it.")
        )
        return HttpResponseRedirect(back)
    context = {
        **admin.site.each_context(request),
        "title": gettext("This score is wrong"),
        "lead": lead,
        "rule": rule,
        "sentence": rule.sentence(track.version.document_value.catalogue),
        "points": points,
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "scoring/doubts/add.html", context)


def rule_named(track: Track, name: str) -> Rule | None:
    return next((rule for rule in track.version.document_value.rules if rule.name == name), None)


def worth(track: Track, contact_id: int, rule: Rule) -> int | None:
    """What the stored score has for the rule; None where there is none."""
    score = Score.objects.filter(track=track, contact=contact_id).first()
    place = track.version.document_value.rules.index(rule)
    return score.breakdown[place] if score and place < len(score.breakdown) else None
