from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from contacts.calendar_feed import calendar_view
from scoring.automations.unsubscribe import unsubscribe_view


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """For browsers that ask for it where no page names one."""
    return HttpResponseRedirect(static("leadscoring/favicon.svg"))


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("favicon.ico", favicon),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("scoring.first_run.urls")),
    path("admin/", admin.site.urls),
    path("unsubscribe/<str:token>", unsubscribe_view, name="unsubscribe"),
    path("calendar/<str:secret>.ics", calendar_view, name="calendar"),
    path("api/v1/", include("scoring.api.urls")),
]
