"""People and the roles they hold, each from a date to a date."""

from __future__ import annotations

import datetime
import re

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from records.document.digest import sha256
from records.models.names import refuse_name
from records.refusals import Unusable
from records.times import zone_in


class Role(models.TextChoices):
    """What a person may be (product.md, Roles). An administrator manages people and rules and signs nothing."""

    OPERATOR = "operator", _("Operator")
    SUPERVISOR = "supervisor", _("Supervisor")
    DEVOPS_SUPERVISOR = "devops_supervisor", _("DevOps supervisor")
    INFRASTRUCTURE_APPROVER = "infrastructure_approver", _("Infrastructure approver")
    AUDITOR = "auditor", _("Auditor")
    TEMPLATE_KEEPER = "template_keeper", _("Template keeper")
    ADMINISTRATOR = "administrator", _("Administrator")


SUPERVISING = frozenset({Role.SUPERVISOR.value, Role.DEVOPS_SUPERVISOR.value})
# As people write one; the run page makes it a number to press at night, so nothing else stands in it.
_DIALLED = re.compile(r"\+?(?:[ ()/.-]*[0-9]){3,15}[ ()]*")
# The roles that approvals name people by.
SIGNING = (Role.SUPERVISOR, Role.DEVOPS_SUPERVISOR, Role.INFRASTRUCTURE_APPROVER)


class Theme(models.TextChoices):
    """How pages look: as the device says, or always light or dark."""

    DEVICE = "", _("As my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Person(AbstractUser):
    """Somebody who signs in. ``name`` is how they are called on pages and in records.

    ``password_set_by`` is the administrator who set the password, until the person chose one of their own;
    ``opened_under`` the ``password_digest`` that tokens and the calendar's address were given under: they open nothing
    while another one is theirs, whoever set the password and however. ``mail_wishes`` is read by
    ``records.mail_wishes``. With another ``calendar_number`` the calendar's feed has another address.
    """

    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.DEVICE, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_dense = models.BooleanField(_("lines close together"), default=False)
    keys = models.BooleanField(_("keyboard shortcuts"), default=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    password_set_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("password set by")
    )
    opened_under = models.CharField(max_length=64, default="", editable=False)
    calendar_number = models.PositiveIntegerField(default=0, editable=False)
    mail_wishes = models.JSONField(default=dict, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    REQUIRED_FIELDS = ["name", "email"]

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        """What a form of any kind may not set: a phone that can't be dialled, a time zone that is none, a new name that
        is somebody else's, or reads like a signature.
        """
        super().clean()
        if self.phone and not _DIALLED.fullmatch(self.phone):
            raise ValidationError({"phone": _("Write the number as it is dialled, such as +46 8 123 45 67")})
        if zone_in(self.time_zone) is None:
            raise ValidationError({"time_zone": _("Write UTC or the name of a place, such as Europe/Stockholm")})
        known = dict(Person.objects.values_list("pk", "name"))
        if self.name == known.pop(self.pk, None):
            return
        try:
            refuse_name(self.name, others=known.values(), roles=[str(role.label) for role in SIGNING])
        except Unusable as error:
            raise ValidationError({"name": str(error)}) from error

    @property
    def password_digest(self) -> str:
        """Tells whether the password is still the same; of an earlier one nothing is kept that could be guessed at."""
        return sha256(self.password.encode())

    @property
    def opens_still(self) -> bool:
        """Whether the password is still that under which tokens and the calendar's address were given."""
        return self.opened_under == self.password_digest

    def check_password(self, raw_password: str | None) -> bool:
        """Whether that is the password. One that is only hashed anew, as newer releases do, opens what it opened."""
        before = self.password_digest
        right = super().check_password(raw_password)
        if self.password_digest != before:
            Person.objects.filter(pk=self.pk, opened_under=before).update(opened_under=self.password_digest)
        return right

    def is_away(self, day: datetime.date) -> bool:
        """Whether the person said to be away on ``day``."""
        return self.away_until is not None and day <= self.away_until

    def roles_on(self, day: datetime.date) -> frozenset[str]:
        """The roles held on ``day``; asked of the database once for each instance."""
        known: dict[datetime.date, frozenset[str]] = self.__dict__.setdefault("_roles_on", {})
        if day not in known:
            known[day] = frozenset(self.holdings.filter(holding_on(day)).values_list("role", flat=True))
        return known[day]


class RoleHolding(models.Model):
    """A role that a person holds from one date to another (both included; no end: until further notice).

    ``given_by`` is the administrator who gave it; one that somebody gave themselves doesn't count.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    since = models.DateField(_("from"), default=datetime.date.today)
    until = models.DateField(_("until"), null=True, blank=True)
    given_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("given by")
    )

    class Meta:
        ordering = ["role", "person__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="holding_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"

    def clean(self) -> None:
        """A role that began ends no earlier, also where the form holds nothing but its end."""
        super().clean()
        if self.since and self.until and self.until < self.since:
            words = _(
                "This role is held from %(since)s on: it can't end before. Whoever must not act today is set inactive."
            )
            raise ValidationError({"until": words % {"since": self.since}})


def holding_on(day: datetime.date | Combinable) -> Q:
    """The holdings that are in force on ``day``: begun, not over, and given by somebody else."""
    by_another = Q(given_by__isnull=True) | ~Q(given_by=models.F("person"))
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day)) & by_another
