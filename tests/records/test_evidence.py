"""Evidence of a run: kept byte for byte with its digest, named in the log, served without ever being run."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records.audit import verify
from records.models import Evidence, LogEntry, Operation, OperationTemplate, Person, State
from records.refusals import Incomplete, Refused, WrongOrder
from records.run.keeping import OUTPUT_BYTES, PICTURE_BYTES, Brought, keep_evidence
from records.run.step_order import in_order
from tests import make
from tests.make import NIGHT
from tests.people import Cast, signed_in

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\xff" * 40
OUTPUT = "\n  lag\t0 \n\u202eodd\n\n   "


@pytest.fixture
def run(cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch) -> Operation:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)
    return make.make_in(State.RUNNING, cast, template)


def bring(person: Person, run: Operation, **posted: object):
    return signed_in(person).post(reverse("bring_evidence", args=[run.pk]), posted)


def fetched(person: Person, run: Operation, entry: LogEntry):
    return signed_in(person).get(reverse("evidence", args=[run.pk, entry.pk]))


def test_pasted_output_is_kept_byte_for_byte(cast: Cast, run: Operation) -> None:
    key = in_order(run)[0].key
    posted = {"output": OUTPUT.replace("\n", "\r\n"), "key": key, "at": "step-1.1", "note": "Before the switch"}
    answer = bring(cast.noor, run, **posted)
    assert answer["Location"] == reverse("run", args=[run.pk]) + "#step-1.1"
    entry = LogEntry.objects.get(operation=run, kind="evidence")
    assert entry.evidence and bytes(entry.evidence.content) == OUTPUT.encode()
    assert entry.evidence.sha256 == hashlib.sha256(OUTPUT.encode()).hexdigest()
    assert (entry.person, entry.text, entry.step_key) == (cast.noor, "Before the switch", key)
    answer = fetched(cast.olga, run, entry)
    assert answer.content == OUTPUT.encode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="output-1.txt"'
    page = signed_in(cast.olga).get(reverse("run", args=[run.pk])).content.decode()
    assert "output-1.txt" in page and entry.evidence.sha256[:8] in page and "Before the switch" in page
    assert verify() is None


def test_a_screenshot_is_shown_and_never_run(cast: Cast, run: Operation) -> None:
    for _twice in range(2):
        picture = SimpleUploadedFile("../../<script>photo of screen.HTML", PNG, "text/html")
        assert bring(cast.jun, run, file=picture).status_code == 303
    entry = LogEntry.objects.get(operation=run, kind="evidence")
    assert entry.evidence and (entry.evidence.name, entry.evidence.media_type) == (
        "1-script-photo-of-screen.png",
        "image/png",
    )
    answer = fetched(cast.olga, run, entry)
    assert answer.content == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"] and "default-src 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.html", b"<script>alert(1)</script>", ""),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", ""),
        ("run.exe", b"MZ\x90\0\x03", "as a picture (PNG, JPEG, GIF, WebP) or as UTF-8 text"),
        ("latin.txt", "grün".encode("latin-1"), "as UTF-8 text"),
        ("empty.txt", b" \n", "as UTF-8 text"),
        ("long.txt", b"x" * (OUTPUT_BYTES + 1), "larger than 256 KiB"),
        ("large.png", PNG + b"\0" * PICTURE_BYTES, "larger than 8 MiB"),
    ],
)
def test_what_is_taken_and_what_is_not(name: str, content: bytes, words: str, cast: Cast, run: Operation) -> None:
    answer = bring(cast.jun, run, file=SimpleUploadedFile(name, content), note="my words")
    if words:
        assert answer.status_code == 400 and words in answer.content.decode()
        assert not Evidence.objects.exists()
        return
    entry = LogEntry.objects.get(operation=run, kind="evidence")
    assert entry.evidence and entry.evidence.name.endswith(".txt")
    assert fetched(cast.olga, run, entry)["Content-Type"] == "text/plain; charset=utf-8"


def test_exactly_as_large_as_is_allowed(cast: Cast, run: Operation) -> None:
    [entry] = keep_evidence(run, files=[Brought(b"y" * OUTPUT_BYTES)], by=cast.jun, at=NIGHT)
    assert entry.evidence and entry.evidence.size == OUTPUT_BYTES


def test_the_same_file_of_somebody_else_or_with_another_step_is_kept_too(cast: Cast, run: Operation) -> None:
    first, second = (step.key for step in in_order(run)[:2])
    kept = [
        keep_evidence(run, files=[Brought(b"lag 0")], step_key=key, by=person, at=NIGHT)[0]
        for person, key in ((cast.jun, first), (cast.jun, first), (cast.noor, first), (cast.jun, second))
    ]
    assert kept[0] == kept[1], "a second click"
    assert {(one.person, one.step_key) for one in kept} == {(cast.jun, first), (cast.noor, first), (cast.jun, second)}


def test_all_of_a_press_is_kept_or_nothing(cast: Cast, run: Operation) -> None:
    with pytest.raises(Incomplete):
        keep_evidence(run, files=[Brought(b"good"), Brought(b"\0bad")], by=cast.jun, at=NIGHT)
    assert not Evidence.objects.exists()
    with pytest.raises(Incomplete, match="an output, a screenshot or a photo"):
        keep_evidence(run, files=[], by=cast.jun, at=NIGHT)


def test_only_the_team_brings_it_and_only_those_who_see_the_record_get_it(cast: Cast, run: Operation) -> None:
    with pytest.raises(Refused):
        keep_evidence(run, files=[Brought(b"x")], by=cast.olga, at=NIGHT)
    [entry] = keep_evidence(run, files=[Brought(b"x")], by=cast.jun, at=NIGHT)
    Operation.objects.update(operation_id=None)
    other = make.make_draft(cast, run.template)
    assert signed_in(cast.jun).get(reverse("evidence", args=[other.pk, entry.pk])).status_code == 404
    assert signed_in(cast.jun).get(reverse("evidence", args=[run.pk, 10**12])).status_code == 404
    assert Client().get(reverse("evidence", args=[run.pk, entry.pk])).status_code == 302


def test_nobody_changes_what_was_kept(cast: Cast, run: Operation) -> None:
    keep_evidence(run, files=[Brought(b"x")], by=cast.jun, at=NIGHT)
    for change in (lambda: Evidence.objects.update(content=b"y"), lambda: Evidence.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert bytes(Evidence.objects.get().content) == b"x"


def test_after_the_final_text_is_signed_nothing_is_added(cast: Cast, template: OperationTemplate) -> None:
    finalized = make.make_in(State.FINALIZED, cast, template)
    with pytest.raises(WrongOrder):
        keep_evidence(finalized, files=[Brought(b"x")], by=cast.jun, at=NIGHT)


def test_a_photo_may_be_larger_than_any_form_and_a_form_may_not(cast: Cast, run: Operation) -> None:
    photo = SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff" + b"\0" * (3 * 1024 * 1024))
    assert bring(cast.jun, run, file=photo).status_code == 303
    huge = SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff" + b"\0" * (11 * 1024 * 1024))
    assert bring(cast.jun, run, file=huge).status_code == 413
    url = reverse("run", args=[run.pk])
    assert signed_in(cast.jun).post(url, {"do": "note", "note": "x" * (3 * 1024 * 1024)}).status_code == 413


def test_what_waited_on_a_device_is_kept_once_with_its_own_time(cast: Cast, run: Operation) -> None:
    posted = {"output": "lag 0", "press": "a" * 32, "waited": "0"}
    assert bring(cast.noor, run, **posted).status_code == 303
    assert bring(cast.noor, run, **{**posted, "waited": "9"}).status_code == 303
    assert bring(cast.noor, run, **posted, note="Said with it later").status_code == 409
    assert LogEntry.objects.filter(operation=run, kind="evidence").count() == 1
    assert bring(cast.noor, run, **{**posted, "press": "no key"}).status_code == 400


def test_what_waited_tells_when_it_was_seen(cast: Cast, run: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT + dt.timedelta(minutes=10))
    bring(cast.noor, run, output="lag 0", press="b" * 32, waited="300")
    entry = LogEntry.objects.get(operation=run, kind="evidence")
    assert (entry.at, entry.written_at) == (NIGHT + dt.timedelta(minutes=5), NIGHT + dt.timedelta(minutes=10))
