"""The last look: what is missing leads to its field, what is worth a thought is said, one button sends it."""

from __future__ import annotations

import datetime as dt
import html
import re

from django.utils import timezone

from records.models import FreezeWindow, Operation, OperationTemplate, State, Step
from tests import make
from tests.approvals.acts import write
from tests.browserless import look
from tests.make import PLANNED, make_draft, start_record, submit
from tests.people import Cast, signed_in


def test_a_complete_plan_is_sent_with_a_note(cast: Cast, template: OperationTemplate) -> None:
    draft = make_draft(cast, template)
    client = signed_in(cast.mara)
    page = look(client, f"/records/{draft.pk}/check/")
    assert "Send revision 1 for review" in page.text
    assert "Tomas Okafor" in page.text
    assert "What is due only before the start or after the run is not part of the approval" in page.text
    client.post(f"/records/{draft.pk}/check/", {"note": "Look at step 2.2"})
    draft.refresh_from_db()
    assert (draft.state, draft.revisions.get().note) == (State.IN_REVIEW, "Look at step 2.2")
    review = look(signed_in(cast.tomas), f"/records/{draft.pk}/review/").text
    above = review.split('<div class="reading">')[1].split('id="brief-title"')[0]
    assert "Note for the reviewers" in above and "“Look at step 2.2”" in above
    review = look(signed_in(cast.tomas), f"/records/{draft.pk}/review/?view=whole").text
    assert review.count("What is due only before the start or after the run stands as the template has it") == 1


