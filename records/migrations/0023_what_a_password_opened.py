from hashlib import sha256

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_what_is_open(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tokens and addresses that were not ended so far were given under the password of today."""
    people = apps.get_model("records", "Person").objects
    for pk, password in people.values_list("pk", "password"):
        people.filter(pk=pk).update(opened_under=sha256(password.encode()).hexdigest())


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0022_search_by_parts_of_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="opened_under",
            field=models.CharField(default="", editable=False, max_length=64),
        ),
        migrations.RunPython(keep_what_is_open, migrations.RunPython.noop),
    ]
