"""The short form that starts a record, and the one that takes Markdown in."""

from __future__ import annotations

import base64
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.decided import deciding
from records.forms.when import WrittenField
from records.models import SUPERVISING, Operation, OperationTemplate, Outline, Person
from records.models.operation import is_operation_id
from records.refusals import Unusable
from records.transfer.text_files import MOST_LINES, decoded
from records.transfer.unzipped import Unzipped, unzipped
from records.writing.opening import Opening

# As base64 in a hidden field it still fits into what a post may hold.
CARRIED_BYTES = 1_400_000
FACTS = ("date", "time", "operator", "supervisor", "risk", "impact")


def _helper(*rows: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*rows)
    return helper


def _line(**more: Any) -> forms.CharField:
    return forms.CharField(required=False, max_length=300, **more)


class NewRecordForm(forms.Form):
    """Title, date, time, people, risk and impact of a new record of one template, with that template's labels."""

    title = forms.CharField(max_length=300, help_text=gettext_lazy("What this record is called everywhere"))
    date = WrittenField("date", label=gettext_lazy("Date"))
    time = WrittenField("time", label=gettext_lazy("Time"))
    operator = forms.ModelChoiceField(Person.objects.none(), required=False, empty_label=gettext_lazy("Named later"))
    supervisor = forms.ModelChoiceField(Person.objects.none(), required=False, empty_label=gettext_lazy("Named later"))
    risk = forms.ChoiceField(required=False)
    impact = forms.ChoiceField(required=False)
    operation_id = _line(
        help_text=gettext_lazy(
            "Made from date and description if left empty; can be changed until it is sent for review"
        ),
    )

    def __init__(self, *args: Any, outline: Outline, template: OperationTemplate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outline = outline
        asked = outline.texts.get("title", "")
        self.fields["title"].label = asked.strip("[]") if asked.startswith("[") else _("Title")
        needed = _("Write the “%s”") % self.fields["title"].label
        self.fields["title"].error_messages["required"] = needed
        people = Person.objects.filter(is_active=True)
        _set_people(self.fields["operator"], people)
        held = {"holdings__role__in": SUPERVISING}
        _set_people(self.fields["supervisor"], people.filter(**held).distinct())
        for fact in FACTS:
            line = outline.bound(fact)
            if line and isinstance(field := self.fields[fact], WrittenField):
                field.follow(line, outline)
            elif line:
                self.fields[fact].label = line.label
        for fact in ("risk", "impact"):
            self._set_choices(fact)
        if template and "risk" in self.fields:
            self.fields["risk"].help_text = _who_approves(template)
        self.fields["title"].widget.attrs["autofocus"] = True
        self.fields["operation_id"].label = line.label if (line := outline.bound("id")) else _("Operation ID")
        if outline.bound("date") and not outline.bound("time"):
            del self.fields["time"]  # nothing would keep it
        when = Div(*(fact for fact in ("date", "time") if fact in self.fields), css_class="two")
        who = Div("operator", "supervisor", css_class="two")
        offered = [fact for fact in ("risk", "impact") if fact in self.fields]
        self.helper = _helper("title", when, who, *offered, "operation_id")
        pattern = outline.settings.id_pattern
        self.fields["operation_id"].widget.attrs |= {"data-id-pattern": pattern, "placeholder": pattern}

    def _set_choices(self, fact: str) -> None:
        line = self.outline.bound(fact)
        options = self.outline.settings.choices.get(line.key, ()) if line else ()
        if not options:
            del self.fields[fact]
            return
        field = self.fields[fact]
        assert isinstance(field, forms.ChoiceField)
        field.widget = forms.RadioSelect()
        field.choices = [(option, option) for option in options]

    def clean_operation_id(self) -> str:
        """An ID of the only form that can name a file, that no other record has."""
        text: str = self.cleaned_data["operation_id"].strip()
        if text and not is_operation_id(text):
            raise forms.ValidationError(_("Write a date and words in small letters, such as 2026-12-06-kernel-update"))
        if text and Operation.objects.filter(operation_id=text).exists():
            raise forms.ValidationError(_("There is a record %s already; choose another ID") % text)
        return text

    def left_empty(self) -> str:
        """What a record is asked for that was left empty here, in a sentence: Enter in a line sends the form."""
        empty = [f"“{self[fact].label}”" for fact in FACTS if fact in self.fields and not self.cleaned_data.get(fact)]
        return _("Left empty so far: %(fields)s.") % {"fields": ", ".join(empty)} if empty else ""

    def opening(self) -> Opening:
        """What was said; for a valid form."""
        return Opening(**{name: value for name, value in self.cleaned_data.items() if value})


def _who_approves(template: OperationTemplate) -> str:
    """The risk levels with who approves at them: "Low, Medium: a supervisor. High, Critical: …". One query."""
    by_words: dict[str, list[str]] = {}
    for level, words in deciding().deciders_at(template, template.outline.settings.levels).items():
        by_words.setdefault(words, []).append(level)
    who = [f"{', '.join(levels)}: {words}." for words, levels in by_words.items()]
    return _("Who approves follows from it. %(who)s") % {"who": " ".join(who)}


def _set_people(field: forms.Field, people: QuerySet[Person]) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = people.order_by("name", "pk")


class TextForm(forms.Form):
    """Markdown or JSON, pasted or as a file, and the template along which Markdown is read."""

    text = forms.CharField(
        label=gettext_lazy("Paste the Markdown, or the record as JSON"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("or choose a file"), required=False, allow_empty_file=True)
    template = forms.ModelChoiceField(
        OperationTemplate.objects.all(),
        label=gettext_lazy("Template"),
        required=False,
        empty_label=gettext_lazy("The one that the text names"),
    )

    helper = _helper("text", "file", "template")

    def clean(self) -> dict[str, Any]:
        """The text, from a file byte for byte; from the form with LF, since browsers post CR LF."""
        cleaned: dict[str, Any] = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text") or ""
        if file is not None:
            try:
                cleaned["text"] = _text(file.read(), file.name)
            except Unusable as error:
                self.add_error("file", str(error))
        elif text.strip():
            try:
                pasted = text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
                cleaned["text"] = _text(pasted, _("The text"))
            except Unusable as error:
                self.add_error("text", str(error))
        elif "text" not in self.errors:
            self.add_error("text", _("Paste the record, or choose a file"))
        return cleaned


def _text(data: bytes, name: str) -> str:
    """``data`` as text that a page can carry along. Raises Unusable, in words."""
    if len(data) > CARRIED_BYTES:
        words = _("%(name)s is larger than 1.4 MB; bring it in with the command import_record.")
        raise Unusable(words % {"name": name})
    # Each line of a record's JSON holds little; a Markdown record has not so many.
    lines = CARRIED_BYTES if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else MOST_LINES
    return decoded(data, name, lines=lines)


class BringInForm(forms.Form):
    """What was shown, on its way back: the exact bytes, the template, and whether misread signs are repaired."""

    content = forms.CharField(strip=False, widget=forms.HiddenInput)
    template = forms.ModelChoiceField(OperationTemplate.objects.all(), required=False, widget=forms.HiddenInput)
    repair = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], required=False)

    def clean_content(self) -> str:
        """The text that the page carried along."""
        try:
            data = base64.b64decode(self.cleaned_data["content"], validate=True)
        except ValueError as error:
            raise forms.ValidationError(_("The text came back incomplete: paste it again")) from error
        try:
            return _text(data, _("The text"))
        except Unusable as error:
            raise forms.ValidationError(str(error)) from error


