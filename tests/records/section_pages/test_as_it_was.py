"""What is undone, restored or handed back is what it was, also where something came in between."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from approvals import actions
from records.content.assembly import document_of, load_all
from records.document.write import write
from records.library.versions import move_to_version
from records.models import FieldChange, Operation, OperationTemplate
from records.writing.restoring import restore_revision
from records.writing.saving import save_section
from tests import make
from tests.browserless import Page
from tests.people import Cast, signed_in
from tests.records.section_pages.asking import COST, PHASE, RECOVERY, STEPS, SUMMARY, USERS, page, rows, table

AT = make.PLANNED
BLOCK = f"{PHASE}/steps"


def button(there: Page, what: str) -> str:
    """The value of the first button that begins with ``what``."""
    return next(value for _form, _name, value in there.parsed.buttons if value.startswith(what))


def annex(operation: Operation) -> dict[str, str]:
    return {key: text for own in load_all(make.fresh(operation)) for key, text in own.annex().items()}


def text_of(operation: Operation) -> str:
    return write(document_of(make.fresh(operation)))


def test_an_undo_through_a_clash_brings_the_step_back_with_its_texts(full: Operation, cast: Cast) -> None:
    first = rows(full, STEPS, BLOCK)[0]
    was = {k: v for k, v in table(full, STEPS).items() if k.startswith(first)}
    gone = page(cast.mara, full, STEPS).send(do=f"remove:{first}")
    page(cast.carl, full, STEPS).send(do=f"add:{BLOCK}")
    clash = gone.send(do=button(gone, "undo:"))
    assert clash.status == 409
    clash.send(act="save")
    assert {k: v for k, v in table(full, STEPS).items() if k.startswith(first)} == was


def test_a_take_back_through_a_clash_takes_all_of_it_back(full: Operation, cast: Cast) -> None:
    before = table(full, SUMMARY)
    saved = page(cast.mara, full, SUMMARY).send({COST: "mine", USERS: "mine too"}, act="save")
    page(cast.carl, full, SUMMARY).send({COST: "theirs"}, act="save")
    clash = saved.send(do=button(saved, "take-back:"))
    assert clash.status == 409
    clash.send(act="save")
    assert table(full, SUMMARY)[USERS] == before[USERS]


def test_texts_that_begin_with_a_bracket_are_handed_back(full: Operation, cast: Cast) -> None:
    first = rows(full, STEPS, BLOCK)[0]
    kind, cmd, _label = json.loads(table(full, STEPS)[f"{first}.parts"])[0]
    assert kind == "commands"
    summary, steps = page(cast.mara, full, SUMMARY), page(cast.mara, full, STEPS)
    make.submit(cast, full)
    over = summary.send({COST: "[OPS-12](https://tickets.example.net/12) explains it"}, act="save")
    assert over.status == 409
    found = [
        "explains it" in over.text,
        "mkdir /srv/pg16" in steps.send({cmd: "[ -d /srv/pg16 ] || mkdir /srv/pg16"}, act="save").text,
    ]
    assert found == [True, True]


def test_a_field_of_a_section_that_is_gone_is_refused_in_words(
    full: Operation, cast: Cast, template: OperationTemplate
) -> None:
    key = "operational-procedures"
    save_section(operation=full, key=key, version=1, values=dict.fromkeys(table(full, key), ""), by=cast.mara, at=AT)
    start, end = (
        template.text.index("## Operational Procedures"),
        template.text.index("## Infrastructure Communication"),
    )
    newer = OperationTemplate.objects.create(
        name=template.name,
        version="1.1.0",
        text=template.text[:start] + template.text[end:],
        toml=template.toml.replace(key, "nothing-here"),
    )
    move_to_version(full, template=newer, by=cast.mara, at=AT)
    change = FieldChange.objects.filter(operation=full, section_key=key).exclude(before="").first()
    client = signed_in(cast.mara)
    client.raise_request_exception = False
    assert f'value="{change.pk}"' in client.get(reverse("history", args=[full.pk])).content.decode()
    assert client.post(reverse("restore", args=[full.pk]), {"change": change.pk}).status_code < 500


@pytest.mark.parametrize("at", [0, 1])
def test_a_row_that_is_brought_back_has_its_number(at: int, full: Operation, cast: Cast) -> None:
    block = f"{RECOVERY}/rollback-procedures/steps"
    own = rows(full, RECOVERY, block)
    titles = [table(full, RECOVERY)[f"{row}.title"] for row in own]
    gone = page(cast.mara, full, RECOVERY).send(do=f"remove:{own[at]}")
    gone.send(do=button(gone, "undo:"))
    heads = [
        line[:2] for t in titles for line in text_of(full).splitlines() if line[:1].isdigit() and f"**{t}**" in line
    ]
    assert heads == ["1.", "2.", "3."]


def test_ticks_survive_bringing_a_revision_back(full: Operation, cast: Cast) -> None:
    actions.submit(full, carried_hold=True, by=cast.mara, at=AT)
    actions.withdraw(make.fresh(full), by=cast.mara, at=AT)
    before = text_of(full).count("- [x]")
    restore_revision(make.fresh(full), number=1, by=cast.mara, at=AT)
    assert text_of(full).count("- [x]") == before > 0


@pytest.mark.parametrize("both", [True, False])
def test_take_back_takes_plan_facts_back_too(both: bool, full: Operation, cast: Cast) -> None:
    first = rows(full, STEPS, BLOCK)[0]
    before = annex(full)
    typed = {f"{first}.host": "db9.example.net"} | ({f"{first}.title": "Another"} if both else {})
    saved = page(cast.mara, full, STEPS).send(typed, act="save")
    saved.send(do=button(saved, "take-back:"))
    assert annex(full) == before
