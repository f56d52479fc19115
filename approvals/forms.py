"""The forms of acts: a decision, a reason, a signature."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.rescheduling import NewTimes, times_of
from records.as_asked import as_asked
from records.document.outline import Document
from records.document.phases import phase_names
from records.forms.when import WrittenField
from records.models import Outline
from records.time_words import HINTS

REASON_LENGTH = 10_000


class Choice(models.TextChoices):
    """What a reviewer decides."""

    APPROVE = "approve", gettext_lazy("Approve")
    ASK = "ask_for_changes", gettext_lazy("Ask for changes")
    REJECT = "reject", gettext_lazy("Reject")


class ReasonField(forms.CharField):
    """Why somebody does what they do, in their own words; NUL is refused in words."""

    def __init__(self, *, rows: int = 3, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "data-kept-as": "reason"})
        super().__init__(widget=widget, max_length=REASON_LENGTH, **more)


class PasswordField(forms.CharField):
    """The person's password again, never shown again."""

    def __init__(self, **more: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(widget=widget, strip=False, max_length=4096, **more)


def ask_again(form: forms.Form) -> bool:
    """Say beside the password of a refused ``form`` that of all that was posted it alone has to be typed again.

    Where nothing else is wrong, it gets the focus, and the answer is yes.
    """
    if not form.errors:
        return False
    field = form["password"]
    field.help_text = _("Type it again: browsers never keep it. All else on this page is still there.")
    if is_alone := set(form.errors) == {"password"}:
        field.field.widget.attrs["autofocus"] = True
    return is_alone


def problems_of(form: forms.Form) -> list[tuple[str, str]]:
    """What is wrong with each field, with the way to it, and with the form as a whole."""
    found = [(form[name], errors) for name, errors in form.errors.items() if name in form.fields]
    own = [(f"#{field.id_for_label or field.auto_id}", str(errors[0])) for field, errors in found]
    return [*own, *(("", str(error)) for error in form.non_field_errors())]


class DecisionForm(forms.Form):
    """A decision on one revision; nothing is preselected. ``digest`` is that of the bytes that were shown."""

    decision = forms.ChoiceField(
        choices=Choice.choices, error_messages={"required": gettext_lazy("Choose what you decide")}
    )
    reason = ReasonField(
        label=gettext_lazy("Reason or note"),
        help_text=gettext_lazy("Needed to ask for changes and to reject. Everybody who sees the record sees it."),
        required=False,
    )
    invisible_seen = forms.BooleanField(
        label=gettext_lazy("I saw the characters that are written as ⟨U+…⟩, and they may be there"),
        help_text=gettext_lazy("Needed to approve."),
        required=False,
    )
    password = PasswordField(
        label=gettext_lazy("Your password, again"),
        help_text=gettext_lazy("Signs the approval; asking for changes and rejecting need none."),
        required=False,
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """What was decided; asks for what the decision needs."""
        data = super().clean() or {}
        decision = data.get("decision")
        if decision == Choice.APPROVE and not data.get("password"):
            self.add_error("password", _("Enter your password to sign the approval"))
        if decision in (Choice.ASK, Choice.REJECT) and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why, so that the author knows what to do"))
        return data


class WindowForm(forms.Form):
    """The word on the window in which a run goes on; ``window`` is the one that was shown."""

    password = PasswordField(
        label=gettext_lazy("Your password, again"),
        help_text=gettext_lazy("Signs the window, exactly as it stands here."),
        error_messages={"required": gettext_lazy("Enter your password to confirm the window")},
    )
    window = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)


class Verdict(models.TextChoices):
    """What a template keeper decides on a version that is offered."""

    PUBLISH = "publish", gettext_lazy("Publish")
    GIVE_BACK = "give_back", gettext_lazy("Give it back")


class PublishForm(forms.Form):
    """A decision on one version of a template; ``digest`` is that of the bytes that were shown."""

    decision = forms.ChoiceField(
        choices=Verdict.choices, error_messages={"required": gettext_lazy("Choose what you decide")}
    )
    reason = ReasonField(
        label=gettext_lazy("Reason or note"), help_text=gettext_lazy("Needed to give it back."), required=False
    )
    password = PasswordField(
        label=gettext_lazy("Your password, again"), help_text=gettext_lazy("Signs the publication."), required=False
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """What was decided; asks for what the decision needs."""
        data = super().clean() or {}
        if data.get("decision") == Verdict.PUBLISH and not data.get("password"):
            self.add_error("password", _("Enter your password to sign the publication"))
        if data.get("decision") == Verdict.GIVE_BACK and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say what has to change"))
        return data


class ReasonForm(forms.Form):
    """An act that asks for a reason."""

    reason = ReasonField(label=gettext_lazy("Reason"), rows=2, error_messages={"required": gettext_lazy("Say why")})


class RescheduleForm(forms.Form):
    """A new date and time, with the labels of the record's own lines, and the windows of its phases as they are now."""

    date = WrittenField("date", label=gettext_lazy("Date"), required=True)
    time = WrittenField("time")
    end = WrittenField("time")
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, document: Document | None, outline: Outline | None) -> None:
        now = times_of(document or Document(()), outline)
        self.phases = {f"window-{number}": key for number, key in enumerate(now.windows, 1)}
        windows = {name: now.windows[key] for name, key in self.phases.items()}
        super().__init__(data, initial={"date": now.date, "time": now.time, "end": now.end, **windows})
        for fact in ("date", "time", "end"):
            line = outline.bound(fact) if outline else None
            field = self.fields[fact]
            assert isinstance(field, WrittenField)
            if outline and line:
                field.follow(line, outline)
            elif fact != "date":
                del self.fields[fact]  # no line would say it
        sections = document.sections if document else ()
        groups = {group.key: group for section in sections for group in section.groups}
        names = {key: name for section in sections for key, name in phase_names(section).items()}
        for name, key in self.phases.items():
            phase = groups[key].phase
            label = f"{names[key]}: {phase.title}" if phase else key
            self.fields[name] = forms.CharField(label=label, max_length=60, required=False, help_text=HINTS["window"])
        self.helper = FormHelper()
        self.helper.form_tag, self.helper.disable_csrf = False, True
        when = Div(*(fact for fact in ("date", "time", "end") if fact in self.fields), css_class="two")
        self.helper.layout = Layout(when, *self.phases)

    def times(self) -> NewTimes:
        """What was said; for a valid form. What nobody touched stays as it is written, in whatever manner."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        changed |= {name: as_asked("window", changed[name], "") for name in self.phases if name in changed}
        said = {**self.initial, **changed}
        windows = {key: said[name] for name, key in self.phases.items()}
        return NewTimes(said["date"], said.get("time", ""), windows, said.get("end"))
