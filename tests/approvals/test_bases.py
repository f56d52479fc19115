"""What a plan is compared with: one's own last review, any other revision, the record that it was cloned from."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.reading import read
from approvals.viewing import mark_viewed
from records.library.versions import move_to_version
from records.models import Operation, OperationTemplate, State
from records.run.plan import run_plan
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from records.writing.people import name_people
from tests import make
from tests.approvals.acts import USERS, hand_on
from tests.approvals.review_pages import HOUR, SUMMARY, page, save, sent_again
from tests.browserless import words_of
from tests.people import PASSWORD, Cast, signed_in


def changed(operation: Operation, person, base: str = "") -> dict[str, list[str]]:
    """The keys that differ, by what they are compared with."""
    reading = read(operation, person, base)
    return {reading.base.name if reading.base else "": [c.key for own in reading.changes for c in own.changes]}


@pytest.fixture
def submitted(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.IN_REVIEW, cast, template)


def test_a_review_by_comments_alone_is_a_review_too(cast: Cast, submitted: Operation) -> None:
    actions.comment(submitted, key=USERS, text="How long?", kind="remark", by=cast.ada, at=make.PLANNED)
    submitted = sent_again(cast, submitted, "Two minutes.", 1)
    assert changed(submitted, cast.ada) == {"": []}, "what was not sent is no review"
    actions.send_comments(submitted, by=cast.ada, at=make.PLANNED + HOUR)
    submitted = sent_again(cast, submitted, "Three minutes.", 2)
    assert changed(submitted, cast.ada) == {"1": [USERS]}
    assert "1 field in 1 section changed since you commented on revision 1." in words_of(page(cast.ada, submitted))
    assert changed(submitted, cast.sam) == {"": []}


def test_the_last_of_several_reviews_counts_and_the_others_can_be_chosen(cast: Cast, submitted: Operation) -> None:
    for number, text in ((1, "One."), (2, "Two.")):
        digest = submitted.revisions.get(number=number).digest
        actions.approve(submitted, digest=digest, password=PASSWORD, by=cast.ada, at=make.PLANNED)
        submitted = sent_again(cast, submitted, text, number)
    assert changed(submitted, cast.ada) == {"2": [USERS]}
    told = page(cast.ada, submitted)
    options = re.findall(r"<option value=\"(\w+)\"( selected)?>([^<]*)</option>", told)
    assert options == [
        ("2", " selected", "revision 2 (your last review)"),
        ("1", "", "revision 1 (approved by Ada Brandt)"),
    ]
    for base in ("1", "0", "99", "²", "source"):
        assert list(changed(submitted, cast.ada, base)) == [base if base == "1" else ""]


def test_what_was_looked_at_today_is_not_what_changed_since(cast: Cast, submitted: Operation) -> None:
    """A decision on the newest revision doesn't hide what changed before it."""
    digest = submitted.revisions.get().digest
    actions.ask_for_changes(submitted, digest=digest, reason="Say more", by=cast.ada, at=make.PLANNED)
    submitted = make.fresh(submitted)
    save(submitted, SUMMARY, {USERS: "Two minutes."}, cast.mara)
    submitted = make.submit(cast, submitted, at=make.PLANNED + HOUR)
    make.approve_by(cast, submitted, "ada", at=make.PLANNED + HOUR)
    assert changed(submitted, cast.ada) == {"1": [USERS]}


def turned(text: str, *words: str) -> str:
    """A text in which the two sections whose headings hold ``words`` have changed places."""
    parts = re.split(r"(?m)^(?=## |---$)", text)
    one, other = (next(n for n, part in enumerate(parts) if word in part.partition("\n")[0]) for word in words)
    parts[one], parts[other] = parts[other], parts[one]
    return "".join(parts)


@pytest.mark.parametrize("also", [{}, {USERS: "Two minutes."}])
def test_steps_that_are_worked_in_another_order_are_the_first_thing_that_is_told(
    also: dict[str, str], cast: Cast, template: OperationTemplate
) -> None:
    """The next version of the template has its two sections of phases the other way round."""
    text = template.text.replace("### Phase 3", "## Cutover Steps\n\n### Phase 3", 1)
    old, new = (
        OperationTemplate.objects.create(
            name="Cutover", version=version, text=own, toml=template.toml.replace(template.name, "Cutover", 1)
        )
        for version, own in (("1", text), ("2", turned(text, "Infrastructure Operation Steps", "Cutover Steps")))
    )
    record = make.FINAL.read_bytes().decode().replace("### Phase 3", "## Cutover Steps\n\n### Phase 3", 1)
    record = record.replace("**Operator**: Mara Lindqvist", "**Operator**: Jun Park")
    operation = make.import_text(author=cast.mara, text=record, template=old, at=make.PLANNED)
    operation = name_people(operation, by=cast.mara, operator=cast.jun, supervisor=cast.tomas, at=make.PLANNED)
    operation = make.submit(cast, operation)
    first = operation.revisions.get()
    actions.ask_for_changes(operation, digest=first.digest, reason="x", by=cast.tomas, at=make.PLANNED)
    operation = move_to_version(make.fresh(operation), template=new, by=cast.mara, at=make.PLANNED)
    if also:
        save(make.fresh(operation), SUMMARY, also, cast.mara)
    operation = make.submit(cast, make.fresh(operation), at=make.PLANNED + HOUR)
    second = operation.revisions.get(number=2)
    order = [[one.title for one in run_plan(sent, of).steps] for sent, of in ((first, old), (second, new))]
    assert order[0] != order[1] and sorted(order[0]) == sorted(order[1])
    assert changed(operation, cast.tomas) == {"1": ["sections", *also]}
    told = page(cast.tomas, operation)
    assert "Order of the sections" in told and "Nothing changed" not in words_of(told)
    mark_viewed(operation, revision=2, section="sections", viewed=True, by=cast.tomas)


