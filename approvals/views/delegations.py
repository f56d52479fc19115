"""Who stands in for whom: one page to hand one's right to decide on for a while, and to take it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals import actions
from approvals.delegating import may_delegate
from approvals.delegation_forms import DelegationForm
from approvals.models import Delegation, delegated_on
from approvals.signing import NotSigned
from records.models import Person
from records.numbers import number_in
from records.refusals import Incomplete
from records.signed_in import person_of


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest) -> HttpResponse:
    """What is handed on, by and to this person; POST: hand on, or end what is there."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person, DelegationForm(person))
    if number := request.POST.get("end", ""):
        return _end(request, person, number)
    form = DelegationForm(person, request.POST)
    if form.is_valid():
        try:
            given = actions.delegate(by=person, **form.cleaned_data)
        except NotSigned as refusal:
            form.add_error("password", str(refusal))
        except Incomplete as lacking:
            form.add_error("until", str(lacking))
        else:
            messages.success(request, _("%(to)s decides for you now.") % {"to": given.to})
            return redirect("delegations")
    return _page(request, person, form, 400)


def _end(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    given = Delegation.objects.filter(Q(person=person) | Q(to=person), pk=number_in(number) or 0).first()
    if given is None:
        raise Http404
    actions.end_delegation(given, by=person)
    messages.success(request, _("It is over. What was decided meanwhile stays."))
    return redirect("delegations")


def _page(request: HttpRequest, person: Person, form: DelegationForm, status: int = 200) -> HttpResponse:
    concerned = Delegation.objects.filter(Q(person=person) | Q(to=person)).select_related("person", "to")
    day = timezone.now().date()
    now = list(concerned.filter(delegated_on(day)))
    context = {
        "form": form,
        "given": [one for one in now if one.person_id == person.pk],
        "taken": [one for one in now if one.to_id == person.pk],
        "past": list(concerned.exclude(pk__in=[one.pk for one in now])[:10]),
        "may_give": may_delegate(person, day),
    }
    return render(request, "approvals/delegations.html", context, status=status)
