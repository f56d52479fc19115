"""The site: settings, addresses, the worker, and what leaves it."""

from opsrecords.celery import app as celery_app

__all__ = ["celery_app"]
