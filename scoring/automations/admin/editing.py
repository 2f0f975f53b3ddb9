"""The pages on which an automation is written: the builder, and the same as text."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from contacts.admin.base import RecordAdmin, visible
from contacts.models import Contact
from contacts.normalise import normalise
from scoring.automations.actions import ACTIONS, Action
from scoring.automations.admin.builder import ACTIONS_KEY, CONDITIONS, Builder
from scoring.automations.admin.condition_forms import CONDITION_FORMS
from scoring.automations.conditions import ConditionTest, read_condition
from scoring.automations.document import AutomationDocument, parse, read, read_action
from scoring.automations.models import Automation, AutomationVersion
from scoring.automations.present import live_track
from scoring.automations.texts import VARIABLES
from scoring.automations.trial import TriedAction, TriedCondition, try_actions, try_conditions
from scoring.automations.triggers import TRIGGERS
from scoring.automations.words import differences, sentence
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field, text_field
from scoring.engine.models import Track

NO_MODEL: Final = _(
    "No scoring model is live yet, and an automation follows a live score. Load one: "
    "“manage.py load_model --template b2b_starter --activate”."
)

MOST_PEOPLE: Final = 10


class Changed(Exception):
    """Somebody else has saved another version meanwhile."""


class NameForm(forms.Form):
    """What is beside the document: the name and, of a new automation, the model."""

    name = text_field(_("Name"), required=True, max_length=200)

    def __init__(self, automation: Automation | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.automation = automation
        tracks = live_tracks()
        if automation is None and tracks.count() > 1:
            models = [(track.model_id, track.model.name) for track in tracks]
            attrs = {"data-reshapes": ""}
            self.fields["model"] = choice_field(_("Scoring model"), models, attrs=attrs)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        others = Automation.objects.all()
        if self.automation:
            others = others.exclude(pk=self.automation.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError(gettext("There is an automation of this name already."))
        return name


class KindForm(forms.Form):
    """What sets an automation off; another choice brings other fields."""

    trigger_kind = choice_field(
        _("It is set off when"),
        [(kind, each.title) for kind, each in TRIGGERS.items()],
        attrs={"data-reshapes": ""},
    )


class Offered(NamedTuple):
    """A kind of part that can be added."""

    kind: str
    title: str
    icon: str


def offered(kinds: Iterable[Any]) -> list[Offered]:
    return [Offered(each.kind, str(each.title), each.icon) for each in kinds]


def live_tracks() -> QuerySet[Track]:
    tracks = Track.objects.filter(role=Track.Role.LIVE)
    return tracks.select_related("model", "version").order_by("pk")


class Editing(RecordAdmin):
    """One address takes every click of the builder; only ``_save`` stores anything."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.edit(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        automation: Any = self.get_object(request, unquote(object_id))
        if self.has_change_permission(request, automation):
            return self.edit(request, automation)
        if not self.has_view_permission(request, automation) or request.method == "POST":
            raise PermissionDenied
        return self.page(request, "read", automation, **self.in_words(automation))

    # --- The builder -------------------------------------------------------------------------

    def edit(self, request: HttpRequest, automation: Automation | None) -> HttpResponse:
        track = self.track_for(request, automation)
        if track is None:
            return self.page(request, "no_model", automation, nothing=NO_MODEL)
        document = track.version.document_value
        if request.method != "POST":
            return self.first_page(request, automation, track)
        builder = Builder.of_post(document, request.POST)
        names = NameForm(automation, request.POST)
        if "_save" in request.POST:
            return self.save(request, automation, track, builder, names)
        if "_do" in request.POST:
            builder.do(request.POST["_do"])
        shown = NameForm(automation, initial=request.POST.dict())
        return self.built(request, automation, track, builder, shown)

    def track_for(self, request: HttpRequest, automation: Automation | None) -> Track | None:
        if automation is not None:
            return live_track(automation)
        wanted = request.POST.get("model", "")
        tracks = list(live_tracks())
        chosen = [track for track in tracks if str(track.model_id) == wanted]
        return next(iter([*chosen, *tracks]), None)

    def first_page(
        self, request: HttpRequest, automation: Automation | None, track: Track
    ) -> HttpResponse:
        document = track.version.document_value
        if automation is None or automation.version is None:
            builder = Builder.blank(document)
        else:
            builder = Builder.of_document(document, automation.version.data)
            note_stored_faults(builder)
        initial = {"name": automation.name if automation else "", "model": track.model_id}
        return self.built(
            request, automation, track, builder, NameForm(automation, initial=initial)
        )

    def built(
        self,
        request: HttpRequest,
        automation: Automation | None,
        track: Track,
        builder: Builder,
        names: NameForm,
        **facts: Any,
    ) -> HttpResponse:
        number = automation.version.number if automation and automation.version else 0
        tried = "_try" in request.POST
        context = {
            "builder": builder,
            "names": names,
            "sentence": builder.sentence(),
            "based_on": request.POST.get("based_on", str(number)),
            "track": track,
            "kinds": KindForm(initial={"trigger_kind": builder.trigger.kind}),
            "condition_kinds": offered(CONDITION_FORMS.values()),
            "action_kinds": sorted(offered(ACTIONS.values()), key=lambda each: each.title),
            "variables": VARIABLES.items(),
            "try_contact": request.POST.get("try_contact", ""),
            "trial": self.trial(request, builder, track) if tried else None,
            "input_classes": " ".join(INPUT_CLASSES),
            "automation": automation,
            **facts,
        }
        if request.headers.get("HX-Request"):
            part = "trial" if tried else "said" if "_say" in request.POST else "parts"
            return TemplateResponse(request, f"scoring/automations/{part}.html", context)
        return self.page(request, "builder", **context)

    # --- Saving ------------------------------------------------------------------------------

    def save(
        self,
        request: HttpRequest,
        automation: Automation | None,
        track: Track,
        builder: Builder,
        names: NameForm,
    ) -> HttpResponse:
        document = builder.check()
        if not names.is_valid() or document is None:
            return self.built(request, automation, track, builder, names, is_wrong=True)
        try:
            stored = self.store(request, automation, track, names.cleaned_data["name"], document)
        except Changed:
            assert automation is not None  # noqa: S101 - a new one is nobody else's
            facts = self.meanwhile(automation, document, track.version.document_value)
            return self.built(request, automation, track, builder, names, **facts)
        return HttpResponseRedirect(reverse("admin:scoring_automation_change", args=[stored.pk]))

    def store(
        self,
        request: HttpRequest,
        automation: Automation | None,
        track: Track,
        name: str,
        document: AutomationDocument,
    ) -> Automation:
        """Raises Changed where another version runs than the one that was looked at."""
        user: Any = request.user
        with transaction.atomic():
            if automation is None:
                automation = Automation.objects.create(name=name, model=track.model)
                self.log_addition(request, automation, [{"added": {}}])
            else:
                locked = Automation.objects.select_for_update(of=("self",)).get(pk=automation.pk)
                if str(number_of(locked)) != request.POST.get("based_on"):
                    raise Changed
                Automation.objects.filter(pk=automation.pk).update(name=name)
            version = automation.save_version(document, user)
            self.log_change(
                request, automation, gettext("Version %(number)d") % {"number": version.number}
            )
        messages.success(request, saved_words(automation, version))
        return automation

    def meanwhile(
        self, automation: Automation, mine: AutomationDocument, model: ModelDocument
    ) -> dict[str, Any]:
        """What somebody else has saved, and what differs from it in what was typed here."""
        theirs = automation.version
        facts: dict[str, Any] = {"theirs": theirs, "based_on": str(number_of(automation))}
        try:
            stored = parse(theirs.data, model) if theirs else None
        except DocumentInvalid:
            stored = None
        found = differences(stored, mine, model.catalogue) if stored else []
        return {**facts, "their_differences": found}

    # --- Trying ------------------------------------------------------------------------------

    def trial(self, request: HttpRequest, builder: Builder, track: Track) -> dict[str, Any]:
        """For the contact that was named: what holds, and what would be done. Stores nothing."""
        contact = self.contact_named(request, request.POST.get("try_contact", ""))
        if contact is None:
            return {"problem": gettext("Choose a contact: nobody whom you see has this name.")}
        wanted = request.POST["_try"]
        model = track.version.document_value
        conditions, actions, unread = readable(builder, model, wanted)
        tried: list[TriedAction] = []
        held: list[TriedCondition] = []
        if wanted == "all":
            held = try_conditions(conditions, contact, track)
        if actions:
            name = request.POST.get("name") or gettext("a test")
            tried = try_actions(actions, contact, track, name)
        return {
            "contact": contact,
            "conditions": [(each.condition.sentence(model.catalogue), each.holds) for each in held],
            "all_hold": all(each.holds for each in held),
            "actions": tried,
            "unread": unread,
        }

    def contact_named(self, request: HttpRequest, text: str) -> Contact | None:
        contacts: Any = visible(Contact.objects.select_related("company"), request)
        found: Contact | None = contacts.with_email([text.replace("\0", " ")]).first()
        return found or people_like(request, text).first()

    def people_view(self, request: HttpRequest) -> HttpResponse:
        """The options of the field in which a contact is chosen for trying."""
        if not self.has_change_permission(request) and not self.has_add_permission(request):
            raise PermissionDenied
        found = people_like(request, request.GET.get("try_contact", ""))[:MOST_PEOPLE]
        return TemplateResponse(request, "scoring/automations/people.html", {"people": found})

    # --- What every page of an automation has ------------------------------------------------

    def page(
        self, request: HttpRequest, name: str, automation: Automation | None, **facts: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "automation": automation,
            "object": automation,
            "title": automation.name if automation else gettext("Add automation"),
            "media": sum((form().media for form in all_action_forms()), self.media),
            "tab": name,
            "may_change": self.has_change_permission(request, automation),
            **facts,
        }
        return TemplateResponse(request, f"scoring/automations/{name}.html", context)

    def in_words(self, automation: Automation) -> dict[str, Any]:
        """An automation for those who only look at it."""
        track = live_track(automation)
        document, problems = readable_version(automation, track)
        if document is None or track is None:
            return {"problems": problems}
        catalogue = track.version.document_value.catalogue
        return {
            "problems": problems,
            "sentence": sentence(document, catalogue),
            "document": document,
            "conditions": [each.sentence(catalogue) for each in document.conditions],
        }


