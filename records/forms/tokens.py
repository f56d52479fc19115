"""The form that makes a token."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from records.tokens import NAME_LENGTH


class TokenForm(forms.Form):
    """What it is called, and the password of whoever makes it."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("As in: the wiki's nightly export"),
        error_messages={"required": gettext_lazy("Give it a name")},
    )
    password = forms.CharField(
        label=gettext_lazy("Your password, again"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("Enter your password")},
    )
