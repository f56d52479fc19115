"""A plan that comes again: each reader's mail tells what changed since their own last review, and no text of it."""

from __future__ import annotations

from approvals import actions
from records.models import Delivery, Operation, OperationTemplate, State
from records.outbox import Event
from records.writing.section_writing import write_fields
from tests import make
from tests.people import Cast

SUMMARY = "operation-summary"
FIELD = f"{SUMMARY}/infrastructure-rationale/compliance"


def changed(cast: Cast, operation: Operation, section: str, key: str, text: str) -> None:
    write_fields(make.fresh(operation), section, {key: text}, by=cast.mara, at=make.PLANNED)


def told(operation: Operation, name: str) -> str:
    """The newest mail that asked this person for a review."""
    mails = Delivery.objects.filter(operation=operation, event=Event.REVIEW_ASKED, person__username=name)
    return mails.order_by("-pk")[0].body


def sent_back(cast: Cast, operation: Operation, name: str) -> None:
    digest, by = operation.revisions.order_by("-number")[0].digest, getattr(cast, name)
    actions.ask_for_changes(operation, digest=digest, reason="Say more.", by=by, at=make.PLANNED)


def test_who_reviewed_it_before_is_told_what_changed_and_nobody_else(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    assert "your review" not in told(operation, "tomas") + told(operation, "ada")
    sent_back(cast, operation, "tomas")
    changed(cast, operation, SUMMARY, FIELD, "password: swordfish")
    changed(cast, operation, "header", "title", "Another name")
    make.submit(cast, make.fresh(operation))
    lines = "- Title and header: Title\n- Operation Summary: Compliance"
    assert f"\n\n2 fields changed since your review of revision 1:\n{lines}\n\n" in told(operation, "tomas")
    assert "your review" not in told(operation, "ada")
    assert not Delivery.objects.filter(body__contains="swordfish").exists()


def test_who_spoke_of_a_draft_is_asked_with_the_others(cast: Cast, template: OperationTemplate) -> None:
    """No revision was before them then; to hold it against one ended in an error, and nothing could be sent."""
    draft = make.make_draft(cast, template)
    actions.comment(draft, key=FIELD, text="For how long?", kind="remark", by=cast.tomas, at=make.PLANNED)
    actions.send_comments(draft, by=cast.tomas, at=make.PLANNED)
    for _revision in range(2):
        operation = make.submit(cast, make.fresh(draft))
        assert "your review" not in told(operation, "tomas")
        actions.withdraw(make.fresh(draft), by=cast.mara, at=make.PLANNED)


def test_each_is_told_against_what_they_read_themselves(cast: Cast, template: OperationTemplate) -> None:
    operation = make.make_in(State.IN_REVIEW, cast, template)
    sent_back(cast, operation, "tomas")
    changed(cast, operation, SUMMARY, FIELD, "More")
    operation = make.submit(cast, make.fresh(operation))
    sent_back(cast, operation, "ada")
    operation = make.submit(cast, make.fresh(operation))
    assert "1 field changed since your review of revision 1:" in told(operation, "tomas")
    assert "Nothing has changed since your review of revision 2." in told(operation, "ada")
