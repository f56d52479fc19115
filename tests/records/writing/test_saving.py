"""Saving is one act that nobody gets around: it asks for the right itself, and names people in the same transaction."""

from __future__ import annotations

from contextlib import suppress

import pytest

from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, Person, State
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import may_edit_close, may_edit_plan
from records.writing.people import Pick, name_people
from records.writing.saving import Clashed, Sealed, save_section
from tests import make
from tests.make import PLANNED
from tests.people import Cast

PLAN = ("operation-summary", "operation-summary/business-impact/user-experience")
CLOSE = ("operational-procedures", "operational-procedures/new-operational-requirements/monitoring")
OPERATOR, SUPERVISOR = "header/operator", "header/supervisor"


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)


def save(operation: Operation, by: Person, key: str, values: dict[str, str], **more: object) -> None:
    version = more.pop("version", None) or operation.sections.get(key=key).version
    save_section(operation=operation, key=key, version=version, values=values, by=by, at=PLANNED, **more)  # type: ignore[arg-type]


def text(operation: Operation, key: str, field: str) -> str:
    return table_of(document_of(operation).section(key))[field]


# ---------------------------------------------------------------- the right


@pytest.mark.parametrize("state", list(State))
def test_whoever_calls_it_writes_only_what_is_theirs_to_write(
    state: State, cast: Cast, template: OperationTemplate
) -> None:
    operation = make.make_in(state, cast, template)
    wrong = []
    for name, person in cast.all().items():
        for (key, field), right in ((PLAN, may_edit_plan), (CLOSE, may_edit_close)):
            wanted = f"Written by {name}"
            expected = bool(right(person, make.fresh(operation)))
            with suppress(Refused, WrongOrder):
                save(operation, person, key, {field: wanted})
            if (text(operation, key, field) == wanted) != expected:
                wrong.append((name, key, expected))
    assert wrong == []


def test_a_right_that_was_lost_since_the_record_was_read_is_no_right(draft: Operation, cast: Cast) -> None:
    """Carl's copy of the record still calls him a co-author."""
    stale = make.fresh(draft)
    assert may_edit_plan(cast.carl, stale)
    name_people(draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, at=PLANNED)
    with pytest.raises(Refused):
        save(stale, cast.carl, PLAN[0], {PLAN[1]: "Sneaked in"})
    assert not FieldChange.objects.exists()


def test_who_may_not_write_is_refused_before_being_asked_to_choose(draft: Operation, cast: Cast) -> None:
    save(draft, cast.mara, PLAN[0], {PLAN[1]: "Hers"})
    with pytest.raises(Refused):
        save(draft, cast.olga, PLAN[0], {PLAN[1]: "A stranger's"}, version=1)
    with pytest.raises(Clashed):
        save(draft, cast.carl, PLAN[0], {PLAN[1]: "His"}, version=1)


def test_a_line_of_closing_is_nobody_s_to_type(draft: Operation, cast: Cast) -> None:
    before = text(draft, "footer", "footer/devops-supervisor")
    with pytest.raises(Sealed):
        save(draft, cast.mara, "footer", {"footer/devops-supervisor": "Approved by me"})
    assert text(draft, "footer", "footer/devops-supervisor") == before


def test_a_page_that_changes_nothing_is_refused_to_strangers_too(draft: Operation, cast: Cast) -> None:
    with pytest.raises(Refused):
        save(draft, cast.olga, PLAN[0], {})


# ---------------------------------------------------------------- people


def pick(was: Person | None, now: Person | None) -> Pick:
    return Pick(was.pk if was else None, now.pk if now else None)


def test_naming_in_the_header_leaves_everybody_else_alone(draft: Operation, cast: Cast) -> None:
    stale = make.fresh(draft)
    assert stale.named.co_authors == {cast.carl.pk}
    name_people(
        draft, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, deputies=[cast.olga], team=[cast.sam], at=PLANNED
    )
    save(stale, cast.mara, "header", {OPERATOR: "Noor Haddad"}, picks={"operator": pick(cast.jun, cast.jun)})
    now = make.fresh(draft)
    assert (now.operator, now.supervisor) == (cast.noor, cast.tomas)
    assert now.named.deputies == {cast.olga.pk} and now.named.team == {cast.sam.pk} and not now.named.co_authors
    entry = AuditEntry.objects.filter(operation=draft, act="name_people").order_by("-number")[0]
    assert f'"facts":{{"operator":{cast.noor.pk}}}' in entry.entry


def test_text_and_naming_are_saved_together_or_not_at_all(draft: Operation, cast: Cast) -> None:
    """Somebody named another operator since the page was shown: the pick would overwrite theirs."""
    name_people(draft, by=cast.carl, operator=cast.ines, supervisor=cast.tomas, co_authors=[cast.carl], at=PLANNED)
    with pytest.raises(Unusable, match="Ines Duarte meanwhile"):
        save(draft, cast.mara, "header", {"title": "Another"}, picks={"operator": pick(cast.jun, cast.noor)})
    now = make.fresh(draft)
    assert (now.operator, now.title) == (cast.ines, draft.title)
    assert not FieldChange.objects.exists()


def test_a_page_that_names_nobody_anew_overwrites_no_naming(draft: Operation, cast: Cast) -> None:
    name_people(draft, by=cast.carl, operator=cast.ines, supervisor=cast.tomas, co_authors=[cast.carl], at=PLANNED)
    save(draft, cast.mara, "header", {"title": "Another"}, picks={"operator": pick(cast.jun, cast.jun)})
    now = make.fresh(draft)
    assert (now.operator, now.title) == (cast.ines, "Another")


def test_who_may_write_the_team_line_names_no_operator(draft: Operation, cast: Cast) -> None:
    with pytest.raises(Refused):
        save(draft, cast.noor, "header", {}, picks={"operator": pick(cast.jun, cast.noor)})
    assert make.fresh(draft).operator == cast.jun


@pytest.mark.parametrize("pk", [0, 10**15])
def test_an_account_that_is_none_is_refused_in_words(pk: int, draft: Operation, cast: Cast) -> None:
    with pytest.raises(Unusable, match="no longer in use"):
        save(draft, cast.mara, "header", {}, picks={"operator": Pick(cast.jun.pk, pk)})
