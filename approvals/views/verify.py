"""The evidence bundle of a record, and a page that tells whether a file is what was signed here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from approvals import bundle_verifier
from approvals.bundle import VERIFIER, bundle_of, told_files
from approvals.decisions import decisions_on
from approvals.models import Decision
from approvals.standing import standing
from approvals.trail import first_untrue_of
from records.audit import Fault
from records.decided import DecisionKind
from records.document.digest import sha256
from records.models import Addendum, AuditEntry, FinalText, Operation, Person, Revision
from records.refusals import WrongOrder
from records.rights import operation_for, visible_to
from records.signed_in import person_of
from records.transfer.text_files import BYTE_ORDER_MARK
from records.views.markdown_pages import file_name


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is: its digest, whether that was signed here, in words, by whom, and on which record; of a plan
    text, the revision.
    """

    name: str
    digest: str
    is_signed: bool
    words: str
    operation: Operation | None = None
    signed: list[Decision] = field(default_factory=list)
    revision: Revision | None = None


class FileForm(forms.Form):
    """A file to look at; nothing of it is kept."""

    file = forms.FileField(
        label=gettext_lazy("Markdown file or evidence bundle"),
        error_messages={
            "required": gettext_lazy("Choose a file"),
            "empty": gettext_lazy("This file is empty"),
        },
    )