def people_like(request: HttpRequest, text: str) -> QuerySet[Contact]:
    """Contacts that this person sees, with every word of a text somewhere."""
    contacts: Any = visible(Contact.objects.all(), request)
    words = text.replace("\0", " ").split()
    for word in words:
        found = Q()
        for column in ("email_norm", "first_name_norm", "last_name_norm", "company__name_norm"):
            found |= Q((f"{column}__contains", normalise(word)))
        contacts = contacts.filter(found)
    return contacts if words else contacts.none()  # type: ignore[no-any-return]


def all_action_forms() -> list[Any]:
    return [action.form for action in ACTIONS.values()]


def number_of(automation: Automation) -> int:
    return automation.version.number if automation.version else 0


def readable_version(
    automation: Automation, track: Track | None
) -> tuple[AutomationDocument | None, list[str]]:
    """What the live model makes of the version that runs, and what is wrong with it."""
    if automation.version is None:
        return None, [gettext("It says nothing yet.")]
    if track is None:
        return None, [gettext("No version of its model is live.")]
    try:
        document = automation.version.value(track)
    except DocumentInvalid as invalid:
        return None, [
            gettext("It does not fit the live version of the model: %(fault)s") % {"fault": fault}
            for fault in invalid.faults
        ]
    return document, document.problems()


