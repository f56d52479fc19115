"""The form that lets somebody else decide in one's place for a while."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from approvals.forms import PasswordField
from records.forms.when import DayField
from records.models import Person


class DelegationForm(forms.Form):
    """To whom, until when, signed again."""

    to = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Who decides for you"),
        empty_label=gettext_lazy("Choose a person"),
        error_messages={"required": gettext_lazy("Choose a person")},
    )
    until = DayField(
        label=gettext_lazy("Until, that day included"), error_messages={"required": gettext_lazy("Say until when")}
    )
    password = PasswordField(
        label=gettext_lazy("Your password, again"),
        error_messages={"required": gettext_lazy("Enter your password to sign")},
    )

    def __init__(self, person: Person, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.filter(is_active=True).exclude(pk=person.pk)
