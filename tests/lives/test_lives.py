"""Lives of records in which everybody tries everything: no sequence of acts breaks what must always be true."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from records.models import OperationTemplate
from tests import proofs
from tests.lives.by_acts import ByActs
from tests.lives.by_pages import ByPages
from tests.lives.machine import ACTS, Lives
from tests.people import Cast

SEED, QUICK = 1, 32
# The long proof: twenty parts of a thousand lives, fifty steps each. A part that went well once is not run again.
PARTS, LONG = 20, 1000
# And four of five hundred over HTTP.
PAGE_PARTS, ON_PAGES = 4, 500


def live(
    cast: Cast,
    template: OperationTemplate,
    *,
    lives: int,
    steps: int,
    number: int,
    shrink: bool = False,
    doer: type[ByActs] = ByActs,
) -> Counter[str]:
    """Have ``lives`` lived, drawn after ``number``; what was done and refused in them, counted."""
    here = {"cast": cast, "template": template, "doer": doer, "done": Counter()}
    machine = type("LivesHere", (Lives,), here)
    how = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )
    run_state_machine_as_test(seed(number)(machine), settings=how)
    return machine.done


def undone(done: Counter[str]) -> set[str]:
    """The acts that nobody managed to do."""
    return set(ACTS) - set(done)


def test_no_life_breaks_what_must_always_be_true(cast: Cast, template: OperationTemplate) -> None:
    done = live(cast, template, lives=QUICK, steps=40, number=SEED)
    # Which of the rarer acts occur in so few lives is chance; the long proof asks for all of them.
    enough = {"submit": 5, "approve": 5, "approve refused": 20, "save": 20, "save refused": 20, "withdraw": 3}
    assert {act: done[act] for act, least in enough.items() if done[act] < least} == {}


def test_no_life_on_the_pages_does(cast: Cast, template: OperationTemplate) -> None:
    done = live(cast, template, lives=4, steps=30, number=SEED, doer=ByPages)
    assert {act for act in ("submit", "approve", "approve refused", "save", "save refused") if not done[act]} == set()


# Each life in a transaction of its own: in one for all of them PostgreSQL keeps what a thousand lives left behind, and
# takes three times as long for the last ones.
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="lives-{}".format)
def test_no_life_of_many_does(
    request: pytest.FixtureRequest, cast: Cast, template: OperationTemplate, number: int
) -> None:
    def proof() -> Counter[str]:
        return live(cast, template, lives=LONG, steps=50, number=number, shrink=True)

    done = proofs.part(request, ("records", "approvals", "tests/lives"), proof, on=connection.vendor)
    assert undone(done) == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
@pytest.mark.parametrize("number", range(PAGE_PARTS), ids="pages-{}".format)
def test_no_life_of_many_on_the_pages_does(
    request: pytest.FixtureRequest, cast: Cast, template: OperationTemplate, number: int
) -> None:
    def proof() -> Counter[str]:
        return live(cast, template, lives=ON_PAGES, steps=50, number=100 + number, shrink=True, doer=ByPages)

    code = ("records", "approvals", "opsrecords", "tests/lives")
    assert undone(proofs.part(request, code, proof, on=connection.vendor)) == set()
