"""Who works on a record beside the people that its lines name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy

from records.models import Operation, Person, Role, RoleHolding
from records.models.person import holding_on
from records.numbers import number_in
from records.rights import may_name_co_authors, may_name_people, may_name_team
from records.writing.people import LISTS, PEOPLE, Lists, Pick

WAS = "was-"
# So many boxes of a list are found at a glance.
SEEN = 10


class SomePeople(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some people, as boxes to tick; ``roles`` are what each is here, by id, to be said beside the name."""

    widget = forms.CheckboxSelectMultiple
    roles: Mapping[int, list[str]] = MappingProxyType({})

    def label_from_instance(self, obj: Any) -> str:
        """The name, and the roles in brackets."""
        return f"{obj} ({', '.join(self.roles[obj.pk])})" if obj.pk in self.roles else str(obj)

    def clean(self, value: Any) -> Any:
        """The people. Raises ValidationError for what is nobody's key: SQLite stumbles over one that is too large."""
        for pk in value or ():
            if number_in(pk) is None:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": pk}
                )
        return super().clean(value)


def _people(**words: Any) -> SomePeople:
    return SomePeople(Person.objects.none(), required=False, **words)


def _roles() -> dict[int, list[str]]:
    """What people are here today, in words, by their id."""
    held = RoleHolding.objects.filter(holding_on(timezone.now().date())).order_by("role")
    found: dict[int, list[str]] = defaultdict(list)
    for pk, role in held.values_list("person_id", "role").distinct():
        found[pk].append(str(Role(role).label))
    return found


class PeopleForm(forms.Form):
    """Those whom ``by`` may name now: co-authors, deputies, team; operator and supervisor where no line names them.

    ``is_long`` says that there are more people than are seen at once, so that one looks for them by name.
    """

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
        self.is_long = people.count() > SEEN
        # Who is it already can't be chosen to stand in, unless somebody named them.
        named, roles = operation.named, _roles()
        for name, already, there in (
            ("co_authors", {operation.author_id}, named.co_authors),
            ("deputies", {operation.operator_id}, named.deputies),
            ("team", {operation.operator_id}, named.team),
        ):
            boxes = self.fields.get(name)
            if isinstance(boxes, SomePeople):
                boxes.roles = roles
                boxes.queryset = people.exclude(pk__in={pk for pk in already if pk} - there)

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
        return set(filter(None, map(number_in, self.data.getlist(WAS + name))))


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
