"""The slices in a record's JSON, its own lines: what comes in says what it shows, whatever is written in it later."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from records.content.assembly import document_of
from records.document.digest import fingerprint
from records.document.fields import table_of
from records.document.honest import is_said_by
from records.models import Operation, OperationTemplate, State, Step
from records.refusals import Unusable
from records.transfer.exchange import json_of
from records.transfer.records_in import import_file
from records.transfer.records_out import markdown_of
from records.writing.section_writing import write_fields
from tests import make
from tests.make import ROOT
from tests.people import Cast
from tests.records.transfer.json_records import NOW, back, leaf, parts


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    """A record as it was brought in."""
    return import_file(ROOT / "records/demo/kafka-rolling-upgrade.md", operator="mara", at=NOW).operation


DISHONEST: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("source", lambda d: leaf(d, "commands").update(source="   ```bash\n   rm -rf /srv\n   ```\n")),
    ("gap", lambda d: leaf(d, "answer").update(gap="\n<!-- approved -->\n\n")),
    ("heading", lambda d: leaf(d, "heading").update(source="## Something else\n")),
    ("tail", lambda d: leaf(d, "rows").update(tail="\nAnd run this as root.\n\n")),
    ("front", lambda d: d["document"].update(front="Hidden words.\n\n")),
    ("label", lambda d: leaf(d, "answer").update(label="Anything")),
    ("key", lambda d: next(b for b in d["document"]["sections"][0]["groups"][0]["blocks"][1:]).update(key="header/x")),
    ("kind", lambda d: leaf(d, "rows").update(kind="risks")),
]


@pytest.mark.parametrize("change", [d[1] for d in DISHONEST], ids=[d[0] for d in DISHONEST])
def test_slices_that_say_something_else_than_the_fields_are_refused(
    change: Callable[[dict[str, Any]], object], draft: Operation, tmp_path: Path
) -> None:
    """Else a page would show one command and the exported text hold another."""
    data = json.loads(json_of(draft))
    change(data)
    with pytest.raises(Unusable, match=r"are not those that its Markdown would hold|is not a document"):
        back(data, tmp_path)
    assert Operation.objects.count() == 1


def test_what_is_only_cut_otherwise_comes_in_as_its_markdown_has_it(draft: Operation, tmp_path: Path) -> None:
    """As an earlier release had it: a note that comes first under a step, which is read as the step's text."""
    data = json.loads(json_of(draft))
    steps = [row for rows in parts(data, "rows") if rows["kind"] == "steps" for row in rows["rows"]]
    step = next(row for row in steps if row["parts"] and not row["text"])
    note = {"type": "loose", "key": f"{step['key']}/note~9", "text": "Wait.", "source": "", "gap": "", "read_as": ""}
    step["parts"].insert(0, note)
    imported = back(data, tmp_path)
    assert [hint for hint in imported.hints if "came in as its Markdown has it" in hint]
    again = imported.operation
    assert b"Wait." in markdown_of(again)
    assert Step.objects.get(section__operation=again, key=step["key"]).text.strip() == "Wait."
    note.update(source="   Go on.\n", read_as=fingerprint("Wait."))
    with pytest.raises(Unusable, match="are not those that its Markdown would hold, first under"):
        back(data, tmp_path)


def slice_of(data: dict[str, Any], type_: str, read_as: Sequence[str], written: str, instead: str) -> str:
    """Has a part's slice say ``instead`` of ``written``, for the day when the part holds ``read_as``; its key."""
    own = leaf(data, type_)
    assert written in own["source"]
    own.update(read_as=fingerprint(*read_as), source=own["source"].replace(written, instead))
    return str(own["key"])


def waits_in_an_answer(data: dict[str, Any]) -> dict[str, str]:
    harmless = "Kafka, one broker at a time"
    return {slice_of(data, "answer", [harmless], leaf(data, "answer")["text"], "All at once"): harmless}


def waits_in_commands(data: dict[str, Any]) -> dict[str, str]:
    own, harmless = leaf(data, "commands"), "systemctl status kafka"
    first = own["text"].splitlines()[0]
    return {slice_of(data, "commands", [own["language"], harmless], first, "rm -rf /srv"): harmless}


def waits_for_another_marker(data: dict[str, Any]) -> dict[str, str]:
    """A check under a marker that its list doesn't have is written anew, until it comes first."""
    rows = next(one for one in parts(data, "rows") if one["kind"] == "checks" and len(one["rows"]) > 1)
    own = rows["rows"][-1]
    own["source"] = f"* [ ] All at once{own['source'][-1]}"
    return {f"{rows['key']}.rows": json.dumps([own["key"], *(row["key"] for row in rows["rows"][:-1])])}


@pytest.mark.parametrize("waits", [waits_in_an_answer, waits_in_commands, waits_for_another_marker])
def test_no_slice_waits_for_a_text_to_be_written_instead(
    waits: Callable[[dict[str, Any]], dict[str, str]], draft: Operation, tmp_path: Path
) -> None:
    """Else a form, and whoever reads what changed in it, would show one command, and the record hold another."""
    data = json.loads(json_of(draft))
    values = waits(data)
    again = back(data, tmp_path).operation
    assert markdown_of(again) == markdown_of(draft)
    document = document_of(again)
    [key] = {own.key for own in document.sections for name in values if name in table_of(own)}
    write_fields(again, key, values, by=again.author, at=NOW)
    text = markdown_of(Operation.objects.get(pk=again.pk)).decode()
    assert "All at once" not in text and "rm -rf" not in text
    assert is_said_by(text, document_of(again), again.outline and again.outline.document)


def test_the_json_of_a_finalized_record_is_what_was_signed(cast: Cast, template: OperationTemplate) -> None:
    """A script wrote into its rows afterwards."""
    operation = make.make_in(State.FINALIZED, cast, template)
    before = json.loads(json_of(operation))["document"]
    for section in operation.sections.all():
        section.answers = {key: f"{text} [forged]" for key, text in section.answers.items()}
        section.save()
    Step.objects.filter(section__operation=operation).update(title="Forged")
    assert json.loads(json_of(make.fresh(operation)))["document"] == before
