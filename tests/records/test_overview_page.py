"""The overview of a record: what it says through its life, to whom, and what it asks the database."""

from __future__ import annotations

import re

import pytest

from records.models import Operation, OperationTemplate, State
from tests.browserless import look
from tests.make import PLANNED, approve_by, fresh, make_in, sign, start_record, submit
from tests.people import Cast, signed_in


def test_the_overview_says_what_stops_a_draft_and_leads_there(cast: Cast, template: OperationTemplate) -> None:
    values = {"title": "Small", "header/risk-level": "Low"}
    low = start_record(author=cast.mara, template=template, at=PLANNED, values=values)
    page = look(signed_in(cast.mara), f"/records/{low.pk}/")
    assert "Before you can submit" in page.text
    assert "Continue: Details" in page.text
    assert "After approval" in page.text
    time_limits = "disaster-recovery-plan/rollback-triggers/time-limits"
    assert f"#f-{time_limits}.text" in page.text
    target = look(signed_in(cast.mara), f"/records/{low.pk}/sections/disaster-recovery-plan/?at={time_limits}")
    assert f"f-{time_limits}.text" in target.parsed.ids


def test_what_is_due_before_the_start_is_not_asked_for_review(cast: Cast, template: OperationTemplate) -> None:
    values = {"title": "Small", "header/risk-level": "High"}
    high = start_record(author=cast.mara, template=template, at=PLANNED, values=values)
    page = look(signed_in(cast.mara), f"/records/{high.pk}/")
    by_group = {group["anchor"]: [task.title for task in group["tasks"]] for group in page.response.context["groups"]}
    assert by_group["start"] == ["Infrastructure Communication"]
    assert "Infrastructure Communication" not in by_group["plan"]
    assert "Needed before the start, not for review." in page.text
    check = look(signed_in(cast.mara), f"/records/{high.pk}/check/")
    waiting = [one.status.title for one in check.response.context["sections"] if one.status.waits]
    assert waiting == ["Infrastructure Communication"]
    assert check.text.count("Needed before the start, not for review") == 1


def test_the_overview_follows_the_record_through_its_life(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    assert "Check answers and submit" in look(client, f"/records/{full.pk}/").text
    submit(cast, full)
    review = look(client, f"/records/{full.pk}/")
    assert "Open the review" in review.text
    assert "Withdraw it from review" in review.text
    assert "Revision 1" in review.text
    approve_by(cast, full, "tomas", "ada")
    approved = look(client, f"/records/{full.pk}/").text
    assert "Go to the run page" in approved
    assert "Before it can start" in approved and "Before it can be closed" not in approved
    assert re.search(
        r'class="pill (ok|warn|bad)"><svg[^>]*><use href="[^"]*#[a-z]+"></use></svg>(Ready|Too late|\d)', approved
    )


def test_somebody_who_may_not_act_gets_no_buttons_for_it(full: Operation, cast: Cast) -> None:
    submit(cast, full)
    page = look(signed_in(cast.olga), f"/records/{full.pk}/")
    assert "Withdraw it from review" not in page.text
    assert "Cancel this record" not in page.text


def test_cancelling_asks_for_a_reason_and_ends_the_record(full: Operation, cast: Cast) -> None:
    client = signed_in(cast.mara)
    page = look(client, f"/records/{full.pk}/")
    assert "Why is it not going to happen?" in page.text
    assert client.post(f"/records/{full.pk}/cancel/", {"reason": ""}).status_code == 400
    client.post(f"/records/{full.pk}/cancel/", {"reason": "bought instead"})
    assert Operation.objects.get().state == State.CANCELLED
    assert "cancelled it" in look(client, f"/records/{full.pk}/").text


def test_the_overview_draws_the_time_plan_with_the_way_back(full: Operation, cast: Cast) -> None:
    steps = "disaster-recovery-plan/rollback-procedures"
    page = look(signed_in(cast.mara), f"/records/{full.pk}/sections/disaster-recovery-plan/")
    names = [name for name in page.fields() if name.startswith(steps) and name.endswith(".estimate")]
    page.send(dict.fromkeys(names, "10 min"), act="save")
    text = look(signed_in(cast.mara), f"/records/{full.pk}/").text
    assert "02:45 to 04:30" in text
    assert f"{10 * len(names)} min: decide by 05:00" in text


@pytest.mark.parametrize("state", ["draft", "in_review", "changes_requested", "another level", "approved"])
def test_the_overview_takes_at_most_twelve_queries(
    state: str, full: Operation, cast: Cast, template: OperationTemplate, django_assert_max_num_queries
) -> None:
    """Of a clone, too, whose source is somebody's draft."""
    source = start_record(author=cast.olga, template=template, at=PLANNED, values={"title": "Other"})
    Operation.objects.filter(pk=full.pk).update(cloned_from=source)
    if state != "draft":
        submit(cast, fresh(full))
    if state in ("changes_requested", "another level"):
        Operation.objects.filter(pk=full.pk).update(state=State.CHANGES_REQUESTED)
    if state == "another level":
        Operation.objects.filter(pk=full.pk).update(risk_level="Low")
    if state == "approved":
        approve_by(cast, full, "tomas", "ada")
    client = signed_in(cast.mara)
    with django_assert_max_num_queries(12):
        assert client.get(f"/records/{full.pk}/").status_code == 200


@pytest.mark.parametrize("reader", ["mara", "jun", "tomas", "sam"])
@pytest.mark.parametrize("state", [State.RUNNING, State.CLOSING, "signed", State.FINALIZED])
def test_the_overview_takes_no_more_from_the_run_to_the_sign_off(
    state: str, reader: str, cast: Cast, template: OperationTemplate, django_assert_max_num_queries
) -> None:
    operation = make_in(State.CLOSING if state == "signed" else State(state), cast, template)
    if state == "signed":
        sign(cast, operation)
    source = start_record(author=cast.olga, template=template, at=PLANNED, values={"title": "Other"})
    Operation.objects.filter(pk=operation.pk).update(cloned_from=source)
    client = signed_in(getattr(cast, reader))
    # Who may sign it off costs two: everybody who had a part in it, and whoever supervises.
    with django_assert_max_num_queries(13 if state == "signed" else 12):
        assert client.get(f"/records/{operation.pk}/").status_code == 200


def test_the_overview_tells_everybody_who_works_on_it(full: Operation, cast: Cast) -> None:
    page = look(signed_in(cast.carl), f"/records/{full.pk}/").text
    for words, name in (("Author", "Mara Lindqvist"), ("Deputies", "Ines Duarte"), ("Team", "Noor Haddad")):
        assert f"<dt>{words}</dt><dd>{name}</dd>" in page
    assert f"/records/{full.pk}/people/" in page
    submit(cast, full)
    page = look(signed_in(cast.olga), f"/records/{full.pk}/").text
    assert "<dt>Co-authors</dt><dd>Carl Nyberg</dd>" in page
    assert f"/records/{full.pk}/people/" not in page
