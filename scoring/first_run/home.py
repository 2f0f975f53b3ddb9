"""What the first page says while there is no model or nobody to score: the next step."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from scoring.engine.admin.home_blocks import Block, Item, home_block
from scoring.first_run.steps import STEPS, may_set_up


@home_block(order=0)
def first_steps(request: HttpRequest) -> Block | None:
    """For whoever can do them; gone when what is needed is there."""
    if not may_set_up(request):
        return None
    open_steps = [step for step in STEPS if not step.done(request)]
    if not any(step.is_needed for step in open_steps):
        return None
    items = [
        Item(
            str(step.title),
            step.url,
            step.icon,
            "" if step.is_needed else gettext("can wait"),
        )
        for step in open_steps
    ]
    return Block(
        "first-steps",
        gettext("First steps"),
        "flag",
        items,
        more_url=reverse("first_run_next"),
        more=gettext("Go on with the next one"),
    )
