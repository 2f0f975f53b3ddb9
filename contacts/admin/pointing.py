"""Fields in which a row is found by typing, also where what was sent names no row at all."""

from typing import Any, Final

from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)

# Ids have 4 bytes.
DIGITS_MOST: Final = 9


class Pointing(AutocompleteMixin):
    """Django asks for the rows of whatever was sent, and an id that is none ends in an error.

    The form says then that it is no choice, as fields with a list of choices do.
    """

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if may_be_id(each)], attr)


class PointingSelect(Pointing, AutocompleteSelect):
    pass


class PointingSelectMultiple(Pointing, AutocompleteSelectMultiple):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The field would ask SQLite for numbers that it cannot hold; a word is no choice."""
        found = super().value_from_datadict(data, files, name)
        return [each if may_be_id(each) else "?" for each in found]


def may_be_id(value: Any) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS_MOST
