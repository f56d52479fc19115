"""One operation record: its identity, people, window, risk level, state and outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records.models.states import Outcome, State
from records.models.template import OperationTemplate, Outline

if TYPE_CHECKING:
    from records.models.person import Person

ID_LENGTH = 80
ID_SHAPE = re.compile(r"(?:[A-Za-z][A-Za-z0-9]*-)*[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9]+(-[a-z0-9]+)*")


def is_operation_id(text: str) -> bool:
    """Whether ``text`` can name a record outside, and its file: a date and words, perhaps after signs such as CHG."""
    return len(text) <= ID_LENGTH and ID_SHAPE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Named:
    """Those whom a record names beside its author, operator and supervisor: ids; names and telephones by id."""

    co_authors: frozenset[int]
    deputies: frozenset[int]
    team: frozenset[int]
    names: Mapping[int, str]
    phones: Mapping[int, str]

    @property
    def everybody(self) -> frozenset[int]:
        """All of them."""
        return self.co_authors | self.deputies | self.team


class Operation(models.Model):
    """A record. What was written stands in its sections; the columns here are read off them for lists.

    ``state`` is changed by ``life_cycle.move`` alone. The parsed columns (window, risk rank) are null where
    what was written can't be understood; readiness judges that. ``submitted_at`` is the newest submission, null
    before the first. ``afterwards_reason`` says why it was done before anybody could approve it: what was recorded
    afterwards never was approved, nor was what was started as an emergency, whose ``emergency`` holds what the
    operator said then (``records.run.emergency``); ``plan_due_at`` is when the rest of its plan is due, null once it
    was written. ``review_on`` is the day of the next review that the final text names.
    Each of ``start_conditions`` is a dict as ``records.run.starting.Condition``
    reads it, each of ``stops`` one as ``records.run.stops.Stop`` does. ``in_charge`` is the deputy who took over,
    or whoever took back. ``renamings`` are the moves to versions of the template that call parts of it otherwise, as
    ``records.content.renaming`` reads them. What is archived (``archived_at``) is left out of lists, and is nowhere
    else different.
    """

    template = models.ForeignKey(OperationTemplate, on_delete=models.PROTECT, null=True, related_name="operations")
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    outcome = models.CharField(max_length=24, choices=Outcome.choices, blank=True)
    operation_id = models.CharField(max_length=ID_LENGTH, null=True, blank=True, unique=True)
    title = models.CharField(max_length=300, blank=True)
    front = models.TextField(blank=True)
    risk_level = models.CharField(max_length=60, blank=True)
    risk_rank = models.PositiveSmallIntegerField(null=True)
    service_impact = models.CharField(max_length=60, blank=True)
    window_start = models.DateTimeField(null=True)
    window_end = models.DateTimeField(null=True)

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="authored")
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="operating"
    )
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="supervising"
    )
    co_authors = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="co_authored")
    deputies = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="deputised")
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teamed")

    muted_by = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="muted")

    cloned_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="clones")
    submitted_at = models.DateTimeField(null=True)
    start_allowed_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    afterwards_reason = models.TextField(blank=True)
    emergency = models.JSONField(default=dict)
    plan_due_at = models.DateTimeField(null=True)
    rolled_back_at = models.DateTimeField(null=True)
    rollback_trigger = models.CharField(max_length=600, blank=True)
    rollback_reason = models.TextField(blank=True)
    final_text = models.ForeignKey("records.FinalText", on_delete=models.PROTECT, null=True, related_name="+")
    review_on = models.DateField(null=True)
    start_conditions = models.JSONField(default=list)
    in_charge = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    stops = models.JSONField(default=list)
    renamings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    is_demo = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Operation]] = models.Manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        indexes = [
            # One for each list, so that neither walks over the records of the other.
            models.Index(
                fields=["-updated_at", "-id"], condition=Q(archived_at__isnull=True), name="operation_newest_listed"
            ),
            models.Index(
                fields=["-updated_at", "-id"], condition=Q(archived_at__isnull=False), name="operation_newest_archived"
            ),
            models.Index(fields=["state", "-updated_at", "-id"], name="operation_by_state"),
            models.Index(fields=["window_start"], name="operation_by_window"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(operation_id__isnull=True) | ~Q(operation_id=""), name="id_null_or_said"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="operation_state_known"),
        ]

    def __str__(self) -> str:
        return self.title or str(_("Untitled record"))

    @property
    def outline(self) -> Outline | None:
        """The outline of the record's template; None for a record that has none."""
        return self.template.outline if self.template else None

    @property
    def reference(self) -> str:
        """What names the record outside: its operation ID, or its number while it has none."""
        return self.operation_id or str(self.pk)

    @property
    def runs_it(self) -> Person | None:
        """Who runs it now: whoever took over, else the named operator."""
        return self.in_charge or self.operator

    @property
    def was_unapproved(self) -> bool:
        """Whether it was done before anybody approved it; somebody ratifies it at the sign-off."""
        return bool(self.afterwards_reason or self.emergency)

    @property
    def owes_plan(self) -> bool:
        """Whether the plan is written now, after the work: the rest of one that was started as an emergency."""
        return self.state == State.CLOSING and self.plan_due_at is not None

    def people(self) -> set[Person]:
        """Author, operator and supervisor, as far as named."""
        return {person for person in (self.author, self.operator, self.supervisor) if person}

    @cached_property
    def named(self) -> Named:
        """Co-authors, deputies and team, in one query; read once for each instance."""
        with connection.cursor() as cursor:
            cursor.execute(_NAMED, [self.pk] * len(_LISTS))
            found = cursor.fetchall()
        ids = {name: frozenset(pk for of, pk, *_rest in found if of == name) for name in _LISTS}
        names = {pk: called for _of, pk, called, _phone in found}
        return Named(**ids, names=names, phones={pk: phone for _of, pk, _called, phone in found})


_LISTS = ("co_authors", "deputies", "team")
# Asked by nearly every act and page. Wording it anew from three querysets took ten times as long as the answer.
_NAMED = " UNION ALL ".join(
    f"""SELECT '{name}', person.id, COALESCE(NULLIF(person.name, ''), person.username), person.phone
    FROM records_operation_{name} list JOIN records_person person ON person.id = list.person_id
    WHERE list.operation_id = %s"""
    for name in _LISTS
)
