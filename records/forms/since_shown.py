"""An administrator's form overwrites nothing that it did not show: who saves second is told, and may save again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from records.document.digest import canonical_json, sha256

SHOWN = "shown"


class _Seen(forms.CharField):
    """What the form was shown with: nothing that anybody changes."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class SinceShown(forms.Form):
    """Before a model form: a row that somebody changed after the form was shown is not saved at the first press.

    ``untold`` are the names of fields whose values no page repeats.
    """

    untold: frozenset[str] = frozenset()

    shown = _Seen(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial[SHOWN] = self.now = sha256(canonical_json(dict(self._stored())))

    def clean(self) -> dict[str, Any] | None:
        """Says what stands there now, where it isn't what was shown; the next press means it."""
        cleaned = super().clean()
        if self.cleaned_data.get(SHOWN) not in ("", self.now):
            words = _("Somebody changed this after you opened it. Now it says: %s. Save once more to have it as here.")
            told = [self._told(name, text) for name, text in self._stored() if name in self.changed_data]
            posted: Any = self.data.copy()  # type: ignore[attr-defined]
            posted[self.add_prefix(SHOWN)] = self.now
            self.data = posted
            if told:
                self.add_error(None, words % "; ".join(told))
        return cleaned

    def _stored(self) -> Iterable[tuple[str, str]]:
        """What the row says in the fields that can be changed here, as text."""
        for name, field in self.fields.items():
            if name != SHOWN and not field.disabled:
                yield name, ", ".join(_texts(field, self.get_initial_for_field(field, name)))

    def _told(self, name: str, text: str) -> str:
        label = self.fields[name].label or name
        return _("%s (not shown here)") % label if name in self.untold else f"{label} “{text or '–'}”"


def _texts(field: forms.Field, value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
    words = {str(key): str(label) for key, label in getattr(field, "choices", ())} if _is_choice(field) else {}
    return [words.get(str(one), str(one)) for one in values]


def _is_choice(field: forms.Field) -> bool:
    return isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField)
