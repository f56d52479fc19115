"""Addresses of the app."""

from django.urls import URLPattern, path

from records.views.record_list import record_list

urlpatterns: list[URLPattern] = [
    path("records/", record_list, name="record_list"),
]
