"""The administrator's page for approval rules. Decisions are not here: they are made by the acts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from approvals.eligibility import rules_of
from approvals.models import ApprovalRule
from approvals.rules import STANDS_FOR, in_sentence, label_of
from records.admin import ForAdministrators, administers

if TYPE_CHECKING:
    RuleBase = admin.ModelAdmin[ApprovalRule]
    RuleFormBase = forms.ModelForm[ApprovalRule]
else:
    RuleBase, RuleFormBase = admin.ModelAdmin, forms.ModelForm

PLACES = ("first", "second", "third")


class RuleForm(RuleFormBase):
    """A rule as one to three roles, each filled by another person; the same role may stand twice."""

    first = forms.ChoiceField(label=_("First approval"))
    second = forms.ChoiceField(label=_("Second approval"), required=False)
    third = forms.ChoiceField(label=_("Third approval"), required=False)

    class Meta:
        model = ApprovalRule
        fields = ("template", "risk_level")
        help_texts = {"template": _("The rule holds for all versions of this template.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Its history is read by template and level: one that moved would end there without a word.
        self.before = (self.instance.template.name, self.instance.risk_level) if self.instance.pk else None
        roles = [("", _("none")), *((role, label_of(role)) for role in STANDS_FOR)]
        for at, place in enumerate(PLACES):
            field = self.fields[place]
            assert isinstance(field, forms.ChoiceField)
            field.choices = roles[1:] if at == 0 else roles
            field.initial = self.instance.roles[at] if at < len(self.instance.roles) else ""

    def clean(self) -> dict[str, Any] | None:
        """The risk level has to be one of the template's, and no other of its versions has a rule for it."""
        cleaned = super().clean() or self.cleaned_data
        template, level = cleaned.get("template"), cleaned.get("risk_level")
        levels = template.outline.settings.levels if template else ()
        if levels and level not in levels:
            self.add_error("risk_level", _("The template's levels are %s.") % ", ".join(levels))
        holds = rules_of(template).filter(risk_level=level).last() if template else None
        if holds and holds.pk != self.instance.pk and holds.template != template:
            words = _("The rule of this level is set at %(template)s and holds for all versions: change that one.")
            self.add_error("template", words % {"template": holds.template})
        if template and self.before and self.before != (template.name, level):
            self.add_error(None, _("This rule stays with its template and level. Delete it, then set the other one."))
        self.instance.roles = [role for place in PLACES if (role := cleaned.get(place))]
        return cleaned


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(ForAdministrators, RuleBase):
    """Who has to approve at which level. A record that was submitted keeps the rule that was copied then."""

    form = RuleForm
    list_display = ("template", "risk_level", "asked")

    @admin.display(description=_("approvals"))
    def asked(self, rule: ApprovalRule) -> str:
        """The roles in words."""
        return ", ".join(in_sentence(role) for role in rule.roles)

    def has_delete_permission(self, request: HttpRequest, obj: ApprovalRule | None = None) -> bool:
        """Without a rule of its own a level goes by the template's."""
        return administers(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What is done to several at once, and what the trail says of it, happen both or not at all."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():
            return super().changelist_view(request, extra_context)

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[ApprovalRule]) -> Any:
        for rule in queryset:
            self._record("deleted", request, rule, f"{rule.risk_level}: {', '.join(rule.roles)}")
        return super().log_deletions(request, queryset)
