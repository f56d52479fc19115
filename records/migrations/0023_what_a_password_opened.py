from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def keep_what_is_open(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tokens and addresses that were not ended so far were given under the password of today."""
    apps.get_model("records", "Person").objects.update(opened_under=F("password"))


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0022_search_by_parts_of_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="opened_under",
            field=models.CharField(default="", editable=False, max_length=128),
        ),
        migrations.RunPython(keep_what_is_open, migrations.RunPython.noop),
    ]
