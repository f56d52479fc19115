"""Addresses of the app."""

from django.urls import URLPattern, path

from records.views.overview import record
from records.views.record_list import record_list
from records.views.run import rollback, run
from records.views.section import section, section_preview

urlpatterns: list[URLPattern] = [
    path("records/", record_list, name="record_list"),
    path("records/<int:pk>/", record, name="record"),
    path("records/<int:pk>/sections/<str:key>/", section, name="section"),
    path("records/<int:pk>/sections/<str:key>/preview/", section_preview, name="section_preview"),
    path("records/<int:pk>/run/", run, name="run"),
    path("records/<int:pk>/rollback/", rollback, name="rollback"),
]
