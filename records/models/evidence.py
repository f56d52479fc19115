"""What shows what happened: pasted output, screenshots, photos; the very bytes that came in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Evidence(models.Model):
    """A file of a run, named by the line of the log that it came with. ``sha256`` is over ``content``, in hex."""

    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    append_only = True

    objects: ClassVar[models.Manager[Evidence]] = models.Manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether a browser can show it as a picture."""
        return self.media_type.startswith("image/")
