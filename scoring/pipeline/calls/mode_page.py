"""Call mode: one lead after another, and what is done with each by one key."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts.models.teams import name_of
from leadscoring.site import admin_page
from scoring.engine.at_once import refresh_at_once
from scoring.engine.leads import Lead
from scoring.pipeline.assigning.claiming import Claim
from scoring.pipeline.assigning.claiming import NotPossible as NotClaimed
from scoring.pipeline.calls import moving, questions
from scoring.pipeline.calls.forms import ResultForm
from scoring.pipeline.calls.list_page import context_of, person, refuse_others
from scoring.pipeline.calls.models import CallEntry, CallRoutine, CallSession
from scoring.pipeline.calls.results import UNDO, Finish, TakeBack, last_done, may_work
from scoring.pipeline.calls.scripts import said, script_for
from scoring.pipeline.calls.shares import local_time
from scoring.pipeline.calls.showing import deals, history, score_facts, score_of, worths
from scoring.pipeline.calls.starting import NotPossible, track_of
from scoring.pipeline.calls.times import TITLES, Clock, Later, TimeInvalid
from scoring.pipeline.feedback.answering import ANSWER
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand

Result = CallEntry.Result
ICONS: Final = {
    Result.REACHED: "call",
    Result.VOICEMAIL: "voicemail",
    Result.MEETING: "event_available",
    Result.NOT_INTERESTED: "thumb_down",
    Result.WRONG_PERSON: "person_off",
    Result.LATER: "schedule",
}
# What people write into a phone number and no phone wants.
PHONE_NOISE: Final = re.compile(r"[^0-9+*#,;]")
# What is asked before it is written; everything else is written by its key alone.
OPENS: Final = {Result.REACHED: "step", Result.LATER: "later"}
# With these a lead that marketing handed over is answered too.
ANSWERS: Final = (Result.MEETING, Result.NOT_INTERESTED, Result.WRONG_PERSON)


def session_of(request: HttpRequest, pk: int) -> CallSession:
    refuse_others(request)
    sessions = CallSession.objects.visible_to(request.user).select_related("user", "model")
    session = sessions.filter(pk=pk).first()
    if session is None:
        raise Http404
    return session


def entry_of(request: HttpRequest, session_id: int, pk: int) -> CallEntry | None:
    """None where it is gone, with its lead. Raises Http404 for a session that is not seen."""
    session = session_of(request, session_id)
    entries = CallEntry.objects.filter(session=session).select_related("session__user")
    return entries.filter(pk=pk).first()


def to(name: str, *args: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:pipeline_calls_{name}", args=args))


def to_next(session: CallSession) -> HttpResponseRedirect:
    return to("next", session.pk)


# --- The session -----------------------------------------------------------------------------


@admin_page("calls/<int:session_id>/", "pipeline_calls_session")
@require_safe
def session_view(request: HttpRequest, session_id: int) -> HttpResponse:
    """All leads of a session, with what came of each."""
    session = session_of(request, session_id)
    entries = session.entries.select_related("contact__company").order_by("position", "pk")
    seen = set(Lead.objects.visible_to(request.user).filter(
        pk__in=entries.values("contact")
    ).values_list("pk", flat=True))  # fmt: skip
    is_mine = may_work(session, person(request))
    return TemplateResponse(
        request,
        "scoring/calls/session.html",
        context_of(
            request,
            title=gettext("Calls of %(name)s") % {"name": name_of(session.user)},
            session=session,
            entries=[entry for entry in entries if entry.contact_id in seen],
            progress=moving.progress(session),
            is_mine=is_mine,
            may_end=is_mine or request.user.has_perm("scoring.plan_calls"),
            undo=undoable(session) if is_mine else None,
            results=results_of(session),
        ),
    )


def results_of(session: CallSession) -> list[tuple[str, int]]:
    """How many calls came out how, in the order of the keys."""
    rows = session.entries.filter(state=CallEntry.State.DONE).values_list("result", flat=True)
    found = list(rows)
    return [
        (str(title), found.count(value))
        for value, title in CallEntry.Result.choices
        if value in found
    ]


def undoable(session: CallSession) -> CallEntry | None:
    last = last_done(session)
    now = timezone.now()
    is_fresh = last is not None and last.called_at is not None and now - last.called_at <= UNDO
    return last if is_fresh else None


@admin_page("calls/<int:session_id>/next/", "pipeline_calls_next")
@require_safe
def next_view(request: HttpRequest, session_id: int) -> HttpResponse:
    """To the lead whose turn it is; to the session, where there is none or it is paused."""
    session = session_of(request, session_id)
    turn = moving.whose_turn(session) if session.is_running and not session.paused_at else None
    if turn is None or not may_work(session, person(request)):
        return to("session", session.pk)
    return to("lead", session.pk, turn.pk)


@admin_page("calls/<int:session_id>/<slug:deed>/", "pipeline_calls_deed")
@require_POST
def deed_view(request: HttpRequest, session_id: int, deed: str) -> HttpResponse:
    session = session_of(request, session_id)
    user: Any = request.user
    if deed == "pause":
        moving.pause(session, user)
        return to("session", session.pk)
    if deed == "resume":
        moving.go_on(session, user)
        say_lost(request, moving.drop_lost(session))
        return to_next(session)
    if deed != "end":
        raise Http404
    if moving.end(session, user):
        messages.success(request, gettext("The session is ended; what was not called is free."))
    else:
        messages.warning(request, gettext("This session was ended already."))
    return to("session", session.pk)


# --- One lead --------------------------------------------------------------------------------


@admin_page("calls/<int:session_id>/lead/<int:entry_id>/", "pipeline_calls_lead")
@require_safe
def lead_view(request: HttpRequest, session_id: int, entry_id: int) -> HttpResponse:
    entry = entry_of(request, session_id, entry_id)
    lead = lead_of(request, entry)
    if entry is None or lead is None:
        return gone(request, session_of(request, session_id))
    return shown(request, entry, lead)


def lead_of(request: HttpRequest, entry: CallEntry | None) -> Lead | None:
    """None where this person does not see it any more."""
    if entry is None:
        return None
    seen: Any = Lead.objects.visible_to(request.user).select_related("company")
    found: Lead | None = seen.filter(pk=entry.contact_id).first()
    return found


def gone(request: HttpRequest, session: CallSession) -> HttpResponse:
    text = gettext("This lead was removed meanwhile, or belongs to somebody else now.")
    messages.warning(request, text)
    return to_next(session)


def shown(
    request: HttpRequest, entry: CallEntry, lead: Lead, form: ResultForm | None = None
) -> HttpResponse:
    session, user, now = entry.session, person(request), timezone.now()
    track = track_of(session)
    score = score_of(lead, track)
    form = form or ResultForm(session.user, now)
    handover = handover_of(entry, person(request))
    script = script_for(lead, score.band if score else entry.band)
    facts = {
        "title": lead.full_name or lead.email,
        "session": session,
        "entry": entry,
        "lead": lead,
        "progress": moving.progress(session),
        "before": moving.before(entry),
        "is_mine": may_work(session, user),
        "may_answer": user.has_perm("contacts.change_contact"),
        "form": form,
        "sent": str(form.data.get("result", "")).partition(":")[0],
        "results": result_buttons(handover),
        "laters": later_buttons(form.clock),
        "undo": undoable(session),
        "tomorrow": tomorrow(form.clock),
        "zone": form.clock.calendar.time_zone,
        "tel": PHONE_NOISE.sub("", lead.phone),
        "local": local_time(lead.country, now),
        "questions": questions.form_of(asked(track), lead),
        "script": script,
        "said": said(script, lead, score, track, session.user) if script and track else "",
        "history": history(lead, user),
        "deals": deals(lead, user),
        "handover": handover,
        "manual": manual_band(entry, now),
        "may_claim": not lead.owner and Claim(lead, user).may(),
        **score_facts(lead, track),
    }
    return TemplateResponse(request, "scoring/calls/lead.html", context_of(request, **facts))


def asked(track: Any) -> list[questions.Question]:
    document = track.version.document_value if track else None
    return questions.chosen_questions(CallRoutine.objects.current(), document)


def handover_of(entry: CallEntry, user: User) -> Handover | None:
    """The one that waits for an answer, if this person may give it."""
    if not user.has_perm(ANSWER):
        return None
    waiting = Handover.objects.visible_to(user).waiting().filter(contact=entry.contact_id)
    return waiting.filter(model=entry.session.model_id).first()


def manual_band(entry: CallEntry, now: datetime) -> ManualBand | None:
    bands = ManualBand.objects.in_force(now).filter(contact=entry.contact_id)
    return bands.filter(model=entry.session.model_id).select_related("set_by").first()


def result_buttons(handover: Handover | None) -> list[dict[str, Any]]:
    opens = OPENS | (dict.fromkeys(ANSWERS, "step") if handover else {})
    return [
        {
            "value": value,
            "title": title,
            "key": str(place),
            "icon": ICONS[Result(value)],
            "opens": opens.get(Result(value), ""),
        }
        for place, (value, title) in enumerate(Result.choices, start=1)
    ]


def later_buttons(clock: Clock) -> list[dict[str, Any]]:
    """Each with the instant that it means, where the calendar has one."""
    found = []
    for place, choice in enumerate(Later, start=1):
        try:
            at = None if choice is Later.OWN else clock.shown(clock.at(choice))
        except TimeInvalid:
            continue
        found.append(
            {"value": f"later:{choice}", "title": TITLES[choice], "at": at, "key": str(place)}
        )
    return found


def tomorrow(clock: Clock) -> datetime | None:
    """When somebody is called again who was not there."""
    try:
        return clock.shown(clock.at(Later.TOMORROW))
    except TimeInvalid:
        return None


# --- What is done with it --------------------------------------------------------------------


@admin_page("calls/<int:session_id>/lead/<int:entry_id>/<slug:deed>/", "pipeline_calls_do")
@require_POST
def do_view(request: HttpRequest, session_id: int, entry_id: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise Http404
    entry = entry_of(request, session_id, entry_id)
    if entry is None:
        return gone(request, session_of(request, session_id))
    if not may_work(entry.session, person(request)):
        raise PermissionDenied
    return DEEDS[deed](request, entry)


def finish(request: HttpRequest, entry: CallEntry) -> HttpResponse:
    lead = lead_of(request, entry)
    if lead is None:
        moving.drop_lost(entry.session)
        return gone(request, entry.session)
    form = ResultForm(person(request), timezone.now(), request.POST)
    if not form.is_valid():
        return shown(request, entry, lead, form)
    try:
        untold = Finish(entry, person(request), form.said()).execute()
    except NotPossible as reason:
        messages.warning(request, str(reason))
        return to_next(entry.session)
    refresh_at_once(lead.pk)
    facts = {"name": lead.full_name or lead.email, "result": Result(form.said().result).label}
    messages.success(request, gettext("%(name)s: %(result)s.") % facts)
    if untold:
        messages.warning(request, untold)
    return moved_on(request, entry.session)


def moved_on(request: HttpRequest, session: CallSession) -> HttpResponse:
    """To the next lead; where there is none left, the session is over."""
    say_lost(request, moving.drop_lost(session))
    if moving.whose_turn(session) is None:
        moving.end(session, person(request))
        return to("session", session.pk)
    return to_next(session)


def say_lost(request: HttpRequest, names: list[str]) -> None:
    if names:
        said = ngettext(
            "%(names)s belongs to somebody else now and is off your list.",
            "%(names)s belong to somebody else now and are off your list.",
            len(names),
        )
        messages.warning(request, said % {"names": ", ".join(names)})


def skip(request: HttpRequest, entry: CallEntry) -> HttpResponse:
    try:
        moving.put_off(entry, person(request))
    except NotPossible as reason:
        messages.warning(request, str(reason))
    return to_next(entry.session)


def undo(request: HttpRequest, entry: CallEntry) -> HttpResponse:
    try:
        TakeBack(entry, person(request)).execute()
    except NotPossible as reason:
        messages.error(request, str(reason))
        return to_next(entry.session)
    refresh_at_once(entry.contact_id)
    messages.success(request, gettext("Undone: the call is open again."))
    if entry.made.get("answered"):
        text = gettext("What you told marketing stays; change it under Feedback.")
        messages.warning(request, text)
    return to("lead", entry.session_id, entry.pk)


def claim(request: HttpRequest, entry: CallEntry) -> HttpResponse:
    lead = lead_of(request, entry)
    if lead is None:
        moving.drop_lost(entry.session)
        return gone(request, entry.session)
    try:
        messages.success(request, Claim(lead, request.user).execute().message)
    except NotClaimed as reason:
        messages.error(request, str(reason))
    return to("lead", entry.session_id, entry.pk)


def answer(request: HttpRequest, entry: CallEntry) -> HttpResponse:
    """The field alone, and the score beside it as it is now."""
    lead = lead_of(request, entry)
    track = track_of(entry.session)
    known = {question.id: question for question in asked(track)}
    question = known.get(request.POST.get("question", ""))
    if lead is None or question is None:
        raise Http404
    before = worths(score_of(lead, track))
    value, fault = questions.typed(question, lead, request.POST)
    is_changed = False
    if not fault:
        try:
            act = questions.Answer(entry, person(request), question)
            is_changed = act.execute(value, request.POST.get("was", ""))
        except NotPossible as reason:
            fault = str(reason)
    if is_changed and not refresh_at_once(lead.pk):
        fault = gettext("It is saved; the score follows in a moment.")
    lead = lead_of(request, entry) or lead
    facts = {
        "session": entry.session,
        "entry": entry,
        "lead": lead,
        "may_answer": True,
        "manual": manual_band(entry, timezone.now()),
        "local": local_time(lead.country, timezone.now()),
        "row": {**questions.form_of([question], lead)[0], "fault": fault, "saved": is_changed},
        **score_facts(lead, track, before),
    }
    return TemplateResponse(request, "scoring/calls/answered.html", facts)


DEEDS: Final[dict[str, Callable[[HttpRequest, CallEntry], HttpResponse]]] = {
    "result": finish,
    "skip": skip,
    "undo": undo,
    "claim": claim,
    "answer": answer,
}
