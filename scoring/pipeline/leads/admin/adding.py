"""Adding a note, a task or a deal."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib.admin.models import ADDITION, LogEntry
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.teams import PersonField, people
from contacts.followers import TASKS_GIVEN
from contacts.models import Campaign, Deal, Note, Product, Stage, Task
from contacts.models.teams import person_for_owner
from scoring.pipeline.leads.admin.deeds import Asked, Deed, deed
from scoring.pipeline.leads.admin.forms import LeadForm, NoteForm, instant_field, text_field

SOURCE: Final = "lead page"


@deed
class AddNote(Deed):
    name: ClassVar[str] = "note"
    order: ClassVar[int] = 50
    title: ClassVar[str | Promise] = _("Add a note")
    icon: ClassVar[str] = "sticky_note_2"
    permission: ClassVar[str] = "contacts.add_note"

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        return NoteForm(data)

    def do(self, asked: Asked, form: Any) -> str:
        given = form.cleaned_data
        Note.objects.create(
            contact=asked.lead,
            text=given["text"],
            author=asked.user,
            pinned=given["pinned"],
        )
        return gettext("The note is there.")


class TaskForm(LeadForm):
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    due_at = instant_field(_("Due (UTC)"), required=False)
    assignee = PersonField(
        label=_("For"),
        queryset=people().none(),
        required=False,
        empty_label=_("nobody yet: whoever takes it"),
    )
    text = text_field(_("Text"), required=False)


@deed
class AddTask(Deed):
    name: ClassVar[str] = "task"
    order: ClassVar[int] = 60
    title: ClassVar[str | Promise] = _("Add a task")
    icon: ClassVar[str] = "add_task"
    permission: ClassVar[str] = "contacts.add_task"

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        form = TaskForm(data, initial={"assignee": asked.user.pk})
        assignee: Any = form.fields["assignee"]
        assignee.queryset = people()
        return form

    def do(self, asked: Asked, form: Any) -> str:
        given = {name: form.cleaned_data[name] for name in ("title", "due_at", "assignee", "text")}
        task = Task.objects.create(contact=asked.lead, **given)
        log(asked, task)
        if task.assignee and task.assignee != asked.user:
            for follow in TASKS_GIVEN:
                follow([task], task.assignee, asked.user)
        return gettext("“%(task)s” is to be done.") % {"task": task}


class StageField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A stage beside its pipeline's name, for two pipelines may have stages of one name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.pipeline}: {obj.name}"


class DealForm(LeadForm):
    name = forms.CharField(label=_("Name"), max_length=255)
    stage = StageField(label=_("Stage"), queryset=Stage.objects.none(), empty_label=None)
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="–"
    )
    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=0, max_digits=14, decimal_places=2
    )


@deed
class OpenDeal(Deed):
    name: ClassVar[str] = "deal"
    order: ClassVar[int] = 70
    title: ClassVar[str | Promise] = _("Open a deal")
    icon: ClassVar[str] = "handshake"
    permission: ClassVar[str] = "contacts.add_deal"

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        lead = asked.lead
        form = DealForm(data, initial={"name": str(lead.company or lead.full_name or lead.email)})
        fields: dict[str, Any] = form.fields
        stages = Stage.objects.filter(outcome=Stage.Outcome.OPEN).select_related("pipeline")
        fields["stage"].queryset = stages.order_by("pipeline__name", "position", "pk")
        fields["product"].queryset = Product.objects.all()
        return form

    def obstacle(self, asked: Asked) -> str:
        if Stage.objects.filter(outcome=Stage.Outcome.OPEN).exists():
            return ""
        return gettext("There is no stage for open deals yet; a pipeline has them.")

    def do(self, asked: Asked, form: Any) -> str:
        given, lead = form.cleaned_data, asked.lead
        owner = person_for_owner(lead.owner) or asked.user
        # Of a click that comes twice, and of two at once, one makes it.
        deal, is_new = Deal.objects.open_once(
            (SOURCE, form.key),
            lead,
            given["stage"],
            timezone.now(),
            name=given["name"],
            product=given["product"],
            amount=given["amount"],
            owner=owner.get_username(),
            campaign=Campaign.objects.filter(name=lead.campaign).first(),
        )
        if is_new:
            log(asked, deal)
        return gettext("“%(deal)s” is open in “%(stage)s”.") % {"deal": deal, "stage": deal.stage}


def log(asked: Asked, row: Any) -> None:
    """Into the history of the admin, as its own form would."""
    LogEntry.objects.log_actions(
        asked.user.pk, [row], ADDITION, [{"added": {}}], single_object=True
    )
