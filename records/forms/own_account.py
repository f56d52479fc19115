"""What people set for themselves."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.forms.when import DayField
from records.mail_wishes import Group, Wish
from records.models import Person
from records.passwords import WrongPassword, confirm

if TYPE_CHECKING:
    Base = forms.ModelForm[Person]
else:
    Base = forms.ModelForm

ELSEWHERE = ("Etc/", "SystemV/", "US/", "Canada/", "Mexico/", "Brazil/", "Chile/")


@cache
def zones() -> list[tuple[str, str]]:
    """The time zones to choose from: UTC, then places by their name."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(ELSEWHERE))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class OwnPasswordForm(PasswordChangeForm):
    """A new password, with the old one, which counts against the throttle like every password that is asked for."""

    def clean_old_password(self) -> str:
        """The old password, if it is that."""
        password = str(self.cleaned_data["old_password"])
        try:
            confirm(self.user, password)
        except WrongPassword as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        return password


class OwnAccountForm(Base):
    """Name, phone, colours, density, time zone, keys, absence, and what is wanted by mail when."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Times are in UTC; yours stands beside them."),
        choices=zones,
    )

    class Meta:
        model = Person
        fields = ("name", "phone", "time_zone", "theme", "is_dense", "keys", "away_until")
        labels = {
            "name": gettext_lazy("Name"),
            "phone": gettext_lazy("Phone"),
            "theme": gettext_lazy("Colours"),
            "is_dense": gettext_lazy("Closer together"),
            "keys": gettext_lazy("Keyboard shortcuts"),
            "away_until": gettext_lazy("Away until"),
        }
        help_texts = {
            "name": gettext_lazy("As it stands in records and under approvals from now on."),
            "phone": gettext_lazy(
                "Shown on the run page of what you work on or supervise. In an emergency also to its team and "
                "supervisors, if you are a supervisor or were named as awake."
            ),
            "is_dense": gettext_lazy("More of a page fits onto the screen; what is pressed stays as large."),
            "keys": gettext_lazy(
                "Such as g h for Home, / for the search, Ctrl+Enter for the main button; ? lists all. Your browser has "
                "to run scripts for them."
            ),
            "away_until": gettext_lazy("Authors see that you are away before they ask you for a review."),
        }
        widgets = {
            "theme": forms.RadioSelect,
        }
        field_classes = {"away_until": DayField}
        error_messages = {
            "name": {"required": gettext_lazy("Enter your name")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in Group:
            told = self.instance.mail_wishes.get(group.value, Wish.AT_ONCE.value)
            self.fields[f"mail_{group.value}"] = forms.ChoiceField(
                label=group.label, choices=Wish.choices, initial=told, required=False
            )

    def mail_fields(self) -> list[forms.BoundField]:
        """The fields of what is wanted by mail."""
        return [self[f"mail_{group.value}"] for group in Group]

    def clean(self) -> dict[str, Any]:
        """The wishes together, as they are kept: only what differs from the default."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        told = {group.value: cleaned.get(f"mail_{group.value}") or Wish.AT_ONCE.value for group in Group}
        cleaned["mail_wishes"] = {group: wish for group, wish in told.items() if wish != Wish.AT_ONCE}
        return cleaned

    def clean_name(self) -> str:
        """The name in one line."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name:
            raise forms.ValidationError(_("Enter your name"))
        return name
