"""The broker, as whoever watches it sees it."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError


def is_embedded() -> bool:
    """Whether messages are files of this machine, which are always there: what counts is who takes them."""
    return str(settings.CELERY_BROKER_URL).startswith("filesystem:")


def queue_length() -> int | None:
    """How many messages wait; None if the broker doesn't answer within a few seconds."""
    try:
        with current_app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            return _waiting(connection)
    except connection_errors():
        return None


def _waiting(connection: Any) -> int:
    queue = current_app.conf.task_default_queue
    try:
        return int(connection.default_channel.queue_declare(queue=queue, passive=True).message_count)
    except connection.channel_errors:
        return 0  # Redis has no list that is empty


def connection_errors() -> tuple[type[BaseException], ...]:
    """What a broker's client raises when the broker isn't there."""
    return (*current_app.connection_for_read().connection_errors, KombuError, OSError)
