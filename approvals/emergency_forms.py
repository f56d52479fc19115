"""The forms around an emergency: five answers on a phone, and how what was written down afterwards went."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.closing_forms import WentForm
from approvals.emergency import ANSWER_LENGTH, Went
from approvals.forms import ReasonField
from records.models import Operation, OperationTemplate, Step
from records.run.clock import clock_words
from records.run.emergency import QUESTIONS
from records.writing.from_the_run import recorded_steps, same_title

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
    """Which of the steps and checks that were written down after the work were done; and which steps of the plan are
    those that were recorded in the run, so that each stands there once, with its times.
    """

    def __init__(self, operation: Operation, data: Any = None) -> None:
        super().__init__(operation, data)
        self.recorded = {f"is-{step.position}": step.key for step in recorded_steps(operation)}
        guessed: set[str] = set()
        for step in recorded_steps(operation) if self.undone else ():
            places = [one for one in self.undone if (one.plan_id is None) is (step.plan_id is None)]
            alike = next((one.key for one in places if same_title(one.title, step.title)), "")
            guessed.add(data.get(f"is-{step.position}", "") if data is not None else alike)
            self.fields[f"is-{step.position}"] = forms.ChoiceField(
                label=_("U%(number)s %(title)s, recorded %(times)s, is") % _recorded(step),
                choices=[(one.key, str(one)) for one in places] + [("", _("no step of the plan"))],
                initial=alike,
                required=False,
            )
        if done := self.fields.get("done"):
            # Those that were recorded were done, with their times.
            choices = [(key, title) for key, title in done.choices if key not in guessed]  # type: ignore[attr-defined]
            done.choices, done.label = choices, _("Other steps that were done") if guessed - {""} else done.label  # type: ignore[attr-defined]
            if not choices:
                del self.fields["done"]
        if not {"done", "held"} & set(self.fields):
            self.fields.pop("left_out", None)
        asked = [name for name in self.recorded if name in self.fields]
        self.order_fields(asked)
        self.helper = _helper(list(self.fields))

    def went(self) -> Went:
        """What was said; for a valid form."""
        said = self.cleaned_data
        written = {key: said[name] for name, key in self.recorded.items() if said.get(name)}
        return Went(said.get("done", ()), said.get("held", ()), said.get("left_out", ""), written)


def _recorded(step: Step) -> dict[str, Any]:
    times = [clock_words(at) for at in (step.started_at, step.ended_at) if at]
    return {"number": step.position, "title": step.title, "times": _(" to ").join(times)}
