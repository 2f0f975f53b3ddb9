"""The views behind a condition tree: the tree reshaped, and values to choose from."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Expression, F, Max, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from contacts.admin.base import visible
from contacts.models import Contact
from contacts.normalise import normalise
from scoring.criteria.condition_tree import PREFIX, ConditionTree
from scoring.criteria.conditions import Leaf, holds
from scoring.criteria.fields import Catalogue, Field, FieldKind
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.segments import Segment
from scoring.criteria.values import Text

MOST_VALUES: Final = 10
LONGEST_SOUGHT: Final = 200


@require_POST
def reshape(request: HttpRequest) -> HttpResponse:
    """The tree that was sent, after what its button says; nothing is stored."""
    prefix = request.GET.get("tree", "")
    if not PREFIX.fullmatch(prefix):
        raise Http404
    tree = ConditionTree.of_post(prefix, request.POST, installed_catalogue())
    tree.do(request.POST.get(f"{prefix}-do", ""))
    wanted = request.POST.get(f"{prefix}-segment", "").replace("\0", "")
    if wanted:
        if not request.user.has_perm("scoring.view_segment"):
            raise PermissionDenied
        if segment := Segment.objects.filter(key=wanted).first():
            tree.insert(segment.condition)
    return TemplateResponse(request, "scoring/conditions/tree.html", {"tree": tree})


@require_GET
def values(request: HttpRequest) -> HttpResponse:
    """The most frequent values of a field among the contacts that this person may see.

    ``of`` names the parameter that holds what was typed so far.
    """
    if not request.user.has_perm("contacts.view_contact"):
        raise PermissionDenied
    catalogue = installed_catalogue()
    name = request.GET.get("field", "")
    sought = request.GET.get(request.GET.get("of", ""), "")[:LONGEST_SOUGHT].replace("\0", "")
    found: list[str] = []
    if name in catalogue:
        field = catalogue.field(name)
        contacts = visible(Contact.objects.all(), request)
        if field.kind is FieldKind.TAGS:
            found = frequent_tags(contacts, sought)
        elif field.kind is FieldKind.TEXT:
            found = frequent_values(contacts, field, catalogue, sought)
    return TemplateResponse(request, "scoring/conditions/values.html", {"values": found})


def frequent_tags(contacts: QuerySet[Any], sought: str) -> list[str]:
    wanted = contacts.filter(tags__name_norm__contains=normalise(sought)).order_by()
    counted = wanted.values("tags__name").annotate(count=Count("pk"))
    names = counted.order_by("-count", "tags__name").values_list("tags__name", flat=True)
    return list(names[:MOST_VALUES])


def frequent_values(
    contacts: QuerySet[Any], field: Field, catalogue: Catalogue, sought: str
) -> list[str]:
    text = Text(sought)
    leaf = Leaf(field.id, "contains", text) if text.norm else Leaf(field.id, "is_not_empty")
    found = contacts.filter(holds(leaf, catalogue)).order_by()
    counted = found.annotate(norm=field.expression).values("norm").annotate(count=Count("pk"))
    shown = counted.annotate(shown=Max(as_typed(field))).order_by("-count", "norm")
    return list(shown.values_list("shown", flat=True)[:MOST_VALUES])


def as_typed(field: Field) -> Expression | F:
    """Where the text stands as it was typed: ``field`` compares it normalised."""
    if field.key:
        return KeyTextTransform(field.key, "attributes")
    return F(field.column.removesuffix("_norm"))
