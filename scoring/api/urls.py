"""The addresses of the API, below ``/api/v1/``."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from scoring.api.handovers import HandoversView
from scoring.api.reading import ContactsView, ContactView, ExplanationView, ScoresView
from scoring.api.reports import OneReportView, ReportsView
from scoring.api.sending import ActivitiesView

app_name = "api"

# Whatever stands there: who may not ask is told that, and not whether it is a number.
ID = r"(?P<pk>[^/]{1,100})"
urlpatterns = [
    path("activities", ActivitiesView.as_view(), name="activities"),
    path("contacts", ContactsView.as_view(), name="contacts"),
    re_path(rf"^contacts/{ID}$", ContactView.as_view(), name="contact"),
    re_path(rf"^contacts/{ID}/explanation$", ExplanationView.as_view(), name="explanation"),
    path("scores", ScoresView.as_view(), name="scores"),
    path("handovers", HandoversView.as_view(), name="handovers"),
    path("reports", ReportsView.as_view(), name="reports"),
    re_path(r"^reports/(?P<slug>[^/]{1,100})$", OneReportView.as_view(), name="report"),
    path("schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
]
