"""Decisions, which are only ever added; comments on a plan; the approval rules that an administrator sets."""

from __future__ import annotations

import datetime
from functools import reduce
from operator import or_
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from records.decided import DecisionKind
from records.models import Addendum, FinalText, Operation, OperationTemplate, Revision, Role

DECIDED_ON = ("revision", "final_text", "template", "addendum")


def _one_of(*columns: str) -> Q:
    """The rows with exactly one of ``columns``."""
    return reduce(or_, (Q(**{f"{name}__isnull": name != own for name in columns}) for own in columns))


class Decision(models.Model):
    """What somebody decided on exactly these bytes. Void and superseded are computed, never written.

    Name and roles are copied, so that they survive people leaving; ``role`` is the one it was decided in, ``roles``
    all that were held then (which one is counted depends on who else signs); ``digest`` is that of what was
    decided on. Who stood in for somebody (``acts_for``) is named "A for B", with B's roles.
    """

    kind = models.CharField(max_length=16, choices=DecisionKind.choices)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="decisions")
    final_text = models.ForeignKey(FinalText, on_delete=models.PROTECT, null=True, related_name="decisions")
    template = models.ForeignKey(OperationTemplate, on_delete=models.PROTECT, null=True, related_name="decisions")
    addendum = models.ForeignKey(Addendum, on_delete=models.PROTECT, null=True, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    person_name = models.CharField(max_length=320)
    acts_for = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=32, choices=Role.choices)
    roles = models.JSONField(default=list)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    digest = models.CharField(max_length=64)

    append_only = True

    objects: ClassVar[models.Manager[Decision]] = models.Manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "revision"], condition=Q(kind="approve"), name="one_approval_per_person_and_revision"
            ),
            models.UniqueConstraint(fields=["final_text", "kind"], name="one_signature_of_a_kind_on_a_final_text"),
            models.UniqueConstraint(fields=["template", "kind"], name="one_decision_of_a_kind_on_a_template"),
            models.UniqueConstraint(fields=["addendum"], name="one_decision_on_an_addendum"),
            models.CheckConstraint(condition=_one_of(*DECIDED_ON), name="decision_on_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.person_name} {self.get_kind_display()}"


class Delegation(models.Model):
    """``to`` may decide for ``person``, in that person's roles, from one day to another (both included)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stands_in")
    since = models.DateField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Delegation]] = models.Manager()

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="delegation_ends_after_start"),
            models.CheckConstraint(condition=~Q(person=F("to")), name="delegation_to_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.to} for {self.person}"


def delegated_on(day: datetime.date) -> Q:
    """The delegations in force on ``day``: begun, not over, not ended, between people who are still here."""
    return Q(since__lte=day, until__gte=day, ended_at=None, person__is_active=True, to__is_active=True)


class ApprovalRule(models.Model):
    """Who has to approve records of a template, in all its versions, at a risk level; goes before the template's own.

    ``roles`` is a list of role names, one for each approval that is needed.
    """

    template = models.ForeignKey(OperationTemplate, on_delete=models.CASCADE, related_name="approval_rules")
    risk_level = models.CharField(_("risk level"), max_length=60)
    roles = models.JSONField(_("roles"), default=list)

    objects: ClassVar[models.Manager[ApprovalRule]] = models.Manager()

    class Meta:
        ordering = ["template", "risk_level"]
        constraints = [models.UniqueConstraint(fields=["template", "risk_level"], name="one_rule_per_level")]

    def __str__(self) -> str:
        """As the trail tells of it: what it asks for, so that its history can be read."""
        return f"{self.template}, {self.risk_level}: {', '.join(self.roles)}"


class CommentKind(models.TextChoices):
    """What a comment asks of the plan: one that must be settled stands in the way of every approval."""

    MUST_SETTLE = "must_settle", _("must be settled")
    REMARK = "remark", _("remark")


class Comment(models.Model):
    """What somebody says about a field of a plan, or answers to another comment (``thread``).

    ``key`` is the field's, or the section's for all of it; ``label`` is what it was called then; ``revision`` the
    plan that was read, null for a draft before its first submission. Until ``sent_at`` it is its writer's alone;
    afterwards it is never changed, only settled by whoever asked.
    """

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="comments")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="comments")
    thread = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")
    section_key = models.CharField(max_length=300)
    key = models.CharField(max_length=600)
    label = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=CommentKind.choices, default=CommentKind.REMARK)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    person_name = models.CharField(max_length=150)
    text = models.TextField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Comment]] = models.Manager()

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["operation", "section_key"], name="comment_by_section")]

    def __str__(self) -> str:
        return f"{self.person_name}, {self.label}"


class Viewed(models.Model):
    """Which sections of a revision a reader has marked as viewed: a help for reading, no part of any decision."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="viewed")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sections = models.JSONField(default=list)

    objects: ClassVar[models.Manager[Viewed]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "person"], name="viewed_once_by_each")]
