"""The site itself as an app: its commands."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """What belongs to the site and to no app of it: the demo."""

    name = "opsrecords"
