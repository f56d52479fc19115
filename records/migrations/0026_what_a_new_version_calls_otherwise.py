from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0025_freeze_windows"),
    ]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="renamings",
            field=models.JSONField(default=list),
        ),
    ]
