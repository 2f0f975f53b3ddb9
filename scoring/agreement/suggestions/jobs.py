"""The chore of suggestions: authors hear when their criterion comes into force."""

from contacts.chores import chore
from scoring.agreement.suggestions.answering import tell_authors
from scoring.agreement.suggestions.models import Suggestion
from scoring.criteria.models import Version


@chore("suggestions", every=60)
def tell_of_what_went_live() -> int:
    """Looked for, not called by whoever brings a version live: a command may, too."""
    waiting = Suggestion.objects.filter(state=Suggestion.State.TAKEN, live_version=None)
    versions = Version.objects.live().filter(model__in=waiting.order_by().values("model"))
    return sum(tell_authors(version) for version in versions)
