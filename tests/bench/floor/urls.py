"""The floor's addresses."""

from django.contrib.auth.views import LoginView
from django.urls import path

from tests.bench.floor import views

urlpatterns = [
    path("sign-in/", LoginView.as_view(template_name="floor/sign_in.html"), name="login"),
    path("values/<int:pk>/", views.values),
    path("list/", views.listed),
    path("form/<int:count>/", views.form),
    path("save/<int:pk>/", views.save),
    path("approve/<int:pk>/", views.approve),
]
