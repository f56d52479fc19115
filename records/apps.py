"""The app of operation records."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    """What a record is, how it is written, read and run."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have triggers put in place after every migrate and looked for by every check; evidence and runs verified."""
        from records.audit import also_verify
        from records.run.kept_evidence import first_changed
        from records.run.signed_run import first_rewritten
        from records.triggers import check_triggers, install_after_migrate

        post_migrate.connect(install_after_migrate, sender=self, dispatch_uid="append-only triggers")
        checks.register(check_triggers, checks.Tags.database)
        also_verify(first_changed)
        also_verify(first_rewritten)
