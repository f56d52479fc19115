"""What leaves in bulk: all finalized records in the folders they belong in, byte for byte."""

import gc
import io
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest
from django.urls import reverse

from records.models import FinalText, Operation, OperationTemplate, State
from records.transfer.records_out import markdown_of
from records.transfer.zipped import path_of, zipped
from tests import make
from tests.people import Cast, signed_in


def archive(person) -> zipfile.ZipFile:
    response = signed_in(person).get(reverse("finalized_zip"))
    assert response.streaming
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_the_archive_holds_the_stored_bytes_of_what_is_finalized_alone(cast: Cast, template: OperationTemplate) -> None:
    finalized = make.make_in(State.FINALIZED, cast, template)
    with archive(cast.noor) as found:
        assert found.testzip() is None
        name = f"infrastructure/{finalized.operation_id}.md"
        assert found.namelist() == [name, name.removesuffix(".md") + ".log.md"]
        assert finalized.final_text is not None
        assert found.read(name) == bytes(finalized.final_text.text)


def test_what_was_signed_off_leaves_whatever_became_of_the_rows_i1(cast: Cast, template: OperationTemplate) -> None:
    """Download, print, archive and script give the stored bytes: nothing is written again after it was signed."""
    finalized = make.make_in(State.FINALIZED, cast, template)
    assert finalized.final_text is not None
    signed = bytes(finalized.final_text.text)
    section = finalized.sections.get(key="operation-summary")
    section.answers = dict.fromkeys(section.answers, "Something else")
    section.save(update_fields=["answers"])
    response = signed_in(cast.noor).get(reverse("record_download", args=[finalized.pk]))
    assert b"".join(response) == signed
    assert (
        "Something else" not in signed_in(cast.noor).get(reverse("record_print", args=[finalized.pk])).content.decode()
    )
    assert markdown_of(Operation.objects.get(pk=finalized.pk)) == signed
    with archive(cast.noor) as found:
        assert found.read(found.namelist()[0]) == signed


def test_memory_does_not_grow_with_the_records_that_leave(cast: Cast, template: OperationTemplate) -> None:
    def leaving(count: int) -> Iterator[Operation]:
        for number in range(count):
            if number % 20 == 0:
                gc.collect(1)  # else the peak is when Python last looked for rubbish
            final = FinalText(text=f"# Record {number}".encode(), frozen_at=make.PLANNED)
            yield Operation(pk=-number, final_text=final, operation_id=f"2026-12-06-{number}-{'a' * 80}")

    def peak(count: int) -> int:
        tracemalloc.start()
        size = sum(len(part) for part in zipped(leaving(count)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size > 300 * count
        return most

    peak(10)  # what is loaded and kept once
    few, many = peak(500), peak(1_500)  # from 500 the directory of the archive fills the piece that waits
    assert many < 1.1 * few, f"{many} bytes for five times as many, {few} before"


def test_without_any_it_is_an_empty_archive(cast: Cast, template: OperationTemplate) -> None:
    make.make_in(State.APPROVED, cast, template)
    assert archive(cast.noor).namelist() == []


@pytest.mark.parametrize(
    "written", ["../../etc/passwd", "-rf", "a\nb", "con.md", "2026-12-06-X", "2026-12-06-a/../b", "", None]
)
def test_a_name_that_is_not_safe_becomes_a_number_case_20(
    cast: Cast, template: OperationTemplate, written: str | None
) -> None:
    assert path_of(Operation(pk=7, operation_id=written, template=template)) == "infrastructure/record-7.md"
    assert path_of(Operation(pk=7, operation_id=written)) == "records/record-7.md"


def test_the_address_in_a_mail_leads_to_the_record(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    response = signed_in(cast.ada).get(f"/records/{operation.operation_id}/review/?view=source")
    assert (response.status_code, response["Location"]) == (302, f"/records/{operation.pk}/review/?view=source")
    for missing in ("2026-12-06-nothing/", "2026-12-06-nothing/../../admin/", "2026-12-06-a//evil.example/"):
        assert signed_in(cast.ada).get(f"/records/{missing}").status_code == 404
