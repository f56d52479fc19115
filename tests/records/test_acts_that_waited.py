"""An act that had to wait for another one to the same record stands on what that one left, and on nothing before it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from approvals import actions
from records.library.versions import move_to_version
from records.life_cycle import lock
from records.models import Delivery, FieldChange, Operation, OperationTemplate, Person
from records.refusals import Incomplete
from records.sending_again import send_again
from records.writing.cloning import clone_record
from records.writing.opening import Opening
from records.writing.saving import Sealed
from tests import make
from tests.approvals.acts import write
from tests.at_once import somebody_waits
from tests.people import Cast, make_cast
from tests.processes import until

USERS = "operation-summary/business-impact/user-experience"
ENDED = "footer/operation-status"


def behind(
    first: Callable[[], object], second: Callable[[], object], then: Callable[[], object] = lambda: None
) -> BaseException | None:
    """What ``second`` raised, which was pressed while the transaction of ``first``, and ``then``, had not ended."""
    raised: list[BaseException | None] = []

    def late() -> None:
        try:
            second()
            raised.append(None)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    waiting = threading.Thread(target=late)
    with transaction.atomic():
        first()
        waiting.start()
        until(somebody_waits)
        then()
    waiting.join(30)
    return raised[0]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def draft(cast: Cast) -> Operation:
    return make.make_draft(cast, make.make_template())


@pytest.fixture
def newer(draft: Operation) -> OperationTemplate:
    own = draft.template
    assert own is not None
    return OperationTemplate.objects.create(name=own.name, version="1.0.1", text=own.text, toml=own.toml)


def test_an_emergency_that_arrives_twice_at_the_same_moment_is_one(cast: Cast) -> None:
    template, begun = make.make_template(), []

    def start() -> None:
        begun.append(actions.start_from_nothing(template, answers=make.ANSWERS, by=cast.jun, key="k" * 32))

    assert behind(start, start) is None
    assert begun == [Operation.objects.get()] * 2


def moving(draft: Operation, newer: OperationTemplate, by: Person) -> Callable[[], object]:
    return lambda: move_to_version(draft, template=newer, by=by, at=make.PLANNED)


def sending(draft: Operation, by: Person) -> Callable[[], object]:
    return lambda: actions.submit(draft, carried_hold=True, by=by, at=make.PLANNED)


def test_a_submission_behind_a_move_to_another_version_asks_what_that_version_asks(
    cast: Cast, draft: Operation, newer: OperationTemplate
) -> None:
    """Without the template nothing would be missing, and the strictest rule of the site would stand in for its own."""
    write(draft, cast.carl, "")
    refused = behind(moving(draft, newer, cast.carl), sending(draft, cast.mara))
    assert isinstance(refused, Incomplete)
    assert not draft.revisions.exists()
    write(draft, cast.carl, "None")
    revision = actions.submit(draft, carried_hold=True, by=cast.mara, at=make.PLANNED)
    assert revision.template_digest == newer.digest


def test_a_save_behind_a_move_to_another_version_knows_which_lines_closing_writes(
    cast: Cast, draft: Operation, newer: OperationTemplate
) -> None:
    refused = behind(
        moving(draft, newer, cast.carl), lambda: write(draft, cast.mara, "Completed successfully", key=ENDED)
    )
    assert isinstance(refused, Sealed)
    assert not FieldChange.objects.filter(key=ENDED).exists()


def twin_of(cast: Cast, draft: Operation) -> Operation:
    """Another record of the same day and words; both leave their ID to the site."""
    opening = Opening(draft.title, "2026-12-06", "02:00:00 UTC", "High", "Partial", "", cast.jun, cast.tomas)
    twin = clone_record(draft, opening=opening, by=cast.mara, at=make.PLANNED)
    for one in (draft, twin):
        write(one, cast.mara, "", key="header/operation-id")
    return twin


def test_two_that_would_be_called_alike_are_told_apart_whichever_comes_first(cast: Cast, draft: Operation) -> None:
    """Neither sees the other's ID before it stands: the second is asked for another, and has one at the next press."""
    twin = twin_of(cast, draft)
    refused = behind(sending(draft, cast.mara), sending(twin, cast.mara))
    assert refused is None or isinstance(refused, Incomplete), refused
    sending(twin, cast.mara)()
    one, other = make.fresh(draft).operation_id, make.fresh(twin).operation_id
    assert other == f"{one}-2"


def test_an_emergency_begins_though_another_record_takes_its_id_in_that_moment(cast: Cast, draft: Operation) -> None:
    twin = twin_of(cast, draft)
    refused = behind(sending(draft, cast.mara), lambda: make.begin_emergency(cast, twin))
    assert refused is None
    assert make.fresh(twin).operation_id == f"{make.fresh(draft).operation_id}-2"


def test_a_message_is_sent_again_while_its_record_is_decided_on(cast: Cast, draft: Operation) -> None:
    """Two that hold what the other waits for would both wait, and one of them end in an error."""
    submitted = make.submit(cast, draft)
    asked = Delivery.objects.filter(operation=submitted, person=cast.tomas)
    refused = behind(
        lambda: lock(submitted),
        lambda: send_again(asked.get().pk, by=cast.leo),
        lambda: asked.update(read_at=make.PLANNED),
    )
    assert refused is None