def test_what_keeps_it_from_starting_stands_apart_and_leads_to_the_window(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make_draft(cast, template)
    Step.objects.filter(section__operation=draft).update(estimate="1 h")
    page = look(signed_in(cast.mara), f"/records/{draft.pk}/check/")
    stops, *others = [one for one in page.response.context["warnings"] if one.window]
    assert "this can't start in a window of" in stops.words and not others
    assert "/phase-3-" in stops.window and stops.window.endswith(".window")
    told = page.text.split('<li class="stops">')[1].split("</li>")[0]
    assert "All its procedures are counted, one after the other." in told and "Change the window" in told


def test_all_that_will_be_sent_is_shown_what_stands_beside_the_text_too(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make_draft(cast, template)
    step = Step.objects.filter(section__operation=draft, phase__isnull=False)[0]
    facts = {"estimate": "25 min", "host": "db-7", "expected": "three rows", "point_of_no_return": True}
    Step.objects.filter(pk=step.pk).update(**facts)
    page = look(signed_in(cast.mara), f"/records/{draft.pk}/check/")
    own = next(one for one in page.response.context["sections"] if one.status.key == step.section.key)
    assert [text for _word, text in own.beside[0].facts] == ["db-7", "25 min", "three rows", "yes"]
    told = page.text.split("Beside the text")[1]
    assert "db-7" in told and "three rows" in told and "Point of no return" in told
    people = page.text.split('id="people-named"')[1].split("</section>")[0]
    assert "Jun Park" in people and "Tomas Okafor" in people
    assert page.text.count("<h1") == 1


def test_what_is_missing_is_shown_where_it_was_sent_and_the_note_stays(cast: Cast, template: OperationTemplate) -> None:
    draft = start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "Small"})
    answer = signed_in(cast.mara).post(f"/records/{draft.pk}/check/", {"note": "please"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "It was not sent" in text
    assert f"/records/{draft.pk}/sections/operation-summary/?still=1#problems" in text
    assert "please</textarea>" in text
    assert Operation.objects.get().state == State.DRAFT


def test_every_missing_field_has_its_place(cast: Cast, template: OperationTemplate) -> None:
    """Each link of the list leads to an element that is on the page it names."""
    values = {"title": "Small", "header/risk-level": "Low"}
    draft = start_record(author=cast.mara, template=template, at=PLANNED, values=values)
    client = signed_in(cast.mara)
    page = look(client, f"/records/{draft.pk}/check/")
    links = [one.url for one in [*page.response.context["needed"], *page.response.context["warnings"]]]
    assert len(links) > 5
    for link in links:
        assert look(client, link).status == 200


def test_the_id_that_an_empty_line_will_get_is_said_before_it_is_sent(cast: Cast, template: OperationTemplate) -> None:
    title = "Move the orders database of the web shop to a new storage cluster in the second hall"
    draft = start_record(author=cast.mara, template=template, at=PLANNED, values={"title": title})
    page = look(signed_in(cast.mara), f"/records/{draft.pk}/check/")
    said = page.response.context["id_to_come"]
    assert said.title.endswith("-infrastructure-move-the-orders-database-of-the-web-shop-to-a-new")
    assert f"<code>{said.title}</code>" in page.text
    assert said.url == f"/records/{draft.pk}/sections/header/?at=header%2Foperation-id#f-header/operation-id"
    named = make_draft(cast, template)
    assert "It will get the operation ID" not in look(signed_in(cast.mara), f"/records/{named.pk}/check/").text


def test_somebody_else_can_not_send_it(cast: Cast, template: OperationTemplate) -> None:
    draft = make_draft(cast, template)
    assert signed_in(cast.tomas).get(f"/records/{draft.pk}/check/").status_code == 403
    assert signed_in(cast.tomas).post(f"/records/{draft.pk}/check/").status_code == 403


def test_a_record_in_review_has_nothing_to_check(cast: Cast, template: OperationTemplate) -> None:
    draft = make_draft(cast, template)
    submit(cast, draft)
    answer = signed_in(cast.mara).get(f"/records/{draft.pk}/check/")
    assert answer["Location"] == f"/records/{draft.pk}/"


def test_a_freeze_window_is_pointed_out_to_author_and_reviewer_and_stops_nobody(
    cast: Cast, template: OperationTemplate
) -> None:
    draft = make_draft(cast, template)
    start, end = draft.window_start, draft.window_end
    assert start and end
    hour = dt.timedelta(hours=1)
    for name, since, until, is_active in (
        ("Year end", start - 40 * hour, start + hour, True),
        ("Quarter end", end - hour, end + hour, True),
        ("Over before", start - hour, start, True),
        ("Only after", end, end + hour, True),
        ("Given up", start, end, False),
    ):
        FreezeWindow.objects.create(name=name, starts_at=since, ends_at=until, is_active=is_active)
    worth = look(signed_in(cast.mara), f"/records/{draft.pk}/check/").text.split('id="warnings"')[1]
    assert worth.index("In a freeze window (4 Dec 10:00 UTC to 6 Dec 03:00 UTC):") < worth.index(">Year end</a>")
    first = look(signed_in(cast.mara), f"/records/{draft.pk}/check/").text.split('id="note"')[0]
    assert "worth a look first</a>" in first, "said before the button that sends it"
    submit(cast, draft)
    checks = look(signed_in(cast.tomas), f"/records/{draft.pk}/review/").text
    for page in (worth, checks):
        assert page.index("Year end") < page.index("Quarter end")
        assert not [name for name in ("Over before", "Only after", "Given up") if name in page]
        assert "?month=2026-12" in page


def test_short_notice_and_what_else_happens_then_are_worth_a_look(cast: Cast, template: OperationTemplate) -> None:
    other = submit(cast, make_draft(cast, template))
    Operation.objects.filter(pk=other.pk).update(operation_id="2026-12-06-other", title="Switch firmware")
    draft = make_draft(cast, template)
    soon = timezone.now() + dt.timedelta(hours=5)
    for one in (draft, other):
        Operation.objects.filter(pk=one.pk).update(window_start=soon, window_end=soon + dt.timedelta(hours=1))
    page = look(signed_in(cast.mara), f"/records/{draft.pk}/check/").text
    worth = page.split('id="warnings"')[1]
    assert "The window begins within a day" in worth
    assert "Reviewers see this too, except for the short notice." in worth
    assert worth.index("At the same time") < worth.index("Switch firmware"), "a colon has what it announces behind it"
    assert "A decision is wanted by" in page
    begun = timezone.now() - dt.timedelta(hours=1)
    Operation.objects.filter(pk=draft.pk).update(window_start=begun, window_end=begun + dt.timedelta(hours=4))
    page = look(signed_in(cast.mara), f"/records/{draft.pk}/check/").text
    assert "Reviewers see this too. Nothing here stops you." in page
    assert "The window has begun" in page and "A decision is wanted by" not in page


def test_a_line_that_tells_of_somebody_else_than_the_record_names_is_said_to_author_and_reviewer(
    cast: Cast, template: OperationTemplate
) -> None:
    """Whose account it is runs it, or approves it; a name with more around it is still that name."""
    draft = make_draft(cast, template)
    pages = (cast.mara, f"/records/{draft.pk}/check/"), (cast.tomas, f"/records/{draft.pk}/review/")
    write(draft, cast.mara, "Jun Park (on call)", "header/operator")
    assert "the record names" not in look(signed_in(cast.mara), pages[0][1]).text
    write(make.fresh(draft), cast.mara, "Ada Brandt (on call)", "header/supervisor")
    write(make.fresh(draft), cast.mara, "Olga Petrenko, with Jun", "header/operator")
    checked = look(signed_in(cast.mara), pages[0][1]).text
    submit(cast, make.fresh(draft))
    review = look(signed_in(cast.tomas), pages[1][1]).text
    for page in (re.sub(r"</?a\b[^>]*>", "", html.unescape(text)) for text in (checked, review)):
        assert "Supervisor says “Ada Brandt (on call)”; the record names Tomas Okafor" in page
        assert "Operator says “Olga Petrenko, with Jun”; the record names Jun Park" in page


def test_that_nobody_could_take_over_is_said_while_somebody_can_still_be_named(
    cast: Cast, template: OperationTemplate
) -> None:
    """To author and reviewer, of the upper risk levels; before the start it is too late for it."""
    words = "if the operator falls ill during the run, nobody can take it over"
    draft = make_draft(cast, template)
    checked, review = f"/records/{draft.pk}/check/", f"/records/{draft.pk}/review/"
    assert words not in look(signed_in(cast.mara), checked).text
    draft.deputies.clear()
    for level, is_said in (("Low", False), ("Medium", False), ("High", True), ("Critical", True)):
        Operation.objects.filter(pk=draft.pk).update(risk_level=level)
        link = f'<a href="/records/{draft.pk}/people/">No deputy is named:</a> {words}'
        assert (link in look(signed_in(cast.mara), checked).text) == is_said, level
    submit(cast, draft)
    assert f"No deputy is named: {words}" in look(signed_in(cast.tomas), review).text
