"""The forms that close a record: outcome and time, the operator's signature, the sign-off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.afterwards import Happened
from approvals.forms import PasswordField, ReasonField
from records.content.final_text import words_of
from records.document.answers import Answer, Empty, Filled
from records.forms.when import DayField, MomentField
from records.models import Operation, Outcome
from records.run.emergency import unwritten_rows
from records.run.left_undone import undone_checks, undone_steps
from records.time_words import HINTS
from records.times import date_in

BAR = "|"


class OutcomeForm(forms.Form):
    """How it went, in the template's own words, and when it was over."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the outcome")},
    )
    completed = MomentField(
        label=gettext_lazy("Completion time (UTC)"),
        error_messages={"required": gettext_lazy("Say when it was over")},
    )

    review = DayField(label=gettext_lazy("Next review"), required=False)

    def __init__(self, operation: Operation, data: Any = None, *, review: Answer) -> None:
        end = operation.finished_at
        written = end.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S") if end else ""
        written_review = review.text if isinstance(review, Filled) else ""
        day = date_in(written_review)
        super().__init__(data, initial={"completed": written, "review": day.isoformat() if day else ""})
        outline = operation.outline
        line = outline.bound("review") if outline else None
        if outline is None or line is None:
            del self.fields["review"]
        elif written_review and not day:
            self.fields["review"].help_text = _("Left empty, what is written stays: “%s”") % written_review
        else:
            words = _("%s. Those who wrote and ran it are reminded that day.")
            if isinstance(review, Empty) and outline.settings.is_asked(line.key, operation.risk_level):
                words = _("Needed before it can be signed. %s. Those who wrote and ran it are reminded that day.")
            self.fields["review"].help_text = words % HINTS["date"]
        self.operation = operation
        self.fields["outcome"].choices = outcomes_of(operation)  # type: ignore[attr-defined]

    def outcome_said(self) -> tuple[str, str]:
        """Of a valid form: the outcome, and which of the template's words for it, empty for the first."""
        outcome, _bar, words = self.cleaned_data["outcome"].partition(BAR)
        return outcome, words

    def clean_review(self) -> dt.date | None:
        """A day that is still to come, or nothing."""
        day: dt.date | None = self.cleaned_data["review"]
        if day and day <= timezone.now().date():
            raise forms.ValidationError(_("That day is over; a review is still to come"))
        return day

    def clean_completed(self) -> dt.datetime:
        """A time between the start of the run and now."""
        moment: dt.datetime = self.cleaned_data["completed"]
        began = self.operation.started_at
        if began and moment < began.replace(second=0, microsecond=0):
            raise forms.ValidationError(_("The run started later than that"))
        if moment > timezone.now() + dt.timedelta(minutes=1):
            raise forms.ValidationError(_("That time is still to come"))
        return moment


def outcomes_of(operation: Operation) -> list[tuple[str, str]]:
    """The outcomes that fit the run, as the template words them: rolled back only if it was, completed only if not.

    Of several words for one outcome the first is told by the outcome alone.
    """
    settings = operation.outline.settings if operation.outline else None
    fitting = (Outcome.FAILED, Outcome.ROLLED_BACK) if operation.rolled_back_at else (Outcome.COMPLETED, Outcome.FAILED)
    found = [
        (word, f"{outcome.value}{BAR}{word}" if at else str(outcome.value))
        for outcome in fitting
        for at, word in enumerate(words_of(outcome, settings))
    ]
    order = settings.outcome_words if settings else ()
    found.sort(key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    return [(value, word) for word, value in found]


class SignForm(forms.Form):
    """The operator's signature over the text that was shown."""

    password = PasswordField(
        label=gettext_lazy("Your password, again"),
        help_text=gettext_lazy("With it you sign the final text, exactly as this page shows it."),
        error_messages={"required": gettext_lazy("Enter your password to sign")},
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SignOffForm(SignForm):
    """The sign-off by another person, who compared plan and actual."""

    actual_seen = forms.BooleanField(
        label=gettext_lazy("I compared plan and actual, and read the final text"),
        error_messages={"required": gettext_lazy("Confirm that you compared plan and actual")},
    )
    note = ReasonField(label=gettext_lazy("Note"), rows=2, required=False)
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ["actual_seen", "note", "password"]

    def __init__(self, operation: Operation, data: Any = None) -> None:
        super().__init__(data)
        if operation.was_unapproved:
            note = self.fields["note"]
            note.required, note.label = True, _("Note (required)")
            note.help_text = _("Signing it off ratifies what nobody approved beforehand. Say why it was right.")
            note.error_messages["required"] = _("Say why it was right to do it before anybody approved it")


def _ticked(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


class WentForm(forms.Form):
    """Which steps and checks of what was done already were left out, and why. Lists of nothing are not asked for.

    ``tells_what_was_done`` says that the plan itself is an account of the work: then its steps come ticked.
    """

    tells_what_was_done = False
    done = _ticked(gettext_lazy("Steps that were done"))
    held = _ticked(gettext_lazy("Checks that were made"))
    left_out = ReasonField(
        label=gettext_lazy("Why were the others left out?"),
        rows=2,
        required=False,
        help_text=gettext_lazy("Only if a step or a check is not ticked."),
    )

    def __init__(self, operation: Operation, data: Any = None) -> None:
        # Of what nobody wrote nobody says that it was done.
        blank = unwritten_rows(operation) if operation.owes_plan else frozenset()
        self.undone = [step for step in undone_steps(operation) if step.key not in blank]
        unmade = [check for check in undone_checks(operation) if check.key not in blank]
        steps = [(step.key, str(step)) for step in self.undone]
        super().__init__(data, initial={"done": [key for key, _title in steps] if self.tells_what_was_done else []})
        checks = [(check.key, str(check)) for check in unmade]
        for name, choices in (("done", steps), ("held", checks)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]
        if not self.undone and not unmade:
            del self.fields["left_out"]


class AfterwardsForm(WentForm):
    """What was done before anybody approved it: when, why, and which steps and checks were left out."""

    tells_what_was_done = True
    reason = ReasonField(
        label=gettext_lazy("Why was it done before anybody could approve it?"),
        help_text=gettext_lazy("Everybody who sees the record sees this. A supervisor ratifies it or sends it back."),
        error_messages={"required": gettext_lazy("Say why it was done first")},
    )
    started = MomentField(label=gettext_lazy("Started (UTC)"), error_messages={"required": gettext_lazy("Say when")})
    ended = MomentField(label=gettext_lazy("Ended (UTC)"), error_messages={"required": gettext_lazy("Say when")})

    def __init__(self, operation: Operation, data: Any = None) -> None:
        super().__init__(operation, data)
        self.helper = FormHelper()
        self.helper.form_tag, self.helper.disable_csrf = False, True
        went = [name for name in WentForm.base_fields if name in self.fields]
        self.helper.layout = Layout("reason", Div("started", "ended", css_class="two"), *went)

    def happened(self) -> Happened:
        """What was said; for a valid form."""
        said = self.cleaned_data
        return Happened(
            started=said["started"],
            ended=said["ended"],
            reason=said["reason"],
            done=said.get("done", ()),
            held=said.get("held", ()),
            left_out=said.get("left_out", ""),
        )