@login_required
@require_safe
def bundle(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence bundle, once anything was frozen."""
    person = person_of(request)
    operation = operation_for(person, pk)
    if operation.submitted_at is None:
        raise WrongOrder(_("There is no evidence yet: this record was never sent for review."))
    name = file_name(operation, "evidence.zip")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(bundle_of(operation), content_type="application/zip", headers=headers)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a file; POST: is it what was signed?"""
    person = person_of(request)
    form, found = FileForm(), None
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            found = looked_at(file.read(), str(file.name), person)
    status = 400 if form.errors else 200
    return render(request, "approvals/verify.html", {"form": form, "found": found}, status=status)


def looked_at(data: bytes, name: str, person: Person) -> Found:
    """What ``data`` is, as far as ``person`` may know."""
    if data.startswith(b"PK"):
        return _bundle(data, name, person)
    digest = sha256(data)
    final = FinalText.objects.filter(digest=digest, operation__in=visible_to(person)).order_by("-pk").first()
    if final is None:
        return _plan_text(data, name, digest, person) or _unsigned(data, name, digest, person)
    if fault := first_untrue_of(final.operation):
        return _tampered(name, digest, final.operation, fault)
    signed = list(final.decisions.order_by("at", "pk"))
    is_current = final.operation.final_text_id == final.pk
    words = _("These are exactly the bytes that were signed.")
    if not is_current:
        words = _(
            "These bytes were signed once, but not in the end: the run was opened again, and another text signed."
        )
    return Found(name, digest, is_current, words, final.operation, signed)


def _plan_text(data: bytes, name: str, digest: str, person: Person) -> Found | None:
    """Bytes that are the plan text of a revision, which its approvers signed with all that the digest covers.

    An approved revision goes before others with the same text, a newer one before an older.
    """
    # The length is known without the text: else every text that is kept here would be read.
    same = Revision.objects.annotate(size=Length("plan_text")).filter(size=len(data), plan_text=data)
    found = [
        (revision, list(revision.decisions.order_by("at", "pk")))
        for revision in same.filter(operation__in=visible_to(person)).select_related("operation").order_by("-pk")
    ]
    if not found:
        return None
    revision, decisions = next((one for one in found if _is_signed(*one)), found[0])
    if fault := first_untrue_of(revision.operation):
        return _tampered(name, digest, revision.operation, fault)
    is_signed = _is_signed(revision, decisions)
    words = _("This is the plan text of revision %(number)s, which is not an approved plan.")
    if is_signed:
        words = _(
            "This is exactly the plan text of revision %(number)s, which was approved together with the values beside"
            " the text."
        )
    return Found(name, digest, is_signed, words % {"number": revision.number}, revision.operation, decisions, revision)


def _tampered(name: str, digest: str, operation: Operation, fault: Fault) -> Found:
    """Bytes that stand here, on a record of which the trail tells something else: nothing is vouched for."""
    words = _("This stands here, but somebody changed the record past its acts, so nothing is said of it. %(fault)s.")
    return Found(name, digest, False, words % {"fault": str(fault).removesuffix(".")}, operation)


def _is_signed(revision: Revision, decisions: list[Decision]) -> bool:
    """Whether all approvals that ``revision`` asks for were given and stand, or it was ratified afterwards."""
    if any(one.kind == DecisionKind.RATIFY for one in decisions):
        return True
    now = standing(revision.operation)
    return now.revision == revision and now.is_complete


def _unsigned(data: bytes, name: str, digest: str, person: Person) -> Found:
    """Bytes that nobody signed; what changes nothing that is read, as other line ends, is told apart."""
    read = data.removeprefix(BYTE_ORDER_MARK.encode()).replace(b"\r\n", b"\n")
    if read != data:
        found = looked_at(read, name, person)
        if found.is_signed:
            words = _(
                "Not the bytes that were signed, but the same text: its line ends are those of Windows, or it begins"
                " with a byte order mark. Without that they are exactly what was signed."
            )
            return Found(name, digest, False, words, found.operation, revision=found.revision)
    words = _("No record that you may see was signed with these bytes. One blank more or less makes other bytes.")
    if name.endswith((".log.md", ".json")):
        words += " " + _("A log or JSON is not what people sign: give the record's Markdown, or its evidence (.zip).")
    return Found(name, digest, False, words)


def _bundle(data: bytes, name: str, person: Person) -> Found:
    """A bundle that fits together, and whose digests and entries of the trail are those that stand here.

    One that left the site earlier is told apart from one that says all that there is now.
    """
    digest = sha256(data)
    if not _is_readable(data):
        words = _("What is in it is more than this page reads. The script in it, verify.py, has no such limit.")
        return Found(name, digest, False, words)
    try:
        manifest, _decisions = bundle_verifier.check(data)
    except bundle_verifier.Wrong as wrong:
        return Found(name, digest, False, str(wrong))
    try:
        number, trail = _numbers_in(data, manifest)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        words = _("It fits together, but it doesn't say which record it is of.")
        return Found(name, digest, False, words)
    operation = visible_to(person).filter(pk=number, submitted_at__isnull=False).first() if number < 1 << 62 else None
    last = max(trail, default=0)
    entries = AuditEntry.objects.filter(operation=operation)
    kept = {"revisions": Revision, "final_texts": FinalText, "addenda": Addendum}
    as_here = operation is not None and last and trail == _hashes(entries.filter(number__lte=last))
    if (
        operation is None
        or not as_here
        or any(
            {(one["number"], one["digest"]) for one in manifest.get(part, [])}
            - set(model._default_manager.filter(operation=operation).values_list("number", "digest"))
            for part, model in kept.items()
        )
    ):
        words = _("It fits together, but it is not what stands here: nothing that you may see was signed with it.")
        return Found(name, digest, False, words)
    if fault := first_untrue_of(operation):
        return _tampered(name, digest, operation, fault)
    words = _("The bundle fits together, and everything in it is what was signed here.")
    if other := _other_than_here(data, manifest, operation):
        words = _(
            "The bundle fits together, and what was signed in it is what was signed here. Nobody signs %(names)s: what"
            " is in it is not what this site would put there now."
        ) % {"names": ", ".join(other)}
    if entries.filter(number__gt=last).exists():
        words += " " + _("The record has gone on since it was made: what was decided later isn't in it.")
    return Found(name, digest, True, words, operation, list(decisions_on(operation).order_by("at", "pk")))


def _is_readable(data: bytes) -> bool:
    """Whether an archive can be looked at here: all its texts are held in memory at once, its evidence one by one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = archive.infolist()
    except Exception:  # whatever it stumbles over: ``check`` says what
        return True
    evidence = [one for one in files if one.filename.startswith(bundle_verifier.EVIDENCE)]
    texts = sum(one.compress_size for one in files) - sum(one.compress_size for one in evidence)
    largest = max((one.file_size for one in evidence), default=0)
    return texts <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE and largest <= settings.LARGE_BODIES["bring_evidence"]


def _other_than_here(data: bytes, manifest: Any, operation: Operation) -> list[str]:
    """The files of a bundle that nobody signs, and that are others than those of one that is made now."""
    here = told_files(operation, ())
    names = ("comments.json", f"{operation.reference}.log.md", VERIFIER)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        script = sha256(archive.read(VERIFIER)) if VERIFIER in archive.namelist() else None
    there = {**manifest["files"], VERIFIER: script}
    return [name for name in names if there.get(name) != (sha256(here[name]) if name in here else None)]


def _numbers_in(data: bytes, manifest: Mapping[str, Any]) -> tuple[int, dict[int, str]]:
    """The record's number in a bundle, which was checked, and the hashes of its entries by theirs.

    The verifier binds neither: raises ArithmeticError, LookupError, TypeError or ValueError for what is no number.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        trail = {int(one["number"]): one["hash"] for one in json.loads(archive.read("trail.json"))}
    return int(manifest["number"]), trail


def _hashes(entries: QuerySet[AuditEntry]) -> dict[int, str]:
    return dict(entries.values_list("number", "hash"))
