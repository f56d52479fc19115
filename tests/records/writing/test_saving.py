"""Saving is one act that nobody gets around: it asks for the right itself, and names people in the same transaction."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import AuditEntry, FieldChange, Operation, OperationTemplate, Person, State, Step
from records.refusals import Refused, Unusable, WrongOrder
from records.rights import may_edit_close, may_edit_plan
from records.writing.people import Pick, name_people
from records.writing.saving import Clashed, NoPlace, Sealed, save_section
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


# ---------------------------------------------------------------- what has no place any more

STEPS, HIGH = "infrastructure-operation-steps", "infrastructure-risk-assessment/high-infrastructure-risks-mitigated"
PHASE = f"{STEPS}/phase-1-pre-migration-setup-hh-mm-hh-mm"
STEP = f"{PHASE}/infrastructure-preparation"
# The list that loses the entry, the entry, and what somebody writes in it meanwhile: a text and a plan fact that were
# empty, one that said something, a part, a row and a phase that are all new.
GONE = {
    "an empty fact": (f"{PHASE}/steps.rows", STEP, f"{STEP}.expected"),
    "a fact that was filled": (f"{PHASE}/steps.rows", STEP, f"{STEP}.estimate"),
    "an empty text": (f"{PHASE}/steps.rows", STEP, f"{STEP}.text"),
    "a part": (f"{STEP}.parts", f"{STEP}/resources", f"{STEP}/resources"),
    "a new step": (f"{STEPS}.phases", PHASE, f"{PHASE}/steps/mine.title"),
    "a risk": (f"{HIGH}/risks.rows", f"{HIGH}/database-migration-failure", f"{HIGH}/database-migration-failure.text"),
    "what was never there": ("", "", f"{STEPS}/nothing/of-the-kind"),
}


def without(operation: Operation, field: str, entry: str) -> str:
    """A list without one of its entries."""
    section = field.partition("/")[0].partition(".")[0]
    kept = [one for one in json.loads(text(operation, section, field)) if entry not in (one, one[1])]
    return json.dumps(kept)


@pytest.mark.parametrize("what", GONE)
def test_no_text_is_answered_as_saved_without_a_place_for_it(what: str, draft: Operation, cast: Cast) -> None:
    """I3. Whoever writes chooses nothing against what isn't there: the text stays in their hands."""
    field, entry, key = GONE[what]
    section = key.partition("/")[0]
    Step.objects.filter(section__operation=draft, key=STEP).update(estimate="20 min", expected="")
    if field:
        save(draft, cast.carl, section, {field: without(draft, field, entry)})
    for more in ({"version": 1}, {"version": 1, "choices": {key: ""}}, {}):
        with pytest.raises(NoPlace) as told:
            save(draft, cast.mara, section, {key: "Typed meanwhile"}, **more)
        assert told.value.keys == [key]
    assert not FieldChange.objects.filter(after__contains="Typed meanwhile").exists()


def test_what_goes_with_a_row_that_one_removes_oneself_is_no_loss(draft: Operation, cast: Cast) -> None:
    left = without(draft, f"{PHASE}/steps.rows", STEP)
    save(draft, cast.mara, STEPS, {f"{PHASE}/steps.rows": left, f"{STEP}.expected": "Typed before"})
    assert not Step.objects.filter(section__operation=draft, key=STEP).exists()


def test_a_row_that_is_brought_back_has_a_place_for_what_is_written_in_it(draft: Operation, cast: Cast) -> None:
    """Both changed the list: who chooses their own order has the step again, with what they wrote there."""
    field = f"{PHASE}/steps.rows"
    mine = json.dumps(list(reversed(json.loads(text(draft, STEPS, field)))))
    save(draft, cast.carl, STEPS, {field: without(draft, field, STEP)})
    values = {field: mine, f"{STEP}.title": "Again", f"{STEP}.expected": "Typed"}
    with pytest.raises(Clashed) as clash:
        save(draft, cast.mara, STEPS, values, version=1)
    assert [one.key for one in clash.value.clashes] == [field]
    save(draft, cast.mara, STEPS, values, version=1, choices={field: text(draft, STEPS, field)})
    assert Step.objects.get(section__operation=draft, key=STEP).expected == "Typed"


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
