#!/usr/bin/env python
"""Django's commands for this site."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsrecords.settings")
    os.environ.setdefault("STATEMENT_TIMEOUT", "0")  # whoever types a command waits for it
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as why:
        sys.exit(f"Not started: {why}")
