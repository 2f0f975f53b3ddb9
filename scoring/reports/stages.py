"""The stages of the life cycle that reports follow, from left to right."""

from typing import Final

from contacts.models import Lifecycle

# Whoever has reached one has reached those before it.
STAGES: Final = (Lifecycle.MQL, Lifecycle.SQL, Lifecycle.OPPORTUNITY, Lifecycle.CUSTOMER)
