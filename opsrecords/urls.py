"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView, TemplateView

from opsrecords.health import live, ready
from opsrecords.help import help_page
from opsrecords.metrics import metrics
from opsrecords.sign_in import SignIn

handler400 = "opsrecords.errors.bad_request"
handler403 = "opsrecords.errors.forbidden"
handler404 = "opsrecords.errors.not_found"
handler500 = "opsrecords.errors.server_error"

TO_ACCOUNT = RedirectView.as_view(pattern_name="account_password")

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("signed-in/", TemplateView.as_view(template_name="registration/signed_in.html"), name="signed_in"),
    path("help/", help_page, name="help"),
    path("health/live", live, name="health_live"),
    path("health/ready", ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
    # The administrator's pages have one of their own, past the throttle and the trail.
    path("admin/password_change/", require_safe(TO_ACCOUNT), name="admin_password"),
    path("admin/", admin.site.urls),
    path("", include("approvals.urls")),
    path("", include("records.urls")),
]
