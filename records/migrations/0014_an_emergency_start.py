from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0013_a_record_is_published"),
    ]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="emergency",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="operation",
            name="plan_due_at",
            field=models.DateTimeField(null=True),
        ),
    ]
