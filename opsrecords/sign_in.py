"""The sign-in page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from opsrecords.demo.people import PEOPLE
from records.views.carried import CARRIED, Carried, carried_in, shown


class SignIn(LoginView):
    """Django's; what somebody sent while they were signed out goes along in its form, and is shown to who signed in.

    In a demo the name of somebody made up can be filled in by the address.
    """

    carried: Carried | None = None

    def get_initial(self) -> dict[str, Any]:
        """The person whose name was pressed; nobody in production."""
        asked = self.request.GET.get("as", "")
        known = settings.DEMO and asked in {one.username for one in PEOPLE}
        return super().get_initial() | ({"username": asked} if known else {})

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """After a wrong password the form carries along what it did."""
        return super().get_context_data(**more) | {"carried": self.request.POST.get(CARRIED, "")}

    def post(self, request: HttpRequest, *args: Any, **told: Any) -> HttpResponse:
        """What can't be carried on is told before anybody signs in: the page with it is still one step back."""
        self.carried = carried_in(request)
        return super().post(request, *args, **told)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signed in: on to where one wanted to go, or to what one sent."""
        onward = super().form_valid(form)
        return shown(self.request, self.carried, self.get_success_url()) if self.carried else onward
