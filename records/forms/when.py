"""Days, moments and the lines that hold them, as forms ask for them: one manner on every page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from records.as_asked import as_asked
from records.document.outline import Answer
from records.models import Outline
from records.time_words import HINTS, WRONG, hint_for, unread
from records.times import date_in, moment_in


class DayField(forms.DateField):
    """A day, in any of the ways that are understood."""

    pick = "date"
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"autocomplete": "off"})

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"help_text": HINTS["date"], **more})

    def to_python(self, value: Any) -> dt.date | None:
        """The day. Raises ValidationError for what is none."""
        if value in self.empty_values or isinstance(value, dt.date):
            return value or None
        if day := date_in(str(value)):
            return day
        raise forms.ValidationError(unread("date", str(value)), code="invalid")


class MomentField(forms.DateTimeField):
    """A day and a time, in UTC unless another zone is written."""

    pick = "moment"
    widget = forms.DateTimeInput(attrs={"autocomplete": "off"})
    default_error_messages = {"invalid": WRONG["moment"]}

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"help_text": HINTS["moment"], **more})

    def to_python(self, value: Any) -> dt.datetime | None:
        """The moment. Raises ValidationError for what is none."""
        if value in self.empty_values or isinstance(value, dt.datetime):
            return value or None
        if moment := moment_in(str(value)):
            return moment
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


class WrittenField(forms.CharField):
    """What a record's line says of its ``fact``, "date" or "time": kept as its template writes it."""

    def __init__(self, fact: str, **more: Any) -> None:
        self.pick, self.pattern = fact, ""
        super().__init__(**{"help_text": HINTS[fact], "max_length": 60, "required": False, **more})
        self.widget.attrs["autocomplete"] = "off"

    def follow(self, line: Answer, outline: Outline) -> None:
        """Ask as the record's own ``line`` does: by its label, and for day and time at once where it tells both."""
        self.label, self.pattern = line.label, line.text
        self.pick = outline.asked_of(line.key)
        self.help_text = hint_for(self.pick, self.pattern)

    def clean(self, value: Any) -> str:
        """The text as the template writes it. Raises ValidationError for what can't be understood."""
        written: str = super().clean(value)
        # As it will stand there: without a zone it may be in one that nobody knows.
        asked = as_asked(self.pick, written, self.pattern)
        if words := unread(self.pick, asked):
            raise forms.ValidationError(words, code="invalid")
        return asked
