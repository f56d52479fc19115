"""Addresses of the app."""

from django.urls import URLPattern, path

from approvals.views.home import home

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
]
