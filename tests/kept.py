"""Rows kept for later tests: what the acts made once need not be made again for each test."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.test import override_settings
from django.utils import timezone

from approvals.models import ApprovalRule
from records.models import (
    AuditEntry,
    AuditHead,
    Delivery,
    DeliveryState,
    Operation,
    OperationTemplate,
    Person,
    RoleHolding,
)
from tests.people import HOLDINGS

Rows = dict[type[models.Model], list[models.Model]]
Statements = list[tuple[str, Any]]
PLAYERS = (Person, RoleHolding, OperationTemplate, ApprovalRule, Person.groups.through, Person.user_permissions.through)
_kept: dict[Hashable, tuple[int, Rows]] = {}
# How the rows were put back the first time: building the same SQL for each test would take longer than running it.
_statements: dict[Hashable, Statements] = {}


def made_once(what: Hashable, make: Callable[[], Operation]) -> Operation:
    """What ``make`` makes, made by it the first time, afterwards put back as rows, with the same keys.

    Only for the untouched cast in a database without records; else it is made.
    """
    if not _is_untouched():
        return make()
    if what not in _kept:
        with override_settings(PUBLISH_URL=""):  # whoever comes first must not leave a publication to the others
            operation = make()
        _kept[what] = operation.pk, {model: list(model._base_manager.all()) for model in _models()}
    else:
        _put_back(what)
    return Operation.objects.get(pk=_kept[what][0])


def _is_untouched() -> bool:
    if Operation.objects.exists() or AuditEntry.objects.exists() or ApprovalRule.objects.exists():
        return False
    return set(RoleHolding.objects.filter(until=None).values_list("person_id", "role")) == HOLDINGS


def _models() -> Iterator[type[models.Model]]:
    for app in ("records", "approvals"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model not in PLAYERS:
                yield model


def _put_back(what: Hashable) -> None:
    with transaction.atomic():
        if what in _statements:
            with connection.cursor() as cursor:
                for sql, params in _statements[what]:
                    cursor.execute(sql, params)
        else:
            _statements[what] = _noted(lambda: _insert(_kept[what][1]))
        # What is due for longer than two sweeps is told at the head of every page: it waits since now, as when made.
        Delivery.objects.filter(state=DeliveryState.WAITING).update(next_at=timezone.now())


def _insert(kept: Rows) -> None:
    AuditHead.objects.all().delete()
    for model, rows in kept.items():
        model._base_manager.bulk_create(rows)


def _noted(do: Callable[[], None]) -> Statements:
    """The statements of what is done."""
    statements: Statements = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        do()
    return statements
