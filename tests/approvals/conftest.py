"""What the tests of deciding begin with."""

from __future__ import annotations

import datetime as dt

import pytest

from approvals import actions
from records.content.assembly import document_of
from records.document.fields import table_of
from records.models import Operation, OperationTemplate, State
from tests import make
from tests.approvals.acts import USERS
from tests.approvals.review_pages import STEPS, SUMMARY, save
from tests.make import make_in
from tests.people import Cast


@pytest.fixture
def in_review(cast: Cast, template: OperationTemplate) -> Operation:
    """A plan of Mara's that waits for its approvals."""
    return make_in(State.IN_REVIEW, cast, template)


@pytest.fixture
def submitted(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.IN_REVIEW, cast, template)


@pytest.fixture
def again(cast: Cast, submitted: Operation) -> Operation:
    """Tomas asked for changes; Mara changed one answer and one estimate, and sent it again."""
    digest = submitted.revisions.get().digest
    actions.ask_for_changes(submitted, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    draft = make.fresh(submitted)
    save(draft, SUMMARY, {USERS: "Orders fail for two minutes."}, cast.mara)
    row = next(key for key in table_of(document_of(draft).section(STEPS)) if key.endswith(".text"))
    save(draft, STEPS, {row.removesuffix(".text") + ".estimate": "31 min"}, cast.mara)
    return make.submit(cast, draft, at=make.PLANNED + dt.timedelta(hours=1))


@pytest.fixture
def finalized(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.FINALIZED, cast, template)
