"""``contacts/numerals.py`` for templates; what is no number stays as it is."""

from typing import Any

from django import template

from contacts import numerals

register = template.Library()


@register.filter
def numeral(number: Any) -> Any:
    return numerals.numeral(number) if isinstance(number, numerals.Number) else number


@register.filter
def signed(number: Any) -> Any:
    return numerals.signed(number) if isinstance(number, numerals.Number) else number
