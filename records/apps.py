"""The app of operation records."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """What a record is, how it is written, read and run."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"
