"""The forms of addenda: the text, and the decision on it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.forms import PasswordField, ReasonField

TEXT_LENGTH = 64 * 1024


class AddendumForm(forms.Form):
    """What is to be added, as Markdown."""

    text = forms.CharField(
        label=gettext_lazy("What is to be added"),
        help_text=gettext_lazy("Markdown: headings, lists, links. It gets your name and the time."),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=TEXT_LENGTH,
        strip=False,
        error_messages={"required": gettext_lazy("Write what is to be added")},
    )


class AddendumDecisionForm(forms.Form):
    """Sign off with the password, or turn down with a reason; ``digest`` is that of the addendum that was shown."""

    password = PasswordField(
        label=gettext_lazy("Your password, again"),
        help_text=gettext_lazy("Signs the addendum above, exactly as it stands there."),
        required=False,
    )
    reason = ReasonField(
        label=gettext_lazy("Why it is turned down"),
        help_text=gettext_lazy("Everybody who sees the record sees this."),
        rows=2,
        required=False,
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    do = forms.ChoiceField(choices=[("sign_off", "sign_off"), ("turn_down", "turn_down")], widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        """Each button asks for its own field."""
        told: dict[str, object] = super().clean() or {}
        if told.get("do") == "sign_off" and not told.get("password"):
            self.add_error("password", _("Enter your password to sign"))
        if told.get("do") == "turn_down" and not str(told.get("reason", "")).strip():
            self.add_error("reason", _("Say why it is turned down"))
        return told
