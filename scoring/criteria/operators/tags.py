"""Tests of a contact's tags; relative to contacts."""

from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, Subquery
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactTag
from scoring.criteria.expressions import OneOf
from scoring.criteria.fields import Field, FieldKind
from scoring.criteria.moments import Literal
from scoring.criteria.operators.base import Operator, Takes, Unary, listed, register
from scoring.criteria.operators.text import comparable_texts
from scoring.criteria.values import Text


def links(names: tuple[Text, ...]) -> "Q":
    return Q(OneOf(F("tag__name_norm"), tuple(sorted({text.norm for text in names}))))


class TagsOperator(Operator[tuple[Text, ...]]):
    takes = Takes.TEXTS

    def parse(self, data: object) -> tuple[Text, ...]:
        return comparable_texts(data)

    def said(self, value: tuple[Text, ...]) -> str:
        return listed(value)


@register("has_any", FieldKind.TAGS)
class HasAny(TagsOperator):
    words = _("%(field)s include %(value)s")

    def holds(self, field: Field, value: tuple[Text, ...]) -> Q:
        mine = ContactTag.objects.filter(contact=OuterRef("pk"))
        return Q(Exists(mine.filter(links(value))))


@register("has_none", FieldKind.TAGS)
class HasNone(HasAny):
    words = _("%(field)s do not include %(value)s")

    def holds(self, field: Field, value: tuple[Text, ...]) -> Q:
        return ~super().holds(field, value)


@register("has_all", FieldKind.TAGS)
class HasAll(TagsOperator):
    words = _("%(field)s include all of: %(value)s")

    def holds(self, field: Field, value: tuple[Text, ...]) -> Q:
        # Counted, not one EXISTS each: SQLite ends at a depth of 1,000 expressions.
        mine: Any = ContactTag.objects.filter(links(value), contact=OuterRef("pk"))
        # A plain function to Django, so that it adds no GROUP BY: none found counts 0.
        count = Func(F("pk"), function="COUNT", output_field=IntegerField())
        found = mine.annotate(found=count).values("found")
        wanted = len({text.norm for text in value})
        return Q(Exact(Subquery(found), Literal(wanted)))

    def said(self, value: tuple[Text, ...]) -> str:
        return listed(value, together=True)


@register("is_empty", FieldKind.TAGS)
class HasNoTag(Unary):
    words = _("%(field)s are empty")

    def holds(self, field: Field, value: None) -> Q:
        return ~Q(Exists(ContactTag.objects.filter(contact=OuterRef("pk"))))


@register("is_not_empty", FieldKind.TAGS)
class HasSomeTag(HasNoTag):
    words = _("%(field)s are not empty")

    def holds(self, field: Field, value: None) -> Q:
        return ~super().holds(field, value)
