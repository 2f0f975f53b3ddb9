"""An e-mail to the lead: begun with a template, looked at with its variables filled in, sent."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import visible
from contacts.models.teams import name_of, person_for_owner
from leadscoring.site import admin_page
from scoring.automations.outbox.messages import Message, one_line, why_not
from scoring.automations.texts import LONGEST, VARIABLES
from scoring.automations.unsubscribe import language_of
from scoring.pipeline.leads.admin.deeds import Asked, Deed, deed, lead_for
from scoring.pipeline.leads.admin.forms import LeadForm, text_field
from scoring.pipeline.leads.emailing import Letter, SendLetter
from scoring.pipeline.leads.manual import Refused
from scoring.pipeline.leads.models import SUBJECT_MOST, EmailTemplate

# In an e-mail from a person to a person, what a model says of them has no place.
OFFERED = [
    name
    for name in VARIABLES
    if name.split(".")[0] in ("contact", "owner", "unsubscribe") and name != "contact.link"
]
PERMISSION = "contacts.add_activity"


class EmailForm(LeadForm):
    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_MOST)
    text = text_field(_("Text"), rows=9, max_length=LONGEST)
    template = forms.ModelChoiceField(
        queryset=EmailTemplate.objects.none(), required=False, widget=forms.HiddenInput
    )


@deed
class Write(Deed):
    name: ClassVar[str] = "email"
    order: ClassVar[int] = 40
    title: ClassVar[str | Promise] = _("Write an e-mail")
    icon: ClassVar[str] = "mail"
    permission: ClassVar[str] = PERMISSION
    button: ClassVar[str | Promise] = _("Send")
    template: ClassVar[str] = "scoring/leads/email.html"

    def obstacle(self, asked: Asked) -> str:
        if reason := why_not(asked.lead):
            said = gettext("%(reason)s So no e-mail can go to this lead.")
            return said % {"reason": reason}
        if not asked.user.email:
            return gettext("You have no e-mail address yet, so no answer would reach you.")
        return ""

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        chosen = self.chosen(asked)
        names = ("subject", "text") if chosen else ()
        initial = {name: getattr(chosen, name) for name in names} | {"template": chosen}
        form = EmailForm(data, initial=initial)
        fields: dict[str, Any] = form.fields
        fields["template"].queryset = visible(EmailTemplate.objects.all(), asked.request)
        return form

    def chosen(self, asked: Asked) -> EmailTemplate | None:
        """The template that the address names."""
        wanted = asked.request.GET.get("template", "")
        if not wanted.isdecimal() or len(wanted) > 9:
            return None
        found = visible(EmailTemplate.objects.filter(pk=wanted), asked.request)
        template: EmailTemplate | None = found.first()
        return template

    def context(self, asked: Asked, form: Any) -> dict[str, Any]:
        templates: Any = visible(EmailTemplate.objects.all(), asked.request)
        owner = person_for_owner(asked.lead.owner)
        return {
            "templates": templates.for_language(language_of(asked.lead)),
            "chosen": self.chosen(asked),
            "variables": [(name, VARIABLES[name]) for name in OFFERED],
            # Of whoever has left or is nobody's, the writer stands in.
            "owner_gone": asked.lead.owner if asked.lead.owner and owner is None else "",
            "writer": name_of(asked.user),
        }

    def do(self, asked: Asked, form: Any) -> str:
        given = form.cleaned_data
        letter = Letter(asked.lead, asked.user, given["subject"], given["text"], form.key)
        target = given["template"].name if given["template"] else ""
        message = SendLetter(letter, target).execute()
        if message.state == Message.State.CANCELLED:
            raise Refused(message.last_error)
        return gettext("The e-mail to %(address)s is in the outbox. How it stands shows below.") % {
            "address": message.recipient
        }


@admin_page("scoring/lead/<int:contact_id>/email/preview/", "pipeline_lead_email_preview")
def preview(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What the contact would read; nothing is stored by it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Asked(request, lead_for(request, contact_id))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = EmailForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    letter = Letter(
        asked.lead, asked.user, given.get("subject", ""), given.get("text", ""), "preview"
    )
    is_begun = bool(
        request.POST.get("subject", "").strip() and request.POST.get("text", "").strip()
    )
    faults = [*form.errors.get("subject", []), *form.errors.get("text", [])] or letter.faults()
    is_whole = is_begun and not faults
    body = letter.body() if is_whole else {}
    context = {
        "lead": asked.lead,
        "letter": letter,
        "is_begun": is_begun,
        "faults": faults if is_begun else [],
        "subject": one_line(letter.filled(letter.subject)) if is_whole else "",
        "body": body,
        "empty": [(name, VARIABLES[name]) for name in letter.empty()],
    }
    return TemplateResponse(request, "scoring/leads/email_preview.html", context)
