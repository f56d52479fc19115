"""The app of decisions."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Who decides, and how."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"
