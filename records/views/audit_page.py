"""The trail of the whole site, for auditors and administrators; its chain checked on request."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from records.act_words import act_words
from records.checkpoints import verify_all
from records.field_history import acted, named_in
from records.models import AuditEntry, AuditHead, Person, Role
from records.pages_by_key import without
from records.refusals import Refused
from records.views.addresses import address

SIZE = 50
READERS = frozenset({Role.AUDITOR.value, Role.ADMINISTRATOR.value})


def reads_trail(person: Person) -> bool:
    """Whether the person may read the trail of the whole site."""
    return bool(READERS & person.roles_on(timezone.now().date())) or person.is_superuser


@login_required
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Entries by number, newest first, narrowed by person, act and record in the address."""
    assert isinstance(request.user, Person)
    if not reads_trail(request.user):
        raise Refused(_("The trail of the whole site is for auditors and administrators."))
    asked = {name: request.GET.get(name, "").strip()[:150] for name in ("person", "act", "record")}
    entries = _narrowed(asked, request.GET.get("after", ""), request.user)
    found = list(entries.select_related("operation")[: SIZE + 1])
    names = named_in(found)
    query = without(request.GET, "after", "check")
    newer = query.urlencode()
    query["after"] = str(found[SIZE - 1].number) if len(found) > SIZE else ""
    context: dict[str, Any] = {
        "asked": asked,
        "entries": [(entry, acted(entry, names), *_where(entry, request.user)) for entry in found[:SIZE]],
        "older_url": f"?{query.urlencode()}" if len(found) > SIZE else "",
        "newer_url": f"?{newer}" if request.GET.get("after") else "",
        "acts": [(act, act_words(act)) for act in _acts()],
        "end": AuditHead.objects.filter(pk=1).first(),
        "checked": "check" in request.GET,
        "fault": verify_all() if "check" in request.GET else None,
    }
    return render(request, "records/audit.html", context)


def _narrowed(asked: dict[str, str], after: str, reader: Person) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.order_by("-number")
    if asked["person"]:
        entries = entries.filter(person_name__icontains=asked["person"])
    if asked["act"]:
        entries = entries.filter(act=asked["act"])
    if record := asked["record"]:
        is_number = record.isascii() and record.isdigit() and len(record) < 19
        named = Q(operation__operation_id=record) | Q(operation__title__icontains=record)
        if not _audits(reader):
            named &= Q(operation__submitted_at__isnull=False)
        entries = entries.filter(named | Q(operation__pk=int(record)) if is_number else named)
    if after.isascii() and after.isdigit() and len(after) < 19:
        entries = entries.filter(number__lt=int(after))
    return entries


def _acts() -> list[str]:
    return list(AuditEntry.objects.order_by("act").values_list("act", flat=True).distinct())


def _where(entry: AuditEntry, reader: Person) -> tuple[str, str]:
    """What the record is called, and its address; a draft is a number to those who may not see it."""
    operation = entry.operation
    if operation is None:
        return "", ""
    if not operation.submitted_at and not _audits(reader):
        return _("Record %(number)s") % {"number": operation.pk}, ""
    return str(operation), address("record", operation.pk)


def _audits(reader: Person) -> bool:
    return Role.AUDITOR in reader.roles_on(timezone.now().date())
