"""Ticks carry evidence, recovery validations are ticked; a line of the log says when it was written, and by which name."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Case, F, OuterRef, Subquery, When


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until now a line was written when it happened, under the name that its person still has."""
    Person = apps.get_model("records", "Person")
    name = Case(When(name="", then=F("username")), default=F("name"))
    names = Person.objects.filter(pk=OuterRef("person_id")).annotate(called=name).values("called")
    apps.get_model("records", "LogEntry").objects.update(written_at=F("at"), person_name=Subquery(names))


class Migration(migrations.Migration):
    dependencies = [("records", "0003_template_drafts")]

    operations = [
        migrations.AddField("check", "evidence", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("recoveryvalidation", "ticked", models.BooleanField(default=False)),
        migrations.AddField("recoveryvalidation", "ticked_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "recoveryvalidation",
            "ticked_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "recoveryvalidation", "evidence", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField(
            "recoveryvalidation", "unticked_because", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField("logentry", "written_at", models.DateTimeField(null=True)),
        migrations.AddField("logentry", "person_name", models.CharField(default="", max_length=200), False),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("logentry", "written_at", models.DateTimeField()),
    ]
