"""Addresses of the app."""

from django.urls import URLPattern, path, re_path

from approvals.views.acts import act
from approvals.views.afterwards import afterwards
from approvals.views.amending import addendum, amend
from approvals.views.approved_plan import change_plan, reschedule
from approvals.views.check import check
from approvals.views.closing import close, sign, sign_off
from approvals.views.comments import comment, comments
from approvals.views.confirming import window
from approvals.views.decisions import decisions
from approvals.views.delegations import delegations
from approvals.views.emergency import complete_plan, emergency, emergency_new
from approvals.views.home import home
from approvals.views.publish import publish
from approvals.views.review import decide, review, revision_text, viewed
from approvals.views.rules import rules
from approvals.views.verify import bundle, verify

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("templates/drafts/<int:pk>/publish/", publish, name="publish"),
    path("decisions/", decisions, name="decisions"),
    path("delegations/", delegations, name="delegations"),
    path("rules/", rules, name="rules"),
    path("verify/", verify, name="verify"),
    path("records/<int:pk>/evidence.zip", bundle, name="bundle"),
    path("records/<int:pk>/check/", check, name="check"),
    path("records/<int:pk>/review/", review, name="review"),
    path("records/<int:pk>/decide/", decide, name="decide"),
    path("records/<int:pk>/comments/", comments, name="comments"),
    path("records/<int:pk>/comments/<int:number>/", comment, name="comment"),
    path("records/<int:pk>/viewed/", viewed, name="viewed"),
    path("records/<int:pk>/revisions/<int:number>.md", revision_text, name="revision_text"),
    path("records/<int:pk>/window/", window, name="window"),
    path("records/<int:pk>/close/", close, name="close"),
    path("records/<int:pk>/sign/", sign, name="sign"),
    path("records/<int:pk>/sign-off/", sign_off, name="sign_off"),
    path("records/<int:pk>/amend/", amend, name="amend"),
    path("records/<int:pk>/addenda/<int:number>/", addendum, name="addendum"),
    path("records/<int:pk>/change-plan/", change_plan, name="change_plan"),
    path("records/<int:pk>/reschedule/", reschedule, name="reschedule"),
    path("records/<int:pk>/afterwards/", afterwards, name="afterwards"),
    path("records/new/emergency/", emergency_new, name="emergency_new"),
    path("records/<int:pk>/emergency/", emergency, name="emergency"),
    path("records/<int:pk>/complete-plan/", complete_plan, name="complete_plan"),
    re_path(r"^records/(?P<pk>[0-9]{1,18})/(?P<act>withdraw|take-back|cancel)/$", act, name="act"),
]
