"""A draft whose sections are written: nothing stands in it but a title."""

from __future__ import annotations

import pytest

from records.models import Operation, OperationTemplate
from tests.make import PLANNED, start_record
from tests.people import Cast


@pytest.fixture
def blank(cast: Cast, template: OperationTemplate) -> Operation:
    return start_record(author=cast.mara, template=template, at=PLANNED, values={"title": "Kernel update"})