def note_stored_faults(builder: Builder) -> None:
    """What the live model has no more, said where it stands."""
    root = Node(builder.data())
    read(root, builder.model)
    parts = {CONDITIONS: builder.conditions, ACTIONS_KEY: builder.actions}
    for fault in root.faults:
        builder.note(fault, parts)


def saved_words(automation: Automation, version: AutomationVersion) -> str:
    said = gettext("“%(name)s” is saved as version %(number)d.") % {
        "name": automation.name,
        "number": version.number,
    }
    more = gettext("It is off: switch it on when it says what you mean.")
    if automation.live:
        more = gettext("It is on, and runs as this version from now on.")
    return f"{said} {more}"


def readable(
    builder: Builder, model: ModelDocument, wanted: str
) -> tuple[list[ConditionTest], list[Action], list[str]]:
    """Conditions and actions that can be tried, and the titles of those that cannot yet."""
    conditions: list[ConditionTest] = []
    actions: list[Action] = []
    unread: list[str] = []
    for part in [*builder.conditions, *builder.actions]:
        if wanted not in ("all", part.id):
            continue
        node = Node(part.data)
        is_condition = part.id.startswith("c")
        found: Any = None
        if part.data is not None:
            found = read_condition(node, model.catalogue) if is_condition else read_action(node)
        if found is None or node.faults:
            unread.append(str(part.title))
        elif is_condition:
            conditions.append(found)
        else:
            actions.append(found)
    return conditions, actions, unread
