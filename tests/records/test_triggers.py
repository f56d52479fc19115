"""Case 12: rows that are only added are kept so by the database itself, whoever asks."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from approvals.actions import amend
from approvals.models import Decision
from records import triggers
from records.models import Addendum, AuditEntry, Evidence, FieldChange, FinalText, OperationTemplate, Revision, State
from tests import make
from tests.people import Cast, make_cast

COLUMN: dict[type[models.Model], str] = {
    AuditEntry: "entry",
    Decision: "person_name",
    Revision: "digest",
    FinalText: "digest",
    Evidence: "name",
    Addendum: "digest",
    FieldChange: "after",
    OperationTemplate: "toml",
}
KEPT = list(COLUMN)


@pytest.fixture
def finalized(cast: Cast, template: OperationTemplate) -> None:
    amend(make.make_in(State.FINALIZED, cast, template), text="Later", by=cast.mara, at=make.NIGHT)
    Evidence.objects.create(name="output-1.txt", media_type="text/plain", size=1, sha256="0" * 64, content=b"x")
    connection.check_constraints()  # PostgreSQL alters and truncates nothing while checks of foreign keys are pending


def test_what_is_append_only() -> None:
    assert set(triggers.append_only_tables()) == {model._meta.db_table for model in KEPT}


@pytest.mark.parametrize("model", KEPT)
def test_case_12_neither_queryset_nor_raw_sql_changes_a_row(finalized: None, model: type[models.Model]) -> None:
    table, column, rows = model._meta.db_table, COLUMN[model], model._default_manager
    count = rows.count()
    assert count
    attempts = [
        lambda: rows.update(**{column: "x"}),
        lambda: rows.all()._raw_delete(rows.db),
        lambda: raw(f'UPDATE "{table}" SET "{column}" = \'x\''),
        lambda: raw(f'DELETE FROM "{table}"'),
        lambda: raw(f'UPDATE "{table}" SET id = id + 1000'),
    ]
    if connection.vendor == "sqlite":
        attempts += [lambda each=each: replace(model, each) for each in keys_of(model)]
    if connection.vendor == "postgresql":
        attempts.append(lambda: raw(f'TRUNCATE "{table}" CASCADE'))
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="is kept as it was written"), transaction.atomic():
            attempt()
    assert rows.count() == count
    assert not rows.filter(**{column: "x"}).exists()


def keys_of(model: type[models.Model]) -> list[list[str]]:
    """The columns by which a new row could take the place of one that is there."""
    single = [[field.column] for field in model._meta.local_concrete_fields if field.unique]
    return single + [[model._meta.get_field(f).column for f in one.fields] for one in uniques_of(model)]


def uniques_of(model: type[models.Model]) -> list[models.UniqueConstraint]:
    return [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]


def replace(model: type[models.Model], keep: list[str]) -> None:
    """INSERT OR REPLACE of a row that shares ``keep``, and nothing else that is unique, with one that is there."""
    table, names = model._meta.db_table, [str(field.column) for field in model._meta.local_concrete_fields]
    values = {name: f'"{name}" + 1000' if name in ("id", "number") else f'"{name}"' for name in names}
    values |= {COLUMN[model]: "'x'"} | {name: f'"{name}"' for name in keep}
    where = "1"
    if model is Decision:
        where = "final_text_id IS NOT NULL" if "final_text_id" in keep else "kind = 'approve'"
        values |= {"kind": "'reject'"} if keep == ["id"] else {}
    into, told = ", ".join(f'"{name}"' for name in names), ", ".join(values[name] for name in names)
    raw(f'INSERT OR REPLACE INTO "{table}" ({into}) SELECT {told} FROM "{table}" WHERE {where}')


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_installing_again_changes_nothing(finalized: None) -> None:
    triggers.install()
    triggers.install()
    assert triggers.missing() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(reason="x")


def test_a_missing_trigger_fails_the_system_check_by_name(db: None) -> None:
    name = triggers.name_of("approvals_decision", "delete")
    assert name == "approvals_decision_no_delete"
    raw(f'DROP TRIGGER "{name}"' + (' ON "approvals_decision"' if connection.vendor == "postgresql" else ""))
    with pytest.raises(CommandError, match="approvals_decision_no_delete is missing"):
        call_command("check", databases=["default"])
    triggers.install()
    call_command("check", databases=["default"])


def test_an_older_database_can_be_migrated_although_its_triggers_are_older(db: None) -> None:
    """``migrate`` asks the check before it puts the triggers in place: an upgrade must not need a switch."""
    triggers.remove()
    with pytest.raises(CommandError, match="is missing"):
        call_command("check", databases=["default"])
    MigrationRecorder(connection).migration_qs.filter(app="records").order_by("-pk")[:1].get().delete()
    call_command("check", databases=["default"])


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_rebuilds_a_table_has_its_triggers_back_after_migrate() -> None:
    """Django alters a SQLite table by making a new one; that drops the triggers without a word."""
    make.make_in(State.APPROVED, make_cast(), make.make_template())
    field = models.TextField(blank=True, default="changed")
    field.set_attributes_from_name("reason")
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            editor._remake_table(Decision, alter_fields=[(Decision._meta.get_field("reason"), field)])
        else:
            raw('DROP TRIGGER "approvals_decision_no_update" ON "approvals_decision"')
    assert "approvals_decision_no_update" in triggers.missing()
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.update(reason="x")


def test_what_is_unique_only_under_a_condition_stops_nothing_else(finalized: None) -> None:
    """Who approved may take it back: that is no second approval, and no row that takes another's place."""
    given = Decision.objects.filter(kind="approve")[0]
    given.pk, given.kind = None, "take_back"
    given.save(force_insert=True)
    assert Decision.objects.filter(person=given.person, revision=given.revision).count() == 2


EMPTIED = {
    "sqlite": """CREATE TRIGGER "approvals_decision_no_delete" BEFORE DELETE ON "approvals_decision"
        WHEN 0 BEGIN SELECT RAISE(ABORT, 'approvals_decision is kept as it was written'); END""",
    "postgresql": """CREATE TRIGGER "approvals_decision_no_delete" BEFORE DELETE ON "approvals_decision"
        FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change()""",
}


def test_a_trigger_of_that_name_that_does_something_else_is_found(db: None) -> None:
    on = ' ON "approvals_decision"' if connection.vendor == "postgresql" else ""
    raw(f'DROP TRIGGER "approvals_decision_no_delete"{on}')
    raw(EMPTIED[connection.vendor])
    with pytest.raises(CommandError, match="approvals_decision_no_delete is missing"):
        call_command("check", databases=["default"])
    triggers.install()
    if connection.vendor == "postgresql":
        raw("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'")
        assert len(triggers.missing()) == 3 * len(KEPT)
        triggers.install()
        raw('ALTER TABLE "approvals_decision" ENABLE TRIGGER "approvals_decision_no_delete"')  # not for replicas
        assert triggers.missing() == ["approvals_decision_no_delete"]
        triggers.install()
    assert triggers.missing() == []


@pytest.mark.django_db(transaction=True)
def test_a_trigger_that_is_switched_off_counts_as_missing() -> None:
    if connection.vendor == "postgresql":
        raw('ALTER TABLE "approvals_decision" DISABLE TRIGGER "approvals_decision_no_delete"')
    else:
        raw('DROP TRIGGER "approvals_decision_no_delete"')
    assert triggers.missing() == ["approvals_decision_no_delete"]
    triggers.install()
    assert triggers.missing() == []
