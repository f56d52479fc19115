"""Who may see, edit and work on a record: each question, for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from approvals import actions
from records import rights
from records.life_cycle import Act
from records.models import Operation, OperationTemplate, Person, Role, RoleHolding, State
from records.refusals import Incomplete, Refused
from records.run import running
from records.who import is_supervisor
from records.writing.people import name_people
from tests import make
from tests.people import Cast

EVERYBODY = {"mara", "jun", "ines", "carl", "noor", "olga", "tomas", "ada", "sam", "leo", "root", "vera"}
TEAM = {"jun", "ines", "carl", "noor"}
NAMED = TEAM | {"mara", "tomas"}


def who(question: rights.Question, cast: Cast, operation: Operation) -> set[str]:
    return {name for name, person in cast.all().items() if question(person, make.fresh(operation))}


def seeing(cast: Cast, operation: Operation) -> set[str]:
    found = {name for name, person in cast.all().items() if rights.visible_to(person).filter(pk=operation.pk).exists()}
    assert found == who(rights.may_see, cast, operation)
    return found


def test_a_draft_is_seen_by_those_whom_it_concerns(cast: Cast, template: OperationTemplate) -> None:
    assert seeing(cast, make.make_draft(cast, template)) == NAMED | {"vera"}


@pytest.mark.parametrize("state", [state for state in State if state not in (State.DRAFT, State.CANCELLED)], ids=str)
def test_from_submission_everybody_sees_it(state: State, cast: Cast, template: OperationTemplate) -> None:
    assert seeing(cast, make.make_in(state, cast, template)) == EVERYBODY


def test_a_withdrawn_plan_stays_seen(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    actions.withdraw(operation, by=cast.mara, at=make.PLANNED)
    assert make.fresh(operation).state == State.DRAFT
    assert seeing(cast, operation) == EVERYBODY


def test_a_draft_cancelled_before_anybody_saw_it_stays_unseen(cast: Cast, template: OperationTemplate) -> None:
    assert seeing(cast, make.make_in(State.CANCELLED, cast, template)) == NAMED | {"vera"}


def test_who_is_disabled_or_not_signed_in_sees_nothing(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    cast.mara.is_active = False
    for nobody in (cast.mara, AnonymousUser()):
        assert not rights.visible_to(nobody).exists()  # type: ignore[arg-type]
        assert not rights.may_see(nobody, operation)  # type: ignore[arg-type]


def test_an_auditor_of_yesterday_sees_no_drafts(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    RoleHolding.objects.filter(person=cast.vera).update(since=yesterday - dt.timedelta(days=9), until=yesterday)
    assert not rights.visible_to(Person.objects.get(pk=cast.vera.pk)).filter(pk=draft.pk).exists()


# ---------------------------------------------------------------- the one function


def test_case_9_what_may_not_be_seen_is_not_there(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    assert draft.operation_id == "2026-12-06-infrastructure-postgresql-16-orders"
    for reference in (draft.pk, str(draft.pk), draft.operation_id):
        assert rights.operation_for(cast.mara, reference) == draft
        with pytest.raises(Http404):
            rights.operation_for(cast.olga, reference)


@pytest.mark.parametrize("reference", ["", "0", "9" * 30, "x", "1\0", "²", "../1", "-1"])
def test_a_reference_that_names_nothing_is_not_there(reference: str, cast: Cast, template: OperationTemplate) -> None:
    make.make_draft(cast, template)
    with pytest.raises(Http404):
        rights.operation_for(cast.vera, reference)


def test_who_sees_a_record_but_lacks_the_right_hears_why(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    with pytest.raises(Refused, match=r"Only the author or a co-author can send it for review\."):
        rights.operation_for(cast.olga, operation.pk, rights.may_submit)
    assert rights.operation_for(cast.carl, operation.pk, rights.may_submit) == operation


def test_a_record_comes_in_one_query_with_its_people(
    cast: Cast, template: OperationTemplate, django_assert_num_queries: Callable[..., object]
) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    person = Person.objects.get(pk=cast.olga.pk)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        found = rights.operation_for(person, operation.pk)
        assert (found.author.name, found.supervisor and found.supervisor.name) == ("Mara Lindqvist", "Tomas Okafor")
        assert found.template == template
    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # co-authors, deputies and team together
        assert not rights.may_edit_plan(person, found)
        assert not rights.is_team(person, found)
        assert not rights.may_work(person, found)


# ---------------------------------------------------------------- editing and working

CLOSES = {State.DRAFT, State.CHANGES_REQUESTED, State.IN_REVIEW, State.APPROVED, State.RUNNING, State.ROLLING_BACK}


@pytest.mark.parametrize("state", list(State), ids=str)
def test_who_edits_and_works_in_each_state(state: State, cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(state, cast, template)
    plan = {"mara", "carl"} if state in (State.DRAFT, State.CHANGES_REQUESTED) else set()
    close = {"mara"} | TEAM if state in CLOSES | {State.CLOSING} else set()
    work = TEAM if state in (State.RUNNING, State.ROLLING_BACK) else set()
    assert who(rights.may_edit_plan, cast, operation) == plan
    assert who(rights.may_edit_close, cast, operation) == close
    assert who(rights.may_edit, cast, operation) == close
    assert who(rights.may_work, cast, operation) == work
    assert who(rights.is_team, cast, operation) == TEAM


def test_a_signed_record_is_not_written_any_more(cast: Cast, template: OperationTemplate) -> None:
    operation = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    right = rights.may_edit_close(cast.jun, operation)
    assert (bool(right), right.reason) == (False, "This record is signed; its text is frozen.")


def may_cancel(person: Person, operation: Operation) -> rights.Right:
    return rights.may(person, operation, Act.CANCEL)


def may_reopen(person: Person, operation: Operation) -> rights.Right:
    return rights.may(person, operation, Act.REOPEN_RUN)


def test_without_a_named_supervisor_whoever_supervises_may(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.APPROVED, cast, template)
    assert who(may_cancel, cast, operation) == {"mara", "tomas"}
    Operation.objects.filter(pk=operation.pk).update(supervisor=None)
    # Jun supervises elsewhere; here he runs it.
    assert operation.operator == cast.jun
    assert who(may_cancel, cast, operation) == {"mara", "tomas", "sam"}


@pytest.mark.parametrize("name", ["jun", "carl", "ines"])
def test_nobody_is_their_own_supervisor(name: str, cast: Cast, template: OperationTemplate) -> None:
    """Jun runs it, Carl writes it too, Ines is its deputy."""
    operation = make.make_in(State.APPROVED, cast, template)
    Operation.objects.filter(pk=operation.pk).update(supervisor=getattr(cast, name))
    assert who(may_cancel, cast, operation) == {"mara", "tomas", "sam"}


def test_what_waits_for_a_supervisor_who_left_is_done_by_whoever_supervises(
    cast: Cast, template: OperationTemplate
) -> None:
    """Once it runs nobody is named any more: a record that is closing would wait for ever."""
    operation = make.make_in(State.CLOSING, cast, template)
    assert who(may_reopen, cast, operation) == {"tomas"}
    Person.objects.filter(pk=cast.tomas.pk).update(is_active=False)
    cast.tomas.refresh_from_db()
    assert who(may_reopen, cast, operation) == {"sam"}
    running.reopen_run(operation, evidence="The log of the switch", by=cast.sam, at=make.PLANNED)
    assert make.fresh(operation).state == State.RUNNING


# ---------------------------------------------------------------- naming people


def name(operation: Operation, by: Person, **people: Person | None) -> Operation:
    lists = {name: list(getattr(operation, name).all()) for name in ("co_authors", "deputies", "team")}
    named = {"operator": operation.operator, "supervisor": operation.supervisor, **lists, **people}
    return name_people(operation, by=by, at=make.PLANNED, **named)  # type: ignore[arg-type]


def test_people_are_named_with_the_plan_alone(cast: Cast, template: OperationTemplate) -> None:
    draft = make.make_draft(cast, template)
    assert name(draft, cast.carl, supervisor=cast.sam).supervisor == cast.sam
    with pytest.raises(Refused):
        name(draft, cast.jun, supervisor=cast.tomas)
    Operation.objects.filter(pk=draft.pk).update(state=State.IN_REVIEW)
    with pytest.raises(Refused, match="in review"):
        name(make.fresh(draft), cast.mara, supervisor=cast.tomas)


def test_the_line_and_the_record_have_to_name_the_same_person(cast: Cast, template: OperationTemplate) -> None:
    draft = name(make.make_draft(cast, template), cast.mara, operator=cast.noor)
    with pytest.raises(Incomplete, match="the line says Jun Park, the record names Noor Haddad"):
        actions.submit(draft, by=cast.mara, at=make.PLANNED)


def test_whom_the_lines_name_is_put_into_the_record(cast: Cast, template: OperationTemplate) -> None:
    draft = name(make.make_draft(cast, template), cast.mara, operator=None, supervisor=None)
    actions.submit(draft, by=cast.mara, at=make.PLANNED)
    assert (make.fresh(draft).operator, make.fresh(draft).supervisor) == (cast.jun, cast.tomas)


def test_an_operator_without_an_account_runs_nothing(cast: Cast, template: OperationTemplate) -> None:
    draft = name(make.make_draft(cast, template), cast.mara, operator=None)
    Person.objects.filter(pk=cast.jun.pk).update(name="Jun K. Park")
    with pytest.raises(Incomplete, match="an operator who has an account here"):
        actions.submit(draft, by=cast.mara, at=make.PLANNED)


def test_a_supervising_role_counts_from_its_first_day_to_its_last(cast: Cast) -> None:
    RoleHolding.objects.filter(person=cast.sam).update(since=dt.date(2026, 5, 1), until=dt.date(2026, 5, 2))
    held = {day: is_supervisor(cast.sam, on=dt.date(2026, 5 if day else 4, day or 30)) for day in (0, 1, 2, 3)}
    assert held == {0: False, 1: True, 2: True, 3: False}
    assert Role.SUPERVISOR in cast.sam.roles_on(dt.date(2026, 5, 2))


@pytest.mark.parametrize("name", ["mara", "carl", "jun", "noor"])
def test_a_disabled_account_neither_writes_nor_works(name: str, cast: Cast, template: OperationTemplate) -> None:
    person = getattr(cast, name)
    draft, running = make.make_draft(cast, template), State.RUNNING
    assert rights.may_edit(person, draft)
    person.is_active = False
    assert not rights.may_edit(person, draft)
    draft.state = running
    assert not rights.may_work(person, draft)
