"""What this installation calls its types of activities, for sentences of types without a phrase."""

from functools import lru_cache
from time import monotonic
from typing import Final

from contacts.models import ActivityType
from contacts.models.activities import KNOWN_TYPES

# Seconds. A page of hundreds of sentences asks the database once; a new label shows soon, in
# every process.
KEPT: Final = 10


def type_label(slug: str) -> str:
    """As somebody named it, else as the product does, else the slug: no row is needed.

    Two types are never said alike: people sign what they read.
    """
    named = {**KNOWN_TYPES, **labels(int(monotonic() // KEPT))}
    said = str(named.get(slug, slug))
    alike = any(str(label) == said for other, label in named.items() if other != slug)
    return f"{said} ({slug})" if alike else said


@lru_cache(maxsize=1)
def labels(_moment: int) -> dict[str, str]:
    return dict(ActivityType.objects.exclude(label="").values_list("slug", "label"))
