"""Home: the one thing to do first, and what waits for whom."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import actions
from approvals.waiting import addenda_to_sign_off, to_decide, to_sign_off
from records.content.assembly import load
from records.document.differences import count
from records.document.fields import table_of
from records.models import Operation, OperationTemplate, Person, Role, RoleHolding, State
from records.run.handing_over import hand_over
from records.writing.saving import save_section
from tests import make
from tests.browserless import words_of
from tests.people import SINCE, Cast

BEFORE = make.PLANNED - dt.timedelta(days=2)


def home(person: Person) -> str:
    client = Client()
    client.force_login(person)
    response = client.get(reverse("home"))
    assert response.status_code == 200
    return words_of(response.content.decode())


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_draft(cast, template)


def test_somebody_new_is_told_how_to_begin(cast: Cast) -> None:
    assert "No records yet" in home(cast.mara)
    assert "No record waits for you" in home(cast.tomas)


def test_a_draft_is_next_until_something_is_more_urgent(cast: Cast, draft: Operation) -> None:
    assert "Go on writing" in home(cast.mara)
    operation = make.submit(cast, draft)
    assert "Waiting for review" in home(cast.mara)
    digest = operation.revisions.get().digest
    actions.ask_for_changes(operation, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    told = home(cast.mara)
    assert "Tomas Okafor asked for changes: “Say how long”" in told
    assert "See what to change" in told
    client = Client()
    client.force_login(cast.mara)
    page = html.unescape(client.get(reverse("record", args=[operation.pk])).content.decode())
    asked = page.split('id="asked"')[1].split("</section>")[0]
    assert "Tomas Okafor asked for changes" in asked and "Say how long" in asked
    assert "Draft, not changed since revision 1" in page
    section = client.get(reverse("section", args=[operation.pk, "operation-summary"])).content.decode()
    assert "Say how long" in section.split('id="asked"')[1].split("</section>")[0]
    version, later = operation.sections.get(key="operation-summary").version, make.PLANNED + dt.timedelta(hours=1)
    make_change(make.fresh(operation), version, cast.mara, later)
    page = client.get(reverse("record", args=[operation.pk])).content.decode()
    assert "Draft, changed since revision 1" in page
    make.submit(cast, make.fresh(operation), at=later)
    assert 'id="asked"' not in client.get(reverse("record", args=[operation.pk])).content.decode()


def test_what_waits_for_a_decision_is_shown_to_those_who_can_take_it(cast: Cast, draft: Operation) -> None:
    make.submit(cast, draft)
    for name, person in cast.all().items():
        assert ("It waits for your decision." in home(person)) == (name in ("tomas", "ada")), name
    assert "Decide by" in home(cast.tomas)
    assert "New to you; 0 of 2 signed" in home(cast.tomas)
    Operation.objects.filter(pk=draft.pk).update(operation_id="2026-12-01-other")
    make.submit(cast, make.make_draft(cast, draft.template))
    assert "To decide" in home(cast.tomas)


def test_a_decision_due_within_a_day_goes_before_ones_own_record(cast: Cast, template: OperationTemplate) -> None:
    operation = make.submit(cast, make.make_draft(cast, template))
    own = make.start_record(author=cast.tomas, template=template, at=BEFORE, values={"title": "Own"})
    Operation.objects.filter(pk=own.pk).update(state=State.CHANGES_REQUESTED)
    assert "Your decision is" not in home(cast.tomas)
    Operation.objects.filter(pk=operation.pk).update(window_start=timezone.now() + dt.timedelta(hours=30))
    assert "Your decision is wanted soon" in home(cast.tomas)
    Operation.objects.filter(pk=operation.pk).update(window_start=timezone.now() + dt.timedelta(hours=10))
    told = home(cast.tomas)
    assert "Your decision is late" in told and "late Was to be decided by" in told
    assert "wanted soon" not in told
    begun = timezone.now() - dt.timedelta(minutes=1)
    Operation.objects.filter(pk=operation.pk).update(window_start=begun, submitted_at=timezone.now())
    told = home(cast.tomas)
    words = "after the time a decision was wanted: decide now, or ask for another date"
    assert "Sent now" in told and f"{words} Review it" in told
    assert "It was sent after the time a decision was wanted." in told and "is late" not in told


def test_a_sign_off_goes_before_a_decision_that_is_not_late(cast: Cast, template: OperationTemplate) -> None:
    signed = make.sign(cast, make.make_in(State.CLOSING, cast, template))
    Operation.objects.filter(pk=signed.pk).update(operation_id="2026-12-01-other")
    other = make.submit(cast, make.make_draft(cast, template))
    soon = timezone.now() + dt.timedelta(hours=30)
    Operation.objects.filter(pk=other.pk).update(window_start=soon)
    assert "Look at it and sign off" in home(cast.tomas)
    Operation.objects.filter(pk=other.pk).update(window_start=soon - dt.timedelta(hours=20))
    assert "Your decision is late" in home(cast.tomas)


def test_ones_own_closing_that_is_late_goes_before_what_others_asked_for(
    cast: Cast, template: OperationTemplate
) -> None:
    closing = make.work(cast, make.make_in(State.RUNNING, cast, template))
    own = make.start_record(author=cast.jun, template=template, at=BEFORE, values={"title": "Own"})
    Operation.objects.filter(pk=own.pk).update(state=State.CHANGES_REQUESTED)
    now = timezone.now()
    Operation.objects.filter(pk=closing.pk).update(finished_at=now - dt.timedelta(hours=23))
    assert "Changes were asked for" in home(cast.jun)
    Operation.objects.filter(pk=closing.pk).update(finished_at=now - dt.timedelta(hours=25))
    assert "results and your signature are late" in home(cast.jun)


def test_a_window_that_has_begun_goes_before_what_others_asked_for(cast: Cast, template: OperationTemplate) -> None:
    approved = make.make_in(State.APPROVED, cast, template)
    own = make.start_record(author=cast.jun, template=template, at=BEFORE, values={"title": "Own"})
    Operation.objects.filter(pk=own.pk).update(state=State.CHANGES_REQUESTED)
    now, hour = timezone.now(), dt.timedelta(hours=1)
    Operation.objects.filter(pk=approved.pk).update(window_start=now + hour, window_end=now + 9 * hour)
    assert "Changes were asked for" in home(cast.jun)
    Operation.objects.filter(pk=approved.pk).update(window_start=now - hour, window_end=now + 9 * hour)
    assert "Its window has begun." in home(cast.jun)
    assert "planned start 60 min ago, 8 h 59 min left" in home(cast.jun)


@pytest.mark.parametrize(("days", "is_soon"), [(0, True), (14.9, True), (15.1, False)])
def test_what_is_in_fourteen_days_stands_in_the_next_fourteen_days(
    cast: Cast, template: OperationTemplate, days: float, is_soon: bool
) -> None:
    approved = make.make_in(State.APPROVED, cast, template)
    start = timezone.now() + dt.timedelta(days=days, minutes=1)
    Operation.objects.filter(pk=approved.pk).update(window_start=start, window_end=start + dt.timedelta(hours=2))
    assert (str(approved) in home(cast.vera)) == is_soon


def test_who_has_signed_or_is_not_needed_any_more_is_not_asked(cast: Cast, draft: Operation) -> None:
    operation = make.submit(cast, draft)
    second = Person.objects.create_user("siv", name="Siv Dahl", password="long enough for a test")
    RoleHolding.objects.create(person=second, role=Role.DEVOPS_SUPERVISOR, since=BEFORE.date())
    assert len(to_decide(second)) == 1
    make.approve_by(cast, operation, "tomas")
    assert to_decide(cast.tomas) == []
    assert to_decide(second) == [], "the place of the DevOps supervisor is filled"
    assert len(to_decide(cast.ada)) == 1


def test_it_says_how_much_changed_since_ones_last_review(cast: Cast, draft: Operation) -> None:
    operation = make.submit(cast, draft, at=BEFORE)
    digest = operation.revisions.get().digest
    actions.ask_for_changes(operation, digest=digest, reason="Why", by=cast.tomas, at=BEFORE)
    version = operation.sections.get(key="operation-summary").version
    make_change(make.fresh(operation), version, cast.mara)
    make.submit(cast, make.fresh(operation))
    assert "1 field changed since your last review" in home(cast.tomas)
    assert "New to you" in home(cast.ada)


def test_what_changed_is_counted_as_the_review_page_counts_it(cast: Cast, draft: Operation) -> None:
    """An answer that was put back is no change, a step that moved is one, people count; a comment is a review too."""
    operation = make.submit(cast, draft, at=BEFORE)
    revision = operation.revisions.get()
    actions.comment(operation, key="operation-summary", text="Which?", kind="remark", by=cast.ada, at=BEFORE)
    actions.send_comments(operation, by=cast.ada, at=BEFORE)
    actions.ask_for_changes(operation, digest=revision.digest, reason="Why", by=cast.tomas, at=BEFORE)
    summary = operation.sections.get(key="operation-summary")
    key = "operation-summary/business-impact/user-experience"
    for version, text in enumerate(["Two minutes.", table_of(load([summary])[0].document)[key]], summary.version):
        make_change(operation, version, cast.mara, values={key: text})
    steps = operation.sections.get(key="infrastructure-operation-steps")
    rows, order = next(one for one in table_of(load([steps])[0].document).items() if one[0].endswith("steps.rows"))
    moved = {rows: json.dumps(json.loads(order)[::-1])}
    make_change(operation, steps.version, cast.mara, key=steps.key, values=moved)
    make.submit(cast, make.fresh(operation))
    for person in (cast.tomas, cast.ada):
        told = counted_on_review(person, operation)
        assert told == 1
        assert f"{told} field changed since your last review" in home(person)


def counted_on_review(person: Person, operation: Operation) -> int:
    client = Client()
    client.force_login(person)
    return count(client.get(reverse("review", args=[operation.pk])).context["reading"].changes)


def make_change(
    operation: Operation,
    version: int,
    by: Person,
    at: dt.datetime | None = None,
    key: str = "operation-summary",
    values: Mapping[str, str] = MappingProxyType({"operation-summary/business-impact/user-experience": "Two minutes."}),
) -> None:
    at = at or timezone.now()
    save_section(operation=operation, key=key, version=version, values=values, by=by, at=at)


def test_what_runs_now_and_what_waits_for_a_signature_is_seen_by_supervisors(
    cast: Cast, template: OperationTemplate
) -> None:
    running = make.make_in(State.RUNNING, cast, template)
    assert "Running now" in home(cast.sam)
    assert str(running) in home(cast.sam)
    assert "Go to the run page" in home(cast.jun)
    closing = make.sign(cast, make.work(cast, running))
    assert closing.state == State.CLOSING
    assert "Look at it and sign off" in home(cast.sam)
    assert "sign off" not in home(cast.jun)


def test_a_signature_is_asked_of_those_who_took_no_part_while_it_waits(cast: Cast, template: OperationTemplate) -> None:
    for member in (cast.noor, cast.ines, cast.mara):
        RoleHolding.objects.create(person=member, role=Role.SUPERVISOR, since=SINCE)

    def asked(waiting: Callable[[Person], list[Operation]]) -> set[str]:
        return {name for name, one in cast.all().items() if operation in waiting(Person.objects.get(pk=one.pk))}

    operation = make.make_in(State.CLOSING, cast, template)
    assert asked(to_sign_off) == set(), "the operator signs first"
    make.sign(cast, operation)
    assert asked(to_sign_off) == {"tomas", "sam"}
    make.sign_off(cast, make.fresh(operation))
    assert asked(to_sign_off) == set()
    addendum = actions.amend(make.fresh(operation), text="The limit was raised", by=cast.mara, at=make.NIGHT)
    assert asked(addenda_to_sign_off) == {"tomas", "sam"}
    own = {"number": 1, "digest": addendum.digest, "reason": "Which limit?"}
    actions.turn_down_addendum(operation, **own, by=cast.sam, at=make.NIGHT)
    assert asked(addenda_to_sign_off) == set()


def test_a_run_of_somebody_else_comes_after_ones_own_decision(cast: Cast, template: OperationTemplate) -> None:
    running = make.make_in(State.RUNNING, cast, template)
    Operation.objects.filter(pk=running.pk).update(author=cast.tomas, operation_id="2026-12-01-running")
    assert "Next Running" in home(cast.tomas)
    make.submit(cast, make.make_draft(cast, template))
    assert "Next In review" in home(cast.tomas)
    Operation.objects.filter(pk=running.pk).update(operator=cast.tomas)
    assert "Next Running" in home(cast.tomas)


def test_what_is_on_top_is_not_said_twice(cast: Cast, draft: Operation) -> None:
    assert "My drafts" not in home(cast.mara)
    Operation.objects.filter(pk=draft.pk).update(operation_id="2026-12-01-other")
    make.make_draft(cast, draft.template)
    assert "My drafts" in home(cast.mara)


def test_a_run_on_top_is_not_said_twice_nor_called_nothing(cast: Cast, template: OperationTemplate) -> None:
    running = make.make_in(State.RUNNING, cast, template)
    told = home(cast.jun)
    assert told.count(str(running)) == 1
    assert "Running now" not in told and "Nothing is under way" not in told


def test_the_page_asks_the_database_as_often_for_one_record_as_for_three(
    cast: Cast, template: OperationTemplate, django_assert_max_num_queries
) -> None:
    for number in "123":
        own = make.submit(cast, make.make_draft(cast, template))
        Operation.objects.filter(pk=own.pk).update(operation_id=f"2026-12-0{number}-other")
    client = Client()
    for person in (cast.tomas, cast.mara):
        client.force_login(person)
        with django_assert_max_num_queries(15):
            client.get(reverse("home"))


def test_whoever_confirms_the_window_of_another_night_finds_it_first(
    cast: Cast, template: OperationTemplate, django_assert_max_num_queries
) -> None:
    run = make.stop(make.end_phase(make.make_in(State.RUNNING, cast, template)), by=cast.jun)
    for person in (cast.tomas, cast.ada):
        told = home(person)
        assert told.index("Look at the window") < told.index("Jun Park") or "stopped it for this night" in told
        make.confirm_window(run, person)
        assert "Look at the window" not in home(person)
    client = Client()
    client.force_login(cast.ada)
    with django_assert_max_num_queries(17):
        client.get(reverse("home"))
    assert "Look at the window" not in home(cast.noor)


def test_once_the_work_is_finished_no_list_counts_its_window_down(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    monkeypatch.setattr(timezone, "now", lambda: make.NIGHT + dt.timedelta(minutes=30))
    client = Client()
    client.force_login(cast.jun)
    pages = ("home", "record_list")
    assert all("3 h left" in client.get(reverse(page)).content.decode().replace("\xa0", " ") for page in pages)
    make.work(cast, run)
    for page in pages:
        shown = client.get(reverse(page)).content.decode()
        assert str(run) in shown and "planned start" not in shown and " left" not in shown.replace("\xa0", " ")


def test_a_run_that_was_handed_over_is_next_for_whoever_is_in_charge(cast: Cast, template: OperationTemplate) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    assert "It is under way, and you are in charge." in home(cast.jun)
    hand_over(run, to=cast.ines, words="2.1 is next", by=cast.jun, at=make.NIGHT)
    assert "You are in charge; Jun Park says: “2.1 is next”" in home(cast.ines)
    told = home(cast.jun)
    assert "you are in charge" not in told and "It is under way." in told
    assert re.search(r"Running now .* Ines Duarte", home(cast.olga)), "the list names who is in charge"


def test_a_run_comes_before_drafts_for_its_deputy_and_for_whoever_was_in_charge(
    cast: Cast, draft: Operation, template: OperationTemplate
) -> None:
    Operation.objects.filter(pk=draft.pk).update(operation_id="2026-12-01-other", author=cast.ines, operator=None)
    assert "Go on writing" in home(cast.ines)
    run = make.make_in(State.RUNNING, cast, template)
    told = home(cast.ines)
    assert "It is under way. Jun Park is in charge; you can take over." in told and "Go on writing" not in told
    hand_over(run, to=cast.ines, words="", by=cast.ines, at=make.NIGHT)
    assert "It is under way, and you are in charge." in home(cast.ines)
    Operation.objects.filter(pk=draft.pk).update(author=cast.jun)
    assert "It is under way. Ines Duarte is in charge; you can take over." in home(cast.jun)
    Operation.objects.filter(pk=draft.pk).update(author=cast.noor)
    told = home(cast.noor)
    assert "Go on writing" in told and "you can take over" not in told, "who can't run it has nothing to do with it"


def test_what_was_started_before_its_window_is_not_said_to_be_still_to_come(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make.make_in(State.RUNNING, cast, template)
    now = make.NIGHT - dt.timedelta(hours=27, minutes=30)
    monkeypatch.setattr(timezone, "now", lambda: now)
    Operation.objects.filter(pk=run.pk).update(started_at=now - dt.timedelta(minutes=30))
    for person in (cast.jun, cast.olga):
        told = home(person).replace("\xa0", " ")
        assert "but started at 22:00 UTC, 30 min ago" in told and "in 27 h" not in told


def test_whose_record_was_finalized_lately_finds_it_at_home(
    cast: Cast, template: OperationTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make.make_in(State.FINALIZED, cast, template)
    now = make.NIGHT + dt.timedelta(days=13)
    monkeypatch.setattr(timezone, "now", lambda: now)
    link = reverse("record", args=[record.pk])
    for person in (cast.mara, cast.jun):
        assert "Finalized lately All of yours PostgreSQL 14 to 16" in home(person)
        client = Client()
        client.force_login(person)
        assert f'href="{link}"' in client.get(reverse("home")).content.decode()
    assert "Finalized lately" not in home(cast.tomas)
    Operation.objects.filter(pk=record.pk).update(archived_at=now)
    assert "Finalized lately" not in home(cast.jun)
    Operation.objects.filter(pk=record.pk).update(archived_at=None)
    now += dt.timedelta(days=2)
    assert "Finalized lately" not in home(cast.jun)
