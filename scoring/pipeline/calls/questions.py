"""What is asked on the phone: fields of the lead that are filled in while one talks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from contacts import values
from contacts.admin.custom_fields import form_fields, read
from contacts.admin.forms import checked
from contacts.admin.sections import shown_value
from contacts.models import Contact, CustomField
from contacts.models.history import same
from contacts.provenance import recorded_as
from contacts.values import Wrong
from scoring.criteria.conditions import leaves
from scoring.criteria.document import Dimension, ModelDocument, ProfileTest
from scoring.pipeline.calls.models import CallEntry, CallRoutine
from scoring.pipeline.calls.results import locked_contact, may_work, origin
from scoring.pipeline.calls.starting import NotPossible

# Of a contact's own fields those that somebody tells on the phone.
OWN: Final = (
    *("first_name", "last_name", "job_title", "phone", "city", "region", "country", "language"),
)
ATTRIBUTES: Final = "attributes."


@dataclass(frozen=True, slots=True)
class Question:
    """``id`` as rules name a field; ``spec`` is the custom field, where it is one."""

    id: str
    label: str
    spec: CustomField | None = None

    @property
    def is_own(self) -> bool:
        return self.spec is None

    def value_of(self, contact: Contact) -> Any:
        if self.spec is None:
            return getattr(contact, self.id)
        return contact.attributes.get(self.spec.key)

    def form_field(self, contact: Contact) -> forms.Field:
        """With the input that fits its type, filled with what is known."""
        if self.spec is not None:
            return next(iter(form_fields([self.spec], contact.attributes).values()))
        return forms.CharField(
            label=self.label,
            required=False,
            max_length=column(self.id).max_length,
            initial=self.value_of(contact),
            widget=UnfoldAdminTextInputWidget(),
        )

    def read(self, typed: Any) -> Any:
        """What was typed as it is stored. Raises ValidationError or Wrong."""
        if self.spec is not None:
            return read(self.spec, typed)
        reader = values.country if self.id == "country" else values.short_text
        return checked(reader, typed)

    def put(self, contact: Contact, value: Any) -> None:
        """In the object; whoever calls saves it."""
        if self.spec is None:
            setattr(contact, self.id, value)
            return
        attributes = {key: one for key, one in contact.attributes.items() if key != self.spec.key}
        contact.attributes = attributes if value is None else attributes | {self.spec.key: value}

    @property
    def stored_in(self) -> str:
        return self.id if self.spec is None else "attributes"


def column(name: str) -> Any:
    return Contact._meta.get_field(name)


def all_questions() -> dict[str, Question]:
    """Whatever could be asked, by id."""
    labels = {name: capfirst(str(column(name).verbose_name)) for name in OWN}
    own = {name: Question(name, label) for name, label in labels.items()}
    specs = CustomField.objects.order_by("label")
    return own | {
        f"{ATTRIBUTES}{spec.key}": Question(f"{ATTRIBUTES}{spec.key}", spec.label, spec)
        for spec in specs
    }


def chosen_questions(routine: CallRoutine, document: ModelDocument | None) -> list[Question]:
    """Those that were chosen; where nobody chose, those that the fit rules of the model test."""
    known = all_questions()
    wanted = routine.questions if routine.questions is not None else tested(document)
    return [known[name] for name in wanted if name in known]


def tested(document: ModelDocument | None) -> list[str]:
    """Ids of the fields that rules of fit look at, in the model's order."""
    found: dict[str, None] = {}
    for group in document.groups if document else ():
        if group.dimension is Dimension.FIT:
            for rule in group.rules:
                if isinstance(rule.test, ProfileTest):
                    found |= dict.fromkeys(leaf.field for leaf in leaves(rule.test.when))
    return list(found)


class Answer:
    """One answer is kept, with history. ``was`` is what the page showed before it was typed."""

    def __init__(self, entry: CallEntry, user: User, question: Question) -> None:
        self.entry = entry
        self.user = user
        self.question = question

    def may(self) -> bool:
        return may_work(self.entry.session, self.user) and self.user.has_perm(
            "contacts.change_contact"
        )

    def execute(self, value: Any, was: str) -> bool:
        """Whether it changed. Raises PermissionDenied or NotPossible, and changes nothing then."""
        if not self.may():
            raise PermissionDenied
        with transaction.atomic(), recorded_as(origin(self.user)):
            contact = locked_contact(self.entry, self.user)
            stored = self.question.value_of(contact)
            if same(stored, value):
                return False
            if shown_value(stored) != was:
                facts = {"field": self.question.label, "value": shown_value(stored) or "–"}
                said = _("Somebody has changed “%(field)s” meanwhile; it is now: %(value)s.")
                raise NotPossible(said % facts)
            self.question.put(contact, value)
            contact.save(update_fields=[self.question.stored_in])
        return True


def field_of(question: Question, contact: Contact) -> forms.Form:
    """A form of the one field ``answer``."""
    form = forms.Form(auto_id=f"{question.id.replace('.', '-')}-%s")
    form.fields["answer"] = question.form_field(contact)
    return form


def typed(question: Question, contact: Contact, data: Any) -> tuple[Any, str]:
    """The value that was sent, and what is wrong with it in words; one of the two is empty."""
    field = question.form_field(contact)
    try:
        sent = field.clean(field.widget.value_from_datadict(data, {}, "answer"))
        return question.read(sent), ""
    except forms.ValidationError as invalid:
        return None, " ".join(invalid.messages)
    except Wrong as wrong:
        return None, str(wrong)


def form_of(questions: Sequence[Question], contact: Contact) -> list[dict[str, Any]]:
    """As the page shows them: each with its input and what is known."""
    return [
        {
            "question": question,
            "field": field_of(question, contact)["answer"],
            "was": shown_value(question.value_of(contact)),
        }
        for question in questions
    ]
