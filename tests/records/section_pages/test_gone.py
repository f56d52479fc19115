"""What is sent to a section that the record hasn't got, or not any more, stays in the hands of whoever wrote it."""

from __future__ import annotations

import json

import pytest

from records.library.versions import move_to_version
from records.models import Operation, OperationTemplate
from tests import make
from tests.browserless import words_of
from tests.people import Cast, signed_in
from tests.records.section_pages.asking import page

IMPACT = "infrastructure-impact-assessment"
WRITTEN = "Ten minutes of typing\nabout the <impact>"
REASON = "The record doesn't have this section now"


def without(text: str, heading: str) -> str:
    """``text`` less its section of that heading."""
    before, _heading, rest = text.partition(f"## {heading}\n")
    assert rest
    return before + rest[rest.index("\n## ") + 1 :]


@pytest.fixture
def moved(blank: Operation, cast: Cast, template: OperationTemplate) -> tuple[Operation, dict[str, str], str]:
    """A record, the form of a section of it in which nobody had written, and a field of that; then it moved to a
    version of its template that has no such section.
    """
    form = page(cast.mara, blank, IMPACT).fields()
    field = next(name for name, text in form.items() if "/" in name and "." not in name and not text)
    text = without(template.text, blank.sections.get(key=IMPACT).title)
    newer = OperationTemplate.objects.create(name=template.name, version="1.1.0", text=text, toml=template.toml)
    move_to_version(blank, template=newer, by=cast.mara, at=make.PLANNED)
    assert not blank.sections.filter(key=IMPACT).exists()
    return make.fresh(blank), form, field


@pytest.mark.parametrize("button", [{}, {"act": "continue"}, {"act": "exit"}, {"do": f"na:{IMPACT}"}])
@pytest.mark.parametrize("more", [{}, {"writer": "999"}, {"page": "x", "header/date": "\0"}])
def test_a_text_for_a_section_that_is_gone_is_handed_back(
    button: dict[str, str], more: dict[str, str], moved: tuple[Operation, dict[str, str], str], cast: Cast
) -> None:
    operation, form, field = moved
    address = f"/records/{operation.pk}/sections/{IMPACT}/"
    sent = {**form, field: WRITTEN, "mark": f"na:{field}", "reason": "It touches nothing", **more, **button}
    answer = signed_in(cast.mara).post(address, sent)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert REASON in words_of(told)
    assert "Ten minutes of typing\nabout the &lt;impact&gt;</textarea>" in told.replace("\r\n", "\n")
    assert "It touches nothing</textarea>" in told


def test_its_page_that_saves_itself_is_told_so_and_keeps_the_text(
    moved: tuple[Operation, dict[str, str], str], cast: Cast
) -> None:
    operation, form, field = moved
    address, headers = f"/records/{operation.pk}/sections/{IMPACT}/", {"Accept": "application/json"}
    told = signed_in(cast.mara).post(address, {**form, field: WRITTEN}, headers=headers)
    assert told.status_code == 409
    said = json.loads(told.content)
    assert (said["over"], said["problems"], said["clashes"]) == (True, {}, [])
    assert said["reason"].startswith(REASON)


def test_so_is_one_for_a_section_that_the_record_came_without(full: Operation, cast: Cast) -> None:
    form = page(cast.mara, full, IMPACT).fields()
    field = next(name for name in form if "/" in name and "." not in name)
    full.sections.get(key=IMPACT).delete()
    for who in (cast.mara, cast.jun):
        answer = signed_in(who).post(f"/records/{full.pk}/sections/{IMPACT}/", {**form, field: WRITTEN, "act": "save"})
        assert answer.status_code == 409
        assert "Ten minutes of typing" in answer.content.decode()
    assert not full.sections.filter(key=IMPACT).exists()


def test_so_are_steps_that_were_to_be_pasted(moved: tuple[Operation, dict[str, str], str], cast: Cast) -> None:
    operation, _form, _field = moved
    address = f"/records/{operation.pk}/sections/{IMPACT}/paste/"
    answer = signed_in(cast.mara).post(address, {"text": "1. **Switch** the network", "do": "add"})
    assert answer.status_code == 409 and "1. **Switch** the network</textarea>" in answer.content.decode()
    assert signed_in(cast.mara).get(address).status_code == 404


def test_whoever_may_not_see_the_record_learns_nothing_of_it(full: Operation, cast: Cast) -> None:
    full.sections.get(key=IMPACT).delete()
    for accept in ("text/html", "application/json"):
        form = {"version": "1", f"{IMPACT}/x": WRITTEN, "act": "save"}
        address = f"/records/{full.pk}/sections/{IMPACT}/"
        answer = signed_in(cast.olga).post(address, form, headers={"Accept": accept})
        assert answer.status_code == 404
        assert full.title not in answer.content.decode()
