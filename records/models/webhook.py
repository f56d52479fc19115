"""The programs that are told what happens."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class WebhookBody(models.TextChoices):
    """What a target is sent."""

    JSON = "json", _("JSON with the record's facts")
    CHAT = "chat", _("One line for a chat")


class WebhookTarget(models.Model):
    """An address that gets a signed message for each of ``events`` (none: for every event). Never deleted: switched
    off."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(_("secret"), max_length=120)
    body = models.CharField(_("what is sent"), max_length=4, choices=WebhookBody.choices, default=WebhookBody.JSON)
    events = models.JSONField(_("events"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects: ClassVar[models.Manager[WebhookTarget]] = models.Manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("webhook")

    def __str__(self) -> str:
        return self.name
