"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from opsrecords.demo.people import on_sign_in_page
from opsrecords.help import help_page

handler400 = "opsrecords.errors.bad_request"
handler403 = "opsrecords.errors.forbidden"
handler404 = "opsrecords.errors.not_found"
handler500 = "opsrecords.errors.server_error"

urlpatterns = [
    path("sign-in/", auth.LoginView.as_view(extra_context=on_sign_in_page()), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("help/", help_page, name="help"),
    path("admin/", admin.site.urls),
    path("", include("approvals.urls")),
    path("", include("records.urls")),
]
