"""The account page: what people set for themselves, and their password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from records.forms.own_account import OwnAccountForm, OwnPasswordForm
from records.models import Person, RoleHolding
from records.models.person import holding_on
from records.own_account import change_password, change_settings
from records.rights import administers
from records.signed_in import person_of
from records.trail import reads_trail
from records.views.addresses import address
from records.views.carried import carries_along


@carries_along
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show what is set; save what was posted, a new name also into the trail."""
    own = person_of(request)
    person = Person.objects.get(pk=own.pk)
    form = OwnAccountForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        change_settings(own, settings=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("account")
    return render(request, "records/account.html", _context(own, form), status=400 if form.errors else 200)


def _context(person: Person, form: OwnAccountForm) -> dict[str, Any]:
    holdings = RoleHolding.objects.filter(holding_on(timezone.now().date()), person=person)
    return {
        "form": form,
        "holdings": holdings,
        "password_url": address("account_password"),
        "delegations_url": address("delegations"),
        "tokens_url": address("tokens"),
        "rules_url": address("rules"),
        "deliveries_url": address("deliveries"),
        "audit_url": address("audit") if reads_trail(person) else "",
        "admin_url": address("admin:index") if administers(person) else "",
    }


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_password(request: HttpRequest) -> HttpResponse:
    """A new password, with the old one; other sessions of the person end."""
    person = person_of(request)
    form = OwnPasswordForm(person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        change_password(person, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, person)
        messages.success(request, _("Your password is changed."))
        return redirect("account")
    return render(request, "records/password.html", {"form": form}, status=400 if form.errors else 200)
