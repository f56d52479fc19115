"""What the floor writes beside a change: a plain row that says who and when."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Note(models.Model):
    """One change."""

    operation = models.ForeignKey("records.Operation", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    words = models.TextField()

    class Meta:
        app_label = "floor"
