"""The approval rules, for everybody to read; an administrator finds the way to change them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals.rule_book import history, levels_of, who_could
from records.act_words import act_words
from records.rights import administers
from records.signed_in import person_of
from records.views.addresses import address
from records.views.new_record import newest_templates


@login_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Per template and risk level who approves; per role who could, and who is away; what was changed, by whom."""
    person = person_of(request)
    context = {
        "templates": [(template, levels_of(template)) for template in newest_templates()],
        "roles": who_could(timezone.now().date()).items(),
        "history": [(one, act_words(one.act)) for one in history()],
        "edit_url": address("admin:approvals_approvalrule_changelist") if administers(person) else "",
    }
    return render(request, "approvals/rules.html", context)
