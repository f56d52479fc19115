from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0020_the_address_of_a_calendar"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="is_dense",
            field=models.BooleanField(default=False, verbose_name="lines close together"),
        ),
    ]
