from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0010_a_press_counts_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="schema",
            # What is there already was frozen by the first release.
            field=models.PositiveSmallIntegerField(default=1),
            preserve_default=False,
        ),
    ]
