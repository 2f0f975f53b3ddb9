"""Who may GET and who may POST each address: docs/roles.md, address by address.

M is Marketing, S sales, G the sales manager, A the administrator, N somebody without a role, and
"-" who is not logged in. The first line that fits counts. The admin's own pages of a model
follow from the table of docs/roles.md and need no line.
"""

from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from tests.access.routes import Route
from tests.contacts.test_roles import DOCUMENTED, PAGES

ROLES: Final = {"Marketing": "M", "Sales": "S", "Sales manager": "G", "Administrator": "A"}
ALL: Final = "MSGA"
STAFF: Final = "MSGAN"
ANYBODY: Final = "MSGAN-"
SALES: Final = "SGA"
MANAGERS: Final = "GA"
WRITERS: Final = "MA"
PLANNERS: Final = "MGA"
ADMIN: Final = "A"
NOBODY: Final = ""


class Line(NamedTuple):
    pattern: str
    sees: str
    does: str


MODEL = "admin:scoring_scoringmodel"
TABLE: Final = [
    Line("set_language", ANYBODY, ANYBODY),
    Line("set_password", ANYBODY, ANYBODY),
    Line("unsubscribe", ANYBODY, ANYBODY),
    Line("first_run*", ADMIN, ADMIN),
    # Of every site.
    Line("admin:login", ANYBODY, ANYBODY),
    Line("admin:logout", NOBODY, ANYBODY),
    Line("admin:index", STAFF, STAFF),
    Line("admin:search", STAFF, STAFF),
    Line("admin:password_change*", STAFF, STAFF),
    Line("admin:jsi18n", STAFF, NOBODY),
    Line("admin:autocomplete", NOBODY, NOBODY),
    Line("admin:view_on_site", NOBODY, NOBODY),
    Line("admin:app_list", ALL, ALL),
    Line("admin:auth_user_password_change", ADMIN, ADMIN),
    # The pool, the rules, hand-overs.
    Line("admin:pipeline_claim", NOBODY, SALES),
    Line("admin:pipeline_give_back", SALES, SALES),
    Line("admin:pipeline_pool*", SALES, SALES),
    Line("admin:pipeline_rules*", ALL, ALL),
    Line("admin:pipeline_rule_do", NOBODY, MANAGERS),
    Line("admin:pipeline_rule*", MANAGERS, MANAGERS),
    Line("admin:pipeline_hand_over", MANAGERS, MANAGERS),
    Line("admin:pipeline_take_back", NOBODY, MANAGERS),
    # The board and the call list.
    Line("admin:pipeline_board_move", NOBODY, SALES),
    Line("admin:pipeline_board_claim", NOBODY, SALES),
    Line("admin:pipeline_board_bulk", NOBODY, ALL),
    Line("admin:pipeline_board_save", NOBODY, ALL),
    Line("admin:pipeline_board_view", NOBODY, ALL),
    Line("admin:pipeline_board*", ALL, NOBODY),
    Line("admin:pipeline_calls_settings", "MGA", MANAGERS),
    Line("admin:pipeline_calls_start", NOBODY, SALES),
    Line("admin:pipeline_calls_deed", NOBODY, SALES),
    Line("admin:pipeline_calls_do", NOBODY, SALES),
    Line("admin:pipeline_calls*", SALES, NOBODY),
    Line("admin:pipeline_dormant_do", ALL, ALL),
    Line("admin:pipeline_dormant_*", NOBODY, ALL),
    Line("admin:pipeline_dormant", ALL, ALL),
    # The page of a lead: notes and bands by hand are everybody's, tasks and taking of sales.
    Line("admin:pipeline_lead_do", ALL, ALL),
    Line("admin:pipeline_lead_task_done", NOBODY, SALES),
    Line("admin:pipeline_lead_take", NOBODY, SALES),
    Line("admin:pipeline_lead_email_preview", NOBODY, ALL),
    Line("admin:pipeline_lead_band_end", NOBODY, ALL),
    # A note is changed by whoever wrote it: in tests/access/world.py that is Saul.
    Line("admin:pipeline_lead_note_edit", "S", ALL),
    Line("admin:pipeline_lead_note_*", NOBODY, ALL),
    Line("admin:pipeline_lead_*", ALL, NOBODY),
    Line("admin:pipeline_capture_undo", NOBODY, ALL),
    Line("admin:pipeline_capture*", ALL, ALL),
    Line("admin:scoring_doubt", ALL, ALL),
    # Merging takes the right to change contacts, which all four have.
    Line("admin:pipeline_merge_score", ALL, NOBODY),
    Line("admin:pipeline_merge", ALL, ALL),
    Line("admin:pipeline_apart", NOBODY, ALL),
    Line("admin:pipeline_duplicates", ALL, NOBODY),
    Line("admin:contact_erase", ADMIN, ADMIN),
    Line("admin:contacts_merge_undo", NOBODY, ALL),
    # What people set for themselves; the calendar has a secret address.
    Line("admin:pipeline_settings", STAFF, STAFF),
    Line("admin:pipeline_calendar*", STAFF, STAFF),
    Line("calendar", ANYBODY, NOBODY),
    # What sales say of their leads.
    Line("admin:pipeline_service_levels", ALL, MANAGERS),
    Line("admin:pipeline_feedback_answer", NOBODY, SALES),
    Line("admin:pipeline_feedback_one", ALL, SALES),
    Line("admin:pipeline_feedback", ALL, NOBODY),
    Line("admin:reports", ALL, NOBODY),
    Line("admin:report_again", NOBODY, ALL),
    # A view or a schedule is one's own, or shared; whose it is the pages ask.
    Line("admin:report_view_delete", ALL, ALL),
    Line("admin:report_view_*", NOBODY, ALL),
    Line("admin:report_mail_do", NOBODY, ALL),
    Line("admin:report_mail_leave", NOBODY, ALL),
    Line("admin:report_mails", ALL, NOBODY),
    Line("admin:report_mail*", ALL, ALL),
    Line("admin:report*", ALL, NOBODY),
    # The weekly meeting: all four write, and make tasks of decisions.
    Line("admin:terms", ALL, NOBODY),
    Line("admin:terms_edit", "MGA", "MGA"),
    Line("admin:terms_do", NOBODY, ALL),
    Line("admin:review_schedule", "MGA", "MGA"),
    Line("admin:review_draft", NOBODY, WRITERS),
    # Of a draft alone. What is in none is marked as done by everybody.
    Line("admin:review_leave_out", NOBODY, WRITERS),
    Line("admin:review_done", NOBODY, ALL),
    Line("admin:review_task", NOBODY, ALL),
    Line("admin:review", ALL, NOBODY),
    Line("admin:review_meeting", ALL, NOBODY),
    Line("admin:review_file", ALL, NOBODY),
    Line("admin:review_reopen", NOBODY, "MGA"),
    Line("admin:review_*", NOBODY, ALL),
    # Tasks, leads.
    Line("admin:task_deed", NOBODY, SALES),
    Line("admin:task_asked", SALES, SALES),
    # Takes back what one has just done oneself; without that it does nothing.
    Line("admin:task_undo", NOBODY, STAFF),
    Line("admin:scoring_lead_part", ALL, NOBODY),
    Line("admin:import_*", "MGA", "MGA"),
    # Everybody adds their own card once; in tests/access/world.py Saul has one.
    Line("admin:scoring_ownercard_add", "MGA", "MGA"),
    # Models: drafts are of marketing, signatures and remarks of both sides.
    Line(f"{MODEL}_grades_propose", NOBODY, WRITERS),
    Line(f"{MODEL}_grades*", ALL, ALL),
    Line(f"{MODEL}_agreement_propose", WRITERS, WRITERS),
    Line(f"{MODEL}_agreement_live", WRITERS, WRITERS),
    Line(f"{MODEL}_agreement_unplan", NOBODY, WRITERS),
    Line(f"{MODEL}_agreement*", ALL, ALL),
    Line(f"{MODEL}_pilot", PLANNERS, PLANNERS),
    Line(f"{MODEL}_pilot_plan", PLANNERS, PLANNERS),
    Line(f"{MODEL}_pilot_replan", PLANNERS, PLANNERS),
    Line(f"{MODEL}_pilot_*", NOBODY, PLANNERS),
    Line(f"{MODEL}_versions_import", WRITERS, WRITERS),
    Line(f"{MODEL}_versions_rename", NOBODY, WRITERS),
    Line(f"{MODEL}_versions*", ALL, ALL),
    Line(f"{MODEL}_impact*", ALL, ALL),
    Line(f"{MODEL}_audit", ALL, ALL),
    Line(f"{MODEL}_criteria", ALL, ALL),
    Line(f"{MODEL}_criteria_numbers", ALL, ALL),
    Line(f"{MODEL}_criteria_success", ALL, ALL),
    Line(f"{MODEL}_criteria_begin", NOBODY, WRITERS),
    Line(f"{MODEL}_criteria_discard", NOBODY, WRITERS),
    Line(f"{MODEL}_criteria_bring_back", NOBODY, WRITERS),
    Line(f"{MODEL}_criteria_suggest", WRITERS, NOBODY),
    Line(f"{MODEL}_criteria_*", WRITERS, WRITERS),
    Line(f"{MODEL}_matrix_add", NOBODY, WRITERS),
    Line(f"{MODEL}_matrix_example", NOBODY, WRITERS),
    Line(f"{MODEL}_matrix_delete", WRITERS, WRITERS),
    Line(f"{MODEL}_matrix_import", WRITERS, WRITERS),
    Line(f"{MODEL}_matrix*", ALL, ALL),
    Line(f"{MODEL}_scenarios", ALL, ALL),
    Line(f"{MODEL}_scenarios_from", WRITERS, WRITERS),
    Line(f"{MODEL}_scenarios_try", NOBODY, ALL),
    Line(f"{MODEL}_scenarios_form", ALL, ALL),
    Line(f"{MODEL}_scenarios_card", ALL, ALL),
    Line(f"{MODEL}_scenarios_*", NOBODY, WRITERS),
    Line(f"{MODEL}_suggestions", ALL, ALL),
    Line(f"{MODEL}_suggestions_rule", WRITERS, WRITERS),
    Line(f"{MODEL}_suggestions_*", NOBODY, WRITERS),
    Line(f"{MODEL}_doubts", ALL, ALL),
    Line(f"{MODEL}_doubts_answer", NOBODY, WRITERS),
    Line(f"{MODEL}_threshold", ALL, ALL),
    Line(f"{MODEL}_threshold_outcomes", ALL, ALL),
    Line(f"{MODEL}_threshold_ask", NOBODY, ALL),
    Line(f"{MODEL}_threshold_pick", NOBODY, WRITERS),
    Line("admin:scoring_condition_tree", NOBODY, STAFF),
    Line("admin:scoring_condition_values", ALL, NOBODY),
    Line("admin:scoring_version_yaml", ALL, ALL),
    # Automations, sequences, segments, the outbox.
    Line("admin:scoring_automation_versions", ALL, ALL),
    Line("admin:scoring_automation_export", ALL, ALL),
    Line("admin:scoring_automation_ready_made", NOBODY, WRITERS),
    Line("admin:scoring_automation_switch_off", NOBODY, WRITERS),
    Line("admin:scoring_automation_back", NOBODY, WRITERS),
    Line("admin:scoring_automation_*", WRITERS, WRITERS),
    Line("admin:scoring_crossing_held", ALL, ALL),
    Line("admin:scoring_crossing_*", WRITERS, WRITERS),
    Line("admin:scoring_segment_do", WRITERS, WRITERS),
    Line("admin:scoring_segment_stop", NOBODY, WRITERS),
    Line("admin:scoring_segment_*", ALL, ALL),
    Line("admin:scoring_apikey_revoke", ADMIN, ADMIN),
    Line("admin:scoring_rejecteditem_send", ADMIN, ADMIN),
    Line("admin:message*", ADMIN, ADMIN),
    Line("admin:notification_read", NOBODY, ALL),
    Line("admin:notifications_read", NOBODY, STAFF),
    Line("admin:endpoint_*", ADMIN, ADMIN),
    Line("admin:destination_*", ADMIN, ADMIN),
    Line("admin:scoring_sequence_import", WRITERS, WRITERS),
    Line("admin:scoring_sequence_yaml", ALL, ALL),
    Line("admin:scoring_sequence_people", ALL, ALL),
    Line("admin:scoring_sequence_*", NOBODY, WRITERS),
    Line("admin:jobs_*", ADMIN, ADMIN),
    # The API: writing takes a key; who is logged in reads what they see.
    Line("api:activities", NOBODY, NOBODY),
    Line("api:schema", ANYBODY, NOBODY),
    Line("api:docs", ANYBODY, NOBODY),
    Line("api:*", ALL, NOBODY),
]
# Pages of a model that are no rows of docs/roles.md: what imports take is said in words there.
IMPORTS: Final = ("contacts.importjob", "contacts.importmapping")
# What a page of a model takes: for GET, for POST.
VERBS: Final = {
    "changelist": ("see", "see"),
    "history": ("see", "see"),
    "change": ("see", "change"),
    "add": ("add", "add"),
    "delete": ("delete", "delete"),
}
BY_MODEL: Final = {model._meta.label_lower: name for name, model in PAGES.items()}


def line_of(route: Route) -> Line | None:
    """None where nobody has declared who may."""
    model = route.model
    for line in TABLE:
        # A pattern is of addresses beside those of a model.
        named = route.name == line.pattern
        if named or (model is None and fnmatchcase(route.name, line.pattern)):
            return line
    if model is None:
        return None
    label = model._meta.label_lower
    if label in IMPORTS:
        return Line(route.name, "MGA", "MGA")
    roles = DOCUMENTED.get(BY_MODEL.get(label, ""))
    if roles is None:
        return None
    sees, does = VERBS[route.verb]
    return Line(route.name, who(roles, sees), who(roles, does))


def who(roles: dict[str, set[str]], action: str) -> str:
    return "".join(ROLES[role] for role, actions in roles.items() if action in actions)
