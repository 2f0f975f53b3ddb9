"""Quick capture: one short page, again and again, for a fair, the phone, or a pile of cards."""

import uuid
from typing import Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import visible
from contacts.models import Campaign, Contact
from contacts.records import ContactRecord, RecordInvalid, parse_contact
from contacts.values import EMAIL_MOST, LONG_TEXT_MOST, TEXT_MOST
from leadscoring.site import admin_page
from scoring.automations.form_fields import activity_types
from scoring.engine.admin.leads import add_words
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.at_once import refresh_at_once
from scoring.engine.leads import Lead
from scoring.pipeline.leads.admin.forms import LeadForm, text_field
from scoring.pipeline.leads.capturing import Capture, Captured, Known, UndoCapture
from scoring.pipeline.leads.manual import Refused

MAY: Final = "contacts.add_contact"
KEPT: Final = "capture"
LAST: Final = "capture_last"
REMEMBERED: Final = ("source", "campaign", "tags", "activity", "target", "owner", "country")
FIRST: Final = ("event_attend", "call", "meeting", "form_submit")
TEXTS: Final = ("first_name", "last_name", "phone", "job_title", "country", "source", "campaign")
SHOWN_CAMPAIGNS: Final = 200


def line(label: Any, most: int = TEXT_MOST, **attributes: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attributes})
    return forms.CharField(label=label, max_length=most, required=False, widget=widget)


class CaptureForm(LeadForm):
    """Checked by the border that checks imports; its faults stand at the fields."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=EMAIL_MOST,
        widget=forms.EmailInput({"autocomplete": "off", "inputmode": "email"}),
    )
    first_name = line(_("First name"))
    last_name = line(_("Last name"))
    phone = line(_("Phone"), inputmode="tel")
    company = line(_("Company"))
    job_title = line(_("Job title"))
    country = line(_("Country"), 2, placeholder="ES")
    source = line(_("Source"))
    campaign = line(_("Campaign"), list="capture-campaigns")
    tags = line(_("Tags, with commas"))
    activity = forms.ChoiceField(label=_("What happened"), required=False)
    target = line(_("Which conversation"), LONG_TEXT_MOST, placeholder=_("fair, stand or topic"))
    note = text_field(_("Note"), required=False)
    owner = forms.ChoiceField(label=_("Whose lead"), required=False)

    record: ContactRecord

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        fields: dict[str, Any] = self.fields
        kinds = activity_types()
        first = [pair for slug in FIRST for pair in kinds if pair[0] == slug]
        rest = [pair for pair in kinds if pair[0] not in FIRST]
        fields["activity"].choices = [("", _("nothing to note")), *first, *rest]
        mine = (user.get_username(), _("mine"))
        fields["owner"].choices = [mine, ("", _("nobody's: into the pool"))]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.errors:
            return given
        data: dict[str, Any] = {name: given[name] for name in TEXTS if given[name]}
        data |= {"email": given["email"], "owner": given["owner"], "tags": names_in(given["tags"])}
        if given["company"].strip():
            data["company"] = {"name": given["company"]}
        try:
            self.record = parse_contact(data, {})
        except RecordInvalid as invalid:
            for fault in invalid.faults:
                name = fault.path.partition(".")[0].partition("[")[0]
                self.add_error(name if name in self.fields else None, fault.message)
        return given

    def capture(self) -> Capture:
        given = self.cleaned_data
        return Capture(
            record=self.record,
            user=self.user,
            token=self.key,
            activity=given["activity"],
            target=given["target"].strip() if given["activity"] else "",
            note=given["note"].strip(),
        )


def names_in(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def user_of(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    return cast(User, request.user)


@admin_page("scoring/capture/", "pipeline_capture")
def capture(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.method != "POST":
        initial = {**remembered(request, user), "token": uuid.uuid4()}
        return page(request, CaptureForm(user, initial=initial), last=last_of(request))
    form = CaptureForm(user, request.POST)
    if not form.is_valid():
        return page(request, form)
    before = Captured.read(request.session.get(LAST, ""))
    if before and before.token == form.key:
        # A click that came twice: the first one has made it.
        return HttpResponseRedirect(reverse("admin:pipeline_capture"))
    try:
        made = store(request, form)
    except Known:
        return page(request, form, known=known(request, form.record.email))
    request.session[KEPT] = {name: form.cleaned_data[name] for name in REMEMBERED}
    request.session[LAST] = made.signed()
    refresh_at_once(made.contact)
    return HttpResponseRedirect(reverse("admin:pipeline_capture"))


def store(request: HttpRequest, form: CaptureForm) -> Captured:
    """As a new lead, or with the one that the person has chosen; raises Known."""
    wanted = request.POST.get("add_to", "")
    if not wanted:
        return form.capture().execute()
    there = visible(Contact.objects.with_email([form.record.email]), request)
    contact = there.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 10 else None
    if contact is None:
        raise Known
    return form.capture().add_to(contact)


def remembered(request: HttpRequest, user: User) -> dict[str, Any]:
    return {"owner": user.get_username(), **request.session.get(KEPT, {})}


def last_of(request: HttpRequest) -> dict[str, Any] | None:
    """The last captured lead with its score and reasons, while it can be undone."""
    made = Captured.read(request.session.get(LAST, ""))
    track = chosen_track(request)
    if made is None:
        return None
    seen = visible(Lead.objects.select_related("company").filter(pk=made.contact), request)
    lead = seen.first()
    if lead is None:
        return None
    scored: Any = list(Lead.objects.on_track(track).filter(pk=lead.pk)) if track else []
    if scored and track:
        add_words(scored, track)
    return {"made": made, "lead": lead, "scored": scored[0] if scored else None}


def known(request: HttpRequest, address: str) -> dict[str, Any]:
    """Who has the address, for whoever may see them; that there is somebody, for all others."""
    found = visible(Contact.objects.with_email([address]), request).select_related("company")
    return {"contact": found.first(), "may_see_lead": request.user.has_perm("scoring.view_lead")}


def page(request: HttpRequest, form: CaptureForm, **context: Any) -> HttpResponse:
    return TemplateResponse(
        request,
        "scoring/leads/capture.html",
        {
            **admin.site.each_context(request),
            "title": gettext("Quick capture"),
            "form": form.dressed(),
            "campaigns": Campaign.objects.values_list("name", flat=True)[:SHOWN_CAMPAIGNS],
            **context,
        },
    )


@admin_page("scoring/capture/known/", "pipeline_capture_known")
def known_view(request: HttpRequest) -> HttpResponse:
    """Asked while one types on: whether the address is known."""
    user_of(request)
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    address = request.GET.get("email", "").replace("\0", "").strip()[:EMAIL_MOST]
    is_known = bool(address) and Contact.objects.with_email([address]).exists()
    context = {"known": known(request, address) if is_known else None}
    return TemplateResponse(request, "scoring/leads/known.html", context)


@admin_page("scoring/capture/undo/", "pipeline_capture_undo")
def undo(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    made = Captured.read(request.session.pop(LAST, ""))
    try:
        if made is None:
            raise Refused(gettext("There is nothing to take back any more."))
        messages.success(request, UndoCapture(made, user).execute())
        refresh_at_once(made.contact)
    except Refused as refused:
        messages.warning(request, str(refused))
    return HttpResponseRedirect(reverse("admin:pipeline_capture"))
