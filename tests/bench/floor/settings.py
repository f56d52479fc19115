"""The site's settings with the floor's own pages."""

from opsrecords.settings import *  # noqa: F403
from opsrecords.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.floor"]
ROOT_URLCONF = "tests.bench.floor.urls"
