"""Drafts whose sections are written: one with nothing but a title, and one with everything."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate
from tests.make import PLANNED, make_draft, start_record
from tests.people import Cast


@pytest.fixture
def blank(cast: Cast, template: OperationTemplate) -> Operation:
    return start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "Kernel update"})


@pytest.fixture
def full(cast: Cast, template: OperationTemplate) -> Operation:
    return make_draft(cast, template)
