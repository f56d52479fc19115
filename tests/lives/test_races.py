"""Case 4: acts in the same moment, by processes of their own, on both databases."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection

from records.models import OperationTemplate
from tests import make, proofs
from tests.lives.races import Races, race
from tests.people import Cast

# Ten thousand races, in parts.
PARTS, ROUNDS = 10, 200


@pytest.mark.django_db(transaction=True)
def test_of_two_acts_in_the_same_moment_one_comes_first_case_4(cast: Cast, template: OperationTemplate) -> None:
    happened = race(cast, make.make_draft(cast, template).pk, rounds=3)
    assert happened.total() == 3 * len(Races.KINDS)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(PARTS), ids="races-{}".format)
def test_many_races(request: pytest.FixtureRequest, cast: Cast, template: OperationTemplate, number: int) -> None:
    draft = make.make_draft(cast, template)

    def proof() -> Counter[str]:
        return race(cast, draft.pk, ROUNDS)

    happened = proofs.part(request, ("records", "approvals", "tests/lives"), proof, on=connection.vendor)
    both_ways = ("withdraw, approve", "demote, approve", "submit, save")
    assert {
        f"{kind} {end}": 0 for kind in both_ways for end in ("done", "refused") if not happened[f"{kind} {end}"]
    } == {}
