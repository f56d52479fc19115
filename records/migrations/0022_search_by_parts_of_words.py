from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Parts of words are found without reading every record; SQLite, for one machine, reads them.
COLUMNS = ("title", "operation_id")


def make(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            editor.execute(
                f"CREATE INDEX operation_search_{column} ON records_operation "
                f"USING gin (upper({column}::text) gin_trgm_ops)"
            )


def take_away(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            editor.execute(f"DROP INDEX operation_search_{column}")


class Migration(migrations.Migration):
    dependencies = [("records", "0021_lines_close_together")]

    operations = [TrigramExtension(), migrations.RunPython(make, take_away)]
