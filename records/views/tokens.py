"""One's tokens: made with a name and the password, shown once; an administrator sees everybody's and can end them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from records.forms.tokens import TokenForm
from records.models import ApiToken, Person
from records.numbers import number_in
from records.passwords import WrongPassword
from records.refusals import Incomplete, Refused
from records.rights import administers
from records.signed_in import person_of
from records.tokens import end_token, in_use, make_token


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that are in use; POST: make one, or end one."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person, TokenForm())
    if number := request.POST.get("end", ""):
        return _end(person, number, request)
    form, secret = TokenForm(request.POST), ""
    if form.is_valid():
        try:
            secret = make_token(person, **form.cleaned_data)
        except WrongPassword as wrong:
            form.add_error("password", str(wrong))
        except (Incomplete, Refused) as refusal:
            form.add_error("name", str(refusal))
    if form.errors:
        return _page(request, person, form, status=400)
    return _page(request, person, TokenForm(), secret=secret)


def _end(person: Person, number: str, request: HttpRequest) -> HttpResponse:
    token = ApiToken.objects.filter(pk=number_in(number) or 0).first()
    if token is None or not (token.person_id == person.pk or administers(person)):
        raise Http404
    end_token(token, by=person)
    messages.success(request, _("The token opens nothing any more."))
    return redirect("tokens")


def _page(
    request: HttpRequest, person: Person, form: TokenForm, *, secret: str = "", status: int = 200
) -> HttpResponse:
    shown = in_use() if administers(person) else in_use(person=person)
    context = {"form": form, "tokens": shown, "secret": secret}
    return render(request, "records/tokens.html", context, status=status)
