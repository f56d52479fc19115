"""Fields are counted by one definition: what a list of sections says adds up to what stands above it, on every page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from records.content.assembly import load
from records.forms.sheet import Sheet
from records.models import Operation, OperationTemplate, State
from records.rights import may_edit_plan
from records.writing.counts import asks_of, counted, later_words, review_words
from records.writing.saving import save_section
from records.writing.section_status import PLAN, statuses
from tests import make
from tests.browserless import seen
from tests.people import Cast

pytestmark = pytest.mark.django_db
USERS = "operation-summary/business-impact/user-experience"


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    draft = make.make_draft(cast, template)
    own = draft.sections.get(key="operation-summary")
    save_section(operation=draft, key=own.key, version=own.version, values={USERS: ""}, by=cast.mara, at=make.PLANNED)
    return make.fresh(draft)


def test_the_sections_of_the_plan_add_up_to_what_review_asks(cast: Cast, draft: Operation) -> None:
    sections = list(draft.sections.all())
    whole = counted([own.progress for own in sections], "plan")
    found = [one for one in statuses(draft, sections, draft.outline) if one.when == PLAN]
    assert (sum(one.done for one in found), sum(one.due for one in found)) == (whole.answered, whole.due)
    assert whole.answered == whole.due - 1
    assert whole.words in seen(cast.mara, "home")
    assert seen(cast.mara, "record", draft.pk).count(whole.words) == 2, "in the rail and beside what is needed"


def test_what_comes_later_is_named_beside_the_count(cast: Cast, draft: Operation) -> None:
    header = draft.sections.get(key="header")
    one = next(one for one in statuses(draft, [header], draft.outline))
    assert later_words(header.progress, ("plan",)) == one.later == "", "it is answered, and not due any more"
    unanswered = header.progress | {"open": {**header.progress["open"], "answered": 0}}
    assert later_words(unanswered, ("plan",)) == ", 1 more before the start"
    Operation.objects.filter(pk=draft.pk).update(state=State.APPROVED)
    later = next(one for one in statuses(make.fresh(draft), [header], draft.outline))
    assert (later.due, later.later) == (one.due + 1, ""), "before the start the open parts count too"


def test_a_field_that_is_counted_for_later_says_when_it_is_due(cast: Cast, draft: Operation) -> None:
    header = draft.sections.get(key="header")
    loaded, yes = load([header])[0], may_edit_plan(cast.mara, draft)
    sheet = Sheet(draft, draft.outline, loaded, yes, yes)
    (one,) = statuses(draft, [header], draft.outline)
    (key,) = sheet.later
    assert one.later == "", "what is answered already is not due any more"
    client = Client()
    client.force_login(cast.mara)
    page = client.get(reverse("section", args=[draft.pk, "header"])).content.decode()
    assert page.count("Due before the start") == 1
    assert re.search(rf'id="f-{key}[^"]*-later"', page) and re.search(rf'aria-describedby="[^"]*f-{key}-later', page)
    draft.state = State.APPROVED
    assert Sheet(draft, draft.outline, loaded, yes, yes).later == {}, "it is due next now"


def test_a_template_says_how_much_each_level_asks(cast: Cast, template: OperationTemplate) -> None:
    least, most = (asks_of(template.outline)[at].plan for at in (0, -1))
    assert (
        review_words(template.outline)
        == f"{least} to {most} fields before review, by risk; each step or risk adds to them"
    )
    assert review_words(template.outline) in seen(cast.mara, "record_new")
    values = {"title": "Big", "header/risk-level": "Critical"}
    critical = make.start_record(author=cast.mara, template=template, at=make.PLANNED, values=values)
    assert f"of {most} fields" in seen(cast.mara, "record", critical.pk)
