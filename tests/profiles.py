"""How long property tests look: a moment in the plain run, long where HYPOTHESIS_PROFILE says."""

import os

from hypothesis import HealthCheck, settings

# The plain run draws the same examples every time; a thorough one draws others each time.
settings.register_profile("quick", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
TIMES = {"quick": 1, "thorough": 40}


def examples(quick: int, *, steps: int = 50) -> settings:
    """So many examples in the plain run, and 40 times as many in a thorough one."""
    return settings(
        settings.get_profile(PROFILE),
        max_examples=quick * TIMES[PROFILE],
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
    )
