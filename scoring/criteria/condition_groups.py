"""All or any of some tests and groups, as a person edits them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget

from scoring.criteria.condition_leaves import LeafPart, TreePart
from scoring.criteria.form_fields import Data


@dataclass
class GroupPart(TreePart):
    """All or any of its parts."""

    way: str = "all"
    parts: "list[Part]" = field(default_factory=list)

    is_group = True

    @property
    def shown_way(self) -> str:
        return f"not_{self.way}" if self.is_negated else self.way

    @property
    def way_select(self) -> SafeString:
        ways = [
            ("all", gettext("All of these hold")),
            ("any", gettext("At least one of these holds")),
            ("not_any", gettext("None of these holds")),
            ("not_all", gettext("Not all of these hold")),
        ]
        attrs = self.attributes("way", gettext("How many of the group must hold"))
        attrs |= {"data-reshapes": ""}
        return UnfoldAdminSelectWidget(choices=ways).render(self.name("way"), self.shown_way, attrs)

    @property
    def other_way(self) -> str:
        return "any" if self.way == "all" else "all"

    @property
    def joint(self) -> str:
        """What stands between its parts."""
        return gettext("and") if self.way == "all" else gettext("or")

    def joins(self, other: "GroupPart") -> bool:
        """Whether its parts may as well stand in the other group."""
        return self.way == other.way and not self.negations and not other.negations

    def data(self) -> Data:
        return self.negated({self.way: [part.data() for part in self.parts]})


Part = LeafPart | GroupPart


def within(part: Part | None) -> Iterator[Part]:
    """A part and all that is in it, as it is read."""
    if part is not None:
        yield part
        if isinstance(part, GroupPart):
            for each in part.parts:
                yield from within(each)


def levels(part: Part | None) -> int:
    """How deep a condition is, each ``not`` being a level as in a document."""
    if part is None:
        return 0
    inner = max(map(levels, part.parts), default=0) if isinstance(part, GroupPart) else 0
    return part.negations + 1 + inner
