"""The pages of finding and deciding in a real browser: light and dark, wide and narrow, readable by everybody."""

from __future__ import annotations

import datetime as dt

import pytest

from approvals import actions
from records.models import Operation, OperationTemplate
from records.writing.saving import save_section
from tests import make
from tests.journeys.eyes import Eyes
from tests.people import Cast

USERS = "operation-summary/business-impact/user-experience"


@pytest.fixture
def again(transactional_db: None, cast: Cast, template: OperationTemplate) -> Operation:
    """In review again after changes were asked for, one of two approvals given."""
    operation = make.submit(cast, make.make_draft(cast, template))
    digest = operation.revisions.get().digest
    actions.ask_for_changes(operation, digest=digest, reason="Say how long", by=cast.tomas, at=make.PLANNED)
    draft = make.fresh(operation)
    version = draft.sections.get(key="operation-summary").version
    later = make.PLANNED + dt.timedelta(hours=1)
    values = {USERS: "Orders fail for two minutes."}
    save_section(operation=draft, key="operation-summary", version=version, values=values, by=cast.mara, at=later)
    return make.approve_by(cast, make.submit(cast, draft, at=later), "ada", at=later)


def test_they_have_no_barrier_and_no_sideways_scroll(eyes: Eyes, again: Operation, cast: Cast) -> None:
    record = f"/records/{again.pk}"
    views = [
        f"{record}/review/?view={view}"
        for view in ("brief", "changes", "whole", "comments", "source", "time", "history")
    ]
    seen = {
        cast.tomas: [
            "/",
            "/records/",
            "/records/?q=nothing",
            "/decisions/",
            "/decisions/?show=decided",
            *views,
            f"{record}/history/?from=1&to=2",
            f"{record}/history/?from=1&to=draft",
        ],
        cast.mara: ["/", f"{record}/review/"],
        cast.vera: ["/audit/?check=1", "/account/", "/account/password/", "/deliveries/", "/templates/"],
        cast.leo: [f"/templates/{again.template_id}/", f"/templates/{again.template_id}/?view=source", "/deliveries/"],
    }
    for person, addresses in seen.items():
        eyes.be(person)
        for address in addresses:
            eyes.see(address)
    assert eyes.wrong == []
