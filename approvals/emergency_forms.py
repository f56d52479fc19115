"""The forms around an emergency: five answers on a phone, and how what was written down afterwards went."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from approvals.closing_forms import WentForm
from approvals.emergency import ANSWER_LENGTH, Went
from approvals.forms import ReasonField
from records.models import Operation, OperationTemplate
from records.run.emergency import QUESTIONS

HINTS = {
    "doing": gettext_lazy("As in: fail over the orders database"),
    "where": gettext_lazy("Hosts, services, regions"),
    "way_back": gettext_lazy("The command, or who knows it"),
    "awake": gettext_lazy("Who looks on, and whom you can call: by full name, they stand on the call list"),
    "why": gettext_lazy("What happens if it waits for an approval"),
}


def _helper(names: list[str]) -> FormHelper:
    helper = FormHelper()
    helper.form_tag, helper.disable_csrf = False, True
    helper.layout = Layout(*names)
    return helper


class EmergencyForm(forms.Form):
    """What is said at an emergency start; ``templates`` are asked for where there is a choice."""

    def __init__(self, data: Any = None, *, templates: list[OperationTemplate] | None = None) -> None:
        super().__init__(data)
        for name, question in QUESTIONS.items():
            self.fields[name] = ReasonField(label=question, rows=2, help_text=HINTS[name])
            self.fields[name].max_length = ANSWER_LENGTH  # type: ignore[attr-defined]
            self.fields[name].error_messages["required"] = format_lazy("{} {}", gettext_lazy("Answer this:"), question)
        if templates is not None and len(templates) > 1:
            choices = [(one.pk, one.name) for one in templates]
            self.fields["template"] = forms.TypedChoiceField(
                label=gettext_lazy("Along which template is it written down?"), choices=choices, coerce=int
            )
        self.helper = _helper(list(self.fields))

    def answers(self) -> dict[str, str]:
        """What was answered; for a valid form."""
        return {name: self.cleaned_data[name] for name in QUESTIONS}


class CompleteForm(WentForm):
    """Which of the steps and checks that were written down after the work were done."""

    def __init__(self, operation: Operation, data: Any = None) -> None:
        super().__init__(operation, data)
        self.helper = _helper(list(self.fields))

    def went(self) -> Went:
        """What was said; for a valid form."""
        said = self.cleaned_data
        return Went(said.get("done", ()), said.get("held", ()), said.get("left_out", ""))