@pytest.fixture
def clone(cast: Cast, submitted: Operation) -> Operation:
    """Of a plan that was approved: another title, another night, one answer changed."""
    return cloned(cast, make.approve_by(cast, submitted, "tomas", "ada"))


def cloned(cast: Cast, source: Operation, level: str = "High") -> Operation:
    opening = Opening(
        "Orders, once more", "2027-01-09", "02:00:00 UTC", level, "Moderate", operator=cast.jun, supervisor=cast.tomas
    )
    draft = clone_record(source, opening=opening, by=cast.mara, at=make.PLANNED)
    save(draft, SUMMARY, {USERS: "Three minutes."}, cast.mara)
    return make.submit(cast, make.fresh(draft))


def test_a_clone_is_first_read_against_its_source(cast: Cast, submitted: Operation, clone: Operation) -> None:
    found = changed(clone, cast.tomas)["source"]
    assert USERS in found
    assert {"title", "header/date"} <= set(found)
    assert not [key for key in found if "/steps/" in key], "what came over as it was is no difference"
    told = words_of(page(cast.tomas, clone))
    assert f"differ from the record that this one was cloned from: {submitted}" in told
    assert "In brief" in words_of(page(cast.tomas, clone, "?view=brief"))


@pytest.mark.parametrize("made", ["in review", "taken out of it", "an emergency"])
def test_what_nobody_approved_is_not_what_a_clone_is_first_read_against(
    made: str, cast: Cast, template: OperationTemplate
) -> None:
    """Else who brings a plan in by way of another record is asked about what differs from that one alone."""
    if made == "an emergency":
        source = make.begin_emergency(cast, make.make_draft(cast, template))
    else:
        source = make.make_in(State.IN_REVIEW, cast, template)
    clone = cloned(cast, source)
    if made == "taken out of it":
        actions.withdraw(source, by=cast.mara, at=make.PLANNED)
    for person in (cast.tomas, cast.ada):
        assert changed(make.fresh(clone), person) == {"": []}
        assert "In brief" in words_of(page(person, clone))
    assert list(changed(clone, cast.tomas, "source")) == ["source"], "it can be asked for"
    told = words_of(page(cast.tomas, clone, "?base=source"))
    assert f"differ from the record it was cloned from, which isn't approved: {make.fresh(source)}" in told


def test_what_fewer_approved_is_not_what_a_clone_at_a_higher_level_is_first_read_against(
    cast: Cast, template: OperationTemplate
) -> None:
    """Else one supervisor's word on a low risk lets the approvers of a high one read five lines of it."""
    source = make.approve_by(cast, make.submit(cast, make.make_draft(cast, template, level="Low")), "tomas")
    clone = cloned(cast, source)
    for person in (cast.tomas, cast.ada):
        assert changed(clone, person) == {"": []}
        assert "In brief" in words_of(page(person, clone))
    told = words_of(page(cast.ada, clone, "?base=source"))
    lacking = "which was approved by fewer, at the risk level Low"
    assert f"differ from the record it was cloned from, {lacking}: {source}" in told
    assert list(changed(cloned(cast, source, "Medium"), cast.tomas)) == ["source"], "as many are asked there"


def test_a_draft_that_was_cloned_gives_nothing_to_compare_with(cast: Cast, template: OperationTemplate) -> None:
    source = make.make_draft(cast, template)
    opening = Opening(
        "Orders, once more", "2027-01-09", "02:00:00 UTC", "High", "Moderate", operator=cast.jun, supervisor=cast.tomas
    )
    clone = make.submit(cast, clone_record(source, opening=opening, by=cast.mara, at=make.PLANNED))
    assert changed(clone, cast.tomas) == {"": []}


@pytest.mark.parametrize("by", ["approver", "delegate"])
@pytest.mark.parametrize("is_seen", [True, False])
@pytest.mark.parametrize("view", ["brief", "changes", "whole", "comments", "source", "time", "history"])
def test_a_clone_costs_no_more_queries(
    cast: Cast, clone: Operation, view: str, is_seen: bool, by: str, django_assert_max_num_queries
) -> None:
    if not is_seen:
        Operation.objects.filter(pk=clone.cloned_from_id).update(state=State.DRAFT, submitted_at=None)
    client: Client = signed_in(cast.tomas)
    if by == "delegate":
        hand_on(cast.tomas, cast.olga)
        client = signed_in(cast.olga)
    # For whom somebody stands in is asked only of who can't decide for themselves.
    with django_assert_max_num_queries(13 if by == "delegate" else 12):
        assert client.get(reverse("review", args=[clone.pk]) + f"?view={view}").status_code == 200
