"""The worker's application. Its broker only wakes it: what has to be done stands in rows of the database."""

import os

from celery import Celery

from opsrecords import file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsrecords.settings")

file_broker.install()
app = Celery("opsrecords")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["opsrecords.deliveries"])
