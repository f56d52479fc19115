from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0026_what_a_new_version_calls_otherwise"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="address",
            field=models.EmailField(blank=True, max_length=254),
        ),
    ]
