"""The cast and the shipped template, for every test of deciding."""

import pytest

from records.models import OperationTemplate
from tests.make import make_template
from tests.people import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def template(db: None) -> OperationTemplate:
    return make_template()
