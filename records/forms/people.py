"""Who works on a record beside the people that its lines name."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy

from records.models import Operation, Person
from records.rights import may_name_co_authors, may_name_people, may_name_team
from records.writing.people import LISTS, PEOPLE, Lists, Pick

WAS = "was-"


def _people(**words: Any) -> forms.ModelChoiceField[Person]:
    """Some people, as boxes to tick."""
    boxes = forms.CheckboxSelectMultiple
    return forms.ModelMultipleChoiceField(Person.objects.none(), required=False, widget=boxes, **words)


class PeopleForm(forms.Form):
    """Those whom ``by`` may name now: co-authors, deputies, team; operator and supervisor where no line names them."""

    operator = forms.ModelChoiceField(Person.objects.none(), required=False, label=gettext_lazy("Operator"))
    supervisor = forms.ModelChoiceField(Person.objects.none(), required=False, label=gettext_lazy("Supervisor"))
    co_authors = _people(
        label=gettext_lazy("Co-authors"),
        help_text=gettext_lazy("They write the plan with you, and can't approve it"),
    )
    deputies = _people(
        label=gettext_lazy("Deputies"),
        help_text=gettext_lazy("They may start and run it in the operator's place, and can't approve it"),
    )
    team = _people(
        label=gettext_lazy("Team"),
        help_text=gettext_lazy("They tick, note and work steps during the run, each under their own name"),
    )

    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True

    def __init__(self, *args: Any, operation: Operation, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outline = operation.outline
        people = Person.objects.filter(is_active=True).order_by("name", "pk")
        for fact in ("operator", "supervisor"):
            if outline and outline.bound(fact):
                del self.fields[fact]
        for right, names in (
            (may_name_people, ("operator", "supervisor", "deputies")),
            (may_name_co_authors, ("co_authors",)),
            (may_name_team, ("team",)),
        ):
            if not right(by, operation):
                self.fields = {name: field for name, field in self.fields.items() if name not in names}
        for field in self.fields.values():
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = people

    @property
    def was(self) -> list[tuple[str, int]]:
        """Whom the page shows as named, by field: sent with the form, so that it says what was changed on it.

        Boxes that come back with an error stand as they were sent, so what they were before is sent again.
        """
        shown = {name: self[name].initial for name in self.fields}
        known = set(Person.objects.filter(is_active=True).values_list("pk", flat=True))
        pairs = {name: set(pks) if isinstance(pks, list) else {pks} for name, pks in shown.items()}
        pairs |= {name: self._was(name) for name in LISTS if name in pairs and self.is_bound}
        return [(WAS + name, pk) for name, pks in pairs.items() for pk in sorted(pks & known)]

    @property
    def lists(self) -> dict[str, Lists]:
        """What the boxes say."""
        said = self.cleaned_data
        return {name: Lists(self._was(name), {person.pk for person in said[name]}) for name in LISTS if name in said}

    @property
    def picks(self) -> dict[str, Pick]:
        """What the choices of one person say."""
        said = {fact: self.cleaned_data[fact] for fact in PEOPLE if fact in self.cleaned_data}
        return {fact: Pick(next(iter(self._was(fact)), None), one.pk if one else None) for fact, one in said.items()}

    def _was(self, name: str) -> set[int]:
        assert isinstance(self.data, MultiValueDict)
        return {int(pk) for pk in self.data.getlist(WAS + name) if pk.isascii() and pk.isdigit() and len(pk) < 19}


def initial_of(operation: Operation) -> dict[str, Any]:
    """The people of ``operation`` as the form starts with them."""
    named = operation.named
    return {
        "operator": operation.operator_id,
        "supervisor": operation.supervisor_id,
        "co_authors": sorted(named.co_authors),
        "deputies": sorted(named.deputies),
        "team": sorted(named.team),
    }
