"""Rows kept for later tests: what the acts made once need not be made again for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.apps import apps
from django.db import models, transaction

from approvals.models import ApprovalRule
from records.models import AuditEntry, AuditHead, Operation, OperationTemplate, Person, RoleHolding, State
from tests.people import HOLDINGS

Rows = dict[type[models.Model], list[models.Model]]
PLAYERS = (Person, RoleHolding, OperationTemplate, ApprovalRule, Person.groups.through, Person.user_permissions.through)
_kept: dict[State, tuple[int, Rows]] = {}


def made_once(state: State, make: Callable[[], Operation]) -> Operation:
    """What ``make`` makes, made by it the first time, afterwards put back as rows, with the same keys.

    Only for the untouched cast in a database without records; else it is made.
    """
    if not _is_untouched():
        return make()
    if state not in _kept:
        operation = make()
        _kept[state] = operation.pk, {model: list(model._base_manager.all()) for model in _models()}
    else:
        _put_back(_kept[state][1])
    return Operation.objects.get(pk=_kept[state][0])


def _is_untouched() -> bool:
    if Operation.objects.exists() or AuditEntry.objects.exists() or ApprovalRule.objects.exists():
        return False
    return set(RoleHolding.objects.filter(until=None).values_list("person_id", "role")) == HOLDINGS


def _models() -> Iterator[type[models.Model]]:
    for app in ("records", "approvals"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model not in PLAYERS:
                yield model


def _put_back(kept: Rows) -> None:
    with transaction.atomic():
        AuditHead.objects.all().delete()
        for model, rows in kept.items():
            model._base_manager.bulk_create(rows)
