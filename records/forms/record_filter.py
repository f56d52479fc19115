"""What a list of records is narrowed by: read off the address, so that every list has a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.models import Operation, Person, State
from records.numbers import number_in
from records.pages_by_key import without

MOST_WORDS, MOST_PEOPLE = 6, 200
NAMED = ("author", "operator", "supervisor")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: its words, and the address of the list without it."""

    words: str
    url: str


class RecordFilter(forms.Form):
    """Text, state, risk level, people. What is not understood narrows nothing."""

    q = forms.CharField(label=gettext_lazy("Title, ID or person"), required=False, max_length=200)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    risk = forms.ChoiceField(label=gettext_lazy("Risk level"), required=False)
    operator = forms.CharField(label=gettext_lazy("Operator"), required=False, max_length=150)
    supervisor = forms.CharField(label=gettext_lazy("Supervisor"), required=False, max_length=150)
    mine = forms.BooleanField(label=gettext_lazy("Only mine"), required=False)
    archived = forms.BooleanField(label=gettext_lazy("Archived ones"), required=False)

    def __init__(self, asked: QueryDict, levels: Iterable[str]) -> None:
        super().__init__(asked)
        self.asked = asked
        self.fields["state"].choices = [("", _("Any")), *State.choices]  # type: ignore[attr-defined]
        self.fields["risk"].choices = [  # type: ignore[attr-defined]
            ("", _("Any")),
            *((level, level) for level in levels),
        ]
        self.fields["q"].widget.input_type = "search"
        self.full_clean()

    def narrowed(self, records: QuerySet[Operation], person: Person) -> QuerySet[Operation]:
        """``records`` less those that don't fit, and less the archived ones unless they are asked for."""
        wanted = self.cleaned_data
        records = records.filter(archived_at__isnull=not wanted.get("archived"))
        for condition in _holding(wanted.get("q", "").split()[:MOST_WORDS]):
            records = records.filter(condition)
        for name, column in (("state", "state"), ("risk", "risk_level")):
            if wanted.get(name):
                records = records.filter(**{column: wanted[name]})
        for name in ("operator", "supervisor"):
            if wanted.get(name):
                records = records.filter(**{f"{name}__name__icontains": wanted[name]})
        return records.filter(concerns(person)) if wanted.get("mine") else records

    def chips(self) -> list[Chip]:
        """What the list is narrowed by now."""
        words = {
            "q": "“%s”",
            "state": "%s",
            "risk": _("Risk level: %s"),
            "operator": _("Operator: %s"),
            "supervisor": _("Supervisor: %s"),
            "mine": _("Only mine"),
            "archived": _("Archived ones"),
        }
        found = []
        for name, text in words.items():
            value = self.cleaned_data.get(name)
            if value:
                shown = State(value).label if name == "state" else value
                url = without(self.asked, name, "after", "before").urlencode()
                found.append(Chip(text % shown if "%s" in text else text, f"?{url}"))
        return found


def _holding(words: Sequence[str]) -> list[Q]:
    """For each word the records that hold it; at most one query.

    People are looked up first: a condition on their names would have every record read, whatever the indexes.
    """
    called = Q()
    for word in words:
        called |= Q(name__icontains=word)
    people = list(Person.objects.filter(called).values_list("pk", "name")[:MOST_PEOPLE]) if words else []
    return [_holds(word, [pk for pk, name in people if word.casefold() in name.casefold()]) for word in words]


def _holds(word: str, people: Sequence[int]) -> Q:
    condition = Q(title__icontains=word) | Q(operation_id__icontains=word)
    if people:
        for name in NAMED:
            condition |= Q(**{f"{name}__in": people})
    if (number := number_in(word)) is not None:
        condition |= Q(pk=number)
    return condition


def concerns(person: Person) -> Q:
    """The records that a person wrote or is named in."""
    lists = (Operation.co_authors.through, Operation.deputies.through, Operation.team.through)
    condition = Q(author=person) | Q(operator=person) | Q(supervisor=person)
    for people in lists:
        condition |= Q(pk__in=people.objects.filter(person_id=person.pk).values("operation_id"))
    return condition