def carried(text: str) -> str:
    """``text`` for a hidden field that keeps every byte: line ends too, which browsers change in plain text."""
    return base64.b64encode(text.encode()).decode()


class ArchiveForm(forms.Form):
    """An archive of Markdown files, and the template of those that name none."""

    archive = forms.FileField(
        label=gettext_lazy("Archive (.zip)"),
        help_text=gettext_lazy("At most 50 Markdown files, 1 MiB in all"),
        error_messages={"required": gettext_lazy("Choose an archive")},
    )
    template = forms.ModelChoiceField(
        OperationTemplate.objects.all(),
        label=gettext_lazy("Template"),
        required=False,
        empty_label=gettext_lazy("The one that each text names"),
    )

    helper = _helper("archive", "template")

    def clean_archive(self) -> Any:
        """The archive; what it holds goes into ``files``, its bytes for the way back into ``content``."""
        file = self.cleaned_data["archive"]
        data = file.read()
        self.cleaned_data["files"] = _files(data)
        self.cleaned_data["content"] = base64.b64encode(data).decode()
        return file


class ArchiveBackForm(forms.Form):
    """The archive that was shown, on its way back."""

    content = forms.CharField(widget=forms.HiddenInput)
    template = forms.ModelChoiceField(OperationTemplate.objects.all(), required=False, widget=forms.HiddenInput)

    def clean_content(self) -> str:
        """The bytes that the page carried along; what they hold goes into ``files``."""
        content: str = self.cleaned_data["content"]
        try:
            data = base64.b64decode(content, validate=True)
        except ValueError as error:
            raise forms.ValidationError(_("The archive came back incomplete: choose it again")) from error
        self.cleaned_data["files"] = _files(data)
        return content


def _files(data: bytes) -> list[Unzipped]:
    try:
        return unzipped(data)
    except Unusable as error:
        raise forms.ValidationError(str(error)) from error
