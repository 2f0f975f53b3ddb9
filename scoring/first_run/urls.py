"""The addresses of the first steps, below those of the admin."""

from django.contrib import admin
from django.urls import path

from scoring.first_run import home
from scoring.first_run.views import SetPassword, first_run

__all__ = ["home", "urlpatterns"]

urlpatterns = [
    path("admin/first-steps/", admin.site.admin_view(first_run), name="first_run_next"),
    path("admin/first-steps/<slug:slug>/", admin.site.admin_view(first_run), name="first_run"),
    path("set-password/<uidb64>/<token>/", SetPassword.as_view(), name="set_password"),
]
