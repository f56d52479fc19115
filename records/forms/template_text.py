"""The forms that bring a template's text in and change it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.refusals import Unusable
from records.transfer.text_files import decoded

CODE = {"rows": 16, "spellcheck": "false", "autocapitalize": "off"}


class TemplateTextForm(forms.Form):
    """A template's Markdown and the TOML beside it; a file goes before what is pasted, and keeps its line ends.

    ``clean`` gives both as ``text`` and ``toml``.
    """

    text = forms.CharField(
        label=gettext_lazy("Markdown"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**CODE, "class": "as-text"}),
    )
    file = forms.FileField(
        label=gettext_lazy("or a Markdown file"),
        required=False,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".md,.markdown,text/markdown"}),
    )
    toml = forms.CharField(
        label=gettext_lazy("Settings (TOML)"),
        help_text=gettext_lazy("What the text can't say itself. Can be left empty: the next page asks."),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**CODE, "rows": 5, "class": "as-text"}),
    )
    toml_file = forms.FileField(
        label=gettext_lazy("or a TOML file"),
        required=False,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both texts; from the page with LF, since browsers post CR LF."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, file in (("text", "file"), ("toml", "toml_file")):
            if name in self.errors or file in self.errors:
                continue
            sent = cleaned.get(file)
            try:
                if sent is not None:
                    cleaned[name] = decoded(sent.read(), sent.name)
                else:
                    posted = (cleaned.get(name) or "").replace("\r\n", "\n").replace("\r", "\n")
                    cleaned[name] = decoded(posted.encode("utf-8", "surrogatepass"), _("The text"))
            except Unusable as error:
                self.add_error(file if sent is not None else name, str(error))
        return cleaned


def kept(posted: str, stored: str) -> str:
    """What was posted; if it is what is stored up to line ends, that, byte for byte."""
    same = posted == stored.replace("\r\n", "\n").replace("\r", "\n")
    return stored if same else posted
