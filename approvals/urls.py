"""Addresses of the app."""

from django.urls import URLPattern, path, re_path

from approvals.views.acts import act
from approvals.views.home import home
from approvals.views.review import decide, review, revision_text

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("records/<int:pk>/review/", review, name="review"),
    path("records/<int:pk>/decide/", decide, name="decide"),
    path("records/<int:pk>/revisions/<int:number>.md", revision_text, name="revision_text"),
    re_path(r"^records/(?P<pk>[0-9]{1,18})/(?P<act>submit|withdraw|take-back|change-plan|cancel)/$", act, name="act"),
]
