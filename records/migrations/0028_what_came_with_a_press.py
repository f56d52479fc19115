from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0027_a_mail_to_another_address"),
    ]

    operations = [
        migrations.AddField(
            model_name="press",
            name="sent",
            field=models.CharField(blank=True, max_length=64, default=""),
            preserve_default=False,
        ),
    ]
